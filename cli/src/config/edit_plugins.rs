//! Changing the plugins in a configuration file; everything else in the file stays as its
//! owner wrote it.

use super::edit::{document_of, tables};
use sifseal_core::replace::{self, Mode};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use sifseal_plugin_host::{Carriage, Digest};
use std::path::Path;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// What `plugin add` writes.
#[derive(Debug, Clone)]
pub struct NewPlugin<'a> {
    /// The name that other settings will use.
    pub name: &'a str,
    /// The file.
    pub path: &'a Path,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
    /// How it runs.
    pub carriage: Carriage,
    /// For its table `[plugin.config]`.
    pub settings: &'a [(String, toml::Value)],
}

/// Puts a plugin at the end of a file's list.
///
/// # Errors
/// The file cannot be read or written.
pub fn add_plugin(cx: &Context<'_>, file: &Path, plugin: &NewPlugin<'_>) -> Result<()> {
    change(cx, file, |plugins| {
        plugins.push(table_of(plugin));
        Ok(())
    })
}

/// Takes the plugin of this name out of a file's list.
///
/// # Errors
/// `NotFound` if it is not in there; the file cannot be read or written.
pub fn remove_plugin(cx: &Context<'_>, file: &Path, name: &str) -> Result<()> {
    change(cx, file, |plugins| {
        let before = plugins.len();
        plugins.retain(|table| table.get("name").and_then(Item::as_str) != Some(name));
        match plugins.len() < before {
            true => Ok(()),
            false => {
                let what = format!("there is no plugin `{name}`");
                Err(Error::new(ErrorKind::NotFound, what)
                    .at(file.display())
                    .hint("`sifseal plugin list` shows which are configured, and where"))
            }
        }
    })
}

fn change(
    cx: &Context<'_>,
    file: &Path,
    change: impl FnOnce(&mut Vec<Table>) -> Result<()>,
) -> Result<()> {
    replace::update(cx, file, Mode::KeepOr(0o644), |old| {
        let old = old.map(Secret::expose).unwrap_or_default();
        let mut document = document_of(old).map_err(|error| error.at(file.display()))?;
        let mut plugins = document.get("plugin").map(tables).unwrap_or_default();
        change(&mut plugins)?;
        put(&mut document, plugins);
        Ok(Secret::new(document.to_string().into_bytes()))
    })
}

fn put(document: &mut DocumentMut, plugins: Vec<Table>) {
    document.remove("plugin");
    if plugins.is_empty() {
        return;
    }
    let mut list = ArrayOfTables::new();
    for plugin in plugins {
        list.push(plugin);
    }
    document.insert("plugin", Item::ArrayOfTables(list));
}

/// A value as it is written on one line; text if it cannot be.
fn written(setting: &toml::Value) -> toml_edit::Value {
    let line = setting.to_string();
    line.parse().unwrap_or_else(|_| line.into())
}

fn table_of(plugin: &NewPlugin<'_>) -> Table {
    let mut table = Table::new();
    table.insert("name", value(plugin.name));
    table.insert("path", value(plugin.path.display().to_string()));
    table.insert("sha256", value(plugin.sha256.to_string()));
    let isolate = plugin.carriage == Carriage::IsolatedLibrary;
    if plugin.carriage != Carriage::usual_for(plugin.path, isolate) {
        let carrier = match plugin.carriage {
            Carriage::Executable => "executable",
            Carriage::Library | Carriage::IsolatedLibrary => "library",
        };
        table.insert("carrier", value(carrier));
    }
    if isolate {
        table.insert("isolate", value(true));
    }
    if !plugin.settings.is_empty() {
        let mut settings = Table::new();
        for (key, setting) in plugin.settings {
            settings.insert(key, Item::Value(written(setting)));
        }
        table.insert("config", Item::Table(settings));
    }
    table
}
