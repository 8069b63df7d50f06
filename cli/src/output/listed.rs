//! A key with how it stands: what a listing says of it beside its outline.

use super::local_time;
use sifseal_core::openpgp::{Certificate, Protection};
use sifseal_core::policy::{KeyStanding, Problem};

/// A key in a listing.
#[derive(Debug)]
pub struct Listed {
    /// The certificate, with all that is known of it here.
    pub certificate: Certificate,
    /// How its secret part is guarded.
    pub protection: Protection,
    /// How its keys stand at present, the primary key first; empty if that cannot be
    /// said.
    pub standings: Vec<KeyStanding>,
}

impl Listed {
    /// True if one of its keys could make a signature that would be accepted.
    pub fn may_sign(&self) -> bool {
        self.standings.iter().any(KeyStanding::may_sign)
    }

    /// What keeps the key nearest to signing from it.
    pub fn why_not(&self) -> Option<&Problem> {
        if self.may_sign() {
            return None;
        }
        self.standings
            .iter()
            .min_by_key(|standing| (!standing.is_for_signing(), standing.problems.len()))
            .and_then(|standing| standing.problems.first())
    }

    /// The primary key's standing.
    pub fn primary(&self) -> Option<&KeyStanding> {
        self.standings.first()
    }

    /// What is remarkable about the key at present, one line each; nothing of a key
    /// that holds for ever.
    pub fn marks(&self) -> Vec<String> {
        let Some((primary, subkeys)) = self.standings.split_first() else {
            return vec!["cannot be judged".to_owned()];
        };
        let end = primary.expires.map(local_time).unwrap_or_default();
        if primary.is_revoked() {
            return vec!["revoked".to_owned()];
        }
        if primary.is_expired() {
            return vec![format!("expired {end}")];
        }
        let mut marks = Vec::new();
        if primary.expires.is_some() {
            marks.push(format!("expires {end}"));
        }
        if let Some(problem) = self.why_not() {
            marks.push(format!("cannot sign: {problem}"));
        }
        for subkey in subkeys.iter().filter(|subkey| subkey.is_for_signing()) {
            if subkey.is_revoked() {
                marks.push(format!("signing subkey {} revoked", subkey.key));
            } else if let Some(end) = subkey.expires.filter(|_| subkey.is_expired()) {
                let end = local_time(end);
                marks.push(format!("signing subkey {} expired {end}", subkey.key));
            }
        }
        marks
    }
}
