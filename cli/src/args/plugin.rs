//! Arguments of `sifseal plugin`.

use super::FormatArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `sifseal plugin`.
#[derive(Debug, Args)]
#[command(subcommand_required = true)]
pub struct PluginArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PluginCommand,
}

/// The commands of `sifseal plugin`.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// List the plugins that are configured, and whether their files are the pinned ones
    #[command(after_help = "Example:\n  sifseal plugin list")]
    List(FormatArgs),
    /// Start a file as a plugin and tell what it can do
    #[command(after_help = "Example:\n  sifseal plugin inspect /usr/lib/sifseal/libvault.so")]
    Inspect(InspectPluginArgs),
    /// Put a plugin into the configuration, pinned to what its file holds now
    #[command(
        after_help = "Example:\n  sifseal plugin add /usr/lib/sifseal/libvault.so --set address=https://vault.example.org"
    )]
    Add(AddPluginArgs),
    /// Pin a configured plugin to what its file holds now, and keep its settings
    #[command(after_help = "Example:\n  sifseal plugin pin vault")]
    Pin(PinPluginArgs),
    /// Take a plugin out of the configuration, with its settings
    #[command(after_help = "Example:\n  sifseal plugin remove vault")]
    Remove(RemovePluginArgs),
    /// Try whether a file behaves as plugins must
    #[command(after_help = "Example:\n  sifseal plugin check ./target/debug/vault")]
    Check(InspectPluginArgs),
}

/// `sifseal plugin inspect` and `sifseal plugin check`.
#[derive(Debug, Clone, Args)]
pub struct InspectPluginArgs {
    /// The file: a shared library (`.so`), or a program
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A setting for it; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    pub settings: Vec<(String, toml::Value)>,
    /// How to print the result.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal plugin add`.
#[derive(Debug, Clone, Args)]
pub struct AddPluginArgs {
    /// The file: a shared library (`.so`), or a program
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The name to use in other settings [default: what it calls itself]
    #[arg(long)]
    pub name: Option<String>,
    /// A setting for it; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = setting)]
    pub settings: Vec<(String, toml::Value)>,
    /// Load the library in a process of its own, so that it cannot take the program with it
    #[arg(long)]
    pub isolate: bool,
    /// Change the configuration of the whole system, not yours
    #[arg(short, long)]
    pub global: bool,
    /// How to print the result.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal plugin pin`.
#[derive(Debug, Clone, Args)]
pub struct PinPluginArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Where the file is now [default: where it was]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How to print the result.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `sifseal plugin remove`.
#[derive(Debug, Clone, Args)]
pub struct RemovePluginArgs {
    /// Its name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Change the configuration of the whole system, not yours
    #[arg(short, long)]
    pub global: bool,
}

/// The child of an isolated library.
#[derive(Debug, Clone, Args)]
pub struct PluginHostArgs {
    /// The library
    pub library: PathBuf,
}

/// What is a number, a truth value, a list or quoted text in TOML is that; anything else is
/// text as it stands.
fn setting(text: &str) -> Result<(String, toml::Value), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value_of(value))),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

fn value_of(text: &str) -> toml::Value {
    let mut table = toml::from_str::<toml::Table>(&format!("value = {text}")).unwrap_or_default();
    match (table.remove("value"), table.is_empty()) {
        (Some(value), true) if !value.is_table() && !value.is_datetime() => value,
        _ => toml::Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_the_type_that_it_has_in_toml_and_else_is_text() {
        use toml::Value;
        for (text, expected) in [
            ("5", Value::Integer(5)),
            ("true", Value::Boolean(true)),
            ("\"5\"", Value::String("5".to_owned())),
            (
                "[1, 2]",
                Value::Array(vec![Value::Integer(1), Value::Integer(2)]),
            ),
            ("FS", Value::String("FS".to_owned())),
            ("/srv/a b", Value::String("/srv/a b".to_owned())),
            ("a=b", Value::String("a=b".to_owned())),
            ("", Value::String(String::new())),
            ("1\nother = 2", Value::String("1\nother = 2".to_owned())),
        ] {
            assert_eq!(
                setting(&format!("key={text}")),
                Ok(("key".to_owned(), expected))
            );
        }
        assert!(setting("=5").is_err() && setting("key").is_err());
    }
}
