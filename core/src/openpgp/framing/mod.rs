//! Where armor, packets and keys begin and end, read once for all engines.
//!
//! A key ring belongs to a person: its keys must survive byte for byte, and what
//! is none must be told exactly, whichever OpenPGP library is at work. So this
//! module finds the blocks in a file ([`armor`]), the packets in a block
//! ([`Packet`]), the keys among the packets ([`ring`]) and the components of a key
//! ([`Transferable`]). It also puts together what is said about whole keys and
//! messages: the [`outline`] of a key, two copies made one ([`merge`](mod@merge)),
//! what of it its owner has signed ([`own_statements`]), and which signature says
//! what about whom ([`certificate_facts`], [`signature_facts`]).
//!
//! It stops at the packet. What stands *inside* of one, an [`Engine`] reads: it
//! tells this module about single packets through [`PacketReader`], and two
//! libraries stay two opinions about every field and every signature. The one thing
//! that is written here is a certificate around a key in a device ([`public_key`],
//! [`certify`](mod@certify)), which must be the same bytes whichever library is there.
//!
//! [`Engine`]: crate::traits::Engine

pub mod armor;
pub mod certificate_facts;
pub mod certify;
pub mod covered;
mod integer;
mod key;
pub mod merge;
pub mod outline;
pub mod own_statements;
mod packet;
pub mod public_key;
pub mod ring;
mod signature;
pub mod signature_facts;
mod stripped;
mod subpacket;
mod transferable;
mod verify;

pub use key::{Guard, KeyFault, KeyPacket};
pub use packet::{Packet, tag, write};
pub use signature::SignaturePacket;
pub use subpacket::{SALT_NOTATIONS, Subpacket, subpackets};
pub use transferable::{Component, Transferable};
pub use verify::verify;

use crate::openpgp::{HashAlgorithm, Maths};
use crate::{Error, ErrorKind};

/// What an engine tells about single packets.
pub trait PacketReader {
    /// The fields of a key packet, primary or subkey, public or secret.
    ///
    /// # Errors
    /// What is wrong with it; such a key is junk.
    fn key<'a>(&self, packet: &Packet<'a>) -> Result<KeyPacket<'a>, KeyFault>;

    /// True if a key packet is well-formed.
    ///
    /// It is asked at every octet of a damaged ring: the time it takes must not
    /// grow with the packet.
    fn is_readable_key(&self, packet: &Packet<'_>) -> bool;

    /// Whether the content of a signature packet is well-formed and ends with
    /// the packet; `None` if that cannot be told, as for a version or an
    /// algorithm that nobody knows.
    fn is_whole_signature(&self, packet: &Packet<'_>) -> Option<bool>;

    /// The fields of a signature packet, from its body; `None` if it has another
    /// version or is not well-formed up to its values.
    fn signature<'a>(&self, body: &'a [u8]) -> Option<SignaturePacket<'a>>;

    /// The digest of some octets, one piece after another.
    ///
    /// # Errors
    /// Why there is none, as [`Maths::Unsupported`] tells it: the algorithm's name,
    /// or [`COLLISION_ATTACK`].
    fn digest(&self, hash: HashAlgorithm, pieces: &[&[u8]]) -> Result<Vec<u8>, String>;

    /// Whether the values of `signature` are a signature by `key` over `digest`,
    /// and nothing else: no date, no usage, no strength is judged.
    ///
    /// Values that are none of their algorithm are `Bad`, whichever of the two
    /// has them; what the library lacks is told by [`KeyPacket::lacking`].
    fn verify_digest(
        &self,
        key: &KeyPacket<'_>,
        signature: &SignaturePacket<'_>,
        digest: &[u8],
    ) -> Maths;
}

/// Why there is no digest by SHA-1 of octets that were made to collide.
pub const COLLISION_ATTACK: &str = "the data show a collision attack on SHA-1";

/// The bytes are not what the caller took them for.
fn malformed(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, what)
}
