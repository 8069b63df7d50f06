//! Apptainer's own file of endpoints and keyservers, `remote.yaml`: read, so that
//! whoever comes from there finds their servers and logins; never written.
//!
//! The system's file and the user's are laid over each other by Apptainer's rules. Of
//! an endpoint we use its keyservers and its token; its library and builder are not
//! ours. Where an endpoint leaves its keyservers to discovery over the network, the
//! built-in one is used.

use super::login::{Login, Proof, SecretText};
use super::places::Places;
use super::setting::KeyserverConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sifseal_core::{Error, ErrorKind, Result, Secret, replace};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What Apptainer's files say.
#[derive(Debug, Default)]
pub struct ApptainerRemote {
    /// Every endpoint, in the order of names.
    pub endpoints: Vec<Endpoint>,
    /// The keyservers of the active endpoint, with the file that names them; `None`
    /// if it names none.
    pub keyservers: Option<(Vec<KeyserverConfig>, PathBuf)>,
    /// Logins at keyservers and registries.
    pub logins: Vec<Login>,
}

/// One row of the endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its name.
    pub name: String,
    /// Its address.
    pub uri: String,
    /// True if it is in use.
    pub active: bool,
    /// True if it is the whole system's.
    pub global: bool,
    /// True if no other may be used.
    pub exclusive: bool,
}

// No `Debug` where there are secrets.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct File {
    active: String,
    remotes: BTreeMap<String, Remote>,
    credentials: Vec<Credential>,
}

#[derive(Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Remote {
    #[serde(rename = "URI")]
    uri: String,
    token: SecretText,
    system: bool,
    exclusive: bool,
    keyservers: Vec<Server>,
    #[serde(skip)]
    file: PathBuf,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Server {
    #[serde(rename = "URI")]
    uri: String,
    skip: bool,
    external: bool,
    insecure: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Credential {
    #[serde(rename = "URI")]
    uri: String,
    auth: SecretText,
    insecure: bool,
}

/// Reads both files; none is needed.
///
/// # Errors
/// `Config` for one that is no such file, `Denied` and `Io`.
pub fn read(places: &Places) -> Result<ApptainerRemote> {
    let mut user = match places.apptainer_user() {
        Some(path) => read_file(&path)?,
        None => File::default(),
    };
    let system = read_file(&places.apptainer_system)?;
    let exclusive = system.remotes.iter().find(|(_, remote)| remote.exclusive);
    if let Some((name, _)) = exclusive {
        user.active.clone_from(name);
    } else if user.active.is_empty() {
        user.active = system.active;
    }
    let tokens: BTreeMap<String, SecretText> = user
        .remotes
        .iter()
        .map(|(name, remote)| (name.clone(), remote.token.clone()))
        .collect();
    for (name, mut remote) in system.remotes {
        remote.system = true;
        // The system's file says where, the user's who.
        if let Some(token) = tokens.get(&name).filter(|token| !token.as_str().is_empty()) {
            remote.token.clone_from(token);
        }
        user.remotes.insert(name, remote);
    }
    user.credentials.extend(system.credentials);
    Ok(summary(&user))
}

fn read_file(path: &Path) -> Result<File> {
    let Some(bytes) = replace::read(path)? else {
        return Ok(File::default());
    };
    let wrong = |what: String| Error::new(ErrorKind::Config, what).at(path.display());
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| wrong("the file is not UTF-8 text".to_owned()))?;
    if text.trim().is_empty() {
        return Ok(File::default());
    }
    let mut file: File = serde_saphyr::from_str(text).map_err(|error| {
        let told = error.to_string();
        let first = told.lines().next().unwrap_or_default();
        let first = first.trim_start_matches("error: ");
        wrong(format!("no file of Apptainer's endpoints: {first}"))
    })?;
    for remote in file.remotes.values_mut() {
        remote.file = path.to_owned();
    }
    Ok(file)
}

fn summary(file: &File) -> ApptainerRemote {
    let active = file.remotes.get(&file.active);
    let keyservers = active.filter(|remote| !remote.keyservers.is_empty());
    let mut logins: Vec<Login> = file.credentials.iter().filter_map(login).collect();
    logins.extend(active.into_iter().flat_map(token_of));
    ApptainerRemote {
        endpoints: file
            .remotes
            .iter()
            .map(|(name, remote)| Endpoint {
                name: name.clone(),
                uri: remote.uri.clone(),
                active: *name == file.active,
                global: remote.system,
                exclusive: remote.exclusive,
            })
            .collect(),
        keyservers: keyservers.map(|remote| (servers_of(remote), remote.file.clone())),
        logins,
    }
}

fn servers_of(remote: &Remote) -> Vec<KeyserverConfig> {
    let asked = remote.keyservers.iter().filter(|server| !server.skip);
    asked
        .map(|server| KeyserverConfig {
            // Over plain http nothing can be verified anyway; the flag is about TLS.
            insecure: server.insecure && server.uri.starts_with("https:"),
            ..KeyserverConfig::hkp(&server.uri)
        })
        .collect()
}

/// An endpoint's token is for its own keyservers, not for those that somebody added.
fn token_of(remote: &Remote) -> Vec<Login> {
    if remote.token.as_str().is_empty() {
        return vec![];
    }
    let own = remote.keyservers.iter().filter(|server| !server.external);
    own.map(|server| Login {
        url: server.uri.clone(),
        proof: Proof::Token(remote.token.to_secret()),
        insecure: server.insecure,
    })
    .collect()
}

/// What follows `Basic ` or `Bearer `; another form, or an empty one, is no login.
fn login(credential: &Credential) -> Option<Login> {
    let (kind, value) = credential.auth.as_str().split_once(' ')?;
    let value = value.trim();
    let proof = if kind.eq_ignore_ascii_case("bearer") && !value.is_empty() {
        Proof::Token(Secret::new(value.to_owned().into_bytes()))
    } else if kind.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        let (username, password) = decoded.split_once(':')?;
        Proof::Password {
            username: username.to_owned(),
            password: Secret::new(password.to_owned().into_bytes()),
        }
    } else {
        return None;
    };
    Some(Login {
        url: credential.uri.clone(),
        proof,
        insecure: credential.insecure,
    })
}

#[cfg(test)]
mod tests;
