//! Signing: from a selection of objects to new signature objects in an image.
//!
//! Nothing is written before everything is known to be right: the digests are
//! computed, each message is made and then verified as a stranger would verify it,
//! with the certificate and the policy, and only then does the image change. So a
//! faulty signer, or a key that nobody would accept, leaves the image as it was.

use super::digests::{Digest, DigestAlgorithm, DigestPlan, Digests};
use super::metadata::{SignedMetadata, SignedObject};
use super::select::Selection;
use crate::openpgp::{
    Certificate, CertificateFacts, Fingerprint, HashAlgorithm, KeyHandle, Maths, SignatureFacts,
    Trial, cleartext,
};
use crate::policy::{self, Policy};
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
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SignOptions {
    /// For the signature and for the digests alike.
    pub hash: SignatureHash,
    /// The times that the image is given: of the descriptor and of the header. A
    /// deterministic image keeps [`Timestamp::GO_ZERO`].
    pub time: Timestamp,
}

impl SignOptions {
    /// SHA-256, which every reader knows, and this time.
    pub fn at(time: Timestamp) -> Self {
        Self {
            hash: SignatureHash::Sha256,
            time,
        }
    }

    /// The same with another hash.
    #[must_use]
    pub fn with_hash(self, hash: SignatureHash) -> Self {
        Self { hash, ..self }
    }
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
    let messages = selections
        .iter()
        .map(|selection| {
            let text = metadata(image, selection, digest, &digests)?.to_json();
            let message = engine.clearsign(cx, identity.signer, hash, &text)?;
            verify_before_writing(cx, engine, identity, &facts, &message, &text)?;
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

/// The keys of a certificate that the policy lets sign at this time, best first:
/// the primary key, as Apptainer would, then the newest subkey (W-23). With the
/// reasons against the primary key, if there is no such key at all.
///
/// # Errors
/// `Denied`, saying why not even the primary key may sign.
pub fn usable_signing_keys(facts: &CertificateFacts, now: Timestamp) -> Result<Vec<Fingerprint>> {
    let mut subkeys: Vec<_> = facts.subkeys.iter().map(|subkey| &subkey.key).collect();
    subkeys.sort_by_key(|key| std::cmp::Reverse(key.created));
    let candidates: Vec<_> = std::iter::once(&facts.primary)
        .chain(subkeys)
        .map(|key| key.fingerprint)
        .collect();
    let problems = |key: &Fingerprint| {
        let imagined = imagined_signature(facts.primary.fingerprint, *key, now);
        policy::judge(
            &Policy::default(),
            now,
            &imagined,
            &[imagined.hash],
            std::slice::from_ref(facts),
        )
        .problems
    };
    let usable: Vec<_> = candidates
        .into_iter()
        .filter(|key| problems(key).is_empty())
        .collect();
    if usable.is_empty() {
        let why = problems(&facts.primary.fingerprint)
            .first()
            .map_or_else(|| "no key may sign".to_owned(), ToString::to_string);
        return Err(Error::new(
            ErrorKind::Denied,
            format!(
                "no key of {} can make a signature that would be accepted: {why}",
                facts.primary.fingerprint
            ),
        )
        .hint("make a new key with `sifseal key newpair`, or choose another one with `--signer`"));
    }
    Ok(usable)
}

/// A signature made now, as good as can be: what the policy says against it, it
/// says against the key.
fn imagined_signature(
    certificate: Fingerprint,
    key: Fingerprint,
    now: Timestamp,
) -> SignatureFacts {
    SignatureFacts {
        version: 4,
        kind: 0x01,
        hash: HashAlgorithm::Sha256,
        created: Some(now),
        expires_after: None,
        issuers: vec![KeyHandle::Fingerprint(key)],
        unknown_critical: vec![],
        trials: vec![Trial {
            certificate,
            key,
            maths: Maths::Good,
        }],
    }
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

/// Reads the new message back as a verifier would, and asks the policy.
fn verify_before_writing(
    cx: &Context<'_>,
    engine: &dyn Engine,
    identity: SigningIdentity<'_>,
    facts: &CertificateFacts,
    message: &str,
    text: &str,
) -> Result<()> {
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
    match judgement.problems.first() {
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
