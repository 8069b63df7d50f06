//! `--url`, where keyservers are asked.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

/// `--url`: one server in the place of those that are configured.
#[derive(Debug, Clone, Default, Args)]
pub struct UrlArgs {
    /// Ask this keyserver and no other: its address, or the path of a directory or bundle of certificates
    #[arg(short, long, value_name = "URL|PATH", value_parser = NonEmptyStringValueParser::new())]
    pub url: Option<String>,
}
