//! What this engine tells core about single packets.

use crate::signature_packet::SignaturePacket;
use crate::{key_packet, maths};
use sifseal_core::openpgp::framing::{KeyFault, KeyPacket, Packet, PacketReader};

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
        match (SignaturePacket::read(packet.body), packet.body.first()?) {
            (Some(signature), _) => maths::values_are_whole(&signature),
            (None, version) => matches!(version, 2 | 3 | 4 | 6).then_some(false),
        }
    }
}
