//! What a secret store's refusal means, in words that name what to do.
//!
//! The stores' crates hand on what their platform said, wrapped once or twice. Here
//! it is unwrapped by type, never by its text, and sorted into the few things that
//! can be the matter: no daemon, a locked store, a person who said no, a store that
//! went away, a quota. Everything else keeps the platform's own words.

use crate::{Capabilities, StoreKind};
use keyring_core::Error as StoreError;
use sifseal_core::{Error, ErrorKind};
use std::error::Error as StdError;

/// Why a call to a store gave nothing.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It could not be reached in the first place.
    NoConnection(StoreError),
    /// It was reached, and this call failed.
    Refusal(StoreError),
}

/// What can be the matter with a store. Not every system can tell them all.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matter {
    Absent,
    Gone,
    Locked,
    Nothing,
    Refused,
    NoAccess,
    SessionOnly,
    Quota,
    Full,
    Ambiguous,
    OtherSystem,
    Unknown,
}

impl Trouble {
    /// The error to hand on: what is the matter, with which store, what to do.
    pub(crate) fn explained(self, store: Capabilities) -> Error {
        let (is_connected, error) = match self {
            Self::NoConnection(error) => (false, error),
            Self::Refusal(error) => (true, error),
        };
        let matter = match matter(&error) {
            // A bus that is not there has many ways to say so.
            Matter::Gone | Matter::Unknown if !is_connected => Matter::Absent,
            matter => matter,
        };
        let (kind, what, hint) = words(matter, store);
        let told = Error::new(kind, what).at(store.title);
        let told = match hint {
            Some(hint) => told.hint(hint),
            None => told,
        };
        match matter {
            // Their words would say the same again, and less clearly.
            Matter::Locked
            | Matter::Nothing
            | Matter::Refused
            | Matter::Quota
            | Matter::SessionOnly => told,
            Matter::Absent if is_connected => told,
            _ => told.because(cause(error)),
        }
    }
}

/// How to unlock GNOME Keyring where it can show no dialogue. `--replace`, because beside
/// a locked daemon that the bus has started, `--unlock` alone does nothing and says
/// nothing. `printf`, because the daemon takes a line break for part of the password.
macro_rules! unlock_without_a_desktop {
    () => {
        r#"`printf %s "$PASSWORD" | gnome-keyring-daemon --replace --unlock --components=secrets`, with the keyring's password in that variable"#
    };
}

fn words(matter: Matter, store: Capabilities) -> (ErrorKind, &'static str, Option<&'static str>) {
    let is_service = store.name == StoreKind::SecretService.name();
    match matter {
        Matter::Absent => (
            ErrorKind::Unavailable,
            "it is not running here",
            Some(match is_service {
                true => concat!(
                    "start GNOME Keyring, KWallet or KeePassXC in your session (without a desktop, inside `dbus-run-session -- bash`: ",
                    unlock_without_a_desktop!(),
                    "), or choose `keystore.backend = \"file\"` or `keystore.store = \"keyutils\"`"
                ),
                false => {
                    "choose another store by `keystore.store`, or `keystore.backend = \"file\"`"
                }
            }),
        ),
        Matter::Gone => (
            ErrorKind::Unavailable,
            "it went away in the middle of the work",
            Some(
                "the key is there as it was before or as it was to become: start the store again, and repeat the command",
            ),
        ),
        Matter::Locked => (
            ErrorKind::Locked,
            "it is locked, and was not unlocked",
            Some(match is_service {
                true => concat!(
                    "unlock it by logging in or with the desktop's password manager (without a desktop: ",
                    unlock_without_a_desktop!(),
                    "), and try again"
                ),
                false => "unlock it, and try again",
            }),
        ),
        Matter::Nothing => (
            ErrorKind::Locked,
            "it is locked and nobody can be asked to unlock it, or it has no keyring yet",
            Some(concat!(
                "unlock it by logging in or with the desktop's password manager, which also makes a default keyring if there is none (without a desktop, both: ",
                unlock_without_a_desktop!(),
                "), and try again"
            )),
        ),
        Matter::SessionOnly => (
            ErrorKind::Unsupported,
            "this kernel keeps keys for the length of a session only",
            Some(
                "the user's persistent keyring cannot be had (a container may forbid it): choose another store by `keystore.store`, or `keystore.backend = \"file\"`",
            ),
        ),
        Matter::Refused => (
            ErrorKind::Denied,
            "unlocking it was refused",
            Some(match is_service {
                true => concat!(
                    "try again, and allow sifseal to use it; where no dialogue can be shown, unlock it first: ",
                    unlock_without_a_desktop!()
                ),
                false => "try again, and allow sifseal to use it",
            }),
        ),
        Matter::NoAccess => (
            ErrorKind::Denied,
            "it gives sifseal no access",
            Some(match store.name {
                "keyutils" => {
                    "run this in a login session, or as `keyctl session - sifseal …`; a container may forbid it"
                }
                _ => "look at the store's own settings for programs that may use it",
            }),
        ),
        Matter::Quota => (
            ErrorKind::Denied,
            "your quota is used up, nothing was changed",
            Some(
                "remove a key from it (`sifseal key remove --secret`), or keep this key in another store; /proc/sys/kernel/keys/maxbytes is what a user has in all",
            ),
        ),
        Matter::Full => (
            ErrorKind::Unsupported,
            "the key is too large for it",
            Some("keep this key in another store"),
        ),
        Matter::Ambiguous => (
            ErrorKind::Ambiguous,
            "it has two items of the same name, and one of them is a copy",
            Some("remove the copy with the desktop's password manager"),
        ),
        Matter::OtherSystem => (
            ErrorKind::Config,
            "it cannot be used here",
            Some("choose another one by `keystore.store`, or leave the setting out"),
        ),
        Matter::Unknown => (ErrorKind::Backend, "it failed", None),
    }
}

