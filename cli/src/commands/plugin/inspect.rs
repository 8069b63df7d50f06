//! `plugin inspect` and `plugin check`: a file is started because the person named it.
//! A library is loaded in a child, so that whatever it does, it is told.

use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, InspectPluginArgs};
use crate::config::setting_as_json;
use crate::output::plugins::{CheckDocument, Inspected};
use crate::plugin::unconfigured;
use sifseal_core::{Error, Result};
use sifseal_plugin_host::pin::{Shelf, seal};
use sifseal_plugin_host::{Carriage, Plan, Plugin, check as try_all};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) fn inspect(app: &App<'_>, args: &InspectPluginArgs) -> Result<ExitStatus> {
    let inspected = look_at(app, &args.file, &args.settings)?;
    match args.format.format {
        Format::Text => app.output.print(&inspected.to_string())?,
        Format::Json => app.output.json(&inspected)?,
    }
    Ok(ExitStatus::Done)
}

pub(super) fn check(app: &App<'_>, args: &InspectPluginArgs) -> Result<ExitStatus> {
    let plugin = Arc::new(of_file(app, &args.file, &args.settings)?);
    let results = try_all(&app.context(), &plugin, &app.engine()?);
    let document = CheckDocument::new(plugin.plan(), &results);
    match args.format.format {
        Format::Text => app.output.print(&document.to_string())?,
        Format::Json => app.output.json(&document)?,
    }
    Ok(match document.passed() {
        true => ExitStatus::Done,
        false => ExitStatus::Failed,
    })
}

/// What a file says of itself.
pub(super) fn look_at(
    app: &App<'_>,
    file: &Path,
    settings: &[(String, toml::Value)],
) -> Result<Inspected> {
    let plugin = of_file(app, file, settings)?;
    let described = plugin.described(&app.context())?;
    Ok(Inspected::new(plugin.plan(), described))
}

/// A plugin as it would be if this file were configured as it is.
fn of_file(app: &App<'_>, file: &Path, settings: &[(String, toml::Value)]) -> Result<Plugin> {
    let path = absolute(file).map_err(|error| or_its_name(app, file, error))?;
    let sha256 = *seal(&path, Shelf::Usual)?.digest();
    let settings = settings.iter().cloned();
    let plan = Plan {
        name: file.display().to_string(),
        carriage: Carriage::usual_for(&path, true),
        path,
        sha256,
        timeout: Plan::TIMEOUT,
        settings: settings
            .map(|(key, value)| (key, setting_as_json(value)))
            .collect(),
    };
    Ok(unconfigured(plan, &app.places.environment))
}

/// Whoever gives the name of a plugin is told its file.
fn or_its_name(app: &App<'_>, file: &Path, error: Error) -> Error {
    let mut plans = app.config.plugins.iter().map(|plugin| &plugin.plan);
    match plans.find(|plan| plan.name.as_str() == file.as_os_str()) {
        Some(Plan { name, path, .. }) => error.hint(format!(
            "the file of the plugin `{name}` is {}",
            path.display()
        )),
        None => error,
    }
}

/// The path as it goes into the configuration. A link is followed now, before the eyes
/// of the person, and never again.
pub(super) fn absolute(file: &Path) -> Result<PathBuf> {
    file.canonicalize().map_err(|error| Error::io(file, error))
}
