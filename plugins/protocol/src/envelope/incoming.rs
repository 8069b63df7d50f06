//! Replies as they arrive.
//!
//! They are written with `flatten`, and read without: to find out what an object is, serde
//! would copy all of it first, a secret key with it, and take the first of two answers.

use super::{Ask, Outcome};
use crate::failure::Failure;
use crate::wiped::Body;
use serde::{Deserialize, Deserializer};

/// The fields of a reply, of which it has one beside its number. `null` counts as absent
/// unless nothing else is there: libraries of other languages write it.
#[derive(Deserialize)]
pub(super) struct Reply {
    id: u64,
    #[serde(default, deserialize_with = "present")]
    ok: Option<Body>,
    #[serde(default)]
    need: Option<super::Need>,
    #[serde(default)]
    error: Option<Failure>,
}

/// An answer may be `null`, too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Body>, D::Error> {
    Body::deserialize(deserializer).map(Some)
}

impl TryFrom<Reply> for super::Reply {
    type Error = &'static str;

    fn try_from(reply: Reply) -> Result<Self, Self::Error> {
        let said = |ok: &Body| !ok.expose().is_null();
        let outcome = match (reply.ok, reply.need, reply.error) {
            (ok, Some(need), None) if !ok.as_ref().is_some_and(said) => Outcome::Need(need),
            (ok, None, Some(failure)) if !ok.as_ref().is_some_and(said) => Outcome::Error(failure),
            (Some(ok), None, None) => Outcome::Ok(ok),
            (None, None, None) => return Err("it has none of `ok`, `need` and `error`"),
            _ => return Err("it has more than one of `ok`, `need` and `error`"),
        };
        Ok(Self {
            id: reply.id,
            outcome,
        })
    }
}

/// The fields of all questions.
#[derive(Deserialize)]
pub(super) struct Need {
    token: String,
    ask: Kind,
    text: String,
    #[serde(default)]
    key: String,
    #[serde(default = "first")]
    attempt: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Notice,
    Line,
    Confirm,
    Passphrase,
}

fn first() -> u8 {
    1
}

impl From<Need> for super::Need {
    fn from(need: Need) -> Self {
        let text = need.text;
        Self {
            token: need.token,
            ask: match need.ask {
                Kind::Notice => Ask::Notice { text },
                Kind::Line => Ask::Line { text },
                Kind::Confirm => Ask::Confirm { text },
                Kind::Passphrase => Ask::Passphrase {
                    text,
                    key: need.key,
                    attempt: need.attempt,
                },
            },
        }
    }
}
