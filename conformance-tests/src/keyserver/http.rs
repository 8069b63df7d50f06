//! Asking a server of our own a plain question: one request, one answer, on loopback.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The most that is read of an answer.
const LIMIT: u64 = 16 << 20;

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP's number for how it went.
    pub status: u16,
    /// The rest, as text; bytes that are none are marked.
    pub body: String,
}

/// Asks for a path and query by HTTP/1.0, after which a server closes the connection.
/// It must not be silent for longer than `patience`.
pub(super) fn get(address: SocketAddr, target: &str, patience: Duration) -> Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    write!(stream, "GET {target} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.take(LIMIT).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    read_answer(&text).ok_or_else(|| Error::new(ErrorKind::InvalidData, text.into_owned()))
}

fn read_answer(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut words = head.strip_prefix("HTTP/1.")?.split([' ', '\r']);
    Some(Answer {
        status: words.nth(1)?.parse().ok()?,
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        let answer = read_answer("HTTP/1.0 404 Not found\r\nServer: x\r\n\r\nno\r\n\r\nkey");
        let expected = Answer {
            status: 404,
            body: "no\r\n\r\nkey".to_owned(),
        };
        assert_eq!(answer, Some(expected));
        assert_eq!(read_answer("HTTP/1.1 200\r\n\r\n").unwrap().status, 200);
    }

    #[test]
    fn half_an_answer_is_none() {
        for text in [
            "",
            "HTTP/1.0 200 OK\r\n",
            "SSH-2.0\r\n\r\n",
            "HTTP/1.0 x\r\n\r\n",
        ] {
            assert_eq!(read_answer(text), None, "{text}");
        }
    }
}
