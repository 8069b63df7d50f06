//! Directories and bundles of certificates, asked as keyservers.

#![forbid(unsafe_code)]
