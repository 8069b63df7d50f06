//! The HTTP library, set up so that nothing happens which this crate did not decide:
//! no redirects of its own, no compression, no proxy that it found by itself.

use std::time::Duration;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// The name and version of the program, and nothing about the machine or the person.
const USER_AGENT: &str = concat!("sifseal/", env!("CARGO_PKG_VERSION"));

/// The core asks for several certificates at a time; so many connections are kept.
const IDLE_CONNECTIONS: usize = 8;

/// One agent serves all requests to a keyserver, from any thread, and keeps
/// connections between them.
pub(crate) fn new(tls: TlsConfig) -> Agent {
    let config = Config::builder()
        // The library's default is what it finds in the environment.
        .proxy(None)
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(USER_AGENT)
        // A small compressed answer can be a large one (and HKP answers are base64).
        .accept_encoding("identity")
        .max_idle_connections(IDLE_CONNECTIONS)
        .max_idle_connections_per_host(IDLE_CONNECTIONS)
        .max_idle_age(Duration::from_secs(15))
        .tls_config(tls)
        .build();
    Agent::with_parts(config, DefaultConnector::default(), Names::default())
}

/// The system's resolver. The library hands on the system's error as one of the
/// connection; that a name is unknown deserves words of its own.
#[derive(Debug, Default)]
struct Names(DefaultResolver);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        match self.0.resolve(uri, config, timeout) {
            Err(Error::Io(_)) => Err(Error::HostNotFound),
            other => other,
        }
    }
}
