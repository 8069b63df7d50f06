//! Two libraries, one set of facts: whatever the bytes, all engines find the same
//! keys and the same junk, and tell the same about them.

use crate::support::*;
use sha2::Digest;
use sifseal_conformance_tests::{Gpg, require_corpus};
use sifseal_core::Timestamp;
use sifseal_core::openpgp::cleartext::CleartextMessage;
use sifseal_core::openpgp::framing::{Packet, tag, write};
use sifseal_core::openpgp::{
    Certificate, CertificateFacts, HashAlgorithm, Key, Maths, TransferableSecretKey,
};
use sifseal_core::traits::RawSignature;

/// The keys in these bytes, and the facts about each of them.
fn read_and_ask(bytes: &[u8]) -> Vec<CertificateFacts> {
    let ring = agreed_ring(bytes);
    let certificates = ring.keys.iter().map(|key| match key {
        Key::Certificate(certificate) => certificate.clone(),
        Key::Secret(secret) => certificate(secret),
    });
    certificates
        .map(|certificate| agreed_facts(&certificate))
        .collect()
}

fn every_verdict(facts: &CertificateFacts) -> Vec<&Maths> {
    let on_user_ids = facts
        .user_ids
        .iter()
        .flat_map(|user_id| &user_id.signatures);
    let on_subkeys = facts.subkeys.iter().flat_map(|subkey| &subkey.signatures);
    facts
        .on_primary
        .iter()
        .chain(on_user_ids)
        .chain(on_subkeys)
        .map(|signature| &signature.maths)
        .collect()
}

/// Self-signatures whose first two digest octets are right again after a change, as
/// an attacker would make them: only then is anything computed with the values.
///
/// Understood are signatures of version 4 with SHA-256 or SHA-512 on a user ID.
fn with_right_prefixes(certificate: &[u8]) -> Vec<u8> {
    let all: Vec<Packet<'_>> = packets(certificate).collect();
    let framed = |packet: &Packet<'_>| {
        let len = (packet.body.len() as u16).to_be_bytes();
        [&[0x99][..], &len, packet.body].concat()
    };
    let mut out = Vec::new();
    let mut user_id = None;
    for packet in &all {
        match (packet.tag, user_id) {
            (tag::USER_ID, _) => user_id = Some(packet.body),
            (tag::SIGNATURE, Some(user_id)) => {
                let mut body = packet.body.to_vec();
                let hashed_end = 6 + usize::from(u16::from_be_bytes([body[4], body[5]]));
                let unhashed_len = u16::from_be_bytes([body[hashed_end], body[hashed_end + 1]]);
                let prefix = hashed_end + 2 + usize::from(unhashed_len);
                let data = [
                    &framed(&all[0])[..],
                    &[0xB4],
                    &(user_id.len() as u32).to_be_bytes(),
                    user_id,
                    &body[..hashed_end],
                    &[4, 0xFF],
                    &(hashed_end as u32).to_be_bytes(),
                ]
                .concat();
                let digest = match body[3] {
                    8 => sha2::Sha256::digest(&data).to_vec(),
                    10 => sha2::Sha512::digest(&data).to_vec(),
                    other => panic!("hash algorithm {other}"),
                };
                body[prefix..prefix + 2].copy_from_slice(&digest[..2]);
                write(tag::SIGNATURE, &body, &mut out);
                continue;
            }
            _ => {}
        }
        out.extend_from_slice(packet.raw);
    }
    out
}

/// The primary key, the user ID, and its signature.
fn without_subkeys(certificate: &[u8]) -> Vec<u8> {
    let own = packets(certificate).take_while(|packet| !packet.is_subkey());
    own.flat_map(|packet| packet.raw.to_vec()).collect()
}

#[test]
fn every_changed_byte_of_a_certificate_means_the_same_to_all() {
    let bytes = certificate(&ed25519()).bytes;
    for at in 0..bytes.len() {
        for mask in [0x01, 0x80, 0xFF] {
            let mut changed = bytes.clone();
            changed[at] ^= mask;
            read_and_ask(&changed);
        }
    }
}

