//! What a module's return values mean in sifseal's words.

use cryptoki::error::{Error as CryptokiError, RvError};
use sifseal_plugin_sdk::{Error, ErrorKind};

/// What a call about a token has come to; `doing` says in a few words what was tried,
/// `cannot sign` say.
///
/// Only the value's name is told: what PKCS#11 says about each fills a page.
pub(crate) fn told(error: CryptokiError, token: &str, doing: &str) -> Error {
    let CryptokiError::Pkcs11(value, function) = error else {
        return Error::new(ErrorKind::Backend, doing)
            .at(token)
            .because(error.to_string());
    };
    let (kind, hint) = meaning(value);
    let told = Error::new(kind, doing)
        .at(token)
        .because(format!("{function:?} says {value:?}"));
    match hint {
        Some(hint) => told.hint(hint),
        None => told,
    }
}

fn meaning(value: RvError) -> (ErrorKind, Option<&'static str>) {
    use RvError as Rv;
    match value {
        Rv::PinIncorrect | Rv::PinInvalid | Rv::PinLenRange => (
            ErrorKind::Locked,
            Some("the PIN is wrong; it was tried once, because a token that sees several locks"),
        ),
        Rv::PinLocked => (
            ErrorKind::Locked,
            Some(
                "the PIN is locked after too many wrong ones; its security officer can set a new \
                 one with the token's own tools",
            ),
        ),
        Rv::PinExpired => (
            ErrorKind::Locked,
            Some("the PIN has expired; set a new one with the token's own tools"),
        ),
        Rv::UserPinNotInitialized => (
            ErrorKind::Locked,
            Some("the token has no PIN yet; set one with the token's own tools"),
        ),
        Rv::UserNotLoggedIn => (
            ErrorKind::Locked,
            Some("the token wants the PIN once more; try again"),
        ),
        Rv::TokenNotPresent
        | Rv::TokenNotRecognized
        | Rv::DeviceRemoved
        | Rv::DeviceError
        | Rv::SlotIdInvalid
        | Rv::SessionClosed
        | Rv::SessionHandleInvalid
        | Rv::KeyHandleInvalid
        | Rv::ObjectHandleInvalid => (
            ErrorKind::Unavailable,
            Some("the token or the key was removed; see that it is there, and try again"),
        ),
        Rv::FunctionCanceled | Rv::FunctionRejected => (ErrorKind::Denied, None),
        Rv::KeyFunctionNotPermitted => (
            ErrorKind::Unsupported,
            Some("the key was made for something else than signing (CKA_SIGN)"),
        ),
        Rv::MechanismInvalid
        | Rv::KeyTypeInconsistent
        | Rv::KeySizeRange
        | Rv::CurveNotSupported
        | Rv::FunctionNotSupported => (
            ErrorKind::Unsupported,
            Some("the module does not sign with keys of this kind"),
        ),
        _ => (ErrorKind::Backend, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cryptoki::context::Function;

    fn kind(value: RvError) -> ErrorKind {
        let error = CryptokiError::Pkcs11(value, Function::Login);
        told(error, "token t", "cannot log in").kind()
    }

    #[test]
    fn every_trouble_with_a_pin_is_locked_and_tells_what_to_do() {
        for value in [
            RvError::PinIncorrect,
            RvError::PinInvalid,
            RvError::PinLenRange,
            RvError::PinLocked,
            RvError::PinExpired,
            RvError::UserPinNotInitialized,
        ] {
            assert_eq!(kind(value), ErrorKind::Locked, "{value:?}");
            assert!(meaning(value).1.is_some(), "{value:?}");
        }
    }

    #[test]
    fn a_token_that_is_gone_is_unavailable() {
        for value in [
            RvError::TokenNotPresent,
            RvError::DeviceRemoved,
            RvError::SessionHandleInvalid,
            RvError::KeyHandleInvalid,
        ] {
            assert_eq!(kind(value), ErrorKind::Unavailable, "{value:?}");
        }
    }

    #[test]
    fn the_value_is_told_by_its_name_and_in_one_line() {
        let error = CryptokiError::Pkcs11(RvError::GeneralError, Function::Sign);
        let told = told(error, "token t", "cannot sign");
        assert_eq!(
            told.to_string(),
            "token t: cannot sign: Sign says GeneralError"
        );
        assert_eq!(told.kind(), ErrorKind::Backend);
    }
}
