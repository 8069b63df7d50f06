//! One scenario's questions to a stack.

use super::answer::{answer, done, failed, refused, verified};
use super::{KeyserverKind, OpenHome};
use crate::workshop::{asking, at, edit};
use sifseal_conformance::adapter::{
    Answer, KeyFile, Server, Session, SignQuestion, Verdict, VerifyQuestion,
};
use sifseal_conformance::scenario::Selection;
use sifseal_core::integrity::{
    CertificateSources, LegacyChoice, Origin, Report, Requirement, SignOptions, SigningIdentity,
    Threshold, VerifyOptions, sign, signing_keys, verify, verify_legacy,
};
use sifseal_core::keyservers::Keyservers;
use sifseal_core::openpgp::{Fingerprint, Key, KeyHandle};
use sifseal_core::policy::{JudgedAt, Policy};
use sifseal_core::sif::{Image, SignatureHash};
use sifseal_core::traits::{Engine, KeyPart, KeyQuery, ObjectSelector, PrivateKey, Signer};
use sifseal_core::{Error, ErrorKind, Result, Secret, Timestamp};
use std::path::Path;
use std::sync::Arc;

/// A stack at work.
#[derive(Debug)]
pub(super) struct StackSession {
    engine: Arc<dyn Engine>,
    home: Box<dyn OpenHome>,
    keyserver: KeyserverKind,
}

impl StackSession {
    pub(super) fn new(
        engine: Arc<dyn Engine>,
        home: Box<dyn OpenHome>,
        keyserver: KeyserverKind,
    ) -> Self {
        Self {
            engine,
            home,
            keyserver,
        }
    }

    fn import(&mut self, file: &KeyFile) -> Result<()> {
        if file.is_secret
            && let Some(brought) = self.home.bring(file)
        {
            return brought;
        }
        let bytes = std::fs::read(&file.file).map_err(|error| Error::io(&file.file, error))?;
        let ring = self.engine.read_keys(&bytes);
        if ring.keys.is_empty() {
            let what = "no key in this file can be read";
            return Err(Error::new(ErrorKind::Malformed, what).at(file.file.display()));
        }
        for key in &ring.keys {
            self.home.store().insert(&at(Timestamp::now()), key)?;
        }
        Ok(())
    }

    fn sign_image(&mut self, image: &Path, question: &SignQuestion) -> Result<()> {
        let store = match question.plugin {
            None => self.home.store(),
            Some(conduct) => self.home.with_plugin(conduct).unwrap_or_else(|| {
                let what = "the secret keys are in no plugin that could be exchanged";
                Err(Error::new(ErrorKind::Unsupported, what))
            })?,
        };
        let now = Timestamp::now();
        let cx = at(now);
        let primary: Fingerprint = question.fingerprint.parse()?;
        let query = KeyQuery::Handle(KeyHandle::Fingerprint(primary));
        let found = store.find(&cx, KeyPart::Secret, &query)?;
        let Some(entry) = found.entries.into_iter().next() else {
            return Err(Error::new(
                ErrorKind::NotFound,
                "there is no such key to sign with",
            ));
        };
        let facts = self.engine.certificate_facts(&entry.certificate)?;
        let usable = signing_keys(&facts, now, &[])?;
        let passphrase = question.passphrase.as_deref().map(passphrase).transpose()?;
        let signer: Box<dyn Signer> = match store.private_key(&cx, &primary)? {
            PrivateKey::Device(signer) => signer,
            PrivateKey::Material(key) => {
                let which = usable.first().map_or(primary, |standing| standing.key);
                self.engine.unlock(&key, &which, passphrase.as_ref())?
            }
        };
        let hash = match question.hash.as_deref() {
            None | Some("sha256") => SignatureHash::Sha256,
            Some("sha384") => SignatureHash::Sha384,
            Some("sha512") => SignatureHash::Sha512,
            Some(_) => return Err(Error::new(ErrorKind::Unsupported, "no such hash")),
        };
        let mut editor = edit(image)?;
        let selections = selector(&question.selection).select(editor.image().table())?;
        let identity = SigningIdentity {
            certificate: &entry.certificate,
            signer: &*signer,
        };
        let options = SignOptions::at(now).with_hash(hash);
        sign(
            &cx,
            &*self.engine,
            &mut editor,
            &selections,
            identity,
            options,
        )?;
        Ok(())
    }

