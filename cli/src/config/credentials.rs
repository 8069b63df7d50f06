//! The file of logins, `credentials.toml` beside the user's configuration, which nobody
//! else may read.

use super::apptainer;
use super::login::{Login, Proof, SecretText, login_for, same_server};
use super::places::Places;
use serde::{Deserialize, Serialize};
use sifseal_core::replace::{self, MAX_BYTES, Mode};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The file as it is written.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    login: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<SecretText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<SecretText>,
}

/// The logins that were made with this program.
///
/// # Errors
/// `Denied` if others may read the file; `Config` if it is no such file.
pub fn own_logins(places: &Places) -> Result<Vec<Login>> {
    let Some(path) = places.credentials() else {
        return Ok(vec![]);
    };
    let Some(bytes) = read_private(&path)? else {
        return Ok(vec![]);
    };
    rows(&bytes)
        .and_then(|rows| rows.into_iter().map(Login::try_from).collect())
        .map_err(|error| error.at(path.display()))
}

/// Every login, those of this program before Apptainer's.
///
/// # Errors
/// As [`own_logins`]. Apptainer's file is passed over if it cannot be read: it is
/// told where its keyservers count.
pub fn all_logins(places: &Places) -> Result<Vec<Login>> {
    let mut logins = own_logins(places)?;
    logins.extend(apptainer::read(places).unwrap_or_default().logins);
    Ok(logins)
}

/// Keeps a login, in the place of an older one at the same server.
///
/// # Errors
/// `Config` without a home directory; the file cannot be written.
pub fn keep(cx: &Context<'_>, places: &Places, login: &Login) -> Result<PathBuf> {
    change(cx, places, |rows| {
        rows.retain(|row| !same_server(&row.url, &login.url));
        rows.push(Row::from(login));
    })
}

/// Forgets the login at a server; true if there was one.
///
/// # Errors
/// As [`keep`].
pub fn forget(cx: &Context<'_>, places: &Places, url: &str) -> Result<bool> {
    let mut was_there = false;
    if login_for(&own_logins(places)?, url).is_none() {
        return Ok(false);
    }
    change(cx, places, |rows| {
        let before = rows.len();
        rows.retain(|row| !same_server(&row.url, url));
        was_there = rows.len() < before;
    })?;
    Ok(was_there)
}

fn change(
    cx: &Context<'_>,
    places: &Places,
    change: impl FnOnce(&mut Vec<Row>),
) -> Result<PathBuf> {
    let path = places.credentials().ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            "you have no home directory to keep a login in",
        )
    })?;
    replace::update(cx, &path, Mode::Exactly(0o600), |old| {
        let mut login = match old {
            Some(bytes) => rows(bytes).map_err(|error| error.at(path.display()))?,
            None => vec![],
        };
        change(&mut login);
        let text = toml::to_string(&Document { login }).map_err(|error| {
            Error::new(ErrorKind::Backend, "the login cannot be written").because(error)
        })?;
        Ok(Secret::new(text.into_bytes()))
    })?;
    Ok(path)
}

fn rows(bytes: &Secret) -> Result<Vec<Row>> {
    let wrong = || {
        // Not the parser's words: they quote the line, and a password may stand in it.
        Error::new(ErrorKind::Config, "no file of logins")
            .hint("remove it, and log in again with `sifseal keyserver login`")
    };
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| wrong())?;
    let file: Document = toml::from_str(text).map_err(|_| wrong())?;
    Ok(file.login)
}

