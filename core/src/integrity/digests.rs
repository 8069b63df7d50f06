//! Digests of objects, each object read once.
//!
//! Hashing is nearly all the time that verification takes. So each object is read
//! once, for all signatures and all algorithms together (W-27), the objects are
//! spread over the cores, and a large object that has a core to spare is read ahead
//! by a second thread. Memory does not depend on the size of the image.

use crate::sif::{Descriptor, Image, ObjectId};
use crate::{Context, Error, ErrorKind, Result};
use sha2::Digest as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

/// How much is read at a time: large enough that system calls do not matter, small
/// enough that all buffers together stay in the cache of a server's processor.
const BUFFER: usize = 1 << 20;

/// Buffers that travel between a reading and a hashing thread.
const BUFFERS_AHEAD: usize = 3;

/// More would fetch no more from one file than these, and each has a buffer.
const MOST_WORKERS: usize = 8;

/// Below this a second thread costs more than it gains.
const READ_AHEAD_FROM: u64 = 16 << 20;

/// A digest algorithm of signed metadata: SHA-224 and better. Weaker ones cannot be
/// said at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum DigestAlgorithm {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
}

impl DigestAlgorithm {
    const ALL: [Self; 6] = [
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha512_224,
        Self::Sha512_256,
    ];

    /// The name in signed metadata, as the Go library spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Sha512_224 => "sha512_224",
            Self::Sha512_256 => "sha512_256",
        }
    }

    /// The digest's length in bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha224 | Self::Sha512_224 => 28,
            Self::Sha256 | Self::Sha512_256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of bytes in memory.
    pub fn digest(self, bytes: &[u8]) -> Digest {
        let mut hasher = Hasher::new(self);
        hasher.update(bytes);
        hasher.finish()
    }
}

/// A digest with its algorithm, written `sha256:<lower-case hexadecimal>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    value: Vec<u8>,
}

impl Digest {
    /// The algorithm.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), hex::encode(&self.value))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = || Error::new(ErrorKind::Malformed, "digest malformed");
        let (name, digits) = text.split_once(':').ok_or_else(malformed)?;
        let algorithm = DigestAlgorithm::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Unsupported,
                    format!("hash algorithm unsupported: {name}"),
                )
            })?;
        let value = hex::decode(digits).map_err(|_| malformed())?;
        if value.len() != algorithm.length() {
            return Err(malformed());
        }
        Ok(Self { algorithm, value })
    }
}

enum Hasher {
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
    Sha512_224(sha2::Sha512_224),
    Sha512_256(sha2::Sha512_256),
}

/// The same expression for whichever hasher it is.
macro_rules! each {
    ($hasher:expr, $inner:ident => $body:expr) => {
        match $hasher {
            Hasher::Sha224($inner) => $body,
            Hasher::Sha256($inner) => $body,
            Hasher::Sha384($inner) => $body,
            Hasher::Sha512($inner) => $body,
            Hasher::Sha512_224($inner) => $body,
            Hasher::Sha512_256($inner) => $body,
        }
    };
}

impl Hasher {
    fn new(algorithm: DigestAlgorithm) -> Self {
        match algorithm {
            DigestAlgorithm::Sha224 => Self::Sha224(sha2::Sha224::new()),
            DigestAlgorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            DigestAlgorithm::Sha384 => Self::Sha384(sha2::Sha384::new()),
            DigestAlgorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
            DigestAlgorithm::Sha512_224 => Self::Sha512_224(sha2::Sha512_224::new()),
            DigestAlgorithm::Sha512_256 => Self::Sha512_256(sha2::Sha512_256::new()),
        }
    }

    fn algorithm(&self) -> DigestAlgorithm {
        match self {
            Self::Sha224(_) => DigestAlgorithm::Sha224,
            Self::Sha256(_) => DigestAlgorithm::Sha256,
            Self::Sha384(_) => DigestAlgorithm::Sha384,
            Self::Sha512(_) => DigestAlgorithm::Sha512,
            Self::Sha512_224(_) => DigestAlgorithm::Sha512_224,
            Self::Sha512_256(_) => DigestAlgorithm::Sha512_256,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        each!(self, inner => inner.update(bytes));
    }

    fn finish(self) -> Digest {
        let algorithm = self.algorithm();
        let value = each!(self, inner => inner.finalize().to_vec());
        Digest { algorithm, value }
    }
}

/// Which digests of which objects are needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestPlan(BTreeMap<ObjectId, BTreeSet<DigestAlgorithm>>);

impl DigestPlan {
    /// Adds a digest to the plan; asking twice costs nothing.
    pub fn need(&mut self, object: ObjectId, algorithm: DigestAlgorithm) {
        self.0.entry(object).or_default().insert(algorithm);
    }

