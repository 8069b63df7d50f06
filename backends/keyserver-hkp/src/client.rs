//! Requests to one server: how long they may take, which redirects are followed, and
//! when a question is put again.

use crate::address::{Address, Origin};
use crate::agent;
use crate::answer::Answer;
use crate::failure::Failure;
use crate::proxies::{Proxies, Proxy};
use crate::trust::{self, OwnRoots};
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{self, HeaderValue, Method, Request, Response, Uri};
use ureq::{Agent, AsSendBody, Body};

/// Redirects that one question follows. A server behind a new name needs one or two.
const REDIRECTS: usize = 3;

/// How often a question is put again after a failure that often passes.
const RETRIES: u32 = 2;

/// The longest pause that a busy server can ask for before a question is put again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long things may take, besides the limit of the whole operation in
/// [`Context`]. The defaults suit any network.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    /// To look up a name, and again to connect and to agree on TLS: 10 seconds.
    pub connect: Duration,
    /// From a question to the last byte of its answer, the above included: 30 seconds.
    pub answer: Duration,
    /// For one call with all its pages, redirects and retries: 60 seconds.
    pub call: Duration,
    /// Before a question is put again: 200 milliseconds, then twice that.
    pub pause: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            call: Duration::from_secs(60),
            pause: Duration::from_millis(200),
        }
    }
}

impl TimeLimits {
    /// The limits for someone who gives each answer this long: the whole call twice that,
    /// as by default, and a connection no more than the answer.
    pub fn answering_within(answer: Duration) -> Self {
        let usual = Self::default();
        Self {
            connect: usual.connect.min(answer),
            answer,
            call: answer.saturating_mul(2),
            pause: usual.pause,
        }
    }
}

/// One server, and how to reach it.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) address: Address,
    pub(crate) own_roots: OwnRoots,
    pub(crate) insecure: bool,
    /// Only where the connection is encrypted and verified (W-11).
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) proxies: Proxies,
    pub(crate) limits: TimeLimits,
    /// Made at the first request: reading the system's roots takes milliseconds, which
    /// a verification with local keys need not spend.
    pub(crate) agent: OnceLock<Agent>,
}

/// The time that one call has left, however many requests it makes.
#[derive(Debug)]
pub(crate) struct Patience<'a> {
    cx: &'a Context<'a>,
    until: Instant,
    answer: Duration,
}

impl Patience<'_> {
    /// What the next answer may take.
    ///
    /// # Errors
    /// `Timeout` if nothing is left or the person gave up.
    pub(crate) fn left(&self) -> Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::new(ErrorKind::Timeout, "no complete answer in time"));
        }
        self.cx.budget(left.min(self.answer))
    }
}

impl Client {
    /// Begins a call.
    pub(crate) fn patience<'a>(&self, cx: &'a Context<'a>) -> Patience<'a> {
        Patience {
            cx,
            until: Instant::now() + self.limits.call,
            answer: self.limits.answer,
        }
    }

    /// Puts a question that changes nothing on the server. `tail` is the URL from the
    /// base path on; a success of more than `limit` bytes is an error.
    pub(crate) fn get(&self, patience: &Patience<'_>, tail: &str, limit: usize) -> Result<Answer> {
        let uri = self.uri(tail)?;
        let mut tried = 0;
        loop {
            let outcome = self.follow(patience, &uri, limit);
            tried += 1;
            match self.pause(&outcome, tried) {
                Some(pause) if patience.left().is_ok_and(|left| left > pause) => {
                    thread::sleep(pause);
                }
                _ => return outcome.map_err(|failure| self.told(failure)),
            }
        }
    }

    /// Puts a question once, with the login or as a stranger, and follows nowhere. Of a
    /// success nothing but the head is read.
    pub(crate) fn probe(
        &self,
        patience: &Patience<'_>,
        tail: &str,
        with_login: bool,
    ) -> Result<Answer> {
        let uri = self.uri(tail)?;
        let proxy = self.proxies.towards(&self.address.origin());
        self.request(patience, &uri, with_login, proxy, None)
            .map(Answer::head)
            .map_err(|failure| self.told(failure))
    }

    /// Hands over a form, once: whether a connection broke before or after the server
    /// had understood cannot be known. Redirects are not followed, because nobody
    /// chose the other server to publish at.
    pub(crate) fn post(
        &self,
        patience: &Patience<'_>,
        tail: &str,
        form: &str,
        limit: usize,
    ) -> Result<Answer> {
        let uri = self.uri(tail)?;
        let answer = self
            .ask(patience, &uri, Some(form), limit)
            .map_err(|failure| self.told(failure))?;
        let Some(location) = answer.location() else {
            return Ok(answer);
        };
        let target = resolve(&uri, location).and_then(|uri| Origin::of(&uri));
        let target = target.map_or_else(|| "elsewhere".to_owned(), |origin| origin.to_string());
        Err(not_followed(format!("it sends what is published to {target}")).at(&self.address))
    }

    fn uri(&self, tail: &str) -> Result<Uri> {
        self.address.url(tail).parse().map_err(|_| {
            let what = "the question is too long for a keyserver";
            Error::new(ErrorKind::Malformed, what).at(&self.address)
        })
    }

    fn told(&self, failure: Failure) -> Error {
        failure.error.at(&self.address)
    }

    /// The pause before the question is put again; `None` if it is not.
    fn pause(&self, outcome: &Result<Answer, Failure>, tried: u32) -> Option<Duration> {
        if tried > RETRIES {
            return None;
        }
        let usual = self.limits.pause * tried;
        let pause = match outcome {
            Err(failure) => failure.passing.then_some(usual),
            Ok(answer) => match answer.status.as_u16() {
                502..=504 => Some(answer.retry_after().unwrap_or(usual)),
                429 => answer.retry_after(),
                _ => None,
            },
        };
        pause.filter(|pause| *pause <= LONGEST_PAUSE)
    }

