//! Does a plugin behave as the protocol says?
//!
//! The suite asks what a host asks, and what only a host of tomorrow or a faulty one
//! would. It uses no key and changes nothing: it reads the certificates, and a key that it
//! asks a signature of is one that nobody has. An author runs it by `sifseal plugin check FILE`.

use crate::key_store::PluginKeyStore;
use crate::plugin::Plugin;
use serde_json::{Value, json};
use sifseal_core::traits::{Engine, KeyPart, KeyQuery, KeyStore};
use sifseal_core::{Context, Result};
use sifseal_plugin_protocol::{Ability, Described, Outcome as Replied, Reply, THIS_VERSION};
use std::sync::Arc;

/// The fingerprint of no key.
const NOBODY: &str = "0000000000000000000000000000000000000000";

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// What a plugin should do.
    pub rule: &'static str,
    /// Whether it does.
    pub outcome: Outcome,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// It concerns an ability that the plugin has not.
    Skipped,
    /// Why not.
    Failed(String),
}

/// Tries everything on a plugin; the engine reads the certificates of its keys. If it cannot
/// be started, that is the only result.
pub fn check(cx: &Context<'_>, plugin: &Arc<Plugin>, engine: &Arc<dyn Engine>) -> Vec<CheckResult> {
    let started = plugin.described(cx);
    let mut results = vec![CheckResult {
        rule: "it starts, tells who it is, and answers an unknown method with `unsupported`",
        outcome: match &started {
            Ok(_) => Outcome::Passed,
            Err(error) => Outcome::Failed(error.to_string()),
        },
    }];
    if let Ok(described) = started {
        let suite = Suite {
            cx,
            plugin,
            engine,
            described,
        };
        results.extend(RULES.iter().map(|rule| rule.apply(&suite)));
    }
    results
}

struct Suite<'a> {
    cx: &'a Context<'a>,
    plugin: &'a Arc<Plugin>,
    engine: &'a Arc<dyn Engine>,
    described: Described,
}

