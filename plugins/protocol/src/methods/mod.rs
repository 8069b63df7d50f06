//! The methods: for each what it is asked with, and what it answers.

mod describe;
mod find;
mod keyserver;
mod select;
mod sign;

pub use describe::{Ability, Describe, Described};
pub use find::{Find, FoundKey, FoundKeys, Guard, Part, Query};
pub use keyserver::{Fetch, Fetched, Hit, Publish, Published, Search, SearchFor, SearchHits};
pub use select::{Select, SelectedObjects, Selections, TableObject};
pub use sign::{KeyToSign, RawValues, Sign, SignerOf};

use crate::envelope::{Resume, malformed};
use crate::wiped::{Body, Params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sifseal_core::{Error, ErrorKind, Result};

/// The parameters of one method.
pub trait Method: Serialize + DeserializeOwned {
    /// Its name in messages.
    const NAME: &'static str;

    /// What it answers.
    type Answer: Serialize + DeserializeOwned;

    /// The parameters out of a message.
    ///
    /// # Errors
    /// `Malformed`, saying what is wrong with them.
    fn from_params(params: &Params) -> Result<Self> {
        Self::deserialize(params.expose()).map_err(|error| malformed("wrong parameters", &error))
    }

    /// The parameters for a message.
    ///
    /// # Errors
    /// Cannot happen with values of this crate.
    fn to_params(&self) -> Result<Params> {
        match serde_json::to_value(self) {
            Ok(Value::Object(params)) => Ok(params.into()),
            _ => Err(Error::new(ErrorKind::Malformed, "no parameters")),
        }
    }

    /// The answer out of a message.
    ///
    /// # Errors
    /// `Malformed`, saying what is wrong with it.
    fn answer(body: &Body) -> Result<Self::Answer> {
        // Out of a value that stays whole: its owner wipes it.
        let answer = Self::Answer::deserialize(body.expose());
        answer.map_err(|error| malformed(&format!("a wrong answer to `{}`", Self::NAME), &error))
    }
}

macro_rules! methods {
    ($($name:literal: $params:ty => $answer:ty;)+) => {
        $(impl Method for $params {
            const NAME: &'static str = $name;
            type Answer = $answer;
        })+
    };
}

methods! {
    "describe": Describe => Described;
    "find": Find => FoundKeys;
    "signer": SignerOf => KeyToSign;
    "sign": Sign => RawValues;
    "fetch": Fetch => Fetched;
    "search": Search => SearchHits;
    "publish": Publish => Published;
    "select": Select => Selections;
    "resume": Resume => Body;
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::openpgp::{Fingerprint, KeyHandle};
    use sifseal_core::traits::{KeyQuery, SearchQuery};

    #[test]
    fn queries_mean_the_same_on_both_sides() {
        let fingerprint: Fingerprint = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84".parse().unwrap();
        for query in [
            KeyQuery::All,
            KeyQuery::Email("a@b".to_owned()),
            KeyQuery::Handle(KeyHandle::Fingerprint(fingerprint)),
            KeyQuery::Handle(KeyHandle::KeyId(fingerprint.key_id())),
        ] {
            assert_eq!(Query::from(&query).key_query().unwrap(), query);
        }
        for query in [
            SearchQuery::Key(KeyHandle::Fingerprint(fingerprint)),
            SearchQuery::ShortId([1, 2, 3, 4]),
            SearchQuery::Text("0x12".to_owned()),
        ] {
            assert_eq!(SearchFor::from(&query).search_query().unwrap(), query);
        }
    }
}