    fn verify_image(&self, image: &Path, question: &VerifyQuestion) -> Result<Report> {
        let sources = CertificateSources {
            engine: &*self.engine,
            stores: vec![(Origin::Local, self.home.store())],
            keyservers: None,
        };
        let now = match &question.at {
            None => Timestamp::now(),
            Some(text) => time(text)?,
        };
        let judged = match question.judge.as_deref() {
            None | Some("signing") => JudgedAt::Signing,
            Some("now") => JudgedAt::Now,
            Some(_) => return Err(Error::new(ErrorKind::Unsupported, "no such time")),
        };
        let options = VerifyOptions::new(Policy::judging_at(judged), requirement(question)?);
        let image = Image::open(image)?;
        let selector = selector(&question.selection);
        let run = match is_legacy(&question.selection) {
            true => verify_legacy,
            false => verify,
        };
        run(&at(now), &image, &*selector, &sources, &options)
    }

    fn fetch(&mut self, server: &Server, fingerprint: &str) -> Result<bool> {
        let fingerprint: Fingerprint = fingerprint.parse()?;
        let servers = [self.keyserver.connect(server, &self.engine)?];
        let keyservers = Keyservers::new(&*self.engine, &servers);
        let cx = at(Timestamp::now());
        let fetched = keyservers.fetch(&cx, &[KeyHandle::Fingerprint(fingerprint)]);
        for certificate in &fetched.certificates {
            let key = Key::Certificate(certificate.clone());
            self.home.store().insert(&cx, &key)?;
        }
        Ok(!fetched.certificates.is_empty())
    }
}

impl Session for StackSession {
    fn import_key(&mut self, key: &KeyFile) -> Answer {
        done(self.import(key))
    }

    fn sign(&mut self, image: &Path, question: &SignQuestion) -> Answer {
        match self.sign_image(image, question) {
            // Whatever a plugin does is to end as a refusal, and in no other way.
            Err(error) if question.plugin.is_some() => refused(&error),
            result => done(result),
        }
    }

    fn verify(&mut self, image: &Path, question: &VerifyQuestion) -> Answer {
        match self.verify_image(image, question) {
            Ok(report) => verified(&report),
            Err(error) => failed(&error),
        }
    }

    fn fetch_key(&mut self, server: &Server, fingerprint: &str) -> Answer {
        match self.fetch(server, fingerprint) {
            Ok(true) => answer(Verdict::Accepted),
            Ok(false) => answer(Verdict::Refused),
            Err(error) => failed(&error),
        }
    }
}

fn is_legacy(selection: &Selection) -> bool {
    !matches!(
        selection,
        Selection::Default | Selection::Group(_) | Selection::Objects(_)
    )
}

fn selector(selection: &Selection) -> Box<dyn ObjectSelector> {
    let legacy = |groups: &[u32], objects: &[u32], all: bool| {
        let named = asking(groups, objects);
        Box::new(LegacyChoice { named, all })
    };
    match selection {
        Selection::Default => Box::new(asking(&[], &[])),
        Selection::Group(id) => Box::new(asking(&[*id], &[])),
        Selection::Objects(ids) => Box::new(asking(&[], ids)),
        Selection::Legacy => legacy(&[], &[], false),
        Selection::LegacyGroup(id) => legacy(&[*id], &[], false),
        Selection::LegacyObject(id) => legacy(&[], &[*id], false),
        Selection::LegacyAll => legacy(&[], &[], true),
    }
}

fn requirement(question: &VerifyQuestion) -> Result<Requirement> {
    let signed_by = question.signed_by.iter().map(|name| name.parse());
    let threshold = match question.require.as_deref() {
        None | Some("all") => Threshold::All,
        Some("any") => Threshold::AtLeast(std::num::NonZeroUsize::MIN),
        Some(number) => Threshold::AtLeast(number.parse().map_err(|_| {
            Error::new(
                ErrorKind::Unsupported,
                format!("`{number}` signers cannot be demanded"),
            )
        })?),
    };
    Ok(Requirement {
        signed_by: signed_by.collect::<Result<_>>()?,
        threshold,
    })
}

/// The first line of a file.
fn passphrase(file: &Path) -> Result<Secret> {
    let text = std::fs::read(file).map_err(|error| Error::io(file, error))?;
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(Secret::new(line.to_vec()))
}

fn time(text: &str) -> Result<Timestamp> {
    let time: std::result::Result<jiff::Timestamp, _> = text.parse();
    time.map(|time| Timestamp(time.as_second()))
        .map_err(|error| Error::new(ErrorKind::Malformed, format!("{text}: {error}")))
}
