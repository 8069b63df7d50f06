//! OpenPGP keys and signatures written by hand (RFC 9580), from parts.
//!
//! Libraries make what is right. Tests also need what is wrong, old or odd: a
//! signature dated before its key, a hash that nobody should use, a subpacket that
//! nobody knows. Here everything can be said, and nothing is checked. It shares no
//! code with the engines that read the result.
//!
//! A [`Key`] begins a [`Draft`] of a signature (`key.signs(date)`), which is changed at
//! will and finished over something: a text, or a place in a [`CertificateDraft`].
//! [`Frame`] puts signatures into a cleartext message.

mod certificate;
mod draft;
mod frame;
mod hand;
mod hash;
mod key;
mod packet;
mod stub;
pub mod subpacket;

pub use certificate::CertificateDraft;
pub use draft::{Draft, Place};
pub use frame::{Frame, armor};
pub use hand::{Hand, HandKind};
pub use key::Key;
pub use packet::{integer, packet, tag};
pub use stub::{Stub, stub};
pub use subpacket::Subpacket;
