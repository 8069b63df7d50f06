//! The facts about the signatures in a cleartext-signed message.
//!
//! The text comes from core's strict reader. It is hashed with CR LF at its line
//! ends whatever the type of the signature says, as GnuPG, the Go libraries and
//! rPGP do: a cleartext message has no other bytes to sign.

use crate::failure::malformed;
use crate::key_packet::KeyPacket;
use crate::maths::Verifier;
use crate::packet::{Packet, tag};
use crate::signature_packet::SignaturePacket;
use crate::transferable::Transferable;
use sifseal_core::Result;
use sifseal_core::openpgp::cleartext::CleartextMessage;
use sifseal_core::openpgp::{Certificate, KeyHandle, SignatureFacts, Trial};

/// The facts about each signature in `message`.
///
/// # Errors
/// `Malformed` if the signature block is anything but signatures, or holds none
/// that can be read.
pub(crate) fn read(
    message: &CleartextMessage,
    certificates: &[&Certificate],
) -> Result<Vec<SignatureFacts>> {
    let text = message.hashed_text();
    let signatures = packets(&message.packets)?;

    let mut facts = Vec::with_capacity(signatures.len());
    for signature in &signatures {
        facts.push(SignatureFacts {
            version: signature.version,
            kind: signature.kind,
            hash: signature.hash,
            created: signature.created(),
            expires_after: signature.expires_after(),
            issuers: signature.issuers(),
            unknown_critical: signature.unknown_critical(),
            trials: trials(signature, &text, certificates)?,
        });
    }
    Ok(facts)
}

/// Every signature that can be read. One of an unknown version is passed over
/// (RFC 9580, section 5.2); anything that is no signature spoils the block.
fn packets(content: &[u8]) -> Result<Vec<SignaturePacket<'_>>> {
    let mut signatures = Vec::new();
    let mut rest = content;
    while !rest.is_empty() {
        let packet = Packet::first(rest)
            .ok_or_else(|| malformed("the signature block does not consist of whole packets"))?;
        rest = rest.get(packet.raw.len()..).unwrap_or_default();
        match packet.tag {
            tag::SIGNATURE => signatures.extend(SignaturePacket::read(packet.body)),
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
    signature: &SignaturePacket<'_>,
    text: &[u8],
    certificates: &[&Certificate],
) -> Result<Vec<Trial>> {
    let issuers = signature.issuers();
    let is_issuer = |key: &KeyPacket<'_>| {
        issuers
            .iter()
            .any(|issuer: &KeyHandle| issuer.matches(&key.fingerprint))
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
            let key = component.key()?;
            if is_issuer(&key) {
                trials.push(Trial {
                    certificate: certificate.fingerprint(),
                    key: key.fingerprint,
                    maths: Verifier::new(&key).verify(signature, text),
                });
            }
        }
    }
    Ok(trials)
}
