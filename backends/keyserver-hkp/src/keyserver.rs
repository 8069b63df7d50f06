//! The three questions of HKP.

use crate::address::Address;
use crate::answer::Answer;
use crate::client::{Client, Patience, TimeLimits};
use crate::credentials::Credentials;
use crate::index::Listing;
use crate::proxies::Proxies;
use crate::trust::OwnRoots;
use crate::{certificates, words};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_encode};
use sifseal_core::openpgp::KeyHandle;
use sifseal_core::openpgp::framing::armor;
use sifseal_core::traits::{Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The largest answer to one question for a certificate. Honest ones have been seen
/// with two or three mebibytes, of signatures by others; a key ID may bring several.
/// More is a flooded certificate, which would take long to read and be of no use.
const CERTIFICATE_LIMIT: usize = 8 * 1024 * 1024;

/// The largest listing, all its pages together: ten thousand keys, with several user
/// IDs each, have less.
const LISTING_LIMIT: usize = 8 * 1024 * 1024;

/// The keys to a page that are asked for, as Apptainer asks; servers without pages
/// ignore it.
const PAGE_SIZE: usize = 256;

/// Pages that are asked for: enough for the ten thousand keys of a listing.
const MOST_PAGES: usize = 64;

/// An answer to a publication is a sentence or two in a web page.
const REPLY_LIMIT: usize = 1024 * 1024;

/// Beginnings of what onak says, with status 200, when it took nothing.
const NOT_TAKEN: [&str; 2] = ["error:", "no openpgp packets found"];

/// What need not be encoded (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How one keyserver is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is.
    pub address: Address,
    /// A PEM file of root certificates that count besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Take any TLS certificate. Then no credentials are sent.
    pub insecure: bool,
    /// The login at this server.
    pub credentials: Option<Credentials>,
    /// The way out of this network.
    pub proxies: Proxies,
    /// How long to wait.
    pub limits: TimeLimits,
}

impl Settings {
    /// A server as anybody reaches it: verified, without login, without proxy.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            ca_file: None,
            insecure: false,
            credentials: None,
            proxies: Proxies::none(),
            limits: TimeLimits::default(),
        }
    }
}

/// A keyserver that speaks HKP.
#[derive(Debug)]
pub struct HkpKeyserver(pub(crate) Client);

impl HkpKeyserver {
    /// Reads what the settings name; the server is not yet asked anything.
    ///
    /// # Errors
    /// `Config` for credentials that could only be sent where others read them (W-11),
    /// or not at all; what [`ca_file`](Settings::ca_file) cannot be read for.
    pub fn new(settings: Settings) -> Result<Self> {
        let address = settings.address;
        if settings.credentials.is_some() {
            refuse_to_betray(&address, settings.insecure)?;
        }
        let authorization = settings
            .credentials
            .map(|credentials| credentials.header())
            .transpose()
            .map_err(|error| error.at(&address))?;
        let own_roots = settings
            .ca_file
            .map(|path| OwnRoots::read(&path))
            .transpose()?
            .unwrap_or_default();
        Ok(Self(Client {
            address,
            own_roots,
            insecure: settings.insecure,
            authorization,
            proxies: settings.proxies,
            limits: settings.limits,
            agent: OnceLock::new(),
        }))
    }

    /// What an answer means that is no success. It is an answer: the server is within
    /// reach, and may know the next key, so none of these is `Unavailable`. Which question it was is for the
    /// caller to know: [`search`](Keyserver::search) and
    /// [`publish`](Keyserver::publish) have refusals of their own.
    pub(crate) fn refusal(&self, answer: &Answer) -> Error {
        let status = answer.status.as_u16();
        let (kind, what, hint) = match status {
            401 => (
                ErrorKind::Denied,
                "it wants a login",
                "log in: `sifseal keyserver login`",
            ),
            403 => (
                ErrorKind::Denied,
                "it refuses the request",
                "perhaps it wants another login: `sifseal keyserver login`",
            ),
            429 => (
                ErrorKind::Backend,
                "it has had too many requests",
                "try again later",
            ),
            501 => (
                ErrorKind::Unsupported,
                "it cannot do that",
                "ask another keyserver",
            ),
            500.. => (
                ErrorKind::Backend,
                "it has trouble of its own",
                "try again later, or ask another keyserver",
            ),
            _ => (
                ErrorKind::Backend,
                "it does not answer as a keyserver",
                "check the address",
            ),
        };
        let hint = match answer.retry_after() {
            Some(pause) if status == 429 => format!("try again in {} seconds", pause.as_secs()),
            _ => hint.to_owned(),
        };
        self.refused(kind, what, answer).hint(hint)
    }

