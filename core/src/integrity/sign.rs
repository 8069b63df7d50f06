//! Signing: from a selection of objects to new signature objects in an image.
//!
//! Nothing is written before everything is known to be right: the digests are
//! computed, each message is made and then verified as a stranger would verify it,
//! with the certificate and the policy, and only then does the image change. So a
//! faulty signer, or a key that nobody would accept, leaves the image as it was.

use super::digests::{Digest, DigestAlgorithm, DigestPlan, Digests};
use super::metadata::{SignedMetadata, SignedObject};
use super::select::Selection;
use crate::openpgp::{Certificate, CertificateFacts, Fingerprint, HashAlgorithm, cleartext};
use crate::policy::{self, KeyStanding, Policy, Problem, Rule};
use crate::sif::{
    DataType, Descriptor, Editor, Extra, Image, Link, NewObject, ObjectId, SignatureHash,
};
use crate::traits::{Engine, Signer};
use crate::{Context, Error, ErrorKind, Result, Timestamp};

/// Who signs.
#[derive(Debug, Clone, Copy)]
pub struct SigningIdentity<'a> {
    /// The certificate that verifiers will have.
    pub certificate: &'a Certificate,
    /// The private key: of the primary key or of a signing subkey.
    pub signer: &'a dyn Signer,
}

/// How to sign.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignOptions {
    /// For the signature and for the digests alike.
    pub hash: SignatureHash,
    /// The times that the image is given: of the descriptor and of the header. A
    /// deterministic image keeps [`Timestamp::GO_ZERO`].
    pub time: Timestamp,
    /// The time that the signature says it was made at; the present, if absent.
    pub dated: Option<Timestamp>,
    /// Rules that the new signature may break: whoever verifies it will refuse it
    /// for them.
    pub despite: Vec<Rule>,
}

impl SignOptions {
    /// SHA-256, which every reader knows, and this time.
    pub fn at(time: Timestamp) -> Self {
        Self {
            hash: SignatureHash::Sha256,
            time,
            dated: None,
            despite: Vec::new(),
        }
    }

    /// The same with another hash.
    #[must_use]
    pub fn with_hash(self, hash: SignatureHash) -> Self {
        Self { hash, ..self }
    }

    /// The same with a signature that is dated so.
    #[must_use]
    pub fn dated(self, dated: Option<Timestamp>) -> Self {
        Self { dated, ..self }
    }

    /// The same with leave to break these rules.
    #[must_use]
    pub fn despite(self, despite: Vec<Rule>) -> Self {
        Self { despite, ..self }
    }
}

/// The hash for a signer where nothing is said: SHA-256, which every reader knows, if the
/// signer takes it; or else the shortest that it takes. A key on P-384 or P-521 takes none
/// that is shorter than its own numbers (FIPS 186-5, section 6.1.1).
pub fn usual_hash(signer: &dyn Signer) -> SignatureHash {
    let known = [
        (HashAlgorithm::Sha256, SignatureHash::Sha256),
        (HashAlgorithm::Sha384, SignatureHash::Sha384),
        (HashAlgorithm::Sha512, SignatureHash::Sha512),
    ];
    let accepted = signer.accepted_hashes();
    let mut usable = known
        .into_iter()
        .filter(|(hash, _)| accepted.contains(hash));
    usable
        .next()
        .map_or(SignatureHash::Sha256, |(_, hash)| hash)
}

/// Adds one signature for each selection, and gives the new objects' IDs.
///
/// Each signature becomes part of the image in one step; an interruption between
/// two of them leaves an image with the first and without the second.
///
/// # Errors
/// `Unsupported` for a hash that is not for signing or that the signer lacks,
/// `Denied` if the policy would refuse the new signature, and what reading, signing
/// and writing say. After an error before the first write the image is unchanged.
pub fn sign(
    cx: &Context<'_>,
    engine: &dyn Engine,
    editor: &mut Editor,
    selections: &[Selection],
    identity: SigningIdentity<'_>,
    options: SignOptions,
) -> Result<Vec<ObjectId>> {
    let (hash, digest) = algorithms(options.hash)?;
    let image = editor.image();
    if (image.free_slots() as usize) < selections.len() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "insufficient descriptor capacity to add data object(s) to image",
        )
        .at(image.path().display()));
    }
    let digests = digests_of(cx, image, selections, digest)?;
    let facts = engine.certificate_facts(identity.certificate)?;
    // Signatures take their date from the clock; the judgement keeps the true one.
    let dating = Context {
        now: options.dated.unwrap_or(cx.now),
        ..*cx
    };
    let messages = selections
        .iter()
        .map(|selection| {
            let text = metadata(image, selection, digest, &digests)?.to_json();
            let message = engine.clearsign(&dating, identity.signer, hash, &text)?;
            let problems = verify_before_writing(cx, engine, identity, &facts, &message, &text)?;
            refuse_unless_allowed(&problems, &options.despite)?;
            Ok(message)
        })
        .collect::<Result<Vec<_>>>()?;

    selections
        .iter()
        .zip(messages)
        .map(|(selection, message)| {
            let object = signature_object(selection, identity.certificate, options.hash);
            editor.add(&object, &mut message.as_bytes(), options.time)
        })
        .collect()
}

