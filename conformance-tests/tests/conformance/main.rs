//! The conformance suite on every combination of our backends: each scenario with each
//! combination is a test of its own, named `COMBINATION::SCENARIO`.

use libtest_mimic::{Arguments, Failed, Trial};
use sifseal_conformance::keys::Keys;
use sifseal_conformance::result::Outcome;
use sifseal_conformance::runner::{Cast, run_cell};
use sifseal_conformance::scenario::{Library, Scenario};
use sifseal_conformance_tests::engines;
use sifseal_conformance_tests::stack::{FileHome, KeyserverKind, Stack};
use std::path::Path;
use std::sync::Arc;

fn main() {
    let arguments = Arguments::from_args();
    // As they are now, not as they were when something was built.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/scenarios");
    let library = match Library::in_folder(&folder) {
        Ok(library) => library,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    let keys = Arc::new(Keys::default());
    let mut trials = Vec::new();
    for engine in engines() {
        for keyserver in [KeyserverKind::Hkp, KeyserverKind::Offline] {
            let stack = Arc::new(Stack::new(
                Arc::clone(&engine),
                Arc::new(FileHome),
                keyserver,
            ));
            for scenario in &library.scenarios {
                trials.push(trial(
                    scenario.clone(),
                    Arc::clone(&stack),
                    Arc::clone(&keys),
                ));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(scenario: Scenario, stack: Arc<Stack>, keys: Arc<Keys>) -> Trial {
    use sifseal_conformance::adapter::Implementation as _;
    let name = format!("{}::{}", stack.info().name, scenario.id);
    Trial::test(name, move || {
        let folder = tempfile::tempdir()?;
        let cast = Cast {
            verifier: &*stack,
            signer: None,
        };
        let cell = run_cell(&scenario, cast, &keys, folder.path());
        match cell.outcome {
            Outcome::Pass | Outcome::NoExpectation { .. } | Outcome::Unsupported { .. } => Ok(()),
            outcome => Err(Failed::from(format!("{outcome:?}\n{:#?}", cell.steps))),
        }
    })
}
