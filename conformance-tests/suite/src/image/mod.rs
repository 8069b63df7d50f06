//! The images of the suite, and what it does to them by its own hand.
//!
//! [`base`] makes the images that scenarios begin with. [`layout`] knows where each field
//! of the format lies, [`change`] writes there. [`statement`] computes what a signature
//! says of an image, and [`hand`] signs it, rightly or wrongly; [`legacy`] does so as old
//! programs did, and [`dsse`] in the form that is not OpenPGP. None of this uses the code
//! that judges signatures in `sifseal-core`: only its writer of objects.

pub mod base;
pub mod change;
pub mod dsse;
pub mod edit;
pub mod hand;
pub mod layout;
pub mod legacy;
pub mod statement;
