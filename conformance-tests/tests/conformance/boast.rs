//! What is declared as unsupported must be refused, and not done badly.

use crate::cast::Asked;
use sifseal_conformance::adapter::{Deviation, Implementation, Info, Session};
use sifseal_conformance::keys::Keys;
use sifseal_conformance::result::Outcome;
use sifseal_conformance::runner::{Cast, run_cell};
use sifseal_conformance::scenario::Scenario;
use std::path::Path;

/// Somebody who claims a feature too many.
#[derive(Debug)]
struct Boaster {
    asked: Asked,
    info: Info,
}

impl Implementation for Boaster {
    fn info(&self) -> &Info {
        &self.info
    }

    fn deviations(&self) -> &[Deviation] {
        &[]
    }

    fn begin(&self, scratch: &Path) -> Result<Box<dyn Session + '_>, String> {
        self.asked.begin(scratch)
    }
}

/// Asks somebody for what it does not have: it must say no, and leave the image alone.
pub(crate) fn is_refused(
    asked: &Asked,
    lacking: &str,
    scenario: &Scenario,
    keys: &Keys,
) -> Result<(), String> {
    let mut info = asked.info().clone();
    info.features.push(lacking.to_owned());
    let boaster = Boaster {
        asked: Asked::clone(asked),
        info,
    };
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let cast = Cast {
        verifier: &boaster,
        signer: None,
    };
    let cell = run_cell(scenario, cast, keys, folder.path());
    match cell.outcome {
        // To sign is what is expected; a refusal that changes nothing fails that.
        Outcome::Failed { .. } => Ok(()),
        other => Err(format!("{other:?}\n{:#?}", cell.steps)),
    }
}
