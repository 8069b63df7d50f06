//! Images that have signatures of both kinds, and things that are neither.

use super::*;
use sifseal_conformance_tests::workshop::{edit, flip, sign_with};

fn sign_modern(bench: &Bench, image: &Path) -> ObjectId {
    let selector = asking(&[], &[]);
    sign_with(&*bench.engine, image, &bench.ada, &selector, NOW).unwrap()[0]
}

#[test]
fn each_kind_verifies_by_itself_what_it_covers() {
    for bench in Bench::all() {
        bench.by_ada().object(&bench.image, 2).unwrap();
        bench.by_ada().group(&bench.image, 1).unwrap();
        sign_modern(&bench, &bench.image);
        for ask in [Ask::Modern, Ask::Primary, Ask::Group(1)] {
            bench.expect(&bench.image, ask, "verified");
        }
        // The launch script: only the modern signature covers it.
        flip(&bench.image, 3);
        bench.expect(&bench.image, Ask::Modern, "header-changed");
        bench.expect(&bench.image, Ask::Primary, "verified");
        bench.expect(&bench.image, Ask::Group(1), "verified");
        flip(&bench.image, 3);
        let partition = Image::open(&bench.image)
            .unwrap()
            .object(id(2))
            .unwrap()
            .offset();
        flip(&bench.image, partition);
        bench.expect(&bench.image, Ask::Modern, "data-changed");
        bench.expect(&bench.image, Ask::Primary, "data-changed");
        bench.expect(&bench.image, Ask::Group(1), "group-data-changed");
    }
}

#[test]
fn a_good_signature_of_one_kind_does_not_help_a_bad_one_of_the_other() {
    for bench in Bench::all() {
        let eve = bench.other_key("Eve");
        let by_eve = copy(&bench, "eve.sif");
        bench.by(&eve).group(&by_eve, 1).unwrap();
        sign_modern(&bench, &by_eve);
        bench.expect(&by_eve, Ask::Modern, "verified");
        bench.expect(&by_eve, Ask::Group(1), "unknown-signer");

        bench.by_ada().group(&bench.image, 1).unwrap();
        let selector = asking(&[], &[]);
        sign_with(&*bench.engine, &bench.image, &eve, &selector, NOW).unwrap();
        bench.expect(&bench.image, Ask::Modern, "unknown-signer");
        bench.expect(&bench.image, Ask::Group(1), "verified");
    }
}

#[test]
fn two_kinds_by_two_signers_are_not_two_signers() {
    for bench in Bench::all() {
        let bob = bench.other_key("Bob");
        bench.trust(&bob);
        bench.by(&bob).group(&bench.image, 1).unwrap();
        sign_modern(&bench, &bench.image);
        let two = Threshold::AtLeast(std::num::NonZeroUsize::new(2).unwrap());
        for ask in [Ask::Modern, Ask::Group(1)] {
            assert_eq!(bench.ours_by(ask, &[], two), "too-few-signers", "{ask:?}");
        }
        let named = [bob.fingerprint()];
        assert_eq!(
            bench.ours_by(Ask::Modern, &named, Threshold::All),
            "not-signed-by"
        );
        assert_eq!(
            bench.ours_by(Ask::Group(1), &named, Threshold::All),
            "verified"
        );
    }
}

#[test]
fn modern_signatures_alone_are_none_where_legacy_ones_are_asked_for() {
    for bench in Bench::all() {
        sign_modern(&bench, &bench.image);
        bench.expect(&bench.image, Ask::Modern, "verified");
        for ask in [Ask::Primary, Ask::Object(1), Ask::Group(1), Ask::All] {
            bench.expect(&bench.image, ask, "only-modern-signatures");
        }
        let report = bench.report(&bench.image, Ask::Primary);
        let hint = report.refusal().unwrap().hint().unwrap().into_owned();
        assert!(hint.contains("without `--legacy-insecure`"), "{hint}");
    }
}

