//! GnuPG's programs, as far as they are asked here: `gpg` for keys, `gpgconf` for places
//! and for starting the agent.

use crate::assuan::unescape;
use crate::keyring;
use crate::keys::ListedKey;
use crate::process::{Limit, output};
use crate::settings::GpgSettings;
use sifseal_plugin_sdk::openpgp::Fingerprint;
use sifseal_plugin_sdk::traits::KeyPart;
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long one run of a program may take. The list of a large key ring takes a second.
const RUN: Duration = Duration::from_secs(30);

/// GnuPG with one home.
#[derive(Debug)]
pub(crate) struct Gnupg {
    settings: GpgSettings,
}

/// Where GnuPG has its things.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) home: PathBuf,
    pub(crate) agent_socket: PathBuf,
}

impl Gnupg {
    pub(crate) fn new(settings: GpgSettings) -> Self {
        Self { settings }
    }

    pub(crate) fn settings(&self) -> &GpgSettings {
        &self.settings
    }

    /// All certificates, or all keys whose secrets are known; none where the usual home
    /// is not there.
    ///
    /// # Errors
    /// `Config` if the home of the settings is not there, and what running the programs
    /// says.
    pub(crate) fn list(&self, cx: &Context<'_>, part: KeyPart) -> Result<Vec<ListedKey>> {
        // Asked to list keys, gpg would make a home.
        if let Some(home) = self.settings.home.as_ref().filter(|home| !home.exists()) {
            let what = format!("GnuPG's home {} is not there", home.display());
            return Err(Error::new(ErrorKind::Config, what)
                .hint("it is the setting `home` in the table [plugin.config]"));
        }
        if !self.places(cx)?.home.exists() {
            return Ok(Vec::new());
        }
        let what = match part {
            KeyPart::Public => "--list-keys",
            KeyPart::Secret => "--list-secret-keys",
        };
        let mut command = self.gpg();
        command.args(["--with-colons", "--fixed-list-mode", "--with-keygrip", what]);
        Ok(keyring::read(&output(cx, command, Limit::of(RUN))?))
    }

    /// The certificate with this primary fingerprint, whole, in binary.
    ///
    /// # Errors
    /// `NotFound` if `gpg` gives none, and what running it says.
    pub(crate) fn export(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<Vec<u8>> {
        let mut command = self.gpg();
        command
            .args(["--export-options", "no-export-minimal,no-export-clean"])
            .args(["--no-armor", "--export", "--"])
            .arg(primary.to_string());
        let bytes = output(cx, command, Limit::of(RUN))?;
        if bytes.is_empty() {
            let what = format!("gpg has no certificate {primary}");
            return Err(Error::new(ErrorKind::NotFound, what));
        }
        Ok(bytes)
    }

    /// Where things are.
    ///
    /// # Errors
    /// What running `gpgconf` says.
    pub(crate) fn places(&self, cx: &Context<'_>) -> Result<Places> {
        let mut command = self.gpgconf();
        command.arg("--list-dirs");
        let list = output(cx, command, Limit::of(RUN))?;
        let place = |name: &str| {
            let mut lines = list.split(|byte| *byte == b'\n');
            let found = lines.find_map(|line| line.strip_prefix(name.as_bytes()));
            let path = found.and_then(unescape).map(OsString::from_vec);
            path.map(PathBuf::from).ok_or_else(|| {
                let what = format!("gpgconf does not tell its `{}`", name.trim_end_matches(':'));
                Error::new(ErrorKind::Unsupported, what).hint("GnuPG 2.2 or later is needed")
            })
        };
        Ok(Places {
            home: place("homedir:")?,
            agent_socket: place("agent-socket:")?,
        })
    }

    /// Starts the agent, if it does not run.
    ///
    /// # Errors
    /// What running `gpgconf` says.
    pub(crate) fn start_agent(&self, cx: &Context<'_>) -> Result<()> {
        let mut command = self.gpgconf();
        command.args(["--launch", "gpg-agent"]);
        output(cx, command, Limit::of(RUN)).map(drop)
    }

    /// `gpg`, so that it asks nobody and changes nothing.
    fn gpg(&self) -> Command {
        let mut command = self.command(self.settings.gpg());
        command.args(["--batch", "--no-tty", "--quiet"]).args([
            "--no-auto-check-trustdb",
            "--trust-model",
            "always",
        ]);
        command
    }

    fn gpgconf(&self) -> Command {
        self.command(self.settings.gpgconf())
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(home) = &self.settings.home {
            command.env("GNUPGHOME", home);
        }
        command
    }
}
