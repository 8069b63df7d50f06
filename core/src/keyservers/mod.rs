//! Asking keyservers: several of them, in order, none of them trusted.
