//! `report`: reports from an earlier run.

use super::args::{ReportArgs, Reports};
use super::{GOOD, NOT_AS_EXPECTED};
use anyhow::{Context as _, bail};
use sifseal_conformance::report::{Html, Junit, Report as _, Summary, Terminal};
use sifseal_conformance::result::{RunResult, SCHEMA};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn report(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    let result = read(&args.from)?;
    write_reports(&result, &args.reports)?;
    print(&result)?;
    let failed = result.cells.iter().any(|cell| cell.outcome.is_failure());
    Ok(ExitCode::from(if failed { NOT_AS_EXPECTED } else { GOOD }))
}

fn read(path: &Path) -> anyhow::Result<RunResult> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let result: RunResult =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    if result.schema != SCHEMA {
        let theirs = result.schema;
        bail!(
            "{}: it is of version {theirs}, and this suite reads {SCHEMA}",
            path.display()
        );
    }
    Ok(result)
}

/// Writes the reports that were asked for.
pub(super) fn write_reports(result: &RunResult, reports: &Reports) -> anyhow::Result<()> {
    let write = |path: &Path, text: &str| {
        std::fs::write(path, text).with_context(|| path.display().to_string())
    };
    if let Some(path) = &reports.html {
        write(path, &Html.render(result)?)?;
    }
    if let Some(path) = &reports.junit {
        write(path, &Junit.render(result)?)?;
    }
    if let (Some(path), Some(since)) = (&reports.markdown, &reports.since) {
        write(
            path,
            &Summary {
                since: read(since)?,
            }
            .render(result)?,
        )?;
    }
    Ok(())
}

/// The report on the terminal.
pub(super) fn print(result: &RunResult) -> anyhow::Result<()> {
    print!("{}", Terminal.render(result)?);
    Ok(())
}
