//! A secret store in which something happens at a call that can be chosen.

use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, CredentialStore, Entry, Error, Result};
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A moment in a row of calls, the first of which has the number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The call is about to be made.
    Before(usize),
    /// The store has done it, and the caller does not know yet.
    After(usize),
}

/// What happens at a moment: something to the store or the program, or an error in
/// the place of the answer.
pub(crate) type Plan = Arc<dyn Fn(Moment) -> Result<()> + Send + Sync>;

/// The store that went away.
pub(crate) fn gone() -> Error {
    Error::PlatformFailure("the store went away".into())
}

/// A store of which calls can be spoilt; the count goes on over all that are opened.
#[derive(Clone)]
pub(crate) struct Saboteur {
    plan: Plan,
    calls: Arc<AtomicUsize>,
}

impl Saboteur {
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            plan,
            calls: Arc::default(),
        }
    }

    /// How many calls there were so far.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn over(&self, store: Arc<CredentialStore>) -> Arc<CredentialStore> {
        Arc::new(Spoilt {
            store,
            saboteur: self.clone(),
        })
    }

    fn around<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        (self.plan)(Moment::Before(number))?;
        let answer = call();
        (self.plan)(Moment::After(number))?;
        answer
    }
}

struct Spoilt {
    store: Arc<CredentialStore>,
    saboteur: Saboteur,
}

impl CredentialStoreApi for Spoilt {
    fn vendor(&self) -> String {
        self.store.vendor()
    }

    fn id(&self) -> String {
        self.store.id()
    }

    fn build(
        &self,
        service: &str,
        user: &str,
        modifiers: Option<&HashMap<&str, &str>>,
    ) -> Result<Entry> {
        let entry = self.store.build(service, user, modifiers)?;
        Ok(Entry::new_with_credential(Arc::new(SpoiltItem {
            entry,
            saboteur: self.saboteur.clone(),
        })))
    }

    fn search(&self, spec: &HashMap<&str, &str>) -> Result<Vec<Entry>> {
        self.saboteur.around(|| self.store.search(spec))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct SpoiltItem {
    entry: Entry,
    saboteur: Saboteur,
}

impl CredentialApi for SpoiltItem {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        self.saboteur.around(|| self.entry.set_secret(secret))
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        self.saboteur.around(|| self.entry.get_secret())
    }

    fn update_attributes(&self, attributes: &HashMap<&str, &str>) -> Result<()> {
        self.saboteur
            .around(|| self.entry.update_attributes(attributes))
    }

    fn delete_credential(&self) -> Result<()> {
        self.saboteur.around(|| self.entry.delete_credential())
    }

    fn get_credential(&self) -> Result<Option<Arc<Credential>>> {
        self.saboteur
            .around(|| self.entry.get_credential().map(|_| None))
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        self.entry.get_specifiers()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
