//! `plugin list`. Files are hashed, and nothing is started.

use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, FormatArgs};
use crate::output::plugins::{PluginList, PluginRow};
use sifseal_core::Result;
use sifseal_plugin_host::pin::{Shelf, seal_pinned};

pub(super) fn run(app: &App<'_>, args: FormatArgs) -> Result<ExitStatus> {
    let rows = app.config.plugins.iter().map(|plugin| {
        let plan = &plugin.plan;
        let state = seal_pinned(plan, Shelf::Usual);
        PluginRow::new(plan, &plugin.origin, state.err().as_ref())
    });
    let list = PluginList::new(rows.collect());
    match args.format {
        Format::Text => app.output.print(&list.to_string())?,
        Format::Json => app.output.json(&list)?,
    }
    Ok(ExitStatus::Done)
}
