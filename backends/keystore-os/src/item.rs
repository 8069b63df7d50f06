//! What lies in the store for one secret key, as text.
//!
//! Text, because KWallet keeps nothing else. The first line says what it is and
//! which number it has: of two copies, the one with the larger number is the newer.
//!
//! ```text
//! sifseal-key 3
//! -----BEGIN PGP PRIVATE KEY BLOCK-----
//! …
//! ```
//!
//! Text before armor is passed over by every OpenPGP program, so a person can copy
//! such an item out of a password manager and import it anywhere. A key that is too
//! large lies in a file, sealed; the item is then one line with the key to the seal:
//!
//! ```text
//! sifseal-seal 3 BASE64
//! ```

use crate::sealed::SealKey;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sifseal_core::{Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

const WHOLE: &str = "sifseal-key";
const SEALED: &str = "sifseal-seal";

/// An item of the store.
#[derive(Debug)]
pub(crate) struct Item {
    /// The larger, the newer.
    pub(crate) number: u64,
    pub(crate) content: Content,
}

/// What an item holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// The transferable secret key, in armor.
    Whole(Secret),
    /// The key to the file in which it is sealed.
    Sealed(SealKey),
}

impl Item {
    pub(crate) fn to_bytes(&self) -> Secret {
        let number = self.number;
        match &self.content {
            Content::Whole(armor) => {
                let head = format!("{WHOLE} {number}\n");
                Secret::new([head.as_bytes(), armor.expose()].concat())
            }
            Content::Sealed(key) => {
                let key = Zeroizing::new(BASE64_STANDARD.encode(key.bytes()));
                Secret::new(
                    [SEALED, " ", &number.to_string(), " ", &key]
                        .concat()
                        .into(),
                )
            }
        }
    }

    /// # Errors
    /// `Malformed` for what was never written by [`to_bytes`](Self::to_bytes).
    pub(crate) fn from_bytes(bytes: &Secret) -> Result<Self> {
        let whole = bytes.expose();
        let end = whole.iter().position(|byte| *byte == b'\n');
        let (head, rest) = whole.split_at(end.unwrap_or(whole.len()));
        let head = std::str::from_utf8(head).map_err(|_| foreign())?;
        let mut words = head.split(' ');
        let kind = words.next();
        let number = words.next().and_then(|word| word.parse().ok());
        let number = number.ok_or_else(foreign)?;
        let content = match (kind, words.next()) {
            (Some(WHOLE), None) => Content::Whole(Secret::new(rest.to_vec())),
            (Some(SEALED), Some(key)) => {
                let key = BASE64_STANDARD.decode(key).map(Zeroizing::new);
                let key = key.map_err(|_| foreign())?;
                Content::Sealed(SealKey::from_bytes(&key).ok_or_else(foreign)?)
            }
            _ => return Err(foreign()),
        };
        Ok(Self { number, content })
    }
}

fn foreign() -> Error {
    Error::new(
        ErrorKind::Malformed,
        "what lies there is no key of sifseal's, or was changed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_reads_back_as_it_was_written() {
        let armor = b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n".to_vec();
        let item = Item {
            number: 7,
            content: Content::Whole(Secret::new(armor.clone())),
        };
        let read = Item::from_bytes(&item.to_bytes()).unwrap();
        assert_eq!(read.number, 7);
        // The line break before the armor belongs to neither.
        assert!(
            matches!(&read.content, Content::Whole(secret) if secret.expose().trim_ascii_start() == armor)
        );

        let (key, _) = crate::sealed::seal(b"secret", b"about").unwrap();
        let bytes = key.bytes().to_vec();
        let item = Item {
            number: u64::MAX,
            content: Content::Sealed(key),
        };
        let read = Item::from_bytes(&item.to_bytes()).unwrap();
        assert_eq!(read.number, u64::MAX);
        assert!(matches!(&read.content, Content::Sealed(key) if key.bytes() == bytes.as_slice()));
    }

    #[test]
    fn what_others_put_there_is_an_error_and_no_panic() {
        for bytes in [
            "",
            "\n",
            "hunter2",
            "sifseal-key",
            "sifseal-key x\n",
            "sifseal-key -1\n",
            "sifseal-key 1 2\n",
            "sifseal-key 18446744073709551616\n",
            "sifseal-seal 1",
            "sifseal-seal 1 AAAA",
            "sifseal-seal 1 !",
            "sifseal-seed 1 AAAA",
        ] {
            let error = Item::from_bytes(&Secret::from(bytes.to_owned())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{bytes}");
        }
        assert!(Item::from_bytes(&Secret::new(vec![0xff; 40])).is_err());
    }
}
