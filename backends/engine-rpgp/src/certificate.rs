//! The facts about a certificate: its keys, and what the primary key says of each
//! part in signatures of its own. Other people's signatures are left out.

use crate::names;
use crate::outline::PublicHalf;
use crate::packets::{Frame, KeyTree, Part, malformed, tag};
use crate::signature::{Fields, hashed, is, issuers, maths, never_if_zero};
use pgp::packet::{
    Packet, PublicKey, PublicSubkey, Signature, SignatureType, SubpacketData, UserId,
};
use pgp::ser::Serialize;
use pgp::types::{KeyDetails, Tag};
use sifseal_core::Result;
use sifseal_core::openpgp::{
    BackSignature, CertificateFacts, Fingerprint, KeyFacts, KeyFlags, Maths, RevocationReason,
    SelfSignature, SelfSignatureKind, SubkeyFacts, UserIdFacts,
};

/// Checks every self-signature of a certificate.
pub(crate) fn facts(bytes: &[u8]) -> Result<CertificateFacts> {
    let tree = KeyTree::read(bytes)?;
    let Packet::PublicKey(primary) = tree.primary.parse()? else {
        return Err(malformed("a public key was expected"));
    };
    let own = names::fingerprint(&primary.fingerprint())
        .ok_or_else(|| malformed("its version is not 4 or 6"))?;
    Ok(CertificateFacts {
        primary: key_facts(&tree.primary)?,
        on_primary: own_signatures(&tree.on_primary, &own)
            .filter_map(|signature| on_primary(&signature, &primary))
            .collect(),
        user_ids: tree
            .parts
            .iter()
            .filter(|part| part.packet.tag == tag::USER_ID)
            .map(|part| user_id(part, &primary, &own))
            .collect(),
        subkeys: tree
            .parts
            .iter()
            .filter(|part| part.packet.tag == tag::PUBLIC_SUBKEY)
            .filter_map(|part| subkey(part, &primary, &own))
            .collect(),
    })
}

fn key_facts(frame: &Frame<'_>) -> Result<KeyFacts> {
    let half = PublicHalf::read(frame)?;
    Ok(KeyFacts {
        fingerprint: half.fingerprint,
        version: half.version,
        algorithm: half.algorithm,
        bits: half.bits,
        created: half.created,
    })
}

/// The signatures that name the primary key as their maker, or nobody.
fn own_signatures<'a>(
    frames: &'a [Frame<'_>],
    own: &'a Fingerprint,
) -> impl Iterator<Item = Signature> + 'a {
    frames
        .iter()
        .filter_map(|frame| match frame.parse().ok()? {
            Packet::Signature(signature) => Some(signature),
            _ => None,
        })
        .filter(move |signature| {
            let issuers = issuers(signature);
            issuers.is_empty() || issuers.iter().any(|issuer| issuer.matches(own))
        })
}

fn on_primary(signature: &Signature, primary: &PublicKey) -> Option<SelfSignature> {
    let kind = match signature.typ()? {
        SignatureType::Key => SelfSignatureKind::DirectKey,
        SignatureType::KeyRevocation => SelfSignatureKind::KeyRevocation,
        _ => return None,
    };
    let maths = maths(signature, primary, || signature.verify_key(primary));
    self_signature(signature, kind, maths)
}

fn user_id(part: &Part<'_>, primary: &PublicKey, own: &Fingerprint) -> UserIdFacts {
    let signatures = match part.packet.parse() {
        Ok(Packet::UserId(id)) => own_signatures(&part.signatures, own)
            .filter_map(|signature| on_user_id(&signature, &id, primary))
            .collect(),
        _ => vec![],
    };
    UserIdFacts {
        value: part.packet.body.to_vec(),
        signatures,
    }
}

fn on_user_id(signature: &Signature, id: &UserId, primary: &PublicKey) -> Option<SelfSignature> {
    let kind = match signature.typ()? {
        SignatureType::CertGeneric
        | SignatureType::CertPersona
        | SignatureType::CertCasual
        | SignatureType::CertPositive => SelfSignatureKind::Certification,
        SignatureType::CertRevocation => SelfSignatureKind::CertificationRevocation,
        _ => return None,
    };
    let maths = maths(signature, primary, || {
        signature.verify_certification(primary, Tag::UserId, id)
    });
    self_signature(signature, kind, maths)
}

fn subkey(part: &Part<'_>, primary: &PublicKey, own: &Fingerprint) -> Option<SubkeyFacts> {
    let Ok(Packet::PublicSubkey(subkey)) = part.packet.parse() else {
        return None;
    };
    Some(SubkeyFacts {
        key: key_facts(&part.packet).ok()?,
        signatures: own_signatures(&part.signatures, own)
            .filter_map(|signature| on_subkey(&signature, &subkey, primary))
            .collect(),
    })
}

fn on_subkey(
    signature: &Signature,
    subkey: &PublicSubkey,
    primary: &PublicKey,
) -> Option<SelfSignature> {
    let kind = match signature.typ()? {
        SignatureType::SubkeyBinding => SelfSignatureKind::SubkeyBinding,
        SignatureType::SubkeyRevocation => SelfSignatureKind::SubkeyRevocation,
        _ => return None,
    };
    let maths = maths(signature, primary, || {
        signature.verify_subkey_binding(primary, subkey)
    });
    let mut facts = self_signature(signature, kind, maths)?;
    facts.back_signature = back_signature(signature, subkey, primary);
    Some(facts)
}

/// The subkey's answer is embedded in the binding, in either area: it is verified by
/// its own mathematics.
fn back_signature(
    binding: &Signature,
    subkey: &PublicSubkey,
    primary: &(impl KeyDetails + Serialize),
) -> Option<BackSignature> {
    let config = binding.config()?;
    let embedded = config
        .hashed_subpackets()
        .chain(config.unhashed_subpackets())
        .find_map(|subpacket| match &subpacket.data {
            SubpacketData::EmbeddedSignature(embedded) => Some(embedded),
            _ => None,
        })?;
    let fields = Fields::of(embedded)?;
    let maths = if is(embedded, SignatureType::KeyBinding) {
        maths(embedded, subkey, || {
            embedded.verify_primary_key_binding(subkey, primary)
        })
    } else {
        Maths::Bad
    };
    Some(BackSignature {
        maths,
        hash: fields.hash,
        created: fields.created,
        expires_after: fields.expires_after,
    })
}

fn self_signature(
    signature: &Signature,
    kind: SelfSignatureKind,
    maths: Maths,
) -> Option<SelfSignature> {
    let fields = Fields::of(signature)?;
    let mut facts = SelfSignature {
        kind,
        maths,
        hash: fields.hash,
        created: fields.created,
        expires_after: fields.expires_after,
        key_expires_after: None,
        key_flags: None,
        primary_user_id: false,
        revocation_reason: None,
        back_signature: None,
        unknown_critical: fields.unknown_critical,
    };
    for subpacket in hashed(signature) {
        match &subpacket.data {
            SubpacketData::KeyExpirationTime(after) => {
                facts.key_expires_after = never_if_zero(Some(after.as_secs()));
            }
            SubpacketData::KeyFlags(flags) => {
                let octets = flags.to_bytes().unwrap_or_default();
                facts.key_flags = Some(KeyFlags(octets.first().copied().unwrap_or(0)));
            }
            SubpacketData::IsPrimary(primary) => facts.primary_user_id = *primary,
            SubpacketData::RevocationReason(code, _) => {
                facts.revocation_reason = Some(RevocationReason::from_id((*code).into()));
            }
            _ => {}
        }
    }
    Some(facts)
}
