//! The stores themselves, as the keyring project's crates make them: those of the
//! system that this was built for.

use crate::StoreKind;
use keyring_core::{CredentialStore, Error, Result};
use std::sync::Arc;

/// Opens a store of this system.
///
/// # Errors
/// `NotSupportedByStore` for a store of another system, and what the crate says.
pub(crate) fn connect(kind: StoreKind) -> Result<Arc<CredentialStore>> {
    match kind {
        #[cfg(target_os = "linux")]
        StoreKind::SecretService => Ok(zbus_secret_service_keyring_store::Store::new()?),
        #[cfg(target_os = "linux")]
        StoreKind::Keyutils => Ok(linux_keyutils_keyring_store::Store::new()?),
        #[cfg(target_os = "macos")]
        StoreKind::Keychain => Ok(apple_native_keyring_store::keychain::Store::new()?),
        #[cfg(windows)]
        StoreKind::CredentialManager => Ok(windows_native_keyring_store::Store::new()?),
        #[allow(unreachable_patterns)]
        other => Err(Error::NotSupportedByStore(format!(
            "{} is a store of another operating system",
            other.name()
        ))),
    }
}