fn matter(error: &StoreError) -> Matter {
    match error {
        StoreError::NoStorageAccess(inner) => matter_below(&**inner, Matter::NoAccess),
        StoreError::PlatformFailure(inner) => matter_below(&**inner, Matter::Unknown),
        StoreError::TooLong(..) => Matter::Full,
        StoreError::Ambiguous(_) => Matter::Ambiguous,
        StoreError::NotSupportedByStore(_) => Matter::OtherSystem,
        _ => Matter::Unknown,
    }
}

#[cfg(target_os = "linux")]
fn matter_below(error: &(dyn StdError + Send + Sync + 'static), otherwise: Matter) -> Matter {
    if let Some(error) = error.downcast_ref::<secret_service::Error>() {
        return matter_with_service(error).unwrap_or(otherwise);
    }
    if error.is::<crate::platform::SessionOnly>() {
        return Matter::SessionOnly;
    }
    match error.downcast_ref::<linux_keyutils::KeyError>() {
        Some(linux_keyutils::KeyError::QuotaExceeded) => Matter::Quota,
        Some(linux_keyutils::KeyError::OperationNotSupported) => Matter::Absent,
        Some(
            linux_keyutils::KeyError::AccessDenied | linux_keyutils::KeyError::PermissionDenied,
        ) => Matter::NoAccess,
        _ => otherwise,
    }
}

#[cfg(target_os = "linux")]
fn matter_with_service(error: &secret_service::Error) -> Option<Matter> {
    use secret_service::Error as Service;
    Some(match error {
        Service::Unavailable => Matter::Absent,
        Service::Locked => Matter::Locked,
        // What a locked collection gives where nobody can be prompted, and one that was
        // never made.
        Service::NoResult => Matter::Nothing,
        Service::Prompt => Matter::Refused,
        Service::PromptDisconnected => Matter::Gone,
        Service::Zbus(error) => return matter_on_the_bus(error),
        Service::ZbusFdo(error) => return matter_by_fdo(error),
        _ => return None,
    })
}

#[cfg(target_os = "linux")]
fn matter_on_the_bus(error: &zbus::Error) -> Option<Matter> {
    match error {
        zbus::Error::InputOutput(_) | zbus::Error::Address(_) | zbus::Error::Handshake(_) => {
            Some(Matter::Gone)
        }
        zbus::Error::FDO(error) => matter_by_fdo(error),
        zbus::Error::MethodError(name, ..) => matter_by_name(name.as_str()),
        _ => None,
    }
}

#[cfg(target_os = "linux")]
fn matter_by_fdo(error: &zbus::fdo::Error) -> Option<Matter> {
    use zbus::DBusError as _;
    match error {
        zbus::fdo::Error::ZBus(error) => matter_on_the_bus(error),
        error => matter_by_name(error.name().as_str()),
    }
}

/// The names of errors that the bus and the service have.
#[cfg(target_os = "linux")]
fn matter_by_name(name: &str) -> Option<Matter> {
    match name {
        // An item of a daemon that has been started anew is another one.
        "org.freedesktop.DBus.Error.ServiceUnknown"
        | "org.freedesktop.DBus.Error.NameHasNoOwner"
        | "org.freedesktop.DBus.Error.NoReply"
        | "org.freedesktop.DBus.Error.Disconnected"
        | "org.freedesktop.DBus.Error.UnknownMethod"
        | "org.freedesktop.DBus.Error.UnknownObject"
        | "org.freedesktop.DBus.Error.TimedOut"
        | "org.freedesktop.Secret.Error.NoSession"
        | "org.freedesktop.Secret.Error.NoSuchObject" => Some(Matter::Gone),
        "org.freedesktop.Secret.Error.IsLocked" => Some(Matter::Locked),
        "org.freedesktop.DBus.Error.AccessDenied" => Some(Matter::NoAccess),
        name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => Some(Matter::Absent),
        _ => None,
    }
}

#[cfg(target_os = "macos")]
fn matter_below(error: &(dyn StdError + Send + Sync + 'static), otherwise: Matter) -> Matter {
    // The codes are those of SecBase.h.
    match error.downcast_ref::<security_framework::base::Error>() {
        Some(error) => match error.code() {
            -128 => Matter::Refused,           // errSecUserCanceled
            -25293 | -25308 => Matter::Locked, // errSecAuthFailed, errSecInteractionNotAllowed
            -25291 | -25294 => Matter::Absent, // errSecNotAvailable, errSecNoSuchKeychain
            _ => otherwise,
        },
        None => otherwise,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn matter_below(_error: &(dyn StdError + Send + Sync + 'static), otherwise: Matter) -> Matter {
    otherwise
}

/// The platform's own words, without the wrapping, and never with a secret in them:
/// some of the crates' errors carry what was read.
fn cause(error: StoreError) -> Box<dyn StdError + Send + Sync> {
    match error {
        StoreError::PlatformFailure(inner) | StoreError::NoStorageAccess(inner) => inner,
        StoreError::NotSupportedByStore(words) | StoreError::BadStoreFormat(words) => words.into(),
        StoreError::Ambiguous(entries) => format!("{} items", entries.len()).into(),
        StoreError::BadEncoding(_) | StoreError::BadDataFormat(..) => {
            "what it gave back cannot be read".into()
        }
        other => other.to_string().into(),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn told(error: impl StdError + Send + Sync + 'static) -> Error {
        let store = StoreKind::SecretService.capabilities();
        Trouble::Refusal(StoreError::PlatformFailure(Box::new(error))).explained(store)
    }

    #[test]
    fn each_trouble_has_its_own_kind_and_says_what_to_do() {
        use secret_service::Error as Service;
        for (error, kind, hint) in [
            (Service::Unavailable, ErrorKind::Unavailable, "start GNOME"),
            (Service::Locked, ErrorKind::Locked, "unlock it"),
            (Service::NoResult, ErrorKind::Locked, "default keyring"),
            (Service::Prompt, ErrorKind::Denied, "allow sifseal"),
            (Service::PromptDisconnected, ErrorKind::Unavailable, "again"),
        ] {
            let error = told(error);
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.hint_text().unwrap().contains(hint), "{error:?}");
            assert_eq!(error.place(), Some("the Secret Service"));
        }
    }

    #[test]
    fn only_the_secret_service_is_unlocked_by_gnome_keyrings_daemon() {
        for matter in [Matter::Absent, Matter::Locked, Matter::Refused] {
            let hint = |kind: StoreKind| words(matter, kind.capabilities()).2.unwrap();
            assert!(hint(StoreKind::SecretService).contains("gnome-keyring-daemon"));
            assert!(!hint(StoreKind::Keychain).contains("gnome"), "{matter:?}");
        }
    }

    #[test]
    fn what_the_bus_forbids_is_no_service_that_went_away() {
        use zbus::fdo::Error as Fdo;
        for (error, kind) in [
            (Fdo::AccessDenied(String::new()), ErrorKind::Denied),
            (Fdo::NoReply(String::new()), ErrorKind::Unavailable),
            (Fdo::ServiceUnknown(String::new()), ErrorKind::Unavailable),
            (Fdo::InvalidArgs(String::new()), ErrorKind::Backend),
        ] {
            let words = format!("{error:?}");
            let error = told(secret_service::Error::ZbusFdo(error));
            assert_eq!(error.kind(), kind, "{words}: {error}");
        }
    }

    #[test]
    fn keys_that_would_last_for_a_session_only_are_not_taken() {
        let error = told(crate::platform::SessionOnly);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.to_string().contains("session only"), "{error}");
    }

    #[test]
    fn a_full_keyring_says_that_nothing_changed_and_where_the_limit_stands() {
        let error = told(linux_keyutils::KeyError::QuotaExceeded);
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(error.to_string().contains("quota"));
        assert!(error.hint_text().unwrap().contains("maxbytes"));
    }

    #[test]
    fn a_bus_that_breaks_is_no_service_at_first_and_a_service_gone_later() {
        let broken = || {
            let error = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
            let error = secret_service::Error::Zbus(error.into());
            StoreError::PlatformFailure(Box::new(error))
        };
        let store = StoreKind::SecretService.capabilities();
        let first = Trouble::NoConnection(broken()).explained(store);
        assert!(first.to_string().contains("not running"), "{first}");
        let later = Trouble::Refusal(broken()).explained(store);
        assert!(later.to_string().contains("went away"), "{later}");
    }

    #[test]
    fn what_was_read_never_gets_into_an_error() {
        let error = StoreError::BadEncoding(b"hunter2".to_vec());
        let error = Trouble::Refusal(error).explained(StoreKind::Keyutils.capabilities());
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        assert!(!format!("{error:?}").contains("104, 117"));
    }
}
