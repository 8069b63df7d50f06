//! An HTTP answer: its status, its headers, and its body as far as it is read.

use crate::client::Patience;
use crate::failure::Failure;
use sifseal_core::{Error, ErrorKind, Result};
use std::io::Read;
use std::time::Duration;
use ureq::Body;
use ureq::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use ureq::http::{HeaderMap, Response, StatusCode};

/// What is read of an answer that is no success: enough for a sentence about why.
const REFUSAL_LIMIT: usize = 16 * 1024;

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    /// All of it for a success, the beginning otherwise.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads the body of a success, at most `limit` bytes of it, as it comes: a length
    /// that the server claims reserves nothing. `explain` words the library's errors.
    pub(crate) fn read(
        response: Response<Body>,
        patience: &Patience<'_>,
        limit: usize,
        explain: impl Fn(ureq::Error) -> Failure,
    ) -> Result<Self, Failure> {
        let (mut answer, mut body) = Self::begin(response);
        if !answer.status.is_success() {
            answer.read_beginning(&mut body);
            return Ok(answer);
        }
        answer.refuse_compression()?;
        let claimed = answer.header(CONTENT_LENGTH.as_str());
        if claimed.and_then(|text| text.parse::<u64>().ok()) > u64::try_from(limit).ok() {
            return Err(too_long().into());
        }
        let mut reader = body.as_reader();
        let mut chunk = [0; 16 * 1024];
        loop {
            patience.left()?;
            let len = reader
                .read(&mut chunk)
                .map_err(|error| explain(error.into()))?;
            if len == 0 {
                return Ok(answer);
            }
            if answer.body.len() + len > limit {
                return Err(too_long().into());
            }
            answer.body.extend_from_slice(&chunk[..len]);
        }
    }

    /// Reads no success, whatever its form and size: that it is one is all that counts.
    pub(crate) fn head(response: Response<Body>) -> Self {
        let (mut answer, mut body) = Self::begin(response);
        if !answer.status.is_success() {
            answer.read_beginning(&mut body);
        }
        answer
    }

    fn begin(response: Response<Body>) -> (Self, Body) {
        let (head, body) = response.into_parts();
        let answer = Self {
            status: head.status,
            headers: head.headers,
            body: Vec::new(),
        };
        (answer, body)
    }

    /// What can be had of it: the status already says that there is nothing to get.
    fn read_beginning(&mut self, body: &mut Body) {
        let limit = u64::try_from(REFUSAL_LIMIT).unwrap_or(u64::MAX);
        let _ = body.as_reader().take(limit).read_to_end(&mut self.body);
    }

    /// None was asked for, and a few compressed bytes can stand for very many.
    fn refuse_compression(&self) -> Result<()> {
        match self.header(CONTENT_ENCODING.as_str()) {
            None | Some("" | "identity") => Ok(()),
            Some(_) => Err(Error::new(
                ErrorKind::Malformed,
                "the answer is compressed, which was not asked for",
            )),
        }
    }

    /// A header's value, if it is ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }

    /// The media type in lower case, without parameters; empty if none was named.
    pub(crate) fn media_type(&self) -> String {
        let value = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let name = value.split(';').next().unwrap_or_default();
        name.trim().to_ascii_lowercase()
    }

    /// How long the server wants to be left alone, if it says so in seconds.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header(RETRY_AFTER.as_str())?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// Where a redirect leads.
    pub(crate) fn location(&self) -> Option<&str> {
        let redirects = matches!(self.status.as_u16(), 301 | 302 | 303 | 307 | 308);
        self.header(LOCATION.as_str()).filter(|_| redirects)
    }
}

fn too_long() -> Error {
    Error::new(
        ErrorKind::Malformed,
        "the answer is too large to be an honest one",
    )
}

#[cfg(test)]
impl Answer {
    /// An answer as if a server had given it.
    pub(crate) fn of(status: u16, media_type: &str, body: &[u8]) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, media_type.parse().unwrap());
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.to_vec(),
        }
    }
}
