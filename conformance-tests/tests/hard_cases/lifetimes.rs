//! Keys and signatures that expire, and dates that cannot be.

use crate::people::{certificate, key, message, ordinary};
use crate::row::{DAY, MADE, NOW, SIGNED, row};
use sifseal_conformance_tests::craft::CertificateDraft;
use sifseal_conformance_tests::craft::subpacket::{created, expires_after, key_expires_after};
use sifseal_conformance_tests::gnupg::Said;
use sifseal_conformance_tests::gnupg::reason::TIME_CONFLICT;

const HALF_A_YEAR: u32 = 180 * 86_400;
const A_YEAR_AND_A_HALF: u32 = 540 * 86_400;

/// Why an expiry that came later matters to GnuPG and not to us.
const AT_SIGNING: &str = "GnuPG judges a key at the present, and ends with success all the same; \
                          we judge it when it signed (W-6), unless told `--at now`";

#[test]
fn a_plain_signature_is_good() {
    let ada = key();
    row(message(&ada.signs(SIGNED)))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_key_that_expired_after_it_signed_is_good() {
    let ada = key();
    let mortal = ada
        .certifies(MADE)
        .with(key_expires_after(A_YEAR_AND_A_HALF));
    row(message(&ada.signs(SIGNED)))
        .knowing(CertificateDraft::of(&ada).user_id("Ada", &mortal).bytes())
        .good()
        .gpg(&[Said::KeyExpired])
        .unlike_gpg(AT_SIGNING)
        .check();
}

#[test]
fn a_key_that_expired_after_it_signed_is_refused_when_judged_now() {
    let ada = key();
    let mortal = ada
        .certifies(MADE)
        .with(key_expires_after(A_YEAR_AND_A_HALF));
    row(message(&ada.signs(SIGNED)))
        .knowing(CertificateDraft::of(&ada).user_id("Ada", &mortal).bytes())
        .judged_now()
        .refused(&["key-expired"])
        .gpg(&[Said::KeyExpired])
        .check();
}

#[test]
fn a_key_that_signed_after_it_expired_is_refused() {
    let ada = key();
    let mortal = ada.certifies(MADE).with(key_expires_after(HALF_A_YEAR));
    row(message(&ada.signs(SIGNED)))
        .knowing(CertificateDraft::of(&ada).user_id("Ada", &mortal).bytes())
        .refused(&["key-expired"])
        .gpg(&[Said::KeyExpired])
        .check();
}

#[test]
fn a_key_whose_life_was_extended_before_it_signed_is_good() {
    let ada = key();
    let mortal = ada.certifies(MADE).with(key_expires_after(HALF_A_YEAR));
    row(message(&ada.signs(SIGNED)))
        .knowing(
            CertificateDraft::of(&ada)
                .user_id("Ada", &mortal)
                .on_user_id(&ada.certifies(MADE.plus(100 * DAY)))
                .bytes(),
        )
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_key_whose_life_was_extended_only_after_it_signed_is_refused() {
    let ada = key();
    let mortal = ada.certifies(MADE).with(key_expires_after(HALF_A_YEAR));
    row(message(&ada.signs(SIGNED)))
        .knowing(
            CertificateDraft::of(&ada)
                .user_id("Ada", &mortal)
                .on_user_id(&ada.certifies(SIGNED.plus(DAY)))
                .bytes(),
        )
        .refused(&["key-expired"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG knows only the newest self-signature; we the one in force at signing")
        .check();
}

#[test]
fn a_key_that_expires_by_its_direct_key_signature_expires() {
    let ada = key();
    let mortal = ada.states(MADE).with(key_expires_after(HALF_A_YEAR));
    row(message(&ada.signs(SIGNED)))
        .knowing(
            CertificateDraft::of(&ada)
                .on_key(&mortal)
                .user_id("Ada", &ada.certifies(MADE))
                .bytes(),
        )
        .refused(&["key-expired"])
        .gpg(&[Said::KeyExpired])
        .check();
}

#[test]
fn a_subkey_that_expired_after_it_signed_is_good() {
    let (ada, sub) = (key(), key());
    let mortal = ada
        .binds(&sub, MADE)
        .with(key_expires_after(A_YEAR_AND_A_HALF));
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &mortal).bytes())
        .good()
        .gpg(&[Said::KeyExpired])
        .unlike_gpg(AT_SIGNING)
        .check();
}

#[test]
fn a_subkey_that_signed_after_it_expired_is_refused() {
    let (ada, sub) = (key(), key());
    let mortal = ada.binds(&sub, MADE).with(key_expires_after(HALF_A_YEAR));
    row(message(&sub.signs(SIGNED)))
        .knowing(ordinary(&ada).subkey(&sub, &mortal).bytes())
        .refused(&["key-expired"])
        .gpg(&[Said::KeyExpired])
        .check();
}

#[test]
fn a_subkey_expires_with_its_primary_key() {
    let (ada, sub) = (key(), key());
    let mortal = ada.certifies(MADE).with(key_expires_after(HALF_A_YEAR));
    row(message(&sub.signs(SIGNED)))
        .knowing(
            CertificateDraft::of(&ada)
                .user_id("Ada", &mortal)
                .subkey(&sub, &ada.binds(&sub, MADE))
                .bytes(),
        )
        .refused(&["key-expired"])
        .gpg(&[Said::KeyExpired])
        .check();
}

#[test]
fn an_expired_signature_is_refused() {
    let ada = key();
    row(message(&ada.signs(SIGNED).with(expires_after(3600))))
        .knowing(certificate(&ada))
        .refused(&["signature-expired"])
        .gpg(&[Said::SignatureExpired])
        .check();
}

#[test]
fn a_signature_that_has_not_expired_yet_is_good() {
    let ada = key();
    row(message(
        &ada.signs(SIGNED).with(expires_after(A_YEAR_AND_A_HALF)),
    ))
    .knowing(certificate(&ada))
    .good()
    .gpg(&[Said::Good])
    .check();
}

#[test]
fn a_lifetime_of_zero_is_for_ever() {
    let ada = key();
    let certification = ada.certifies(MADE).with(key_expires_after(0));
    row(message(&ada.signs(SIGNED).with(expires_after(0))))
        .knowing(
            CertificateDraft::of(&ada)
                .user_id("Ada", &certification)
                .bytes(),
        )
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn an_expiry_in_the_unhashed_area_is_anybodys_and_means_nothing() {
    let ada = key();
    row(message(
        &ada.signs(SIGNED).with_unhashed(expires_after(3600)),
    ))
    .knowing(certificate(&ada))
    .good()
    .gpg(&[Said::Good])
    .check();
}

#[test]
fn a_date_in_the_unhashed_area_is_no_date() {
    let ada = key();
    let undated = ada.signs(SIGNED).bare().with_unhashed(created(SIGNED));
    row(message(&undated.with_issuers()))
        .knowing(certificate(&ada))
        .refused(&["signature-undated"])
        .gpg(&[Said::Error(TIME_CONFLICT)])
        .check();
}

#[test]
fn a_signature_from_the_future_is_refused() {
    let ada = key();
    row(message(&ada.signs(NOW.plus(DAY))))
        .knowing(certificate(&ada))
        .refused(&["signature-from-the-future"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG only warns of a clock that is wrong")
        .check();
}

#[test]
fn a_clock_that_is_ten_minutes_fast_is_forgiven() {
    let ada = key();
    row(message(&ada.signs(NOW.plus(600))))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_signature_older_than_its_key_is_refused() {
    let ada = key();
    row(message(&ada.signs(MADE.plus(-DAY))))
        .knowing(certificate(&ada))
        .refused(&["signature-before-key"])
        .gpg(&[Said::Error(TIME_CONFLICT)])
        .check();
}

#[test]
fn a_signature_older_than_every_self_signature_of_its_key_is_good() {
    let ada = key();
    let refreshed = ada.certifies(SIGNED.plus(300 * DAY));
    row(message(&ada.signs(SIGNED)))
        .knowing(
            CertificateDraft::of(&ada)
                .user_id("Ada", &refreshed)
                .bytes(),
        )
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_subkey_bound_after_it_signed_is_good_if_it_existed() {
    let (ada, sub) = (key(), key());
    row(message(&sub.signs(SIGNED)))
        .knowing(
            ordinary(&ada)
                .subkey(&sub, &ada.binds(&sub, SIGNED.plus(DAY)))
                .bytes(),
        )
        .good()
        .gpg(&[Said::Good])
        .check();
}

#[test]
fn a_self_signature_that_has_expired_binds_nothing() {
    let ada = key();
    let short = ada.certifies(MADE).with(expires_after(HALF_A_YEAR));
    row(message(&ada.signs(SIGNED)))
        .knowing(CertificateDraft::of(&ada).user_id("Ada", &short).bytes())
        .refused(&["key-not-bound"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG takes no notice of a self-signature's own expiry")
        .check();
}

#[test]
fn a_lifetime_that_goes_beyond_what_a_date_can_say_has_not_ended() {
    let ada = key();
    let certification = ada.certifies(MADE).with(key_expires_after(u32::MAX));
    row(message(&ada.signs(SIGNED).with(expires_after(u32::MAX))))
        .knowing(
            CertificateDraft::of(&ada)
                .user_id("Ada", &certification)
                .bytes(),
        )
        .good()
        .gpg(&[Said::SignatureExpired])
        .unlike_gpg("GnuPG counts with 32 bits, and comes round to the past")
        .check();
}

/// What comes later wins (RFC 9580, section 5.2.3.9).
#[test]
fn of_two_dates_the_last_one_counts() {
    let ada = key();
    let signature = ada.signs(MADE.plus(-DAY)).with_also(created(SIGNED));
    row(message(&signature))
        .knowing(certificate(&ada))
        .good()
        .gpg(&[Said::Error(TIME_CONFLICT)])
        .unlike_gpg("GnuPG takes the first; RFC 9580 recommends the last")
        .check();
}

#[test]
fn of_two_lifetimes_the_last_one_counts() {
    let ada = key();
    let signature = ada
        .signs(SIGNED)
        .with(expires_after(A_YEAR_AND_A_HALF))
        .with_also(expires_after(3600));
    row(message(&signature))
        .knowing(certificate(&ada))
        .refused(&["signature-expired"])
        .gpg(&[Said::Good])
        .unlike_gpg("GnuPG takes the first; RFC 9580 recommends the last")
        .check();
}
