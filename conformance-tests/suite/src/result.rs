//! What a run of the suite found, as data: `result.json`.
//!
//! Reports are rendered from this alone, so everything that a reader may want to know
//! is in it: what each scenario is for, what was asked of whom, what was expected and
//! what was seen. It is sorted, so that the difference of two runs can be read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of this form. It grows with every change that a reader must know of.
pub const SCHEMA: u32 = 1;

/// One run of the suite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunResult {
    /// The version of this form: 1.
    pub schema: u32,
    /// The suite that ran.
    pub suite: Suite,
    /// When the run ended: RFC 3339, UTC.
    pub ended: String,
    /// Everybody who was asked, by name.
    pub implementations: Vec<Implementation>,
    /// Every scenario that was run, in the order of groups and ids.
    pub scenarios: Vec<ScenarioHead>,
    /// Every cell, by scenario, then signer, then implementation.
    pub cells: Vec<Cell>,
}

/// The suite that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Suite {
    /// Its version.
    pub version: String,
    /// SHA-256 over all scenarios, as lower-case hexadecimal digits.
    pub digest: String,
}

/// Somebody who was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Implementation {
    /// The name by which cells speak of it.
    pub name: String,
    /// Its version, as it says.
    pub version: String,
    /// Where to learn more, if there is such a place.
    pub homepage: Option<String>,
    /// What it says it can do.
    pub features: Vec<String>,
}

/// What a reader needs to know of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ScenarioHead {
    /// Its name, for ever.
    pub id: String,
    /// The group of scenarios that it belongs to.
    pub group: String,
    /// What is so, in one sentence.
    pub title: String,
    /// Why it matters, in a sentence that a user understands.
    pub why: String,
    /// How much it binds.
    pub level: Level,
    /// The features that it needs.
    pub needs: Vec<String>,
    /// The weaknesses of the reference that it shows: `W-1` to `W-29`.
    pub weaknesses: Vec<String>,
}

/// How much a scenario binds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Whoever does otherwise is not an implementation of SIF signatures, or not a safe one.
    Must,
    /// Whoever does otherwise needs a reason.
    Should,
    /// Either is right; it is told what each does.
    May,
}

/// One scenario with one implementation, or with one that signs and one that verifies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cell {
    /// The scenario's id.
    pub scenario: String,
    /// Who was asked.
    pub implementation: String,
    /// Who signed, where that was somebody else.
    pub signer: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// What was done, step by step, as far as it came.
    pub steps: Vec<StepRecord>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// What came of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is", deny_unknown_fields)]
pub enum Outcome {
    /// As expected, for the reason that was expected.
    Pass,
    /// As expected; the reason was not told.
    PassWithoutReason,
    /// There is no right answer: it is told what was seen.
    NoExpectation {
        /// `accepted`, `refused`.
        observed: String,
    },
    /// What must be refused was accepted. The worst.
    WronglyAccepted {
        /// The step in question, in words.
        what: String,
    },
    /// Otherwise not as expected.
    Failed {
        /// In words.
        what: String,
    },
    /// No answer: a crash, an exit status of no meaning, no end in time, an image changed
    /// while it was verified.
    Error {
        /// In words.
        what: String,
    },
    /// It said beforehand that it cannot do this.
    Unsupported {
        /// The features that it lacks.
        lacks: Vec<String>,
    },
    /// Not as expected, and known.
    KnownDeviation {
        /// What is not as expected.
        what: String,
        /// True if something that must be refused was accepted.
        wrongly_accepted: bool,
        /// Why it is so.
        reason: String,
        /// Where that is discussed.
        link: Option<String>,
    },
    /// A deviation is on record that no longer occurs: the record is wrong.
    StaleDeviation {
        /// What the record says.
        reason: String,
    },
}

/// One step as it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StepRecord {
    /// What was done, in words.
    pub what: String,
    /// The call, for steps that ask the implementation: its words as they were.
    pub call: Option<Vec<String>>,
    /// What was expected, in words; nothing for what the suite does itself.
    pub expected: Option<String>,
    /// What was seen, in words.
    pub observed: Option<String>,
    /// The exit status, where there is a process.
    pub exit: Option<i32>,
    /// The reasons that were told.
    pub reasons: Vec<String>,
    /// The beginning of what was printed, made harmless for a terminal.
    pub stdout: String,
    /// The beginning of what was complained about, made harmless for a terminal.
    pub stderr: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

impl Outcome {
    /// True if this outcome makes a run fail.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::WronglyAccepted { .. }
                | Self::Failed { .. }
                | Self::Error { .. }
                | Self::StaleDeviation { .. }
        )
    }
}

impl StepRecord {
    /// A step that the suite did itself.
    pub fn by_hand(what: String) -> Self {
        Self {
            what,
            call: None,
            expected: None,
            observed: None,
            exit: None,
            reasons: Vec::new(),
            stdout: String::new(),
            stderr: String::new(),
            ms: 0,
        }
    }
}