struct Rule {
    text: &'static str,
    /// Whom it is for; everybody, if nobody is named.
    only: Option<Ability>,
    holds: fn(&Suite<'_>) -> Result<(), String>,
}

impl Rule {
    fn apply(&self, suite: &Suite<'_>) -> CheckResult {
        let concerned = |ability| suite.described.provides.contains(&ability);
        let outcome = match self.only {
            Some(ability) if !concerned(ability) => Outcome::Skipped,
            _ => match (self.holds)(suite) {
                Ok(()) => Outcome::Passed,
                Err(why) => Outcome::Failed(why),
            },
        };
        CheckResult {
            rule: self.text,
            outcome,
        }
    }
}

const RULES: &[Rule] = &[
    Rule {
        text: "it provides something",
        only: None,
        holds: |suite| match suite.described.provides.is_empty() {
            false => Ok(()),
            true => Err("`provides` is empty".to_owned()),
        },
    },
    Rule {
        text: "to a host of a later minor version it answers in its own",
        only: None,
        holds: |suite| {
            let answer = suite.ok("describe", json!({"protocol": "1.999", "config": {}}))?;
            match answer["protocol"].as_str() {
                Some(version) if version.starts_with("1.") => Ok(()),
                _ => Err(format!("it answers with version {}", answer["protocol"])),
            }
        },
    },
    Rule {
        text: "a host of another major version is refused",
        only: None,
        holds: |suite| suite.error("describe", json!({"protocol": "999.0", "config": {}})),
    },
    Rule {
        text: "described again, it is the same",
        only: None,
        holds: |suite| {
            let config = suite.plugin.plan().settings.expose();
            let params = json!({"protocol": THIS_VERSION, "config": config});
            let answer = suite.ok("describe", params)?;
            match answer["name"].as_str() == Some(&suite.described.name) {
                true => Ok(()),
                false => Err("it has another name".to_owned()),
            }
        },
    },
    Rule {
        text: "a line that is no request is an error with the number 0",
        only: None,
        holds: |suite| {
            let reply = suite.send(b"{\"id\":")?;
            match (reply.id, reply.outcome) {
                (0, Replied::Error(_)) => Ok(()),
                _ => Err("it answers otherwise".to_owned()),
            }
        },
    },
    Rule {
        text: "parameters of the wrong kind are an error",
        only: Some(Ability::KeyStore),
        holds: |suite| suite.error("sign", json!({"primary": 3, "digest": {}})),
    },
    Rule {
        text: "an answer to a question that it did not ask is an error",
        only: None,
        holds: |suite| suite.error("resume", json!({"token": "nobody's"})),
    },
    Rule {
        text: "it finds nothing under a fingerprint that nobody has, or what it has",
        only: Some(Ability::KeyStore),
        holds: |suite| {
            let query = json!({"fingerprint": NOBODY});
            let answer = suite.ok("find", json!({"part": "secret", "query": query}))?;
            match answer["keys"].is_array() {
                true => Ok(()),
                false => Err("its answer has no `keys`".to_owned()),
            }
        },
    },
    Rule {
        text: "each of its keys comes with a certificate that can be read",
        only: Some(Ability::KeyStore),
        holds: |suite| {
            let keys = PluginKeyStore::new(Arc::clone(suite.plugin), Arc::clone(suite.engine));
            let found = keys.find(suite.cx, KeyPart::Secret, &KeyQuery::All);
            match found.map_err(|error| error.to_string())?.junk.first() {
                None => Ok(()),
                Some(junk) => Err(junk.what.clone()),
            }
        },
    },
    Rule {
        text: "a key that it has not cannot sign",
        only: Some(Ability::KeyStore),
        holds: |suite| {
            suite.error("signer", json!({"primary": NOBODY}))?;
            let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
            let key = json!({
                "primary": NOBODY, "key": NOBODY, "hash": "SHA256", "digest": digest,
            });
            suite.error("sign", key)
        },
    },
    Rule {
        text: "a certificate that it has not is no error",
        only: Some(Ability::Keyserver),
        holds: |suite| {
            let query = json!({"fingerprint": NOBODY});
            let answer = suite.ok("fetch", json!({"query": query}))?;
            match answer["certificates"].is_null() {
                true => Ok(()),
                false => Err("it gives one".to_owned()),
            }
        },
    },
    Rule {
        text: "an image that cannot be is an error, not an end",
        only: Some(Ability::ObjectSelector),
        holds: |suite| {
            let params = json!({"header": "", "file_size": 0, "objects": []});
            suite.error("select", params)
        },
    },
    Rule {
        text: "after all that it still answers",
        only: None,
        holds: |suite| suite.error("grease-at-the-end", json!({})),
    },
];

impl Suite<'_> {
    fn ok(&self, method: &str, params: Value) -> Result<Value, String> {
        match self.ask(method, params)? {
            Replied::Ok(answer) => Ok(answer.expose().clone()),
            Replied::Error(failure) => Err(failure.message),
            Replied::Need(_) => Err("it has a question".to_owned()),
        }
    }

    fn error(&self, method: &str, params: Value) -> Result<(), String> {
        match self.ask(method, params)? {
            Replied::Error(_) => Ok(()),
            Replied::Ok(_) => Err("it answers as if all were well".to_owned()),
            Replied::Need(_) => Err("it has a question".to_owned()),
        }
    }

    fn ask(&self, method: &str, params: Value) -> Result<Replied, String> {
        // The largest number that is the same in every language's JSON.
        let id = (1_u64 << 53) - 1;
        let request = json!({
            "id": id, "method": method, "params": params, "deadline_ms": 5000, "grease": [{}],
        });
        let reply = self.send(request.to_string().as_bytes())?;
        match reply.id == id {
            true => Ok(reply.outcome),
            false => Err(format!(
                "its reply has the number {} instead of {id}",
                reply.id
            )),
        }
    }

    fn send(&self, line: &[u8]) -> Result<Reply, String> {
        let reply = self.plugin.raw(self.cx, line);
        reply.map_err(|error| error.to_string())
    }
}
