//! Keys that hang together in another way than usual, or not at all.

use super::{Entry, MADE, Made, Maker};
use crate::craft::subpacket::{key_flags, primary_user_id};
use crate::craft::{CertificateDraft, Draft, HandKind, Key, Place, Subpacket};

/// The table.
pub(super) const KEYS: &[Entry] = &[
    entry(
        "without-flags",
        "Nothing is said about what the key may be used for",
        |maker| alone(maker, |draft| draft.without_flags()),
    ),
    entry(
        "certifies-only",
        "The key may certify, and may not sign",
        |maker| alone(maker, |draft| draft.with(key_flags(0x01))),
    ),
    entry(
        "encrypts-only",
        "The key may certify and encrypt, and may not sign",
        |maker| alone(maker, |draft| draft.with(key_flags(0x0D))),
    ),
    entry(
        "subkey-without-flags",
        "Nothing is said about what the subkey may be used for",
        |maker| {
            with_subkey(maker, |primary, subkey| {
                primary.binds(subkey, MADE).without_flags()
            })
        },
    ),
    entry(
        "subkey-encrypts-only",
        "The subkey that signs may only encrypt",
        |maker| {
            with_subkey(maker, |primary, subkey| {
                primary.binds(subkey, MADE).with(key_flags(0x0C))
            })
        },
    ),
    entry(
        "subkey-without-answer",
        "The subkey has never said that it belongs to the primary key",
        |maker| with_subkey(maker, |primary, _| primary.binds_without_answer(MADE)),
    ),
    entry(
        "bound-by-another",
        "The subkey's binding was signed by somebody else in the owner's name",
        bound_by_another,
    ),
    entry(
        "adopted-subkey",
        "A thief's certificate with ada's key as a subkey, for which only the thief has signed",
        adopted,
    ),
    entry(
        "certified-by-another",
        "The user ID was certified by somebody else in the key's own name",
        certified_by_another,
    ),
    entry(
        "demanding",
        "The self-signature demands something that nobody knows",
        |maker| {
            alone(maker, |draft| {
                draft.with(Subpacket::new(100, b"demand").critical())
            })
        },
    ),
    entry(
        "two-user-ids",
        "Two user IDs, the second of which is the primary one",
        two_user_ids,
    ),
    entry(
        "without-user-id",
        "No user ID; the key speaks for itself",
        without_user_id,
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

/// One key, whose self-signature is changed.
fn alone(maker: &Maker, change: fn(Draft<'_>) -> Draft<'_>) -> Made {
    let key = usual(maker);
    let name = maker.user_id();
    let says = change(key.certifies(MADE));
    Made::of(
        &key,
        None,
        &CertificateDraft::of(&key).user_id(&name, &says),
    )
}

/// A key that certifies and signs, and a subkey that signs, bound as said.
fn with_subkey(maker: &Maker, binding: for<'k> fn(&'k Key, &Key) -> Draft<'k>) -> Made {
    let (primary, subkey) = (usual(maker), maker.key("signing", HandKind::Ed25519Legacy));
    let name = maker.user_id();
    let draft = CertificateDraft::of(&primary)
        .user_id(&name, &primary.certifies(MADE))
        .subkey(&subkey, &binding(&primary, &subkey));
    Made::of(&primary, Some(&subkey), &draft)
}

fn bound_by_another(maker: &Maker) -> Made {
    let (primary, subkey) = (usual(maker), maker.key("signing", HandKind::Ed25519Legacy));
    let other = maker.key("other", HandKind::Ed25519Legacy);
    let name = maker.user_id();
    let binding = other
        .binds(&subkey, MADE)
        .claiming_to_be_by(&primary)
        .over(Place::Subkey(&primary, &subkey));
    let draft = CertificateDraft::of(&primary)
        .user_id(&name, &primary.certifies(MADE))
        .raw(&subkey.subkey_packet())
        .raw(&binding);
    Made::of(&primary, Some(&subkey), &draft)
}

fn adopted(maker: &Maker) -> Made {
    let thief = usual(maker);
    let ada = Maker::new("ada").key("primary", HandKind::Ed25519Legacy);
    let name = maker.user_id();
    let draft = CertificateDraft::of(&thief)
        .user_id(&name, &thief.certifies(MADE))
        .subkey(&ada, &thief.binds_without_answer(MADE));
    Made::of(&thief, Some(&ada), &draft)
}

fn certified_by_another(maker: &Maker) -> Made {
    let key = usual(maker);
    let other = maker.key("other", HandKind::Ed25519Legacy);
    let name = maker.user_id();
    let certification = other
        .certifies(MADE)
        .claiming_to_be_by(&key)
        .over(Place::UserId(&key, &name));
    let user_id = crate::craft::packet(crate::craft::tag::USER_ID, name.as_bytes());
    let draft = CertificateDraft::of(&key).raw(&user_id).raw(&certification);
    Made::of(&key, None, &draft)
}

fn two_user_ids(maker: &Maker) -> Made {
    let key = usual(maker);
    let name = maker.user_id();
    let draft = CertificateDraft::of(&key)
        .user_id("An older address <old@example.org>", &key.certifies(MADE))
        .user_id(&name, &key.certifies(MADE).with(primary_user_id()));
    Made::of(&key, None, &draft)
}

fn without_user_id(maker: &Maker) -> Made {
    let key = usual(maker);
    Made::of(
        &key,
        None,
        &CertificateDraft::of(&key).on_key(&key.states(MADE)),
    )
}
