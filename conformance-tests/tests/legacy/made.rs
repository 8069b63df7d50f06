//! Images as old programs signed them.

use super::*;
use sifseal_core::integrity::{ObjectState, Unprotected};
use sifseal_core::sif::SignatureHash;
use std::num::NonZeroUsize;

#[test]
fn a_signed_primary_partition_verifies_when_nothing_is_said() {
    for bench in Bench::all() {
        bench.by_ada().object(&bench.image, 2).unwrap();
        bench.expect(&bench.image, Ask::Primary, "verified");
        bench.expect(&bench.image, Ask::Object(2), "verified");
        bench.expect(&bench.image, Ask::Object(1), "no-signature");
        bench.expect(&bench.image, Ask::Group(1), "no-signature");
        bench.expect(&bench.image, Ask::All, "no-signature");
        bench.expect(&bench.image, Ask::Modern, "only-legacy-signatures");
    }
}

#[test]
fn a_signed_group_verifies_as_a_group_and_not_by_its_objects() {
    for bench in Bench::all() {
        bench.by_ada().group(&bench.image, 1).unwrap();
        bench.expect(&bench.image, Ask::Group(1), "verified");
        for ask in [Ask::Primary, Ask::Object(1), Ask::All] {
            bench.expect(&bench.image, ask, "no-signature");
        }
        bench.expect(&bench.image, Ask::Group(7), "not-there");
        bench.expect(&bench.image, Ask::Modern, "only-legacy-signatures");
        let refusal = bench.report(&bench.image, Ask::Primary);
        let hint = refusal.refusal().unwrap().hint().unwrap().into_owned();
        assert_eq!(hint, "verify with `-g 1`");
    }
}

#[test]
fn all_means_every_object_of_every_group_each_by_itself() {
    for bench in Bench::all() {
        let image = bench.shop.image("two.sif", 2).unwrap();
        for object in 1..=2 {
            bench.by_ada().object(&image, object).unwrap();
        }
        bench.expect(&image, Ask::All, "no-signature");
        bench.by_ada().object(&image, 3).unwrap();
        bench.expect(&image, Ask::All, "verified");
        let report = bench.report(&image, Ask::All);
        assert_eq!(
            report.questions.len(),
            3,
            "signatures are no objects to verify"
        );
        let others = |open: &Unprotected| matches!(open, Unprotected::OtherObjects(_));
        assert!(!report.unprotected.iter().any(others));
    }
}

#[test]
fn every_hash_that_the_format_has_and_openpgp_too_can_be_the_digests() {
    for bench in Bench::all() {
        for hash in [
            SignatureHash::Sha256,
            SignatureHash::Sha384,
            SignatureHash::Sha512,
        ] {
            let image = copy(&bench, &format!("{hash}.sif"));
            let signer = LegacySigner {
                hash,
                ..bench.by_ada()
            };
            signer.object(&image, 2).unwrap();
            signer.group(&image, 1).unwrap();
            bench.expect(&image, Ask::Object(2), "verified");
            bench.expect(&image, Ask::Group(1), "verified");
        }
    }
}

#[test]
fn rsa_keys_of_old_programs_verify_too() {
    for bench in Bench::all() {
        let rsa = new_key(&*bench.engine, "Rita", KeyAlgorithm::Rsa(2048)).unwrap();
        bench.trust(&rsa);
        bench.by(&rsa).object(&bench.image, 2).unwrap();
        bench.expect(&bench.image, Ask::Primary, "verified");
    }
}

#[test]
fn a_group_signature_made_after_one_in_the_group_covers_that_one_as_well() {
    for bench in Bench::all() {
        // Old programs put a signature over an object into the object's group.
        bench.by_ada().object(&bench.image, 2).unwrap();
        bench.by_ada().group(&bench.image, 1).unwrap();
        bench.expect(&bench.image, Ask::Group(1), "verified");
        let report = bench.report(&bench.image, Ask::Group(1));
        assert_eq!(report.questions[0].objects, [id(1), id(2), id(3)]);
    }
}

#[test]
fn of_several_signers_all_must_be_known_unless_something_else_is_asked() {
    for bench in Bench::all() {
        let (bob, eve) = (bench.other_key("Bob"), bench.other_key("Eve"));
        bench.trust(&bob);
        for key in [&bench.ada, &bob] {
            bench.by(key).object(&bench.image, 2).unwrap();
        }
        bench.expect(&bench.image, Ask::Primary, "verified");
        let (ada, bob) = (bench.ada.fingerprint(), bob.fingerprint());
        let two = Threshold::AtLeast(NonZeroUsize::new(2).unwrap());
        let any = Threshold::AtLeast(NonZeroUsize::MIN);
        assert_eq!(bench.ours_by(Ask::Primary, &[], two), "verified");

        bench.by(&eve).object(&bench.image, 2).unwrap();
        bench.expect(&bench.image, Ask::Primary, "unknown-signer");
        let all = Threshold::All;
        assert_eq!(bench.ours_by(Ask::Primary, &[], any), "verified");
        assert_eq!(bench.ours_by(Ask::Primary, &[ada, bob], all), "verified");
        let stranger = [eve.fingerprint()];
        assert_eq!(bench.ours_by(Ask::Primary, &stranger, all), "not-signed-by");
    }
}

#[test]
fn the_report_says_what_was_verified_and_what_stays_open() {
    for bench in Bench::all() {
        bench.by_ada().object(&bench.image, 2).unwrap();
        let report = bench.report(&bench.image, Ask::Primary);
        let [signature] = &report.signatures[..] else {
            panic!("{report:?}")
        };
        assert_eq!(signature.state_of(id(2)), Some(ObjectState::DataIntact));
        assert_eq!(
            signature.signer.as_ref().unwrap().fingerprint,
            bench.ada.fingerprint()
        );
        assert_eq!(
            report.unprotected,
            [
                Unprotected::Header,
                Unprotected::Descriptors,
                Unprotected::Place,
                Unprotected::HashAlgorithm,
                Unprotected::OtherObjects(vec![id(1)]),
            ]
        );
        bench.by_ada().group(&bench.image, 1).unwrap();
        let report = bench.report(&bench.image, Ask::Group(1));
        assert!(report.unprotected.contains(&Unprotected::GroupBoundaries));
        assert!(
            bench
                .report(&bench.image, Ask::Modern)
                .unprotected
                .is_empty()
        );
    }
}

#[test]
fn an_image_without_a_primary_partition_must_be_told_what_is_meant() {
    for bench in Bench::all() {
        let image = bench.image_of("data.sif", &[b"one", b"two"]);
        bench.by_ada().object(&image, 2).unwrap();
        let report = bench.report(&image, Ask::Primary);
        let refusal = report.refusal().unwrap();
        assert!(
            refusal.to_string().starts_with("object not found"),
            "{refusal}"
        );
        assert!(refusal.hint().is_some());
        bench.expect(&image, Ask::Object(2), "verified");
    }
}
