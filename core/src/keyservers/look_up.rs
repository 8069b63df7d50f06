//! The one key that a person means.

use super::failure::{add_new, to_error};
use super::{Failure, Fetched, Keyservers};
use crate::openpgp::{Fingerprint, KeyHandle, Outline};
use crate::traits::{KeyQuery, SearchHit, SearchQuery};
use crate::{Context, Error, ErrorKind, Result};

impl Keyservers<'_> {
    /// The one certificate that answers to a fingerprint, a key ID or a whole e-mail
    /// address. An ID or address is first turned into a fingerprint by searching,
    /// where that is needed.
    ///
    /// # Errors
    /// `NotFound` if nobody has it, or what kept the servers from answering;
    /// `Ambiguous` if several keys answer, naming them.
    pub fn look_up(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<Fetched> {
        self.some_server()?;
        let (handle, failures) = match query {
            SearchQuery::Key(handle) => (*handle, vec![]),
            SearchQuery::ShortId(_) | SearchQuery::Text(_) => self.one_hit(cx, query)?,
        };
        let mut fetched = match (query, handle) {
            // Not the first copy alone: some servers give keys out without addresses.
            (SearchQuery::Text(_), KeyHandle::Fingerprint(key)) => self.refresh_one(cx, &key),
            _ => self.fetch(cx, &[handle]),
        };
        add_new(&mut fetched.failures, failures);
        // The server has said that it is the one; the certificate must say so, too.
        fetched
            .certificates
            .retain(|certificate| is_meant(query, &certificate.outline));
        match &fetched.certificates[..] {
            [] => Err(nobody_has(query, &fetched.failures)),
            [_] => Ok(fetched),
            several => {
                let found = several.iter().map(|certificate| &certificate.outline);
                Err(ambiguous(
                    query,
                    found.map(|key| in_one_line(key.fingerprint, &key.user_ids)),
                ))
            }
        }
    }

    fn one_hit(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<(KeyHandle, Vec<Failure>)> {
        let searched = self.search(cx, query)?;
        let fitting: Vec<_> = searched
            .hits
            .iter()
            .filter_map(|hit| Some((hit.fingerprint?, hit)))
            .filter(|(fingerprint, hit)| fits(query, fingerprint, hit))
            .collect();
        match &fitting[..] {
            [] => Err(nobody_has(query, &searched.failures)),
            [(fingerprint, _)] => Ok((KeyHandle::Fingerprint(*fingerprint), searched.failures)),
            several => Err(ambiguous(
                query,
                several
                    .iter()
                    .map(|(fingerprint, hit)| in_one_line(*fingerprint, &hit.user_ids)),
            )),
        }
    }
}

/// True if the certificate itself has what was asked for (W-3).
fn is_meant(query: &SearchQuery, outline: &Outline) -> bool {
    match query {
        // Compared already, and more strictly.
        SearchQuery::Key(_) => true,
        SearchQuery::ShortId(id) => std::iter::once(&outline.fingerprint)
            .chain(&outline.subkeys)
            .any(|key| matches!(key, Fingerprint::V4(_)) && key.as_bytes().ends_with(id)),
        SearchQuery::Text(address) => KeyQuery::is_email_of(address, &outline.user_ids),
    }
}

/// Servers answer to an address with whatever has it somewhere.
fn fits(query: &SearchQuery, fingerprint: &Fingerprint, hit: &SearchHit) -> bool {
    match query {
        SearchQuery::Key(handle) => handle.matches(fingerprint),
        // It may be a subkey's, which a listing does not show.
        SearchQuery::ShortId(_) => true,
        SearchQuery::Text(address) => KeyQuery::is_email_of(address, &hit.user_ids),
    }
}

fn nobody_has(query: &SearchQuery, failures: &[Failure]) -> Error {
    // As long as one server did not answer, nobody knows that the key is not there.
    if let Some(error) = to_error(failures) {
        return error;
    }
    let what = format!("no keyserver has a key for `{query}`");
    let error = Error::new(ErrorKind::NotFound, what);
    match query {
        SearchQuery::Text(_) => error.hint(
            "some servers show a key under an address only after its owner has confirmed the \
             address: try the fingerprint",
        ),
        SearchQuery::ShortId(_) => {
            error.hint("not every server knows IDs of 8 digits: try the fingerprint")
        }
        SearchQuery::Key(_) => error,
    }
}

fn ambiguous(query: &SearchQuery, found: impl Iterator<Item = String>) -> Error {
    /// More of them nobody reads.
    const MOST_NAMED: usize = 10;
    let mut found: Vec<_> = found.collect();
    let count = found.len();
    if let Some(unnamed) = count.checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        found.truncate(MOST_NAMED);
        found.push(format!("and {unnamed} more"));
    }
    let what = format!("{count} keys answer to `{query}`: {}", found.join(", "));
    Error::new(ErrorKind::Ambiguous, what).hint("name one by its fingerprint")
}

fn in_one_line(fingerprint: Fingerprint, user_ids: &[String]) -> String {
    match user_ids.first() {
        Some(user_id) => format!("{fingerprint} ({user_id})"),
        None => fingerprint.to_string(),
    }
}