    /// The error that names the status and repeats the server's reason, if it has one.
    fn refused(&self, kind: ErrorKind, what: &str, answer: &Answer) -> Error {
        let status = answer.status;
        let mut what = format!("{what}: status {}", status.as_u16());
        if let Some(words) = status.canonical_reason() {
            what = format!("{what} {words}");
        }
        if let Some(reason) = words::reason(answer) {
            what = format!("{what}, `{reason}`");
        }
        Error::new(kind, what).at(&self.0.address)
    }
}

/// Credentials go over connections that are encrypted and verified, or nowhere.
fn refuse_to_betray(address: &Address, insecure: bool) -> Result<()> {
    let error = |what| Error::new(ErrorKind::Config, what).at(address);
    if !address.is_encrypted() {
        return Err(error(
            "there is a login for this keyserver, but the connection is not encrypted",
        )
        .hint("use https:// or hkps://, or log out: `sifseal keyserver logout`"));
    }
    if insecure {
        return Err(
            error("there is a login for this keyserver, but its certificate is not verified")
                .hint("name the server's authority in `ca_file` instead of `insecure`, or log out: `sifseal keyserver logout`"),
        );
    }
    Ok(())
}

impl Keyserver for HkpKeyserver {
    fn place(&self) -> String {
        self.0.address.to_string()
    }

    fn fetch(&self, cx: &Context<'_>, key: &KeyHandle) -> Result<Option<Vec<u8>>> {
        // All digits, or one key in sixteen is never found (W-18). `exact=on` would say
        // nothing more: no server takes a fingerprint for a part of another.
        let tail = format!("/pks/lookup?op=get&options=mr&search=0x{key}");
        let answer = self.0.get(&self.0.patience(cx), &tail, CERTIFICATE_LIMIT)?;
        match answer.status.as_u16() {
            200..=299 => certificates::read(&answer).map_err(|error| error.at(&self.0.address)),
            404 => Ok(None),
            _ => Err(self.refusal(&answer)),
        }
    }