    /// Reads every planned object once and gives its digests.
    ///
    /// # Errors
    /// `Malformed` if the file is cut short under us, `Io`, and `Timeout` if the
    /// context says to stop.
    pub fn run(&self, cx: &Context<'_>, image: &Image) -> Result<Digests> {
        let mut objects: Vec<_> = self
            .0
            .iter()
            .filter_map(|(id, algorithms)| Some((image.object(*id)?, algorithms)))
            .collect();
        // The largest first, so that no core is left with it at the end.
        objects.sort_by_key(|(object, _)| std::cmp::Reverse(object.size()));

        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = cores.min(objects.len()).min(MOST_WORKERS);
        let spare_core = workers < cores;
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Digests::default());
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..workers)
                .map(|_| {
                    scope.spawn(|| -> Result<()> {
                        while let Some((object, algorithms)) =
                            objects.get(next.fetch_add(1, Ordering::Relaxed))
                        {
                            let read_ahead = spare_core && object.size() >= READ_AHEAD_FROM;
                            let digests = hash_object(cx, image, object, algorithms, read_ahead)?;
                            if let Ok(mut done) = done.lock() {
                                done.add(object.id(), digests);
                            }
                        }
                        Ok(())
                    })
                })
                .collect();
            handles.into_iter().try_for_each(|handle| {
                handle
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })?;
        done.into_inner()
            .map_err(|_| Error::new(ErrorKind::Backend, "a hashing thread failed"))
    }
}

/// The digests that a [`DigestPlan`] asked for.
#[derive(Debug, Default)]
pub struct Digests(BTreeMap<(ObjectId, DigestAlgorithm), Digest>);

impl Digests {
    /// The digest of an object's data, if it was planned.
    pub fn of(&self, object: ObjectId, algorithm: DigestAlgorithm) -> Option<&Digest> {
        self.0.get(&(object, algorithm))
    }

    fn add(&mut self, object: ObjectId, digests: Vec<Digest>) {
        for digest in digests {
            self.0.insert((object, digest.algorithm), digest);
        }
    }
}

fn hash_object(
    cx: &Context<'_>,
    image: &Image,
    object: &Descriptor,
    algorithms: &BTreeSet<DigestAlgorithm>,
    read_ahead: bool,
) -> Result<Vec<Digest>> {
    let mut hashers: Vec<_> = algorithms.iter().copied().map(Hasher::new).collect();
    let mut feed = |bytes: &[u8]| hashers.iter_mut().for_each(|hasher| hasher.update(bytes));
    if read_ahead {
        read_ahead_of(cx, image, object, &mut feed)?;
    } else {
        read_in_turn(cx, image, object, &mut feed)?;
    }
    Ok(hashers.into_iter().map(Hasher::finish).collect())
}

fn read_in_turn(
    cx: &Context<'_>,
    image: &Image,
    object: &Descriptor,
    feed: &mut impl FnMut(&[u8]),
) -> Result<()> {
    let mut buffer = vec![0; BUFFER.min(usize::try_from(object.size()).unwrap_or(BUFFER))];
    let mut offset = 0;
    while offset < object.size() {
        cx.budget(Duration::MAX)?;
        let read = image.read_at(object, offset, &mut buffer)?;
        feed(&buffer[..read]);
        offset += read as u64;
    }
    Ok(())
}

/// Reads in a second thread while this one hashes; a few buffers go round.
fn read_ahead_of(
    cx: &Context<'_>,
    image: &Image,
    object: &Descriptor,
    feed: &mut impl FnMut(&[u8]),
) -> Result<()> {
    let (full, filled) = mpsc::sync_channel::<(Vec<u8>, usize)>(BUFFERS_AHEAD);
    let (empty, emptied) = mpsc::sync_channel::<Vec<u8>>(BUFFERS_AHEAD);
    for _ in 0..BUFFERS_AHEAD {
        // The channel has room for each of them.
        let _ = empty.send(vec![0; BUFFER]);
    }
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || -> Result<()> {
            let mut offset = 0;
            while offset < object.size() {
                cx.budget(Duration::MAX)?;
                let Ok(mut buffer) = emptied.recv() else {
                    return Ok(());
                };
                let read = image.read_at(object, offset, &mut buffer)?;
                offset += read as u64;
                if full.send((buffer, read)).is_err() {
                    return Ok(());
                }
            }
            Ok(())
        });
        for (buffer, read) in filled {
            feed(&buffer[..read]);
            // The reader may be done and gone; then nobody needs the buffer.
            let _ = empty.send(buffer);
        }
        reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 example values for the message "abc".
    const ABC: [&str; 6] = [
        "sha224:23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha384:cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "sha512_224:4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa",
        "sha512_256:53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
    ];

    #[test]
    fn every_algorithm_gives_the_standards_example_value() {
        for (algorithm, expected) in DigestAlgorithm::ALL.into_iter().zip(ABC) {
            assert_eq!(algorithm.digest(b"abc").to_string(), expected);
            assert_eq!(expected.parse::<Digest>().unwrap().to_string(), expected);
        }
    }

    #[test]
    fn weak_unknown_and_malformed_digests_cannot_be_said() {
        for text in [
            "md5:900150983cd24fb0d6963f7d28e17f72",
            "sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
            "sha256",
            "sha256:",
            "sha256:00",
            "sha256:zz",
            "",
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
