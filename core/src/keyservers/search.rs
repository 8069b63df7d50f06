//! Looking around on keyservers.

use super::failure::{add_new, to_error};
use super::side_by_side::side_by_side;
use super::{Failure, Keyservers};
use crate::traits::{Keyserver, SearchHit, SearchQuery};
use crate::{Context, Result};

/// How many user IDs of one key are gathered: more is a flood.
const MOST_USER_IDS: usize = 100;

/// What servers answered to a search: claims, nothing checked.
#[derive(Debug, Clone, Default)]
pub struct Searched {
    /// The keys of all servers in their order, each once.
    pub hits: Vec<SearchHit>,
    /// Servers that could not help.
    pub failures: Vec<Failure>,
}

impl Keyservers<'_> {
    /// Searches every server.
    ///
    /// # Errors
    /// `NotFound` if none is configured; what is wrong with them if none could answer.
    pub fn search(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<Searched> {
        self.some_server()?;
        let servers: Vec<_> = self.servers.iter().enumerate().collect();
        let answers = side_by_side(&servers, |(place, server)| {
            self.search_one(cx, query, *place, &***server)
        });
        let mut searched = Searched::default();
        let mut answered = false;
        for answer in answers {
            match answer {
                Ok(hits) => {
                    answered = true;
                    for hit in hits {
                        searched.add(hit);
                    }
                }
                Err(failure) => add_new(&mut searched.failures, [failure]),
            }
        }
        match to_error(&searched.failures) {
            Some(error) if !answered => Err(error),
            _ => Ok(searched),
        }
    }

    fn search_one(
        &self,
        cx: &Context<'_>,
        query: &SearchQuery,
        place: usize,
        server: &dyn Keyserver,
    ) -> Result<Vec<SearchHit>, Failure> {
        if let Some(failure) = self.out_of_reach(place) {
            return Err(failure);
        }
        server
            .search(cx, query)
            .map_err(|error| self.note(place, server, &error))
    }
}

impl Searched {
    /// Adds a key, or what one server knows of it to what another one said.
    fn add(&mut self, hit: SearchHit) {
        let same = self.hits.iter_mut().find(|known| {
            known.fingerprint == hit.fingerprint
                && (hit.fingerprint.is_some() || known.key == hit.key)
        });
        let Some(known) = same else {
            self.hits.push(hit);
            return;
        };
        for flag in hit.flags.chars() {
            // One that has heard of a revocation is right about it.
            if !known.flags.contains(flag) {
                known.flags.push(flag);
            }
        }
        for user_id in hit.user_ids {
            let has_room = known.user_ids.len() < MOST_USER_IDS;
            if has_room && !known.user_ids.contains(&user_id) {
                known.user_ids.push(user_id);
            }
        }
        known.algorithm = known.algorithm.or(hit.algorithm);
        known.bits = known.bits.or(hit.bits);
        known.created = known.created.or(hit.created);
        known.expires = known.expires.or(hit.expires);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openpgp::Fingerprint;

    fn hit(key: &str, flags: &str, user_id: &str) -> SearchHit {
        SearchHit {
            fingerprint: (key.len() > 8).then_some(Fingerprint::V4([key.len() as u8; 20])),
            key: key.to_owned(),
            algorithm: None,
            bits: None,
            created: None,
            expires: None,
            flags: flags.to_owned(),
            user_ids: vec![user_id.to_owned()],
        }
    }

    #[test]
    fn what_two_servers_know_of_one_key_is_told_once_and_a_revocation_is_not_lost() {
        let mut searched = Searched::default();
        for hit in [
            hit("0123456789", "", "Ada"),
            hit("01234567", "", "short"),
            hit("0123456789", "r", "Ada (new)"),
            hit("89ABCDEF", "", "other short"),
        ] {
            searched.add(hit);
        }
        assert_eq!(searched.hits.len(), 3);
        let first = &searched.hits[0];
        assert_eq!(first.flags, "r");
        assert_eq!(first.user_ids, ["Ada", "Ada (new)"]);
    }
}