/// The file's content, if it is its user's alone; `None` if there is none. What is
/// looked at and what is read are one and the same open file.
fn read_private(path: &Path) -> Result<Option<Secret>> {
    let named = |error| Error::io(path, error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(named(error)),
    };
    let metadata = file.metadata().map_err(named)?;
    let user = rustix::process::geteuid().as_raw();
    if metadata.permissions().mode() & 0o077 != 0 || metadata.uid() != user {
        let what = "others may read or change this file, and there are passwords in it";
        return Err(Error::new(ErrorKind::Denied, what)
            .at(path.display())
            .hint(format!(
                "it must be yours alone: chmod 600 {}",
                path.display()
            )));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(named)?;
    Ok(Some(Secret::new(bytes)))
}

impl TryFrom<Row> for Login {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let proof = match (row.token, row.username, row.password) {
            (Some(token), None, None) => Proof::Token(token.to_secret()),
            (None, Some(username), Some(password)) => Proof::Password {
                username,
                password: password.to_secret(),
            },
            _ => {
                let what = format!(
                    "the login at {} has neither a token nor a name and password",
                    row.url
                );
                return Err(Error::new(ErrorKind::Config, what));
            }
        };
        Ok(Self {
            url: row.url,
            proof,
            insecure: false,
        })
    }
}

impl From<&Login> for Row {
    fn from(login: &Login) -> Self {
        let text = |secret: &Secret| Some(SecretText::new(secret));
        let (token, username, password) = match &login.proof {
            Proof::Token(token) => (text(token), None, None),
            Proof::Password { username, password } => {
                (None, Some(username.clone()), text(password))
            }
        };
        Self {
            url: login.url.clone(),
            token,
            username,
            password,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;
    use sifseal_core::Timestamp;
    use sifseal_core::traits::Nobody;
    use std::sync::atomic::AtomicBool;
    use tempfile::TempDir;

    static NEVER: AtomicBool = AtomicBool::new(false);

    fn cx() -> Context<'static> {
        Context {
            now: Timestamp(0),
            deadline: None,
            cancelled: &NEVER,
            ui: &Nobody,
        }
    }

    fn places(home: &TempDir) -> Places {
        Places {
            system_config: home.path().join("none"),
            apptainer_system: home.path().join("none"),
            environment: Environment::from_iter([("HOME", home.path())]),
        }
    }

    fn login(url: &str, token: &str) -> Login {
        Login {
            url: url.to_owned(),
            proof: Proof::Token(Secret::new(token.as_bytes().to_vec())),
            insecure: false,
        }
    }

    #[test]
    fn a_login_is_kept_for_its_owner_alone_replaced_and_forgotten() {
        let home = TempDir::new().unwrap();
        let places = places(&home);
        assert!(own_logins(&places).unwrap().is_empty());
        assert!(!forget(&cx(), &places, "https://a.example").unwrap());
        assert!(!places.credentials().unwrap().exists(), "nothing was there");
        let path = keep(&cx(), &places, &login("https://a.example", "one")).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let second = Login {
            url: "https://b.example".to_owned(),
            proof: Proof::Password {
                username: "ada".to_owned(),
                password: Secret::new(b"p\"w".to_vec()),
            },
            insecure: false,
        };
        keep(&cx(), &places, &second).unwrap();
        keep(&cx(), &places, &login("https://A.example/", "two")).unwrap();
        assert_eq!(
            own_logins(&places).unwrap(),
            [second.clone(), login("https://A.example/", "two")]
        );
        assert!(forget(&cx(), &places, "https://a.example").unwrap());
        assert!(!forget(&cx(), &places, "https://a.example").unwrap());
        assert_eq!(own_logins(&places).unwrap(), [second]);
    }

    #[test]
    fn a_file_that_others_may_read_is_not_used() {
        let home = TempDir::new().unwrap();
        let places = places(&home);
        let path = keep(&cx(), &places, &login("https://a.example", "one")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = own_logins(&places).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(error.hint_text().unwrap().contains("chmod 600"));
    }

    #[test]
    fn a_broken_file_is_told_without_its_secrets() {
        let home = TempDir::new().unwrap();
        let places = places(&home);
        let path = keep(&cx(), &places, &login("https://a.example", "one")).unwrap();
        std::fs::write(&path, "[[login]]\nurl = 'x'\npassword = 'hunter2\n").unwrap();
        let error = own_logins(&places).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        std::fs::write(&path, "[[login]]\nurl = 'x'\npassword = 'hunter2'\n").unwrap();
        assert!(
            !own_logins(&places)
                .unwrap_err()
                .to_string()
                .contains("hunter2")
        );
    }
}
