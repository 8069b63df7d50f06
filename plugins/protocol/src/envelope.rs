//! What is around every message.

mod incoming;

use crate::binary::SecretText;
use crate::failure::Failure;
use crate::wiped::{Body, Growing, Params};
use serde::{Deserialize, Serialize};
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
    pub params: Params,
    /// How long the host waits for the reply, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
}

/// What the plugin replies, once for each request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "incoming::Reply")]
pub struct Reply {
    /// The number of the request.
    pub id: u64,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The method's answer.
    Ok(Body),
    /// The plugin must ask the person something first; the host goes on with the method
    /// `resume`.
    Need(Need),
    /// It could not be done.
    Error(Failure),
}

/// A question to the person, or a remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "incoming::Need")]
pub struct Need {
    /// Names the conversation when it goes on.
    pub token: String,
    /// What is to be asked.
    #[serde(flatten)]
    pub ask: Ask,
}

/// The ways to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
        key: String,
        /// 1 for the first time, more after a wrong answer.
        attempt: u8,
    },
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

fn line(message: &impl Serialize) -> Result<Zeroizing<Vec<u8>>> {
    let mut line = Growing::default();
    serde_json::to_writer(&mut line, message).map_err(|error| malformed("no message", &error))?;
    Ok(line.into_bytes())
}

/// An error of one line.
pub(crate) fn malformed(what: &str, error: &serde_json::Error) -> Error {
    // serde quotes what it found, and that may be long.
    let why: String = error.to_string().chars().take(200).collect();
    Error::new(ErrorKind::Malformed, what).because(why)
}

#[cfg(test)]
mod tests;
