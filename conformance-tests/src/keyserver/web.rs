//! A web server on a free port of loopback: one request after the other, each on a
//! connection of its own. It knows as much of HTTP/1.1 (RFC 9112) as clients of a
//! keyserver use.

use super::PATIENCE;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// The most that is read of a request's head, and of its body.
const HEAD_LIMIT: u64 = 64 << 10;
const BODY_LIMIT: u64 = 16 << 20;

/// A running server; it ends with the value.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// Where it came to.
    pub(super) to: SocketAddr,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) protocol: String,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

/// What goes back: the status with its reason, header fields, and the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: String,
    pub(super) fields: Vec<String>,
    pub(super) body: Vec<u8>,
}

impl Server {
    /// Starts one; `answer` is asked for each request.
    ///
    /// # Panics
    /// The system gives no port.
    #[allow(clippy::expect_used)]
    pub(super) fn start(mut answer: impl FnMut(&Request) -> Response + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of loopback");
        let address = listener.local_addr().expect("a bound socket");
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that goes away has its own reasons.
                let _ = stream.and_then(|stream| serve(&stream, &mut answer));
            }
        });
        Self {
            address,
            stopping,
            thread: Some(thread),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // It may be waiting for a client; here is one.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: &TcpStream, answer: &mut impl FnMut(&Request) -> Response) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = match read_request(stream.local_addr()?, BufReader::new(stream)) {
        Ok(request) => request,
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            return write_response(stream, &Response::plain("400 Bad Request"), false);
        }
        Err(error) => return Err(error),
    };
    write_response(stream, &answer(&request), request.method == "HEAD")
}

fn read_request(to: SocketAddr, stream: impl BufRead) -> Result<Request> {
    let mut head = stream.take(HEAD_LIMIT);
    let first = read_line(&mut head)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target), Some(protocol), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(invalid("the request line"));
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut content_type = String::new();
    let mut length = 0;
    loop {
        let line = read_line(&mut head)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| invalid("a field"))?;
        match name.to_ascii_lowercase().as_str() {
            "content-type" => value.trim().clone_into(&mut content_type),
            "content-length" => {
                length = value.trim().parse().map_err(|_| invalid("the length"))?;
            }
            "transfer-encoding" => return Err(invalid("only bodies of known length")),
            _ => {}
        }
    }
    if length > BODY_LIMIT {
        return Err(invalid("the body's length"));
    }
    let mut body = Vec::new();
    head.into_inner().take(length).read_to_end(&mut body)?;
    if body.len() as u64 != length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(Request {
        to,
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        protocol: protocol.to_owned(),
        content_type,
        body,
    })
}

/// One line without its end.
pub(super) fn read_line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(line) => Ok(line.strip_suffix('\r').unwrap_or(line).to_owned()),
        None => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn invalid(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_owned())
}

impl Response {
    /// Nothing but a status.
    pub(super) fn plain(status: &str) -> Self {
        Self {
            status: status.to_owned(),
            fields: vec!["Content-Type: text/plain".to_owned()],
            body: format!("{status}\n").into_bytes(),
        }
    }
}

fn write_response(mut stream: impl Write, response: &Response, head_only: bool) -> Result<()> {
    let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", response.status);
    for field in &response.fields {
        head += field;
        head += "\r\n";
    }
    head += &format!("Content-Length: {}\r\n\r\n", response.body.len());
    let mut bytes = head.into_bytes();
    if !head_only {
        bytes.extend_from_slice(&response.body);
    }
    stream.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that repeats what it is sent.
    fn mirror() -> Server {
        Server::start(|request| Response {
            status: "201 Made".to_owned(),
            fields: vec!["X: y".to_owned()],
            body: format!("{request:?}").into_bytes(),
        })
    }

    fn ask(server: &Server, request: &str) -> String {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_request_is_read_and_the_answer_sent() {
        let posted = "POST /mirror?a=1&b=%20 HTTP/1.1\r\nhost: x\r\nCONTENT-TYPE: text/x\r\nContent-Length: 5\r\n\r\nhello, and more";
        let server = mirror();
        let request = Request {
            to: server.address(),
            method: "POST".to_owned(),
            path: "/mirror".to_owned(),
            query: "a=1&b=%20".to_owned(),
            protocol: "HTTP/1.1".to_owned(),
            content_type: "text/x".to_owned(),
            body: b"hello".to_vec(),
        };
        let body = format!("{request:?}");
        let head = "HTTP/1.1 201 Made\r\nConnection: close\r\nX: y\r\n";
        let expected = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(ask(&server, posted), expected);
    }

    #[test]
    fn the_answer_to_head_has_no_body() {
        let answer = ask(&mirror(), "HEAD /mirror HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 201 Made\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }

    #[test]
    fn broken_requests_are_refused() {
        let server = mirror();
        for request in [
            "GET /mirror\r\n\r\n",
            "GET /mirror HTTP/1.1\r\nno field\r\n\r\n",
            "POST /mirror HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "POST /mirror HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
            "POST /mirror HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            let answer = ask(&server, request);
            assert!(answer.starts_with("HTTP/1.1 400 "), "{request}: {answer}");
        }
    }
}
