//! Facts about certificates in every state, the states made with rPGP itself: the
//! right ones, and the same from every engine.

use crate::support::*;
use pgp::composed::{Deserializable, SignedSecretKey};
use pgp::crypto::hash::HashAlgorithm as PgpHash;
use pgp::packet::{
    KeyFlags as PgpFlags, Notation, RevocationCode, SignatureConfig, SignatureType, Subpacket,
    SubpacketData,
};
use pgp::ser::Serialize;
use pgp::types::{Duration, KeyDetails, Password, Tag, Timestamp as PgpTime};
use sifseal_core::openpgp::{
    Certificate, CertificateFacts, HashAlgorithm, KeyFlags, Maths, RevocationReason,
    SelfSignatureKind, TransferableSecretKey,
};
use sifseal_core::{ErrorKind, Timestamp};

/// A key of ours in rPGP's hands.
fn in_rpgp(key: &TransferableSecretKey) -> SignedSecretKey {
    SignedSecretKey::from_bytes(key.bytes.expose()).unwrap()
}

fn regular(data: SubpacketData) -> Subpacket {
    Subpacket::regular(data).unwrap()
}

/// A statement by the key about itself, made at `NOW`.
fn statement(key: &SignedSecretKey, kind: SignatureType, more: Vec<Subpacket>) -> SignatureConfig {
    let mut config = SignatureConfig::v4(kind, key.primary_key.algorithm(), PgpHash::Sha256);
    config.hashed_subpackets = vec![
        regular(SubpacketData::SignatureCreationTime(PgpTime::from_secs(
            NOW.0 as u32,
        ))),
        regular(SubpacketData::IssuerFingerprint(
            key.primary_key.fingerprint(),
        )),
    ];
    config.hashed_subpackets.extend(more);
    config
}

fn packet(body: &impl Serialize) -> Vec<u8> {
    let body = body.to_bytes().unwrap();
    let len = (body.len() as u32).to_be_bytes();
    [&[0xC2, 0xFF][..], &len, &body].concat()
}

/// The certificate of a key with a signature put behind its first packet.
fn with_on_primary(key: &TransferableSecretKey, signature: &[u8]) -> Certificate {
    let bytes = certificate(key).bytes;
    let primary_len = 2 + usize::from(bytes[1]);
    let (primary, rest) = bytes.split_at(primary_len);
    agreed_certificate(&[primary, signature, rest].concat())
}

/// The certificate of a key with a signature put at its end, on its subkey.
fn with_on_subkey(key: &TransferableSecretKey, signature: &[u8]) -> Certificate {
    agreed_certificate(&[&certificate(key).bytes[..], signature].concat())
}

/// Facts after a certification with these subpackets was put on the user ID.
fn certified_with(config: impl FnOnce(&SignedSecretKey) -> SignatureConfig) -> CertificateFacts {
    let key = ed25519();
    let own = in_rpgp(&key);
    let user_id = own.details.users[0].id.clone();
    let signature = config(&own)
        .sign_certification(
            &own.primary_key,
            own.primary_key.public_key(),
            &Password::empty(),
            Tag::UserId,
            &user_id,
        )
        .unwrap();
    let bytes = certificate(&key).bytes;
    let primary_len = 2 + usize::from(bytes[1]);
    let user_id_len = 2 + usize::from(bytes[primary_len + 1]);
    let (before, after) = bytes.split_at(primary_len + user_id_len);
    agreed_facts(&agreed_certificate(
        &[before, &packet(&signature), after].concat(),
    ))
}

#[test]
fn an_expiry_of_the_key_and_of_the_signature_are_two_facts() {
    let facts = certified_with(|own| {
        statement(
            own,
            SignatureType::CertPositive,
            vec![
                regular(SubpacketData::KeyExpirationTime(Duration::from_secs(100))),
                regular(SubpacketData::SignatureExpirationTime(Duration::from_secs(
                    200,
                ))),
            ],
        )
    });
    let certification = &facts.user_ids[0].signatures[0];
    assert_eq!(certification.maths, Maths::Good);
    assert_eq!(certification.key_expires_after, Some(100));
    assert_eq!(certification.expires_after, Some(200));
}

