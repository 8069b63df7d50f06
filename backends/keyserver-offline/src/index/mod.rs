//! Where which certificate is, so that a question costs no reading of all of them.
//!
//! # What is in it
//!
//! The directories and files of a place with their stamps ([`crate::stamp`]) and the
//! SHA-256 of each file; the pieces of the files that hold certificates; the key IDs of
//! all keys, sorted, each with its piece; and the user IDs in lower case, one behind
//! the other, which are searched from end to end (five megabytes for 100,000
//! certificates, a few milliseconds).
//!
//! # How it is kept true
//!
//! An index must never hide a new certificate or a revocation. So before each answer
//! the stamps are compared:
//!
//! - of a bundle, the file's;
//! - of a directory, those of all directories (names that came, went or changed) and of
//!   all files (a file may be written in place);
//! - of a certificate directory, those of its 257 directories only: its rules have every
//!   writer put a new file in the place of the old one, which changes the directory.
//!
//! Of several who ask at once, one compares for all that asked before it began.
//!
//! If all are equal and settled, nothing changed. Otherwise the place is looked through
//! again, and only files with another or an unsettled stamp are read; where size and
//! digest are as before, as in a copy on another medium, even these are not parsed.
//!
//! The index is never trusted. What it points to is read from the certificate file, by
//! a handle whose stamp is compared once more, and given out only if the certificate
//! answers to the question. A wrong index can at worst hide something, so it has a
//! checksum, all numbers in it are checked when it is loaded, and one that somebody
//! else put there is not used, nor one that another engine made, or another version of
//! ours, which may have read less. Whatever is wrong with it, it is made anew.
//!
//! # What it costs
//!
//! With 100,000 certificates of 410 bytes, files in the system's cache, on a machine with
//! two busy cores (`examples/large_stores` measures it anew): to compare the stamps takes
//! 10 to 30 µs for a bundle, half a millisecond for a certificate directory, and 0.4 to 1
//! second for a directory of single files, nearly all of it spent by the kernel in telling
//! them. To load the index takes another 10 to 60 ms (8 to 22 MB) once in a process, to
//! find a certificate in it 10 µs, an address a millisecond. To make it takes 1 to 8
//! seconds. So a large store had better be a bundle or a certificate directory.
//!
//! # Why not a database
//!
//! The index is written once and read often, as a whole, by many processes, from
//! read-only media too. The embedded databases in Rust answer a damaged file with a
//! panic now and then, and want to lock or repair what they open; SQLite would bring a
//! C compiler into the build; finite state transducers must be mapped into memory or
//! bring no checks. Sorted records of fixed size in one buffer need none of this: they
//! are laid out by `zerocopy` and searched by `memchr` and the standard library.

mod build;
mod format;
mod shelf;

pub(crate) use build::{Scene, build, is_current, is_news, open, path_in};
pub(crate) use format::{Index, Lead};
pub(crate) use shelf::Shelf;

#[cfg(test)]
mod tests;
