//! One scenario with those who are asked.

use super::bench::Bench;
use super::observe::{Seen, compare, compare_verification, disturbed, record, record_signers};
use super::watch::{Look, Watch};
use crate::adapter::{Deviation, Implementation, Observed, Verdict};
use crate::keys::Keys;
use crate::result::{Cell, Outcome, StepRecord};
use crate::scenario::{Expect, ImportPart, Scenario, Step};
use std::path::Path;
use std::time::Instant;

/// Who is asked: one for everything, or one to sign and one for the rest.
#[derive(Debug, Clone, Copy)]
pub struct Cast<'a> {
    /// Who verifies, imports and fetches.
    pub verifier: &'a dyn Implementation,
    /// Who signs, if that is somebody else.
    pub signer: Option<&'a dyn Implementation>,
}

impl Cast<'_> {
    /// True if somebody can sign for a scenario.
    fn can_sign(&self, scenario: &Scenario) -> bool {
        let signer = self.signer.unwrap_or(self.verifier);
        lacking(signer, scenario.signing_features()).is_empty()
    }

    /// The features that they lack for a scenario.
    pub fn lacks(&self, scenario: &Scenario) -> Vec<String> {
        match self.signer {
            None => lacking(self.verifier, scenario.features()),
            Some(signer) => {
                let mut lacks = lacking(self.verifier, scenario.verifying_features());
                for need in lacking(signer, scenario.signing_features()) {
                    if !lacks.contains(&need) {
                        lacks.push(need);
                    }
                }
                lacks
            }
        }
    }
}

fn lacking(who: &dyn Implementation, mut needs: Vec<String>) -> Vec<String> {
    let has = &who.info().features;
    needs.retain(|need| !has.contains(need));
    needs
}