#[test]
fn an_expiry_of_zero_is_none() {
    let facts = certified_with(|own| {
        let never = SubpacketData::KeyExpirationTime(Duration::from_secs(0));
        statement(own, SignatureType::CertPositive, vec![regular(never)])
    });
    let certification = &facts.user_ids[0].signatures[0];
    assert_eq!(certification.maths, Maths::Good);
    assert_eq!(certification.key_expires_after, None);
}

#[test]
fn what_an_attacker_adds_to_the_unhashed_area_is_no_fact() {
    let facts = certified_with(|own| {
        let mut config = statement(own, SignatureType::CertPositive, vec![]);
        config.unhashed_subpackets = vec![
            regular(SubpacketData::KeyExpirationTime(Duration::from_secs(1))),
            regular(SubpacketData::SignatureExpirationTime(Duration::from_secs(
                1,
            ))),
            regular(SubpacketData::IsPrimary(true)),
            Subpacket::critical(SubpacketData::Experimental(100, vec![1].into())).unwrap(),
        ];
        config
    });
    let certification = &facts.user_ids[0].signatures[0];
    assert_eq!(certification.maths, Maths::Good);
    assert_eq!(certification.key_expires_after, None);
    assert_eq!(certification.expires_after, None);
    assert!(!certification.primary_user_id);
    assert!(certification.unknown_critical.is_empty());
}

#[test]
fn critical_things_that_nobody_understands_are_named() {
    let facts = certified_with(|own| {
        let notation = |name: &'static str| {
            Subpacket::critical(SubpacketData::Notation(Notation {
                readable: false,
                name: name.into(),
                value: "x".into(),
            }))
            .unwrap()
        };
        statement(
            own,
            SignatureType::CertPositive,
            vec![
                notation("salt@notations.sequoia-pgp.org"),
                notation("policy@example.com"),
                Subpacket::critical(SubpacketData::Experimental(101, vec![1].into())).unwrap(),
                regular(SubpacketData::Experimental(102, vec![1].into())),
            ],
        )
    });
    let certification = &facts.user_ids[0].signatures[0];
    assert_eq!(certification.maths, Maths::Good);
    assert_eq!(
        certification.unknown_critical,
        ["notation policy@example.com", "subpacket 101"]
    );
}

#[test]
fn a_weak_hash_is_told_and_the_maths_are_done() {
    // rPGP refuses to make one with Ed25519, so an RSA key makes it.
    let key = rsa();
    let own = in_rpgp(&key);
    let mut config = statement(&own, SignatureType::Key, vec![]);
    config.hash_alg = PgpHash::Sha1;
    let signature = config
        .sign_key(
            &own.primary_key,
            &Password::empty(),
            own.primary_key.public_key(),
        )
        .unwrap();
    let bytes = [&certificate(&key).bytes[..], &packet(&signature)].concat();
    let facts = agreed_facts(&agreed_certificate(&bytes));
    assert_eq!(facts.on_primary[0].hash, HashAlgorithm::Sha1);
    assert_eq!(facts.on_primary[0].maths, Maths::Good);
}

fn revocation(
    own: &SignedSecretKey,
    kind: SignatureType,
    code: Option<RevocationCode>,
) -> SignatureConfig {
    let reason = code.map(|code| regular(SubpacketData::RevocationReason(code, "why".into())));
    statement(own, kind, reason.into_iter().collect())
}

