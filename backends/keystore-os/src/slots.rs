//! One secret key in a store, so that an interruption at any point leaves the old
//! one or the new one.
//!
//! Nobody knows of every store whether it replaces an item in one go, or what it
//! does when its daemon is killed meanwhile. So nothing is ever replaced. Each key
//! has two slots, A and B, and lies in one of them. Writing puts the new key into
//! the free one with a larger number, reads it back, and only then frees the other.
//! Reading looks into both and takes the larger number of what is whole:
//!
//! | interrupted | A | B | what is read |
//! |---|---|---|---|
//! | before it began | old | – | old |
//! | while B was written | old | torn | old |
//! | before A was freed | old | new | new |
//! | at the end | – | new | new |
//!
//! Removing frees the older slot first, or else the old key would come back. No
//! search is needed for any of this, so it works in stores that have none.
//!
//! A key that is too large for the store is sealed into a file of its slot. The file
//! is written before the item with its key, and removed after it: a file without an
//! item is rubbish that the next writing replaces.

use crate::item::{Content, Item};
use crate::vault::Description;
use crate::{Vault, sealed};
use sifseal_core::openpgp::{Fingerprint, Key, TransferableSecretKey};
use sifseal_core::replace::{self, Mode};
use sifseal_core::traits::Engine;
use sifseal_core::{Context, Error, ErrorKind, Result, Secret, Shown};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// The secret keys in a store.
#[derive(Debug)]
pub(crate) struct Slots {
    pub(crate) vault: Vault,
    pub(crate) engine: Arc<dyn Engine>,
    /// Where sealed files lie.
    pub(crate) directory: PathBuf,
}

/// One of the two places of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    A,
    B,
}

impl Slot {
    fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What is in the slots of one key.
#[derive(Debug, Default)]
struct Survey {
    /// From the oldest to the newest.
    whole: Vec<Stored>,
    torn: Vec<(Slot, Error)>,
}

#[derive(Debug)]
struct Stored {
    slot: Slot,
    number: u64,
    key: TransferableSecretKey,
}

impl Survey {
    /// The key as it is, or why what is there is none.
    fn newest(mut self) -> Result<Option<Stored>> {
        match (self.whole.pop(), self.torn.pop()) {
            (Some(newest), _) => Ok(Some(newest)),
            (None, Some((_, error))) => Err(error),
            (None, None) => Ok(None),
        }
    }
}

impl Slots {
    /// The key, if the store has it.
    ///
    /// # Errors
    /// What the store says; `Malformed` if nothing whole is left of it.
    pub(crate) fn read(
        &self,
        cx: &Context<'_>,
        key: &Fingerprint,
    ) -> Result<Option<TransferableSecretKey>> {
        let newest = self.survey(cx, key)?.newest()?;
        Ok(newest.map(|stored| stored.key))
    }

