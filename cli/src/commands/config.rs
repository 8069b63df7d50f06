//! `sifseal config`: what is configured, and where.

use crate::ExitStatus;
use crate::app::Launch;
use crate::args::{ConfigCommand, Format, KeysdirArgs};
use crate::config::config_files;
use crate::output::{Output, config, engines};
use sifseal_core::Result;

pub(super) fn run(launch: &Launch<'_>, command: &ConfigCommand) -> Result<ExitStatus> {
    let output = Output::standard();
    match command {
        ConfigCommand::Show { format, keysdir } => {
            let settings = launch.config(keysdir)?;
            match format.format {
                Format::Text => output.print(&config::settings_text(&settings))?,
                Format::Json => output.json(&config::settings_json(&settings))?,
            }
        }
        ConfigCommand::Engines { format } => {
            let chosen = launch.config(&KeysdirArgs::default())?.engine.value;
            let engines = launch.registry.engines()?;
            match format.format {
                Format::Text => output.print(&engines::text(&engines, &chosen))?,
                Format::Json => output.json(&engines::json(&engines, &chosen))?,
            }
        }
        ConfigCommand::Path { format } => {
            let files = config_files(launch.places, launch.global.config.as_deref());
            match format.format {
                Format::Text => output.print(&config::files_text(&files))?,
                Format::Json => output.json(&config::files_json(&files))?,
            }
        }
    }
    Ok(ExitStatus::Done)
}
