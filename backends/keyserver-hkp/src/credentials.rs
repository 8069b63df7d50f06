//! What proves to a keyserver who asks (RFC 7617, RFC 6750).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sifseal_core::{Error, ErrorKind, Result, Secret};
use ureq::http::HeaderValue;

/// A login at one keyserver. It is sent to that server alone, and only over a
/// connection whose TLS certificate was verified (W-11).
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A token that the server's operator gave out.
    Bearer(Secret),
    /// A user name and a password.
    Basic {
        /// The name, without a colon.
        username: String,
        /// The password, which may be empty.
        password: Secret,
    },
}

impl Credentials {
    /// The header `Authorization`, marked as one that no log shows.
    ///
    /// # Errors
    /// `Config` for an empty token or name, and for characters that cannot be sent.
    pub(crate) fn header(&self) -> Result<HeaderValue> {
        let value = match self {
            Self::Bearer(token) => {
                // The reference sends `Bearer ` with nothing behind it (W-11).
                if token.is_empty() {
                    return Err(unusable("the token for the keyserver is empty"));
                }
                Secret::new([b"Bearer ", token.expose()].concat())
            }
            Self::Basic { username, password } => {
                if username.is_empty() || username.contains(':') {
                    return Err(unusable(
                        "the user name for the keyserver is empty or holds a colon",
                    ));
                }
                let pair = Secret::new([username.as_bytes(), b":", password.expose()].concat());
                Secret::from(format!("Basic {}", BASE64_STANDARD.encode(pair.expose())))
            }
        };
        let mut header = HeaderValue::from_bytes(value.expose()).map_err(|_| {
            unusable("the token for the keyserver holds characters that cannot be sent")
        })?;
        header.set_sensitive(true);
        Ok(header)
    }
}

fn unusable(what: &str) -> Error {
    Error::new(ErrorKind::Config, what).hint("log in again: `sifseal keyserver login`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(username: &str, password: &str) -> Credentials {
        Credentials::Basic {
            username: username.to_owned(),
            password: Secret::from(password.to_owned()),
        }
    }

    #[test]
    fn credentials_are_sent_as_the_standards_say() {
        // The example of RFC 7617, section 2.
        let header = basic("Aladdin", "open sesame").header().unwrap();
        assert_eq!(header, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let token = Credentials::Bearer(Secret::from("abc.def".to_owned()));
        assert_eq!(token.header().unwrap(), "Bearer abc.def");
    }

    #[test]
    fn an_empty_token_or_one_that_forges_headers_is_never_sent_w11() {
        for token in ["", "a\r\nX-Forged: yes"] {
            let token = Credentials::Bearer(Secret::from(token.to_owned()));
            assert_eq!(token.header().unwrap_err().kind(), ErrorKind::Config);
        }
        for name in ["", "a:b"] {
            let error = basic(name, "hunter2").header().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let credentials = basic("ada", "hunter2");
        let shown = format!("{credentials:?} {:?}", credentials.header().unwrap());
        assert!(!shown.contains("hunter2") && !shown.contains("YWRhOmh1bnRlcjI"));
    }
}
