//! Keys, subkeys and user IDs that are revoked, for each reason, before and after
//! they signed.

use crate::people::{certificate, key, message, ordinary};
use crate::row::{DAY, MADE, SIGNED, row};
use sifseal_conformance_tests::craft::subpacket::{expires_after, key_expires_after, reason};
use sifseal_conformance_tests::craft::{CertificateDraft, Draft, Key, Subpacket};
use sifseal_conformance_tests::gnupg::Said;
use sifseal_core::Timestamp;
use sifseal_core::openpgp::HashAlgorithm;

const UNSPECIFIED: u8 = 0;
const SUPERSEDED: u8 = 1;
const COMPROMISED: u8 = 2;
const RETIRED: u8 = 3;
const USER_ID_INVALID: u8 = 32;

/// Why a soft revocation matters to GnuPG always and to us from its date on.
const SOFT: &str = "superseded and retired say `from now on`; GnuPG reports every revocation, \
                    whatever its reason and date, and ends with success all the same";

fn before() -> Timestamp {
    SIGNED.plus(-DAY)
}

fn after() -> Timestamp {
    SIGNED.plus(DAY)
}

/// What comes of a signature whose key was revoked so and then.
fn key_revoked(code: Option<u8>, when: Timestamp, expected: &[&str]) {
    let ada = key();
    let revocation = with_reason(ada.revokes_itself(when), code);
    let certificate = CertificateDraft::of(&ada)
        .on_key(&revocation)
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    let row = row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .refused(expected)
        .gpg(&[Said::KeyRevoked]);
    match expected {
        [] => row.unlike_gpg(SOFT).check(),
        _ => row.check(),
    }
}

/// The same with a subkey that signed and was revoked.
fn subkey_revoked(code: Option<u8>, when: Timestamp, expected: &[&str]) {
    let (ada, sub) = (key(), key());
    let revocation = with_reason(ada.revokes_subkey(when), code);
    let certificate = ordinary(&ada)
        .subkey(&sub, &ada.binds(&sub, MADE))
        .on_subkey(&revocation)
        .bytes();
    let row = row(message(&sub.signs(SIGNED)))
        .knowing(certificate)
        .refused(expected)
        .gpg(&[Said::KeyRevoked]);
    match expected {
        [] => row.unlike_gpg(SOFT).check(),
        _ => row.check(),
    }
}