    /// True if something lies in a slot of the key. Nothing is read. The first slot is
    /// looked into again at the end: a writer may have moved the key there, out of the
    /// second one, between the two looks.
    pub(crate) fn is_there(&self, cx: &Context<'_>, key: &Fingerprint) -> Result<bool> {
        for slot in [Slot::A, Slot::B, Slot::A] {
            if self.vault.holds(cx, &name_of(key, slot))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Every key in a store that can be searched.
    pub(crate) fn all(&self, cx: &Context<'_>) -> Result<BTreeSet<Fingerprint>> {
        let names = self.vault.names(cx)?;
        let keys = names.iter().filter_map(|name| name.split_once('/'));
        Ok(keys.filter_map(|(key, _)| key.parse().ok()).collect())
    }

    /// Puts a key in the place of what is there. Whoever calls it keeps other
    /// writers away.
    ///
    /// # Errors
    /// What the store says; `Malformed` if what is there is damaged, `Backend` if
    /// the store does not give back what it was given. The old key is then there.
    pub(crate) fn write(&self, cx: &Context<'_>, key: &TransferableSecretKey) -> Result<()> {
        let fingerprint = key.fingerprint();
        let newest = self.survey(cx, &fingerprint)?.newest()?;
        let (free, number) = match &newest {
            Some(stored) => (stored.slot.other(), stored.number.saturating_add(1)),
            None => (Slot::A, 1),
        };
        self.vacate(cx, &fingerprint, free)?;
        let written = self.fill(cx, free, number, key);
        if let Err(error) = written {
            if error.kind() == ErrorKind::Timeout {
                // The store may still be at it: what it does last must not be that which
                // comes last here.
                return Err(error);
            }
            // Best effort: what remains is older or torn, and the next writing
            // clears it away. The first error is the one that tells what happened.
            let _ = self.vacate(cx, &fingerprint, free);
            return Err(error);
        }
        match newest {
            Some(old) => self.vacate(cx, &fingerprint, old.slot).map(drop),
            None => Ok(()),
        }
    }

    /// True if a sealed file of the key is here, whatever the store has.
    pub(crate) fn has_file(&self, key: &Fingerprint) -> Result<bool> {
        for slot in [Slot::A, Slot::B] {
            let path = self.file_of(key, slot);
            let is_there = path.try_exists();
            if is_there.map_err(|error| Error::io(&path, error))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes a key, and sealed files that the store has forgotten the key to; false
    /// if there was nothing.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) fn remove(&self, cx: &Context<'_>, key: &Fingerprint) -> Result<bool> {
        let survey = self.survey(cx, key)?;
        let torn = survey.torn.iter().map(|(slot, _)| *slot);
        let whole = survey.whole.iter().map(|stored| stored.slot);
        let mut was_there = false;
        for slot in torn.chain(whole) {
            was_there |= self.vacate(cx, key, slot)?;
        }
        for slot in [Slot::A, Slot::B] {
            was_there |= self.remove_file(key, slot)?;
        }
        Ok(was_there)
    }

    /// Looks into both slots; a second time if there is nothing whole in them. A
    /// writer may have moved the key, between the two looks, from the one that was
    /// still to come to the one that had been seen.
    fn survey(&self, cx: &Context<'_>, key: &Fingerprint) -> Result<Survey> {
        let first = self.look(cx, key)?;
        match first.whole.is_empty() {
            true => self.look(cx, key),
            false => Ok(first),
        }
    }

    fn look(&self, cx: &Context<'_>, key: &Fingerprint) -> Result<Survey> {
        let mut survey = Survey::default();
        for slot in [Slot::A, Slot::B] {
            let Some(bytes) = self.vault.get(cx, &name_of(key, slot))? else {
                continue;
            };
            match self.stored(key, slot, &bytes) {
                Ok(stored) => survey.whole.push(stored),
                Err(error) if error.kind() == ErrorKind::Malformed => {
                    survey.torn.push((slot, self.damaged(key, error)));
                }
                // What cannot be read at the moment is not damaged: to take the older
                // copy for the key would be to lose the newer one.
                Err(error) => return Err(error),
            }
        }
        survey.whole.sort_by_key(|stored| stored.number);
        Ok(survey)
    }

    /// The key behind an item.
    fn stored(&self, fingerprint: &Fingerprint, slot: Slot, bytes: &Secret) -> Result<Stored> {
        let Item { number, content } = Item::from_bytes(bytes)?;
        let bytes = match content {
            Content::Whole(armor) => armor,
            Content::Sealed(seal) => {
                let path = self.file_of(fingerprint, slot);
                let file = replace::read(&path)?.ok_or_else(|| {
                    let what = "the sealed file that belongs to it is gone";
                    Error::new(ErrorKind::Malformed, what)
                        .at(path.display())
                        .hint("sealed files lie in `$XDG_DATA_HOME/sifseal`, or else in `~/.local/share/sifseal`: if this one lies in another folder, move it here; if it is lost, `sifseal key remove --secret` with the fingerprint clears the rest away, and then import the key from your backup")
                })?;
                let about = about(fingerprint, slot, number);
                sealed::open(&seal, file.expose(), &about)
                    .map_err(|error| error.at(path.display()))?
            }
        };
        let mut keys = self.engine.read_keys(bytes.expose()).keys;
        match (keys.pop(), keys.is_empty()) {
            (Some(Key::Secret(key)), true) if key.fingerprint() == *fingerprint => {
                Ok(Stored { slot, number, key })
            }
            _ => {
                let what = "what lies there is not this secret key";
                Err(Error::new(ErrorKind::Malformed, what))
            }
        }
    }

    /// Writes a key into a free slot, and reads it back before anybody relies on it.
    fn fill(
        &self,
        cx: &Context<'_>,
        slot: Slot,
        number: u64,
        key: &TransferableSecretKey,
    ) -> Result<()> {
        let fingerprint = key.fingerprint();
        let armor = self.engine.armor(&Key::Secret(key.clone()))?;
        let mut item = Item {
            number,
            content: Content::Whole(armor),
        };
        if item.to_bytes().expose().len() > self.vault.capabilities().largest_item {
            let about = about(&fingerprint, slot, number);
            let (seal, file) = sealed::seal(key.bytes.expose(), &about)?;
            let path = self.file_of(&fingerprint, slot);
            replace::overwrite(&path, Mode::Exactly(0o600), &file)?;
            item.content = Content::Sealed(seal);
        }
        let name = name_of(&fingerprint, slot);
        let bytes = item.to_bytes();
        self.vault.put(cx, &name, &bytes, &description(key))?;
        let read_back = self.vault.get(cx, &name)?;
        let read_back = read_back.and_then(|bytes| self.stored(&fingerprint, slot, &bytes).ok());
        match read_back {
            Some(stored) if stored.number == number && stored.key.bytes == key.bytes => Ok(()),
            _ => {
                let what = "it did not give back the key that it was given";
                Err(Error::new(ErrorKind::Backend, what)
                    .at(self.vault.capabilities().title)
                    .hint(
                        "the store has the key as it was before; try again, or use another store",
                    ))
            }
        }
    }

    /// Frees a slot: first the item, then the file that it makes useless.
    fn vacate(&self, cx: &Context<'_>, key: &Fingerprint, slot: Slot) -> Result<bool> {
        let was_there = self.vault.delete(cx, &name_of(key, slot))?;
        Ok(self.remove_file(key, slot)? || was_there)
    }

    fn remove_file(&self, key: &Fingerprint, slot: Slot) -> Result<bool> {
        let path = self.file_of(key, slot);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io(&path, error)),
        }
    }

    fn file_of(&self, key: &Fingerprint, slot: Slot) -> PathBuf {
        let store = self.vault.capabilities().name;
        let slot = slot.name();
        self.directory
            .join(format!("os-{store}-{key}-{slot}.sealed"))
    }

    fn damaged(&self, key: &Fingerprint, error: Error) -> Error {
        let error = error.at(self.vault.capabilities().title);
        let told = error.reworded(format!("secret key {key} cannot be read: {error}"));
        match told.hint_text() {
            Some(_) => told,
            None => told.hint(
                "`sifseal key remove --secret` with its fingerprint clears it away; then import it from your backup",
            ),
        }
    }
}

/// What the item of a slot is called in the store.
fn name_of(key: &Fingerprint, slot: Slot) -> String {
    format!("{key}/{}", slot.name())
}

/// Whose sealed file it is.
fn about(key: &Fingerprint, slot: Slot, number: u64) -> Vec<u8> {
    format!("{key}/{} {number}", slot.name()).into_bytes()
}

fn description(key: &TransferableSecretKey) -> Description {
    let fingerprint = key.fingerprint();
    let user_id = key.outline.user_ids.first().map_or("", String::as_str);
    Description {
        label: format!("OpenPGP secret key {fingerprint} {}", Shown::new(user_id)),
        attributes: vec![
            ("application", "sifseal".to_owned()),
            ("keytype", "openpgp-secret-key".to_owned()),
            ("fingerprint", fingerprint.to_string()),
            ("keyid", fingerprint.key_id().to_string()),
        ],
    }
}
