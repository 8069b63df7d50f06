//! Keys of kinds that not everybody reads, and keys with odd numbers.

use super::{Entry, MADE, Made, Maker};
use crate::craft::{CertificateDraft, HandKind};

/// The table.
pub(super) const KEYS: &[Entry] = &[
    Entry {
        name: "new-ed25519",
        purpose: "Ed25519 in the encoding of RFC 9580",
        needs: &["key.rfc9580"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::Ed25519),
    },
    Entry {
        name: "ed448",
        purpose: "Ed448",
        needs: &["key.ed448"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::Ed448),
    },
    Entry {
        name: "version-6",
        purpose: "A key of version 6 (RFC 9580), with Ed25519",
        needs: &["key.v6"],
        sign_needs: &[],
        make: version6,
    },
    Entry {
        name: "leading-zero",
        purpose: "The key ID begins with a zero octet (W-18)",
        needs: &["key.ed25519"],
        sign_needs: &[],
        make: leading_zero,
    },
];

fn version6(maker: &Maker) -> Made {
    let key = maker.version6("primary", HandKind::Ed25519);
    let name = maker.user_id();
    let draft = CertificateDraft::of(&key)
        .on_key(&key.states(MADE))
        .user_id(&name, &key.certifies(MADE));
    Made::of(&key, None, &draft)
}

/// One of 256 keys has such an ID.
fn leading_zero(maker: &Maker) -> Made {
    let mut parts = (0_u32..).map(|number| format!("primary {number}"));
    let key = parts
        .find_map(|part| {
            let key = maker.key(&part, HandKind::Ed25519Legacy);
            (key.fingerprint().key_id().0[0] == 0).then_some(key)
        })
        .expect("the numbers do not end");
    let name = maker.user_id();
    let draft = CertificateDraft::of(&key).user_id(&name, &key.certifies(MADE));
    Made::of(&key, None, &draft)
}
