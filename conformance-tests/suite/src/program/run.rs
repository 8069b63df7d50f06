//! `run`: scenarios on adapters.

use super::args::RunArgs;
use super::report::{print, write_reports};
use super::{GOOD, NOT_AS_EXPECTED, library};
use anyhow::{Context as _, bail};
use sifseal_conformance::adapter::{Adapter, Implementation};
use sifseal_conformance::result::{Cell, RunResult};
use sifseal_conformance::runner::{Asked, Progress, run_suite};
use std::io::{IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

pub(super) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let mut library = library(args.scenarios.as_deref())?;
    if !args.only.is_empty() {
        library
            .scenarios
            .retain(|scenario| args.only.iter().any(|text| scenario.is_about(text)));
    }
    if library.scenarios.is_empty() {
        bail!("there is no such scenario; `list` shows all");
    }
    let built = tempfile::tempdir().context("a folder for what adapters build")?;
    let adapters = open(args, built.path())?;
    let asked = Asked {
        library: &library,
        implementations: adapters
            .iter()
            .map(|adapter| adapter as &dyn Implementation)
            .collect(),
        pairs: args.pairs,
        jobs: match args.jobs {
            Some(jobs) => jobs,
            None => std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        },
    };
    let result = run_suite(&asked, &Counter::new())?;
    // First what cannot fail for want of a folder.
    print(&result)?;
    if let Some(path) = &args.out {
        let text = serde_json::to_string_pretty(&result)? + "\n";
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    write_reports(&result, &args.reports)?;
    Ok(ExitCode::from(verdict(args, &result)))
}

fn open(args: &RunArgs, built: &Path) -> anyhow::Result<Vec<Adapter>> {
    let patience = Duration::from_secs(args.timeout.get());
    let mut adapters = Vec::new();
    for folder in &args.adapters {
        match Adapter::open(folder, built, patience) {
            Ok(adapter) => {
                let name = &adapter.info().name;
                if adapters
                    .iter()
                    .any(|other: &Adapter| other.info().name == *name)
                {
                    bail!("two adapters are called {name}");
                }
                adapters.push(adapter);
            }
            Err(problem) if args.skip_missing => eprintln!("left out: {problem}"),
            Err(problem) => bail!("{problem}"),
        }
    }
    if adapters.is_empty() {
        bail!("there is nobody to ask");
    }
    Ok(adapters)
}

/// What the run comes to; with a profile, what is against each.
fn verdict(args: &RunArgs, result: &RunResult) -> u8 {
    let Some(profile) = args.profile else {
        let failed = result.cells.iter().any(|cell| cell.outcome.is_failure());
        return if failed { NOT_AS_EXPECTED } else { GOOD };
    };
    let mut verdict = GOOD;
    for who in &result.implementations {
        let objections = profile.objections(result, &who.name);
        if objections.is_empty() {
            println!("{} {} conforms to the profile", who.name, who.version);
            continue;
        }
        verdict = NOT_AS_EXPECTED;
        println!(
            "{} {} does not conform to the profile:",
            who.name, who.version
        );
        for objection in objections {
            println!("  {objection}");
        }
    }
    verdict
}

/// Counts on the terminal, if there is one.
struct Counter {
    shows: bool,
}

impl Counter {
    fn new() -> Self {
        Self {
            shows: std::io::stderr().is_terminal(),
        }
    }
}

impl Progress for Counter {
    fn ended(&self, _cell: &Cell, done: usize, all: usize) {
        if self.shows {
            let mut stderr = std::io::stderr();
            let end = if done == all { "\n" } else { "" };
            // Nobody is harmed if a count is not seen.
            let _ = write!(stderr, "\r{done} of {all}{end}");
        }
    }
}
