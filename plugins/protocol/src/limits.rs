//! How much either side may say.

/// The longest message, in bytes, with the line break at its end. The largest that has a
/// reason to be is the table of an image with the most descriptors that are read
/// (16,384 of about 1,100 bytes).
pub const MAX_LINE: usize = 20 << 20;

/// The most keys in one answer. A store has a handful; beyond, it is a mistake or an
/// attack on memory.
pub const MAX_KEYS: usize = 10_000;
