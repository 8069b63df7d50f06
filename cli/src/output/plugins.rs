//! Plugins, as text and as JSON.

use super::table::Table;
use crate::config::Origin;
use crate::config::edit_plugins::Pin;
use serde::Serialize;
use sifseal_core::{Error, Shown};
use sifseal_plugin_host::{CheckResult, Described, Digest, Outcome, Plan};
use std::fmt;
use std::path::Path;

/// One plugin that is configured.
#[derive(Debug, Serialize)]
pub struct PluginRow {
    name: String,
    carrier: String,
    path: String,
    sha256: String,
    origin: String,
    /// Why it would not be used.
    problem: Option<String>,
}

impl PluginRow {
    /// A plugin, and what is wrong with its file.
    pub fn new(plan: &Plan, origin: &Origin, problem: Option<&Error>) -> Self {
        Self {
            name: plan.name.clone(),
            carrier: plan.carriage.to_string(),
            path: plan.path.display().to_string(),
            sha256: plan.sha256.to_string(),
            origin: origin.to_string(),
            problem: problem.map(ToString::to_string),
        }
    }
}

/// `sifseal/plugin-list/1`.
#[derive(Debug, Serialize)]
pub struct PluginList {
    schema: &'static str,
    plugins: Vec<PluginRow>,
}

impl PluginList {
    /// All of them.
    pub fn new(plugins: Vec<PluginRow>) -> Self {
        Self {
            schema: "sifseal/plugin-list/1",
            plugins,
        }
    }
}

impl fmt::Display for PluginList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["NAME", "RUNS AS", "STATE", "FILE"]);
        for row in &self.plugins {
            let state = match row.problem {
                None => "as pinned",
                Some(_) => "refused",
            };
            table.row(
                [&row.name, &row.carrier, state, &row.path]
                    .map(shown)
                    .into(),
            );
        }
        write!(f, "{table}")?;
        for row in &self.plugins {
            if let Some(problem) = &row.problem {
                writeln!(f, "{}: {}", shown(&row.name), shown(problem))?;
            }
        }
        Ok(())
    }
}

/// `sifseal/plugin-inspect/1`.
#[derive(Debug, Serialize)]
pub struct Inspected {
    schema: &'static str,
    path: String,
    sha256: String,
    carrier: &'static str,
    name: String,
    version: String,
    protocol: String,
    provides: Vec<&'static str>,
    #[serde(skip)]
    plan: Plan,
}

impl Inspected {
    /// What a plugin says of itself.
    pub fn new(plan: &Plan, described: Described) -> Self {
        let abilities = described.provides.iter();
        Self {
            schema: "sifseal/plugin-inspect/1",
            path: plan.path.display().to_string(),
            sha256: plan.sha256.to_string(),
            carrier: carrier(plan),
            name: described.name,
            version: described.version,
            protocol: described.protocol.to_string(),
            provides: abilities.map(|ability| ability.name()).collect(),
            plan: plan.clone(),
        }
    }

    /// The name that it gives itself.
    pub fn own_name(&self) -> &str {
        &self.name
    }

    /// What was started.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

impl fmt::Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "File:     {}", shown(&self.path))?;
        writeln!(f, "SHA-256:  {}", self.sha256)?;
        writeln!(f, "Runs as:  {}", self.carrier)?;
        writeln!(f, "Name:     {}", shown(&self.name))?;
        writeln!(f, "Version:  {}", shown(&self.version))?;
        writeln!(f, "Protocol: {}", self.protocol)?;
        writeln!(f, "Provides: {}", self.provides.join(", "))
    }
}

/// `sifseal/plugin-add/1`.
#[derive(Debug, Serialize)]
pub struct Added {
    schema: &'static str,
    name: String,
    path: String,
    sha256: String,
    file: String,
}

impl Added {
    /// What was added to which file.
    pub fn new(name: &str, plan: &Plan, file: &Path) -> Self {
        Self {
            schema: "sifseal/plugin-add/1",
            name: name.to_owned(),
            path: plan.path.display().to_string(),
            sha256: plan.sha256.to_string(),
            file: file.display().to_string(),
        }
    }
}

