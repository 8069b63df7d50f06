//! Keys whose time is over, or who were revoked.

use super::{DAY, Entry, MADE, Made, Maker, YEAR};
use crate::craft::subpacket::{key_expires_after, reason};
use crate::craft::{CertificateDraft, Draft, HandKind, Key};
use sifseal_core::Timestamp;

/// When those that are revoked were: 2023-01-01 00:00:00 UTC.
const REVOKED: Timestamp = Timestamp(1_672_531_200);

/// The table.
pub(super) const KEYS: &[Entry] = &[
    entry(
        "expired-2021",
        "Expired at the end of 2020, one year after it was made",
        |maker| mortal(maker, YEAR),
    ),
    entry(
        "extended",
        "Was to expire at the end of 2020, and was extended before that for ever",
        extended,
    ),
    entry(
        "extended-before",
        "The key `extended` as it was before its life was extended",
        |_| mortal(&Maker::new("extended"), YEAR),
    ),
    entry("expires-2100", "Expires in 80 years", |maker| {
        mortal(maker, 80 * YEAR)
    }),
    entry(
        "compromised-2023",
        "Revoked in 2023 because its secret is known to others",
        |maker| revoked(maker, Some(2)),
    ),
    entry(
        "compromised-2023-before",
        "The key `compromised-2023` as it was before it was revoked",
        |_| Maker::new("compromised-2023").ordinary(HandKind::Ed25519Legacy),
    ),
    entry(
        "superseded-2023",
        "Revoked in 2023 because another key takes its place",
        |maker| revoked(maker, Some(1)),
    ),
    entry(
        "retired-2023",
        "Revoked in 2023 because it is not used any more",
        |maker| revoked(maker, Some(3)),
    ),
    entry(
        "revoked-2023-without-reason",
        "Revoked in 2023, and nobody said why",
        |maker| revoked(maker, None),
    ),
    entry(
        "revoked-by-another",
        "With a revocation that somebody else made",
        revoked_by_another,
    ),
    entry(
        "subkey-compromised-2023",
        "The subkey that signs was revoked in 2023 because its secret is known to others",
        |maker| subkey_revoked(maker, 2),
    ),
    entry(
        "subkey-retired-2023",
        "The subkey that signs was revoked in 2023 because it is not used any more",
        |maker| subkey_revoked(maker, 3),
    ),
    entry(
        "subkey-expired-2021",
        "The subkey that signs expired at the end of 2020",
        subkey_expired,
    ),
    entry(
        "user-id-revoked",
        "One of two user IDs was revoked in 2023",
        user_id_revoked,
    ),
    entry(
        "renewed",
        "Every self-signature is of 2025, the key itself of 2020",
        renewed,
    ),
];

const fn entry(name: &'static str, purpose: &'static str, make: fn(&Maker) -> Made) -> Entry {
    Entry {
        name,
        purpose,
        needs: &["key.ed25519"],
        sign_needs: &[],
        make,
    }
}

fn usual(maker: &Maker) -> Key {
    maker.key("primary", HandKind::Ed25519Legacy)
}

fn seconds(count: i64) -> u32 {
    u32::try_from(count).expect("a lifetime of less than 136 years")
}

fn mortal(maker: &Maker, life: i64) -> Made {
    let key = usual(maker);
    let name = maker.user_id();
    let says = key.certifies(MADE).with(key_expires_after(seconds(life)));
    Made::of(
        &key,
        None,
        &CertificateDraft::of(&key).user_id(&name, &says),
    )
}

fn extended(maker: &Maker) -> Made {
    let key = usual(maker);
    let name = maker.user_id();
    let says = key.certifies(MADE).with(key_expires_after(seconds(YEAR)));
    let draft = CertificateDraft::of(&key)
        .user_id(&name, &says)
        .on_user_id(&key.certifies(MADE.plus(100 * DAY)));
    Made::of(&key, None, &draft)
}

fn because(draft: Draft<'_>, code: Option<u8>) -> Draft<'_> {
    match code {
        Some(code) => draft.with(reason(code)),
        None => draft,
    }
}

fn revoked(maker: &Maker, code: Option<u8>) -> Made {
    let key = usual(maker);
    let name = maker.user_id();
    let draft = CertificateDraft::of(&key)
        .on_key(&because(key.revokes_itself(REVOKED), code))
        .user_id(&name, &key.certifies(MADE));
    Made::of(&key, None, &draft)
}

fn revoked_by_another(maker: &Maker) -> Made {
    let key = usual(maker);
    let other = maker.key("other", HandKind::Ed25519Legacy);
    let name = maker.user_id();
    let draft = CertificateDraft::of(&key)
        .on_key(&other.revokes_itself(REVOKED).with(reason(2)))
        .user_id(&name, &key.certifies(MADE));
    Made::of(&key, None, &draft)
}

fn subkey_revoked(maker: &Maker, code: u8) -> Made {
    let (primary, subkey) = (usual(maker), maker.key("signing", HandKind::Ed25519Legacy));
    let name = maker.user_id();
    let draft = CertificateDraft::of(&primary)
        .user_id(&name, &primary.certifies(MADE))
        .subkey(&subkey, &primary.binds(&subkey, MADE))
        .on_subkey(&primary.revokes_subkey(REVOKED).with(reason(code)));
    Made::of(&primary, Some(&subkey), &draft)
}

fn subkey_expired(maker: &Maker) -> Made {
    let (primary, subkey) = (usual(maker), maker.key("signing", HandKind::Ed25519Legacy));
    let name = maker.user_id();
    let binding = primary
        .binds(&subkey, MADE)
        .with(key_expires_after(seconds(YEAR)));
    let draft = CertificateDraft::of(&primary)
        .user_id(&name, &primary.certifies(MADE))
        .subkey(&subkey, &binding);
    Made::of(&primary, Some(&subkey), &draft)
}

fn user_id_revoked(maker: &Maker) -> Made {
    let key = usual(maker);
    let name = maker.user_id();
    let draft = CertificateDraft::of(&key)
        .user_id(&name, &key.certifies(MADE))
        .user_id("An older address <old@example.org>", &key.certifies(MADE))
        .on_user_id(&key.revokes_user_id(REVOKED).with(reason(32)));
    Made::of(&key, None, &draft)
}

fn renewed(maker: &Maker) -> Made {
    let key = usual(maker);
    let name = maker.user_id();
    let says = key.certifies(MADE.plus(5 * YEAR));
    Made::of(
        &key,
        None,
        &CertificateDraft::of(&key).user_id(&name, &says),
    )
}
