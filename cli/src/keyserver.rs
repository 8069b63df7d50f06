//! Keyservers made from their tables of the configuration.

use crate::config::credentials::all_logins;
use crate::config::login::{Login, Proof, login_for};
use crate::config::{Environment, KeyserverConfig, Places};
use sifseal_core::openpgp::KeyHandle;
use sifseal_core::traits::{Engine, Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, Error, ErrorKind, Result};
use sifseal_keyserver_hkp::{Checked, Credentials, HkpKeyserver, Proxies, Settings, TimeLimits};
use sifseal_keyserver_offline::OfflineKeyserver;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a keyserver is made from.
#[derive(Debug)]
pub struct KeyserverPlan<'a> {
    /// Its own table of the configuration.
    pub config: &'a KeyserverConfig,
    /// The OpenPGP library, for one that reads certificates itself.
    pub engine: Arc<dyn Engine>,
    /// The login for its address.
    pub login: Option<&'a Login>,
    /// Where proxies are named.
    pub environment: &'a Environment,
    /// Where it may keep what it can make anew.
    pub cache: Option<PathBuf>,
}

/// The logins of this run; or why they cannot be read, which is told by the servers
/// that they might have been for.
pub(crate) struct Logins(Result<Vec<Login>>);

impl Logins {
    pub(crate) fn new(places: &Places) -> Self {
        Self(all_logins(places))
    }

    /// The login at a server, if there is one.
    pub(crate) fn at(&self, server: &KeyserverConfig) -> Result<Option<&Login>> {
        let Some(url) = &server.url else {
            return Ok(None);
        };
        match &self.0 {
            Ok(logins) => Ok(login_for(logins, url)),
            Err(error) => Err(error.reworded(error.to_string())),
        }
    }
}

/// A keyserver that cannot be asked, and says why.
#[derive(Debug)]
pub(crate) struct FaultyKeyserver {
    place: String,
    error: Error,
}

impl FaultyKeyserver {
    pub(crate) fn new(place: &str, error: Error) -> Self {
        let place = place.to_owned();
        Self { place, error }
    }

    fn refuse<T>(&self) -> Result<T> {
        Err(self.error.reworded(self.error.to_string()))
    }
}

impl Keyserver for FaultyKeyserver {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn fetch(&self, _cx: &Context<'_>, _key: &KeyHandle) -> Result<Option<Vec<u8>>> {
        self.refuse()
    }

    fn search(&self, _cx: &Context<'_>, _query: &SearchQuery) -> Result<Vec<SearchHit>> {
        self.refuse()
    }

    fn publish(&self, _cx: &Context<'_>, _armored: &[u8]) -> Result<String> {
        self.refuse()
    }
}

/// A server on the network.
pub(crate) fn hkp(plan: &KeyserverPlan<'_>) -> Result<Box<dyn Keyserver>> {
    let mut settings = settings(plan.config, plan.environment)?;
    // Without TLS that is checked, whoever answers would learn the password (W-11).
    if settings.address.is_encrypted() && !settings.insecure {
        settings.credentials = plan.login.map(credentials);
    }
    Ok(Box::new(HkpKeyserver::new(settings)?))
}

/// A directory or a bundle of certificates.
pub(crate) fn offline(plan: &KeyserverPlan<'_>) -> Result<Box<dyn Keyserver>> {
    let path = plan.config.path.clone().ok_or_else(|| {
        let what = "a keyserver of the kind `offline` needs a `path`";
        Error::new(ErrorKind::Config, what)
    })?;
    let cache = plan.cache.as_ref().map(|cache| cache.join("keyservers"));
    let engine = Arc::clone(&plan.engine);
    Ok(Box::new(OfflineKeyserver::open(path, engine, cache)))
}

/// Makes the index of a bundle beside it, so that it is there on media that cannot be
/// written to.
pub(crate) fn write_bundle_index(
    cx: &Context<'_>,
    bundle: &Path,
    engine: Arc<dyn Engine>,
) -> Result<PathBuf> {
    OfflineKeyserver::open(bundle.to_owned(), engine, None).write_index(cx)
}

/// Refuses a server on the network that could never be asked: an address that none can
/// have, a file of authorities that cannot be read.
pub(crate) fn check_server(server: &KeyserverConfig) -> Result<()> {
    let settings = settings(server, &Environment::default())?;
    HkpKeyserver::new(settings).map(|_| ())
}

/// Asks a server whether it takes a login, and what that proves.
pub(crate) fn check_login(
    cx: &Context<'_>,
    server: &KeyserverConfig,
    login: &Login,
    environment: &Environment,
) -> Result<Checked> {
    let settings = Settings {
        credentials: Some(credentials(login)),
        ..settings(server, environment)?
    };
    HkpKeyserver::new(settings)?.check(cx)
}

fn settings(server: &KeyserverConfig, environment: &Environment) -> Result<Settings> {
    let url = server.url.as_deref().ok_or_else(|| {
        let what = "a keyserver of the kind `hkp` needs a `url`";
        Error::new(ErrorKind::Config, what)
    })?;
    let limits = server
        .timeout
        .map(|limit| TimeLimits::answering_within(limit.duration()));
    Ok(Settings {
        limits: limits.unwrap_or_default(),
        ca_file: server.ca_file.clone(),
        insecure: server.insecure,
        proxies: Proxies::from_variables(&|name| environment.get(name).map(OsStr::to_owned))?,
        ..Settings::new(url.parse()?)
    })
}

fn credentials(login: &Login) -> Credentials {
    match &login.proof {
        Proof::Token(token) => Credentials::Bearer(token.clone()),
        Proof::Password { username, password } => Credentials::Basic {
            username: username.clone(),
            password: password.clone(),
        },
    }
}
