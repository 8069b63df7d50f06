//! Does a plugin behave as the protocol says?