#[test]
fn a_certificate_cut_anywhere_means_the_same_to_all() {
    let bytes = certificate(&ed25519()).bytes;
    for len in 0..bytes.len() {
        read_and_ask(&bytes[..len]);
        read_and_ask(&bytes[len..]);
    }
}

#[test]
fn a_changed_secret_key_means_the_same_to_all() {
    let bytes = ed25519().bytes.expose().to_vec();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0xFF;
        read_and_ask(&changed);
    }
}

#[test]
fn every_algorithm_number_in_keys_and_signatures_means_the_same_to_all() {
    let bytes = certificate(&ed25519()).bytes;
    let all: Vec<Packet<'_>> = packets(&bytes).collect();
    let mut start = 0;
    for packet in &all {
        let body = start + packet.raw.len() - packet.body.len();
        // Of a signature: version, type, key algorithm, hash algorithm; of a key:
        // version and, behind the time, algorithm.
        let fields: &[usize] = match packet.tag {
            tag::SIGNATURE => &[0, 1, 2, 3],
            _ if packet.is_key() => &[0, 5],
            _ => &[],
        };
        for field in fields {
            for number in 0..=255 {
                let mut changed = bytes.clone();
                changed[body + field] = number;
                read_and_ask(&changed);
            }
        }
        start += packet.raw.len();
    }
}

/// Subpackets of every type, well-formed or not, critical or not, in both areas.
#[test]
fn whatever_stands_in_the_areas_of_a_signature_means_the_same_to_all() {
    let bytes = certificate(&ed25519()).bytes;
    let primary = Packet::first(&bytes).unwrap();
    let mut numbers = Numbers(3);
    for _ in 0..3000 {
        let [hashed, unhashed] = [(); 2].map(|()| {
            let count = numbers.below(5);
            let subpackets = (0..count).flat_map(|_| subpacket(&mut numbers));
            subpackets.collect::<Vec<u8>>()
        });
        let mut body = vec![4, 0x1F, 22, 8];
        for mut area in [hashed, unhashed] {
            // Now and then an area ends in the middle of a subpacket.
            if numbers.below(10) == 0 {
                area.pop();
            }
            body.extend((area.len() as u16).to_be_bytes());
            body.extend(area);
        }
        body.extend([0, 0, 0, 1, 1, 0, 1, 1]);
        let mut changed = primary.raw.to_vec();
        write(tag::SIGNATURE, &body, &mut changed);
        changed.extend_from_slice(&bytes[primary.raw.len()..]);
        read_and_ask(&changed);
    }
}

fn subpacket(numbers: &mut Numbers) -> Vec<u8> {
    let kind = numbers.below(42) as u8 | [0, 0x80][numbers.below(2)];
    // Those that carry facts have these lengths; other lengths spoil them.
    let len = [0, 1, 2, 4, 4, 8, 21, 33][numbers.below(8)] + usize::from(numbers.below(9) == 0);
    let mut data: Vec<u8> = (0..len).map(|_| numbers.below(4) as u8).collect();
    if kind & 0x7F == 20 {
        let [name, value] = [numbers.below(4), numbers.below(3)];
        data = vec![0, 0, 0, 0, 0, name as u8, 0, value as u8];
        data.extend(std::iter::repeat_n(b'n', name + value + numbers.below(2)));
        if numbers.below(4) == 0 {
            data[8..].fill(0xFF);
        }
    }
    if let (33, Some(version)) = (kind & 0x7F, data.first_mut()) {
        *version = [3, 4, 5, 6][numbers.below(4)];
    }
    [&[data.len() as u8 + 1, kind], &data[..]].concat()
}

#[test]
fn keys_and_signatures_of_gnupg_mean_the_same_to_all() {
    for algorithm in [
        "rsa2048", "dsa2048", "nistp256", "nistp384", "nistp521", "ed25519",
    ] {
        let Some((certificate, message)) = by_gnupg(algorithm) else {
            return;
        };
        let facts = agreed_facts(&certificate);
        let signatures = agreed(|engine| engine.signatures(&message, &[&certificate]));
        let trial = &signatures[0].trials[0].maths;
        for verdict in every_verdict(&facts).into_iter().chain([trial]) {
            assert_eq!(*verdict, Maths::Good, "{algorithm}");
        }
    }
}

