//! `plugin pin`: a plugin whose file was meant to change.
//!
//! The file is hashed and not started: somebody else may have changed it, and the person
//! has said nothing yet.

use super::add::agreed;
use super::inspect::absolute;
use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, PinPluginArgs};
use crate::config::{Origin, PluginConfig, edit_plugins};
use crate::output::plugins::Pinned;
use sifseal_core::{Error, ErrorKind, Result, Shown};
use sifseal_plugin_host::pin::{Shelf, seal};
use sifseal_plugin_host::{Carriage, Plan};
use std::path::Path;

pub(super) fn run(app: &App<'_>, args: &PinPluginArgs) -> Result<ExitStatus> {
    let (plan, file) = configured(app, &args.name)?;
    let path = match &args.file {
        Some(file) => absolute(file)?,
        None => still_there(plan)?,
    };
    refuse_another_kind(plan, &path)?;
    let pinned = Pinned::new(plan, &path, *seal(&path, Shelf::Usual)?.digest(), file);
    if pinned.is_news() {
        app.console.talk().raw(&pinned.comparison());
        let shown = file.display().to_string();
        let question = format!("Pin `{}` so in {}? [y/N] ", plan.name, Shown::new(&shown));
        agreed(app, &question, "nothing was changed")?;
        edit_plugins::pin_plugin(&app.context(), file, &plan.name, &pinned.pin())?;
    }
    match args.format.format {
        Format::Text => app.output.print(&pinned.to_string())?,
        Format::Json => app.output.json(&pinned)?,
    }
    Ok(ExitStatus::Done)
}

/// A plugin, and the file that configures it.
fn configured<'a>(app: &'a App<'_>, name: &str) -> Result<(&'a Plan, &'a Path)> {
    let mut plugins = app.config.plugins.iter();
    let found = plugins.find(|plugin| plugin.plan.name == name);
    if let Some(PluginConfig {
        plan,
        origin: Origin::File(file),
    }) = found
    {
        return Ok((plan, file));
    }
    let what = format!("there is no plugin `{name}`");
    Err(Error::new(ErrorKind::NotFound, what).hint(app.plugins().hint()))
}

fn still_there(plan: &Plan) -> Result<std::path::PathBuf> {
    match plan.path.try_exists() {
        Ok(false) => Err(Error::new(ErrorKind::NotFound, "there is no such file")
            .at(plan.path.display())
            .hint(format!(
                "if it has moved, `sifseal plugin pin {} FILE` says where it is now",
                plan.name
            ))),
        _ => Ok(plan.path.clone()),
    }
}

/// The ending of a name can say how a plugin runs. A program in the place of a library
/// would not find the settings that it needs (`isolate`, `carrier`).
fn refuse_another_kind(plan: &Plan, path: &Path) -> Result<()> {
    let kind = |path: &Path| Carriage::usual_for(path, false);
    if kind(&plan.path) == kind(path) {
        return Ok(());
    }
    let what = format!(
        "plugin `{}` is a file of another kind: {}",
        plan.name,
        kind(&plan.path)
    );
    Err(Error::new(ErrorKind::Denied, what)
        .at(path.display())
        .hint("remove the plugin and add this file, or change its table [[plugin]] by hand"))
}
