//! Keys that are too weak, or that say so weakly what they are.

use super::{Entry, MADE, Made, Maker};
use crate::craft::{CertificateDraft, HandKind};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::HashAlgorithm;

/// When old keys were made: 2015-01-01 00:00:00 UTC.
const LONG_AGO: Timestamp = Timestamp(1_420_070_400);

/// When SHA-1 had been given up by all: 2024-01-01 00:00:00 UTC.
const LATELY: Timestamp = Timestamp(1_704_067_200);

/// The table.
pub(super) const KEYS: &[Entry] = &[
    Entry {
        name: "rsa-1024",
        purpose: "RSA with 1024 bits: too short since 2010",
        needs: &["key.rsa"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::Rsa(1024)),
    },
    Entry {
        name: "rsa-2048",
        purpose: "RSA with 2048 bits: the least that counts",
        needs: &["key.rsa"],
        sign_needs: &[],
        make: |maker| maker.ordinary(HandKind::Rsa(2048)),
    },
    Entry {
        name: "sha1-of-2015",
        purpose: "A key of 2015, whose self-signature of then uses SHA-1",
        needs: &["key.ed25519"],
        sign_needs: &[],
        make: |maker| certified(maker, LONG_AGO, HashAlgorithm::Sha1),
    },
    Entry {
        name: "sha1-of-2024",
        purpose: "A key whose only self-signature uses SHA-1, and is of 2024",
        needs: &["key.ed25519"],
        sign_needs: &[],
        make: |maker| certified(maker, LATELY, HashAlgorithm::Sha1),
    },
    Entry {
        name: "md5-of-2015",
        purpose: "A key of 2015, whose self-signature of then uses MD5",
        needs: &["key.ed25519"],
        sign_needs: &[],
        make: |maker| certified(maker, LONG_AGO, HashAlgorithm::Md5),
    },
];

fn certified(maker: &Maker, when: Timestamp, hash: HashAlgorithm) -> Made {
    let key = maker.key_of("primary", HandKind::Ed25519Legacy, when.min(MADE));
    let name = maker.user_id();
    let says = key.certifies(when).hash(hash);
    Made::of(
        &key,
        None,
        &CertificateDraft::of(&key).user_id(&name, &says),
    )
}
