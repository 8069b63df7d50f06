//! Key stores: eighteen behaviours, from "asking makes nothing" to "writers at the same time
//! lose no key".
//!
//! Each is shown on a fresh [`Stage`]: a home with a store that was never used.

pub mod behaviour;
pub mod keys;

pub use crate::context;

use sifseal_core::Result;
use sifseal_core::openpgp::{Fingerprint, Key, TransferableSecretKey};
use sifseal_core::traits::{Found, Insertion, KeyPart, KeyQuery, KeyStore, PrivateKey};
use std::path::{Path, PathBuf};

/// What a behaviour is shown on.
pub type Behaviour = fn(&Stage);

/// Opens a store in a key directory.
type Open = dyn Fn(&Path) -> Box<dyn KeyStore> + Sync;

/// A person's home with a key store that was never used.
pub struct Stage {
    home: tempfile::TempDir,
    /// The store as a program opens it.
    open: Box<Open>,
    /// True if what it keeps is not gone with the home.
    outlives_home: bool,
}

impl Stage {
    /// A home whose store is opened so, each time as by a program that was just started.
    pub fn new(open: impl Fn(&Path) -> Box<dyn KeyStore> + Sync + 'static) -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary folder"),
            open: Box::new(open),
            outlives_home: false,
        }
    }

    /// The same for a store that keeps things elsewhere: its keys are removed at the end.
    #[must_use]
    pub fn cleared_at_the_end(mut self) -> Self {
        self.outlives_home = true;
        self
    }

    /// The home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The key directory in it, which need not exist.
    pub fn directory(&self) -> PathBuf {
        self.home.path().join("keys")
    }

    /// The store, as a program that was just started has it.
    pub fn store(&self) -> Box<dyn KeyStore> {
        (self.open)(&self.directory())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.outlives_home {
            return;
        }
        let store = self.store();
        if let Ok(found) = store.find(&context(), KeyPart::Secret, &KeyQuery::All) {
            for entry in found.entries {
                let key = entry.certificate.fingerprint();
                let _ = store.remove(&context(), KeyPart::Secret, &key);
            }
        }
    }
}

/// The calls of a test, without what they all have in common.
pub trait Calls {
    /// What a search gives; nothing in it is unreadable.
    fn found(&self, part: KeyPart, query: &KeyQuery) -> Found;
    /// The fingerprints of everything.
    fn all(&self, part: KeyPart) -> Vec<Fingerprint>;
    /// Adds a secret key.
    fn add(&self, key: &TransferableSecretKey) -> Insertion;
    /// The secret key itself.
    ///
    /// # Errors
    /// What the store says.
    fn material(&self, key: &Fingerprint) -> Result<TransferableSecretKey>;
    /// Removes a half.
    ///
    /// # Errors
    /// What the store says.
    fn take_away(&self, part: KeyPart, key: &Fingerprint) -> Result<()>;
}

impl Calls for dyn KeyStore + '_ {
    fn found(&self, part: KeyPart, query: &KeyQuery) -> Found {
        let found = self.find(&context(), part, query).expect("it can be read");
        assert!(found.junk.is_empty(), "{found:?}");
        found
    }

    fn all(&self, part: KeyPart) -> Vec<Fingerprint> {
        let found = self.found(part, &KeyQuery::All).entries;
        let found = found.iter();
        found.map(|entry| entry.certificate.fingerprint()).collect()
    }

    fn add(&self, key: &TransferableSecretKey) -> Insertion {
        let key = Key::Secret(key.clone());
        self.insert(&context(), &key).expect("it can be added")
    }

    fn material(&self, key: &Fingerprint) -> Result<TransferableSecretKey> {
        match self.private_key(&context(), key)? {
            PrivateKey::Material(key) => Ok(key),
            PrivateKey::Device(_) => panic!("this store is no device"),
        }
    }

    fn take_away(&self, part: KeyPart, key: &Fingerprint) -> Result<()> {
        self.remove(&context(), part, key)
    }
}

/// Every behaviour of a key store, as tests in a module of this name: over a store that
/// `open` opens in a folder, or by a function that `run`s a behaviour over one.
#[macro_export]
macro_rules! key_store_suite {
    ($store:ident, open $open:expr) => {
        mod $store {
            #[allow(unused_imports)]
            use super::*;

            fn run(_test: &str, behaviour: $crate::key_store::Behaviour) {
                behaviour(&$crate::key_store::Stage::new($open));
            }

            $crate::key_store_suite!(@all $store, run);
        }
    };
    ($store:ident, run $run:path) => {
        mod $store {
            $crate::key_store_suite!(@all $store, $run);
        }
    };
    (@all $store:ident, $run:path) => {
        $crate::key_store_suite!(@tests $store, $run:
            a_store_that_is_not_there_holds_nothing_and_is_not_made_by_asking,
            a_secret_key_brings_its_certificate_along,
            a_secret_key_comes_back_byte_for_byte,
            a_large_key_comes_back_byte_for_byte,
            a_certificate_is_no_secret_key,
            a_certificate_that_comes_again_is_merged_and_never_there_twice_w5,
            a_secret_key_that_comes_again_is_merged_and_never_there_twice_w5,
            removing_one_of_three_secret_keys_leaves_the_others_whole_w1,
            removing_a_certificate_leaves_the_secret_key,
            removing_a_secret_key_leaves_its_certificate,
            what_is_removed_can_be_added_again,
            a_query_narrows_both_halves,
            a_new_passphrase_takes_the_place_of_the_old_one,
            a_certificate_takes_the_place_of_the_old_one,
            what_was_stored_is_there_for_the_next_program,
            writers_at_the_same_time_lose_no_key_w17,
            every_file_is_for_its_owner_alone_w10,
            a_store_tells_what_it_is,
        );
    };
    (@tests $store:ident, $run:path: $($behaviour:ident,)*) => {
        $(#[test]
        fn $behaviour() {
            let test = concat!(stringify!($store), "::", stringify!($behaviour));
            $run(test, $crate::key_store::behaviour::$behaviour);
        })*
    };
}
