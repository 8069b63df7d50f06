//! The configuration, as text and as JSON.

use crate::config::{Config, ConfigFile, KeyserverConfig, Origin, PluginConfig, Setting};
use serde::Serialize;
use serde_json::{Value, json};
use sifseal_core::Shown;
use sifseal_core::policy::Rule;
use std::fmt::Write as _;

/// One setting with its origin.
#[derive(Debug, Serialize)]
struct Row {
    key: &'static str,
    value: Value,
    origin: String,
}

impl Row {
    fn new<T>(key: &'static str, setting: &Setting<T>, value: impl Fn(&T) -> Value) -> Self {
        Self {
            key,
            value: value(&setting.value),
            origin: setting.origin.to_string(),
        }
    }
}

fn settings(config: &Config) -> [Row; 9] {
    let path = |path: &std::path::PathBuf| json!(path.to_string_lossy());
    let servers = |servers: &Vec<KeyserverConfig>| json!(servers);
    [
        Row::new("engine", &config.engine, |name| json!(name)),
        Row::new("keystore.backend", &config.keystore_backend, |name| {
            json!(name)
        }),
        Row::new("keystore.path", &config.keystore_path, path),
        Row::new("keystore.global", &config.keystore_global, path),
        Row::new("keyserver", &config.keyservers, servers),
        plugins(&config.plugins),
        Row::new("trust.remote", &config.trust_remote, |trust| {
            json!(trust.name())
        }),
        Row::new("policy.relax", &config.policy_relax, |rules| {
            rules.iter().map(Rule::name).collect()
        }),
        Row::new("locked", &config.locked, |names| json!(names)),
    ]
}

/// The names; `plugin list` tells the rest.
fn plugins(plugins: &[PluginConfig]) -> Row {
    let names = plugins.iter().map(|plugin| json!(plugin.plan.name));
    let mut origins: Vec<_> = plugins
        .iter()
        .map(|plugin| plugin.origin.to_string())
        .collect();
    origins.dedup();
    Row {
        key: "plugin",
        value: names.collect(),
        origin: match origins.is_empty() {
            true => Origin::Default.to_string(),
            false => origins.join(", "),
        },
    }
}

/// One line a setting: `key = value  # origin`.
pub fn settings_text(config: &Config) -> String {
    let rows = settings(config).map(|row| (format!("{} = {}", row.key, row.value), row.origin));
    let width = rows.iter().map(|(text, _)| text.chars().count()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for (setting, origin) in rows {
        let _ = writeln!(
            text,
            "{:<width$}  # {}",
            Shown::new(&setting).to_string(),
            Shown::new(&origin)
        );
    }
    text
}

/// `sifseal/config/1`.
pub fn settings_json(config: &Config) -> impl Serialize {
    json!({ "schema": "sifseal/config/1", "settings": settings(config) })
}

/// One line a file.
pub fn files_text(files: &[ConfigFile]) -> String {
    let mut text = String::new();
    for file in files {
        let state = if file.path.exists() {
            ""
        } else {
            " (not there)"
        };
        let path = file.path.display().to_string();
        let _ = writeln!(text, "{}: {}{state}", file.role, Shown::new(&path));
    }
    text
}

/// `sifseal/config-path/1`.
pub fn files_json(files: &[ConfigFile]) -> impl Serialize {
    let files: Vec<Value> = files
        .iter()
        .map(|file| {
            json!({ "role": file.role, "path": file.path.to_string_lossy(), "exists": file.path.exists() })
        })
        .collect();
    json!({ "schema": "sifseal/config-path/1", "files": files })
}
