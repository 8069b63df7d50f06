//! SKS, written in OCaml: the server that most others behaved like for twenty years.
//!
//! Only its database server is started, never the one that talks to other keyservers.

use super::{LOG, RealServer, Running, Serves, Site, folder, http};
use crate::leash::{self, Leash, Process};
use crate::requirement::installed;
use std::fs;
use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A port can be taken by someone else between finding it free and using it.
const PORTS_TO_TRY: u32 = 5;

/// How long whoever listens there may take to answer, before it is asked again.
const A_MOMENT: Duration = Duration::from_secs(1);

const SERVES: Serves = Serves {
    short_ids: true,
    words: true,
    words_of_hex_digits: true,
    hosts: true,
    expiry_dates: true,
    ed25519_bits: 256,
    status_404: true,
    bare_armor: true,
};

/// SKS, as the machine has it.
#[derive(Debug, Clone)]
pub struct Sks {
    program: PathBuf,
    leash: Leash,
}

impl Sks {
    /// Or why there is none. Tests ask [`require_sks`](crate::require_sks) instead.
    pub(crate) fn find() -> std::result::Result<Self, String> {
        Ok(Self {
            program: installed("sks")?,
            leash: Leash::find()?,
        })
    }

    /// Starts an empty server.
    ///
    /// # Panics
    /// It does not start.
    #[allow(clippy::expect_used)]
    pub fn start(&self) -> RealServer {
        let folder = folder();
        lay_out(folder.path()).expect("room for SKS's files");
        let (address, process) = (0..PORTS_TO_TRY)
            .find_map(|_| self.listen(&folder, free_address()))
            .unwrap_or_else(|| panic!("SKS does not start: {}", log(&folder)));
        RealServer {
            site: Site {
                name: "sks",
                address,
                serves: SERVES,
            },
            running: Running::Process(process),
            folder,
        }
    }

    /// Starts it on this port; `None` if it ends at once, as it does where somebody
    /// else listens.
    fn listen(&self, folder: &TempDir, address: SocketAddr) -> Option<(SocketAddr, Process)> {
        let mut command = self.leash.command(&self.program);
        command
            .arg("db")
            .arg("-basedir")
            .arg(folder.path())
            .args(["-hkp_address", &address.ip().to_string()])
            .args(["-hkp_port", &address.port().to_string()])
            .args(["-stdoutlog", "-disable_mailsync", "-disable_log_diffs"]);
        let mut process = Process::start(command, &folder.path().join(LOG));
        // Whoever else might listen there does not have this page.
        let page = folder.path().display().to_string();
        let is_ours = || {
            let home = http::get(address, "/", A_MOMENT);
            home.is_ok_and(|answer| answer.body.contains(&page))
        };
        match process.wait_until(is_ours) {
            Ok(()) => Some((address, process)),
            Err(Some(_ended)) => None,
            Err(None) => panic!("SKS is not ready in time: {}", log(folder)),
        }
    }
}

fn log(folder: &TempDir) -> String {
    leash::read_log(&folder.path().join(LOG))
}

/// The folders that Debian's SKS wants below its base, where it looks for the paths
/// that it has when it is installed; and a home page, which is the folder's own name.
fn lay_out(base: &Path) -> Result<()> {
    for folder in ["etc/sks", "var/log/sks", "var/run/sks", "var/lib/sks/DB"] {
        fs::create_dir_all(base.join(folder))?;
    }
    // Nobody to send keys to.
    fs::write(base.join("etc/sks/mailsync"), "")?;
    fs::write(base.join("etc/sks/membership"), "")?;
    let pages = base.join("var/lib/sks/www");
    fs::create_dir(&pages)?;
    fs::write(pages.join("index.html"), base.display().to_string())
}

/// A port of loopback that nobody uses at the moment.
#[allow(clippy::expect_used)]
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of loopback");
    listener.local_addr().expect("a bound socket")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::require_sks;

    #[test]
    fn a_port_that_someone_else_has_is_given_up() {
        let Some(sks) = require_sks() else { return };
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let folder = folder();
        lay_out(folder.path()).unwrap();
        let started = sks.listen(&folder, other.local_addr().unwrap());
        assert!(started.is_none());
        assert!(log(&folder).contains("listen"), "{}", log(&folder));
    }
}
