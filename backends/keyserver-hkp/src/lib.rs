//! Keyservers on the network, asked by HKP.
//!
//! HKP is a handful of conventions over HTTP, older than its drafts
//! (draft-ietf-openpgp-hkp): `GET /pks/lookup` fetches a certificate or lists what is
//! known under a name, `POST /pks/add` publishes one. Three families of servers speak
//! it today, Hockeypuck, SKS and onak, besides keys.openpgp.org's own, and each has
//! habits: certificates inside HTML pages, status 200 for what was not found.
//!
//! | module | what it knows |
//! |---|---|
//! | `address` | where a server is: `hkps://`, `https://`, with a base path or without |
//! | `credentials`, `proxies`, `trust` | what a connection needs besides: a login, a way out, roots to believe |
//! | `agent`, `client`, `answer` | one request: time and size limits, redirects, retries |
//! | `failure` | what went wrong on the way, in plain words |
//! | `certificates`, `index`, `words` | what an answer says: armor, a listing, a sentence |
//! | `login` | whether a login is taken |
//! | `keyserver` | the three questions of HKP, by means of all these |
//!
//! A server is not trusted. What it answers is bounded in time and size, its text is
//! handed on as a stranger's, and whether a certificate is the one that was asked for
//! is judged by [`sifseal_core::keyservers`] (W-3). Nothing here reads the process's
//! environment, except that the system's TLS roots may be named by `SSL_CERT_FILE` and
//! `SSL_CERT_DIR`, as for every program on the system.

#![forbid(unsafe_code)]

mod address;
mod agent;
mod answer;
mod certificates;
mod client;
mod credentials;
mod failure;
mod index;
mod keyserver;
mod login;
mod proxies;
mod trust;
mod words;

pub use address::Address;
pub use client::TimeLimits;
pub use credentials::Credentials;
pub use keyserver::{HkpKeyserver, Settings};
pub use login::Checked;
pub use proxies::Proxies;
