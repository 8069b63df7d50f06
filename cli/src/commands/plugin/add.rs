//! `plugin add` and `plugin remove`: the plugins in a configuration file.

use super::inspect::look_at;
use crate::ExitStatus;
use crate::app::{App, Launch};
use crate::args::{AddPluginArgs, Format, RemovePluginArgs};
use crate::config::{check_name, edit_plugins};
use crate::output::plugins::Added;
use edit_plugins::NewPlugin;
use sifseal_core::traits::Ui;
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_plugin_host::Carriage;
use std::path::PathBuf;

pub(super) fn add(launch: &Launch<'_>, app: &App<'_>, args: &AddPluginArgs) -> Result<ExitStatus> {
    let file = changeable_file(launch, app, args.global)?;
    let inspected = look_at(app, &args.file, &args.settings)?;
    let name = args.name.as_deref().unwrap_or(inspected.own_name());
    check_name(name).map_err(|error| match args.name {
        Some(_) => error,
        None => error.hint("give it another one with --name"),
    })?;
    refuse_taken(app, name)?;
    app.console.talk().raw(&inspected.to_string());
    let question = format!("Add it to {} as `{name}`? [y/N] ", file.display());
    agreed(app, &question, "nothing was added")?;
    let carriage = match (inspected.plan().carriage, args.isolate) {
        (Carriage::IsolatedLibrary, false) => Carriage::Library,
        (carriage, _) => carriage,
    };
    let new = NewPlugin {
        name,
        path: &inspected.plan().path,
        sha256: inspected.plan().sha256,
        carriage,
        settings: &args.settings,
    };
    edit_plugins::add_plugin(&app.context(), &file, &new)?;
    let added = Added::new(name, inspected.plan(), &file);
    match args.format.format {
        Format::Text => app.output.print(&added.to_string())?,
        Format::Json => app.output.json(&added)?,
    }
    Ok(ExitStatus::Done)
}

pub(super) fn remove(
    launch: &Launch<'_>,
    app: &App<'_>,
    args: &RemovePluginArgs,
) -> Result<ExitStatus> {
    let file = changeable_file(launch, app, args.global)?;
    let name = &args.name;
    let settings = edit_plugins::remove_plugin(&app.context(), &file, name)?;
    let talk = app.console.talk();
    if !settings.is_empty() {
        let settings = settings.join(", ");
        talk.info(&format!("its settings went with it: {settings}"));
    }
    let store = &app.config.keystore_backend;
    if store.value == *name {
        talk.warning(&format!(
            "`keystore.backend` still names it, by {}: choose another key store there",
            store.origin
        ));
    }
    Ok(ExitStatus::Done)
}

/// Goes on after a yes.
///
/// # Errors
/// `Denied`, with these words after a no.
pub(super) fn agreed(app: &App<'_>, question: &str, undone: &str) -> Result<()> {
    match app.console.confirm(question) {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(ErrorKind::Denied, undone)),
        None => Err(Error::new(ErrorKind::Denied, "there is nobody to ask")
            .hint("answer `y` on standard input")),
    }
}

fn refuse_taken(app: &App<'_>, name: &str) -> Result<()> {
    let same = app
        .config
        .plugins
        .iter()
        .find(|other| other.plan.name == name);
    if let Some(other) = same {
        let what = format!("there is a plugin `{name}` already");
        return Err(Error::new(ErrorKind::Denied, what)
            .at(&other.origin)
            .hint(format!(
                "give this one another name with --name; `sifseal plugin pin {name} FILE` lets \
                 that one have this file and keeps its settings"
            )));
    }
    if app.is_built_in(name) {
        let what = format!("a plugin cannot be called `{name}`");
        return Err(Error::new(ErrorKind::Denied, what).hint(
            "something that comes with the program has that name; give another with --name",
        ));
    }
    Ok(())
}

/// The file that is changed.
///
/// # Errors
/// `Config` if the site has locked the plugins.
fn changeable_file(launch: &Launch<'_>, app: &App<'_>, global: bool) -> Result<PathBuf> {
    let locked = &app.config.locked;
    if !global && locked.value.iter().any(|name| name == "plugin") {
        let what = format!("{} locks the plugins", locked.origin);
        return Err(Error::new(ErrorKind::Config, what).hint("ask who administers this system"));
    }
    launch.config_file(global)
}
