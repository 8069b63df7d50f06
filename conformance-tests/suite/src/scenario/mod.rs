//! Scenarios: what is tried, and what must come of it, as data.
//!
//! A scenario is one TOML file in `scenarios/GROUP/ID.toml`. It begins with an image and
//! the certificates that the verifier has; then come [`Step`]s, each one of a closed set of
//! verbs. Some are done by the suite's own hand, others are asked of the implementation,
//! and those say what is expected. What cannot be said in these verbs needs a new verb,
//! not a test of its own.

mod files;
mod known;
mod needs;
mod plugin;
mod selection;
mod step;
mod words;

pub use files::{Library, LoadError};
pub use known::{FEATURES, REASONS};
pub use plugin::PluginConduct;
pub use selection::Selection;
pub use step::{
    AddObject, Append, ChangeBytes, Cut, DeleteObject, Expect, FetchKey, Import, ImportPart, Serve,
    SetPrimary, Sign, SignAsDsse, SignByHand, SignLegacyByHand, Step, Verify,
};

use crate::result::{Level, ScenarioHead};
use serde::Deserialize;

/// One scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    /// Its name, for ever; the file has it too.
    pub id: String,
    /// The group, which is the name of the folder.
    #[serde(skip)]
    pub group: String,
    /// What is so, in one sentence.
    pub title: String,
    /// Why it matters, in a sentence that a user understands.
    pub why: String,
    /// How much it binds.
    pub level: Level,
    /// The image to begin with.
    #[serde(default = "one_group")]
    pub image: String,
    /// The keys whose certificates the verifier has from the beginning.
    #[serde(default)]
    pub trusts: Vec<String>,
    /// Features that are needed beside those that the steps and keys tell.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The weaknesses of the reference that it shows.
    #[serde(default)]
    pub weaknesses: Vec<String>,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

fn one_group() -> String {
    "one-group".to_owned()
}

impl Scenario {
    /// What reports say of it.
    pub fn head(&self) -> ScenarioHead {
        ScenarioHead {
            id: self.id.clone(),
            group: self.group.clone(),
            title: self.title.clone(),
            why: self.why.clone(),
            level: self.level,
            needs: self.features(),
            weaknesses: self.weaknesses.clone(),
        }
    }

    /// True if its id or its group contains a text.
    pub fn is_about(&self, text: &str) -> bool {
        self.id.contains(text) || self.group.contains(text)
    }

    /// True if an implementation is asked to sign, and an image is verified: then one can
    /// sign and another verify.
    pub fn is_for_two(&self) -> bool {
        let signs = |step: &Step| matches!(step, Step::Sign(_));
        let verifies = |step: &Step| matches!(step, Step::Verify(_));
        self.steps.iter().any(signs) && self.steps.iter().any(verifies)
    }
}
