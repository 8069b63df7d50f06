//! Keyservers made from their tables of the configuration.

use crate::config::login::{Login, Proof};
use crate::config::{Environment, KeyserverConfig};
use crate::registry::KeyserverPlan;
use sifseal_core::traits::{Engine, Keyserver};
use sifseal_core::{Context, Error, ErrorKind, Result};
use sifseal_keyserver_hkp::{Credentials, HkpKeyserver, Proxies, Settings, TimeLimits};
use sifseal_keyserver_offline::OfflineKeyserver;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// Asks a server whether it takes a login.
pub(crate) fn check_login(
    cx: &Context<'_>,
    server: &KeyserverConfig,
    login: &Login,
    environment: &Environment,
) -> Result<()> {
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
