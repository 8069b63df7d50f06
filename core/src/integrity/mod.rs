//! What is signed, and how an image is verified.
//!
//! A signature in a SIF image is an object of its own. Its data is a cleartext
//! OpenPGP message around a small JSON document, which lists digests: of some
//! header fields, and of the descriptor and the data of each covered object
//! ([`metadata`]). Verifying is therefore two questions. Is the message authentic?
//! That is for an engine's facts and [`crate::policy`]. And do the digests still
//! fit? That needs every object read once, which is all the time it takes
//! ([`digests`]).
//!
//! Singularity before 3.6 signed a digest of data alone. [`verify_legacy`] goes by
//! such signatures, and by no others.
//!
//! [`sign`] and [`verify`] put the parts together. The outcome of a verification
//! is a [`Report`] about every signature and every question asked, in which the
//! verdict comes last; it never stops at the first failure (W-25).

pub mod digests;
pub mod metadata;
mod report;
mod select;
mod sign;
mod sources;
mod verdict;
mod verify;

pub use digests::{Digest, DigestAlgorithm};
pub use report::{
    Bearing, Coverage, CoveredObject, Fault, ObjectState, Origin, Question, QuestionReport,
    Refusal, Report, SignatureFormat, SignatureKind, SignatureReport, Signer, Standing,
    Unprotected,
};
pub use select::{
    AllGroups, EveryObject, Groups, GroupsAndObjects, LegacyChoice, Objects, PrimaryPartition,
    Selection,
};
pub use sign::{SignOptions, SigningIdentity, sign, signing_keys, usable_signing_keys, usual_hash};
pub use sources::{CertificateSources, FoundCertificate, FoundCertificates};
pub use verdict::{Requirement, Threshold};
pub use verify::{RemoteTrust, VerifyOptions, against_image, verify, verify_legacy};
