//! Signing and verifying with real keys: what is covered, what is noticed, and whose
//! signatures count. Runs for every engine.

#![allow(clippy::unwrap_used)]

use sifseal_conformance_tests::workshop::{
    NOW, Workshop, asking, at, certificate, edit, flip, new_key, sign_with, verify_with,
};
use sifseal_conformance_tests::{engines, pairs};
use sifseal_core::integrity::{Refusal, Requirement, Threshold, VerifyOptions};
use sifseal_core::openpgp::TransferableSecretKey;
use sifseal_core::openpgp::cleartext;
use sifseal_core::policy::{JudgedAt, Policy};
use sifseal_core::sif::{DeleteMode, Image, ObjectId};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeyStore};
use sifseal_keystore_file::FileKeyStore;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

/// Ada and her certificate in a store, and an image with two objects.
struct Bench {
    engine: Arc<dyn Engine>,
    shop: Workshop,
    store: FileKeyStore,
    ada: TransferableSecretKey,
    image: PathBuf,
}

impl Bench {
    fn all() -> impl Iterator<Item = Self> {
        engines().into_iter().map(|engine| {
            let shop = Workshop::new();
            let store = FileKeyStore::open(shop.path("keys"), Arc::clone(&engine));
            let image = shop.image("image.sif", 1).unwrap();
            let ada = new_key(&*engine, "Ada <ada@example.com>", KeyAlgorithm::Ed25519).unwrap();
            let bench = Self {
                engine,
                shop,
                store,
                ada,
                image,
            };
            bench.trust(&bench.ada);
            bench
        })
    }

    fn trust(&self, key: &TransferableSecretKey) {
        let (_, key) = certificate(&*self.engine, key).unwrap();
        self.store.insert(&at(NOW), &key).unwrap();
    }

    fn sign(&self, key: &TransferableSecretKey, groups: &[u32], objects: &[u32]) -> Vec<ObjectId> {
        sign_with(
            &*self.engine,
            &self.image,
            key,
            &asking(groups, objects),
            NOW,
        )
        .unwrap()
    }

    fn ask(&self, groups: &[u32], objects: &[u32], options: &VerifyOptions) -> Option<Refusal> {
        let report = verify_with(
            &*self.engine,
            &self.store,
            &self.image,
            &asking(groups, objects),
            options,
        )
        .unwrap();
        assert_eq!(report.is_verified(), report.refusal().is_none());
        report.refusal().cloned()
    }

    fn verify(&self) -> Option<Refusal> {
        self.ask(&[], &[], &VerifyOptions::default())
    }

    fn refused_as(&self) -> &'static str {
        self.verify().map_or("verified", |refusal| refusal.name())
    }

    fn other_key(&self, name: &str) -> TransferableSecretKey {
        new_key(&*self.engine, name, KeyAlgorithm::Ed25519).unwrap()
    }
}

fn id(number: u32) -> ObjectId {
    ObjectId::new(number).unwrap()
}

#[test]
fn a_signed_image_verifies_and_says_who_signed() {
    for bench in Bench::all() {
        assert_eq!(bench.refused_as(), "no-signature");
        assert_eq!(bench.sign(&bench.ada, &[], &[]), [id(3)]);
        assert_eq!(bench.verify(), None);

        let sources = &asking(&[], &[]);
        let options = VerifyOptions::default();
        let report = verify_with(
            &*bench.engine,
            &bench.store,
            &bench.image,
            sources,
            &options,
        )
        .unwrap();
        let signer = report.signatures[0].signer.clone().unwrap();
        assert_eq!(signer.fingerprint, bench.ada.fingerprint());
        assert_eq!(signer.user_id.as_deref(), Some("Ada <ada@example.com>"));
    }
}

