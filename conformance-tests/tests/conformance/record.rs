//! What the run found, for reports; and how many cells there must be.

use crate::cast::Everybody;
use sifseal_conformance::result::{Cell, Implementation, RunResult, SCHEMA, Suite};
use sifseal_conformance::scenario::{Library, Scenario};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The least number of cells that each one who is asked can run, as of the last run.
const LEAST: &str = include_str!("cells.toml");

/// The cells as they end.
#[derive(Debug, Default)]
pub(crate) struct Record(Mutex<Vec<Cell>>);

impl Record {
    pub(crate) fn add(&self, cell: Cell) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(cell);
    }

    /// Writes `result.json`, from which `sifseal-conformance report` makes reports.
    pub(crate) fn write(&self, library: &Library, everybody: &Everybody, path: &Path) {
        let mut cells = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let place = |id: &str| library.scenarios.iter().position(|own| own.id == id);
        cells.sort_by_cached_key(|cell| {
            (
                place(&cell.scenario),
                cell.signer.clone(),
                cell.implementation.clone(),
            )
        });
        let implementations = everybody.all().map(|who| Implementation {
            name: who.info().name.clone(),
            version: who.info().version.clone(),
            homepage: who.info().homepage.clone(),
            features: who.info().features.clone(),
        });
        let result = RunResult {
            schema: SCHEMA,
            suite: Suite {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                digest: library.digest.clone(),
            },
            ended: sifseal_conformance::runner::now(),
            implementations: implementations.collect(),
            scenarios: library.scenarios.iter().map(Scenario::head).collect(),
            cells,
        };
        let written = serde_json::to_string_pretty(&result)
            .map_err(std::io::Error::from)
            .and_then(|text| {
                path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                std::fs::write(path, text + "\n")
            });
        match written {
            Ok(()) => println!("what was found: {}", path.display()),
            Err(error) => println!("{}: {error}", path.display()),
        }
    }
}

/// A suite that shrinks unseen proves less every day.
pub(crate) fn is_not_smaller(name: &str, cells: usize) -> Result<(), String> {
    let least: BTreeMap<String, usize> =
        toml::from_str(LEAST).map_err(|error| format!("cells.toml: {error}"))?;
    match least.get(name) {
        None => Err(format!(
            "cells.toml does not say how many cells `{name}` has: {cells} now"
        )),
        Some(least) if cells < *least => Err(format!(
            "`{name}` can run {cells} scenarios, and could run {least} when cells.toml was written; \
             if that is meant to be, say so there"
        )),
        Some(_) => Ok(()),
    }
}