fn with_reason(revocation: Draft<'_>, code: Option<u8>) -> Draft<'_> {
    match code {
        Some(code) => revocation.with(reason(code)),
        None => revocation,
    }
}

#[test]
fn a_key_revoked_without_a_reason_before_it_signed_is_refused() {
    key_revoked(None, before(), &["key-revoked"]);
}

#[test]
fn a_key_revoked_without_a_reason_after_it_signed_is_refused() {
    key_revoked(None, after(), &["key-revoked"]);
}

#[test]
fn a_key_revoked_for_no_reason_that_is_told_is_refused_before_and_after() {
    key_revoked(Some(UNSPECIFIED), before(), &["key-revoked"]);
    key_revoked(Some(UNSPECIFIED), after(), &["key-revoked"]);
}

#[test]
fn a_key_revoked_as_compromised_before_it_signed_is_refused() {
    key_revoked(Some(COMPROMISED), before(), &["key-revoked"]);
}

#[test]
fn a_key_revoked_as_compromised_after_it_signed_is_refused() {
    key_revoked(Some(COMPROMISED), after(), &["key-revoked"]);
}

#[test]
fn a_key_revoked_as_superseded_before_it_signed_is_refused() {
    key_revoked(Some(SUPERSEDED), before(), &["key-revoked"]);
}

#[test]
fn a_key_revoked_as_superseded_after_it_signed_is_good() {
    key_revoked(Some(SUPERSEDED), after(), &[]);
}

#[test]
fn a_key_revoked_as_retired_before_it_signed_is_refused() {
    key_revoked(Some(RETIRED), before(), &["key-revoked"]);
}

#[test]
fn a_key_revoked_as_retired_after_it_signed_is_good() {
    key_revoked(Some(RETIRED), after(), &[]);
}

#[test]
fn a_key_revoked_for_a_reason_that_nobody_knows_is_refused_before_and_after() {
    key_revoked(Some(77), before(), &["key-revoked"]);
    key_revoked(Some(77), after(), &["key-revoked"]);
}

#[test]
fn a_key_revoked_for_a_reason_meant_for_user_ids_is_refused() {
    key_revoked(Some(USER_ID_INVALID), after(), &["key-revoked"]);
}

#[test]
fn a_subkey_revoked_without_a_reason_is_refused_before_and_after() {
    subkey_revoked(None, before(), &["key-revoked"]);
    subkey_revoked(None, after(), &["key-revoked"]);
}

#[test]
fn a_subkey_revoked_as_compromised_is_refused_before_and_after() {
    subkey_revoked(Some(COMPROMISED), before(), &["key-revoked"]);
    subkey_revoked(Some(COMPROMISED), after(), &["key-revoked"]);
}

#[test]
fn a_subkey_revoked_as_retired_or_superseded_before_it_signed_is_refused() {
    subkey_revoked(Some(RETIRED), before(), &["key-revoked"]);
    subkey_revoked(Some(SUPERSEDED), before(), &["key-revoked"]);
}

#[test]
fn a_subkey_revoked_as_retired_or_superseded_after_it_signed_is_good() {
    subkey_revoked(Some(RETIRED), after(), &[]);
    subkey_revoked(Some(SUPERSEDED), after(), &[]);
}

#[test]
fn a_subkey_bound_anew_after_a_soft_revocation_stays_revoked() {
    let (ada, sub) = (key(), key());
    let certificate = ordinary(&ada)
        .subkey(&sub, &ada.binds(&sub, MADE))
        .on_subkey(&ada.revokes_subkey(MADE.plus(DAY)).with(reason(RETIRED)))
        .on_subkey(&ada.binds(&sub, MADE.plus(2 * DAY)))
        .bytes();
    row(message(&sub.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-revoked"])
        .gpg(&[Said::KeyRevoked])
        .check();
}

#[test]
fn a_subkey_falls_with_its_primary_key() {
    let (ada, sub) = (key(), key());
    let certificate = CertificateDraft::of(&ada)
        .on_key(&ada.revokes_itself(after()))
        .user_id("Ada", &ada.certifies(MADE))
        .subkey(&sub, &ada.binds(&sub, MADE))
        .bytes();
    row(message(&sub.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-revoked"])
        .gpg(&[Said::KeyRevoked])
        .check();
}

#[test]
fn a_primary_key_does_not_fall_with_a_subkey() {
    let (ada, sub) = (key(), key());
    let certificate = ordinary(&ada)
        .subkey(&sub, &ada.binds(&sub, MADE))
        .on_subkey(&ada.revokes_subkey(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_revoked_user_id_beside_a_good_one_decides_nothing() {
    let ada = key();
    let certificate = ordinary(&ada)
        .user_id("Ada at work", &ada.certifies(MADE))
        .on_user_id(&ada.revokes_user_id(before()).with(reason(USER_ID_INVALID)))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_key_whose_only_user_id_was_revoked_after_it_signed_is_good() {
    let ada = key();
    let certificate = ordinary(&ada)
        .on_user_id(&ada.revokes_user_id(after()).with(reason(USER_ID_INVALID)))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_key_whose_only_user_id_was_revoked_before_it_signed_is_good() {
    let ada = key();
    let certificate = ordinary(&ada)
        .on_user_id(&ada.revokes_user_id(before()).with(reason(USER_ID_INVALID)))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_subkey_that_is_there_twice_falls_by_either_copy() {
    let (ada, sub) = (key(), key());
    let certificate = ordinary(&ada)
        .subkey(&sub, &ada.binds(&sub, MADE))
        .subkey(&sub, &ada.revokes_subkey(before()))
        .bytes();
    row(message(&sub.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-revoked"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG finds no second copy; a revocation counts wherever it stands")
        .check();
}

#[test]
fn a_revocation_that_has_expired_still_revokes() {
    let ada = key();
    let short = ada.revokes_itself(before()).with(expires_after(60));
    let certificate = CertificateDraft::of(&ada)
        .on_key(&short)
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-revoked"])
        .gpg(&[Said::KeyRevoked])
        .check();
}

#[test]
fn a_revocation_that_demands_what_nobody_knows_still_revokes() {
    let ada = key();
    let demanding = ada
        .revokes_itself(before())
        .with(Subpacket::new(100, b"x").critical());
    let certificate = CertificateDraft::of(&ada)
        .on_key(&demanding)
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-revoked"])
        .gpg(&[Said::Good])
        .unlike_gpg("refusing a revocation would be the less careful choice")
        .check();
}

#[test]
fn what_a_revoked_user_id_says_of_the_key_no_longer_counts() {
    let ada = key();
    let mortal = ada.certifies(MADE).with(key_expires_after(86_400));
    let certificate = ordinary(&ada)
        .user_id("Ada at work", &mortal)
        .on_user_id(&ada.revokes_user_id(before()).with(reason(USER_ID_INVALID)))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_revocation_by_somebody_else_revokes_nothing() {
    let (ada, mallory) = (key(), key());
    let certificate = CertificateDraft::of(&ada)
        .on_key(&mallory.revokes_itself(before()))
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

/// A revocation that claims to be the key's own and is not.
#[test]
fn a_forged_revocation_revokes_nothing() {
    let (ada, mallory) = (key(), key());
    let forged = mallory.revokes_itself(before()).claiming_to_be_by(&ada);
    let certificate = CertificateDraft::of(&ada)
        .on_key(&forged)
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_revocation_that_names_nobody_still_revokes() {
    let ada = key();
    let anonymous = ada.revokes_itself(before()).bare().dated(before());
    let certificate = CertificateDraft::of(&ada)
        .on_key(&anonymous)
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-revoked"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG does not try a self-signature that names nobody")
        .check();
}

#[test]
fn a_revocation_that_stands_in_the_wrong_place_still_revokes() {
    let ada = key();
    let certificate = misplaced(&ada, &ada.revokes_itself(before()));
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-revoked"])
        .gpg(&[Said::KeyRevoked])
        .check();
}

/// A signature over the primary key, put behind the user ID.
fn misplaced(key: &Key, draft: &Draft<'_>) -> Vec<u8> {
    ordinary(key).on_key(draft).bytes()
}

#[test]
fn a_revocation_with_a_weak_hash_still_revokes() {
    let ada = key();
    let weak = ada.revokes_itself(before()).hash(HashAlgorithm::Sha1);
    let certificate = CertificateDraft::of(&ada)
        .on_key(&weak)
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate)
        .refused(&["key-revoked"])
        .gpg(&[Said::KeyRevoked])
        .check();
}

/// One copy of the certificate is older than the revocation, and both are at hand.
#[test]
fn an_older_copy_does_not_hide_a_revocation() {
    let ada = key();
    let newer = CertificateDraft::of(&ada)
        .on_key(&ada.revokes_itself(after()))
        .user_id("Ada", &ada.certifies(MADE))
        .bytes();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&ada))
        .knowing(newer)
        .refused(&["key-revoked"])
        .gpg(&[Said::KeyRevoked])
        .check();
}
