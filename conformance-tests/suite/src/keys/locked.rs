//! Secret keys that are locked with a passphrase.
//!
//! Locking is done by the crate `pgp`, as GnuPG does it too: a passphrase hashed many times
//! with a salt, AES-256 in CFB mode (RFC 9580, section 3.7.2.1). Salt and initial value come
//! from the key's name, so that the same file results every time.

use super::{Entry, MADE, Made, Maker};
use crate::craft::{CertificateDraft, HandKind};
use pgp::composed::{Deserializable as _, SignedSecretKey};
use pgp::ser::Serialize as _;
use pgp::types::Password;

/// What unlocks every locked key.
const PASSPHRASE: &str = "correct horse battery staple";

/// The table.
pub(super) const KEYS: &[Entry] = &[
    Entry {
        name: "locked",
        purpose: "Like ada, locked with a passphrase",
        needs: &["key.ed25519"],
        sign_needs: &["sign.locked"],
        make: |maker| locked(maker, maker.ordinary(HandKind::Ed25519Legacy)),
    },
    Entry {
        name: "locked-rsa",
        purpose: "RSA with 2048 bits, locked with a passphrase",
        needs: &["key.rsa"],
        sign_needs: &["sign.locked"],
        make: |maker| locked(maker, maker.ordinary(HandKind::Rsa(2048))),
    },
    Entry {
        name: "locked-subkey",
        purpose: "A primary key and a subkey that signs, both locked (W-2)",
        needs: &["key.ed25519"],
        sign_needs: &["sign.locked", "sign.subkey"],
        make: |maker| locked(maker, with_subkey(maker)),
    },
];

fn with_subkey(maker: &Maker) -> Made {
    use crate::craft::subpacket::key_flags;
    let primary = maker.key("primary", HandKind::Ed25519Legacy);
    let subkey = maker.key("signing", HandKind::Ed25519Legacy);
    let name = maker.user_id();
    let draft = CertificateDraft::of(&primary)
        .user_id(&name, &primary.certifies(MADE).with(key_flags(0x01)))
        .subkey(&subkey, &primary.binds(&subkey, MADE));
    Made::of(&primary, Some(&subkey), &draft)
}

fn locked(maker: &Maker, made: Made) -> Made {
    let mut key = SignedSecretKey::from_bytes(&made.secret[..]).expect("the suite's own key");
    let password = Password::from(PASSPHRASE);
    let mut rng = maker.rng("lock");
    let primary = key.primary_key.set_password(&mut rng, &password);
    primary.expect("the primary key can be locked");
    for subkey in &mut key.secret_subkeys {
        let locked = subkey.key.set_password(&mut rng, &password);
        locked.expect("a subkey can be locked");
    }
    Made {
        secret: key.to_bytes().expect("a key can be written"),
        passphrase: Some(PASSPHRASE),
        ..made
    }
}
