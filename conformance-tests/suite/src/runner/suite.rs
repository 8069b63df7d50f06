//! All scenarios with all implementations.

use super::cell::{Cast, run_cell};
use crate::adapter::Implementation;
use crate::keys::Keys;
use crate::result::{Cell, RunResult, SCHEMA, Suite};
use crate::scenario::{Library, Scenario};
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a run is asked to do.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The scenarios.
    pub library: &'a Library,
    /// Everybody.
    pub implementations: Vec<&'a dyn Implementation>,
    /// True to let each sign for each other, too.
    pub pairs: bool,
    /// How many cells run at the same time.
    pub jobs: NonZeroUsize,
}

/// Hears of cells as they end.
pub trait Progress: Sync {
    /// One more has ended.
    fn ended(&self, cell: &Cell, done: usize, all: usize);
}

/// Runs everything.
///
/// # Errors
/// No folder can be made.
pub fn run_suite(asked: &Asked<'_>, progress: &dyn Progress) -> std::io::Result<RunResult> {
    let keys = Keys::default();
    let work: Vec<_> = cells_of(asked).collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let folder = tempfile::tempdir()?;
    std::thread::scope(|scope| {
        for _ in 0..asked.jobs.get().min(work.len()) {
            scope.spawn(|| {
                while let Some((scenario, cast)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let cell = run_in(folder.path(), scenario, *cast, &keys);
                    let mut done = done
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    done.push(cell);
                    if let Some(cell) = done.last() {
                        progress.ended(cell, done.len(), work.len());
                    }
                }
            });
        }
    });
    let cells = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(result(asked, cells))
}

/// Every cell that there is: each scenario with each, and with each pair where one signs
/// and one verifies.
fn cells_of<'a>(asked: &'a Asked<'a>) -> impl Iterator<Item = (&'a Scenario, Cast<'a>)> {
    let alone = move |scenario: &'a Scenario| {
        let cast = |who: &&'a dyn Implementation| Cast {
            verifier: *who,
            signer: None,
        };
        asked
            .implementations
            .iter()
            .map(cast)
            .map(move |cast| (scenario, cast))
    };
    let together = move |scenario: &'a Scenario| {
        let is_wanted = asked.pairs && scenario.is_for_two();
        let all = asked.implementations.iter();
        let signers = all.enumerate().filter(move |_| is_wanted);
        signers.flat_map(move |(index, signer)| {
            let others = asked.implementations.iter().enumerate();
            others
                .filter(move |(other, _)| *other != index)
                .map(move |(_, verifier)| {
                    let cast = Cast {
                        verifier: *verifier,
                        signer: Some(*signer),
                    };
                    (scenario, cast)
                })
        })
    };
    let scenarios = asked.library.scenarios.iter();
    scenarios.flat_map(move |scenario| alone(scenario).chain(together(scenario)))
}

fn run_in(folder: &std::path::Path, scenario: &Scenario, cast: Cast<'_>, keys: &Keys) -> Cell {
    match tempfile::tempdir_in(folder) {
        Ok(own) => run_cell(scenario, cast, keys, own.path()),
        Err(error) => Cell {
            scenario: scenario.id.clone(),
            implementation: cast.verifier.info().name.clone(),
            signer: cast.signer.map(|signer| signer.info().name.clone()),
            outcome: crate::result::Outcome::Error {
                what: format!("the suite itself failed: {error}"),
            },
            steps: Vec::new(),
            ms: 0,
        },
    }
}

/// The present as results have it: RFC 3339, UTC, in whole seconds.
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

fn result(asked: &Asked<'_>, mut cells: Vec<Cell>) -> RunResult {
    let place = |id: &str| asked.library.scenarios.iter().position(|own| own.id == id);
    cells.sort_by_cached_key(|cell| {
        let who = cell.implementation.clone();
        (place(&cell.scenario), cell.signer.clone(), who)
    });
    RunResult {
        schema: SCHEMA,
        suite: Suite {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            digest: asked.library.digest.clone(),
        },
        ended: now(),
        implementations: asked
            .implementations
            .iter()
            .map(|who| {
                let info = who.info();
                crate::result::Implementation {
                    name: info.name.clone(),
                    version: info.version.clone(),
                    homepage: info.homepage.clone(),
                    features: info.features.clone(),
                }
            })
            .collect(),
        scenarios: asked.library.scenarios.iter().map(Scenario::head).collect(),
        cells,
    }
}
