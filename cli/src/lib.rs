//! To come.
pub mod args;
pub mod config;
pub mod exit;
pub mod registry;
