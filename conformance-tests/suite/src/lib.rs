//! The conformance suite for SIF signatures.

#![forbid(unsafe_code)]

pub mod result;
