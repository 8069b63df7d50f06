//! Keys as the user guide lists them, and as JSON.

pub use super::listed::Listed;
use super::{local_time, rfc3339};
use serde::Serialize;
use sifseal_core::Shown;
use sifseal_core::openpgp::{Fingerprint, Junk, Outline, Protection};
use sifseal_core::policy::KeyStanding;
use sifseal_core::traits::{Change, KeyPart};
use std::fmt::Write as _;

/// The heading of a listing.
pub fn heading(part: KeyPart, place: &str) -> String {
    let part = match part {
        KeyPart::Public => "Public",
        KeyPart::Secret => "Private",
    };
    format!("{part} key listing ({}):\n\n", Shown::new(place))
}

/// How much is shown of the words in which a plugin says where a key is.
const LONGEST_PLACE: usize = 200;

/// Every key in its five or more lines: user IDs, creation, fingerprint, length, the place
/// of a secret that is not in the key store itself, and what is remarkable about its state.
pub fn rows(keys: &[Listed]) -> String {
    let mut text = String::new();
    for (index, key) in keys.iter().enumerate() {
        row(&mut text, index, key);
    }
    text
}

fn row(text: &mut String, index: usize, listed: &Listed) {
    let key = &listed.certificate.outline;
    let number = format!("{index})");
    let indent = " ".repeat(number.len());
    let none = String::new();
    let user_ids = match key.user_ids.as_slice() {
        [] => std::slice::from_ref(&none),
        user_ids => user_ids,
    };
    for (nth, user_id) in user_ids.iter().enumerate() {
        let begin = if nth == 0 { &number } else { &indent };
        let _ = writeln!(text, "{begin} U: {}", Shown::new(user_id));
    }
    let _ = writeln!(text, "{indent} C: {}", local_time(key.created));
    let _ = writeln!(text, "{indent} F: {}", key.fingerprint);
    let _ = writeln!(text, "{indent} L: {}", key.bits);
    if let Protection::Elsewhere(place) = &listed.protection {
        let place: String = place.chars().take(LONGEST_PLACE).collect();
        let _ = writeln!(text, "{indent} P: {}", Shown::new(&place));
    }
    for mark in listed.marks() {
        let _ = writeln!(text, "{indent} S: {mark}");
    }
    let _ = writeln!(text, "{indent} --------");
}

/// A key in one line, for errors that name several.
pub fn in_one_line(key: &Outline) -> String {
    match key.user_ids.first() {
        Some(user_id) => format!("{} ({user_id})", key.fingerprint),
        None => key.fingerprint.to_string(),
    }
}

/// A listing, `sifseal/key-list/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyList {
    schema: &'static str,
    part: &'static str,
    place: String,
    keys: Vec<KeyJson>,
    unreadable: Vec<JunkJson>,
}

impl KeyList {
    /// The listing of one half of a store.
    pub fn new(part: KeyPart, place: &str, keys: &[Listed], junk: &[Junk]) -> Self {
        Self {
            schema: "sifseal/key-list/1",
            part: part_name(part),
            place: place.to_owned(),
            keys: keys.iter().map(KeyJson::new).collect(),
            unreadable: junk.iter().map(JunkJson::new).collect(),
        }
    }
}

/// One key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyJson {
    fingerprint: String,
    key_id: String,
    user_ids: Vec<String>,
    created: Option<String>,
    algorithm: String,
    bits: u32,
    subkeys: Vec<String>,
    expires: Option<String>,
    expired: bool,
    revoked: bool,
    signing_keys: Vec<String>,
    problems: Vec<ProblemJson>,
    secret: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_place: Option<String>,
}

/// Something that keeps a key from signing.
#[derive(Debug, Serialize)]
struct ProblemJson {
    name: &'static str,
    text: String,
}

