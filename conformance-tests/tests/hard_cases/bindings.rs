//! What makes a key part of a certificate, and what it may do there.

use crate::people::{certificate, key, message, ordinary};
use crate::row::{DAY, MADE, SIGNED, row};
use sifseal_conformance_tests::craft::subpacket::{embedded, key_flags, reason};
use sifseal_conformance_tests::craft::{CertificateDraft, Place, Subpacket, packet};
use sifseal_conformance_tests::gnupg::Said;
use sifseal_conformance_tests::gnupg::reason::{GENERAL, NO_KEY, WRONG_USE};

const CERTIFIES: u8 = 0x01;
const SIGNS: u8 = 0x02;
const ENCRYPTS: u8 = 0x0C;

#[test]
fn a_signing_subkey_is_good() {
    let (ada, sub) = (key(), key());
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &ada.binds(&sub, MADE)).bytes())
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_signing_subkey_under_a_primary_key_that_only_certifies_is_good_w23() {
    let (ada, sub) = (key(), key());
    let certification = ada.certifies(MADE).with(key_flags(CERTIFIES));
    let certificate = CertificateDraft::of(&ada)
        .user_id("Ada", &certification)
        .subkey(&sub, &ada.binds(&sub, MADE))
        .bytes();
    row(message(&sub.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_primary_key_that_only_certifies_and_signs_itself_is_refused() {
    let ada = key();
    let certification = ada.certifies(MADE).with(key_flags(CERTIFIES));
    row(message(&ada.signs(SIGNED)))
        .knowing(
            CertificateDraft::of(&ada)
                .user_id("Ada", &certification)
                .bytes(),
        )
        .refused(&["key-cannot-sign"])
        .gpg(&[Said::Error(WRONG_USE)])
        .check();
}

#[test]
fn a_primary_key_whose_use_is_not_said_may_sign() {
    let ada = key();
    let silent = ada.certifies(MADE).without_flags();
    row(message(&ada.signs(SIGNED)))
        .knowing(CertificateDraft::of(&ada).user_id("Ada", &silent).bytes())
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_subkey_whose_use_is_not_said_is_no_signing_key() {
    let (ada, sub) = (key(), key());
    let silent = ada.binds(&sub, MADE).without_flags();
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &silent).bytes())
        .refused(&["key-cannot-sign"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG takes what is not said as a yes")
        .check();
}

#[test]
fn a_subkey_that_only_encrypts_and_signs_is_refused() {
    let (ada, sub) = (key(), key());
    let binding = ada.binds(&sub, MADE).with(key_flags(ENCRYPTS));
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &binding).bytes())
        .refused(&["key-cannot-sign"])
        .gpg(&[Said::Error(WRONG_USE)])
        .check();
}

#[test]
fn a_subkey_that_does_not_answer_is_refused() {
    let (ada, sub) = (key(), key());
    let binding = ada.binds_without_answer(MADE);
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &binding).bytes())
        .refused(&["back-signature-missing"])
        .gpg(&[Said::Error(GENERAL)])
        .check();
}

#[test]
fn a_subkey_for_which_another_key_answers_is_refused() {
    let (ada, sub, mallory) = (key(), key(), key());
    let answer = mallory.answers(MADE).body(Place::Subkey(&ada, &sub));
    let binding = ada.binds_without_answer(MADE).with(embedded(&answer));
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &binding).bytes())
        .refused(&["back-signature-missing"])
        .gpg(&[Said::Error(GENERAL)])
        .check();
}

#[test]
fn a_subkey_that_answered_another_primary_key_is_refused() {
    let (ada, bob, sub) = (key(), key(), key());
    let answer = sub.answers(MADE).body(Place::Subkey(&bob, &sub));
    let binding = ada.binds_without_answer(MADE).with(embedded(&answer));
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &binding).bytes())
        .refused(&["back-signature-missing"])
        .gpg(&[Said::Error(GENERAL)])
        .check();
}

