//! Asking for a passphrase that opens something: up to three times at a terminal.

use super::Console;
use sifseal_core::traits::{Ask, Ui};
use sifseal_core::{Error, ErrorKind, Result, Secret};

/// How often a passphrase may be mistyped.
const TRIES: u8 = 3;

/// What the passphrase opens, and the passphrase. `key` is the key's name; `open`
/// says `Locked` to a wrong passphrase.
///
/// # Errors
/// `Locked` if nobody gives the right one, and what else `open` says.
pub fn existing_passphrase<T>(
    console: &Console,
    question: &str,
    key: &str,
    open: impl Fn(&Secret) -> Result<T>,
) -> Result<(T, Secret)> {
    let mut why = Error::new(ErrorKind::Locked, "a passphrase is needed");
    for attempt in 1..=TRIES {
        let ask = Ask {
            question,
            key,
            attempt,
        };
        let Some(passphrase) = console.passphrase(&ask) else {
            break;
        };
        why = match open(&passphrase) {
            Err(error) if error.kind() == ErrorKind::Locked => error,
            Ok(opened) => return Ok((opened, passphrase)),
            Err(error) => return Err(error),
        };
        // A pipe has one answer to a question, and a file the same one for ever.
        if !console.is_terminal() || console.has_passphrase() {
            break;
        }
        console.talk().warning("wrong passphrase");
    }
    Err(
        Error::new(ErrorKind::Locked, format!("key {key}: {}", why.what()))
            .hint("give the passphrase at the prompt, or in a file with --passphrase-file"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::piped;
    use super::*;

    fn open(passphrase: &Secret) -> Result<u8> {
        match passphrase.expose() {
            b"right" => Ok(7),
            b"" => Err(Error::new(ErrorKind::Io, "no disk")),
            _ => Err(Error::new(ErrorKind::Locked, "wrong passphrase")),
        }
    }

    #[test]
    fn what_the_passphrase_opens_comes_with_it() {
        let (console, heard) = piped("right\n");
        let (opened, passphrase) = existing_passphrase(&console, "? ", "Ada", open).unwrap();
        assert_eq!((opened, passphrase.expose()), (7, &b"right"[..]));
        assert_eq!(heard.text(), "? \n");
    }

    #[test]
    fn a_wrong_passphrase_is_called_that_and_a_missing_one_is_not() {
        for (input, words) in [
            ("wrong\nright\n", "key Ada: wrong passphrase"),
            ("", "key Ada: a passphrase is needed"),
            ("\n", "no disk"),
        ] {
            let (console, _) = piped(input);
            let error = existing_passphrase(&console, "? ", "Ada", open).unwrap_err();
            assert_eq!(error.to_string(), words);
        }
    }
}
