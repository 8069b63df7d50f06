//! What went wrong on the way to an answer, in plain words, and whether it is worth
//! trying again.
//!
//! Two kinds of error mean that the server was not reached, and that there is no point
//! in asking it anything else for now: `Unavailable` if there is no connection (a name,
//! a route, TLS), `Timeout` if it took too long. Whatever a server that was reached
//! answers to one question has other kinds.

use crate::proxies::Proxy;
use rustls::CertificateError;
use sifseal_core::{Error, ErrorKind};
use std::io;
use ureq::Timeout;

/// A request that brought no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What to tell.
    pub(crate) error: Error,
    /// True if the connection failed in a way that often passes: a question that
    /// changes nothing may be put again.
    pub(crate) passing: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            passing: false,
        }
    }
}

impl Failure {
    /// Reads the HTTP library's error. `proxy` is the one that the request went by.
    pub(crate) fn explain(error: ureq::Error, proxy: Option<&Proxy>) -> Self {
        let (error, passing) = match error {
            ureq::Error::Timeout(phase) => (timeout(phase), false),
            ureq::Error::HostNotFound => (unknown_name(), false),
            ureq::Error::Io(error) => connection(&error),
            ureq::Error::Rustls(error) => (tls(&error), false),
            ureq::Error::ConnectProxyFailed(_) => (refused_by_proxy(), false),
            ureq::Error::Protocol(_)
            | ureq::Error::Http(_)
            | ureq::Error::LargeResponseHeader(..) => (
                Error::new(ErrorKind::Malformed, "the answer is not proper HTTP")
                    .hint("check that the address is a keyserver's"),
                false,
            ),
            _ => (unavailable("the request failed"), false),
        };
        let error = match proxy {
            Some(proxy) => error.reworded(format!("{}, by way of {proxy}", error.what())),
            None => error,
        };
        Self { error, passing }
    }
}

fn unavailable(what: &str) -> Error {
    Error::new(ErrorKind::Unavailable, what)
}

fn timeout(phase: Timeout) -> Error {
    let what = match phase {
        Timeout::Resolve => "its name could not be looked up in time",
        Timeout::Connect => "no connection in time",
        _ => "no complete answer in time",
    };
    Error::new(ErrorKind::Timeout, what).hint(
        "a server that is slow can be given more time: `timeout` in its table of the configuration",
    )
}

fn unknown_name() -> Error {
    unavailable("its name cannot be found").hint("check the address, and this machine's network")
}

fn refused_by_proxy() -> Error {
    unavailable("the way there was refused")
        .hint("a proxy may want a password, or allow port 443 only; `no_proxy` names servers to reach without it")
}

/// The second value tells if it may pass.
fn connection(error: &io::Error) -> (Error, bool) {
    if let Some(error) = inner::<rustls::Error>(error) {
        return (tls(error), false);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => (unavailable("the connection was refused"), true),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => (
            unavailable("the connection broke before the answer was complete"),
            true,
        ),
        io::ErrorKind::TimedOut => (timeout(Timeout::Global), false),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            (unavailable("it cannot be reached from this network"), false)
        }
        _ => (
            unavailable(&format!("no connection: {}", words(error))),
            false,
        ),
    }
}

fn inner<T: std::error::Error + 'static>(error: &io::Error) -> Option<&T> {
    error.get_ref()?.downcast_ref()
}

/// The system's words without Rust's `(os error 2)`.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_lowercase()
}

fn tls(error: &rustls::Error) -> Error {
    use rustls::Error as Tls;
    let (what, hint) = match error {
        Tls::InvalidCertificate(error) => certificate(error),
        Tls::InvalidMessage(_) => (
            "it does not speak TLS",
            "perhaps it answers without encryption only: http:// or hkp://",
        ),
        Tls::PeerIncompatible(_) => (
            "it offers no version of TLS that is still good (1.2 or newer)",
            "its operator has to change that",
        ),
        Tls::AlertReceived(_) => (
            "it refused the TLS connection",
            "check the address and the port",
        ),
        _ => (
            "no TLS connection could be made",
            "check the address and the port",
        ),
    };
    unavailable(what).hint(hint)
}

fn certificate(error: &CertificateError) -> (&'static str, &'static str) {
    match error {
        CertificateError::UnknownIssuer => (
            "its TLS certificate is from an authority that is not known here",
            "if it is your site's own authority, name its certificate in `ca_file`",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "its TLS certificate is for another name",
            "write the address with the name that the certificate has",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "its TLS certificate has expired",
            "tell its operator; but first check this machine's clock",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            "its TLS certificate is not valid yet",
            "check this machine's clock",
        ),
        CertificateError::Revoked => (
            "its TLS certificate was revoked",
            "tell its operator, and do not go on",
        ),
        _ => (
            "its TLS certificate is not acceptable",
            "its operator has to give it a proper one",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(error: ureq::Error) -> Failure {
        Failure::explain(error, None)
    }

    #[test]
    fn each_failure_is_one_plain_line() {
        let io = |kind| ureq::Error::Io(io::Error::from(kind));
        let wrapped = io::Error::new(
            io::ErrorKind::InvalidData,
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer),
        );
        for (error, kind, passing, part) in [
            (
                ureq::Error::HostNotFound,
                ErrorKind::Unavailable,
                false,
                "name",
            ),
            (
                ureq::Error::Timeout(Timeout::Resolve),
                ErrorKind::Timeout,
                false,
                "looked up",
            ),
            (
                ureq::Error::Timeout(Timeout::Connect),
                ErrorKind::Timeout,
                false,
                "no connection",
            ),
            (
                ureq::Error::Timeout(Timeout::Global),
                ErrorKind::Timeout,
                false,
                "no complete",
            ),
            (
                io(io::ErrorKind::ConnectionRefused),
                ErrorKind::Unavailable,
                true,
                "refused",
            ),
            (
                io(io::ErrorKind::ConnectionReset),
                ErrorKind::Unavailable,
                true,
                "broke",
            ),
            (
                io(io::ErrorKind::UnexpectedEof),
                ErrorKind::Unavailable,
                true,
                "broke",
            ),
            (
                io(io::ErrorKind::NetworkUnreachable),
                ErrorKind::Unavailable,
                false,
                "network",
            ),
            (
                ureq::Error::Io(wrapped),
                ErrorKind::Unavailable,
                false,
                "authority",
            ),
        ] {
            let failure = explained(error);
            let line = failure.error.to_string();
            assert_eq!(failure.error.kind(), kind, "{line}");
            assert_eq!(failure.passing, passing, "{line}");
            assert!(line.contains(part), "{line}");
            assert!(line.starts_with(|c: char| c.is_lowercase()), "{line}");
            assert!(!line.contains(['{', '(', '"', '\n']), "{line}");
        }
    }

    #[test]
    fn the_system_s_number_of_an_error_is_not_shown() {
        let failure = explained(ureq::Error::Io(io::Error::from_raw_os_error(13)));
        assert_eq!(
            failure.error.to_string(),
            "no connection: permission denied"
        );
    }
}
