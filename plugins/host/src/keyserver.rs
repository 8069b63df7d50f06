//! A plugin as a keyserver.

use crate::plugin::Plugin;
use sifseal_core::openpgp::KeyHandle;
use sifseal_core::traits::{Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, Error, ErrorKind, Result};
use sifseal_plugin_protocol::{Ability, Fetch, MAX_KEYS, Publish, Search};
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
        let count = found.hits.len();
        if count > MAX_KEYS {
            let what = format!("it finds {count} keys; at most {MAX_KEYS} are read");
            return Err(Error::new(ErrorKind::Backend, what)
                .at(self.0.place())
                .hint("a search for more of a name or address finds fewer"));
        }
        Ok(found.hits.into_iter().map(Into::into).collect())
    }

    fn publish(&self, cx: &Context<'_>, armored: &[u8]) -> Result<String> {
        let asked = Publish {
            certificate: armored.into(),
        };
        Ok(self.0.ask(cx, Ability::Keyserver, &asked)?.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::testing::{cx, plugin_answering};
    use serde_json::{Value, json};
    use sifseal_plugin_protocol::MAX_LINE;

    fn keyserver(answer: Value) -> PluginKeyserver {
        PluginKeyserver::new(Arc::new(plugin_answering(answer)))
    }

    #[test]
    fn more_hits_than_anybody_reads_are_refused() {
        let hits = |count| json!({"hits": vec![json!({"key": "00"}); count]});
        let query = SearchQuery::Text("ada".to_owned());
        let search = |count| keyserver(hits(count)).search(&cx(), &query);
        assert_eq!(search(MAX_KEYS).unwrap().len(), MAX_KEYS);
        let error = search(MAX_KEYS + 1).unwrap_err();
        assert!(error.to_string().starts_with("plugin p: it finds 10001"));
    }

    #[test]
    fn a_request_that_no_plugin_would_read_is_not_made() {
        let server = keyserver(json!({"message": "taken"}));
        let error = server.publish(&cx(), &vec![0; MAX_LINE]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("`publish` would be longer"));
        assert_eq!(server.publish(&cx(), b"x").unwrap(), "taken");
    }
}
