//! How long a keyserver's answer may take.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::time::Duration;

/// Whole seconds, 1 to 600: less than one would have far-away servers fail now and
/// then, and who would wait for more than ten minutes does better to ask another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u16")]
pub struct AnswerLimit(u16);

/// What is said of a number that cannot be one.
const WANTED: &str = "a whole number of seconds from 1 to 600";

impl AnswerLimit {
    /// The same as a span of time.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl TryFrom<i64> for AnswerLimit {
    type Error = String;

    fn try_from(seconds: i64) -> Result<Self, String> {
        match u16::try_from(seconds) {
            Ok(seconds @ 1..=600) => Ok(Self(seconds)),
            _ => Err(WANTED.to_owned()),
        }
    }
}

impl FromStr for AnswerLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = text.parse::<i64>().map_err(|_| WANTED.to_owned());
        seconds
            .and_then(Self::try_from)
            .map_err(|wanted| format!("expected {wanted}"))
    }
}

impl From<AnswerLimit> for u16 {
    fn from(limit: AnswerLimit) -> Self {
        limit.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_second_at_least_and_ten_minutes_at_most() {
        for (text, seconds) in [("1", 1), ("30", 30), ("600", 600)] {
            let limit: AnswerLimit = text.parse().unwrap();
            assert_eq!(limit.duration(), Duration::from_secs(seconds));
        }
        for text in ["0", "-1", "601", "65537", "1.5", "30s", ""] {
            let error = text.parse::<AnswerLimit>().unwrap_err();
            assert_eq!(error, format!("expected {WANTED}"), "{text}");
        }
    }
}
