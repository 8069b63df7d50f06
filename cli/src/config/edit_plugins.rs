//! Changing the plugins in a configuration file; everything else in the file stays as its
//! owner wrote it.

use super::edit::{document_of, tables};
use sifseal_core::replace::{self, Mode};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use sifseal_plugin_host::{Carriage, Digest};
use std::path::Path;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, value};

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

/// What `plugin pin` writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin<'a> {
    /// Where the file is now, if that has changed.
    pub path: Option<&'a Path>,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
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

/// Pins the plugin of this name to another file. Everything else in its table stays as it
/// is, comments too.
///
/// # Errors
/// `NotFound` if it is not in there; the file cannot be read or written.
pub fn pin_plugin(cx: &Context<'_>, file: &Path, name: &str, pin: &Pin<'_>) -> Result<()> {
    update(cx, file, |document| {
        let table = table_named(document, name).ok_or_else(|| not_there(file, name))?;
        if let Some(path) = pin.path {
            reword(table, "path", path.display().to_string());
        }
        reword(table, "sha256", pin.sha256.to_string());
        Ok(())
    })
}

/// Takes the plugin of this name out of a file's list. The answer is what was said of it
/// beside its name and its file, and is gone with it.
///
/// # Errors
/// `NotFound` if it is not in there; the file cannot be read or written.
pub fn remove_plugin(cx: &Context<'_>, file: &Path, name: &str) -> Result<Vec<String>> {
    let mut settings = Vec::new();
    change(cx, file, |plugins| {
        let (meant, others): (Vec<_>, Vec<_>) =
            plugins.drain(..).partition(|table| is_named(table, name));
        *plugins = others;
        if meant.is_empty() {
            return Err(not_there(file, name));
        }
        let keys = meant.iter().flat_map(settings_of);
        settings = keys.map(str::to_owned).collect();
        Ok(())
    })?;
    Ok(settings)
}

fn not_there(file: &Path, name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no plugin `{name}`"))
        .at(file.display())
        .hint("`sifseal plugin list` shows which are configured, and where")
}

fn is_named(table: &dyn TableLike, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}

/// The keys that say more than which file it is. An empty table says nothing.
fn settings_of(table: &Table) -> impl Iterator<Item = &str> {
    let says_more = |key: &str, item: &Item| {
        !["name", "path", "sha256"].contains(&key)
            && !item.as_table_like().is_some_and(TableLike::is_empty)
    };
    let pairs = table.iter();
    pairs.filter_map(move |(key, item)| says_more(key, item).then_some(key))
}

/// The table of a plugin where it stands.
fn table_named<'d>(document: &'d mut DocumentMut, name: &str) -> Option<&'d mut dyn TableLike> {
    match document.get_mut("plugin")? {
        Item::ArrayOfTables(tables) => {
            let mut tables = tables.iter_mut();
            let table = tables.find(|table| is_named(*table, name))?;
            Some(table)
        }
        Item::Value(list) => {
            let mut tables = list.as_array_mut()?.iter_mut();
            let table = tables.find_map(|table| {
                let table = table.as_inline_table_mut()?;
                is_named(table, name).then_some(table)
            })?;
            Some(table)
        }
        _ => None,
    }
}

/// Another text in the place of one, with the comments around it.
fn reword(table: &mut dyn TableLike, key: &str, text: String) {
    let Some(old) = table.get_mut(key).and_then(Item::as_value_mut) else {
        table.insert(key, value(text));
        return;
    };
    let decor = old.decor().clone();
    *old = text.into();
    *old.decor_mut() = decor;
}

fn change(
    cx: &Context<'_>,
    file: &Path,
    change: impl FnOnce(&mut Vec<Table>) -> Result<()>,
) -> Result<()> {
    update(cx, file, |document| {
        let mut plugins = document.get("plugin").map(tables).unwrap_or_default();
        change(&mut plugins)?;
        put(document, plugins);
        Ok(())
    })
}

fn update(
    cx: &Context<'_>,
    file: &Path,
    change: impl FnOnce(&mut DocumentMut) -> Result<()>,
) -> Result<()> {
    replace::update(cx, file, Mode::KeepOr(0o644), |old| {
        let old = old.map(Secret::expose).unwrap_or_default();
        let mut document = document_of(old).map_err(|error| error.at(file.display()))?;
        change(&mut document)?;
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
