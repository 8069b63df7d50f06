//! What this engine tells core about single packets.

use crate::{key_packet, maths, signature_packet};
use sifseal_core::openpgp::framing::{KeyFault, KeyPacket, Packet, PacketReader, SignaturePacket};
use sifseal_core::openpgp::{HashAlgorithm, Maths};

/// This engine's eyes for core's framing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader;

impl PacketReader for Reader {
    fn key<'a>(&self, packet: &Packet<'a>) -> Result<KeyPacket<'a>, KeyFault> {
        key_packet::read(packet)
    }

    fn is_readable_key(&self, packet: &Packet<'_>) -> bool {
        key_packet::is_readable(packet)
    }

    fn is_whole_signature(&self, packet: &Packet<'_>) -> Option<bool> {
        match (signature_packet::read(packet.body), packet.body.first()?) {
            (Some(signature), _) => maths::values_are_whole(&signature),
            (None, version) => matches!(version, 2 | 3 | 4 | 6).then_some(false),
        }
    }

    fn signature<'a>(&self, body: &'a [u8]) -> Option<SignaturePacket<'a>> {
        signature_packet::read(body)
    }

    fn digest(&self, hash: HashAlgorithm, pieces: &[&[u8]]) -> Result<Vec<u8>, String> {
        maths::digest(hash, pieces)
    }

    fn verify_digest(
        &self,
        key: &KeyPacket<'_>,
        signature: &SignaturePacket<'_>,
        digest: &[u8],
    ) -> Maths {
        maths::verify_digest(key, signature, digest)
    }
}
