//! The list of keys that `gpg --with-colons` prints (GnuPG's `doc/DETAILS`).
//!
//! A line is a record: fields between colons, the first of which says what it is about.
//! A key's own record is followed by its fingerprint and its keygrip, then by its user
//! IDs and subkeys. Records and fields of later versions are passed over.

use crate::keys::{KeyPair, Keygrip, ListedKey, Place};
use sifseal_plugin_sdk::Timestamp;
use sifseal_plugin_sdk::openpgp::{Fingerprint, PublicKeyAlgorithm};

/// Fields by the numbers that `doc/DETAILS` gives them.
mod field {
    pub(super) const VALIDITY: usize = 2;
    pub(super) const LENGTH: usize = 3;
    pub(super) const ALGORITHM: usize = 4;
    pub(super) const CREATED: usize = 6;
    pub(super) const TEXT: usize = 10;
    pub(super) const CAPABILITIES: usize = 12;
    pub(super) const TOKEN: usize = 15;
    pub(super) const CURVE: usize = 17;
}

/// The keys of a list, in its order. One whose fingerprint cannot be read is left out.
pub(crate) fn read(list: &[u8]) -> Vec<ListedKey> {
    let list = String::from_utf8_lossy(list);
    let mut keys = Vec::new();
    let mut current: Option<Draft> = None;
    for line in list.lines() {
        let record = Record(line.split(':').collect());
        match (record.kind(), &mut current) {
            ("pub" | "sec", _) => {
                keys.extend(current.take().and_then(Draft::finish));
                current = Some(Draft::new(record.pair()));
            }
            ("sub" | "ssb", Some(draft)) => draft.pairs.push(record.pair()),
            ("fpr", Some(draft)) => {
                draft.last().fingerprint = record.field(field::TEXT).parse().ok();
            }
            ("grp", Some(draft)) => {
                draft.last().keygrip = Keygrip::read(record.field(field::TEXT));
            }
            ("uid", Some(draft)) => draft.user_ids.push(plain(record.field(field::TEXT))),
            _ => {}
        }
    }
    keys.extend(current.and_then(Draft::finish));
    keys
}

struct Record<'a>(Vec<&'a str>);

impl Record<'_> {
    fn kind(&self) -> &str {
        self.0.first().copied().unwrap_or_default()
    }

    /// Numbered from 1; empty if the record is shorter.
    fn field(&self, number: usize) -> &str {
        self.0.get(number - 1).copied().unwrap_or_default()
    }

    fn pair(&self) -> PairDraft {
        let curve = self.field(field::CURVE).to_owned();
        PairDraft {
            fingerprint: None,
            keygrip: None,
            algorithm: algorithm(self.field(field::ALGORITHM).parse().unwrap_or(0), curve),
            bits: self.field(field::LENGTH).parse().unwrap_or(0),
            created: Timestamp(self.field(field::CREATED).parse().unwrap_or(0)),
            // Revoked, expired, not valid.
            holds: !self.field(field::VALIDITY).contains(['r', 'e', 'i']),
            // Capitals are about the certificate as a whole.
            signs: self.field(field::CAPABILITIES).contains('s'),
            secret: match self.field(field::TOKEN) {
                "" | "#" => Place::Nowhere,
                "+" => Place::Agent,
                serial => Place::Card(serial.to_owned()),
            },
        }
    }
}

/// A key under way.
struct Draft {
    /// Never empty: the primary key comes first.
    pairs: Vec<PairDraft>,
    user_ids: Vec<String>,
}

struct PairDraft {
    fingerprint: Option<Fingerprint>,
    keygrip: Option<Keygrip>,
    algorithm: PublicKeyAlgorithm,
    bits: u32,
    created: Timestamp,
    holds: bool,
    signs: bool,
    secret: Place,
}

impl Draft {
    fn new(primary: PairDraft) -> Self {
        Self {
            pairs: vec![primary],
            user_ids: Vec::new(),
        }
    }

    fn last(&mut self) -> &mut PairDraft {
        let last = self.pairs.len() - 1;
        &mut self.pairs[last]
    }

    fn finish(self) -> Option<ListedKey> {
        let mut pairs = self.pairs.into_iter();
        let primary = pairs.next()?.finish()?;
        let subkeys = pairs.map(PairDraft::finish).collect::<Option<_>>()?;
        Some(ListedKey {
            primary,
            subkeys,
            user_ids: self.user_ids,
        })
    }
}

impl PairDraft {
    fn finish(self) -> Option<KeyPair> {
        Some(KeyPair {
            fingerprint: self.fingerprint?,
            keygrip: self.keygrip,
            algorithm: self.algorithm,
            bits: self.bits,
            created: self.created,
            holds: self.holds,
            signs: self.signs,
            secret: self.secret,
        })
    }
}

