//! onak, written in C: two CGI programs over a Berkeley DB, here behind a small web
//! server of our own.
//!
//! Debian installs the programs setuid, for a database that belongs to a user of its
//! own. Here they run as whoever runs the test, and the database is the test's.
//!
//! When it merges, version 0.6.2 takes two self-signatures by one key for the same if
//! their dates, in seconds, agree in the last octet, and drops the one that came later.

use super::{LOG, RealServer, Running, Serves, Site, cgi, folder};
use crate::leash::Leash;
use crate::requirement::installed_in;
use std::fs;
use std::path::{Path, PathBuf};

const SERVES: Serves = Serves {
    short_ids: true,
    words: true,
    words_of_hex_digits: false,
    hosts: true,
    expiry_dates: false,
    ed25519_bits: 255,
    status_404: false,
    bare_armor: false,
};

/// onak, as the machine has it.
#[derive(Debug, Clone)]
pub struct Onak {
    lookup: PathBuf,
    add: PathBuf,
    /// The folder of its database modules.
    backends: PathBuf,
    leash: Leash,
}

impl Onak {
    /// Or why there is none. Tests ask [`require_onak`](crate::require_onak) instead.
    pub(crate) fn find() -> Result<Self, String> {
        let programs = Path::new("/usr/lib/cgi-bin/pks");
        let missing = || "onak is not installed".to_owned();
        let program = |name| installed_in(programs, name).ok_or_else(missing);
        Ok(Self {
            lookup: program("lookup")?,
            add: program("add")?,
            backends: find_backends().ok_or_else(missing)?,
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
        let path = folder.path();
        fs::create_dir(path.join("db")).expect("room for a database");
        fs::write(path.join("onak.ini"), self.configuration(path)).expect("room for a file");
        let onak = self.clone();
        let configuration = path.to_owned();
        let running = cgi::serve(move |script| {
            let program = match script {
                "/pks/lookup" => &onak.lookup,
                "/pks/add" => &onak.add,
                _ => return None,
            };
            let mut command = onak.leash.command(program);
            command.env("XDG_CONFIG_HOME", &configuration);
            Some(command)
        });
        let server = RealServer {
            site: Site {
                name: "onak",
                address: running.address(),
                serves: SERVES,
            },
            running: Running::Cgi(running),
            folder,
        };
        let nothing = server
            .site
            .get("/pks/lookup?op=index&options=mr&search=nobody");
        assert!(
            nothing.body.starts_with("info:1:0"),
            "onak: {nothing:?}: {}",
            server.log()
        );
        server
    }

    /// Debian's configuration, but for where things are.
    fn configuration(&self, folder: &Path) -> String {
        let backends = self.backends.display();
        let folder = folder.display();
        format!(
            "[main]\n\
             backend=private\n\
             backends_dir={backends}\n\
             logfile={folder}/{LOG}\n\
             loglevel=3\n\
             use_keyd=false\n\
             max_reply_keys=128\n\
             \n\
             [verification]\n\
             check_sighash=true\n\
             drop_v3=true\n\
             \n\
             [backend:private]\n\
             type=db4\n\
             location={folder}/db\n"
        )
    }
}

/// Below `/usr/lib`, in the folder of the machine's architecture.
fn find_backends() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?;
    folders
        .filter_map(Result::ok)
        .map(|folder| folder.path().join("onak/backends"))
        .find(|candidate| candidate.join("libkeydb_db4.so").is_file())
}
