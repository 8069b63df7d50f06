//! What a plugin may not do. After each of these it is ended, because what it says next
//! could not be told from an answer.

use sifseal_core::{Error, ErrorKind};
use std::time::Duration;

/// A breach of the protocol, or the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It could not be started.
    NotStarted(String),
    /// It ended before it answered.
    Ended {
        /// `exit status: 3`, say.
        how: String,
        /// The end of what it wrote to standard error.
        last_words: String,
    },
    /// It did not answer in time.
    Late(Duration),
    /// It did not answer the first request in the time that all have.
    LateAtStart(Duration),
    /// The person gave up.
    Interrupted,
    /// Its answer is longer than messages are.
    TooLong,
    /// It wrote something that is no reply.
    NoReply(String),
    /// It replied to something else.
    OtherReply,
    /// It could not read the request.
    Unread(String),
    /// It answered a method that does not exist.
    Intolerant,
    /// It wants another version of the protocol.
    OtherProtocol(String),
    /// It has a question where nobody may be asked.
    Asks(String),
    /// It asks again and again.
    AsksTooMuch,
}

impl Fault {
    /// As an error; the caller adds the plugin's name.
    pub(crate) fn error(&self) -> Error {
        let backend = |what: String| {
            Error::new(ErrorKind::Backend, what).hint("this is a mistake in the plugin")
        };
        match self {
            Self::NotStarted(why) => {
                Error::new(ErrorKind::Unavailable, "it cannot be started").because(why.clone())
            }
            Self::Ended { how, last_words } => {
                let what = format!("it ended before it answered ({how})");
                let error = Error::new(ErrorKind::Backend, what);
                match last_words.is_empty() {
                    true => error.hint("it wrote nothing to standard error that would say why"),
                    false => error.because(format!("it wrote: {last_words}")),
                }
            }
            Self::Late(limit) => {
                let what = format!("it did not answer within {}", seconds(*limit));
                Error::new(ErrorKind::Timeout, what)
                    .hint("`timeout`, in seconds, in its table [[plugin]] gives it longer")
            }
            Self::LateAtStart(limit) => {
                let what = format!("it did not answer within {}", seconds(*limit));
                Error::new(ErrorKind::Timeout, what).hint(
                    "every plugin has as long for its first answer, whatever its `timeout`: what \
                     takes long belongs into the first request that needs it",
                )
            }
            Self::Interrupted => Error::new(ErrorKind::Timeout, "interrupted"),
            Self::TooLong => backend(format!(
                "it wrote more than {} MiB without an end of line",
                sifseal_plugin_protocol::MAX_LINE >> 20
            )),
            Self::NoReply(why) => backend(format!("what it wrote is no reply: {why}"))
                .hint("standard output is for replies only"),
            Self::OtherReply => backend("it replied to a request that was not made".to_owned()),
            Self::Unread(why) => backend(format!("it could not read the request: {why}")),
            Self::Intolerant => backend(
                "it answered a method that does not exist, instead of `unsupported`".to_owned(),
            ),
            Self::Asks(method) => backend(format!("it asks the person something in `{method}`"))
                .hint("only `signer` and `sign` may ask"),
            Self::AsksTooMuch => backend("it asks the person again and again".to_owned()),
            Self::OtherProtocol(version) => Error::new(
                ErrorKind::Unsupported,
                format!("it wants version {version} of the protocol"),
            )
            .hint(format!(
                "this program speaks version {}",
                sifseal_plugin_protocol::THIS_VERSION
            )),
        }
    }
}

fn seconds(limit: Duration) -> String {
    match limit.as_secs() {
        0 => format!("{} milliseconds", limit.as_millis()),
        1 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}