#[test]
fn an_answer_in_the_unhashed_area_is_one_all_the_same() {
    let (ada, sub) = (key(), key());
    let answer = sub.answers(MADE).body(Place::Subkey(&ada, &sub));
    let binding = ada
        .binds_without_answer(MADE)
        .with_unhashed(embedded(&answer));
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &binding).bytes())
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_false_answer_in_front_hides_no_good_one() {
    let (ada, sub, mallory) = (key(), key(), key());
    let false_answer = mallory.answers(MADE).body(Place::Subkey(&ada, &sub));
    let answer = sub.answers(MADE).body(Place::Subkey(&ada, &sub));
    let binding = ada
        .binds_without_answer(MADE)
        .with_unhashed(embedded(&false_answer))
        .with_unhashed(embedded(&answer));
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &binding).bytes())
        .good()
        .gpg(&[Said::Error(GENERAL)])
        .unlike_gpg("GnuPG looks at the first answer only, which anyone can put there")
        .check();
}

#[test]
fn a_binding_by_somebody_else_binds_nothing() {
    let (ada, sub, mallory) = (key(), key(), key());
    let binding = mallory.binds(&sub, MADE).claiming_to_be_by(&ada);
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &binding).bytes())
        .refused(&["key-not-bound"])
        .gpg(&[Said::Error(NO_KEY)])
        .check();
}

#[test]
fn a_certification_by_somebody_else_binds_nothing() {
    let (ada, mallory) = (key(), key());
    let forged = mallory.certifies(MADE).claiming_to_be_by(&ada);
    row(message(&ada.signs(SIGNED)))
        .knowing(CertificateDraft::of(&ada).user_id("Ada", &forged).bytes())
        .refused(&["key-not-bound"])
        .gpg(&[Said::Error(NO_KEY)])
        .check();
}

/// What keys.openpgp.org gives for a user ID that was not confirmed.
#[test]
fn a_key_without_user_ids_is_good() {
    let ada = key();
    row(message(&ada.signs(SIGNED)))
        .knowing(CertificateDraft::of(&ada).bytes())
        .good()
        .gpg(&[Said::Error(NO_KEY)])
        .unlike_gpg("GnuPG does not import a key without a user ID; keyservers strip them")
        .check();
}

#[test]
fn a_subkey_of_a_key_without_user_ids_is_good() {
    let (ada, sub) = (key(), key());
    let stripped = CertificateDraft::of(&ada).subkey(&sub, &ada.binds(&sub, MADE));
    row(message(&sub.signs(SIGNED)))
        .knowing(stripped.bytes())
        .good()
        .gpg(&[Said::Error(NO_KEY)])
        .unlike_gpg("GnuPG does not import a key without a user ID; keyservers strip them")
        .check();
}

#[test]
fn a_key_without_user_ids_keeps_what_it_says_of_itself() {
    let ada = key();
    let stripped = CertificateDraft::of(&ada)
        .on_key(&ada.states(MADE).with(key_flags(CERTIFIES)))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(stripped)
        .refused(&["key-cannot-sign"])
        .gpg(&[Said::Error(NO_KEY)])
        .check();
}

#[test]
fn what_a_key_says_of_itself_comes_before_what_a_user_id_says() {
    let ada = key();
    let certificate = CertificateDraft::of(&ada)
        .on_key(&ada.states(MADE).with(key_flags(CERTIFIES)))
        .user_id(
            "Ada",
            &ada.certifies(MADE).with(key_flags(CERTIFIES | SIGNS)),
        )
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-cannot-sign"])
        .gpg(&[Said::Error(WRONG_USE)])
        .check();
}

/// Whoever has the secret of a subkey can bind it to a key of their own. The
/// signature is then theirs as well: whose counts is for `--signed-by` to say.
#[test]
fn a_subkey_in_a_thiefs_certificate_answers_for_the_thief_too() {
    let (ada, thief, sub) = (key(), key(), key());
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &ada.binds(&sub, MADE)).bytes())
        .knowing(
            ordinary(&thief)
                .subkey(&sub, &thief.binds(&sub, MADE))
                .bytes(),
        )
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_thief_without_the_subkeys_secret_gains_nothing() {
    let (thief, sub) = (key(), key());
    row(message(&sub.signs(SIGNED)))
        .knowing(
            ordinary(&thief)
                .subkey(&sub, &thief.binds_without_answer(MADE))
                .bytes(),
        )
        .refused(&["back-signature-missing"])
        .gpg(&[Said::Error(GENERAL)])
        .check();
}

