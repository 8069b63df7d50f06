//! Killing the daemon or the program at any point of a change loses no key.
//!
//! A change is a row of calls to the store. For each change and each call, here the
//! store goes away or the program is killed at just that call; then the store is
//! opened anew, as by the next program, and must hold the old key or the new one, and
//! the same change, made again, must succeed. So it is with a store in memory, where
//! a call may also have been obeyed and its answer lost; with GNOME Keyring, of which
//! the process is killed; and with a process of the program's, which is killed itself.

use crate::sabotage::{Moment, Plan, Saboteur, gone};
use crate::stage::{SMALL_ITEMS, os, undescribed};
use keyring_core::{CredentialStore, mock};
use sifseal_backend_suite::key_store::keys::*;
use sifseal_backend_suite::key_store::{Calls, context};
use sifseal_conformance_tests::require_secret_service;
use sifseal_conformance_tests::secret_service::{Seat, on_a_bus, this_test};
use sifseal_core::openpgp::{Key, TransferableSecretKey};
use sifseal_core::traits::{KeyPart, KeyStore};
use sifseal_core::{ErrorKind, Result};
use sifseal_keystore_os::{Capabilities, OsKeyStore, StoreKind, Vault};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// What is changed about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Add,
    Merge,
    NewPassphrase,
    Remove,
}

const CHANGES: [Change; 4] = [
    Change::Add,
    Change::Merge,
    Change::NewPassphrase,
    Change::Remove,
];

/// The keys that a change is about, made once for all of its interruptions.
struct Case {
    change: Change,
    before: Option<TransferableSecretKey>,
    after: Option<TransferableSecretKey>,
    bystander: TransferableSecretKey,
}

impl Case {
    fn new(change: Change) -> Self {
        let key = locked("Ada");
        let (before, after) = match change {
            Change::Add => (None, Some(key)),
            Change::Merge => (Some(older(&key)), Some(key)),
            Change::NewPassphrase => {
                let new = relocked(&key, Some("right"), "new");
                (Some(key), Some(new))
            }
            Change::Remove => (Some(key), None),
        };
        Self {
            change,
            before,
            after,
            bystander: locked("Bob"),
        }
    }

    fn key(&self) -> &TransferableSecretKey {
        let key = self.after.as_ref().or(self.before.as_ref());
        key.expect("a change is about a key")
    }

    fn prepare(&self, store: &dyn KeyStore) {
        store.add(&self.bystander);
        if let Some(key) = &self.before {
            store.add(key);
        }
    }

    fn make(&self, store: &dyn KeyStore) -> Result<()> {
        let whole = || Key::Secret(self.key().clone());
        match self.change {
            Change::Add | Change::Merge => store.insert(&context(), &whole()).map(drop),
            Change::NewPassphrase => store.replace(&context(), &whole()),
            Change::Remove => store.take_away(KeyPart::Secret, &self.key().fingerprint()),
        }
    }

    /// What the next program finds: the old key or the new one, and all others. Then
    /// it makes the change again.
    fn check(&self, store: &dyn KeyStore, what: &str) {
        let what = format!("{:?}, {what}", self.change);
        let fingerprint = self.key().fingerprint();
        let found = match store.material(&fingerprint) {
            Ok(key) => Some(key),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => panic!("{what}: {error}"),
        };
        assert!(
            found == self.before || found == self.after,
            "{what}: neither the old key nor the new one"
        );
        let is_listed = store.all(KeyPart::Secret).contains(&fingerprint);
        assert!(found.is_none() || is_listed, "{what}: it is not listed");
        let bystander = store.material(&self.bystander.fingerprint());
        assert_eq!(bystander.expect("another key"), self.bystander, "{what}");

        match self.make(store) {
            Err(error) if self.change == Change::Remove && found.is_none() => {
                assert_eq!(error.kind(), ErrorKind::NotFound, "{what}");
            }
            made => made.unwrap_or_else(|error| panic!("{what}: again: {error}")),
        }
        let found = store.material(&fingerprint).ok();
        assert_eq!(found, self.after, "{what}: again");
        let is_listed = store.all(KeyPart::Secret).contains(&fingerprint);
        assert_eq!(is_listed, self.after.is_some(), "{what}: again");
    }
}

/// A store that is spoilt by a saboteur.
fn spoilt(
    capabilities: Capabilities,
    directory: &Path,
    saboteur: &Saboteur,
    connect: impl Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync + 'static,
) -> OsKeyStore {
    let saboteur = saboteur.clone();
    let vault = Vault::over(capabilities, move || Ok(saboteur.over(connect()?)));
    os(vault, directory)
}

