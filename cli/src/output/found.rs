//! What keyservers were found to have, in Apptainer's columns and as JSON.
//!
//! All of it is the servers' claim: strangers' text, made safe to print (W-13), and
//! never a reason to trust a key.

use super::exchanged::FailureJson;
use super::table::Table;
use super::{local_time, rfc3339};
use serde::Serialize;
use sifseal_core::keyservers::Searched;
use sifseal_core::traits::SearchHit;
use sifseal_core::{Shown, Timestamp};

/// `KEY ID`, `BITS`, `NAME/EMAIL`. The ID is the last 8 digits, as Apptainer shows
/// it; two keys can share them.
pub fn short_list(hits: &[SearchHit]) -> String {
    let mut table = Table::new(&["KEY ID", "BITS", "NAME/EMAIL"]);
    rows(&mut table, hits, |hit| {
        let id = key_of(hit);
        let tail = id.char_indices().rev().nth(7).map_or(0, |(start, _)| start);
        vec![id[tail..].to_owned(), number(hit.bits)]
    });
    listing(hits, &table)
}

/// The same with fingerprint, algorithm, dates and status.
pub fn long_list(hits: &[SearchHit], now: Timestamp) -> String {
    let mut table = Table::new(&[
        "FINGERPRINT",
        "ALGORITHM",
        "BITS",
        "CREATION DATE",
        "EXPIRATION DATE",
        "STATUS",
        "NAME/EMAIL",
    ]);
    let date = |time: Option<Timestamp>| time.map(local_time).unwrap_or_default();
    rows(&mut table, hits, |hit| {
        vec![
            key_of(hit),
            algorithm(hit.algorithm),
            number(hit.bits),
            date(hit.created),
            date(hit.expires),
            format!("[{}]", status(hit, now)),
        ]
    });
    listing(hits, &table)
}

fn listing(hits: &[SearchHit], table: &Table) -> String {
    format!("Showing {} results\n\n{table}", hits.len())
}

/// A row for each key with its first user ID, one for each other user ID, and an empty
/// line between keys.
fn rows(table: &mut Table, hits: &[SearchHit], cells: impl Fn(&SearchHit) -> Vec<String>) {
    for (index, hit) in hits.iter().enumerate() {
        if index > 0 {
            table.gap();
        }
        let mut user_ids = hit.user_ids.iter().map(|id| Shown::new(id).to_string());
        let mut first = cells(hit);
        let empty = vec![String::new(); first.len()];
        first.push(user_ids.next().unwrap_or_default());
        table.row(first);
        for user_id in user_ids {
            let mut row = empty.clone();
            row.push(user_id);
            table.row(row);
        }
    }
}

fn key_of(hit: &SearchHit) -> String {
    match hit.fingerprint {
        Some(fingerprint) => fingerprint.to_string(),
        None => Shown::new(&hit.key).to_string(),
    }
}

fn number(bits: Option<u32>) -> String {
    bits.map(|bits| bits.to_string()).unwrap_or_default()
}

/// Apptainer's names, and those it lacks (W-24): RFC 9580, section 9.1.
fn algorithm(number: Option<u8>) -> String {
    match number {
        Some(1..=3) => "RSA",
        Some(16) => "Elgamal",
        Some(17) => "DSA",
        Some(18) => "Elliptic Curve",
        Some(19) => "ECDSA",
        Some(20) => "Reserved",
        Some(21) => "Diffie-Hellman",
        Some(22) => "EdDSA",
        Some(25) => "X25519",
        Some(26) => "X448",
        Some(27) => "Ed25519",
        Some(28) => "Ed448",
        Some(_) => "unknown",
        None => "",
    }
    .to_owned()
}

/// What the server says, and what its own date says.
fn status(hit: &SearchHit, now: Timestamp) -> &'static str {
    let is_over = hit.expires.is_some_and(|expires| expires <= now);
    match &hit.flags {
        flags if flags.contains('r') => "revoked",
        flags if flags.contains('d') => "disabled",
        flags if flags.contains('e') || is_over => "expired",
        _ => "enabled",
    }
}

/// `sifseal/key-search/1`.
#[derive(Debug, Serialize)]
pub struct SearchDocument {
    schema: &'static str,
    query: String,
    keys: Vec<HitJson>,
    failures: Vec<FailureJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HitJson {
    fingerprint: Option<String>,
    key: String,
    algorithm: String,
    bits: Option<u32>,
    created: Option<String>,
    expires: Option<String>,
    status: &'static str,
    user_ids: Vec<String>,
}

impl SearchDocument {
    /// The answer to a search.
    pub fn new(query: &str, searched: &Searched, now: Timestamp) -> Self {
        let hit = |hit: &SearchHit| HitJson {
            fingerprint: hit.fingerprint.map(|fingerprint| fingerprint.to_string()),
            key: hit.key.clone(),
            algorithm: algorithm(hit.algorithm),
            bits: hit.bits,
            created: hit.created.and_then(rfc3339),
            expires: hit.expires.and_then(rfc3339),
            status: status(hit, now),
            user_ids: hit.user_ids.clone(),
        };
        Self {
            schema: "sifseal/key-search/1",
            query: query.to_owned(),
            keys: searched.hits.iter().map(hit).collect(),
            failures: searched.failures.iter().map(FailureJson::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::openpgp::Fingerprint;

    fn hit(byte: u8, user_ids: &[&str]) -> SearchHit {
        let fingerprint = Fingerprint::V4([byte; 20]);
        SearchHit {
            fingerprint: Some(fingerprint),
            key: fingerprint.to_string(),
            algorithm: Some(22),
            bits: Some(255),
            created: Some(Timestamp(0)),
            expires: None,
            flags: String::new(),
            user_ids: user_ids.iter().map(|&id| id.to_owned()).collect(),
        }
    }

    #[test]
    fn a_short_list_has_apptainers_columns() {
        let hits = [hit(0xAB, &["Ada <a@b.c>", "Ada (work)"]), hit(0x12, &[])];
        let expected = "\
Showing 2 results

KEY ID    BITS  NAME/EMAIL
ABABABAB  255   Ada <a@b.c>
                Ada (work)

12121212  255
";
        assert_eq!(short_list(&hits), expected);
    }

    #[test]
    fn a_long_list_names_algorithms_and_what_has_expired_w24() {
        let mut old = hit(0xAB, &["Ada"]);
        old.expires = Some(Timestamp(10));
        let listed = |now| {
            let text = long_list(std::slice::from_ref(&old), Timestamp(now));
            text.lines().last().unwrap().to_owned()
        };
        assert!(listed(9).contains("  EdDSA      255   "), "{}", listed(9));
        assert!(listed(9).contains("[enabled]") && listed(10).contains("[expired]"));
        old.flags = "er".to_owned();
        let text = long_list(&[old], Timestamp(0));
        assert!(text.contains("[revoked]"), "{text}");
    }

    #[test]
    fn nothing_from_a_server_can_repaint_the_list_w13() {
        let mut bad = hit(1, &["x\u{1b}[2J\n0)"]);
        bad.fingerprint = None;
        bad.key = "é\u{9b}2J\u{1b}[1A".to_owned();
        for text in [
            short_list(std::slice::from_ref(&bad)),
            long_list(&[bad.clone()], Timestamp(0)),
        ] {
            assert_eq!(text.lines().count(), 4, "{text:?}");
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }
}
