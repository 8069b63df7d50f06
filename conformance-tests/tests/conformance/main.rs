//! The conformance suite on every combination of our backends, on our program, and on other
//! implementations: `WHO::SCENARIO`, and where one signs for another, `SIGNER->VERIFIER::SCENARIO`.
//!
//! A cell that somebody has declared to be beyond it is marked `[unsupported]` and passes; that
//! it refuses what it has not is tried once for each feature.

mod boast;
mod cast;
mod record;

use cast::{Asked, Everybody};
use libtest_mimic::{Arguments, Failed, Trial};
use record::Record;
use sifseal_conformance::keys::Keys;
use sifseal_conformance::result::Outcome;
use sifseal_conformance::runner::{Cast, run_cell};
use sifseal_conformance::scenario::{Expect, Library, Scenario, Step};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// The groups in which one signs for another: the others are about a verifier alone.
const FOR_TWO: [&str; 3] = ["signing", "several-signers", "key-kinds"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // As they are now, not as they were when something was built.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/scenarios");
    let library = match Library::in_folder(&folder) {
        Ok(library) => library,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance");
    let everybody = Everybody::on_this_machine(&out);
    let bench = Arc::new(Bench::default());
    let trials = trials(&library, &everybody, &bench);
    let is_whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if is_whole {
        bench
            .record
            .write(&library, &everybody, &out.join("result.json"));
    }
    conclusion.exit_code()
}

/// What all trials share.
#[derive(Debug, Default)]
struct Bench {
    keys: Keys,
    record: Record,
}

fn trials(library: &Library, everybody: &Everybody, bench: &Arc<Bench>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for asked in everybody.all() {
        let mut count = 0;
        for scenario in &library.scenarios {
            let trial = trial(scenario, asked, None, bench);
            count += usize::from(trial.is_some());
            trials.push(trial.unwrap_or_else(|| unsupported(scenario, asked, None, bench)));
        }
        let name = asked.info().name.clone();
        trials.push(Trial::test(format!("{name}::is-not-smaller"), move || {
            record::is_not_smaller(&name, count).map_err(Failed::from)
        }));
    }
    for stack in &everybody.stacks {
        trials.extend(refusals(library, stack, bench));
    }
    let for_two = |own: &&Scenario| own.is_for_two() && FOR_TWO.contains(&own.group.as_str());
    for (signer, verifier) in everybody.pairs() {
        let mut count = 0;
        for scenario in library.scenarios.iter().filter(for_two) {
            let trial = trial(scenario, verifier, Some(signer), bench);
            count += usize::from(trial.is_some());
            let unsupported = || unsupported(scenario, verifier, Some(signer), bench);
            trials.push(trial.unwrap_or_else(unsupported));
        }
        let (signer, verifier) = (&signer.info().name, &verifier.info().name);
        let name = format!("{signer}->{verifier}::is-not-smaller");
        trials.push(Trial::test(name, move || {
            record::is_not_smaller("every pair", count).map_err(Failed::from)
        }));
    }
    trials
}

fn name_of(scenario: &Scenario, asked: &Asked, signer: Option<&Asked>) -> String {
    let verifier = &asked.info().name;
    match signer {
        None => format!("{verifier}::{}", scenario.id),
        Some(signer) => format!("{}->{verifier}::{}", signer.info().name, scenario.id),
    }
}

/// The cell as a trial; `None` if those who are asked have declared that they cannot.
fn trial(
    scenario: &Scenario,
    asked: &Asked,
    signer: Option<&Asked>,
    bench: &Arc<Bench>,
) -> Option<Trial> {
    let cast = Cast {
        verifier: &**asked,
        signer: signer.map(|signer| &**signer),
    };
    if !cast.lacks(scenario).is_empty() {
        return None;
    }
    let name = name_of(scenario, asked, signer);
    let (scenario, asked, signer) = (scenario.clone(), Arc::clone(asked), signer.cloned());
    let bench = Arc::clone(bench);
    Some(Trial::test(name, move || {
        let outcome = run(&scenario, &asked, signer.as_ref(), &bench)?;
        match outcome {
            outcome if outcome.is_failure() => Err(Failed::from(format!("{outcome:?}"))),
            Outcome::Unsupported { .. } => Err(Failed::from("it was to be run")),
            _ => Ok(()),
        }
    }))
}

/// A cell that is only recorded.
fn unsupported(
    scenario: &Scenario,
    asked: &Asked,
    signer: Option<&Asked>,
    bench: &Arc<Bench>,
) -> Trial {
    let name = name_of(scenario, asked, signer);
    let (scenario, asked, signer) = (scenario.clone(), Arc::clone(asked), signer.cloned());
    let bench = Arc::clone(bench);
    let trial = Trial::test(name, move || {
        match run(&scenario, &asked, signer.as_ref(), &bench)? {
            Outcome::Unsupported { .. } => Ok(()),
            outcome => Err(Failed::from(format!("{outcome:?}"))),
        }
    });
    trial.with_kind("unsupported")
}

fn run(
    scenario: &Scenario,
    asked: &Asked,
    signer: Option<&Asked>,
    bench: &Bench,
) -> Result<Outcome, Failed> {
    let folder = tempfile::tempdir()?;
    let cast = Cast {
        verifier: &**asked,
        signer: signer.map(|signer| &**signer),
    };
    let cell = run_cell(scenario, cast, &bench.keys, folder.path());
    if cell.outcome.is_failure() {
        println!("{:#?}", cell.steps);
    }
    let outcome = cell.outcome.clone();
    bench.record.add(cell);
    Ok(outcome)
}

/// That a stack refuses what it has not, once for each feature of signing that it lacks.
fn refusals(library: &Library, stack: &Asked, bench: &Arc<Bench>) -> Vec<Trial> {
    let needs_only = |own: &&Scenario, feature: &str| {
        let cast = Cast {
            verifier: &**stack,
            signer: None,
        };
        let signs = |step: &Step| matches!(step, Step::Sign(sign) if sign.expect == Expect::Accept);
        cast.lacks(own) == [feature] && own.steps.first().is_some_and(signs)
    };
    ["sign.locked", "sign.subkey", "sign.plugin"]
        .into_iter()
        .filter_map(|feature| {
            let mut scenarios = library.scenarios.iter();
            let scenario = scenarios.find(|own| needs_only(own, feature))?.clone();
            let (stack, bench) = (Arc::clone(stack), Arc::clone(bench));
            let name = format!("{}::refuses-{feature}", stack.info().name);
            Some(Trial::test(name, move || {
                boast::is_refused(&stack, feature, &scenario, &bench.keys).map_err(Failed::from)
            }))
        })
        .collect()
}
