//! Where a keyserver is, as people write it: `hkps://keys.example.org`.
//!
//! `hkp` and `hkps` are HTTP and HTTPS under names of their own, with the ports that
//! keyservers have always had. A base path stays: behind `https://host/keys` the
//! server is asked at `https://host/keys/pks/lookup` (W-20).

use sifseal_core::{Error, ErrorKind, Result};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use ureq::http::Uri;

/// The address of a keyserver. It holds no user name, password or query.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    scheme: Scheme,
    /// In lower case; an IPv6 address in brackets.
    host: String,
    port: u16,
    /// Empty, or with a slash in front and none at the end.
    path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scheme {
    Hkp,
    Hkps,
    Http,
    Https,
}

impl Scheme {
    const ALL: [Self; 4] = [Self::Hkp, Self::Hkps, Self::Http, Self::Https];

    fn name(self) -> &'static str {
        match self {
            Self::Hkp => "hkp",
            Self::Hkps => "hkps",
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn is_encrypted(self) -> bool {
        matches!(self, Self::Hkps | Self::Https)
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Hkp => 11371,
            Self::Http => 80,
            Self::Hkps | Self::Https => 443,
        }
    }
}

impl Address {
    /// True if the connection is encrypted: `https` and `hkps`.
    pub fn is_encrypted(&self) -> bool {
        self.scheme.is_encrypted()
    }

    /// True if both lead to the same place, however they are written: with `hkps` or
    /// `https`, with the usual port or without it.
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.origin() == other.origin() && self.path == other.path
    }

    /// Who answers there.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            encrypted: self.is_encrypted(),
            host: self.host.clone(),
            port: self.port,
        }
    }

    /// The URL of something on the server; `tail` begins with a slash.
    pub(crate) fn url(&self, tail: &str) -> String {
        format!("{}{}{tail}", self.origin(), self.path)
    }
}

impl FromStr for Address {
    type Err = Error;

    /// Reads `scheme://host[:port][/path]`. A message about what is wrong repeats
    /// nothing that may be a password.
    ///
    /// # Errors
    /// `Malformed`; `Unsupported` for a scheme other than the four.
    fn from_str(text: &str) -> Result<Self> {
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(|| {
            malformed(
                "a keyserver's address begins with `https://`, `hkps://`, `http://` or `hkp://`",
            )
        })?;
        let scheme = read_scheme(scheme)?;

        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(
                malformed("a keyserver's address holds no user name or password").hint(
                    "leave out what stands before the `@`, and hand it to `sifseal keyserver login`",
                ),
            );
        }
        if path.contains(['?', '#']) {
            return Err(malformed(
                "a keyserver's address has no query (`?`) and no fragment (`#`)",
            )
            .hint("give the server's name, and the folder in which it answers if it has one"));
        }
        let (host, port) = read_authority(authority, scheme)?;
        let path = path.trim_end_matches('/').to_owned();
        let address = Self {
            scheme,
            host,
            port,
            path,
        };
        match address.url("/").parse::<Uri>() {
            Ok(_) => Ok(address),
            Err(_) => Err(malformed(
                "a keyserver's address has a path with characters that no address has",
            )),
        }
    }
}

fn malformed(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Malformed, what).hint("an example: https://keys.openpgp.org")
}

fn read_scheme(name: &str) -> Result<Scheme> {
    Scheme::ALL
        .into_iter()
        .find(|scheme| name.eq_ignore_ascii_case(scheme.name()))
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("keyservers are not asked by `{name}`"),
            )
            .hint("use https, hkps, http or hkp")
        })
}

