//! CGI programs (RFC 3875) behind a web server: for onak, whose programs want one in
//! front of them.

use super::web::{Request, Response, Server, read_line};
use crate::process;
use std::process::Command;

/// Starts a server; `command` gives the program for a path, if there is one.
///
/// # Panics
/// The system gives no port.
pub(super) fn serve(command: impl Fn(&str) -> Option<Command> + Send + 'static) -> Server {
    Server::start(move |request| match command(&request.path) {
        None => Response::plain("404 Not Found"),
        Some(command) => run(command, request),
    })
}

/// Runs a program for a request, with the variables of RFC 3875, section 4.1.
fn run(mut command: Command, request: &Request) -> Response {
    command
        .env("GATEWAY_INTERFACE", "CGI/1.1")
        .env("QUERY_STRING", &request.query)
        .env("REMOTE_ADDR", request.to.ip().to_string())
        .env("REQUEST_METHOD", &request.method)
        .env("SCRIPT_NAME", &request.path)
        .env("SERVER_NAME", request.to.ip().to_string())
        .env("SERVER_PORT", request.to.port().to_string())
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, SocketAddr};

    fn request() -> Request {
        Request {
            to: SocketAddr::from((Ipv4Addr::LOCALHOST, 80)),
            method: "POST".to_owned(),
            path: "/mirror".to_owned(),
            query: "a=1&b=%20".to_owned(),
            protocol: "HTTP/1.1".to_owned(),
            content_type: "text/x".to_owned(),
            body: b"hello".to_vec(),
        }
    }

    #[test]
    fn a_program_gets_the_request_and_gives_the_answer() {
        let mut command = Command::new("/bin/sh");
        command.env_clear().args(["-c", "printf 'Status: 201 Made\\nX: y\\n\\n'; echo $REQUEST_METHOD $QUERY_STRING $CONTENT_TYPE $CONTENT_LENGTH; cat"]);
        let expected = Response {
            status: "201 Made".to_owned(),
            fields: vec!["X: y".to_owned()],
            body: b"POST a=1&b=%20 text/x 5\nhello".to_vec(),
        };
        assert_eq!(run(command, &request()), expected);
    }

    #[test]
    fn a_program_without_an_answer_is_told_as_that() {
        let answer = run(Command::new("/bin/false"), &request());
        assert_eq!(answer, Response::plain("502 Bad Gateway"));
    }

    #[test]
    fn a_path_without_a_program_is_not_found() {
        let server = serve(|path| (path == "/there").then(|| Command::new("/bin/false")));
        let status = |path| {
            let answer =
                crate::keyserver::http::get(server.address(), path, super::super::PATIENCE);
            answer.unwrap().status
        };
        assert_eq!((status("/there"), status("/elsewhere")), (502, 404));
    }
}
