//! What is around every message.

use crate::binary::SecretText;
use crate::failure::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sifseal_core::{Error, ErrorKind, Result};
use zeroize::Zeroizing;

/// What the host asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// A number that the reply repeats.
    pub id: u64,
    /// What is to be done: `find`, say.
    pub method: String,
    /// With what.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// How long the host waits for the reply, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
}

/// What the plugin replies, once for each request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The number of the request.
    pub id: u64,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The method's answer.
    Ok(Value),
    /// The plugin must ask the person something first; the host goes on with the method
    /// `resume`.
    Need(Need),
    /// It could not be done.
    Error(Failure),
}

/// A question to the person, or a remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Names the conversation when it goes on.
    pub token: String,
    /// What is to be asked.
    #[serde(flatten)]
    pub ask: Ask,
}

/// The ways to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Ask {
    /// Tell something; there is no answer.
    Notice {
        /// What is told.
        text: String,
    },
    /// Ask for one line of text.
    Line {
        /// The question as it is to be printed.
        text: String,
    },
    /// Ask for a yes or a no.
    Confirm {
        /// The question as it is to be printed.
        text: String,
    },
    /// Ask for a passphrase or a PIN, which is not shown.
    Passphrase {
        /// The question as it is to be printed.
        text: String,
        /// Which key it is about.
        #[serde(default)]
        key: String,
        /// 1 for the first time, more after a wrong answer.
        #[serde(default = "first")]
        attempt: u8,
    },
}

fn first() -> u8 {
    1
}

/// The parameters of the method `resume`: what the person said. Without an answer, there
/// was nobody to ask, which is not "no".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The one of [`Need`].
    pub token: String,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// What the person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A notice was told.
    Told(bool),
    /// A line.
    Line(String),
    /// Yes or no.
    Yes(bool),
    /// A passphrase.
    Secret(SecretText),
}

impl Request {
    /// Reads a line.
    ///
    /// # Errors
    /// `Malformed` if it is no request.
    pub fn read(line: &[u8]) -> Result<Self> {
        serde_json::from_slice(line).map_err(|error| malformed("not a request", &error))
    }

    /// The line, without the line break at its end. It may hold a passphrase, and is
    /// wiped when dropped.
    ///
    /// # Errors
    /// Cannot happen with values of this crate.
    pub fn line(&self) -> Result<Zeroizing<Vec<u8>>> {
        line(self)
    }
}

impl Reply {
    /// Reads a line.
    ///
    /// # Errors
    /// `Malformed` if it is no reply.
    pub fn read(line: &[u8]) -> Result<Self> {
        serde_json::from_slice(line).map_err(|error| malformed("not a reply", &error))
    }

    /// The line, without the line break at its end.
    ///
    /// # Errors
    /// Cannot happen with values of this crate.
    pub fn line(&self) -> Result<Zeroizing<Vec<u8>>> {
        line(self)
    }
}

/// Parameters or answers as the type that they should have.
///
/// # Errors
/// `Malformed`, saying what is wrong with them.
pub(crate) fn typed<T: DeserializeOwned>(what: &str, value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|error| malformed(what, &error))
}

fn line(message: &impl Serialize) -> Result<Zeroizing<Vec<u8>>> {
    let line = serde_json::to_vec(message).map_err(|error| malformed("no message", &error))?;
    Ok(Zeroizing::new(line))
}

fn malformed(what: &str, error: &serde_json::Error) -> Error {
    // serde quotes what it found, and that may be long.
    let why: String = error.to_string().chars().take(200).collect();
    Error::new(ErrorKind::Malformed, what).because(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_is_ignored_everywhere() {
        let request = br#"{"id":1,"method":"find","params":{"new":1},"grease":[{}],"x":null}"#;
        assert_eq!(Request::read(request).unwrap().method, "find");
        let reply = br#"{"new":true,"id":1,"ok":{"more":2}}"#;
        assert_eq!(
            Reply::read(reply).unwrap().outcome,
            Outcome::Ok(json!({"more": 2}))
        );
        let need = br#"{"id":1,"need":{"ask":"confirm","text":"Touch?","token":"t","icon":"x"}}"#;
        let Outcome::Need(need) = Reply::read(need).unwrap().outcome else {
            panic!("no need");
        };
        let text = "Touch?".to_owned();
        assert_eq!(need.ask, Ask::Confirm { text });
    }

    #[test]
    fn what_is_no_message_is_an_error_of_one_short_line() {
        let long = format!("{{\"id\":\"{}\"}}", "x".repeat(10_000));
        for line in ["", "[]", "{}", "nonsense", r#"{"id":1}"#, &long] {
            let error = Reply::read(line.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed);
            assert!(error.to_string().len() < 300, "{error}");
            assert!(Request::read(line.as_bytes()).is_err());
        }
    }

    #[test]
    fn nobody_to_ask_is_not_no() {
        let nobody: Resume = serde_json::from_str(r#"{"token":"t"}"#).unwrap();
        let no: Resume = serde_json::from_str(r#"{"token":"t","answer":{"yes":false}}"#).unwrap();
        assert_eq!(nobody.answer, None);
        assert_eq!(no.answer, Some(Answer::Yes(false)));
    }
}
