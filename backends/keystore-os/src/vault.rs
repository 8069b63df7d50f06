//! A secret store as the few calls that are needed of it: items by name.

use crate::worker::{Connect, Worker};
use crate::{Capabilities, StoreKind, platform};
use keyring_core::{CredentialStore, Entry, Error as StoreError};
use sifseal_core::{Context, Result, Secret};
use std::collections::HashMap;
use std::sync::Arc;

/// The service that sifseal's items belong to, and their attribute `application`.
const SERVICE: &str = "sifseal";

/// The name of the item that shows whether a store is unlocked; no key's, which have a slash.
const PROBE: &str = "probe";

/// A secret store. It is opened with the first call, and every call ends: by the
/// answer, by the context's deadline, or after two minutes each.
#[derive(Debug)]
pub struct Vault {
    capabilities: Capabilities,
    service: String,
    worker: Worker,
}

/// What an item is called in a password manager, and what it can be found by.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    pub(crate) label: String,
    pub(crate) attributes: Vec<(&'static str, String)>,
}

impl Vault {
    /// A store of this system.
    pub fn of_this_system(kind: StoreKind) -> Self {
        let connect = move || platform::connect(kind);
        Self::over(kind.capabilities(), connect)
    }

    /// Any store with the keyring project's interface. `connect` opens it, and does
    /// so again after a failure.
    pub fn over(
        capabilities: Capabilities,
        connect: impl Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync + 'static,
    ) -> Self {
        let connect: Connect = Arc::new(connect);
        Self {
            capabilities,
            service: SERVICE.to_owned(),
            worker: Worker::new(connect),
        }
    }

    /// The same store with the items of another service, apart from those that the
    /// program uses.
    #[must_use]
    pub fn for_service(mut self, service: &str) -> Self {
        service.clone_into(&mut self.service);
        self
    }

    /// What the store can do.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// The item of this name.
    pub(crate) fn get(&self, cx: &Context<'_>, name: &str) -> Result<Option<Secret>> {
        // Wrapped on the other thread: nobody wipes an answer that comes too late.
        self.with_entry(cx, name, None, |entry| entry.get_secret().map(Secret::new))
    }

    /// True if there is an item of this name. Its content is not read.
    pub(crate) fn holds(&self, cx: &Context<'_>, name: &str) -> Result<bool> {
        let found = self.with_entry(cx, name, None, |entry| entry.get_credential().map(drop))?;
        Ok(found.is_some())
    }

    /// Removes the item of this name; false if there is none.
    pub(crate) fn delete(&self, cx: &Context<'_>, name: &str) -> Result<bool> {
        let removed = self.with_entry(cx, name, None, |entry| entry.delete_credential())?;
        Ok(removed.is_some())
    }

    /// Makes an item, or replaces the one of this name.
    pub(crate) fn put(
        &self,
        cx: &Context<'_>,
        name: &str,
        secret: &Secret,
        about: &Description,
    ) -> Result<()> {
        let secret = secret.clone();
        let described = self.capabilities.has_attributes.then(|| about.clone());
        let label = described.as_ref().map(|about| about.label.clone());
        self.with_entry(cx, name, label, move |entry| {
            entry.set_secret(secret.expose())?;
            if let Some(about) = &described {
                let attributes = about.attributes.iter();
                let attributes = attributes.map(|(key, value)| (*key, value.as_str()));
                // For the person who looks for it: the item is found by its name.
                let _ = entry.update_attributes(&attributes.collect());
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Makes the store ask to be unlocked if it is locked: an item is put into it, which no
    /// store can do else, and taken out again.
    pub(crate) fn unlock(&self, cx: &Context<'_>) -> Result<()> {
        let about = Description {
            label: "sifseal: is the store unlocked?".to_owned(),
            attributes: Vec::new(),
        };
        let nothing = Secret::from("nothing".to_owned());
        self.put(cx, PROBE, &nothing, &about)?;
        self.delete(cx, PROBE).map(drop)
    }

    /// The names of all items, in a store that can be searched. One whose name cannot be
    /// had is an error: whoever takes the rest for all would forget a key.
    pub(crate) fn names(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        let service = self.service.clone();
        let found = self.worker.call(cx, move |store| {
            let entries = store.search(&HashMap::from([("service", service.as_str())]))?;
            let mut names = Vec::new();
            for entry in &entries {
                let Some((found, name)) = entry.get_specifiers() else {
                    let what = "it has an item without a name, or which went away meanwhile";
                    return Err(StoreError::BadStoreFormat(what.to_owned()));
                };
                if found == service {
                    names.push(name);
                }
            }
            Ok(names)
        })?;
        found.map_err(|trouble| trouble.explained(self.capabilities))
    }

    /// One call about one item; `None` if there is no such item.
    fn with_entry<T: Send + 'static>(
        &self,
        cx: &Context<'_>,
        name: &str,
        label: Option<String>,
        work: impl FnOnce(Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let (service, name) = (self.service.clone(), name.to_owned());
        let done = self.worker.call(cx, move |store| {
            let modifiers = label
                .as_deref()
                .map(|label| HashMap::from([("label", label)]));
            let entry = store.build(&service, &name, modifiers.as_ref())?;
            match work(entry) {
                Ok(done) => Ok(Some(done)),
                Err(StoreError::NoEntry) => Ok(None),
                Err(error) => Err(error),
            }
        })?;
        done.map_err(|trouble| trouble.explained(self.capabilities))
    }
}
