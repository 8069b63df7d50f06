//! Asking for a new passphrase: twice, up to three times.

use super::Console;
use sifseal_core::traits::{Ask, Ui};
use sifseal_core::{Error, ErrorKind, Result, Secret};

const TRIES: u8 = 3;
const RETYPE: &str = "Retype your passphrase : ";
const WITHOUT: &str =
    "WARNING: if there is no password set, your key is not secure. Do you want to continue? [y/n] ";

/// A passphrase that the person has typed twice, or that comes from a file;
/// `None` if the person wants none, and said so.
///
/// # Errors
/// `Locked` if nobody can be asked, no two answers were the same, or an empty one
/// was not meant.
pub fn new_passphrase(console: &Console, question: &str, key: &str) -> Result<Option<Secret>> {
    for attempt in 1..=TRIES {
        let ask = |question| {
            let ask = Ask {
                question,
                key,
                attempt,
            };
            console.passphrase(&ask).ok_or_else(nobody)
        };
        let first = ask(question)?;
        if console.has_passphrase() {
            return Ok(Some(first));
        }
        if ask(RETYPE)? != first {
            console.talk().warning("passphrases do not match");
            continue;
        }
        if !first.is_empty() {
            return Ok(Some(first));
        }
        return match console.confirm(WITHOUT) {
            Some(true) => Ok(None),
            _ => Err(Error::new(ErrorKind::Locked, "empty passphrase")),
        };
    }
    let what = "too many retries while getting a passphrase";
    Err(Error::new(ErrorKind::Locked, what))
}

fn nobody() -> Error {
    Error::new(ErrorKind::Locked, "there is nobody to ask for a passphrase")
        .hint("give it with --passphrase-file, or run this at a terminal")
}

#[cfg(test)]
mod tests {
    use super::super::testing::piped;
    use super::*;

    fn answered(input: &str) -> (Result<Option<Secret>>, String) {
        let (console, heard) = piped(input);
        let result = new_passphrase(&console, "Enter a passphrase : ", "Ada");
        (result, heard.text())
    }

    #[test]
    fn the_same_passphrase_twice_is_taken() {
        let (result, said) = answered("secret\nsecret\n");
        assert_eq!(result.unwrap().unwrap().expose(), b"secret");
        assert_eq!(said, "Enter a passphrase : \nRetype your passphrase : \n");
    }

    #[test]
    fn a_slip_may_be_made_twice_but_not_three_times() {
        let (result, said) = answered("a\nb\na\nc\nd\nd\n");
        assert_eq!(result.unwrap().unwrap().expose(), b"d");
        assert_eq!(said.matches("WARNING: passphrases do not match").count(), 2);
        let (result, _) = answered("a\nb\na\nb\na\nb\nc\nc\n");
        assert!(result.unwrap_err().to_string().contains("too many retries"));
    }

    #[test]
    fn an_empty_passphrase_must_be_confirmed_and_silence_is_no() {
        assert_eq!(answered("\n\ny\n").0.unwrap(), None);
        assert!(answered("\n\nn\n").0.is_err());
        assert!(answered("\n\n\n").0.is_err());
        assert!(answered("\n\n").0.is_err());
    }

    #[test]
    fn with_nobody_there_the_error_says_how_to_give_one() {
        let error = answered("").0.unwrap_err();
        assert!(error.hint_text().unwrap().contains("--passphrase-file"));
    }
}