#[test]
fn a_revoked_key_says_so_and_why() {
    for (code, reason, soft) in [
        (None, None, false),
        (
            Some(RevocationCode::NoReason),
            Some(RevocationReason::Unspecified),
            false,
        ),
        (
            Some(RevocationCode::KeyCompromised),
            Some(RevocationReason::Compromised),
            false,
        ),
        (
            Some(RevocationCode::KeySuperseded),
            Some(RevocationReason::Superseded),
            true,
        ),
        (
            Some(RevocationCode::KeyRetired),
            Some(RevocationReason::Retired),
            true,
        ),
    ] {
        let key = ed25519();
        let own = in_rpgp(&key);
        let signature = revocation(&own, SignatureType::KeyRevocation, code)
            .sign_key(
                &own.primary_key,
                &Password::empty(),
                own.primary_key.public_key(),
            )
            .unwrap();
        // In its place, and moved behind the subkey: it must not get lost.
        for certificate in [
            with_on_primary(&key, &packet(&signature)),
            with_on_subkey(&key, &packet(&signature)),
        ] {
            let facts = agreed_facts(&certificate);
            let [revocation] = facts.on_primary.as_slice() else {
                panic!("one revocation");
            };
            assert_eq!(revocation.kind, SelfSignatureKind::KeyRevocation);
            assert_eq!(revocation.maths, Maths::Good);
            assert_eq!(revocation.revocation_reason, reason);
            assert_eq!(reason.is_some_and(RevocationReason::is_soft), soft);
        }
    }
}

#[test]
fn a_revoked_subkey_says_so() {
    let key = ed25519();
    let own = in_rpgp(&key);
    let signature = revocation(&own, SignatureType::SubkeyRevocation, None)
        .sign_subkey_binding(
            &own.primary_key,
            own.primary_key.public_key(),
            &Password::empty(),
            own.secret_subkeys[0].key.public_key(),
        )
        .unwrap();
    let facts = agreed_facts(&with_on_subkey(&key, &packet(&signature)));
    let revocation = &facts.subkeys[0].signatures[1];
    assert_eq!(revocation.kind, SelfSignatureKind::SubkeyRevocation);
    assert_eq!(revocation.maths, Maths::Good);
}

/// A certificate whose signing subkey is another key's primary, adopted with a
/// back signature by `answers`, or without one.
fn adopted(answers: Option<&TransferableSecretKey>) -> CertificateFacts {
    let (key, child) = (ed25519(), ed25519());
    let (own, adopted) = (in_rpgp(&key), in_rpgp(&child));
    let subkey = adopted.primary_key.public_key();
    let mut flags = PgpFlags::default();
    flags.set_sign(true);
    let mut more = vec![regular(SubpacketData::KeyFlags(flags))];
    if let Some(answers) = answers {
        // The right child answers if the stranger is not asked to.
        let signer = match answers.fingerprint() == STRANGER.fingerprint() {
            true => in_rpgp(&STRANGER),
            false => adopted.clone(),
        };
        let back = statement(&signer, SignatureType::KeyBinding, vec![])
            .sign_primary_key_binding(
                &signer.primary_key,
                subkey,
                &Password::empty(),
                own.primary_key.public_key(),
            )
            .unwrap();
        more.push(regular(SubpacketData::EmbeddedSignature(Box::new(back))));
    }
    let binding = statement(&own, SignatureType::SubkeyBinding, more)
        .sign_subkey_binding(
            &own.primary_key,
            own.primary_key.public_key(),
            &Password::empty(),
            subkey,
        )
        .unwrap();
    let body = subkey.to_bytes().unwrap();
    let subkey_packet = [&[0xCE, body.len() as u8][..], &body].concat();
    let bytes = [certificate(&key).bytes, subkey_packet, packet(&binding)].concat();
    agreed_facts(&agreed_certificate(&bytes))
}

static STRANGER: std::sync::LazyLock<TransferableSecretKey> = std::sync::LazyLock::new(ed25519);

#[test]
fn a_signing_subkey_is_told_with_and_without_its_own_answer() {
    let child = ed25519();
    for (answers, expected) in [
        (None, None),
        (Some(&child), Some(Maths::Good)),
        (Some(&*STRANGER), Some(Maths::Bad)),
    ] {
        let facts = adopted(answers);
        let binding = &facts.subkeys[1].signatures[0];
        assert_eq!(binding.maths, Maths::Good);
        assert_eq!(binding.key_flags, Some(KeyFlags(0x02)));
        let back = binding.back_signature.as_ref();
        assert_eq!(back.map(|back| back.maths.clone()), expected);
        assert_eq!(
            back.and_then(|back| back.created),
            expected.map(|_| Timestamp(NOW.0))
        );
    }
}

