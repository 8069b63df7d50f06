//! A stand-in for the program, beside a scratch folder: it notes how it is called, and answers
//! what it was told to.

use crate::{ALICE, BOB, CAROL};
use serde_json::Value;
use sifseal_conformance_tests::adapters::adapters_folder;
use sifseal_conformance_tests::require_jq;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// For each command (`sign`, `key-list`): a line of its words, what it reads, and its answer.
const STAND_IN: &str = r#"#!/bin/sh
answers=${0%/*}
echo "$*" >>"$answers/calls"
verb=$1
[ "$verb" = key ] && verb=key-$2
cat >"$answers/$verb.stdin"
cat "$answers/$verb.stdout"
cat "$answers/$verb.stderr" >&2
exit "$(cat "$answers/$verb.status")"
"#;

/// A scratch folder, and beside it a program that is none.
pub(crate) struct Stage {
    adapter: &'static str,
    bin: TempDir,
    scratch: TempDir,
}

/// How a call ended.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Stage {
    /// With `apptainer` or `singularity`; `None`, said aloud, where there is no `jq`.
    pub(crate) fn with(adapter: &'static str) -> Option<Self> {
        require_jq()?;
        let [bin, scratch] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let program = bin.path().join(adapter);
        fs::write(&program, STAND_IN).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let stage = Self {
            adapter,
            bin,
            scratch,
        };
        stage.answers("key-list", 0, &apptainers_list(), "");
        Some(stage)
    }

    /// What the program will answer to a command.
    pub(crate) fn answers(&self, verb: &str, status: i32, stdout: &str, stderr: &str) {
        let write = |what: &str, text: &str| {
            fs::write(self.bin.path().join(format!("{verb}.{what}")), text).unwrap();
        };
        write("status", &status.to_string());
        write("stdout", stdout);
        write("stderr", stderr);
    }

    /// How the program was called since this was last asked.
    pub(crate) fn calls(&self) -> Vec<String> {
        let file = self.bin.path().join("calls");
        let calls = fs::read_to_string(&file).unwrap_or_default();
        let _ = fs::remove_file(file);
        calls.lines().map(str::to_owned).collect()
    }

    /// What the program could read when it was called so.
    pub(crate) fn typed(&self, verb: &str) -> String {
        fs::read_to_string(self.bin.path().join(format!("{verb}.stdin"))).unwrap()
    }

    /// A file in the scratch folder.
    pub(crate) fn file(&self, name: &str, text: &str) {
        fs::write(self.scratch.path().join(name), text).unwrap();
    }

    /// Asks the adapter, as the protocol says how.
    pub(crate) fn ask(&self, words: &str) -> Ended {
        self.ask_for(None, words)
    }

    /// The same, by the name of another program.
    pub(crate) fn ask_for(&self, program: Option<&str>, words: &str) -> Ended {
        let others = std::env::var_os("PATH").unwrap();
        let folders = [self.bin.path().to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&others));
        let output = Command::new(adapters_folder().join(self.adapter).join("run"))
            .args(words.split(' '))
            .current_dir(self.scratch.path())
            .env_clear()
            .env("PATH", std::env::join_paths(folders).unwrap())
            .env("HOME", self.scratch.path())
            .envs(program.map(|program| ("ADAPTER", program)))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended {
            status: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The report of a verification that ended so.
    pub(crate) fn verify(&self, words: &str, status: i32) -> Value {
        let ended = self.ask(words);
        assert_eq!(ended.status, Some(status), "{}", ended.stderr);
        let report = fs::read(self.scratch.path().join("report.json")).unwrap();
        serde_json::from_slice(&report).unwrap()
    }
}

/// What `key list --secret` prints in Apptainer: Alice, and then Bob; Carol is only spoken of.
fn apptainers_list() -> String {
    let key = |place, fingerprint| {
        format!(
            "{place})  User:              Somebody (F: {CAROL}) <some@example.com>\n    \
             Creation time:     2026-11-23 22:12:05 +0000 UTC\n    \
             Fingerprint:       {fingerprint}\n    Length (in bits):  2048\n\n"
        )
    };
    let head = "Private key listing (/home/u/.apptainer/keys/pgp-secret):\n\n";
    format!("{head}{}{}", key(0, ALICE), key(1, BOB))
}
