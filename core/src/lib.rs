//! The heart of sifseal: SIF images, what a signature over one covers, the
//! traits that backends implement, and the policy that turns facts into a
//! verdict.
//!
//! Nothing here knows an OpenPGP library, a network or a user interface. A
//! reader who is new should begin with [`sif`] (the file format), go on to
//! [`integrity`] (what is signed and how an image is verified), and then look at
//! [`traits`], the few contracts between this crate and everything else. The
//! rules of judgement stand on one page, in [`policy`].

#![forbid(unsafe_code)]

pub mod context;
pub mod error;
pub mod integrity;
pub mod keyservers;
pub mod openpgp;
pub mod policy;
pub mod replace;
pub mod secret;
pub mod shown;
pub mod sif;
pub mod time;
pub mod traits;

pub use context::Context;
pub use error::{Error, ErrorKind, Result};
pub use secret::Secret;
pub use shown::Shown;
pub use time::Timestamp;
