//! A web server for CGI programs (RFC 3875), on a free port of loopback: one request
//! after the other, each on a connection of its own.
//!
//! It is for onak, whose programs want a server in front of them, and knows as much of
//! HTTP/1.1 (RFC 9112) as clients of a keyserver use.

use super::PATIENCE;
use crate::process;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
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
#[derive(Debug, PartialEq, Eq)]
struct Request {
    method: String,
    script: String,
    query: String,
    protocol: String,
    content_type: String,
    body: Vec<u8>,
}

/// What goes back: the status with its reason, header fields, and the body.
#[derive(Debug, PartialEq, Eq)]
struct Response {
    status: String,
    fields: Vec<String>,
    body: Vec<u8>,
}

impl Server {
    /// Starts one; `command` gives the program for a path, if there is one.
    ///
    /// # Panics
    /// The system gives no port.
    #[allow(clippy::expect_used)]
    pub(super) fn start(command: impl Fn(&str) -> Option<Command> + Send + 'static) -> Self {
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
                let _ = stream.and_then(|stream| serve(&stream, address, &command));
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

fn serve(
    stream: &TcpStream,
    address: SocketAddr,
    command: impl Fn(&str) -> Option<Command>,
) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = match read_request(BufReader::new(stream)) {
        Ok(request) => request,
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            return write_response(stream, &Response::plain("400 Bad Request"), false);
        }
        Err(error) => return Err(error),
    };
    let response = match command(&request.script) {
        None => Response::plain("404 Not Found"),
        Some(command) => run(command, &request, address),
    };
    write_response(stream, &response, request.method == "HEAD")
}

fn read_request(stream: impl BufRead) -> Result<Request> {
    let mut head = stream.take(HEAD_LIMIT);
    let first = read_line(&mut head)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target), Some(protocol), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(invalid("the request line"));
    };
    let (script, query) = target.split_once('?').unwrap_or((target, ""));
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
        method: method.to_owned(),
        script: script.to_owned(),
        query: query.to_owned(),
        protocol: protocol.to_owned(),
        content_type,
        body,
    })
}

/// One line without its end.
fn read_line(stream: &mut impl BufRead) -> Result<String> {
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

/// Runs a program for a request, with the variables of RFC 3875, section 4.1.
fn run(mut command: Command, request: &Request, address: SocketAddr) -> Response {
    command
        .env("GATEWAY_INTERFACE", "CGI/1.1")
        .env("QUERY_STRING", &request.query)
        .env("REMOTE_ADDR", address.ip().to_string())
        .env("REQUEST_METHOD", &request.method)
        .env("SCRIPT_NAME", &request.script)
        .env("SERVER_NAME", address.ip().to_string())
        .env("SERVER_PORT", address.port().to_string())
        .env("SERVER_PROTOCOL", &request.protocol)
        .env("SERVER_SOFTWARE", "sifseal-conformance-tests");
    if !request.body.is_empty() {
        command
            .env("CONTENT_LENGTH", request.body.len().to_string())
            .env("CONTENT_TYPE", &request.content_type);
    }
    let output = process::run(&mut command, &request.body);
    read_response(&output.stdout).unwrap_or_else(|| Response::plain("502 Bad Gateway"))
}

/// What a program printed: header fields, an empty line, and the body (section 6).
fn read_response(printed: &[u8]) -> Option<Response> {
    let mut status = "200 OK".to_owned();
    let mut fields = Vec::new();
    let mut rest = printed;
    loop {
        let line = read_line(&mut rest).ok()?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("status") {
            value.trim().clone_into(&mut status);
        } else {
            fields.push(line);
        }
    }
    Some(Response {
        status,
        fields,
        body: rest.to_vec(),
    })
}

impl Response {
    /// Nothing but a status.
    fn plain(status: &str) -> Self {
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

    /// A server with one program, which prints what it is given.
    fn mirror() -> Server {
        Server::start(|script| {
            let mut command = Command::new("/bin/sh");
            command.env_clear().args(["-c", "printf 'Status: 201 Made\\nX: y\\n\\n'; echo $REQUEST_METHOD $QUERY_STRING $CONTENT_TYPE $CONTENT_LENGTH; cat"]);
            (script == "/mirror").then_some(command)
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
    fn a_program_gets_the_request_and_gives_the_answer() {
        let posted = "POST /mirror?a=1&b=%20 HTTP/1.1\r\nhost: x\r\nCONTENT-TYPE: text/x\r\nContent-Length: 5\r\n\r\nhello, and more";
        let answer = ask(&mirror(), posted);
        let body = "POST a=1&b=%20 text/x 5\nhello";
        let head = "HTTP/1.1 201 Made\r\nConnection: close\r\nX: y\r\n";
        let expected = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(answer, expected);
    }

    #[test]
    fn the_answer_to_head_has_no_body() {
        let answer = ask(&mirror(), "HEAD /mirror HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 201 Made\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }

    #[test]
    fn other_paths_and_broken_requests_are_refused() {
        let server = mirror();
        for (request, status) in [
            ("GET /other HTTP/1.1\r\n\r\n", "404"),
            ("GET /mirror\r\n\r\n", "400"),
            ("GET /mirror HTTP/1.1\r\nno field\r\n\r\n", "400"),
            ("POST /mirror HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"),
            (
                "POST /mirror HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
                "400",
            ),
            (
                "POST /mirror HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "400",
            ),
        ] {
            let answer = ask(&server, request);
            let start = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&start), "{request}: {answer}");
        }
    }

    #[test]
    fn a_program_without_an_answer_is_told_as_that() {
        let server = Server::start(|_| Some(Command::new("/bin/false")));
        let answer = ask(&server, "GET / HTTP/1.1\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    }
}
