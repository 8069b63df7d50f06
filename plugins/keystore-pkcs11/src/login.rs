//! Logging in to a token, once, and not at the risk of locking it.

use crate::failure::told;
use crate::pin::PinSource;
use crate::settings::TokenName;
use cryptoki::error::{Error as CryptokiError, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::TokenInfo;
use cryptoki::types::RawAuthPin;
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result};

/// How a person proves to a token that they may use its keys.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) token: TokenName,
    pub(crate) pins: PinSource,
}

/// What a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// All keys of the token, from now on.
    Session,
    /// The one signature that was just begun.
    Signature,
}

impl Login {
    /// Logs in, if the token wants that. The PIN is asked for and tried once.
    ///
    /// # Errors
    /// `Locked` if the PIN is wrong, locked, expired or not to be had.
    pub(crate) fn log_in(
        &self,
        cx: &Context<'_>,
        session: &Session,
        info: &TokenInfo,
        purpose: Purpose,
    ) -> Result<()> {
        let user = match purpose {
            Purpose::Session if !info.login_required() => return Ok(()),
            Purpose::Session => UserType::User,
            Purpose::Signature => UserType::ContextSpecific,
        };
        let outcome = if info.protected_authentication_path() {
            cx.ui
                .notice(&format!("Enter the PIN on the {} itself", self.token));
            session.login(user, None)
        } else {
            let pins = PinState::of(info);
            pins.check(&self.token, self.pins.is_person())?;
            let pin = self.pins.pin(cx, &self.whose(purpose))?;
            let pin = RawAuthPin::new(Box::new(pin.expose().to_vec()));
            session.login_with_raw(user, &pin)
        };
        match outcome {
            // By another session of this process: the login is the process's.
            Ok(()) | Err(CryptokiError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error) => Err(told(error, &self.token.to_string(), "cannot log in")),
        }
    }

    fn whose(&self, purpose: Purpose) -> String {
        match purpose {
            Purpose::Session => self.token.to_string(),
            Purpose::Signature => format!("{}, for this signature", self.token),
        }
    }
}

/// What a token says of its PIN.
#[derive(Debug, Clone, Copy)]
struct PinState {
    is_locked: bool,
    is_final_try: bool,
}

impl PinState {
    fn of(info: &TokenInfo) -> Self {
        Self {
            is_locked: info.user_pin_locked(),
            is_final_try: info.user_pin_final_try(),
        }
    }

    /// A locked PIN need not be asked for. The last try is left to a person: a script
    /// with a wrong PIN would run again and again until the token is of no use.
    fn check(self, token: &TokenName, is_person: bool) -> Result<()> {
        let locked = |what: &str, hint: &str| {
            let error = Error::new(ErrorKind::Locked, what).hint(hint);
            Err(error.at(token))
        };
        if self.is_locked {
            return locked(
                "the PIN is locked after too many wrong ones",
                "the token's security officer can set a new one with the token's own tools",
            );
        }
        if self.is_final_try && !is_person {
            return locked(
                "one more wrong PIN would lock the token, so the one from file or environment \
                 was not tried",
                "log in once by hand with the right PIN (`pkcs11-tool --login --test`), and see \
                 that the stored one is right",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_try_is_left_to_a_person_and_a_locked_pin_is_not_tried() {
        let token = TokenName::Label("t".to_owned());
        let may_try = |is_locked, is_final_try, is_person| {
            let state = PinState {
                is_locked,
                is_final_try,
            };
            state.check(&token, is_person).is_ok()
        };
        assert!(may_try(false, false, false));
        assert!(may_try(false, true, true));
        assert!(!may_try(false, true, false));
        assert!(!may_try(true, false, true));
    }
}
