//! Certificates in the file system, asked as a keyserver: for sites without a network.
//!
//! A place is one of three things, told apart by looking at it:
//!
//! - a *directory* of certificate files: any names, armored or binary, one
//!   certificate or many in each, also in subdirectories;
//! - an *OpenPGP certificate directory* (draft-nwjw-openpgp-cert-d): one file for each
//!   certificate, `aa/bbbb…` after its fingerprint, shared with other programs;
//! - a *bundle*: one file with many certificates.
//!
//! [`OfflineKeyserver`] finds certificates in it by fingerprint, key ID, e-mail address
//! or name, and adds to it what is published. So that a place with a hundred thousand
//! certificates need not be read for each question, an index is kept beside them (the
//! module `index` tells how it is kept true). The index only says where to look: what
//! is given out was read from the certificate files for this very question.
//!
//! What is in the files is for the [`Engine`](sifseal_core::traits::Engine) to read.
//! Secret keys that lie among the certificates are given out as their certificates
//! only, and none is ever taken in.
//!
//! # What is passed over
//!
//! - Names that begin with a dot: lock files, temporary files, the index.
//! - Symbolic links inside of a directory: they could lead out of it or in a circle.
//!   The configured path itself may be one; whoever wrote it there meant it.
//! - Whatever is no regular file. Nothing else is opened, so no FIFO can hang us.
//! - What exceeds the limits in the modules `survey` and `pieces`.
//!
//! The person is told of links, of files that are too large and of those that cannot be
//! read, each time they are come across in making an index.

#![forbid(unsafe_code)]

mod bundle;
mod hit;
mod index;
mod kept;
mod pieces;
mod place;
mod publish;
mod query;
mod server;
mod stamp;
mod survey;

#[cfg(test)]
mod testing;

pub use bundle::bundle;
pub use server::OfflineKeyserver;
