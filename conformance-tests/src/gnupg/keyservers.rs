//! GnuPG as a client of keyservers, which it reaches through `dirmngr`.

use super::Gpg;
use crate::{process, require_dirmngr};

/// One line of what a search found: the server's claims as GnuPG passes them on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The fingerprint, if the server gave it, or the key ID.
    pub key: String,
    /// When it expires, in seconds since 1970.
    pub expires: Option<u64>,
    /// User IDs.
    pub user_ids: Vec<String>,
}

impl Gpg {
    /// One that can talk to keyservers; `None`, said aloud, where a part is missing.
    ///
    /// # Panics
    /// As [`new`](Self::new), or `dirmngr` is missing and was required.
    #[allow(clippy::expect_used)]
    pub fn with_dirmngr() -> Option<Self> {
        require_dirmngr()?;
        let gpg = Self::new()?;
        // Else it asks on loopback whether there is a Tor, and goes through that.
        std::fs::write(gpg.home.path().join("dirmngr.conf"), "no-use-tor\n")
            .expect("a file in GnuPG's home");
        Some(gpg)
    }

    /// Sends a key to a server, given as `hkp://...`.
    ///
    /// # Panics
    /// If it fails.
    pub fn send_key(&self, server: &str, fingerprint: &str) {
        self.run(&["--keyserver", server, "--send-keys", fingerprint], b"");
    }

    /// Gets a key from a server and imports it; false if the server has none.
    ///
    /// # Panics
    /// If it fails in any other way.
    pub fn receive_key(&self, server: &str, key: &str) -> bool {
        self.ask_server(server, &["--recv-keys", key]).is_some()
    }

    /// Searches a server.
    ///
    /// # Panics
    /// If it fails in any way but that nothing was found.
    pub fn search_keys(&self, server: &str, text: &str) -> Vec<Found> {
        let printed = self.ask_server(server, &["--with-colons", "--search-keys", text]);
        printed.map_or_else(Vec::new, |printed| found(&printed))
    }

    /// What it prints, status lines too; `None` if the server has nothing.
    fn ask_server(&self, server: &str, question: &[&str]) -> Option<String> {
        let options = ["--keyserver", server, "--status-fd", "1"];
        let output = self.output(&[&options[..], question].concat(), b"");
        let printed = process::text(&output.stdout);
        if output.status.success() {
            return Some(printed);
        }
        let said = process::text(&output.stderr);
        let nothing = printed.lines().any(means_nothing);
        assert!(nothing, "gpg {question:?}: {printed}{said}");
        None
    }
}

/// True for a status line by which a server has nothing to give. Words for people are
/// in the language of the machine.
fn means_nothing(line: &str) -> bool {
    /// libgpg-error's numbers: "Not found" and "No data".
    const NOT_FOUND: u32 = 27;
    const NO_DATA: u32 = 58;
    let mut words = line.split(' ').skip(1);
    match words.next() {
        // FAILURE where error; the upper half of the number says whose error it is.
        Some("FAILURE") => words
            .nth(1)
            .and_then(|error| error.parse::<u32>().ok())
            .is_some_and(|error| matches!(error & 0xffff, NOT_FOUND | NO_DATA)),
        // What came holds no key.
        Some("NODATA") => true,
        _ => false,
    }
}

/// A machine readable index, as in section 5.2 of draft-shaw-openpgp-hkp-00.
fn found(index: &str) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for line in index.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        match (fields.as_slice(), all.last_mut()) {
            (["pub", key, rest @ ..], _) => all.push(Found {
                key: (*key).to_owned(),
                // algorithm, length, creation, expiration, flags
                expires: rest.get(3).and_then(|time| time.parse().ok()),
                user_ids: Vec::new(),
            }),
            (["uid", user_id, ..], Some(last)) => last.user_ids.push((*user_id).to_owned()),
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_understood() {
        let index = "info:1:2\npub:AB12:22:256:100:900:\nuid:Ada:100::\nuid:Ada <a@b>\n\npub:CD34:1:2048:200::\n";
        let ada = Found {
            key: "AB12".to_owned(),
            expires: Some(900),
            user_ids: vec!["Ada".to_owned(), "Ada <a@b>".to_owned()],
        };
        let other = Found {
            key: "CD34".to_owned(),
            expires: None,
            user_ids: Vec::new(),
        };
        assert_eq!(found(index), [ada, other]);
        assert_eq!(found("info:1:0\n"), []);
    }

    #[test]
    fn nothing_found_is_told_from_a_server_that_is_away() {
        assert!(means_nothing("[GNUPG:] FAILURE recv-keys 167772218"));
        assert!(means_nothing("[GNUPG:] FAILURE search-keys 33554459"));
        assert!(means_nothing("[GNUPG:] NODATA 1"));
        // "No keyserver available"
        assert!(!means_nothing("[GNUPG:] FAILURE recv-keys 167772346"));
        assert!(!means_nothing("[GNUPG:] IMPORT_OK 1 0123"));
    }
}
