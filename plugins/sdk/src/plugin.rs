//! What a plugin is: its name, and how to make what it provides.

use crate::settings::Settings;
use sifseal_core::Result;
use sifseal_core::traits::{KeyStore, Keyserver, ObjectSelector};
use std::fmt;

/// Makes a part of a plugin from its settings.
pub(crate) type Make<T> = Box<dyn Fn(&Settings) -> Result<Box<T>> + Send + Sync>;

/// A plugin: who it is, and what it can be.
///
/// What it provides is made when it is first needed, not before: describing a plugin
/// opens no device and asks nobody.
pub struct Plugin {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) key_store: Option<Make<dyn KeyStore>>,
    pub(crate) keyserver: Option<Make<dyn Keyserver>>,
    pub(crate) selector: Option<Make<dyn ObjectSelector>>,
}

impl Plugin {
    /// A plugin that calls itself so, in this version of its own. It provides nothing yet.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            key_store: None,
            keyserver: None,
            selector: None,
        }
    }

    /// The same, being a key store.
    #[must_use]
    pub fn key_store<S: KeyStore + 'static>(
        mut self,
        open: impl Fn(&Settings) -> Result<S> + Send + Sync + 'static,
    ) -> Self {
        self.key_store = Some(Box::new(move |settings| Ok(Box::new(open(settings)?))));
        self
    }

    /// The same, being a keyserver.
    #[must_use]
    pub fn keyserver<S: Keyserver + 'static>(
        mut self,
        open: impl Fn(&Settings) -> Result<S> + Send + Sync + 'static,
    ) -> Self {
        self.keyserver = Some(Box::new(move |settings| Ok(Box::new(open(settings)?))));
        self
    }

    /// The same, being a selector of objects.
    #[must_use]
    pub fn object_selector<S: ObjectSelector + 'static>(
        mut self,
        open: impl Fn(&Settings) -> Result<S> + Send + Sync + 'static,
    ) -> Self {
        self.selector = Some(Box::new(move |settings| Ok(Box::new(open(settings)?))));
        self
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
