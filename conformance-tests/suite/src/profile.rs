//! Profiles: what an implementation must pass to be called conforming.
//!
//! A profile names the groups of scenarios that concern it and the features that it cannot
//! do without. What binds are the scenarios of level `must` in those groups that need
//! nothing but these features and those that the implementation claims. None of them may be
//! unsupported, fail, or be a known deviation; and nothing in these groups, whatever its
//! level, may be accepted that must be refused.

use crate::result::{Cell, Level, Outcome, RunResult, ScenarioHead};
use std::fmt;

/// A kind of implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Verifies images.
    Verifier,
    /// Signs images, and verifies what it signed.
    Signer,
    /// Takes keys in, fetches them, and signs with locked ones.
    KeyStore,
}

/// Why somebody does not conform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The scenario's id.
    pub scenario: String,
    /// What is against it, in words.
    pub what: String,
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.scenario, self.what)
    }
}

impl Profile {
    /// The groups that concern it.
    pub fn groups(self) -> &'static [&'static str] {
        match self {
            Self::Verifier => &[
                "signing",
                "several-signers",
                "partial",
                "tampering",
                "uncovered",
                "malformed",
                "dsse",
                "key-kinds",
                "key-states",
                "certificates",
                "messages",
                "legacy",
            ],
            Self::Signer => &["signing", "key-kinds", "locked-keys", "plugin-faults"],
            Self::KeyStore => &["keyserver", "locked-keys", "key-kinds"],
        }
    }

    /// The features that it cannot do without.
    pub fn features(self) -> &'static [&'static str] {
        match self {
            Self::Verifier => &[
                "verify.default",
                "verify.group",
                "verify.object",
                "key.rsa",
                "key.ed25519",
            ],
            Self::Signer => &[
                "sign.default",
                "sign.group",
                "sign.object",
                "verify.default",
                "verify.group",
                "verify.object",
                "key.rsa",
                "key.ed25519",
            ],
            Self::KeyStore => &[
                "fetch",
                "sign.locked",
                "sign.default",
                "verify.default",
                "key.rsa",
                "key.ed25519",
            ],
        }
    }

    /// All that is against somebody; nothing, if it conforms.
    pub fn objections(self, result: &RunResult, implementation: &str) -> Vec<Objection> {
        let who = result
            .implementations
            .iter()
            .find(|who| who.name == implementation);
        let claimed = who.map_or(&[][..], |who| &who.features);
        let own = |head: &ScenarioHead| {
            result.cells.iter().find(|cell| {
                cell.implementation == implementation
                    && cell.signer.is_none()
                    && cell.scenario == head.id
            })
        };
        let mut objections = Vec::new();
        let mut binding = 0;
        let concerns = |head: &&ScenarioHead| self.groups().contains(&head.group.as_str());
        for head in result.scenarios.iter().filter(concerns) {
            let binds = self.binds(head, claimed);
            binding += usize::from(binds);
            let what = match own(head) {
                Some(cell) => against(cell, binds),
                None => binds.then(|| "it was not run".to_owned()),
            };
            if let Some(what) = what {
                let scenario = head.id.clone();
                objections.push(Objection { scenario, what });
            }
        }
        if binding == 0 {
            objections.push(Objection {
                scenario: "-".to_owned(),
                what: "none of the profile's scenarios was run".to_owned(),
            });
        }
        objections
    }

    fn binds(self, head: &ScenarioHead, claimed: &[String]) -> bool {
        let required = |need: &String| self.features().contains(&need.as_str());
        let mut needs = head.needs.iter();
        // What it claims binds it, too.
        head.level == Level::Must && needs.all(|need| required(need) || claimed.contains(need))
    }
}