#[test]
fn a_thief_without_the_subkeys_secret_cannot_hide_its_owner() {
    let (ada, thief, sub) = (key(), key(), key());
    row(message(&sub.signs(SIGNED)))
        .knowing(
            ordinary(&thief)
                .subkey(&sub, &thief.binds_without_answer(MADE))
                .bytes(),
        )
        .knowing(ordinary(&ada).subkey(&sub, &ada.binds(&sub, MADE)).bytes())
        .good()
        .by(&ada)
        .gpg(&[Said::Error(GENERAL)])
        .unlike_gpg("GnuPG stops at the first certificate that has the subkey, the thief's")
        .check();
}

#[test]
fn a_stolen_subkey_that_its_owner_revoked_is_refused_in_the_thiefs_certificate() {
    const COMPROMISED: u8 = 2;
    let (ada, thief, sub) = (key(), key(), key());
    let revocation = ada
        .revokes_subkey(SIGNED.plus(DAY))
        .with(reason(COMPROMISED));
    let owners = ordinary(&ada)
        .subkey(&sub, &ada.binds(&sub, MADE))
        .on_subkey(&revocation);
    row(message(&sub.signs(SIGNED)))
        .knowing(
            ordinary(&thief)
                .subkey(&sub, &thief.binds(&sub, MADE))
                .bytes(),
        )
        .knowing(owners.bytes())
        .refused(&["key-revoked"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG stops at the first certificate that has the subkey, the thief's")
        .check();
}

#[test]
fn a_self_signature_that_demands_what_nobody_knows_binds_nothing() {
    let ada = key();
    let demanding = ada
        .certifies(MADE)
        .with(Subpacket::new(100, b"x").critical());
    row(message(&ada.signs(SIGNED)))
        .knowing(
            CertificateDraft::of(&ada)
                .user_id("Ada", &demanding)
                .bytes(),
        )
        .refused(&["key-not-bound"])
        .gpg(&[Said::Error(NO_KEY)])
        .check();
}

#[test]
fn nobodys_signature_is_refused() {
    let (ada, bob) = (key(), key());
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&bob))
        .refused(&["unknown-signer"])
        .gpg(&[Said::Error(NO_KEY)])
        .check();
}

#[test]
fn a_self_signature_of_version_3_counts() {
    let ada = key();
    let old = ada.certifies(MADE).version3();
    row(message(&ada.signs(SIGNED)))
        .knowing(CertificateDraft::of(&ada).user_id("Ada", &old).bytes())
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn packets_that_nobody_needs_to_know_harm_no_key() {
    const MARKER: u8 = 10;
    const TRUST: u8 = 12;
    const USER_ATTRIBUTE: u8 = 17;
    const PADDING: u8 = 21;
    const PRIVATE: u8 = 60;
    for tag in [MARKER, TRUST, USER_ATTRIBUTE, PADDING, PRIVATE] {
        let (ada, sub) = (key(), key());
        let body: &[u8] = match tag {
            MARKER => b"PGP",
            _ => &[2, 100, 1],
        };
        let certificate = ordinary(&ada)
            .raw(&packet(tag, body))
            .subkey(&sub, &ada.binds(&sub, MADE))
            .bytes();
        row(message(&sub.signs(SIGNED)))
            .knowing(certificate)
            .good()
            .by(&ada)
            .gpg(&[Said::Good])
            .check();
    }
}

#[test]
fn a_friends_certification_changes_nothing() {
    let (ada, friend) = (key(), key());
    let certificate = ordinary(&ada)
        .on_user_id(&friend.certifies(MADE).with(key_flags(CERTIFIES)))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}