/// Goes through all calls of a change; `interrupted` makes it with an interruption
/// at the call of this number, and says whether the change came that far.
fn at_every_call(mut interrupted: impl FnMut(usize) -> bool) {
    let reached = (0..100).take_while(|call| interrupted(*call)).count();
    // Looking into both slots and freeing one is the least that a change takes.
    assert!((3..100).contains(&reached), "{reached} calls");
}

fn in_memory(capabilities: Capabilities, spoil: fn(usize, Moment) -> bool) {
    for change in CHANGES {
        let case = Case::new(change);
        at_every_call(|call| {
            let home = tempfile::tempdir().expect("a temporary folder");
            let memory: Arc<CredentialStore> = mock::Store::new().expect("a mock");
            let connect = move || Ok(Arc::clone(&memory));
            let healthy = || os(Vault::over(capabilities, connect.clone()), home.path());
            case.prepare(&healthy());

            let plan: Plan = Arc::new(move |moment| match spoil(call, moment) {
                true => Err(gone()),
                false => Ok(()),
            });
            let saboteur = Saboteur::new(plan);
            let store = spoilt(capabilities, home.path(), &saboteur, connect.clone());
            // Whether it succeeds does not matter: some failures come too late.
            let _ = case.make(&store);
            case.check(&healthy(), &format!("interrupted at call {call}"));
            saboteur.calls() > call
        });
    }
}

/// From a call on, nothing works any more.
fn gone_before(call: usize, moment: Moment) -> bool {
    matches!(moment, Moment::Before(now) if now >= call)
}

/// One call is obeyed, its answer is lost, and then nothing works any more.
fn answer_lost(call: usize, moment: Moment) -> bool {
    moment == Moment::After(call) || gone_before(call + 1, moment)
}

/// One call is obeyed, and its answer lost; what follows works.
fn answer_lost_once(call: usize, moment: Moment) -> bool {
    moment == Moment::After(call)
}

/// One call fails; what follows works.
fn failed_once(call: usize, moment: Moment) -> bool {
    moment == Moment::Before(call)
}

#[test]
fn a_store_that_fails_at_any_call_loses_no_key_w17() {
    let whole_items = undescribed(StoreKind::SecretService.capabilities());
    for capabilities in [whole_items, SMALL_ITEMS] {
        for spoil in [gone_before, answer_lost, answer_lost_once, failed_once] {
            in_memory(capabilities, spoil);
        }
    }
}

/// A change that was interrupted at its end leaves both keys. The old one must not come
/// back when the new one is being removed.
#[test]
fn removing_after_an_interrupted_change_never_brings_the_old_key_back() {
    let case = Case::new(Change::NewPassphrase);
    let (old, new) = (case.before.as_ref(), case.after.as_ref());
    let (old, new) = (old.expect("a key"), new.expect("a key"));
    let capabilities = undescribed(StoreKind::SecretService.capabilities());
    at_every_call(|call| {
        let home = tempfile::tempdir().expect("a temporary folder");
        let memory: Arc<CredentialStore> = mock::Store::new().expect("a mock");
        let connect = move || Ok(Arc::clone(&memory));
        let healthy = || os(Vault::over(capabilities, connect.clone()), home.path());
        let spoilt_by = |plan: Plan| {
            let saboteur = Saboteur::new(plan);
            let store = spoilt(capabilities, home.path(), &saboteur, connect.clone());
            (store, saboteur)
        };
        case.prepare(&healthy());
        // The last call of the change is the one that frees the old key's slot.
        let (store, counter) = spoilt_by(Arc::new(|_| Ok(())));
        case.make(&store).expect("a change");
        let last = counter.calls() - 1;
        // Back to where it was, also in the store: the calls of a change depend on that.
        healthy()
            .replace(&context(), &Key::Secret(old.clone()))
            .expect("a change");
        let (store, _) = spoilt_by(Arc::new(move |moment| match gone_before(last, moment) {
            true => Err(gone()),
            false => Ok(()),
        }));
        assert!(case.make(&store).is_err(), "the old key is still there");
        let fingerprint = new.fingerprint();
        let read = |store: &dyn KeyStore| store.material(&fingerprint).ok();
        assert_eq!(read(&healthy()).as_ref(), Some(new));

        let (store, saboteur) =
            spoilt_by(Arc::new(move |moment| match gone_before(call, moment) {
                true => Err(gone()),
                false => Ok(()),
            }));
        let _ = (&store as &dyn KeyStore).take_away(KeyPart::Secret, &fingerprint);
        assert_ne!(
            read(&healthy()).as_ref(),
            Some(old),
            "interrupted at {call}"
        );
        saboteur.calls() > call
    });
}