fn read_authority(authority: &str, scheme: Scheme) -> Result<(String, u16)> {
    let name_end = if authority.starts_with('[') {
        authority.find(']').map(|at| at + 1)
    } else {
        authority.find(':')
    };
    let (host, port) = authority.split_at(name_end.unwrap_or(authority.len()));

    let port = match port.strip_prefix(':') {
        None if port.is_empty() => Some(scheme.default_port()),
        None => None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
        Some(_) => None,
    };
    let port = port
        .filter(|port| *port != 0)
        .ok_or_else(|| malformed("a port is a number between 1 and 65535"))?;

    if !host.is_ascii() {
        return Err(malformed("a server's name has ASCII letters only")
            .hint("write an international name in the form that begins with `xn--`"));
    }
    if !is_host(host) {
        return Err(malformed(format!("`{host}` is not the name of a server")));
    }
    Ok((host.to_ascii_lowercase(), port))
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        return inner
            .strip_suffix(']')
            .is_some_and(|ip| ip.parse::<Ipv6Addr>().is_ok());
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !host.is_empty() && host.bytes().all(allowed)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.name(), self.host)?;
        if self.port != self.scheme.default_port() {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// Who answers: the part of a URL within which credentials may be shown around
/// (RFC 6454, section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    encrypted: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL over HTTP or HTTPS; `None` for any other, and for one that
    /// holds a user name.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        let scheme = match uri.scheme_str()? {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let (host, port) = read_authority(uri.authority()?.as_str(), scheme).ok()?;
        Some(Self {
            encrypted: scheme.is_encrypted(),
            host,
            port,
        })
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// In lower case, without brackets.
    pub(crate) fn host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The host, if it is written as a number.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        self.host().parse().ok()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.encrypted {
            Scheme::Https
        } else {
            Scheme::Http
        };
        write!(f, "{}://{}", scheme.name(), self.host)?;
        if self.port != scheme.default_port() {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn each_scheme_leads_to_its_port_and_a_base_path_stays_w20() {
        for (text, url) in [
            ("hkp://keys.example", "http://keys.example:11371/pks/lookup"),
            ("hkp://keys.example:80", "http://keys.example/pks/lookup"),
            ("hkps://keys.example", "https://keys.example/pks/lookup"),
            ("http://keys.example", "http://keys.example/pks/lookup"),
            (
                "https://keys.example:8443/",
                "https://keys.example:8443/pks/lookup",
            ),
            (
                "https://host.example/prefix",
                "https://host.example/prefix/pks/lookup",
            ),
            (
                "HTTPS://Host.Example/Pre/Fix//",
                "https://host.example/Pre/Fix/pks/lookup",
            ),
            ("hkp://[::1]", "http://[::1]:11371/pks/lookup"),
            (" https://10.0.0.1 ", "https://10.0.0.1/pks/lookup"),
        ] {
            let address = read(text);
            assert_eq!(address.url("/pks/lookup"), url, "{text}");
            assert_eq!(address.is_encrypted(), url.starts_with("https"));
            assert_eq!(read(&address.to_string()), address);
        }
    }

    #[test]
    fn an_address_is_shown_as_people_write_it() {
        for text in [
            "hkp://a.example",
            "hkps://a.example/b",
            "http://a.example:8080",
        ] {
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(
            read("https://A.example:443/").to_string(),
            "https://a.example"
        );
    }

    #[test]
    fn one_place_can_be_written_in_several_ways() {
        let place = read("https://keys.example/prefix");
        for same in [
            "hkps://keys.example/prefix",
            "HTTPS://Keys.Example:443/prefix/",
        ] {
            assert!(place.is_same_place(&read(same)), "{same}");
        }
        for other in [
            "http://keys.example/prefix",
            "https://keys.example/Prefix",
            "https://keys.example:8443/prefix",
        ] {
            assert!(!place.is_same_place(&read(other)), "{other}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for text in [
            "https://ada:hunter2@keys.example",
            "https://hunter2@keys.example/prefix",
            "ada:hunter2@keys.example",
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        let error = "https://a:b@c.example".parse::<Address>().unwrap_err();
        assert!(
            error
                .hint_text()
                .unwrap()
                .contains("sifseal keyserver login")
        );
    }

    #[test]
    fn what_is_no_address_of_a_keyserver_is_told_why() {
        for (text, part) in [
            ("keys.openpgp.org", "begins with `https://`"),
            ("", "begins with"),
            ("ldap://keys.example", "`ldap`"),
            ("file:///etc/keys", "`file`"),
            ("https://keys.example/?a=b", "no query"),
            ("https://keys.example#top", "no fragment"),
            ("https://", "not the name"),
            ("https:///pks", "not the name"),
            ("https://a b.example", "not the name"),
            ("https://keys.example:", "a port"),
            ("https://keys.example:0", "a port"),
            ("https://keys.example:99999", "a port"),
            ("https://keys.example:+80", "a port"),
            ("https://[::1", "not the name"),
            ("https://[::1]x", "a port"),
            ("https://schlüssel.example", "ASCII"),
            ("https://keys.example/a b", "characters"),
            ("https://keys.example/\u{1b}[2J", "characters"),
        ] {
            let error = text.parse::<Address>().unwrap_err();
            assert!(error.what().contains(part), "{text}: {error}");
            assert!(error.hint_text().is_some(), "{text}");
        }
    }

    #[test]
    fn the_same_server_is_one_origin_however_it_is_written() {
        let origin = read("hkps://Keys.example/prefix").origin();
        let uri: Uri = "https://keys.example:443/else".parse().unwrap();
        assert_eq!(Origin::of(&uri), Some(origin.clone()));
        for other in [
            "http://keys.example",
            "https://keys.example:444",
            "https://keys.example.org",
        ] {
            assert_ne!(Origin::of(&other.parse().unwrap()), Some(origin.clone()));
        }
        for none in [
            "https://keys.example@evil.example",
            "ftp://keys.example",
            "/path",
        ] {
            assert_eq!(Origin::of(&none.parse().unwrap()), None);
        }
    }
}