#[test]
fn what_one_engine_signs_every_other_verifies() {
    for (signing, verifying) in pairs() {
        let shop = Workshop::new();
        let image = shop.image("image.sif", 2).unwrap();
        let store = FileKeyStore::open(shop.path("keys"), Arc::clone(&verifying));
        let all = asking(&[], &[]);
        let options = VerifyOptions::default();
        for (name, algorithm) in [
            ("Ada", KeyAlgorithm::Ed25519),
            ("Rita", KeyAlgorithm::Rsa(2048)),
        ] {
            let key = new_key(&*signing, name, algorithm).unwrap();
            let (_, public) = certificate(&*signing, &key).unwrap();
            store.insert(&at(NOW), &public).unwrap();
            sign_with(&*signing, &image, &key, &all, NOW).unwrap();
            let report = verify_with(&*verifying, &store, &image, &all, &options).unwrap();
            assert_eq!(report.refusal(), None, "{:?}", verifying.describe());
        }
    }
}

#[test]
fn the_user_guides_walk_sign_an_object_then_its_group_then_verify_works_on_one_file() {
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[1]);
        assert_eq!(bench.ask(&[], &[1], &VerifyOptions::default()), None);
        assert_eq!(bench.verify(), Some(Refusal::NotSigned(id(2))));
        bench.sign(&bench.ada, &[1], &[]);
        assert_eq!(bench.ask(&[1], &[], &VerifyOptions::default()), None);
        assert_eq!(bench.verify(), None);
    }
}

#[test]
fn every_covered_byte_that_changes_is_noticed() {
    /// Where things lie in an image of two objects (SIF: header 0, table 4096).
    const LAUNCH_SCRIPT: u64 = 3;
    const UUID: u64 = 48 + 5;
    const NAME_IN_FIRST_DESCRIPTOR: u64 = 4096 + 73;
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[]);
        let image = Image::open(&bench.image).unwrap();
        let object = |number| image.object(id(number)).unwrap();
        let cases = [
            (LAUNCH_SCRIPT, "header-changed"),
            (UUID, "header-changed"),
            (NAME_IN_FIRST_DESCRIPTOR, "descriptor-changed"),
            (object(1).offset(), "data-changed"),
            (object(2).end() - 1, "data-changed"),
        ];
        for (offset, reason) in cases {
            flip(&bench.image, offset);
            assert_eq!(bench.refused_as(), reason, "byte {offset}");
            flip(&bench.image, offset);
            assert_eq!(bench.refused_as(), "verified");
        }
    }
}

#[test]
fn no_byte_of_a_signature_can_change_unnoticed() {
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[]);
        let image = Image::open(&bench.image).unwrap();
        let signature = image.object(id(3)).unwrap();
        let text = image.read_small(signature, 1 << 20).unwrap();
        let packets = cleartext::read(&text).unwrap().packets;
        // Up to the checksum of the armor, which protects nothing.
        let checksum = text.windows(2).rposition(|part| part == b"\n=").unwrap();
        for at in 0..checksum {
            let mut changed = text.clone();
            changed[at] ^= 1;
            flip(&bench.image, signature.offset() + at as u64);
            if bench.refused_as() == "verified" {
                let changed = cleartext::read(&changed).unwrap().packets;
                assert_eq!(what_counts(&packets), what_counts(&changed), "byte {at}");
            }
            flip(&bench.image, signature.offset() + at as u64);
        }
    }
}

/// What decides: the fields up to the end of the hashed area, the first octets of the
/// digest, and the integers. The unhashed area is a hint for finding the key (RFC
/// 9580, section 5.2.3), and the bit lengths of integers are read for their octets
/// alone, because old Go programs wrote them wrong.
fn what_counts(packet: &[u8]) -> (&[u8], &[u8], Vec<&[u8]>) {
    const TWO_OCTET_HEADER: usize = 2;
    let number = |bytes: &[u8]| usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let body = &packet[TWO_OCTET_HEADER..];
    let (covered, rest) = body.split_at(6 + number(&body[4..]));
    let (prefix, mut rest) = rest[2 + number(rest)..].split_at(2);
    let mut integers = Vec::new();
    while !rest.is_empty() {
        let (integer, after) = rest[2..].split_at(number(rest).div_ceil(8));
        integers.push(integer);
        rest = after;
    }
    (covered, prefix, integers)
}

