//! A plugin as a keyserver.

use crate::plugin::Plugin;
use sifseal_core::openpgp::KeyHandle;
use sifseal_core::traits::{Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, Result};
use sifseal_plugin_protocol::{Ability, Fetch, Publish, Search};
use std::sync::Arc;

/// The certificates that a plugin can get. What they are worth, core finds out, as with
/// every keyserver.
#[derive(Debug)]
pub struct PluginKeyserver(Arc<Plugin>);

impl PluginKeyserver {
    /// The keyserver of a plugin.
    pub fn new(plugin: Arc<Plugin>) -> Self {
        Self(plugin)
    }
}

impl Keyserver for PluginKeyserver {
    fn place(&self) -> String {
        self.0.place()
    }

    fn fetch(&self, cx: &Context<'_>, key: &KeyHandle) -> Result<Option<Vec<u8>>> {
        let asked = Fetch { query: key.into() };
        let fetched = self.0.ask(cx, Ability::Keyserver, &asked)?;
        Ok(fetched.certificates.map(|bytes| bytes.0))
    }

    fn search(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<Vec<SearchHit>> {
        let asked = Search {
            query: query.into(),
        };
        let found = self.0.ask(cx, Ability::Keyserver, &asked)?;
        Ok(found.hits.into_iter().map(Into::into).collect())
    }

    fn publish(&self, cx: &Context<'_>, armored: &[u8]) -> Result<String> {
        let asked = Publish {
            certificate: armored.into(),
        };
        Ok(self.0.ask(cx, Ability::Keyserver, &asked)?.message)
    }
}
