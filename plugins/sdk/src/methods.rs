//! From a request to a call of the author's trait, and from what it gives to the answer.

use crate::plugin::{Make, Plugin};
use crate::settings::Settings;
use serde::Serialize;
use sifseal_core::integrity::Selection;
use sifseal_core::openpgp::{Fingerprint, Protection};
use sifseal_core::sif::Table;
use sifseal_core::traits::{KeyEntry, KeyStore, Keyserver, ObjectSelector, PrivateKey, Signer};
use sifseal_core::{Context, Error, ErrorKind, Result};
use sifseal_plugin_protocol::{
    Ability, Body, Fetch, Fetched, Find, FoundKey, FoundKeys, Guard, Hit, KeyToSign, MAX_KEYS,
    Method, Publish, Published, RawValues, Request, Search, SearchHits, SecretText, Select,
    SelectedObjects, Selections, Sign, SignerOf,
};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A plugin with its settings, and what has been made of it so far.
#[derive(Debug)]
pub(crate) struct Session {
    plugin: Plugin,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    settings: Settings,
    key_store: Option<Arc<dyn KeyStore>>,
    keyserver: Option<Arc<dyn Keyserver>>,
    selector: Option<Arc<dyn ObjectSelector>>,
    /// By primary fingerprint.
    signers: BTreeMap<Fingerprint, Arc<dyn Signer>>,
}

impl Session {
    pub(crate) fn new(plugin: Plugin) -> Self {
        Self {
            plugin,
            state: Mutex::default(),
        }
    }

    pub(crate) fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    pub(crate) fn abilities(&self) -> Vec<Ability> {
        let plugin = &self.plugin;
        let all = [
            (plugin.key_store.is_some(), Ability::KeyStore),
            (plugin.keyserver.is_some(), Ability::Keyserver),
            (plugin.selector.is_some(), Ability::ObjectSelector),
        ];
        let able = all.into_iter().filter(|(is_able, _)| *is_able);
        able.map(|(_, ability)| ability).collect()
    }

    /// Takes new settings; what was made from the old ones is forgotten.
    pub(crate) fn configure(&self, settings: Settings) {
        let new = State {
            settings,
            ..State::default()
        };
        let old = std::mem::replace(&mut *self.state(), new);
        drop_unlocked(old);
    }

    /// Does what a request asks for.
    pub(crate) fn handle(&self, cx: &Context<'_>, request: Request) -> Result<Body> {
        match request.method.as_str() {
            Find::NAME => answer(&request, |asked| self.find(cx, asked)),
            SignerOf::NAME => answer(&request, |asked| self.signer(cx, asked)),
            Sign::NAME => answer(&request, |asked| self.sign(cx, asked)),
            Fetch::NAME => answer(&request, |asked| self.fetch(cx, asked)),
            Search::NAME => answer(&request, |asked| self.search(cx, asked)),
            Select::NAME => answer(&request, |asked| self.select(&asked)),
            Publish::NAME => answer(&request, |asked| self.publish(cx, asked)),
            other => {
                let what = format!("this plugin knows no method `{}`", shortened(other));
                Err(Error::new(ErrorKind::Unsupported, what))
            }
        }
    }

