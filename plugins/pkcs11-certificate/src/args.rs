//! The command line as plain data.

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sifseal::args::GlobalArgs;
use sifseal_core::Timestamp;
use std::path::PathBuf;

/// Gives a key in an HSM or token the OpenPGP certificate that it needs to sign images.
#[derive(Debug, Parser)]
#[command(name = "sifseal-pkcs11-certificate", version, about, long_about = None)]
pub(crate) struct Line {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a certificate around the key, which signs it itself
    New(NewArgs),
    /// Find the key in a certificate that there is
    Match(MatchArgs),
}

/// Which key.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// The plugin whose settings name the module and the token
    #[arg(long, value_name = "NAME")]
    pub(crate) plugin: String,

    /// The label of the key in the token (CKA_LABEL)
    #[arg(long, required_unless_present = "id")]
    pub(crate) label: Option<String>,

    /// Its ID in hexadecimal digits (CKA_ID)
    #[arg(long, value_name = "HEX")]
    pub(crate) id: Option<String>,
}

/// For `new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    #[command(flatten)]
    pub(crate) key: KeyArgs,

    /// Whose key it is: "Name <address@example.org>"
    #[arg(long, value_name = "TEXT")]
    pub(crate) user_id: String,

    /// When the key was made, as 2026-01-31 or 2026-01-31T12:00:00Z; the fingerprint
    /// depends on it, so a certificate that is made again must say the same
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) created: Timestamp,

    /// Where to write the certificate; a file that is there is left alone
    #[arg(long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// For `match`.
#[derive(Debug, Args)]
pub(crate) struct MatchArgs {
    #[command(flatten)]
    pub(crate) key: KeyArgs,

    /// The certificate, armored or not
    pub(crate) file: PathBuf,
}

/// A day, which begins in UTC, or a moment with its zone.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(moment.as_second()));
    }
    text.parse::<Date>()
        .and_then(|day| day.to_zoned_datetime(TimeZone::UTC))
        .map(|begin| Timestamp(begin.timestamp().as_second()))
        .map_err(|_| "a time is written as 2026-01-31 or 2026-01-31T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Line::command().debug_assert();
    }

    #[test]
    fn a_day_begins_in_utc_and_a_moment_has_its_zone() {
        assert_eq!(moment("2020-09-13"), Ok(Timestamp(1_599_955_200)));
        assert_eq!(moment("2020-09-13T12:26:40Z"), Ok(Timestamp(1_600_000_000)));
        assert_eq!(
            moment("2020-09-13T14:26:40+02:00"),
            Ok(Timestamp(1_600_000_000))
        );
        assert!(moment("yesterday").is_err());
    }
}
