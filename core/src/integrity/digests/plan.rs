//! Which digests are needed, and computing them all in one pass.
//!
//! Hashing is nearly all the time that verification takes. So each object is read
//! once, for all signatures and all algorithms together (W-27), the objects are
//! spread over the cores, and a large object that has a core to spare is read ahead
//! by a second thread. Memory does not depend on the size of the image. Threads are
//! a convenience: where the system gives none, this one does all the work.

use super::read::{Pace, read_data};
use super::{Digest, DigestAlgorithm, Hasher};
use crate::sif::{Descriptor, GroupId, Image, ObjectId};
use crate::{Context, Error, ErrorKind, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// More would fetch no more from one file than these, and each has a buffer.
const MOST_WORKERS: usize = 8;

/// Below this a second thread costs more than it gains.
const READ_AHEAD_FROM: u64 = 16 << 20;

type Algorithms = BTreeSet<DigestAlgorithm>;

/// Which digests of which objects are needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestPlan {
    objects: BTreeMap<ObjectId, Algorithms>,
    groups: BTreeMap<GroupId, Algorithms>,
}

impl DigestPlan {
    /// Adds a digest of an object's data; asking twice costs nothing.
    pub fn need(&mut self, object: ObjectId, algorithm: DigestAlgorithm) {
        self.objects.entry(object).or_default().insert(algorithm);
    }

    /// Adds a digest over the data of all objects of a group, one behind the other
    /// in the order of their IDs: what a legacy signature over a group signs.
    pub fn need_group(&mut self, group: GroupId, algorithm: DigestAlgorithm) {
        self.groups.entry(group).or_default().insert(algorithm);
    }

    /// Reads every planned object once and gives the digests.
    ///
    /// # Errors
    /// `Malformed` if the file is cut short under us, `Io`, and `Timeout` if the
    /// context says to stop.
    pub fn run(&self, cx: &Context<'_>, image: &Image) -> Result<Digests> {
        self.run_with(cx, image, &thread::Builder::new)
    }

    fn run_with(
        &self,
        cx: &Context<'_>,
        image: &Image,
        new_thread: &(dyn Fn() -> thread::Builder + Sync),
    ) -> Result<Digests> {
        let jobs = self.jobs(image);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers = cores.min(jobs.len()).min(MOST_WORKERS);
        let spare_core = workers < cores;
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Digests::default());
        let work = || -> Result<()> {
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let pace = if spare_core && job.size() >= READ_AHEAD_FROM {
                    Pace::Ahead(new_thread)
                } else {
                    Pace::InTurn
                };
                let digests = job.run(cx, image, &pace)?;
                if let Ok(mut done) = done.lock() {
                    done.add(digests);
                }
            }
            Ok(())
        };
        thread::scope(|scope| {
            // This thread works too, so all is done also where the system refuses
            // to give another one.
            let others: Vec<_> = (1..workers)
                .map_while(|_| new_thread().spawn_scoped(scope, work).ok())
                .collect();
            let own = work();
            others.into_iter().fold(own, |result, other| {
                let other = other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                result.and(other)
            })
        })?;
        done.into_inner()
            .map_err(|_| Error::new(ErrorKind::Backend, "a hashing thread failed"))
    }

    /// What can be done side by side: a group that is read as one, or an object. The
    /// largest first, so that no core is left with it at the end.
    fn jobs<'a>(&self, image: &'a Image) -> Vec<Job<'a>> {
        let of_object = |id| self.objects.get(&id).cloned().unwrap_or_default();
        let groups = self.groups.iter().map(|(group, algorithms)| Job {
            group: Some((*group, algorithms.clone())),
            objects: image
                .group_objects(*group)
                .map(|object| (object, of_object(object.id())))
                .collect(),
        });
        let in_no_run = |object: &&Descriptor| {
            let group = object.group();
            !group.is_some_and(|group| self.groups.contains_key(&group))
        };
        let single = self
            .objects
            .iter()
            .filter_map(|(id, algorithms)| Some((image.object(*id)?, algorithms)))
            .filter(|(object, _)| in_no_run(object))
            .map(|(object, algorithms)| Job {
                group: None,
                objects: vec![(object, algorithms.clone())],
            });
        let mut jobs: Vec<_> = groups.chain(single).collect();
        jobs.sort_by_key(|job| std::cmp::Reverse(job.size()));
        jobs
    }
}

/// Objects to be read one behind the other, each for digests of its own, and all
/// together perhaps for digests of their group.
struct Job<'a> {
    group: Option<(GroupId, Algorithms)>,
    objects: Vec<(&'a Descriptor, Algorithms)>,
}

impl Job<'_> {
    fn size(&self) -> u64 {
        self.objects
            .iter()
            .fold(0, |sum, (object, _)| object.size().saturating_add(sum))
    }

    fn run(&self, cx: &Context<'_>, image: &Image, pace: &Pace<'_>) -> Result<Vec<(Of, Digest)>> {
        let mut of_group: Vec<_> = self
            .group
            .iter()
            .flat_map(|(_, algorithms)| hashers(algorithms))
            .collect();
        let mut digests = Vec::new();
        for (object, algorithms) in &self.objects {
            let mut of_object: Vec<_> = hashers(algorithms).collect();
            read_data(cx, image, object, pace, &mut |bytes| {
                for hasher in of_object.iter_mut().chain(&mut of_group) {
                    hasher.update(bytes);
                }
            })?;
            let id = Of::Object(object.id());
            digests.extend(of_object.into_iter().map(|hasher| (id, hasher.finish())));
        }
        if let Some((group, _)) = self.group {
            let id = Of::Group(group);
            digests.extend(of_group.into_iter().map(|hasher| (id, hasher.finish())));
        }
        Ok(digests)
    }
}

fn hashers(algorithms: &Algorithms) -> impl Iterator<Item = Hasher> {
    algorithms.iter().copied().map(Hasher::new)
}

/// What a digest is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Object(ObjectId),
    Group(GroupId),
}

/// The digests that a [`DigestPlan`] asked for.
#[derive(Debug, Default)]
pub struct Digests(BTreeMap<(Of, DigestAlgorithm), Digest>);

impl Digests {
    /// The digest of an object's data, if it was planned.
    pub fn of(&self, object: ObjectId, algorithm: DigestAlgorithm) -> Option<&Digest> {
        self.0.get(&(Of::Object(object), algorithm))
    }

    /// The digest over the data of a group's objects, if it was planned.
    pub fn of_group(&self, group: GroupId, algorithm: DigestAlgorithm) -> Option<&Digest> {
        self.0.get(&(Of::Group(group), algorithm))
    }

    fn add(&mut self, digests: Vec<(Of, Digest)>) {
        for (of, digest) in digests {
            self.0.insert((of, digest.algorithm), digest);
        }
    }
}

#[cfg(test)]
mod tests;