    fn search(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<Vec<SearchHit>> {
        let patience = self.0.patience(cx);
        let text = query.to_string();
        let text = encode(text.as_bytes());
        // Old servers give fingerprints only if told to.
        let start =
            format!("/pks/lookup?op=index&options=mr&fingerprint=on&x-pagesize={PAGE_SIZE}");
        if is_whole(query)
            && let Listed::Hits(hits) =
                self.list(&patience, &format!("{start}&exact=on&search={text}"))?
            && !hits.is_empty()
        {
            return Ok(hits);
        }
        // What is exact is left to the server (draft-ietf-openpgp-hkp, `exact`): to one,
        // an address may be less than the whole user ID that it compares with.
        match self.list(&patience, &format!("{start}&search={text}"))? {
            Listed::Hits(hits) => Ok(hits),
            Listed::NotServed(answer) => Err(self.search_not_served(&answer)),
        }
    }
    fn publish(&self, cx: &Context<'_>, armored: &[u8]) -> Result<String> {
        refuse_secrets(armored)?;
        let form = format!("keytext={}", encode(armored));
        let patience = self.0.patience(cx);
        let answer = self.0.post(&patience, "/pks/add", &form, REPLY_LIMIT)?;
        match answer.status.as_u16() {
            200..=299 => {}
            400 | 413 | 422 => {
                let what = "it does not take the certificate";
                return Err(self.refused(ErrorKind::Denied, what, &answer));
            }
            404 | 405 | 501 => {
                let what = "it takes no certificates";
                return Err(self.refused(ErrorKind::Unsupported, what, &answer));
            }
            _ => return Err(self.refusal(&answer)),
        }
        let reply = words::line(&answer);
        if reply.is_empty() && !certificates::is_nothing(&answer) {
            return Err(certificates::not_from_a_keyserver(&answer).at(&self.0.address));
        }
        let lower = reply.to_ascii_lowercase();
        if NOT_TAKEN.iter().any(|words| lower.starts_with(words)) {
            let what = format!("it does not take the certificate: `{reply}`");
            return Err(Error::new(ErrorKind::Denied, what).at(&self.0.address));
        }
        Ok(reply)
    }
}

/// What came of a question for a listing.
enum Listed {
    Hits(Vec<SearchHit>),
    /// The server does not take questions of that kind.
    NotServed(Answer),
}

/// True for what is a key's whole name or a person's whole address. Of the rest, servers
/// that search by words or parts are asked for just that.
fn is_whole(query: &SearchQuery) -> bool {
    match query {
        SearchQuery::Key(_) => true,
        SearchQuery::ShortId(_) => false,
        SearchQuery::Text(text) => {
            let (name, host) = text.split_once('@').unwrap_or_default();
            let is_part = |c: char| c.is_whitespace() || "@<>".contains(c);
            !name.is_empty() && !host.is_empty() && !text.replacen('@', "", 1).contains(is_part)
        }
    }
}

impl HkpKeyserver {
    /// All pages of a listing.
    fn list(&self, patience: &Patience<'_>, first: &str) -> Result<Listed> {
        let mut tail = first.to_owned();
        let mut listing = Listing::default();
        let mut left = LISTING_LIMIT;
        let mut seen = HashSet::new();
        loop {
            let answer = self.0.get(patience, &tail, left)?;
            match answer.status.as_u16() {
                200..=299 => {}
                404 => return Ok(Listed::Hits(listing.into_hits())),
                400 | 405 | 422 | 501 => return Ok(Listed::NotServed(answer)),
                _ => return Err(self.refusal(&answer)),
            }
            self.read_page(&mut listing, &answer)?;
            left = left.saturating_sub(answer.body.len());
            let Some(token) = next_page(&answer) else {
                return Ok(Listed::Hits(listing.into_hits()));
            };
            tail = format!("{first}&x-pagetoken={}", encode(token.as_bytes()));
            if !seen.insert(token) || seen.len() >= MOST_PAGES {
                return Err(self.without_end());
            }
        }
    }

    fn read_page(&self, listing: &mut Listing, answer: &Answer) -> Result<()> {
        let known = listing
            .read(&answer.body)
            .map_err(|error| error.at(&self.0.address))?;
        if known || certificates::is_nothing(answer) {
            return Ok(());
        }
        Err(certificates::not_from_a_keyserver(answer).at(&self.0.address))
    }

    /// Servers that look up whole addresses only say so with one of several statuses.
    fn search_not_served(&self, answer: &Answer) -> Error {
        let what = "it does not answer that kind of search";
        self.refused(ErrorKind::Unsupported, what, answer)
            .hint("give a whole e-mail address or a fingerprint, or ask another keyserver")
    }

    fn without_end(&self) -> Error {
        Error::new(ErrorKind::Malformed, "its listing does not come to an end")
            .at(&self.0.address)
            .hint("search for something more exact: an address, a fingerprint")
    }
}

/// What leads to the next page, if there is one.
fn next_page(answer: &Answer) -> Option<String> {
    let token = answer.header("X-HKP-Next-Page-Token")?;
    (!token.is_empty()).then(|| token.to_owned())
}

/// A slip of the finger must not put a secret key on a public server for ever.
fn refuse_secrets(armored: &[u8]) -> Result<()> {
    let blocks = armor::blocks(armored);
    if !blocks.is_empty()
        && blocks
            .iter()
            .all(|block| block.label == b"PUBLIC KEY BLOCK")
    {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Malformed,
        "only certificates in ASCII armor are published",
    ))
}

fn encode(bytes: &[u8]) -> PercentEncode<'_> {
    percent_encode(bytes, ENCODED)
}
