//! Verifying an image whose signer is known to a keyserver only.

use crate::server::Server;
use sifseal_conformance_tests::pairs;
use sifseal_conformance_tests::workshop::{NOW, Workshop, asking, at, new_key, sign_with};
use sifseal_core::ErrorKind;
use sifseal_core::integrity::{
    CertificateSources, Fault, Origin, Refusal, RemoteTrust, Report, Requirement, Threshold,
    VerifyOptions, verify,
};
use sifseal_core::keyservers::Keyservers;
use sifseal_core::openpgp::{Fingerprint, KeyHandle};
use sifseal_core::policy::{Policy, Problem};
use sifseal_core::sif::Image;
use sifseal_core::traits::{Engine, KeyAlgorithm, Keyserver};
use std::path::{Path, PathBuf};

struct Signed {
    _workshop: Workshop,
    image: PathBuf,
    signer: Fingerprint,
    certificate: Vec<u8>,
}

fn signed(engine: &dyn Engine) -> Signed {
    let workshop = Workshop::new();
    let image = workshop.image("a.sif", 1).unwrap();
    let key = new_key(engine, "Ada <ada@example.com>", KeyAlgorithm::Ed25519).unwrap();
    sign_with(engine, &image, &key, &asking(&[], &[]), NOW).unwrap();
    Signed {
        _workshop: workshop,
        image,
        signer: key.fingerprint(),
        certificate: engine.certificate_of(&key).unwrap().bytes,
    }
}

fn report(
    engine: &dyn Engine,
    image: &Path,
    servers: &[Box<dyn Keyserver>],
    options: &VerifyOptions,
) -> Report {
    let sources = CertificateSources {
        engine,
        stores: vec![],
        keyservers: Some(&Keyservers::new(engine, servers)),
    };
    let image = Image::open(image).unwrap();
    verify(&at(NOW), &image, &asking(&[], &[]), &sources, options).unwrap()
}

fn by(signers: &[Fingerprint]) -> Requirement {
    Requirement {
        signed_by: signers.to_vec(),
        threshold: Threshold::All,
    }
}

#[test]
fn a_signer_from_a_keyserver_is_shown_as_remote() {
    for (signing, verifying) in pairs() {
        let signed = signed(&*signing);
        let server =
            Server::named("s").has(KeyHandle::Fingerprint(signed.signer), &signed.certificate);
        let options = VerifyOptions::default();
        let report = report(&*verifying, &signed.image, &[server.boxed()], &options);
        assert!(report.is_verified(), "{report:?}");
        let signer = report.signatures[0].signer.as_ref().unwrap();
        assert_eq!(
            (signer.origin, signer.fingerprint),
            (Origin::Remote, signed.signer)
        );
    }
}

#[test]
fn a_site_can_say_that_a_keyservers_word_is_not_enough_w4() {
    for (signing, verifying) in pairs() {
        let signed = signed(&*signing);
        let reject = |requirement: Requirement| {
            let server =
                Server::named("s").has(KeyHandle::Fingerprint(signed.signer), &signed.certificate);
            let options = VerifyOptions::new(Policy::default(), requirement)
                .trusting_remote(RemoteTrust::Reject);
            report(&*verifying, &signed.image, &[server.boxed()], &options)
        };
        let refused = reject(Requirement::default());
        assert!(matches!(
            refused.refusal(),
            Some(Refusal::Signature(_, Fault::RemoteKey))
        ));
        let signer = refused.signatures[0].signer.as_ref().unwrap();
        assert_eq!(
            signer.fingerprint, signed.signer,
            "whose it claims to be is shown"
        );
        // Whoever names the fingerprint knows the signer from elsewhere.
        assert!(reject(by(&[signed.signer])).is_verified());
    }
}

#[test]
fn a_server_that_cannot_be_asked_is_told_beside_the_unknown_signer() {
    for (signing, verifying) in pairs() {
        let signed = signed(&*signing);
        let server = Server::named("down").fails_with(ErrorKind::Timeout);
        let options = VerifyOptions::default();
        let report = report(&*verifying, &signed.image, &[server.boxed()], &options);
        assert!(matches!(
            report.refusal(),
            Some(Refusal::Signature(
                _,
                Fault::Policy(Problem::UnknownSigner(_))
            ))
        ));
        let told: Vec<_> = report.keyserver_failures.iter().map(|f| &f.text).collect();
        assert_eq!(told, ["down: out of order"]);
    }
}