/// What is against a cell.
fn against(cell: &Cell, binds: bool) -> Option<String> {
    match &cell.outcome {
        Outcome::WronglyAccepted { what } => Some(format!("wrongly accepted: {what}")),
        Outcome::KnownDeviation {
            what,
            wrongly_accepted: true,
            ..
        } => Some(format!("wrongly accepted: {what}")),
        _ if !binds => None,
        Outcome::Pass | Outcome::PassWithoutReason | Outcome::NoExpectation { .. } => None,
        Outcome::Failed { what } => Some(format!("failed: {what}")),
        Outcome::Error { what } => Some(format!("error: {what}")),
        Outcome::Unsupported { lacks } => Some(format!("unsupported: {}", lacks.join(", "))),
        Outcome::KnownDeviation { what, .. } => Some(format!(
            "a known deviation, and a profile allows none: {what}"
        )),
        Outcome::StaleDeviation { .. } => {
            Some("a deviation is on record that does not occur".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{Implementation, SCHEMA, Suite};

    fn head(id: &str, level: Level, needs: &[&str]) -> ScenarioHead {
        ScenarioHead {
            id: id.to_owned(),
            group: "tampering".to_owned(),
            title: id.to_owned(),
            why: String::new(),
            level,
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            weaknesses: Vec::new(),
        }
    }

    fn objections(level: Level, needs: &[&str], outcome: Outcome) -> Vec<Objection> {
        Profile::Verifier.objections(&result(level, needs, outcome), "mine")
    }

    /// A verifier that claims one feature beyond what it must have, and one cell.
    fn result(level: Level, needs: &[&str], outcome: Outcome) -> RunResult {
        RunResult {
            schema: SCHEMA,
            suite: Suite {
                version: String::new(),
                digest: String::new(),
            },
            ended: String::new(),
            implementations: vec![Implementation {
                name: "mine".to_owned(),
                version: String::new(),
                homepage: None,
                features: vec!["verify.default".to_owned(), "verify.legacy".to_owned()],
            }],
            scenarios: vec![
                head("usual", Level::Must, &["verify.default"]),
                head("tried", level, needs),
            ],
            cells: [("usual", Outcome::Pass), ("tried", outcome)]
                .into_iter()
                .map(|(scenario, outcome)| Cell {
                    scenario: scenario.to_owned(),
                    implementation: "mine".to_owned(),
                    signer: None,
                    outcome,
                    steps: Vec::new(),
                    ms: 0,
                })
                .collect(),
        }
    }

    fn unsupported() -> Outcome {
        Outcome::Unsupported { lacks: vec![] }
    }

    #[test]
    fn what_a_profile_cannot_do_without_may_not_be_unsupported() {
        assert_eq!(
            objections(Level::Must, &["verify.group"], unsupported()).len(),
            1
        );
        assert_eq!(
            objections(Level::Should, &["verify.group"], unsupported()),
            []
        );
        assert_eq!(objections(Level::Must, &["verify.at"], unsupported()), []);
    }

    #[test]
    fn what_is_claimed_binds() {
        let failed = || Outcome::Failed {
            what: String::new(),
        };
        assert_eq!(
            objections(Level::Must, &["verify.legacy"], failed()).len(),
            1
        );
        assert_eq!(
            objections(Level::Must, &["verify.default"], Outcome::Pass),
            []
        );
    }

    #[test]
    fn a_wrong_acceptance_is_never_excused() {
        let known = Outcome::KnownDeviation {
            what: String::new(),
            wrongly_accepted: true,
            reason: String::new(),
            link: None,
        };
        for level in [Level::Must, Level::Should, Level::May] {
            assert_eq!(objections(level, &["verify.at"], known.clone()).len(), 1);
        }
    }

    /// Every profile demands a key of each kind in use: who claims none has nothing to fail.
    #[test]
    fn no_profile_can_be_had_without_the_usual_keys() {
        for profile in [Profile::Verifier, Profile::Signer, Profile::KeyStore] {
            for key in ["key.rsa", "key.ed25519"] {
                assert!(profile.features().contains(&key), "{profile:?}: {key}");
            }
        }
    }

    #[test]
    fn a_scenario_that_was_not_run_is_an_objection() {
        let mut result = result(Level::Must, &["verify.group"], Outcome::Pass);
        assert_eq!(Profile::Verifier.objections(&result, "mine"), []);
        result.cells.pop();
        let objections = Profile::Verifier.objections(&result, "mine");
        assert_eq!(objections.len(), 1, "{objections:?}");
    }

    #[test]
    fn nobody_conforms_by_running_nothing() {
        let result = RunResult {
            cells: Vec::new(),
            scenarios: Vec::new(),
            implementations: Vec::new(),
            schema: SCHEMA,
            suite: Suite {
                version: String::new(),
                digest: String::new(),
            },
            ended: String::new(),
        };
        assert_eq!(Profile::Signer.objections(&result, "mine").len(), 1);
    }
}
