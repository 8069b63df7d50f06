//! A shared library with a root module as abi_stable's users write them, and of another
//! ABI than sifseal's plugins.

use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::prefix_type::PrefixTypeTrait as _;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::RString;

#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = OtherRef, prefix_fields = OtherPrefix)))]
#[allow(missing_docs)]
pub struct Other {
    #[sabi(last_prefix_field)]
    pub greet: extern "C" fn() -> RString,
}

impl RootModule for OtherRef {
    abi_stable::declare_root_module_statics! {OtherRef}

    const BASE_NAME: &'static str = "other";
    const NAME: &'static str = "other";
    const VERSION_STRINGS: VersionStrings = abi_stable::package_version_strings!();
}

extern "C" fn greet() -> RString {
    RString::from("hello")
}

#[abi_stable::export_root_module]
#[allow(unsafe_code, missing_docs)]
pub fn root() -> OtherRef {
    Other { greet }.leak_into_prefix()
}
