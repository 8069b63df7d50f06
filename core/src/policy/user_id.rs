//! Which user ID a certificate is shown by, and which are revoked.

use super::key::is_sound;
use crate::Timestamp;
use crate::openpgp::{CertificateFacts, Maths, SelfSignature, SelfSignatureKind, UserIdFacts};

/// The user ID to show for a certificate at a time: one that is soundly certified
/// and not revoked; the one marked as primary before others, the newest mark
/// before older ones. `None` if there is none such: show the fingerprint.
///
/// The text is a stranger's: print it through [`Shown`](crate::Shown).
pub fn shown_user_id(certificate: &CertificateFacts, at: Timestamp) -> Option<String> {
    certificate
        .user_ids
        .iter()
        .filter(|user_id| !is_user_id_revoked(user_id, at))
        .filter_map(|user_id| {
            let newest = newest_certification(user_id, at)?;
            Some((newest.primary_user_id, newest.created, user_id))
        })
        .reduce(|best, next| {
            if (next.0, next.1) > (best.0, best.1) && next.0 {
                next
            } else {
                best
            }
        })
        .map(|(.., user_id)| String::from_utf8_lossy(&user_id.value).into_owned())
}

/// True if the key's owner has soundly said that the user ID is theirs.
pub fn is_user_id_certified(user_id: &UserIdFacts, at: Timestamp) -> bool {
    newest_certification(user_id, at).is_some()
}

/// True if the newest statement about the user ID at that time is a revocation.
pub fn is_user_id_revoked(user_id: &UserIdFacts, at: Timestamp) -> bool {
    let newest = |kind: SelfSignatureKind| {
        user_id
            .signatures
            .iter()
            .filter(|signature| signature.kind == kind && signature.maths == Maths::Good)
            .filter_map(|signature| signature.created)
            .filter(|created| *created <= at)
            .max()
    };
    let revoked = newest(SelfSignatureKind::CertificationRevocation);
    revoked.is_some() && revoked >= newest(SelfSignatureKind::Certification)
}

fn newest_certification(user_id: &UserIdFacts, at: Timestamp) -> Option<&SelfSignature> {
    let sound = || {
        user_id
            .signatures
            .iter()
            .filter(|signature| signature.kind == SelfSignatureKind::Certification)
            .filter(|signature| is_sound(signature, at))
    };
    sound()
        .filter(|signature| signature.created <= Some(at))
        .max_by_key(|signature| signature.created)
        .or_else(|| sound().min_by_key(|signature| signature.created))
}
