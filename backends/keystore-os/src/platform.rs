//! The stores themselves, as the keyring project's crates make them: those of the
//! system that this was built for.

use crate::StoreKind;
use keyring_core::{CredentialStore, Error, Result};
#[cfg(target_os = "linux")]
use linux_keyutils::{KeyRing, KeyRingIdentifier};
#[cfg(target_os = "linux")]
use std::fmt;
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
        StoreKind::Keyutils => keyutils(),
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

/// In a thread without a session keyring, the first entry that is built looks into
/// the user's session keyring, and makes a session keyring with the user's persistent
/// one linked into it on the way. Only from the second on are keys of other sessions
/// found, and can be written: so the first is built here.
#[cfg(target_os = "linux")]
fn keyutils() -> Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = linux_keyutils_keyring_store::Store::new()?;
    store.build("sifseal", "first", None)?;
    // Without the persistent keyring the crate is content with the session's, and a key
    // would be gone at the next logout.
    KeyRing::get_persistent(KeyRingIdentifier::Session)
        .map_err(|_| Error::NoStorageAccess(Box::new(SessionOnly)))?;
    Ok(store)
}

/// The kernel has no keyring that outlives the session.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub(crate) struct SessionOnly;

#[cfg(target_os = "linux")]
impl fmt::Display for SessionOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the user's persistent keyring cannot be had")
    }
}

#[cfg(target_os = "linux")]
impl std::error::Error for SessionOnly {}
