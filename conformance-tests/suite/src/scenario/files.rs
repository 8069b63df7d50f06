//! Reading scenarios, and checking that they make sense.

use super::known::{FEATURES, REASONS, is_weakness};
use super::{Expect, Scenario, Step};
use crate::image::base;
use crate::keys::Keys;
use crate::result::Level;
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;

/// The scenarios as they were when the suite was built.
static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// All scenarios, in the order of groups and ids.
#[derive(Debug)]
pub struct Library {
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// SHA-256 over all of them.
    pub digest: String,
}

/// A scenario that makes no sense.
#[derive(Debug)]
pub struct LoadError {
    /// The file, with its folder.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scenario {}: {}", self.file, self.problem)
    }
}

impl std::error::Error for LoadError {}

impl Library {
    /// Those that the suite was built with.
    ///
    /// # Errors
    /// One of them makes no sense.
    pub fn built_in() -> Result<Self, LoadError> {
        let files = BUILT_IN.dirs().flat_map(Dir::files).map(|file| {
            let text = file.contents_utf8().unwrap_or_default();
            (
                file.path().to_string_lossy().replace('\\', "/"),
                text.to_owned(),
            )
        });
        Self::of(files.collect())
    }

    /// Those of a folder, `GROUP/ID.toml`.
    ///
    /// # Errors
    /// A file cannot be read or makes no sense.
    pub fn in_folder(folder: &Path) -> Result<Self, LoadError> {
        let unreadable = |path: &Path, error: std::io::Error| LoadError {
            file: path.display().to_string(),
            problem: error.to_string(),
        };
        let list = |path: &Path| -> Result<Vec<std::path::PathBuf>, LoadError> {
            let entries = path.read_dir().map_err(|error| unreadable(path, error))?;
            entries
                .map(|entry| {
                    entry
                        .map(|entry| entry.path())
                        .map_err(|error| unreadable(path, error))
                })
                .collect()
        };
        let mut files = Vec::new();
        for group in list(folder)?.into_iter().filter(|path| path.is_dir()) {
            for path in list(&group)? {
                let text =
                    std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                let name = path.strip_prefix(folder).unwrap_or(&path);
                files.push((name.display().to_string(), text));
            }
        }
        Self::of(files)
    }

    fn of(mut files: Vec<(String, String)>) -> Result<Self, LoadError> {
        files.sort();
        let mut digest = Sha256::new();
        let mut scenarios = Vec::<Scenario>::new();
        for (file, text) in files {
            digest.update(format!("{file}\0{}\0{text}", text.len()));
            let scenario = read(&file, &text).map_err(|problem| LoadError {
                file: file.clone(),
                problem,
            })?;
            if scenarios.iter().any(|other| other.id == scenario.id) {
                let problem = "another group has a scenario of this name".to_owned();
                return Err(LoadError { file, problem });
            }
            scenarios.push(scenario);
        }
        Ok(Self {
            scenarios,
            digest: hex::encode(digest.finalize()),
        })
    }
}

fn read(file: &str, text: &str) -> Result<Scenario, String> {
    let (group, name) = file.rsplit_once('/').ok_or("it lies in no group")?;
    let mut scenario: Scenario = toml::from_str(text).map_err(|error| error.to_string())?;
    group.clone_into(&mut scenario.group);
    if name.strip_suffix(".toml") != Some(&scenario.id) {
        return Err(format!(
            "its id is `{}`: file and id have one name",
            scenario.id
        ));
    }
    check(&scenario)?;
    Ok(scenario)
}

/// What the form alone does not say.
fn check(scenario: &Scenario) -> Result<(), String> {
    if base::find(&scenario.image).is_none() {
        return Err(format!("there is no image `{}`", scenario.image));
    }
    let asks = scenario.steps.iter().any(|step| {
        matches!(
            step,
            Step::Import(_) | Step::Sign(_) | Step::Verify(_) | Step::FetchKey(_)
        )
    });
    if !asks {
        return Err("it asks nothing".to_owned());
    }
    for key in scenario.keys() {
        if Keys::entry(key).is_none() {
            return Err(format!("there is no key `{key}`"));
        }
    }
    let unreasonable = |step: &&Step| {
        matches!(step, Step::Verify(verify)
            if verify.because.is_empty() == (verify.expect == Expect::Refuse))
    };
    if scenario.steps.iter().any(|step| unreasonable(&step)) {
        return Err(
            "a verification that refuses says why (`because`), and no other does".to_owned(),
        );
    }
    check_words(scenario)?;
    check_signing_by_hand(scenario)?;
    check_level(scenario)
}

/// A word that nobody knows would never fail anybody, or keep everybody from trying.
fn check_words(scenario: &Scenario) -> Result<(), String> {
    let because = scenario.steps.iter().flat_map(|step| match step {
        Step::Verify(verify) => &verify.because[..],
        _ => &[],
    });
    let unknown = |word: &String| Err(format!("there is no `{word}`"));
    for reason in because {
        if !REASONS.contains(&reason.as_str()) {
            return unknown(reason);
        }
    }
    for feature in scenario.features() {
        if !FEATURES.contains(&feature.as_str()) {
            return unknown(&feature);
        }
    }
    let mut weaknesses = scenario.weaknesses.iter();
    weaknesses
        .find(|name| !is_weakness(name))
        .map_or(Ok(()), unknown)
}

/// The suite can sign in an implementation's place where it is to do nothing special, over
/// one group.
fn check_signing_by_hand(scenario: &Scenario) -> Result<(), String> {
    let cannot = |step: &Step| matches!(step, Step::Sign(sign) if sign.or_by_hand && sign.by_hand().is_none());
    match scenario.steps.iter().any(cannot) {
        false => Ok(()),
        true => Err(
            "`or-by-hand` goes with a signature over one group, and with no option of its own"
                .to_owned(),
        ),
    }
}

/// What nobody is wrong about is `may`, and nothing else is.
fn check_level(scenario: &Scenario) -> Result<(), String> {
    let mut expected = scenario.steps.iter().filter_map(Step::expect);
    let ends_open = expected.next_back() == Some(Expect::Either);
    match ends_open == (scenario.level == Level::May) {
        true => Ok(()),
        false => Err(
            "a scenario is `may` if it ends with `expect = \"either\"`, and only then".to_owned(),
        ),
    }
}

impl Scenario {
    /// The names of all keys that it speaks of.
    fn keys(&self) -> impl Iterator<Item = &str> {
        let steps = self.steps.iter().flat_map(|step| match step {
            Step::Import(import) => vec![&import.key],
            Step::Sign(sign) => vec![&sign.key],
            Step::Verify(verify) => {
                let signers = verify.signers.iter().flatten();
                verify.signed_by.iter().chain(signers).collect()
            }
            Step::FetchKey(fetch) => vec![&fetch.key],
            Step::Serve(serve) => serve.keys.iter().collect(),
            Step::SignByHand(sign) => [Some(&sign.key), sign.claims.as_ref(), sign.beside.as_ref()]
                .into_iter()
                .flatten()
                .chain(sign.entity.as_ref().filter(|name| *name != "none"))
                .collect(),
            Step::SignLegacyByHand(sign) => vec![&sign.key],
            _ => Vec::new(),
        });
        steps.chain(&self.trusts).map(String::as_str)
    }
}