    fn follow(
        &self,
        patience: &Patience<'_>,
        start: &Uri,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let mut uri = start.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.ask(patience, &uri, None, limit)?;
            match answer.location() {
                None => return Ok(answer),
                Some(location) => uri = self.redirected(&uri, location)?,
            }
        }
        Err(not_followed("it redirects again and again").into())
    }

    /// Where a redirect leads, if it may be followed: to the same server, or to an
    /// encrypted one. A server that nobody verifies sends nobody elsewhere.
    fn redirected(&self, from: &Uri, location: &str) -> Result<Uri> {
        let Some(to) = resolve(from, location) else {
            return Err(not_followed("it redirects to what is no address"));
        };
        let Some(target) = Origin::of(&to) else {
            return Err(not_followed("it redirects to what is no address"));
        };
        let same = Origin::of(from).as_ref() == Some(&target);
        if same || (target.is_encrypted() && !self.insecure) {
            return Ok(to);
        }
        let what = format!("it redirects to {target}, which is not followed");
        Err(not_followed(what))
    }

    /// One request and its answer. If it goes to another server, an error says so.
    fn ask(
        &self,
        patience: &Patience<'_>,
        uri: &Uri,
        form: Option<&str>,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let origin = Origin::of(uri);
        let own = origin.as_ref() == Some(&self.address.origin());
        let proxy = origin
            .as_ref()
            .and_then(|origin| self.proxies.towards(origin));
        let outcome = self.exchange(patience, uri, own, proxy, form, limit);
        match origin {
            Some(other) if !own => outcome.map_err(|failure| Failure {
                error: (failure.error).at(format!("{other}, to which {} redirects", self.address)),
                passing: failure.passing,
            }),
            _ => outcome,
        }
    }

    fn exchange(
        &self,
        patience: &Patience<'_>,
        uri: &Uri,
        own: bool,
        proxy: Option<&Proxy>,
        form: Option<&str>,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let response = self.request(patience, uri, own, proxy, form)?;
        Answer::read(response, patience, limit, |error| {
            Failure::explain(error, proxy)
        })
    }

    /// Sends a request, with the login if there is one and it may be sent.
    fn request(
        &self,
        patience: &Patience<'_>,
        uri: &Uri,
        with_login: bool,
        proxy: Option<&Proxy>,
        form: Option<&str>,
    ) -> Result<Response<Body>, Failure> {
        let mut request = Request::builder().uri(uri);
        if let Some(secret) = self.authorization.as_ref().filter(|_| with_login) {
            request = request.header(AUTHORIZATION, secret);
        }
        let left = patience.left()?;
        match form {
            None => self.send(request.method(Method::GET).body(()), proxy, left),
            Some(form) => {
                let request = request
                    .method(Method::POST)
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                self.send(request.body(form), proxy, left)
            }
        }
    }

    fn send<B: AsSendBody>(
        &self,
        request: http::Result<Request<B>>,
        proxy: Option<&Proxy>,
        left: Duration,
    ) -> Result<Response<Body>, Failure> {
        let agent = self.agent()?;
        let connect = Some(self.limits.connect.min(left));
        request
            .map_err(ureq::Error::from)
            .and_then(|request| {
                let request = agent
                    .configure_request(request)
                    .proxy(proxy.map(Proxy::library))
                    .timeout_global(Some(left))
                    .timeout_resolve(connect)
                    .timeout_connect(connect)
                    .build();
                agent.run(request)
            })
            .map_err(|error| Failure::explain(error, proxy))
    }

    fn agent(&self) -> Result<&Agent> {
        if let Some(agent) = self.agent.get() {
            return Ok(agent);
        }
        let agent = agent::new(trust::tls(&self.own_roots, self.insecure)?);
        Ok(self.agent.get_or_init(|| agent))
    }
}

/// A redirect is an answer to one question: the server itself was reached.
fn not_followed(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Backend, what)
        .hint("if that server is the right one, give its address instead")
}

/// The target of a redirect: a whole URL, or a path on the same server. Relative paths
/// do not occur in HKP. A fragment means nothing to a server.
fn resolve(base: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next()?;
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    let whole = if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        location.to_owned()
    };
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_in_a_hurry_about_answers_does_not_wait_for_connections_either() {
        let hasty = TimeLimits::answering_within(Duration::from_secs(2));
        assert_eq!(hasty.connect, Duration::from_secs(2));
        assert_eq!(hasty.call, Duration::from_secs(4));
        let patient = TimeLimits::answering_within(Duration::from_secs(300));
        assert_eq!(patient.connect, TimeLimits::default().connect);
        assert_eq!(patient.answer, Duration::from_secs(300));
    }

    #[test]
    fn a_redirect_is_read_as_a_url_or_as_a_path() {
        let base: Uri = "https://keys.example:8443/pks/lookup?op=get"
            .parse()
            .unwrap();
        for (location, target) in [
            ("https://other.example/a?b#c", "https://other.example/a?b"),
            ("//other.example/a", "https://other.example/a"),
            ("/elsewhere?x=1", "https://keys.example:8443/elsewhere?x=1"),
        ] {
            assert_eq!(resolve(&base, location).unwrap(), target);
        }
        for nonsense in ["", "https://", "https://a b/", "\u{1b}[2J"] {
            assert_eq!(resolve(&base, nonsense), None, "{nonsense}");
        }
    }
}