/// An algorithm by OpenPGP's number (RFC 9580, section 9.1) and the curve's name.
fn algorithm(number: u8, curve: String) -> PublicKeyAlgorithm {
    match (number, curve.as_str()) {
        (1..=3, _) => PublicKeyAlgorithm::Rsa,
        (16 | 20, _) => PublicKeyAlgorithm::ElGamal,
        (17, _) => PublicKeyAlgorithm::Dsa,
        (18, _) => PublicKeyAlgorithm::Ecdh(curve),
        (19, _) => PublicKeyAlgorithm::Ecdsa(curve),
        (22, "ed25519" | "") => PublicKeyAlgorithm::EdDsaLegacy,
        (22, "ed448") | (28, _) => PublicKeyAlgorithm::Ed448,
        (27, _) => PublicKeyAlgorithm::Ed25519,
        _ => PublicKeyAlgorithm::Other(number),
    }
}

/// A text with its escapes undone: `\x3a` is a colon. It is for people and for finding
/// addresses; what is no escape stays as it is.
fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = rest
            .strip_prefix(b"\\x")
            .and_then(|rest| rest.split_at_checked(2));
        let mut byte = [0];
        match escaped {
            Some((digits, after)) if hex::decode_to_slice(digits, &mut byte).is_ok() => {
                bytes.extend(byte);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As GnuPG 2.2 and 2.4 write it, with a few records of other kinds.
    const LIST: &str = "\
tru::1:1700000000:0:3:1:5
sec:u:255:22:AAAAAAAAAAAAAAAA:1700000000:::u:::cSC:::#::ed25519:::0:
fpr:::::::::1111111111111111111111111111111111111111:
grp:::::::::2222222222222222222222222222222222222222:
uid:u::::1700000000::HASH::Ada \\x3a <ada@example.org>::::::::::0:
uat:u::::1700000000::HASH::1 2000::::::::::0:
uid:r::::1700000000::HASH::back\\\\slash \\xc3\\xa9 \\x::::::::::0:
ssb:u:3072:1:BBBBBBBBBBBBBBBB:1700000001::::::s:::D276000124010304000612345678000:::23:
fpr:::::::::3333333333333333333333333333333333333333:
grp:::::::::4444444444444444444444444444444444444444:
ssb:e:384:19:CCCCCCCCCCCCCCCC:1700000002:1700000003:::::sa:::+::nistp384::
fpr:::::::::5555555555555555555555555555555555555555:
grp:::::::::6666666666666666666666666666666666666666:
new:::::
pub:-:2048:1:DDDDDDDDDDDDDDDD:1600000000:::-:::scESC::::::23::0:
fpr:::::::::7777777777777777777777777777777777777777:
";

    #[test]
    fn a_list_is_read_with_what_each_key_can_do_and_where_it_is() {
        let keys = read(LIST.as_bytes());
        assert_eq!(keys.len(), 2);
        let ada = &keys[0];
        assert_eq!(ada.primary.fingerprint, Fingerprint::V4([0x11; 20]));
        assert_eq!(ada.primary.secret, Place::Nowhere);
        assert!(!ada.primary.signs, "only the certificate as a whole signs");
        assert_eq!(ada.primary.algorithm, PublicKeyAlgorithm::EdDsaLegacy);
        assert_eq!(
            ada.user_ids,
            ["Ada : <ada@example.org>", "back\\\\slash é \\x"]
        );

        let [card, old] = &ada.subkeys[..] else {
            panic!("two subkeys");
        };
        let serial = "D276000124010304000612345678000".to_owned();
        assert_eq!(card.secret, Place::Card(serial));
        assert_eq!((card.bits, card.signs, card.holds), (3072, true, true));
        assert_eq!(card.keygrip, Keygrip::read(&"4".repeat(40)));
        assert_eq!(old.secret, Place::Agent);
        assert_eq!((old.signs, old.holds), (true, false));
        let curve = "nistp384".to_owned();
        assert_eq!(old.algorithm, PublicKeyAlgorithm::Ecdsa(curve));

        let other = &keys[1];
        assert_eq!(other.primary.fingerprint, Fingerprint::V4([0x77; 20]));
        assert_eq!(other.primary.keygrip, None);
        assert_eq!(other.primary.secret, Place::Nowhere);
    }

    #[test]
    fn damage_to_a_list_costs_keys_and_nothing_else() {
        for list in [
            "",
            "\n\n",
            "fpr:::::::::1111111111111111111111111111111111111111:",
            "ssb:u",
            "sec",
            "sec:u:9:9:9:9\nfpr:x",
            "sec:::::::\ngrp:::::::::zz:",
        ] {
            assert_eq!(read(list.as_bytes()), [], "{list:?}");
        }
        for end in 0..LIST.len() {
            assert!(read(&LIST.as_bytes()[..end]).len() <= 2);
        }
        let noise: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        assert_eq!(read(&noise), []);
    }
}