/// Neither library computes on Brainpool's curves in this build, and Sequoia not on
/// Bitcoin's: then it is "cannot tell", never good and never bad.
#[test]
fn what_a_library_lacks_is_told_by_its_name() {
    for (algorithm, lacking) in [
        ("brainpoolP256r1", &["rpgp", "sequoia"][..]),
        ("brainpoolP384r1", &["rpgp", "sequoia"]),
        ("brainpoolP512r1", &["rpgp", "sequoia"]),
        ("secp256k1", &["sequoia"]),
    ] {
        let Some((certificate, message)) = by_gnupg(algorithm) else {
            return;
        };
        for engine in subjects() {
            let expected = match lacking.contains(&engine.name()) {
                true => Maths::Unsupported(format!("ECDSA {algorithm}")),
                false => Maths::Good,
            };
            let facts = engine.facts(&certificate);
            let trial = engine.only_trial(&message, &certificate).1;
            for verdict in every_verdict(&facts).into_iter().chain([&trial]) {
                assert_eq!(*verdict, expected, "{}", engine.name());
            }
        }
    }
}

/// A certificate and a message made by GnuPG; `None` where there is no GnuPG.
fn by_gnupg(algorithm: &str) -> Option<(Certificate, String)> {
    let gpg = Gpg::new()?;
    gpg.quick_generate("Grace", algorithm, "cert,sign", "");
    let message = gpg.run(&["--clearsign"], b"text\n");
    let certificate = agreed_certificate(&gpg.public_keys());
    Some((certificate, String::from_utf8(message).unwrap()))
}

#[test]
fn an_expired_and_a_revoked_key_of_gnupg_mean_the_same_to_all() {
    let Some(gpg) = Gpg::new() else { return };
    gpg.run(
        &[
            "--passphrase",
            "",
            "--faked-system-time",
            "20200101T000000",
            "--quick-gen-key",
            "Grace",
            "rsa2048",
            "cert,sign",
            "1d",
        ],
        b"",
    );
    let facts = read_and_ask(&gpg.public_keys());
    let certification = &facts[0].user_ids[0].signatures[0];
    assert_eq!(certification.maths, Maths::Good);
    assert_eq!(certification.key_expires_after, Some(86_400));

    let Some(gpg) = Gpg::new() else { return };
    gpg.quick_generate("Grace", "ed25519", "cert,sign", "");
    let fingerprint = agreed_certificate(&gpg.public_keys())
        .fingerprint()
        .to_string();
    let revocation = gpg.ready_revocation(&fingerprint);
    gpg.run(&["--import"], &revocation);
    let facts = read_and_ask(&gpg.public_keys());
    let [revocation] = facts[0].on_primary.as_slice() else {
        panic!("one revocation");
    };
    assert_eq!(revocation.maths, Maths::Good);
}

/// The values of the key and of the signature are changed, and the digest's first
/// octets made right, so that the libraries compute with what they get.
#[test]
fn changed_values_of_any_algorithm_make_nobody_panic_and_mean_the_same_to_all() {
    let mut sources = vec![without_subkeys(&certificate(&ed25519()).bytes)];
    if let Some(gpg) = Gpg::new() {
        for algorithm in ["rsa2048", "dsa2048", "nistp256", "nistp521"] {
            gpg.quick_generate(algorithm, algorithm, "cert,sign", "");
        }
        let ring = agreed_ring(&gpg.public_keys());
        sources.extend(ring.keys.iter().map(|key| without_subkeys(key.bytes())));
    }
    for source in sources {
        let unchanged = &read_and_ask(&with_right_prefixes(&source))[0];
        assert_eq!(every_verdict(unchanged), [&Maths::Good]);

        let primary = Packet::first(&source).unwrap();
        let head = primary.raw.len() - primary.body.len();
        let signature_values = source.len() - 60..source.len();
        for at in (head + 6..primary.raw.len()).chain(signature_values) {
            for mask in [0x01, 0x80] {
                let mut changed = source.clone();
                changed[at] ^= mask;
                if packets(&changed).count() != 3 {
                    continue;
                }
                for facts in read_and_ask(&with_right_prefixes(&changed)) {
                    // The lowest bit may be one of an integer's length in bits,
                    // which is not believed; the highest one changes its octets.
                    let is_good = every_verdict(&facts).contains(&&Maths::Good);
                    assert!(!is_good || mask == 0x01, "byte {at}");
                }
            }
        }
    }
}

