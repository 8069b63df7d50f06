//! A file system in memory that tells what a power cut could leave behind, and
//! the proof that replacing a file survives one at every step.
//!
//! What was written and not synced may be there wholly, in part or not at all,
//! and names that were changed without syncing the directory may be changed or
//! not, each independently of the others.

use super::disk::{Disk, Existing, New};
use super::put;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

const OLD: &[u8] = b"the old keyring";
const NEW: &[u8] = b"the new keyring, which is longer";

type Names = BTreeMap<PathBuf, usize>;

#[derive(Default)]
struct State {
    files: Vec<Contents>,
    names: Names,
    durable_names: Names,
    /// Changes of names since the directory was synced.
    unsynced: Vec<NameChange>,
    steps_left: usize,
    steps_taken: usize,
}

#[derive(Default)]
struct Contents {
    bytes: Vec<u8>,
    is_durable: bool,
}

#[derive(Clone)]
enum NameChange {
    Added(PathBuf, usize),
    Removed(PathBuf),
    Renamed(PathBuf, PathBuf, usize),
}

impl NameChange {
    fn apply(&self, names: &mut Names) {
        match self {
            Self::Added(path, file) => {
                names.insert(path.clone(), *file);
            }
            Self::Removed(path) => {
                names.remove(path);
            }
            Self::Renamed(from, to, file) => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
        }
    }
}

/// Works for a number of steps; then the power is gone and nothing more happens.
struct Machine {
    state: RefCell<State>,
    /// A disk that lies about having synced, to prove that it would be noticed.
    ignores_sync: bool,
}

impl Machine {
    fn with_file(target: &Path, steps: usize) -> Self {
        let mut state = State {
            steps_left: steps,
            ..State::default()
        };
        state.files.push(Contents {
            bytes: OLD.to_vec(),
            is_durable: true,
        });
        state.names.insert(target.to_owned(), 0);
        state.durable_names = state.names.clone();
        Self {
            state: RefCell::new(state),
            ignores_sync: false,
        }
    }

    fn step<T>(&self, act: impl FnOnce(&mut State) -> T) -> io::Result<T> {
        let mut state = self.state.borrow_mut();
        if state.steps_left == 0 {
            return Err(io::Error::other("the power is gone"));
        }
        state.steps_left -= 1;
        state.steps_taken += 1;
        Ok(act(&mut state))
    }

    /// What stands under the name after a power cut, in every possible outcome.
    fn outcomes(&self, target: &Path) -> Vec<Option<Vec<u8>>> {
        let state = self.state.borrow();
        let mut outcomes = Vec::new();
        for subset in 0..1u32 << state.unsynced.len() {
            let mut names = state.durable_names.clone();
            for (at, change) in state.unsynced.iter().enumerate() {
                if subset & 1 << at != 0 {
                    change.apply(&mut names);
                }
            }
            let Some(file) = names.get(target) else {
                outcomes.push(None);
                continue;
            };
            let contents = &state.files[*file];
            if !contents.is_durable {
                let half = contents.bytes[..contents.bytes.len() / 2].to_vec();
                let zeros = vec![0; contents.bytes.len()];
                outcomes.extend([Some(Vec::new()), Some(half), Some(zeros)]);
            }
            outcomes.push(Some(contents.bytes.clone()));
        }
        outcomes
    }

    /// What a reader sees now, or after the program alone was killed.
    fn seen(&self, target: &Path) -> Option<Vec<u8>> {
        let state = self.state.borrow();
        let file = state.names.get(target)?;
        Some(state.files[*file].bytes.clone())
    }
}

impl Disk for Machine {
    type File = usize;

    fn create(&self, path: &Path, _new: &New<'_>) -> io::Result<usize> {
        self.step(|state| {
            let file = state.files.len();
            state.files.push(Contents::default());
            assert!(state.names.insert(path.to_owned(), file).is_none());
            state
                .unsynced
                .push(NameChange::Added(path.to_owned(), file));
            file
        })
    }

