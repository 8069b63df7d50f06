//! Keyservers, endpoints and logins, in the user guide's three tables and as JSON.

use super::table::Table;
use crate::config::apptainer::Endpoint;
use crate::config::login::Login;
use crate::config::{DEFAULT_KEYSERVER, KeyserverConfig, Origin};
use serde::Serialize;
use sifseal_core::Shown;
use std::fmt;
use std::path::PathBuf;

/// One keyserver.
#[derive(Debug, Serialize)]
pub struct ServerRow {
    #[serde(flatten)]
    config: KeyserverConfig,
    place: String,
    global: bool,
    order: usize,
    origin: String,
}

impl ServerRow {
    /// A server at this place in the order, counted from 1. It is the whole system's
    /// if it is built in or stands in one of `system_files`.
    pub fn new(
        server: &KeyserverConfig,
        order: usize,
        origin: &Origin,
        system_files: &[PathBuf],
    ) -> Self {
        let global = match origin {
            Origin::Default => true,
            Origin::File(file) => system_files.contains(file),
            Origin::Variable(_) | Origin::Flag(_) => false,
        };
        Self {
            config: server.clone(),
            place: server.place(),
            global,
            order,
            origin: origin.to_string(),
        }
    }

    /// Apptainer marks the server that comes with the endpoint.
    fn order(&self) -> String {
        match self.config.is_named(DEFAULT_KEYSERVER) {
            true => format!("{}*", self.order),
            false => self.order.to_string(),
        }
    }
}

/// `sifseal/keyserver-list/1`.
#[derive(Debug, Serialize)]
pub struct KeyserverList {
    schema: &'static str,
    keyservers: Vec<ServerRow>,
}

impl KeyserverList {
    /// The servers in their order.
    pub fn new(keyservers: Vec<ServerRow>) -> Self {
        Self {
            schema: "sifseal/keyserver-list/1",
            keyservers,
        }
    }
}

impl fmt::Display for KeyserverList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        servers_table(&self.keyservers).fmt(f)
    }
}

/// `sifseal/remote-list/1`.
#[derive(Debug, Serialize)]
pub struct RemoteList {
    schema: &'static str,
    endpoints: Vec<EndpointJson>,
    keyservers: Vec<ServerRow>,
    logins: Vec<LoginJson>,
}

#[derive(Debug, Serialize)]
struct EndpointJson {
    name: String,
    uri: String,
    active: bool,
    global: bool,
    exclusive: bool,
}

#[derive(Debug, Serialize)]
struct LoginJson {
    uri: String,
    insecure: bool,
}

impl RemoteList {
    /// Apptainer's endpoints (its own, if no file names any), the servers in their
    /// order, and where there is a login.
    pub fn new(endpoints: Vec<Endpoint>, keyservers: Vec<ServerRow>, logins: &[Login]) -> Self {
        let mut endpoints: Vec<_> = endpoints.into_iter().map(EndpointJson::from).collect();
        if endpoints.is_empty() {
            endpoints.push(EndpointJson {
                name: "DefaultRemote".to_owned(),
                uri: "cloud.apptainer.org".to_owned(),
                active: true,
                global: true,
                exclusive: false,
            });
        }
        let login = |login: &Login| LoginJson {
            uri: login.url.clone(),
            insecure: login.insecure || login.url.starts_with("http:"),
        };
        Self {
            schema: "sifseal/remote-list/1",
            endpoints,
            keyservers,
            logins: logins.iter().map(login).collect(),
        }
    }
}

impl From<Endpoint> for EndpointJson {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            name: endpoint.name,
            uri: endpoint.uri,
            active: endpoint.active,
            global: endpoint.global,
            exclusive: endpoint.exclusive,
        }
    }
}

impl fmt::Display for RemoteList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut endpoints = Table::new(&["NAME", "URI", "ACTIVE", "GLOBAL", "EXCLUSIVE"]);
        for endpoint in &self.endpoints {
            endpoints.row(vec![
                shown(&endpoint.name),
                shown(&endpoint.uri),
                yes_or_no(endpoint.active),
                yes_or_no(endpoint.global),
                yes_or_no(endpoint.exclusive),
            ]);
        }
        let servers = servers_table(&self.keyservers);
        write!(
            f,
            "Cloud Services Endpoints\n========================\n\n{endpoints}\n\
             Keyservers\n==========\n\n{servers}\n\
             * Active cloud services keyserver\n"
        )?;
        if self.logins.is_empty() {
            return Ok(());
        }
        let mut logins = Table::new(&["URI", "INSECURE"]);
        for login in &self.logins {
            logins.row(vec![shown(&login.uri), yes_or_no(login.insecure)]);
        }
        write!(
            f,
            "\nAuthenticated Logins\n=================================\n\n{logins}"
        )
    }
}

fn servers_table(servers: &[ServerRow]) -> Table {
    let mut table = Table::new(&["URI", "GLOBAL", "INSECURE", "ORDER"]);
    for server in servers {
        table.row(vec![
            shown(&server.place),
            yes_or_no(server.global),
            yes_or_no(server.config.is_insecure()),
            server.order(),
        ]);
    }
    table
}

fn shown(text: &str) -> String {
    Shown::new(text).to_string()
}

fn yes_or_no(yes: bool) -> String {
    match yes {
        true => "YES".to_owned(),
        false => "NO".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::login::Proof;
    use sifseal_core::Secret;

    #[test]
    fn remote_list_has_the_guides_three_tables() {
        let servers = vec![ServerRow::new(
            &KeyserverConfig::hkp(DEFAULT_KEYSERVER),
            1,
            &Origin::Default,
            &[],
        )];
        let login = Login {
            url: "oras://ghcr.io".to_owned(),
            proof: Proof::Token(Secret::new(b"t".to_vec())),
            insecure: false,
        };
        let expected = "\
Cloud Services Endpoints
========================

NAME           URI                  ACTIVE  GLOBAL  EXCLUSIVE
DefaultRemote  cloud.apptainer.org  YES     YES     NO

Keyservers
==========

URI                       GLOBAL  INSECURE  ORDER
https://keys.openpgp.org  YES     NO        1*

* Active cloud services keyserver

Authenticated Logins
=================================

URI             INSECURE
oras://ghcr.io  NO
";
        let list = RemoteList::new(vec![], servers, &[login]);
        assert_eq!(list.to_string(), expected);
        assert!(!serde_json::to_string(&list).unwrap().contains("token"));
    }
}
