//! A login at a keyserver: where it is for, and what proves who one is.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sifseal_core::Secret;
use sifseal_keyserver_hkp::Address;
use zeroize::Zeroizing;

/// A login at one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The server's address.
    pub url: String,
    /// What proves who one is.
    pub proof: Proof,
    /// True if Apptainer's file says that the server is not secure.
    pub insecure: bool,
}

/// A secret as it stands in a file of text; wiped when dropped.
#[derive(Clone, Default)]
pub(super) struct SecretText(Zeroizing<String>);

impl SecretText {
    pub(super) fn new(secret: &Secret) -> Self {
        let text = String::from_utf8_lossy(secret.expose());
        Self(Zeroizing::new(text.into_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn to_secret(&self) -> Secret {
        Secret::new(self.0.as_bytes().to_vec())
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What proves who one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A bearer token.
    Token(Secret),
    /// A name and a password.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
}

/// The login that is for a server.
pub fn login_for<'a>(logins: &'a [Login], url: &str) -> Option<&'a Login> {
    logins.iter().find(|login| same_server(&login.url, url))
}

/// True if two addresses lead to the same server, however they are written; what is no
/// keyserver's address (Apptainer's file has logins for registries too) is the same
/// only as itself.
pub fn same_server(one: &str, other: &str) -> bool {
    match (one.parse::<Address>(), other.parse::<Address>()) {
        (Ok(one), Ok(other)) => one.is_same_place(&other),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(url: &str, token: &str) -> Login {
        Login {
            url: url.to_owned(),
            proof: Proof::Token(Secret::new(token.as_bytes().to_vec())),
            insecure: false,
        }
    }

    #[test]
    fn a_login_is_found_for_its_server_however_the_address_is_written() {
        let logins = [
            login("oras://ghcr.io", "one"),
            login("https://Keys.example/", "two"),
        ];
        for same in ["https://keys.example", "hkps://keys.example:443"] {
            assert_eq!(login_for(&logins, same), Some(&logins[1]), "{same}");
        }
        // In the clear it is another one.
        assert_eq!(login_for(&logins, "http://keys.example"), None);
        assert_eq!(login_for(&logins, "oras://ghcr.io"), Some(&logins[0]));
        assert_eq!(login_for(&logins, "docker://ghcr.io"), None);
    }
}