    fn write(&self, file: &mut usize, bytes: &[u8]) -> io::Result<()> {
        // Two steps, so that the power can go in the middle of it.
        for part in [&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]] {
            self.step(|state| {
                state.files[*file].bytes.extend_from_slice(part);
                state.files[*file].is_durable = false;
            })?;
        }
        Ok(())
    }

    fn sync(&self, file: &usize) -> io::Result<()> {
        let is_durable = !self.ignores_sync;
        self.step(|state| state.files[*file].is_durable = is_durable)
    }

    fn place(&self, from: &Path, to: &Path, existing: Existing) -> io::Result<()> {
        self.step(|state| {
            if existing == Existing::Refuse && state.names.contains_key(to) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let file = state.names[from];
            let change = NameChange::Renamed(from.to_owned(), to.to_owned(), file);
            change.apply(&mut state.names);
            state.unsynced.push(change);
            Ok(())
        })?
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|state| {
            state.names.remove(path);
            state.unsynced.push(NameChange::Removed(path.to_owned()));
        })
    }

    fn sync_directory(&self, _path: &Path) -> io::Result<()> {
        self.step(|state| {
            state.durable_names = state.names.clone();
            state.unsynced.clear();
        })
    }
}

fn target() -> PathBuf {
    PathBuf::from("/keys/pgp-secret")
}

fn run(machine: &Machine, target: &Path, existing: Existing) -> io::Result<()> {
    let new = New {
        bytes: NEW,
        mode: 0o600,
        owner: None,
    };
    put(machine, target, &new, existing)
}

#[test]
fn after_a_power_cut_at_any_step_the_file_is_whole_old_or_whole_new_w17() {
    let target = target();
    let mut steps = 0;
    loop {
        let machine = Machine::with_file(&target, steps);
        let finished = run(&machine, &target, Existing::Replace).is_ok();
        for outcome in machine.outcomes(&target) {
            let outcome = outcome.expect("the name is never without a file");
            assert!(
                outcome == OLD || outcome == NEW,
                "step {steps}: {outcome:?}"
            );
            assert!(!finished || outcome == NEW, "reported done, and old again");
        }
        let seen = machine.seen(&target).unwrap();
        assert!(seen == OLD || seen == NEW, "killed at step {steps}");
        if finished {
            break;
        }
        steps += 1;
    }
    // create, two halves of the write, sync, rename, sync of the directory
    assert_eq!(steps, 6);
}

#[test]
fn between_the_rename_and_the_sync_of_the_directory_both_are_possible_and_whole() {
    let target = target();
    let machine = Machine::with_file(&target, 5);
    assert!(run(&machine, &target, Existing::Replace).is_err());
    let outcomes = machine.outcomes(&target);
    assert!(outcomes.contains(&Some(OLD.to_vec())));
    assert!(outcomes.contains(&Some(NEW.to_vec())));
    assert_eq!(machine.seen(&target).unwrap(), NEW);
}

#[test]
fn a_new_file_is_there_wholly_or_not_at_all_w10() {
    let other = PathBuf::from("/keys/other");
    let target = target();
    for steps in 0..=6 {
        let machine = Machine::with_file(&other, steps);
        let _ = run(&machine, &target, Existing::Refuse);
        for outcome in machine.outcomes(&target) {
            assert!(outcome.is_none() || outcome.as_deref() == Some(NEW));
        }
    }
}

#[test]
fn this_test_would_notice_a_missing_sync() {
    let target = target();
    let mut machine = Machine::with_file(&target, usize::MAX);
    machine.ignores_sync = true;
    run(&machine, &target, Existing::Replace).unwrap();
    let torn = |outcome: &Option<Vec<u8>>| outcome.as_deref() != Some(NEW);
    assert!(machine.outcomes(&target).iter().any(torn));
}
