//! One row of the table: a message, the certificates at hand, and what everybody
//! has to say about them.

use sifseal_conformance_tests::gnupg::{Gpg, Opinion, Said};
use sifseal_conformance_tests::workshop::{Workshop, at};
use sifseal_conformance_tests::{craft, engines};
use sifseal_core::Timestamp;
use sifseal_core::integrity::{
    AllGroups, CertificateSources, Fault, Origin, Requirement, VerifyOptions, verify,
};
use sifseal_core::openpgp::{
    Certificate, CertificateFacts, Fingerprint, Key, Maths, SignatureFacts, cleartext,
};
use sifseal_core::policy::{JudgedAt, Policy};
use sifseal_core::sif::{
    CreateOptions, DataType, Extra, GroupId, Image, Link, NewObject, SignatureHash, create,
};
use sifseal_core::traits::Engine;
use std::io::{Cursor, Read};

use crate::shelf::Shelf;

/// When every message is verified: 2026-01-01.
pub(crate) const NOW: Timestamp = Timestamp(1_767_225_600);

/// When keys are made, unless a row says otherwise: 2024-01-01.
pub(crate) const MADE: Timestamp = Timestamp(1_704_067_200);

/// When messages are signed, unless a row says otherwise: 2025-01-01.
pub(crate) const SIGNED: Timestamp = Timestamp(1_735_689_600);

/// In seconds.
pub(crate) const DAY: i64 = 86_400;

/// A row while it is written. It is read by [`Row::check`].
#[must_use]
pub(crate) struct Row<'a> {
    message: Vec<u8>,
    certificates: Vec<Vec<u8>>,
    at: JudgedAt,
    expected: Option<Vec<&'a str>>,
    signer: Option<Fingerprint>,
    lacking: Vec<&'a str>,
    gpg: Option<Vec<Said>>,
    why_not_as_gpg: Option<&'a str>,
}

/// Begins a row.
pub(crate) fn row<'a>(message: impl Into<Vec<u8>>) -> Row<'a> {
    Row {
        message: message.into(),
        certificates: Vec::new(),
        at: JudgedAt::Signing,
        expected: None,
        signer: None,
        lacking: Vec::new(),
        gpg: None,
        why_not_as_gpg: None,
    }
}

impl<'a> Row<'a> {
    /// One more certificate (or file with certificates) at hand.
    pub(crate) fn knowing(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.certificates.push(certificate.into());
        self
    }

    /// Judged at the present, as `verify --at now` does.
    pub(crate) fn judged_now(mut self) -> Self {
        self.at = JudgedAt::Now;
        self
    }

    /// The rules have nothing against the signature.
    pub(crate) fn good(self) -> Self {
        self.refused(&[])
    }