    fn find(&self, cx: &Context<'_>, asked: Find) -> Result<FoundKeys> {
        let query = asked.query.key_query()?;
        let found = self.key_store()?.find(cx, asked.part.into(), &query)?;
        let count = found.entries.len();
        if count > MAX_KEYS {
            let what = format!("there are {count} keys; at most {MAX_KEYS} can be told");
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let keys = found.entries.into_iter().map(found_key).collect();
        Ok(FoundKeys { keys })
    }

    fn signer(&self, cx: &Context<'_>, asked: SignerOf) -> Result<KeyToSign> {
        match self.key_store()?.private_key(cx, &asked.primary)? {
            PrivateKey::Device(signer) => {
                let signer = Arc::from(signer);
                let answer = device(&*signer);
                let old = self.state().signers.insert(asked.primary, signer);
                drop_unlocked(old);
                Ok(answer)
            }
            PrivateKey::Material(key) => Ok(KeyToSign::Material {
                secret_key: SecretText(key.bytes),
            }),
        }
    }

    fn sign(&self, cx: &Context<'_>, asked: Sign) -> Result<RawValues> {
        let known = self.state().signers.get(&asked.primary).cloned();
        let signer = known.filter(|signer| signer.fingerprint() == asked.key);
        let signer = signer.ok_or_else(|| {
            let what = format!("key {} is not ready to sign", asked.key);
            Error::new(ErrorKind::NotFound, what)
        })?;
        if !signer.accepted_hashes().contains(&asked.hash) {
            let what = format!("key {} does not sign with {}", asked.key, asked.hash);
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let raw = signer.sign_digest(cx, asked.hash, &asked.digest.0)?;
        RawValues::try_from(raw)
    }

    fn fetch(&self, cx: &Context<'_>, asked: Fetch) -> Result<Fetched> {
        let handle = asked.query.handle()?.ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "neither a fingerprint nor a key ID")
        })?;
        let certificates = self.keyserver()?.fetch(cx, &handle)?.map(Into::into);
        Ok(Fetched { certificates })
    }

    fn search(&self, cx: &Context<'_>, asked: Search) -> Result<SearchHits> {
        let hits = self.keyserver()?.search(cx, &asked.query.search_query()?)?;
        let count = hits.len();
        if count > MAX_KEYS {
            let what = format!("there are {count} hits; at most {MAX_KEYS} can be told");
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let hits = hits.into_iter().map(Hit::from).collect();
        Ok(SearchHits { hits })
    }

    fn publish(&self, cx: &Context<'_>, asked: Publish) -> Result<Published> {
        let message = self.keyserver()?.publish(cx, &asked.certificate.0)?;
        Ok(Published { message })
    }

    fn select(&self, asked: &Select) -> Result<Selections> {
        let descriptors = asked.objects.iter();
        let descriptors = descriptors.map(|object| object.descriptor.0.as_slice());
        let table = Table::from_parts(&asked.header.0, descriptors, asked.file_size)?;
        let selected = self.selector()?.select(&table)?;
        let selections = selected.iter().map(selected_objects).collect();
        Ok(Selections { selections })
    }

    fn key_store(&self) -> Result<Arc<dyn KeyStore>> {
        let state = &mut *self.state();
        let make = self.plugin.key_store.as_ref();
        made(
            &mut state.key_store,
            make,
            Ability::KeyStore,
            &state.settings,
        )
    }

    fn keyserver(&self) -> Result<Arc<dyn Keyserver>> {
        let state = &mut *self.state();
        let make = self.plugin.keyserver.as_ref();
        made(
            &mut state.keyserver,
            make,
            Ability::Keyserver,
            &state.settings,
        )
    }

    fn selector(&self) -> Result<Arc<dyn ObjectSelector>> {
        let state = &mut *self.state();
        let make = self.plugin.selector.as_ref();
        made(
            &mut state.selector,
            make,
            Ability::ObjectSelector,
            &state.settings,
        )
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what the author's code made: when no lock is held, because that may take long or
/// ask for another key, and without a panic.
fn drop_unlocked(old: impl Sized) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(move || drop(old))) {
        std::mem::forget(payload);
    }
}

/// What was made before, or is made now.
fn made<T: ?Sized>(
    kept: &mut Option<Arc<T>>,
    make: Option<&Make<T>>,
    ability: Ability,
    settings: &Settings,
) -> Result<Arc<T>> {
    if let Some(kept) = kept {
        return Ok(Arc::clone(kept));
    }
    let make = make.ok_or_else(|| {
        let what = format!("this plugin is no {}", ability.words());
        Error::new(ErrorKind::Unsupported, what)
    })?;
    let new: Arc<T> = Arc::from(make(settings)?);
    *kept = Some(Arc::clone(&new));
    Ok(new)
}

/// Parameters in, answer out.
fn answer<M: Method>(request: &Request, work: impl FnOnce(M) -> Result<M::Answer>) -> Result<Body> {
    let answer = work(M::from_params(&request.params)?)?;
    body(answer)
}

/// An answer for a message.
pub(crate) fn body(answer: impl Serialize) -> Result<Body> {
    let answer = serde_json::to_value(answer);
    let answer = answer.map_err(|error| Error::new(ErrorKind::Backend, error.to_string()));
    answer.map(Body::from)
}

fn found_key(entry: KeyEntry) -> FoundKey {
    let (guard, place) = match entry.protection {
        Protection::Open => (Guard::Open, None),
        Protection::Passphrase => (Guard::Passphrase, None),
        Protection::Elsewhere(place) => (Guard::Elsewhere, Some(place)),
        _ => (Guard::Elsewhere, None),
    };
    FoundKey {
        certificate: entry.certificate.bytes.into(),
        guard,
        place,
    }
}

fn device(signer: &dyn Signer) -> KeyToSign {
    let hashes = signer.accepted_hashes().iter();
    KeyToSign::Device {
        key: signer.fingerprint(),
        hashes: hashes.map(ToString::to_string).collect(),
    }
}

fn selected_objects(selection: &Selection) -> SelectedObjects {
    let objects = selection.objects().iter().map(|id| id.get());
    SelectedObjects {
        group: selection.group().get(),
        objects: (!selection.is_whole_group()).then(|| objects.collect()),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
