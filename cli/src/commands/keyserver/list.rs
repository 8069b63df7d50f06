//! `keyserver list` and `remote list`.

use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, FormatArgs};
use crate::config::{apptainer, credentials};
use crate::output::keyservers::{KeyserverList, RemoteList, ServerRow};
use sifseal_core::Result;

pub(super) fn keyservers(app: &App<'_>, args: FormatArgs) -> Result<ExitStatus> {
    warn_of_problem(app);
    let list = KeyserverList::new(rows(app));
    match args.format {
        Format::Text => app.output.print(&list.to_string())?,
        Format::Json => app.output.json(&list)?,
    }
    Ok(ExitStatus::Done)
}

pub(super) fn remote(app: &App<'_>, args: FormatArgs) -> Result<ExitStatus> {
    warn_of_problem(app);
    let remote = apptainer::read(app.places).unwrap_or_default();
    let mut logins = credentials::own_logins(app.places)?;
    logins.extend(remote.logins);
    let list = RemoteList::new(remote.endpoints, rows(app), &logins);
    match args.format {
        Format::Text => app.output.print(&list.to_string())?,
        Format::Json => app.output.json(&list)?,
    }
    Ok(ExitStatus::Done)
}

fn rows(app: &App<'_>) -> Vec<ServerRow> {
    let setting = &app.config.keyservers;
    let servers = setting.value.iter().enumerate();
    servers
        .map(|(index, server)| {
            ServerRow::new(
                server,
                index + 1,
                &setting.origin,
                &app.places.system_files(),
            )
        })
        .collect()
}

/// A listing shows what it can.
fn warn_of_problem(app: &App<'_>) {
    if let Some(problem) = &app.config.keyservers_problem {
        app.console.talk().warning(problem);
    }
}
