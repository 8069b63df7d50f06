use super::*;
use crate::config::Environment;
use std::fs;
use tempfile::TempDir;

/// As Apptainer writes it.
const SYSTEM: &str = "\
Active: DefaultRemote
Remotes:
    DefaultRemote:
        URI: cloud.apptainer.org
        System: true
        Exclusive: false
        Keyservers:
            - URI: https://keys.openpgp.org
              Skip: true
              External: false
              Insecure: false
            - URI: http://127.0.0.1:11371
              Skip: false
              External: true
              Insecure: true
";

const USER: &str = "\
Active: Lab
Remotes:
  Lab:
    URI: cloud.lab.example
    Token: lab-token
    Keyservers:
    - URI: https://keys.lab.example
    - URI: https://other.example
      External: true
      Insecure: true
    Unheard: of
Credentials:
- URI: https://other.example
  Auth: Basic YWRhOnNlY3JldDoy
- URI: oras://ghcr.io
  Auth: Bearer abc
- URI: https://empty.example
  Auth: 'Bearer '
- URI: https://odd.example
  Auth: something
";

struct Home(TempDir);

impl Home {
    fn with(system: Option<&str>, user: Option<&str>) -> Self {
        let home = TempDir::new().unwrap();
        fs::create_dir(home.path().join(".apptainer")).unwrap();
        for (name, text) in [("system.yaml", system), (".apptainer/remote.yaml", user)] {
            if let Some(text) = text {
                fs::write(home.path().join(name), text).unwrap();
            }
        }
        Self(home)
    }

    fn read(&self) -> Result<ApptainerRemote> {
        read(&Places {
            system_config: self.0.path().join("none.toml"),
            apptainer_system: self.0.path().join("system.yaml"),
            environment: Environment::from_iter([("HOME", self.0.path())]),
        })
    }
}

fn urls(remote: &ApptainerRemote) -> Vec<&str> {
    let (servers, _) = remote.keyservers.as_ref().unwrap();
    servers
        .iter()
        .map(|server| server.url.as_deref().unwrap())
        .collect()
}

#[test]
fn without_files_nothing_is_said() {
    let remote = Home::with(None, None).read().unwrap();
    assert!(remote.endpoints.is_empty() && remote.keyservers.is_none());
    let remote = Home::with(Some(""), Some("\n")).read().unwrap();
    assert!(remote.endpoints.is_empty() && remote.logins.is_empty());
}

#[test]
fn the_systems_servers_are_used_but_those_to_be_skipped() {
    let remote = Home::with(Some(SYSTEM), None).read().unwrap();
    assert_eq!(urls(&remote), ["http://127.0.0.1:11371"]);
    let (servers, file) = remote.keyservers.as_ref().unwrap();
    assert!(!servers[0].insecure, "there is no TLS to be lax about");
    assert!(file.ends_with("system.yaml"));
    assert_eq!(
        remote.endpoints,
        [Endpoint {
            name: "DefaultRemote".to_owned(),
            uri: "cloud.apptainer.org".to_owned(),
            active: true,
            global: true,
            exclusive: false,
        }]
    );
}

#[test]
fn the_users_choice_of_endpoint_holds_unless_the_system_has_an_exclusive_one() {
    let remote = Home::with(Some(SYSTEM), Some(USER)).read().unwrap();
    assert_eq!(
        urls(&remote),
        ["https://keys.lab.example", "https://other.example"]
    );
    let (servers, _) = remote.keyservers.as_ref().unwrap();
    assert!(servers[1].insecure);
    let exclusive = SYSTEM.replace("Exclusive: false", "Exclusive: true");
    let remote = Home::with(Some(&exclusive), Some(USER)).read().unwrap();
    assert_eq!(urls(&remote), ["http://127.0.0.1:11371"]);
}

#[test]
fn logins_are_read_in_both_forms_and_an_empty_token_is_none_w11() {
    let remote = Home::with(None, Some(USER)).read().unwrap();
    let told: Vec<_> = remote
        .logins
        .iter()
        .map(|login| (login.url.as_str(), &login.proof))
        .collect();
    let token = |text: &str| Proof::Token(Secret::new(text.as_bytes().to_vec()));
    let password = Proof::Password {
        username: "ada".to_owned(),
        password: Secret::new(b"secret:2".to_vec()),
    };
    assert_eq!(
        told,
        [
            ("https://other.example", &password),
            ("oras://ghcr.io", &token("abc")),
            // The endpoint's token, for its own server alone.
            ("https://keys.lab.example", &token("lab-token")),
        ]
    );
}

#[test]
fn a_file_that_is_none_is_told_by_name() {
    for text in ["Remotes: [1, 2", "Remotes: 7", "\u{0}"] {
        let error = Home::with(Some(text), None).read().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{text:?}");
        let told = error.to_string();
        assert!(told.contains("system.yaml"), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}
