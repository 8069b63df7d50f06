//! Which proxy leads to a server, by the customary variables.
//!
//! The variables are handed in and never read here. The HTTP library could read them
//! by itself, but it takes one proxy for both schemes, obeys `HTTP_PROXY`, knows no
//! networks in `no_proxy`, and sends even loopback through a proxy; so the choice is
//! made here, for each request, and the library is told.

use crate::address::Origin;
use sifseal_core::{Error, ErrorKind, Result};
use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;

/// The proxies to use, and the servers to reach without.
///
/// Proxies are asked to `CONNECT`, for plain HTTP too; many allow that to port 443
/// alone. `http://`, `https://`, `socks4://`, `socks4a://`, `socks5://` and
/// `socks5h://` are understood.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    except: Vec<Exception>,
}

/// One proxy, and the variable that named it.
#[derive(Clone)]
pub(crate) struct Proxy {
    variable: &'static str,
    inner: ureq::Proxy,
}

impl Proxies {
    /// No proxy at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Reads `https_proxy`, `HTTPS_PROXY`, `http_proxy`, `all_proxy`, `ALL_PROXY`,
    /// `no_proxy` and `NO_PROXY` by means of `variable`; the spelling in small letters
    /// wins, and an empty value counts as none.
    ///
    /// `HTTP_PROXY` is not read: in a CGI program it is a request's own header
    /// (CVE-2016-5385 and its kin), and most programs ignore it for that reason.
    ///
    /// # Errors
    /// `Config` if a value is no address of a proxy; the message names the variable and
    /// does not repeat the value, which may hold a password.
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Self> {
        let all = first_proxy(variable, &["all_proxy", "ALL_PROXY"])?;
        let https = first_proxy(variable, &["https_proxy", "HTTPS_PROXY"])?;
        let http = first_proxy(variable, &["http_proxy"])?;
        let except = first(variable, &["no_proxy", "NO_PROXY"])?;
        Ok(Self {
            https: https.or_else(|| all.clone()),
            http: http.or(all),
            except: except
                .map(|(_, list)| list.split(',').filter_map(Exception::read).collect())
                .unwrap_or_default(),
        })
    }

    /// The proxy by which to reach a server. Loopback is never behind one: the proxy's
    /// loopback is not ours.
    pub(crate) fn towards(&self, origin: &Origin) -> Option<&Proxy> {
        let proxy = if origin.is_encrypted() {
            self.https.as_ref()
        } else {
            self.http.as_ref()
        };
        proxy.filter(|_| {
            !is_loopback(origin) && !self.except.iter().any(|except| except.covers(origin))
        })
    }
}

impl Proxy {
    /// The library's form.
    pub(crate) fn library(&self) -> ureq::Proxy {
        self.inner.clone()
    }
}

impl fmt::Display for Proxy {
    /// The address without user name and password, and where it comes from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (proxy, variable) = (&self.inner, self.variable);
        let scheme = proxy.protocol().to_string().to_ascii_lowercase();
        let (host, port) = (proxy.host(), proxy.port());
        write!(f, "the proxy {scheme}://{host}:{port} (from {variable})")
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The first of these variables that says something.
fn first(
    variable: Variables<'_>,
    names: &[&'static str],
) -> Result<Option<(&'static str, String)>> {
    for name in names {
        match variable(name).map(OsString::into_string) {
            Some(Ok(text)) if !text.trim().is_empty() => {
                return Ok(Some((name, text.trim().to_owned())));
            }
            Some(Err(_)) => return Err(unusable(name)),
            _ => {}
        }
    }
    Ok(None)
}

fn first_proxy(variable: Variables<'_>, names: &[&'static str]) -> Result<Option<Proxy>> {
    let Some((variable, text)) = first(variable, names)? else {
        return Ok(None);
    };
    match ureq::Proxy::new(&text) {
        Ok(inner) if !inner.host().is_empty() => Ok(Some(Proxy { variable, inner })),
        _ => Err(unusable(variable)),
    }
}

fn unusable(variable: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("the variable {variable} holds no address of a proxy"),
    )
    .hint("it should look like http://proxy.example.org:3128")
}

fn is_loopback(origin: &Origin) -> bool {
    let host = origin.host();
    origin.ip().is_some_and(|ip| ip.is_loopback())
        || host == "localhost"
        || host.ends_with(".localhost")
}

/// One entry of `no_proxy`. There is no standard; this is what curl and Go agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Exception {
    /// `*`.
    Everything,
    /// `10.0.0.0/8`, or one address: the first so many bits of it.
    Network(IpAddr, u32),
    /// `example.org`, `.example.org` or `*.example.org`, perhaps with a port: that
    /// name and all below it.
    Domain(String, Option<u16>),
}

