//! Judging signatures: who made each, and what the policy says of it. It is the same
//! for both kinds; what a signature is over is not looked at here.

use super::super::report::{Coverage, Fault, Origin, SignatureReport, Signer};
use super::super::sources::{CertificateSources, FoundCertificate};
use super::kind::Kind;
use super::read::ReadSignature;
use super::{RemoteTrust, VerifyOptions};
use crate::keyservers::Failure;
use crate::openpgp::cleartext::CleartextMessage;
use crate::openpgp::{Certificate, CertificateFacts, SignatureFacts};
use crate::policy;
use crate::sif::{Descriptor, Extra, Image};
use crate::traits::Engine;
use crate::{Context, Result};
use std::collections::BTreeSet;

/// Everyone whom any signature names and any store or keyserver has, with what the engine found in
/// each certificate: two lists in the same order.
pub(super) struct KnownSigners {
    found: Vec<FoundCertificate>,
    facts: Vec<CertificateFacts>,
    /// Keyservers that could not help to find more.
    pub(super) failures: Vec<Failure>,
}

impl KnownSigners {
    /// Looks up everyone that any signature names, in one go.
    ///
    /// # Errors
    /// A store cannot be read.
    pub(super) fn look_up(
        cx: &Context<'_>,
        sources: &CertificateSources<'_>,
        signatures: &[ReadSignature],
        options: &VerifyOptions,
    ) -> Result<Self> {
        let mut seen = BTreeSet::new();
        let issuers = signatures.iter().flat_map(|signature| &signature.issuers);
        let mut handles: Vec<_> = issuers
            .filter(|handle| seen.insert(**handle))
            .copied()
            .collect();
        // Junk signatures must not crowd out whoever is demanded.
        let demanded = &options.requirement.signed_by;
        handles.sort_by_key(|handle| !demanded.iter().any(|who| handle.matches(who)));
        let found = sources.find(cx, &handles)?;
        let facts = found
            .certificates
            .iter()
            .map(|found| sources.engine.certificate_facts(&found.certificate))
            .collect::<Result<_>>()?;
        Ok(Self {
            found: found.certificates,
            facts,
            failures: found.failures,
        })
    }

    fn certificates(&self) -> Vec<&Certificate> {
        self.found.iter().map(|found| &found.certificate).collect()
    }

    /// Who made the signature; or, where the mathematics failed for everyone, the one
    /// whose key it claims to be by, so that a person can see whom it was tried with.
    fn signer_of(
        &self,
        cx: &Context<'_>,
        signature: &SignatureFacts,
        judged: Option<policy::SigningKey>,
    ) -> Option<Signer> {
        let (certificate, key) = judged
            .map(|signer| (signer.certificate, signer.key))
            .or_else(|| {
                let trial = signature.trials.first()?;
                Some((trial.certificate, trial.key))
            })?;
        let (found, facts) = self
            .found
            .iter()
            .zip(&self.facts)
            .find(|(found, _)| found.certificate.fingerprint() == certificate)?;
        Some(Signer {
            fingerprint: certificate,
            key,
            user_id: policy::shown_user_id(facts, cx.now),
            origin: found.origin,
        })
    }
}

/// A signature after the policy has looked at it. What it is over is still open;
/// only an authentic one of the kind that is asked for states anything.
pub(super) struct Judged<K: Kind> {
    pub(super) report: SignatureReport,
    pub(super) statement: Option<K::Statement>,
}

/// What every signature is judged by.
pub(super) struct Judge<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) image: &'a Image,
    pub(super) engine: &'a dyn Engine,
    pub(super) known: &'a KnownSigners,
    pub(super) options: &'a VerifyOptions,
}

impl Judge<'_> {
    /// Judges one signature; if it is of the other kind, that is its first fault.
    pub(super) fn judge<K: Kind>(&self, read: ReadSignature) -> Judged<K> {
        let other_kind = read.kind().is_some_and(|kind| kind != K::KIND);
        let mut report = SignatureReport {
            object: read.object.id(),
            link: read.object.link(),
            format: read.format,
            signer: None,
            issuers: read.issuers,
            hash: None,
            created: None,
            covered: vec![],
            coverage: Coverage::Nothing,
            faults: vec![],
            relaxed: vec![],
        };
        if other_kind {
            report.faults.push(K::OTHER_KIND);
        }
        let mut statement = None;
        match &read.message {
            Err(fault) => report.faults.push(fault.clone()),
            Ok(message) => {
                self.judge_message(message, &mut report);
                check_descriptor_names_signer(&read.object, &mut report);
                // Anyone else's text means nothing.
                if report.is_authentic() {
                    match K::read(self.image, &read.object, &message.text) {
                        Ok(read) => statement = Some(read),
                        Err(fault) => report.faults.push(fault),
                    }
                }
            }
        }
        Judged { report, statement }
    }

    fn judge_message(&self, message: &CleartextMessage, report: &mut SignatureReport) {
        let certificates = self.known.certificates();
        let signatures = match self.engine.signature_facts(message, &certificates) {
            Ok(signatures) => signatures,
            Err(error) => {
                report.faults.push(Fault::Malformed(error.to_string()));
                return;
            }
        };
        // More than one in a block would need a rule of its own for which one counts.
        let [signature] = &signatures[..] else {
            report.faults.push(Fault::NotOneSignature(signatures.len()));
            return;
        };
        report.hash = Some(signature.hash);
        report.created = signature.created;

        let judgement = policy::judge(
            &self.options.policy,
            self.cx.now,
            signature,
            &message.hashes,
            &self.known.facts,
        );
        report
            .faults
            .extend(judgement.problems.into_iter().map(Fault::Policy));
        report.relaxed = judgement.relaxed;
        report.signer = self.known.signer_of(self.cx, signature, judgement.signer);
        if report
            .signer
            .as_ref()
            .is_some_and(|signer| self.is_no_reason_to_trust(signer))
        {
            report.faults.push(Fault::RemoteKey);
        }
    }

    /// True if the signer's key came from a keyserver, where anyone can put one under
    /// any name (W-4), and that is not to be enough. Whoever was demanded by
    /// fingerprint is known, wherever the certificate came from.
    fn is_no_reason_to_trust(&self, signer: &Signer) -> bool {
        signer.origin == Origin::Remote
            && self.options.remote == RemoteTrust::Reject
            && !self
                .options
                .requirement
                .signed_by
                .contains(&signer.fingerprint)
    }
}

/// The descriptor of a signature names the signer's primary key; it is not signed,
/// so it must not say anything else than the signature itself.
fn check_descriptor_names_signer(object: &Descriptor, report: &mut SignatureReport) {
    let Some(signer) = &report.signer else { return };
    let entity = match object.extra() {
        Extra::Signature { entity, .. } => entity,
        _ => None,
    };
    if entity != Some(signer.fingerprint) {
        report.faults.push(Fault::SignerMismatch);
    }
}
