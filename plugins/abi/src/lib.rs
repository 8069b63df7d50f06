//! How sifseal calls a plugin that is a shared library.
//!
//! One function takes a request and gives a reply, both as the bytes of one message of
//! the protocol. That is all, and it is frozen: abi_stable refuses an *older* library
//! under a newer host as soon as a type in its interface gains anything, an optional
//! field included. What plugins and hosts have to say to each other grows in the
//! messages, where a field that somebody does not know does no harm.
//!
//! abi_stable is here for the two things that it does well: it refuses a library whose
//! idea of this interface is another one, before any of its functions is called, and its
//! containers bring their own way to be freed, so that the library and the program need
//! not share an allocator.
//!
//! Nobody but the sdk and the host need look at this crate. It is Linux's and other
//! systems' shared libraries alike; nothing here depends on the system.

mod load;

pub use load::{LoadError, Loaded, load};

use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::package_version_strings;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::{RSlice, RVec};

#[doc(hidden)]
pub use abi_stable as __abi_stable;

/// What a plugin exports.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginV1Ref, prefix_fields = PluginV1Prefix)))]
#[allow(missing_docs)]
pub struct PluginV1 {
    /// Takes the bytes of a request and gives those of the reply.
    ///
    /// It never unwinds: whoever writes one catches panics on its own side, because a
    /// panic that crosses the boundary ends the process.
    #[sabi(last_prefix_field)]
    pub call: extern "C" fn(request: RSlice<'_, u8>) -> RVec<u8>,
}

impl RootModule for PluginV1Ref {
    abi_stable::declare_root_module_statics! {PluginV1Ref}

    const BASE_NAME: &'static str = "sifseal_plugin";
    const NAME: &'static str = "sifseal_plugin";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}

/// Exports a function `fn(&[u8]) -> Vec<u8>` from a shared library as its plugin. The
/// function must not panic; the sdk's `export_plugin!` writes one that does not.
#[macro_export]
macro_rules! export {
    ($answer:path) => {
        const _: () = {
            use $crate::__abi_stable::library::{
                __call_root_module_loader, CheckTypeLayout, LibHeader, RootModuleResult,
            };
            use $crate::__abi_stable::prefix_type::PrefixTypeTrait as _;
            use $crate::__abi_stable::std_types::{RSlice, RVec};

            extern "C" fn call(request: RSlice<'_, u8>) -> RVec<u8> {
                RVec::from($answer(request.as_slice()))
            }

            fn root() -> $crate::PluginV1Ref {
                $crate::PluginV1 { call }.leak_into_prefix()
            }

            extern "C" fn module() -> RootModuleResult {
                __call_root_module_loader(root)
            }

            // What `#[export_root_module]` of abi_stable writes, which would make every
            // author name abi_stable among the dependencies. The symbol is the one that
            // the loader looks for.
            //
            // SAFETY: `module` gives what `root` made, a `PluginV1Ref`, by way of
            // abi_stable's own function. The name of the symbol is abi_stable's, and a
            // library has one plugin.
            #[allow(unsafe_code)]
            #[unsafe(no_mangle)]
            #[allow(unreachable_pub)]
            pub static _1as_0lib_1header_0root_bmodule_bloader: LibHeader = unsafe {
                LibHeader::from_constructor::<$crate::PluginV1Ref>(module, CheckTypeLayout::Yes)
            };
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(request: &[u8]) -> Vec<u8> {
        request.to_vec()
    }

    export!(echo);

    extern "C" fn constant(_: RSlice<'_, u8>) -> RVec<u8> {
        RVec::from(vec![1])
    }

    #[test]
    fn a_function_is_reached_through_the_root_module() {
        use abi_stable::prefix_type::PrefixTypeTrait as _;
        let module = PluginV1 { call: constant }.leak_into_prefix();
        assert_eq!(module.call()(RSlice::from_slice(b"x")).as_slice(), [1]);
    }

    #[test]
    fn the_version_is_part_of_the_abi_and_stays() {
        assert_eq!(PluginV1Ref::VERSION_STRINGS.version.as_str(), "1.0.0");
    }
}
