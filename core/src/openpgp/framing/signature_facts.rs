//! The facts about the signatures in a cleartext-signed message.
//!
//! The text comes from core's strict reader. It is hashed with CR LF at its line
//! ends whatever the type of the signature says, as GnuPG, the Go libraries and
//! rPGP do: a cleartext message has no other bytes to sign.

use super::{
    KeyPacket, Packet, PacketReader, SignaturePacket, Transferable, malformed, tag, verify,
};
use crate::Result;
use crate::openpgp::cleartext::CleartextMessage;
use crate::openpgp::{Certificate, KeyHandle, SignatureFacts, Trial};

/// The facts about each signature in `message`: the work of
/// [`Engine::signature_facts`](crate::traits::Engine::signature_facts).
///
/// # Errors
/// `Malformed` if the signature block is anything but signatures, or holds none
/// that can be read.
pub fn read(
    reader: &impl PacketReader,
    message: &CleartextMessage,
    certificates: &[&Certificate],
) -> Result<Vec<SignatureFacts>> {
    let text = message.hashed_text();
    let signatures = packets(reader, &message.packets)?;

    let mut facts = Vec::with_capacity(signatures.len());
    for signature in signatures {
        facts.push(SignatureFacts {
            version: signature.version,
            kind: signature.kind,
            hash: signature.hash,
            created: signature.created,
            expires_after: signature.expires_after,
            trials: trials(reader, &signature, &text, certificates)?,
            issuers: signature.issuers,
            unknown_critical: signature.unknown_critical,
        });
    }
    Ok(facts)
}

/// Every signature that can be read. One of an unknown version is passed over
/// (RFC 9580, section 5.2); anything that is no signature spoils the block.
fn packets<'a>(reader: &impl PacketReader, content: &'a [u8]) -> Result<Vec<SignaturePacket<'a>>> {
    let mut signatures = Vec::new();
    let mut rest = content;
    while !rest.is_empty() {
        let packet = Packet::first(rest)
            .ok_or_else(|| malformed("the signature block does not consist of whole packets"))?;
        rest = rest.get(packet.raw.len()..).unwrap_or_default();
        match packet.tag {
            tag::SIGNATURE => signatures.extend(reader.signature(packet.body)),
            tag::MARKER | tag::PADDING => {}
            _ => {
                return Err(malformed(
                    "the signature block holds something that is no signature",
                ));
            }
        }
    }
    if signatures.is_empty() {
        return Err(malformed(
            "the signature block holds no signature that can be read",
        ));
    }
    Ok(signatures)
}

/// Tries every key that answers to one of the issuers.
fn trials(
    reader: &impl PacketReader,
    signature: &SignaturePacket<'_>,
    text: &[u8],
    certificates: &[&Certificate],
) -> Result<Vec<Trial>> {
    let issuers = &signature.issuers;
    let is_issuer = |key: &KeyPacket<'_>| {
        issuers
            .iter()
            .any(|issuer: &KeyHandle| issuer.matches(&key.facts.fingerprint))
    };
    let mut trials = Vec::new();
    for certificate in certificates {
        if !issuers
            .iter()
            .any(|issuer| certificate.outline.answers_to(issuer))
        {
            continue;
        }
        let transferable = Transferable::read(&certificate.bytes)?;
        for component in transferable.keys() {
            let key = reader.key(&component.packet)?;
            if is_issuer(&key) {
                trials.push(Trial {
                    certificate: certificate.fingerprint(),
                    key: key.facts.fingerprint,
                    maths: verify(reader, &key, signature, text),
                });
            }
        }
    }
    Ok(trials)
}