/// Runs a scenario. `folder` is empty and belongs to it.
pub fn run_cell(scenario: &Scenario, cast: Cast<'_>, keys: &Keys, folder: &Path) -> Cell {
    let begun = Instant::now();
    let mut steps = Vec::new();
    let lacks = cast.lacks(scenario);
    let outcome = match lacks.is_empty() {
        false => Outcome::Unsupported { lacks },
        true => match run_steps(scenario, cast, keys, folder, &mut steps) {
            Ok(found) => judge(found, scenario, cast),
            Err(what) => Outcome::Error {
                what: format!("the suite itself failed: {what}"),
            },
        },
    };
    Cell {
        scenario: scenario.id.clone(),
        implementation: cast.verifier.info().name.clone(),
        signer: cast.signer.map(|signer| signer.info().name.clone()),
        outcome,
        steps,
        ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// What the steps came to.
#[derive(Debug)]
struct Found {
    seen: Seen,
    /// The last step in words.
    what: String,
}

fn run_steps(
    scenario: &Scenario,
    cast: Cast<'_>,
    keys: &Keys,
    folder: &Path,
    steps: &mut Vec<StepRecord>,
) -> Result<Found, String> {
    let place = |name: &str| -> Result<_, String> {
        let path = folder.join(name);
        std::fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    };
    let signer = match cast.signer {
        Some(signer) => Some(signer.begin(&place("signer")?)?),
        None => None,
    };
    let verifier = cast.verifier.begin(&place("scratch")?)?;
    let mut bench = Bench::new(scenario, keys, &place("bench")?, signer, verifier)?;

    let mut watch = Watch::new(bench.image())?;

    let mut found = Found {
        seen: Seen::AsExpected { reason_told: true },
        what: String::new(),
    };
    // Who does not take a key in cannot tell what is wrong with it later: whether the image
    // is accepted counts then, and not for which reason it is refused.
    let mut has_all_keys = true;
    for key in &scenario.trusts {
        let answer = bench.import(key, ImportPart::Certificate)?;
        let what = format!("import the certificate of {key}");
        steps.push(record(
            what.clone(),
            "accepted, or refused".to_owned(),
            &answer,
        ));
        match compare(&answer, Expect::Either) {
            seen @ (Seen::Broken | Seen::FalseClaim) => return Ok(Found { seen, what }),
            _ => has_all_keys &= answer.verdict == Verdict::Accepted,
        }
    }
    let can_sign = cast.can_sign(scenario);
    for step in &scenario.steps {
        let by_hand = if can_sign { None } else { step.by_hand() };
        let step = by_hand.as_ref().unwrap_or(step);
        let what = step.to_string();
        if left_alone(&mut watch, steps).is_none() {
            return Ok(Found {
                seen: Seen::Broken,
                what,
            });
        }
        let seen = match bench.do_by_hand(step) {
            Some(done) => {
                done.map_err(|error| format!("{what}: {error}"))?;
                watch.renew()?;
                steps.push(StepRecord::by_hand(what));
                continue;
            }
            None => ask(&mut bench, &mut watch, step, steps, has_all_keys)?,
        };
        let goes_on = matches!(seen, Seen::AsExpected { .. } | Seen::Noted(_));
        found = Found {
            seen: found.seen.and(seen),
            what,
        };
        if !goes_on {
            return Ok(found);
        }
    }
    if left_alone(&mut watch, steps).is_none() {
        found.seen = Seen::Broken;
    }
    Ok(found)
}

/// `None`, with a record, if somebody has changed the image since the last step ended: a
/// process that lives on, say.
fn left_alone(watch: &mut Watch, steps: &mut Vec<StepRecord>) -> Option<()> {
    let what = match watch.look() {
        Look::Same => return Some(()),
        Look::Changed => "the image was changed while nobody was to change it".to_owned(),
        Look::Gone(what) => what,
    };
    steps.push(disturbed(what));
    None
}

impl Seen {
    /// What two steps came to, of which the first went well.
    fn and(self, next: Self) -> Self {
        match (self, next) {
            (Self::AsExpected { reason_told }, Self::AsExpected { reason_told: also }) => {
                let reason_told = reason_told && also;
                Self::AsExpected { reason_told }
            }
            // What has a right answer counts for more than what has none.
            (_, next) => next,
        }
    }
}

fn ask(
    bench: &mut Bench<'_>,
    watch: &mut Watch,
    step: &Step,
    steps: &mut Vec<StepRecord>,
    has_all_keys: bool,
) -> Result<Seen, String> {
    let (mut answer, expect) = match step {
        Step::Import(step) => (bench.import(&step.key, step.part)?, step.expect),
        Step::Sign(step) => match bench.sign(step)? {
            Ok(answer) => (answer, step.expect),
            // Then nothing was signed for another reason than the scenario is about.
            Err(answer) => (answer, Expect::Accept),
        },
        Step::FetchKey(step) => (bench.fetch(&step.key)?, step.expect),
        Step::Verify(step) => (bench.verify(step)?, step.expect),
        _ => return Err("this step asks nobody".to_owned()),
    };
    if let Some(problem) = trouble(step, &answer.verdict, watch.look()) {
        answer.verdict = Verdict::Broken(problem);
    }
    let mut record = record(
        step.to_string(),
        step.expected().unwrap_or_default(),
        &answer,
    );
    let seen = match step {
        Step::Verify(step) => {
            let signers = step.signers.as_deref();
            let signers = signers.map(|names| bench.fingerprints(names)).transpose()?;
            let seen = match has_all_keys {
                true => compare_verification(&answer, step, signers.as_deref()),
                false => compare(&answer, expect),
            };
            if seen == Seen::Otherwise
                && let Some(signers) = signers
            {
                record_signers(&mut record, &signers, &answer);
            }
            seen
        }
        _ => compare(&answer, expect),
    };
    steps.push(record);
    Ok(seen)
}

/// What is wrong with what a call has done to the image. Only who signs changes it, and
/// who refuses to sign does not.
fn trouble(step: &Step, verdict: &Verdict, look: Look) -> Option<String> {
    let signs = matches!(step, Step::Sign(_));
    let what = match (look, verdict) {
        (Look::Gone(what), _) => return Some(what),
        (Look::Same, Verdict::Accepted) if signs => {
            "it said that it signed, and the image is as it was"
        }
        (Look::Same, _) => return None,
        (Look::Changed, Verdict::Accepted) if signs => return None,
        (Look::Changed, Verdict::Broken(_)) => return None,
        (Look::Changed, _) if signs => "it refused to sign, and changed the image",
        (Look::Changed, _) => match step {
            Step::Verify(_) => "the image was changed while it was verified",
            _ => "the image was changed by a call that has nothing to do with it",
        },
    };
    Some(what.to_owned())
}

/// True if every refusal is to come with its reason.
fn tells_reasons(who: &dyn Implementation) -> bool {
    who.info()
        .features
        .iter()
        .any(|feature| feature == "report.reasons")
}

/// What a cell's findings mean, with the deviations on record.
fn judge(found: Found, scenario: &Scenario, cast: Cast<'_>) -> Outcome {
    let what = found.what;
    let (outcome, observed) = match found.seen {
        Seen::AsExpected { reason_told: true } => (Outcome::Pass, None),
        Seen::AsExpected { reason_told: false } if tells_reasons(cast.verifier) => {
            let what = format!("{what}: it says that it tells reasons, and told none");
            return Outcome::Failed { what };
        }
        Seen::AsExpected { reason_told: false } => (Outcome::PassWithoutReason, None),
        Seen::Noted(word) => {
            let observed = word.to_owned();
            return Outcome::NoExpectation { observed };
        }
        Seen::WronglyAccepted => (
            Outcome::WronglyAccepted { what: what.clone() },
            Some(Observed::Accepted),
        ),
        Seen::Otherwise => (
            Outcome::Failed { what: what.clone() },
            Some(Observed::Refused),
        ),
        Seen::FalseClaim => {
            let what = format!("{what}: it says that it can, and then that it cannot");
            return Outcome::Error { what };
        }
        Seen::Broken => (Outcome::Error { what: what.clone() }, Some(Observed::Error)),
    };
    let on_record = |who: &dyn Implementation| -> Option<Deviation> {
        let concerns = |deviation: &&Deviation| deviation.scenarios.contains(&scenario.id);
        who.deviations().iter().find(concerns).cloned()
    };
    let on_record = on_record(cast.verifier).or_else(|| cast.signer.and_then(on_record));
    match (on_record, observed) {
        (None, _) => outcome,
        (Some(deviation), Some(observed)) if observed == deviation.observed => {
            Outcome::KnownDeviation {
                what,
                wrongly_accepted: observed == Observed::Accepted,
                reason: deviation.reason,
                link: deviation.link,
            }
        }
        (Some(_), Some(_)) => outcome,
        // With two the other one may be the reason that nothing is seen.
        (Some(_), None) if cast.signer.is_some() => outcome,
        (Some(deviation), None) => Outcome::StaleDeviation {
            reason: deviation.reason,
        },
    }
}
