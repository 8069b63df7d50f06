//! Where armor, packets and keys begin and end, read once for all engines.
//!
//! A key ring belongs to a person: its keys must survive byte for byte, and what
//! is none must be told exactly, whichever OpenPGP library is at work. So this
//! module finds the blocks in a file ([`armor`]), the packets in a block
//! ([`Packet`]), the keys among the packets ([`ring`]) and the components of a key
//! ([`Transferable`]). It also puts together what is said about whole keys: their
//! [`outline`], and two copies made one ([`merge`](mod@merge)).
//!
//! It stops at the packet. What stands *inside* of one, an [`Engine`] reads: it
//! tells this module about single packets through [`PacketReader`], and two
//! libraries stay two opinions about every field and every signature.
//!
//! [`Engine`]: crate::traits::Engine

pub mod armor;
pub mod covered;
mod key;
pub mod merge;
pub mod outline;
mod packet;
pub mod ring;
mod transferable;

pub use key::{Guard, KeyFault, KeyPacket};
pub use packet::{Packet, tag, write};
pub use transferable::{Component, Transferable};

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
}

/// The bytes are not what the caller took them for.
fn malformed(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, what)
}