/// A message with this body of a signature packet.
fn message_with(signature: &[u8]) -> CleartextMessage {
    let mut packets = Vec::new();
    write(tag::SIGNATURE, signature, &mut packets);
    CleartextMessage {
        hashes: vec![HashAlgorithm::Sha256],
        text: "text".to_owned(),
        packets,
    }
}

/// The end of a signature packet by an Ed25519 key with SHA-256 over `text` and what
/// the signature adds: the digest's first octets, and two integers.
fn signed(engine: &Subject, key: &TransferableSecretKey, trailer: &[u8]) -> Vec<u8> {
    let digest = sha2::Sha256::digest([b"text", trailer].concat());
    let signer = engine.signer(key);
    let raw = signer.sign_digest(&cx(), HashAlgorithm::Sha256, &digest);
    let RawSignature::EdDsa(values) = raw.unwrap() else {
        panic!("an Ed25519 signature");
    };
    // Integers with leading zeros, as old programs wrote them.
    let length = 256u16.to_be_bytes();
    let [r, s] = [&values[..32], &values[32..]];
    [&digest[..2], &length, r, &length, s].concat()
}

#[test]
fn a_signature_of_version_3_is_verified_to_its_last_octet() {
    for engine in subjects() {
        let key = engine.ed25519();
        let covered = [1, 0x65, 0, 0, 0];
        let id = key.fingerprint().key_id().0;
        let end = signed(&engine, &key, &covered);
        let body = [&[3, 5][..], &covered, &id, &[22, 8], &end].concat();
        let (message, certificate) = (message_with(&body), certificate(&key));
        let facts = agreed(|engine| engine.signature_facts(&message, &[&certificate]).unwrap());
        assert_eq!((facts[0].version, facts[0].kind), (3, 1));
        assert_eq!(facts[0].created, Some(Timestamp(0x6500_0000)));
        assert_eq!(facts[0].trials[0].maths, Maths::Good);

        let longer = message_with(&[&body[..], &[0]].concat());
        let facts = agreed(|engine| engine.signature_facts(&longer, &[&certificate]).unwrap());
        assert_eq!(facts[0].trials[0].maths, Maths::Bad, "an octet behind it");
    }
}

/// Anyone can write into the unhashed area: it must not be a way to make a good
/// signature disappear. And of two hashed statements the last one counts.
#[test]
fn a_broken_unhashed_area_hides_no_signature() {
    for engine in subjects() {
        let key = engine.ed25519();
        let issuer = [&[22, 33, 4], key.fingerprint().as_bytes()].concat();
        let times = [5, 2, 0x65, 0, 0, 0, 5, 2, 0x66, 0, 0, 0];
        let hashed = [&times[..], &issuer].concat();
        let covered = [&[4, 1, 22, 8, 0, hashed.len() as u8], &hashed[..]].concat();
        let frame = [&[4, 0xFF][..], &(covered.len() as u32).to_be_bytes()].concat();
        let end = signed(&engine, &key, &[&covered[..], &frame].concat());
        // Seven octets are said to follow, and two do.
        let body = [&covered[..], &[0, 3, 7, 2, 0], &end].concat();
        let (message, certificate) = (message_with(&body), certificate(&key));
        let facts = agreed(|engine| engine.signature_facts(&message, &[&certificate]).unwrap());
        assert_eq!(facts[0].created, Some(Timestamp(0x6600_0000)));
        assert_eq!(facts[0].trials[0].maths, Maths::Good);
    }
}

#[test]
fn every_key_of_the_corpus_means_the_same_to_all() {
    let Some(corpus) = require_corpus() else {
        return;
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus.join("keys")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        seen += read_and_ask(&bytes).len();
    }
    assert!(seen > 0);
}
