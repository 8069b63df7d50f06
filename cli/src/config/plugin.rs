//! Plugins in the configuration.
//!
//! Unlike the other lists, this one grows from file to file: what the site gives to
//! everybody is not lost when a user adds one. But no file can give another meaning to a
//! name that an earlier one has used.

use super::setting::Origin;
use serde::Deserialize;
use serde_json::{Map, Value};
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_plugin_host::{Carriage, Digest, Plan};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest that one request may take: a day.
const MAX_TIMEOUT: u64 = 24 * 60 * 60;

/// One plugin, as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginConfig {
    /// What is started, and how.
    pub plan: Plan,
    /// The file that says so.
    pub origin: Origin,
}

/// A table `[[plugin]]` as it stands in a file.
#[derive(Debug, Deserialize)]
pub(super) struct PluginLayer {
    name: Option<String>,
    pub(super) path: Option<PathBuf>,
    sha256: Option<String>,
    carrier: Option<String>,
    #[serde(default)]
    isolate: bool,
    timeout: Option<u64>,
    #[serde(default)]
    config: toml::Table,
}

impl PluginLayer {
    /// What it plans.
    ///
    /// # Errors
    /// `Config`, saying what is missing or wrong.
    pub(super) fn plan(self) -> Result<Plan> {
        let name = self
            .name
            .ok_or_else(|| wrong("a [[plugin]] has no `name`"))?;
        check_name(&name)?;
        let missing = |key: &str| wrong(&format!("plugin `{name}` has no `{key}`"));
        let path = self.path.ok_or_else(|| missing("path"))?;
        let sha256: Digest = self
            .sha256
            .ok_or_else(|| {
                missing("sha256").hint(format!("`sha256sum {}` prints it", path.display()))
            })?
            .parse()
            .map_err(|error: Error| error.reworded(format!("plugin `{name}`: {}", error.what())))?;
        let carriage = match (self.carrier.as_deref(), self.isolate) {
            (None, isolate) => Carriage::usual_for(&path, isolate),
            (Some("executable"), false) => Carriage::Executable,
            (Some("library"), false) => Carriage::Library,
            (Some("library"), true) => Carriage::IsolatedLibrary,
            (Some("executable"), true) => {
                let what = format!("plugin `{name}`: an executable is isolated anyway");
                return Err(wrong(&what).hint("leave `isolate` out"));
            }
            (Some(other), _) => {
                let what = format!("plugin `{name}`: `carrier` cannot be `{other}`");
                return Err(wrong(&what).hint("it is `library` or `executable`"));
            }
        };
        if self.isolate && carriage == Carriage::Executable {
            let what = format!("plugin `{name}`: an executable is isolated anyway");
            return Err(wrong(&what).hint("leave `isolate` out, or say `carrier = \"library\"`"));
        }
        let timeout = match self.timeout {
            None => Plan::TIMEOUT,
            Some(seconds @ 1..=MAX_TIMEOUT) => Duration::from_secs(seconds),
            Some(_) => {
                let what = format!("plugin `{name}`: `timeout` is from 1 to {MAX_TIMEOUT} seconds");
                return Err(wrong(&what));
            }
        };
        Ok(Plan {
            name,
            path,
            sha256,
            carriage,
            timeout,
            settings: settings(self.config).into(),
        })
    }
}

/// Names are used in other settings and in messages.
///
/// # Errors
/// `Config` for one with other characters than small letters, digits and `-`.
pub fn check_name(name: &str) -> Result<()> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && name.len() <= 64 && name.chars().all(good) {
        return Ok(());
    }
    Err(wrong(&format!("`{name}` is no name for a plugin"))
        .hint("a name has small letters, digits and `-`"))
}

/// Adds a file's plugins to those of the files before.
///
/// # Errors
/// `Config` for a name that is there already.
pub(super) fn add(known: &mut Vec<PluginConfig>, plans: Vec<Plan>, file: &Path) -> Result<()> {
    for plan in plans {
        if let Some(other) = known.iter().find(|other| other.plan.name == plan.name) {
            let what = format!(
                "plugin `{}` is configured already in {}",
                plan.name, other.origin
            );
            return Err(wrong(&what).hint("give one of them another name"));
        }
        known.push(PluginConfig {
            plan,
            origin: Origin::File(file.to_owned()),
        });
    }
    Ok(())
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::Config, what)
}

fn settings(table: toml::Table) -> Map<String, Value> {
    let pairs = table.into_iter();
    pairs
        .map(|(key, value)| (key, setting_as_json(value)))
        .collect()
}

/// A value of TOML as one of JSON; a date is its text.
/// A value of a configuration file as it goes to a plugin.
pub fn setting_as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => items.into_iter().map(setting_as_json).collect(),
        toml::Value::Table(table) => Value::Object(settings(table)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn plan(more: &str) -> Result<Plan> {
        let text = format!("name = 'vault'\npath = '/p/vault.so'\nsha256 = '{DIGEST}'\n{more}");
        toml::from_str::<PluginLayer>(&text).unwrap().plan()
    }

    #[test]
    fn the_ending_of_the_name_says_how_it_runs_unless_it_is_said() {
        let carriage = |more| plan(more).unwrap().carriage;
        assert_eq!(carriage(""), Carriage::Library);
        assert_eq!(carriage("isolate = true"), Carriage::IsolatedLibrary);
        assert_eq!(carriage("carrier = 'executable'"), Carriage::Executable);
        assert!(plan("carrier = 'executable'\nisolate = true").is_err());
        assert!(plan("carrier = 'wasm'").is_err());
    }

    #[test]
    fn what_is_missing_is_named() {
        let refused = |text: &str| {
            let layer: PluginLayer = toml::from_str(text).unwrap();
            layer.plan().unwrap_err().to_string()
        };
        assert_eq!(refused(""), "a [[plugin]] has no `name`");
        assert_eq!(refused("name = 'x'"), "plugin `x` has no `path`");
        let unpinned = "name = 'x'\npath = '/x'";
        assert_eq!(refused(unpinned), "plugin `x` has no `sha256`");
        assert!(refused("name = 'X/../y'").contains("no name for a plugin"));
        let short = format!("{unpinned}\nsha256 = 'abc'");
        assert!(refused(&short).contains("no SHA-256"));
        let eternal = format!("{unpinned}\nsha256 = '{DIGEST}'\ntimeout = 0");
        assert!(refused(&eternal).contains("timeout"));
    }

    #[test]
    fn settings_are_handed_on_as_they_stand() {
        let more = "[config]\nslot = 3\nday = 2026-01-01\ndeep = { list = [1.5, true, 'x'] }\n";
        let expected = json!({"slot": 3, "day": "2026-01-01", "deep": {"list": [1.5, true, "x"]}});
        assert_eq!(
            Value::Object(plan(more).unwrap().settings.expose().clone()),
            expected
        );
    }

    #[test]
    fn a_later_file_adds_and_does_not_replace() {
        let mut known = Vec::new();
        let (site, user) = (Path::new("/etc/c"), Path::new("/home/c"));
        add(&mut known, vec![plan("").unwrap()], site).unwrap();
        let error = add(&mut known, vec![plan("").unwrap()], user).unwrap_err();
        assert!(error.to_string().contains("/etc/c"), "{error}");
        let other = Plan {
            name: "other".to_owned(),
            ..plan("").unwrap()
        };
        add(&mut known, vec![other], user).unwrap();
        assert_eq!(known.len(), 2);
    }
}