impl KeyJson {
    fn new(listed: &Listed) -> Self {
        let key = &listed.certificate.outline;
        let primary = listed.primary();
        let usable = listed.standings.iter().filter(|key| key.may_sign());
        let (secret, secret_place) = match &listed.protection {
            Protection::NoSecret => ("none", None),
            Protection::Open => ("open", None),
            Protection::Passphrase => ("passphrase", None),
            Protection::Elsewhere(place) => ("elsewhere", Some(place.clone())),
            _ => ("unknown", None),
        };
        Self {
            fingerprint: key.fingerprint.to_string(),
            key_id: key.fingerprint.key_id().to_string(),
            user_ids: key.user_ids.clone(),
            created: rfc3339(key.created),
            algorithm: key.algorithm.to_string(),
            bits: key.bits,
            subkeys: key.subkeys.iter().map(ToString::to_string).collect(),
            expires: primary.and_then(|key| key.expires).and_then(rfc3339),
            expired: primary.is_some_and(KeyStanding::is_expired),
            revoked: primary.is_some_and(KeyStanding::is_revoked),
            signing_keys: usable.map(|key| key.key.to_string()).collect(),
            problems: listed
                .why_not()
                .into_iter()
                .map(|problem| ProblemJson {
                    name: problem.name(),
                    text: problem.to_string(),
                })
                .collect(),
            secret,
            secret_place,
        }
    }
}

/// Something in a ring that could not be read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct JunkJson {
    offset: usize,
    length: usize,
    what: String,
}

impl JunkJson {
    fn new(junk: &Junk) -> Self {
        Self {
            offset: junk.offset,
            length: junk.bytes.len(),
            what: junk.what.clone(),
        }
    }
}

/// What an import did, `sifseal/key-import/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    schema: &'static str,
    keys: Vec<ImportedJson>,
    errors: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ImportedJson {
    file: String,
    fingerprint: String,
    part: &'static str,
    change: &'static str,
}

impl Default for ImportReport {
    fn default() -> Self {
        Self {
            schema: "sifseal/key-import/1",
            keys: Vec::new(),
            errors: Vec::new(),
        }
    }
}

impl ImportReport {
    /// One half of a key went into the ring, or was there.
    pub fn key(&mut self, file: &str, key: Fingerprint, part: KeyPart, change: Change) {
        self.keys.push(ImportedJson {
            file: file.to_owned(),
            fingerprint: key.to_string(),
            part: part_name(part),
            change: change_name(change),
        });
    }

    /// A file, or a key in it, could not be imported.
    pub fn error(&mut self, text: String) {
        self.errors.push(text);
    }
}

/// The name of a change in JSON.
pub fn change_name(change: Change) -> &'static str {
    match change {
        Change::Added => "added",
        Change::Merged => "merged",
        Change::Unchanged => "unchanged",
    }
}

/// A new key pair, `sifseal/key-newpair/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewPair {
    schema: &'static str,
    fingerprint: String,
    user_id: String,
}

impl NewPair {
    /// The pair that was made.
    pub fn new(key: &Outline) -> Self {
        Self {
            schema: "sifseal/key-newpair/1",
            fingerprint: key.fingerprint.to_string(),
            user_id: key.user_ids.first().cloned().unwrap_or_default(),
        }
    }
}

/// What a migration did, `sifseal/key-migrate/1`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MigrationReport {
    schema: &'static str,
    from: String,
    to: String,
    keys: Vec<MigratedJson>,
    errors: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MigratedJson {
    fingerprint: String,
    change: &'static str,
    removed_from_source: bool,
}