#[test]
fn a_signature_moved_to_another_image_is_refused() {
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[]);
        let other = bench.shop.image("other.sif", 1).unwrap();
        let image = Image::open(&bench.image).unwrap();
        let signature = image.object(id(3)).unwrap();
        let mut copy = sifseal_core::sif::NewObject::new(signature.data_type());
        copy.group = None;
        copy.link = signature.link();
        copy.extra = signature.extra();
        let mut editor = edit(&other).unwrap();
        editor.add(&copy, &mut image.data(signature), NOW).unwrap();
        drop(editor);
        let report = verify_with(
            &*bench.engine,
            &bench.store,
            &other,
            &asking(&[], &[]),
            &VerifyOptions::default(),
        )
        .unwrap();
        assert_eq!(report.refusal().unwrap().name(), "header-changed");
    }
}

#[test]
fn objects_added_to_or_taken_from_a_signed_group_are_noticed() {
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[]);
        let mut editor = edit(&bench.image).unwrap();
        let mut extra = sifseal_core::sif::NewObject::new(sifseal_core::sif::DataType::Generic);
        extra.name = "smuggled".into();
        let added = editor.add(&extra, &mut &b"x"[..], NOW).unwrap();
        assert_eq!(bench.verify(), Some(Refusal::NotSigned(added)));
        editor.delete(added, DeleteMode::Plain, NOW).unwrap();
        assert_eq!(bench.verify(), None);
        editor.delete(id(2), DeleteMode::Plain, NOW).unwrap();
        assert_eq!(bench.verify(), Some(Refusal::SignedObjectMissing(id(2))));
    }
}

#[test]
fn an_object_outside_of_all_groups_is_refused() {
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[]);
        let mut editor = edit(&bench.image).unwrap();
        let mut stray = sifseal_core::sif::NewObject::new(sifseal_core::sif::DataType::Generic);
        stray.group = None;
        editor.add(&stray, &mut &b"x"[..], NOW).unwrap();
        drop(editor);
        assert_eq!(bench.refused_as(), "object-without-group");
    }
}

#[test]
fn an_unknown_second_signer_spoils_only_the_default_verdict() {
    for bench in Bench::all() {
        let eve = bench.other_key("Eve <eve@example.com>");
        bench.sign(&bench.ada, &[], &[]);
        bench.sign(&eve, &[], &[]);
        assert_eq!(bench.refused_as(), "unknown-signer");

        let by = |signed_by: Vec<_>, threshold| {
            let requirement = Requirement {
                signed_by,
                threshold,
            };
            bench.ask(
                &[],
                &[],
                &VerifyOptions::new(Policy::default(), requirement),
            )
        };
        assert_eq!(by(vec![], Threshold::AtLeast(NonZeroUsize::MIN)), None);
        assert_eq!(by(vec![bench.ada.fingerprint()], Threshold::All), None);
        let eve_too = vec![bench.ada.fingerprint(), eve.fingerprint()];
        assert_eq!(by(eve_too, Threshold::All).unwrap().name(), "not-signed-by");
    }
}

#[test]
fn two_groups_are_two_signatures_and_each_can_be_asked_about() {
    for bench in Bench::all() {
        let image = bench.shop.image("two.sif", 2).unwrap();
        let bench = Bench { image, ..bench };
        assert_eq!(bench.sign(&bench.ada, &[2], &[]), [id(4)]);
        let options = VerifyOptions::default();
        assert_eq!(bench.ask(&[2], &[], &options), None);
        assert_eq!(bench.refused_as(), "no-signature");
        bench.sign(&bench.ada, &[1], &[]);
        assert_eq!(bench.verify(), None);
        assert_eq!(bench.ask(&[1, 2], &[1, 2, 3], &options), None);
    }
}

