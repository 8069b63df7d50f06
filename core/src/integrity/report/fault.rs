//! What can be wrong with one signature as a whole.

use crate::policy::Problem;
use crate::sif::SignatureHash;
use std::fmt;

/// What is wrong with one signature as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is a DSSE envelope, and only OpenPGP keys are at hand.
    NotOpenPgp,
    /// It is a legacy signature, which counts only where those are asked for.
    Legacy,
    /// It is no legacy signature, where only those are asked for.
    NotLegacy,
    /// It is written in no known way.
    FormatNotRecognised,
    /// It could not be read; the text says why.
    Malformed(String),
    /// It is over a digest by an algorithm that is not to be used for one.
    HashUnsupported(SignatureHash),
    /// It holds more than one OpenPGP signature, or none.
    NotOneSignature(usize),
    /// The policy has something against it.
    Policy(Problem),
    /// Its descriptor names another signer than the one who made it.
    SignerMismatch,
    /// The signer's key was found on a keyserver only, and that is not to be enough.
    RemoteKey,
    /// The image's header is not the one that was signed.
    HeaderChanged,
}

impl Fault {
    /// The rule's name, as reports use it; never changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotOpenPgp => "not-openpgp",
            Self::Legacy => "legacy-signature",
            Self::NotLegacy => "not-legacy-signature",
            Self::FormatNotRecognised => "format-not-recognised",
            Self::Malformed(_) => "signature-malformed",
            Self::HashUnsupported(_) => "hash-unsupported",
            Self::NotOneSignature(_) => "not-one-signature",
            Self::Policy(problem) => problem.name(),
            Self::SignerMismatch => "signer-mismatch",
            Self::RemoteKey => "remote-key",
            Self::HeaderChanged => "header-changed",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpenPgp => {
                f.write_str("key material not provided for DSSE envelope signature (not OpenPGP)")
            }
            Self::Legacy => f.write_str("legacy signature, which does not count by default"),
            Self::NotLegacy => f.write_str("not a legacy signature, and only those were asked for"),
            Self::FormatNotRecognised => f.write_str("signature format not recognized"),
            Self::Malformed(what) => f.write_str(what),
            Self::HashUnsupported(hash) => write!(f, "hash algorithm unsupported: {hash}"),
            Self::NotOneSignature(count) => {
                write!(f, "it holds {count} OpenPGP signatures instead of one")
            }
            Self::Policy(problem) => problem.fmt(f),
            Self::SignerMismatch => {
                f.write_str("fingerprint in descriptor does not correspond to signing entity")
            }
            Self::RemoteKey => {
                f.write_str("the signer's key was found on a keyserver only, which is not enough")
            }
            Self::HeaderChanged => f.write_str("header integrity compromised"),
        }
    }
}