impl MigrationReport {
    /// A migration that has not begun.
    pub fn new(from: &str, to: &str) -> Self {
        Self {
            schema: "sifseal/key-migrate/1",
            from: from.to_owned(),
            to: to.to_owned(),
            keys: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// A key is where it was to go.
    pub fn key(&mut self, key: Fingerprint, change: Change, removed_from_source: bool) {
        self.keys.push(MigratedJson {
            fingerprint: key.to_string(),
            change: change_name(change),
            removed_from_source,
        });
    }

    /// A key could not be copied, or not removed afterwards.
    pub fn error(&mut self, text: String) {
        self.errors.push(text);
    }
}

fn part_name(part: KeyPart) -> &'static str {
    match part {
        KeyPart::Public => "public",
        KeyPart::Secret => "secret",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::Timestamp;
    use sifseal_core::openpgp::{Certificate, PublicKeyAlgorithm};
    use sifseal_core::policy::Problem;

    const KEY: Fingerprint = Fingerprint::V4([0xab; 20]);

    fn listed(user_ids: &[&str], expires: Option<Timestamp>, problems: Vec<Problem>) -> Listed {
        let outline = Outline {
            fingerprint: KEY,
            created: Timestamp(0),
            algorithm: PublicKeyAlgorithm::Rsa,
            bits: 4096,
            subkeys: Vec::new(),
            user_ids: user_ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        Listed {
            certificate: Certificate {
                outline,
                bytes: Vec::new(),
            },
            protection: Protection::NoSecret,
            standings: vec![KeyStanding {
                key: KEY,
                expires,
                problems,
            }],
        }
    }

    fn outline(user_ids: &[&str]) -> Listed {
        listed(user_ids, None, Vec::new())
    }

    #[test]
    fn a_state_that_matters_is_one_more_line() {
        let end = Timestamp(86_400 * 365);
        let marked = |expires, problems: &[Problem]| {
            let text = rows(&[listed(&["Ada"], expires, problems.to_vec())]);
            let marks = text.lines().filter(|line| line.starts_with("   S: "));
            marks.map(|line| line[6..].to_owned()).collect::<Vec<_>>()
        };
        assert!(marked(None, &[]).is_empty());
        assert!(marked(Some(end), &[])[0].starts_with("expires 1971-01-01 "));
        let expired = Problem::KeyExpired(end);
        assert!(marked(Some(end), &[expired])[0].starts_with("expired 1971-01-01 "));
        assert_eq!(marked(None, &[Problem::KeyRevoked]), ["revoked"]);
        assert_eq!(
            marked(None, &[Problem::KeyCannotSign]),
            ["cannot sign: the key is not one for signing"]
        );
    }

    #[test]
    fn a_key_that_is_elsewhere_says_where_and_no_terminal_obeys_it() {
        let placed = |protection| {
            let key = Listed {
                protection,
                ..outline(&["Ada"])
            };
            let text = rows(&[key]);
            let place = text.lines().find(|line| line.starts_with("   P: "));
            place.map(str::to_owned)
        };
        let elsewhere = |place: &str| placed(Protection::Elsewhere(place.to_owned()));
        assert_eq!(elsewhere("token release").unwrap(), "   P: token release");
        assert_eq!(elsewhere("\u{1b}[2K").unwrap(), "   P: \\u{1b}[2K");
        assert!(elsewhere(&"x".repeat(5000)).unwrap().len() < 300);
        assert_eq!(placed(Protection::Passphrase), None);
        assert_eq!(placed(Protection::NoSecret), None);
    }

    fn without_times(text: &str) -> Vec<&str> {
        text.lines().filter(|line| !line.contains(" C: ")).collect()
    }

    #[test]
    fn keys_are_listed_as_in_the_guide() {
        let text = rows(&[
            outline(&["Ada <a@b.c>", "Ada (work) <a@d.e>"]),
            outline(&[]),
        ]);
        let fingerprint = "   F: ABABABABABABABABABABABABABABABABABABABAB";
        let expected = [
            "0) U: Ada <a@b.c>",
            "   U: Ada (work) <a@d.e>",
            fingerprint,
            "   L: 4096",
            "   --------",
            "1) U: ",
            fingerprint,
            "   L: 4096",
            "   --------",
        ];
        assert_eq!(without_times(&text), expected);
        assert!(text.lines().nth(2).unwrap().starts_with("   C: 19"));
    }

    #[test]
    fn a_user_id_cannot_repaint_the_listing_w13() {
        let text = rows(&[outline(&["x\u{1b}[1A\n0) U: forged"])]);
        assert_eq!(text.lines().count(), 5);
        assert!(!text.contains('\u{1b}'));
    }
}