#[test]
fn killing_gnome_keyring_at_any_call_loses_no_key_w17() {
    let test = "interruption::killing_gnome_keyring_at_any_call_loses_no_key_w17";
    if require_secret_service().is_none() {
        return;
    }
    on_a_bus(test, |seat| {
        for change in CHANGES {
            let case = Case::new(change);
            at_every_call(|call| daemon_killed_at(seat, &case, call));
        }
    });
}

fn daemon_killed_at(seat: &Seat, case: &Case, call: usize) -> bool {
    let home = tempfile::tempdir().expect("a temporary folder");
    let kind = StoreKind::SecretService;
    let store = || os(Vault::of_this_system(kind), home.path());
    let daemon = Arc::new(Mutex::new(seat.unlocked()));
    case.prepare(&store());

    let victim = Arc::clone(&daemon);
    let plan: Plan = Arc::new(move |moment| {
        if moment == Moment::Before(call) {
            victim.lock().expect("the daemon").kill();
        }
        Ok(())
    });
    let saboteur = Saboteur::new(plan);
    let spoilt = spoilt(kind.capabilities(), home.path(), &saboteur, keyring_store);
    let made = case.make(&spoilt);
    let was_reached = saboteur.calls() > call;
    if let Err(error) = &made {
        assert!(was_reached, "{error}");
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    }
    daemon.lock().expect("the daemon").kill();

    let _daemon = seat.unlocked();
    case.check(&store(), &format!("daemon killed at call {call}"));
    // The next round begins without these keys.
    for key in [case.key(), &case.bystander] {
        let _ = store().remove(&context(), KeyPart::Secret, &key.fingerprint());
    }
    was_reached
}

/// GNOME Keyring, as the vault opens it by itself.
fn keyring_store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// The change and the call of a process that is to be killed, `Merge 3` say.
const VICTIM: &str = "SIFSEAL_TEST_VICTIM";
/// How [`std::process::abort`] ends a process.
const SIGABRT: i32 = 6;
/// Where it finds its keys.
const VICTIMS_HOME: &str = "SIFSEAL_TEST_VICTIM_HOME";

#[test]
fn killing_the_program_at_any_call_loses_no_key_w17() {
    let test = "interruption::killing_the_program_at_any_call_loses_no_key_w17";
    if let Ok(order) = std::env::var(VICTIM) {
        return be_killed(&order);
    }
    if require_secret_service().is_none() {
        return;
    }
    on_a_bus(test, |seat| {
        let _daemon = seat.unlocked();
        for change in CHANGES {
            let case = Case::new(change);
            at_every_call(|call| program_killed_at(test, &case, call));
        }
    });
}

fn program_killed_at(test: &str, case: &Case, call: usize) -> bool {
    let home = tempfile::tempdir().expect("a temporary folder");
    let store = || {
        let vault = Vault::of_this_system(StoreKind::SecretService);
        os(vault, &home.path().join("keys"))
    };
    case.prepare(&store());
    std::fs::write(home.path().join("key"), case.key().bytes.expose()).expect("the key");
    let status = this_test(test)
        .env(VICTIM, format!("{:?} {call}", case.change))
        .env(VICTIMS_HOME, home.path())
        .output()
        .expect("the test starts")
        .status;
    case.check(&store(), &format!("program killed at call {call}"));
    for key in [case.key(), &case.bystander] {
        let _ = store().remove(&context(), KeyPart::Secret, &key.fingerprint());
    }
    // A process that lived to the end says that all calls are through; any other must have
    // been killed, and not failed.
    assert!(
        status.success() || status.signal() == Some(SIGABRT),
        "{:?}, call {call}: {status}",
        case.change
    );
    !status.success()
}

/// The process that makes the change, and is gone in the middle of it.
fn be_killed(order: &str) {
    let (change, call) = order.split_once(' ').expect("a change and a call");
    let call: usize = call.parse().expect("a number");
    let change = CHANGES
        .into_iter()
        .find(|known| format!("{known:?}") == change)
        .expect("a change");
    let home = std::env::var_os(VICTIMS_HOME).expect("a home");
    let home = Path::new(&home);
    let bytes = std::fs::read(home.join("key")).expect("the key");
    let key = match engine().read_keys(&bytes).keys.pop() {
        Some(Key::Secret(key)) => key,
        _ => panic!("no key"),
    };
    let case = Case {
        change,
        before: Some(key.clone()),
        after: Some(key.clone()),
        bystander: key,
    };
    let plan: Plan = Arc::new(move |moment| match moment == Moment::Before(call) {
        // No destructor, no handler: as a signal that cannot be caught.
        true => std::process::abort(),
        false => Ok(()),
    });
    let capabilities = StoreKind::SecretService.capabilities();
    let saboteur = Saboteur::new(plan);
    let store = spoilt(capabilities, &home.join("keys"), &saboteur, keyring_store);
    case.make(&store).expect("it was not killed");
}