    /// The rules by these names are against it, in this order.
    pub(crate) fn refused(mut self, names: &[&'a str]) -> Self {
        self.expected = Some(names.to_vec());
        self
    }

    /// The signature counts as this key's.
    pub(crate) fn by(mut self, signer: &craft::Key) -> Self {
        self.signer = Some(signer.fingerprint());
        self
    }

    /// These engines lack what is needed to tell; they must say that, and all others
    /// what is expected.
    pub(crate) fn beyond(mut self, engines: &[&'a str]) -> Self {
        self.lacking = engines.to_vec();
        self
    }

    /// What GnuPG says of the signatures in the message.
    pub(crate) fn gpg(mut self, said: &[Said]) -> Self {
        self.gpg = Some(said.to_vec());
        self
    }

    /// Why our verdict is another one than GnuPG's.
    pub(crate) fn unlike_gpg(mut self, because: &'a str) -> Self {
        self.why_not_as_gpg = Some(because);
        self
    }

    /// Asks everyone.
    pub(crate) fn check(self) {
        self.check_engines();
        self.check_gpg();
    }

    /// Asks every engine: for rows of hundreds.
    pub(crate) fn check_without_gpg(self) {
        self.check_engines();
    }

    fn check_engines(&self) {
        let expected = self.expected.as_ref().expect("a row has a verdict");
        let engines = engines();
        let mut first: Option<(&str, Everything)> = None;
        for engine in &engines {
            let engine = engine.as_ref();
            let name = engine.describe().name;
            let verdict = self.verdict(engine);
            let is_lacking = self.lacking.contains(&name);
            let expected = match is_lacking {
                true => &vec!["unsupported-algorithm"],
                false => expected,
            };
            assert_eq!(&verdict.names, expected, "{name}: {:#?}", verdict.faults);
            if self.signer.is_some() {
                assert_eq!(verdict.signer, self.signer, "{name}");
            }

            let mut everything = self.everything(engine);
            if !self.lacking.is_empty() {
                everything.forget_maths();
            }
            match &first {
                None => first = Some((name, everything)),
                Some((other, theirs)) => {
                    assert_eq!(&everything, theirs, "{name} and {other} see it differently");
                }
            }
        }
    }

    /// What `verify` says of an image with this signature in it.
    fn verdict(&self, engine: &dyn Engine) -> Verdict {
        let workshop = Workshop::new();
        let path = workshop.path("image.sif");
        let shelf = Shelf(self.known(engine));
        let mut object = NewObject::new(DataType::DefFile);
        object.group = GroupId::new(1);
        let mut signature = NewObject::new(DataType::Signature);
        signature.link = Link::Group(GroupId::new(1).unwrap());
        signature.extra = Extra::Signature {
            hash: SignatureHash::Sha256,
            // Nobody here compares it: the image is not what the rows are about.
            entity: Some(Fingerprint::V4([0; 20])),
        };
        let objects: Vec<(NewObject, Box<dyn Read>)> = vec![
            (object, Box::new(Cursor::new(b"bootstrap: scratch\n"))),
            (signature, Box::new(Cursor::new(self.message.clone()))),
        ];
        create(&path, &CreateOptions::new(NOW), objects).unwrap();
        let sources = CertificateSources {
            engine,
            stores: vec![(Origin::Local, &shelf)],
            keyservers: None,
        };
        let options = VerifyOptions::new(Policy::judging_at(self.at), Requirement::default());
        let image = Image::open(&path).unwrap();
        let report = verify(&at(NOW), &image, &AllGroups, &sources, &options).unwrap();
        assert!(!report.is_verified());
        let [signature] = &report.signatures[..] else {
            panic!("one signature object");
        };
        // The descriptor, and a text that describes no image, come after the judgement.
        let judged = signature.hash.is_some();
        let counts = |fault: &&Fault| match fault {
            Fault::SignerMismatch => false,
            Fault::Malformed(_) => !judged,
            _ => true,
        };
        Verdict {
            names: signature
                .faults
                .iter()
                .filter(counts)
                .map(Fault::name)
                .collect(),
            faults: signature.faults.clone(),
            signer: signature.signer.as_ref().map(|signer| signer.fingerprint),
        }
    }

    /// The certificates at hand as an engine reads them.
    fn known(&self, engine: &dyn Engine) -> Vec<Certificate> {
        self.certificates
            .iter()
            .flat_map(|bytes| engine.read_keys(bytes).keys)
            .map(|key| match key {
                Key::Certificate(certificate) => certificate,
                Key::Secret(key) => engine.certificate_of(&key).unwrap(),
            })
            .collect()
    }

    /// All that an engine tells.
    fn everything(&self, engine: &dyn Engine) -> Everything {
        let certificates = self.known(engine);
        let facts = certificates
            .iter()
            .map(|certificate| engine.certificate_facts(certificate).unwrap())
            .collect();
        let known: Vec<_> = certificates.iter().collect();
        let signatures = cleartext::read(&self.message)
            .and_then(|message| engine.signature_facts(&message, &known))
            .ok();
        Everything {
            certificates,
            facts,
            signatures,
        }
    }

    fn check_gpg(&self) {
        let Some(gpg) = Gpg::new() else { return };
        let opinion = gpg.opinion(NOW, &self.certificates, &self.message);
        let expected = self.gpg.as_ref().expect("a row says what GnuPG says");
        let words = &opinion.words;
        assert_eq!(&opinion.signatures, expected, "gpg: {words}");
        self.check_agreement(&opinion);
    }

    fn check_agreement(&self, opinion: &Opinion) {
        let is_good = self.expected.as_ref().is_some_and(Vec::is_empty);
        let words = &opinion.words;
        match (opinion.is_good() == is_good, self.why_not_as_gpg) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(_)) => panic!("this row agrees with gpg after all: {words}"),
            (false, None) => panic!("this row must say why it is unlike gpg: {words}"),
        }
    }
}

struct Verdict {
    names: Vec<&'static str>,
    faults: Vec<Fault>,
    signer: Option<Fingerprint>,
}

/// What two engines must agree about.
#[derive(Debug, PartialEq)]
struct Everything {
    certificates: Vec<Certificate>,
    facts: Vec<CertificateFacts>,
    /// `None` if the message cannot be read.
    signatures: Option<Vec<SignatureFacts>>,
}

impl Everything {
    /// Leaves out what an engine without the algorithm cannot know.
    fn forget_maths(&mut self) {
        let forgotten = || Maths::Unsupported(String::new());
        for signature in self.signatures.iter_mut().flatten() {
            for trial in &mut signature.trials {
                trial.maths = forgotten();
            }
        }
        for facts in &mut self.facts {
            let on_user_ids = facts.user_ids.iter_mut().flat_map(|id| &mut id.signatures);
            let on_subkeys = facts.subkeys.iter_mut().flat_map(|key| &mut key.signatures);
            for signature in facts
                .on_primary
                .iter_mut()
                .chain(on_user_ids)
                .chain(on_subkeys)
            {
                signature.maths = forgotten();
                if let Some(back) = &mut signature.back_signature {
                    back.maths = forgotten();
                }
            }
        }
    }
}