impl Exception {
    /// `None` for an entry that says nothing.
    fn read(entry: &str) -> Option<Self> {
        let entry = entry.trim().to_ascii_lowercase();
        if entry == "*" {
            return Some(Self::Everything);
        }
        if let Ok(ip) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Some(Self::Network(ip, width(ip)));
        }
        if let Some((ip, bits)) = entry.split_once('/') {
            let (ip, bits) = (ip.parse().ok()?, bits.parse().ok()?);
            return (bits <= width(ip)).then_some(Self::Network(ip, bits));
        }
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (entry.as_str(), None),
        };
        let name = name.strip_prefix('*').unwrap_or(name);
        let name = name.strip_prefix('.').unwrap_or(name);
        (!name.is_empty()).then(|| Self::Domain(name.to_owned(), port))
    }

    fn covers(&self, origin: &Origin) -> bool {
        match self {
            Self::Everything => true,
            Self::Network(network, bits) => origin
                .ip()
                .is_some_and(|ip| same_start(ip, *network, *bits)),
            Self::Domain(name, port) => {
                let below = origin
                    .host()
                    .strip_suffix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                below && port.is_none_or(|port| port == origin.port())
            }
        }
    }
}

fn width(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn same_start(one: IpAddr, other: IpAddr, bits: u32) -> bool {
    let differing = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros(),
        _ => return false,
    };
    differing >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Proxies> {
        Proxies::from_variables(&|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    fn way(proxies: &Proxies, url: &str) -> Option<String> {
        let origin = Origin::of(&url.parse().unwrap()).unwrap();
        proxies.towards(&origin).map(ToString::to_string)
    }

    #[test]
    fn each_scheme_has_its_variable_and_small_letters_win() {
        let proxies = with(&[
            ("https_proxy", "http://s.example:1"),
            ("HTTPS_PROXY", "http://wrong.example:2"),
            ("ALL_PROXY", "a.example:3"),
        ])
        .unwrap();
        let https = way(&proxies, "https://keys.example").unwrap();
        assert_eq!(https, "the proxy http://s.example:1 (from https_proxy)");
        let http = way(&proxies, "http://keys.example").unwrap();
        assert_eq!(http, "the proxy http://a.example:3 (from ALL_PROXY)");
    }

    #[test]
    fn the_variable_that_a_cgi_request_can_set_is_ignored() {
        let proxies =
            with(&[("HTTP_PROXY", "http://evil.example:1"), ("https_proxy", "")]).unwrap();
        assert_eq!(way(&proxies, "http://keys.example"), None);
        assert_eq!(way(&proxies, "https://keys.example"), None);
    }

    #[test]
    fn exceptions_are_names_with_all_below_addresses_and_networks() {
        let proxies = with(&[
            ("all_proxy", "http://p.example:1"),
            ("no_proxy", "Site.example, .dot.example,*.star.example,port.example:8443,10.0.0.0/8,fd00::/8,192.0.2.7,,junk/9"),
        ])
        .unwrap();
        for direct in [
            "https://site.example",
            "https://keys.SITE.example",
            "http://a.dot.example",
            "http://dot.example",
            "http://star.example",
            "https://port.example:8443",
            "https://10.9.8.7",
            "https://[fd12::1]:8080",
            "https://192.0.2.7",
        ] {
            assert_eq!(way(&proxies, direct), None, "{direct}");
        }
        for by_proxy in [
            "https://offsite.example",
            "https://site.example.org",
            "https://port.example",
            "https://11.0.0.1",
            "https://192.0.2.8",
            "https://[fe80::1]",
        ] {
            assert!(way(&proxies, by_proxy).is_some(), "{by_proxy}");
        }
        let nothing = with(&[("all_proxy", "p.example:1"), ("NO_PROXY", "*")]).unwrap();
        assert_eq!(way(&nothing, "https://keys.example"), None);
    }

    #[test]
    fn loopback_is_never_behind_a_proxy() {
        let proxies = with(&[("all_proxy", "http://p.example:1")]).unwrap();
        for url in [
            "http://127.0.0.1:11371",
            "http://[::1]:80",
            "http://localhost",
            "https://keys.localhost",
        ] {
            assert_eq!(way(&proxies, url), None, "{url}");
        }
    }

    #[test]
    fn a_proxy_s_password_is_never_shown() {
        let proxies = with(&[("https_proxy", "http://ada:hunter2@p.example:1")]).unwrap();
        let shown = format!("{proxies:?} {:?}", way(&proxies, "https://keys.example"));
        assert!(
            shown.contains("p.example") && !shown.contains("hunter2"),
            "{shown}"
        );
        for broken in [
            "http://ada:hunter2@",
            "gopher://ada:hunter2@p.example",
            "ada hunter2",
        ] {
            let error = with(&[("https_proxy", broken)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.what().contains("https_proxy"));
            assert!(!format!("{error:?}").contains("hunter2"));
        }
    }
}
