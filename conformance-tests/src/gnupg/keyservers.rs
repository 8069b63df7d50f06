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

    /// Gets a key from a server and imports it; false if it did not.
    pub fn receive_key(&self, server: &str, key: &str) -> bool {
        let receive = ["--keyserver", server, "--recv-keys", key];
        self.output(&receive, b"").status.success()
    }

    /// Searches a server.
    ///
    /// # Panics
    /// If it fails with anything but that nothing was found.
    pub fn search_keys(&self, server: &str, text: &str) -> Vec<Found> {
        let search = ["--keyserver", server, "--with-colons", "--search-keys"];
        let output = self.output(&[&search[..], &[text]].concat(), b"");
        let said = process::text(&output.stderr);
        let nothing = said.contains("not found on keyserver");
        assert!(output.status.success() || nothing, "{text}: {said}");
        found(&process::text(&output.stdout))
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
}