#[test]
fn a_key_that_expired_after_signing_spoils_nothing_w6() {
    for bench in Bench::all() {
        let spec = sifseal_core::traits::KeySpec {
            user_id: "Old <old@example.com>".into(),
            algorithm: KeyAlgorithm::Ed25519,
            expires_after: Some(10 * 86_400),
        };
        let made = NOW.plus(-100 * 86_400);
        let old = bench.engine.generate(&at(made), &spec, None).unwrap();
        bench.trust(&old);
        let then = made.plus(86_400);
        let selector = asking(&[], &[]);
        sign_with(&*bench.engine, &bench.image, &old, &selector, then).unwrap();
        assert_eq!(bench.verify(), None);
        let now = VerifyOptions::new(Policy::judging_at(JudgedAt::Now), Requirement::default());
        assert_eq!(bench.ask(&[], &[], &now).unwrap().name(), "key-expired");

        let refused = sign_with(&*bench.engine, &bench.image, &old, &selector, NOW).unwrap_err();
        assert!(refused.to_string().contains("key expired"), "{refused}");
    }
}

#[test]
fn the_descriptors_fingerprint_must_be_the_signers() {
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[]);
        /// The extra field of descriptor 3, behind its hash number.
        const ENTITY: u64 = 4096 + 2 * 585 + 201 + 4;
        flip(&bench.image, ENTITY);
        assert_eq!(bench.refused_as(), "signer-mismatch");
    }
}

#[test]
fn rsa_keys_sign_and_verify_too() {
    for bench in Bench::all() {
        let rsa = new_key(&*bench.engine, "Rita", KeyAlgorithm::Rsa(2048)).unwrap();
        bench.trust(&rsa);
        bench.sign(&rsa, &[], &[]);
        assert_eq!(bench.verify(), None);
    }
}

#[test]
fn data_that_a_changed_descriptor_points_at_is_not_read() {
    /// Offset and size of descriptor 2 (SIF: bytes 17 and 25 of 585).
    const OFFSET: u64 = 4096 + 585 + 17;
    const ENDLESS: u64 = 1 << 40;
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[]);
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(&bench.image)
            .unwrap();
        let end = file.metadata().unwrap().len().next_multiple_of(4096);
        // A sparse file: it costs nothing to make, and hours to read.
        file.set_len(end + ENDLESS).unwrap();
        let fields = [end.to_le_bytes(), ENDLESS.to_le_bytes()].concat();
        std::os::unix::fs::FileExt::write_all_at(&file, &fields, OFFSET).unwrap();
        assert_eq!(bench.verify(), Some(Refusal::DescriptorChanged(id(2))));
    }
}

#[test]
fn the_number_of_a_group_is_not_protected_w8() {
    /// Of descriptors 1 and 2 the group, of descriptor 3 the link (SIF: bytes 9 and 13
    /// of 585).
    const NUMBERS: [u64; 3] = [4096 + 9, 4096 + 585 + 9, 4096 + 2 * 585 + 13];
    const GROUP_5: u32 = 0xf000_0005;
    for bench in Bench::all() {
        bench.sign(&bench.ada, &[], &[]);
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(&bench.image)
            .unwrap();
        for offset in NUMBERS {
            let number = GROUP_5.to_le_bytes();
            std::os::unix::fs::FileExt::write_all_at(&file, &number, offset).unwrap();
        }
        // No reader that keeps to the format can notice; the objects are still those
        // that were signed, together and in their order.
        assert_eq!(bench.verify(), None);
        let options = VerifyOptions::default();
        assert_eq!(bench.ask(&[5], &[], &options), None);
        let refusal = bench.ask(&[1], &[], &options).unwrap();
        assert_eq!(refusal.to_string(), "group not found: 1");
        assert_eq!(refusal.hint().unwrap(), "the image has the groups: 5");
    }
}