#[test]
fn legacy_beside_modern_and_unknown_is_decided_by_what_was_asked() {
    for bench in Bench::all() {
        let eve = bench.other_key("Eve");
        bench.by_ada().object(&bench.image, 2).unwrap();
        sign_modern(&bench, &bench.image);
        let selector = asking(&[], &[]);
        sign_with(&*bench.engine, &bench.image, &eve, &selector, NOW).unwrap();
        bench.expect(&bench.image, Ask::Modern, "unknown-signer");
        bench.expect(&bench.image, Ask::Primary, "verified");
        let any = Threshold::AtLeast(std::num::NonZeroUsize::MIN);
        assert_eq!(bench.ours_by(Ask::Modern, &[], any), "verified");
    }
}

#[test]
fn a_modern_signature_that_is_linked_to_an_object_spoils_the_legacy_verdict() {
    for bench in Bench::all() {
        let modern = sign_modern(&bench, &bench.image);
        bench.by_ada().object(&bench.image, 2).unwrap();
        bench.expect(&bench.image, Ask::Primary, "verified");
        let object = modern.get();
        patch(&bench.image, field(object, LINK), &2_u32.to_le_bytes());
        bench.expect(&bench.image, Ask::Primary, "not-legacy-signature");
    }
}

#[test]
fn what_is_no_signature_at_all_spoils_what_it_is_linked_to() {
    for bench in Bench::all() {
        let add = |link| {
            let mut junk = NewObject::new(DataType::Signature);
            junk.group = None;
            junk.link = link;
            let mut editor = edit(&bench.image).unwrap();
            editor.add(&junk, &mut &b"junk"[..], NOW).unwrap();
        };
        bench.by_ada().object(&bench.image, 2).unwrap();
        bench.by_ada().group(&bench.image, 1).unwrap();
        add(Link::Object(id(2)));
        bench.expect(&bench.image, Ask::Primary, "format-not-recognised");
        bench.expect(&bench.image, Ask::Group(1), "verified");
        add(Link::Group(group(1)));
        // Go takes it for a modern one; it could be either.
        let name = bench.ours(&bench.image, Ask::Group(1));
        assert_eq!(name, "format-not-recognised");
        assert_ne!(bench.gos(&bench.image, Ask::Group(1)), Some(false));
        bench.expect(&bench.image, Ask::Modern, "format-not-recognised");
    }
}

#[test]
fn a_payload_that_is_not_written_exactly_is_refused_also_where_go_is_lenient() {
    for bench in Bench::all() {
        let opened = Image::open(&bench.image).unwrap();
        let data = opened
            .read_small(opened.object(id(2)).unwrap(), 1 << 20)
            .unwrap();
        let text = bench.by_ada().text(&data).unwrap();
        let digits = text.strip_prefix("SIFHASH:\n").unwrap();
        let cases = [
            // What is written, our reason, and whether Go takes it.
            (
                format!("SIFHASH:\n{}", digits.to_uppercase()),
                "signature-malformed",
                true,
            ),
            (digits.to_owned(), "not-legacy-signature", true),
            (
                format!("SIFHASH:\n{digits}\n{digits}"),
                "signature-malformed",
                false,
            ),
            ("SIFHASH:".to_owned(), "signature-malformed", false),
            (format!("SIFHASH:{digits}"), "not-legacy-signature", false),
        ];
        for (number, (text, name, go)) in cases.into_iter().enumerate() {
            let image = copy(&bench, &format!("{number}.sif"));
            let link = Link::Object(id(2));
            bench.by_ada().sign(&image, None, link, &text).unwrap();
            assert_eq!(bench.ours(&image, Ask::Primary), name, "{text}");
            assert_ne!(bench.gos(&image, Ask::Primary), Some(!go), "{text}");
        }
    }
}

#[test]
fn a_payload_with_a_legacy_first_line_is_no_modern_signature_either() {
    for bench in Bench::all() {
        let link = Link::Group(group(1));
        bench
            .by_ada()
            .sign(&bench.image, None, link, "SIFHASH:\n{}")
            .unwrap();
        bench.expect(&bench.image, Ask::Modern, "only-legacy-signatures");
        bench.expect(&bench.image, Ask::Group(1), "signature-malformed");
        // Almost one: nobody's, and so against the image.
        bench
            .by_ada()
            .sign(&bench.image, None, link, "SIFHASH: {}")
            .unwrap();
        sign_modern(&bench, &bench.image);
        bench.expect(&bench.image, Ask::Modern, "signature-malformed");
    }
}