#[test]
fn a_flipped_bit_makes_a_self_signature_bad_and_nothing_else() {
    let mut bytes = certificate(&ed25519()).bytes;
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let facts = agreed_facts(&agreed_certificate(&bytes));
    assert_eq!(facts.user_ids[0].signatures[0].maths, Maths::Good);
    assert_eq!(facts.subkeys[0].signatures[0].maths, Maths::Bad);
}

#[test]
fn another_persons_certification_is_no_fact_about_the_key() {
    let (key, friend) = (ed25519(), ed25519());
    let (own, other) = (in_rpgp(&key), in_rpgp(&friend));
    let signature = statement(&other, SignatureType::KeyRevocation, vec![])
        .sign_key(
            &other.primary_key,
            &Password::empty(),
            own.primary_key.public_key(),
        )
        .unwrap();
    let facts = agreed_facts(&with_on_primary(&key, &packet(&signature)));
    assert!(facts.on_primary.is_empty());
}

#[test]
fn a_signature_that_names_nobody_is_tried() {
    let key = ed25519();
    let own = in_rpgp(&key);
    let mut config = statement(&own, SignatureType::Key, vec![]);
    config.hashed_subpackets.truncate(1);
    let signature = config
        .sign_key(
            &own.primary_key,
            &Password::empty(),
            own.primary_key.public_key(),
        )
        .unwrap();
    let facts = agreed_facts(&with_on_primary(&key, &packet(&signature)));
    assert_eq!(facts.on_primary[0].kind, SelfSignatureKind::DirectKey);
    assert_eq!(facts.on_primary[0].maths, Maths::Good);
}

#[test]
fn an_unknown_hash_is_unsupported_and_not_bad() {
    let mut bytes = certificate(&ed25519()).bytes;
    // The last packet is the binding: version, type, key and hash algorithm.
    let start = bytes
        .windows(4)
        .rposition(|w| w == [4, 0x18, 22, 10])
        .unwrap();
    bytes[start + 3] = 99;
    let facts = agreed_facts(&agreed_certificate(&bytes));
    let binding = &facts.subkeys[0].signatures[0];
    assert_eq!(binding.hash, HashAlgorithm::Other(99));
    assert_eq!(
        binding.maths,
        Maths::Unsupported("hash algorithm 99".to_owned())
    );
}

/// The old Go library wrote eight times the octets as the length in bits of an
/// RSA signature, whether the first octet was full or not.
#[test]
fn a_signature_with_the_wrong_bit_length_of_old_go_programs_is_good() {
    let key = rsa();
    let own = in_rpgp(&key);
    let value_len = 2 + 256;
    // Half of all values fill their first octet and cannot show it.
    let signature = (0u32..)
        .map(|seconds| {
            let expiry = SubpacketData::SignatureExpirationTime(Duration::from_secs(seconds));
            let signature = statement(&own, SignatureType::Key, vec![regular(expiry)])
                .sign_key(
                    &own.primary_key,
                    &Password::empty(),
                    own.primary_key.public_key(),
                )
                .unwrap();
            packet(&signature)
        })
        .find(|packet| (0x07F9..0x0800).contains(&bits(packet, value_len)))
        .unwrap();
    let mut wrong = signature.clone();
    let at = wrong.len() - value_len;
    wrong[at..at + 2].copy_from_slice(&0x0800u16.to_be_bytes());
    for signature in [signature, wrong] {
        let bytes = [&certificate(&key).bytes[..], &signature].concat();
        let facts = agreed_facts(&agreed_certificate(&bytes));
        assert_eq!(facts.on_primary[0].maths, Maths::Good);
    }
}

fn bits(packet: &[u8], value_len: usize) -> u16 {
    let at = packet.len() - value_len;
    u16::from_be_bytes([packet[at], packet[at + 1]])
}

#[test]
fn two_keys_in_one_certificate_are_refused() {
    let mut two = certificate(&ed25519());
    two.bytes.extend(certificate(&ed25519()).bytes);
    let kind = agreed(|engine| engine.certificate_facts(&two).unwrap_err().kind());
    assert_eq!(kind, ErrorKind::Malformed);
}
