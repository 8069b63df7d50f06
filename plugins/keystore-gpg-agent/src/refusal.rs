//! Why gpg-agent does not sign, as an error that says what to do.

use crate::assuan::Refusal;
use crate::keys::Place;
use sifseal_plugin_sdk::{Error, ErrorKind};

/// Numbers of libgpg-error (its `err-codes.h.in`).
mod code {
    pub(super) const BAD_PASSPHRASE: u16 = 11;
    pub(super) const NO_SECRET_KEY: u16 = 17;
    pub(super) const INVALID_PASSPHRASE: u16 = 31;
    pub(super) const TIMEOUT: u16 = 62;
    pub(super) const NO_PINENTRY: u16 = 85;
    pub(super) const PINENTRY: u16 = 86;
    pub(super) const BAD_PIN: u16 = 87;
    pub(super) const WRONG_CARD: u16 = 91;
    pub(super) const CANCELLED: u16 = 99;
    pub(super) const CARD: u16 = 108;
    pub(super) const CARD_RESET: u16 = 109;
    pub(super) const CARD_REMOVED: u16 = 110;
    pub(super) const INVALID_CARD: u16 = 111;
    pub(super) const CARD_NOT_PRESENT: u16 = 112;
    pub(super) const NOT_CONFIRMED: u16 = 114;
    pub(super) const NO_SCDAEMON: u16 = 119;
    pub(super) const CARD_NOT_INITIALISED: u16 = 123;
    pub(super) const PIN_BLOCKED: u16 = 130;
    pub(super) const NO_PASSPHRASE: u16 = 177;
    pub(super) const NO_PIN: u16 = 178;
    pub(super) const FULLY_CANCELLED: u16 = 198;
    pub(super) const FORBIDDEN: u16 = 251;
    pub(super) const IPC_CANCELLED: u16 = 277;
    /// What gpg-agent hears of a pinentry that ends in the middle.
    pub(super) const END_OF_FILE: u16 = 16383;
    /// `ENODEV`: there is no card reader.
    pub(super) const NO_DEVICE: u16 = 0x8000 | 80;
    /// `ENOTTY`: what a pinentry for terminals says where there is none, in a cron job say.
    pub(super) const NO_TERMINAL: u16 = 0x8000 | 102;
}

const NO_DIALOGUE: &str = "install a pinentry, and in a terminal say `export GPG_TTY=$(tty)` \
    first; without a person, put the passphrase into gpg-agent with gpg-preset-passphrase";

