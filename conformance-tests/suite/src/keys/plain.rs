//! Keys that are as they should be.

use super::{Entry, MADE, Made, Maker};
use crate::craft::{CertificateDraft, HandKind};

/// The table.
pub(super) const KEYS: &[Entry] = &[
    Entry {
        name: "ada",
        purpose: "Signs where nothing is said about the key: Ed25519 in the encoding that all programs read",
        needs: &["key.ed25519"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::Ed25519Legacy),
    },
    Entry {
        name: "bob",
        purpose: "A second signer like ada",
        needs: &["key.ed25519"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::Ed25519Legacy),
    },
    Entry {
        name: "carol",
        purpose: "A third signer like ada",
        needs: &["key.ed25519"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::Ed25519Legacy),
    },
    Entry {
        name: "rita",
        purpose: "RSA with 3072 bits, as most keys in use",
        needs: &["key.rsa"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::Rsa(3072)),
    },
    Entry {
        name: "percy",
        purpose: "ECDSA on NIST P-256",
        needs: &["key.p256"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::P256),
    },
    Entry {
        name: "signing-subkey",
        purpose: "A primary key that only certifies, and a subkey that signs",
        needs: &["key.ed25519"],
        sign_needs: &["sign.subkey"],
        make: signing_subkey,
    },
];

fn signing_subkey(maker: &Maker) -> Made {
    use crate::craft::subpacket::key_flags;
    let primary = maker.key("primary", HandKind::Ed25519Legacy);
    let subkey = maker.key("signing", HandKind::Ed25519Legacy);
    let user_id = maker.user_id();
    let draft = CertificateDraft::of(&primary)
        .user_id(&user_id, &primary.certifies(MADE).with(key_flags(0x01)))
        .subkey(&subkey, &primary.binds(&subkey, MADE));
    Made::of(&primary, Some(&subkey), &draft)
}