/// The keys of a certificate that could sign at this time, best first, each with what
/// the policy would have against its signature: those with nothing against them, then
/// those that break only the rules in `despite`; among equals the primary key, as
/// Apptainer would, then the newest subkey (W-23).
///
/// # Errors
/// `Denied` if there is no such key, saying what is against the one nearest to it.
pub fn signing_keys(
    facts: &CertificateFacts,
    now: Timestamp,
    despite: &[Rule],
) -> Result<Vec<KeyStanding>> {
    let made = |key: &Fingerprint| facts.key(key).map(|key| key.created);
    let mut standings = policy::standings(facts, now);
    if let Some((_, subkeys)) = standings.split_first_mut() {
        subkeys.sort_by_key(|subkey| std::cmp::Reverse(made(&subkey.key)));
    }
    // A key that was never for signing says less than one that is so no longer.
    standings.sort_by_key(|standing| (!standing.is_for_signing(), standing.problems.len()));
    let why = standings
        .first()
        .and_then(|nearest| nearest.problems.first())
        .map_or_else(|| "no key may sign".to_owned(), ToString::to_string);
    standings.retain(|standing| {
        let rules = standing.problems.iter().map(Problem::rule);
        rules.into_iter().all(|rule| despite.contains(&rule))
    });
    if standings.is_empty() {
        return Err(Error::new(
            ErrorKind::Denied,
            format!(
                "no key of {} can make a signature that would be accepted: {why}",
                facts.primary.fingerprint
            ),
        )
        .hint("make a new key with `sifseal key newpair`, or choose another one with `--signer`"));
    }
    Ok(standings)
}

/// The keys of a certificate that the policy lets sign at this time, best first.
///
/// # Errors
/// As [`signing_keys`].
pub fn usable_signing_keys(facts: &CertificateFacts, now: Timestamp) -> Result<Vec<Fingerprint>> {
    let usable = signing_keys(facts, now, &[])?;
    Ok(usable.into_iter().map(|standing| standing.key).collect())
}

/// One choice for both: the signature's hash and the digests it signs. SIF's
/// descriptor has no number for SHA-224, and the BLAKE2 ones are not OpenPGP's.
fn algorithms(hash: SignatureHash) -> Result<(HashAlgorithm, DigestAlgorithm)> {
    let own = match hash {
        SignatureHash::Sha256 => Some(HashAlgorithm::Sha256),
        SignatureHash::Sha384 => Some(HashAlgorithm::Sha384),
        SignatureHash::Sha512 => Some(HashAlgorithm::Sha512),
        _ => None,
    };
    own.zip(DigestAlgorithm::of_signature(hash)).ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            format!("{hash} is not a hash that OpenPGP signatures can use"),
        )
    })
}

fn digests_of(
    cx: &Context<'_>,
    image: &Image,
    selections: &[Selection],
    algorithm: DigestAlgorithm,
) -> Result<Digests> {
    let mut plan = DigestPlan::default();
    for object in selections.iter().flat_map(Selection::objects) {
        plan.need(*object, algorithm);
    }
    plan.run(cx, image)
}

fn metadata(
    image: &Image,
    selection: &Selection,
    algorithm: DigestAlgorithm,
    digests: &Digests,
) -> Result<SignedMetadata> {
    let gone = || Error::new(ErrorKind::NotFound, "object not found").at(image.path().display());
    let first = image
        .group_objects(selection.group())
        .map(Descriptor::id)
        .min()
        .ok_or_else(gone)?;
    let objects = selection
        .objects()
        .iter()
        .map(|id| {
            let object = image.object(*id).ok_or_else(gone)?;
            let data: Digest = digests.of(*id, algorithm).cloned().ok_or_else(gone)?;
            let relative_id = id.get() - first.get();
            Ok(SignedObject {
                relative_id,
                descriptor: algorithm.digest(&object.integrity_bytes(relative_id)),
                data,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(SignedMetadata {
        header: algorithm.digest(&image.header().integrity_bytes()),
        objects,
    })
}

/// Reads the new message back as a verifier would, and asks the policy what is wrong
/// with it.
fn verify_before_writing(
    cx: &Context<'_>,
    engine: &dyn Engine,
    identity: SigningIdentity<'_>,
    facts: &CertificateFacts,
    message: &str,
    text: &str,
) -> Result<Vec<Problem>> {
    let read = cleartext::read(message.as_bytes())?;
    if read.text != text {
        return Err(Error::new(
            ErrorKind::Backend,
            "the new signature is over another text than the one to sign",
        ));
    }
    let signatures = engine.signature_facts(&read, &[identity.certificate])?;
    let [signature] = &signatures[..] else {
        return Err(Error::new(
            ErrorKind::Backend,
            format!(
                "signing gave {} signatures instead of one",
                signatures.len()
            ),
        ));
    };
    let judgement = policy::judge(
        &Policy::default(),
        cx.now,
        signature,
        &read.hashes,
        std::slice::from_ref(facts),
    );
    Ok(judgement.problems)
}

fn refuse_unless_allowed(problems: &[Problem], despite: &[Rule]) -> Result<()> {
    let against = problems
        .iter()
        .find(|problem| !despite.contains(&problem.rule()));
    match against {
        None => Ok(()),
        Some(problem) => Err(Error::new(
            ErrorKind::Denied,
            format!("the new signature would not be accepted: {problem}"),
        )
        .hint("nothing was written")),
    }
}

fn signature_object(
    selection: &Selection,
    certificate: &Certificate,
    hash: SignatureHash,
) -> NewObject {
    let mut object = NewObject::new(DataType::Signature);
    object.group = None;
    object.link = Link::Group(selection.group());
    object.extra = Extra::Signature {
        hash,
        entity: Some(certificate.fingerprint()),
    };
    object
}
