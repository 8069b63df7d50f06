//! Plugins of this workspace, built in both shapes.

use crate::{built, process};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Those that tests use, by the names of their programs.
const PLUGINS: [&str; 3] = ["approval", "selector", "liar"];

/// A shared library that has a root module of another ABI than ours.
const OTHER_ABI: &str = "other_abi";

/// A plugin as it comes from the compiler.
#[derive(Debug, Clone)]
pub struct BuiltPlugin {
    /// The program.
    pub executable: PathBuf,
    /// The shared library.
    pub library: PathBuf,
}

/// A plugin of this workspace. All are built on the first call.
///
/// # Panics
/// They do not build, or there is none of this name.
pub fn built_plugin(name: &str) -> BuiltPlugin {
    let plugin = built().plugins.get(name);
    plugin
        .unwrap_or_else(|| panic!("there is no plugin {name}"))
        .clone()
}

/// A shared library with a plugin of another ABI.
///
/// # Panics
/// It does not build.
pub fn plugin_of_another_abi() -> PathBuf {
    built().other_abi.clone()
}

struct Built {
    plugins: BTreeMap<String, BuiltPlugin>,
    other_abi: PathBuf,
}

fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(build)
}

/// One line of what cargo tells with `--message-format=json`, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    target: Target,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    executable: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
struct Target {
    name: String,
}

fn build() -> Built {
    let output = built::alone("cargo-build", |_| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        // With the features of the whole workspace, as it is built otherwise.
        command
            .args(["build", "--workspace", "--message-format=json"])
            .args(PLUGINS.iter().flat_map(|name| ["--bin", name]))
            .args(["--example", OTHER_ABI])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        process::run(&mut command, b"")
    });
    let messages = process::text(&output.stdout);
    let messages: Vec<Message> = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let library = |name: &str| {
        let own = messages
            .iter()
            .filter(|message| message.target.name == name);
        let mut files = own.flat_map(|message| &message.filenames);
        files.find(|file| is_library(file)).cloned()
    };
    let executable = |name: &str| {
        let mut own = messages
            .iter()
            .filter(|message| message.target.name == name);
        own.find_map(|message| message.executable.clone())
    };
    let failed = || -> ! { panic!("plugins do not build: {}", process::text(&output.stderr)) };
    let plugins = PLUGINS.map(|name| {
        let plugin = BuiltPlugin {
            executable: executable(name).unwrap_or_else(|| failed()),
            library: library(name).unwrap_or_else(|| failed()),
        };
        (name.to_owned(), plugin)
    });
    Built {
        plugins: plugins.into(),
        other_abi: library(OTHER_ABI).unwrap_or_else(|| failed()),
    }
}

fn is_library(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "so")
}