impl fmt::Display for Added {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, file) = (shown(&self.name), shown(&self.file));
        writeln!(f, "Plugin {name} added to {file}")
    }
}

/// `sifseal/plugin-pin/1`.
#[derive(Debug, Serialize)]
pub struct Pinned<'a> {
    schema: &'static str,
    name: &'a str,
    path: String,
    sha256: String,
    /// What was pinned before.
    before: Before,
    file: String,
    #[serde(skip)]
    moved: Option<&'a Path>,
    #[serde(skip)]
    digest: Digest,
}

#[derive(Debug, Serialize)]
struct Before {
    path: String,
    sha256: String,
}

impl<'a> Pinned<'a> {
    /// A plugin as `file` configures it, and the file that it is to be.
    pub fn new(plan: &'a Plan, path: &'a Path, digest: Digest, file: &Path) -> Self {
        Self {
            schema: "sifseal/plugin-pin/1",
            name: &plan.name,
            path: path.display().to_string(),
            sha256: digest.to_string(),
            before: Before {
                path: plan.path.display().to_string(),
                sha256: plan.sha256.to_string(),
            },
            file: file.display().to_string(),
            moved: (path != plan.path).then_some(path),
            digest,
        }
    }

    /// False if it is pinned so already.
    pub fn is_news(&self) -> bool {
        self.moved.is_some() || self.sha256 != self.before.sha256
    }

    /// What is to be written.
    pub fn pin(&self) -> Pin<'a> {
        Pin {
            path: self.moved,
            sha256: self.digest,
        }
    }

    /// The old and the new, for whoever is asked.
    pub fn comparison(&self) -> String {
        let (old, new) = (shown(&self.before.path), shown(&self.path));
        let files = match self.moved {
            None => format!("File:     {new}\n"),
            Some(_) => format!("Was:      {old}\nFile:     {new}\n"),
        };
        format!(
            "{files}Pinned:   {}\nSHA-256:  {}\n",
            self.before.sha256, self.sha256
        )
    }
}

impl fmt::Display for Pinned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, file) = (shown(self.name), shown(&self.file));
        match self.is_news() {
            true => writeln!(f, "Plugin {name} pinned anew in {file}"),
            false => writeln!(f, "Plugin {name} is pinned so already in {file}"),
        }
    }
}

/// `sifseal/plugin-check/1`.
#[derive(Debug, Serialize)]
pub struct CheckDocument {
    schema: &'static str,
    path: String,
    passed: bool,
    checks: Vec<Check>,
}

#[derive(Debug, Serialize)]
struct Check {
    rule: &'static str,
    outcome: &'static str,
    why: Option<String>,
}

impl CheckDocument {
    /// What came of trying everything.
    pub fn new(plan: &Plan, results: &[CheckResult]) -> Self {
        let checks = results.iter().map(|result| {
            let (outcome, why) = match &result.outcome {
                Outcome::Passed => ("passed", None),
                Outcome::Skipped => ("skipped", None),
                Outcome::Failed(why) => ("failed", Some(why.clone())),
            };
            Check {
                rule: result.rule,
                outcome,
                why,
            }
        });
        let checks: Vec<_> = checks.collect();
        Self {
            schema: "sifseal/plugin-check/1",
            path: plan.path.display().to_string(),
            passed: checks.iter().all(|check| check.outcome != "failed"),
            checks,
        }
    }

    /// True if nothing failed.
    pub fn passed(&self) -> bool {
        self.passed
    }
}

impl fmt::Display for CheckDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{:<8} {}", check.outcome, check.rule)?;
            if let Some(why) = &check.why {
                writeln!(f, "         {}", shown(why))?;
            }
        }
        let count = |outcome| {
            let same = self.checks.iter().filter(|check| check.outcome == outcome);
            same.count()
        };
        let (passed, failed, skipped) = (count("passed"), count("failed"), count("skipped"));
        writeln!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

fn carrier(plan: &Plan) -> &'static str {
    match plan.carriage {
        sifseal_plugin_host::Carriage::Executable => "executable",
        _ => "library",
    }
}

fn shown(text: &str) -> String {
    Shown::new(text).to_string()
}