/// The error for a refusal to sign with a key whose secret is there.
pub(crate) fn error(refusal: &Refusal, place: &Place) -> Error {
    use ErrorKind::{Backend, Denied, Locked, NotFound, Timeout, Unavailable};
    let is_on_card = matches!(place, Place::Card(_));
    let (kind, what, hint) = match refusal.code {
        code::BAD_PASSPHRASE
        | code::INVALID_PASSPHRASE
        | code::NO_PASSPHRASE
        | code::BAD_PIN
        | code::NO_PIN
            if is_on_card =>
        {
            (Locked, "the PIN of the card was wrong or missing", "")
        }
        code::BAD_PASSPHRASE | code::INVALID_PASSPHRASE | code::NO_PASSPHRASE => (
            Locked,
            "the passphrase of the key was wrong or missing",
            "sign once more: gpg-agent asks anew",
        ),
        code::BAD_PIN | code::NO_PIN => (Locked, "the PIN was wrong or missing", ""),
        code::PIN_BLOCKED => (
            Locked,
            "the PIN of the card is blocked",
            "unblock it with `gpg --card-edit`, `passwd`",
        ),
        code::CANCELLED | code::FULLY_CANCELLED | code::NOT_CONFIRMED => {
            (Denied, "the person said no to gpg-agent", "")
        }
        code::IPC_CANCELLED => (
            Denied,
            "gpg-agent asked for something that it must ask the person",
            NO_DIALOGUE,
        ),
        code::NO_PINENTRY | code::PINENTRY | code::NO_TERMINAL | code::END_OF_FILE
            if is_on_card =>
        {
            (
                Unavailable,
                "gpg-agent could not ask for the card or its PIN",
                "put the card in (`gpg --card-status` shows it), and see that pinentry works: \
             in a terminal, say `export GPG_TTY=$(tty)` first",
            )
        }
        code::NO_PINENTRY | code::PINENTRY | code::NO_TERMINAL | code::END_OF_FILE => (
            Locked,
            "gpg-agent could not ask for the passphrase",
            NO_DIALOGUE,
        ),
        code::NO_SCDAEMON => (
            Unavailable,
            "gpg-agent cannot talk to smart cards",
            "install scdaemon",
        ),
        code::CARD
        | code::CARD_RESET
        | code::CARD_REMOVED
        | code::INVALID_CARD
        | code::CARD_NOT_PRESENT
        | code::CARD_NOT_INITIALISED
        | code::WRONG_CARD
        | code::NO_DEVICE => (
            Unavailable,
            "the card is not there",
            "put it in and try again; `gpg --card-status` shows whether it is seen",
        ),
        code::NO_SECRET_KEY => (
            NotFound,
            "gpg-agent has no secret for the key",
            "`gpg --list-secret-keys` shows where it should be",
        ),
        code::FORBIDDEN => (
            Denied,
            "gpg-agent does not allow that on this socket",
            "over ssh, forward its socket `agent-extra-socket`, which allows to sign",
        ),
        code::TIMEOUT => (Timeout, "nobody answered gpg-agent in time", ""),
        // Whatever else a card says, it is about a card that does not do its work.
        _ if is_on_card => (
            Unavailable,
            "the card did not sign",
            "`gpg --card-status` shows whether it is seen",
        ),
        _ => (Backend, "gpg-agent did not sign", ""),
    };
    let error = Error::new(kind, what).because(match refusal.words.as_str() {
        "" => format!("error {}", refusal.code),
        words => words.to_owned(),
    });
    match hint {
        "" => error,
        hint => error.hint(hint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: u16, place: &Place) -> ErrorKind {
        let words = "as the agent says".to_owned();
        let error = error(&Refusal { code, words }, place);
        assert!(error.to_string().ends_with(": as the agent says"));
        error.kind()
    }

    #[test]
    fn a_refusal_says_what_can_be_done_about_it() {
        use ErrorKind::{Backend, Denied, Locked, NotFound, Timeout, Unavailable};
        let card = Place::Card("D2760001".to_owned());
        for (code, with_agent, with_card) in [
            (code::BAD_PASSPHRASE, Locked, Locked),
            (code::BAD_PIN, Locked, Locked),
            (code::PIN_BLOCKED, Locked, Locked),
            (code::CANCELLED, Denied, Denied),
            (code::FULLY_CANCELLED, Denied, Denied),
            (code::NO_PINENTRY, Locked, Unavailable),
            (code::END_OF_FILE, Locked, Unavailable),
            (code::NO_TERMINAL, Locked, Unavailable),
            (code::CARD_REMOVED, Unavailable, Unavailable),
            (code::CARD_NOT_PRESENT, Unavailable, Unavailable),
            (code::NO_SCDAEMON, Unavailable, Unavailable),
            (code::NO_DEVICE, Unavailable, Unavailable),
            (code::NO_SECRET_KEY, NotFound, NotFound),
            (code::FORBIDDEN, Denied, Denied),
            (code::TIMEOUT, Timeout, Timeout),
            (1, Backend, Unavailable),
        ] {
            assert_eq!(kind(code, &Place::Agent), with_agent, "{code}");
            assert_eq!(kind(code, &card), with_card, "{code}");
        }
    }

    #[test]
    fn without_a_terminal_the_ways_out_are_told() {
        // As gpg-agent says it: ERR 83918950, of which the lower 16 bits are the code.
        let refusal = Refusal {
            code: (83_918_950_u32 & 0xFFFF) as u16,
            words: "Inappropriate ioctl for device <Pinentry>".to_owned(),
        };
        let error = error(&refusal, &Place::Agent);
        assert!(
            error
                .to_string()
                .starts_with("gpg-agent could not ask for the passphrase")
        );
        let hint = error.hint_text().unwrap();
        for way_out in ["pinentry", "GPG_TTY", "gpg-preset-passphrase"] {
            assert!(hint.contains(way_out), "{hint}");
        }
    }

    #[test]
    fn a_refusal_without_words_has_a_number() {
        let refusal = Refusal {
            code: 4711,
            words: String::new(),
        };
        let error = error(&refusal, &Place::Agent);
        assert_eq!(error.to_string(), "gpg-agent did not sign: error 4711");
    }
}
