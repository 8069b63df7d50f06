//! Who signs: the key that is named, the only one, the only one that still may, or
//! the one that the person chooses; then its passphrase.
//!
//! A key against which the policy has something is refused, because nobody would
//! accept its signature; `--force` signs all the same where only the key's state is
//! in the way, and says what verifiers will say.

use crate::app::App;
use crate::args::{NewpairArgs, SignArgs};
use crate::commands::key::{
    MadeKey, ask_which, find_in, find_key, listed, make_key_pair, nothing_in,
};
use crate::output::keys::{Listed, in_one_line};
use crate::ui::existing_passphrase;
use sifseal_core::integrity::signing_keys;
use sifseal_core::openpgp::{Certificate, Fingerprint};
use sifseal_core::policy::{KeyStanding, Rule};
use sifseal_core::traits::{Engine, KeyEntry, KeyPart, KeyQuery, KeyStore, PrivateKey, Signer};
use sifseal_core::{Error, ErrorKind, Result, Secret};

const PASSPHRASE: &str = "Enter key passphrase : ";

/// What `--force` signs in spite of: a state of the key that its owner knows of. A key
/// that is not for signing, or not bound to its certificate, stays refused.
const FORCEABLE: [Rule; 4] = [
    Rule::KeyExpired,
    Rule::KeyRevoked,
    Rule::WeakKey,
    Rule::WeakSelfSignature,
];

/// Who signs, unlocked.
pub(super) struct Identity {
    pub(super) certificate: Certificate,
    pub(super) signer: Box<dyn Signer>,
    /// The rules that its signatures may break.
    pub(super) despite: Vec<Rule>,
}

/// Everything that finding the signer needs.
pub(super) struct Finder<'a> {
    pub(super) app: &'a App<'a>,
    pub(super) args: &'a SignArgs,
    pub(super) engine: &'a dyn Engine,
    pub(super) store: &'a dyn KeyStore,
}

/// The key that was chosen, and its passphrase if the person has just set it.
struct Chosen {
    key: Listed,
    passphrase: Option<Secret>,
}

impl Finder<'_> {
    /// The signer.
    pub(super) fn identity(&self) -> Result<Identity> {
        let chosen = self.choose()?;
        let certificate = chosen.key.certificate;
        let usable = self.usable_keys(&certificate)?;
        let (signer, standing) = self.unlock(&certificate, &usable, chosen.passphrase.as_ref())?;
        for problem in &standing.problems {
            self.app.console.talk().warning(&format!(
                "signing all the same with key {}; by the strict rules the signature will be \
                 refused: {problem} (`{}`)",
                standing.key,
                problem.rule()
            ));
        }
        Ok(Identity {
            certificate,
            signer,
            despite: standing.problems.iter().map(|p| p.rule()).collect(),
        })
    }

    /// The keys of a certificate that may sign, with `--force` also those that may not
    /// any more.
    fn usable_keys(&self, certificate: &Certificate) -> Result<Vec<KeyStanding>> {
        let facts = self.engine.certificate_facts(certificate)?;
        let keys = |despite: &[Rule]| signing_keys(&facts, self.app.now, despite);
        let refused = match keys(&[]) {
            Err(error) if error.kind() == ErrorKind::Denied => error,
            usable => return usable,
        };
        match keys(&FORCEABLE) {
            Ok(forced) if self.args.force => Ok(forced),
            Ok(forced) => Err(refused.hint(what_to_do(&forced, certificate.fingerprint()))),
            Err(_) => Err(refused),
        }
    }

    fn choose(&self) -> Result<Chosen> {
        let judged = |entries| listed(self.app, self.engine, self.store, KeyPart::Secret, entries);
        let one = |entry: KeyEntry| -> Result<Chosen> {
            let mut keys = judged(vec![entry])?;
            Ok(Chosen {
                key: keys.swap_remove(0),
                passphrase: None,
            })
        };
        if let Some(choice) = &self.args.signer {
            return one(find_key(self.app, self.store, KeyPart::Secret, choice)?);
        }
        let found = find_in(self.app, self.store, KeyPart::Secret, &KeyQuery::All)?;
        let mut entries = found.entries;
        if let Some(index) = self.args.keyidx {
            if index >= entries.len() {
                return Err(no_such_index(index, entries.len()));
            }
            return one(entries.swap_remove(index));
        }
        match entries.len() {
            0 if self.app.console.is_terminal() && self.store.describe().writable => self.new_key(),
            0 => Err(nothing_in(self.store, KeyPart::Secret)),
            1 => one(entries.swap_remove(0)),
            _ => Ok(Chosen {
                key: self.choose_of_several(judged(entries)?)?,
                passphrase: None,
            }),
        }
    }

    /// One that may sign, before all that may not.
    fn choose_of_several(&self, mut keys: Vec<Listed>) -> Result<Listed> {
        let usable: Vec<usize> = (0..keys.len())
            .filter(|index| keys.get(*index).is_some_and(Listed::may_sign))
            .collect();
        match usable[..] {
            [only] => {
                let key = keys.swap_remove(only);
                self.app.console.talk().info(&format!(
                    "signing with {}, the only one of your keys that may sign at present",
                    in_one_line(&key.certificate.outline)
                ));
                Ok(key)
            }
            [] if !self.args.force => Err(none_may_sign(&keys)),
            _ => ask_which(self.app, KeyPart::Secret, keys, "--signer"),
        }
    }

    fn new_key(&self) -> Result<Chosen> {
        self.app
            .console
            .talk()
            .info("there is no key to sign with yet; making one");
        let usual = NewpairArgs {
            bit_length: NewpairArgs::BIT_LENGTH,
            ..NewpairArgs::default()
        };
        let MadeKey { key, passphrase } = make_key_pair(self.app, self.engine, self.store, &usual)?;
        Ok(Chosen {
            key: Listed {
                certificate: self.engine.certificate_of(&key)?,
                protection: key.protection,
                standings: Vec::new(),
            },
            passphrase,
        })
    }

    /// The first of the keys whose secret part is here.
    fn unlock<'k>(
        &self,
        certificate: &Certificate,
        usable: &'k [KeyStanding],
        passphrase: Option<&Secret>,
    ) -> Result<(Box<dyn Signer>, &'k KeyStanding)> {
        let nobody = || Error::new(ErrorKind::NotFound, "no key can sign");
        let cx = self.app.context();
        let key = match self.store.private_key(&cx, &certificate.fingerprint())? {
            PrivateKey::Material(key) => key,
            PrivateKey::Device(signer) => {
                let which = signer.fingerprint();
                let standing = usable.iter().find(|standing| standing.key == which);
                return Ok((signer, standing.or(usable.first()).ok_or_else(nobody)?));
            }
        };
        let mut reason = None;
        for standing in usable {
            let unlock =
                |passphrase: Option<&Secret>| self.engine.unlock(&key, &standing.key, passphrase);
            match self.with_passphrase(certificate, passphrase, unlock) {
                // A subkey's secret may be here where the primary's is not.
                Err(error)
                    if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::NotFound) =>
                {
                    reason.get_or_insert(error);
                }
                unlocked => return Ok((unlocked?, standing)),
            }
        }
        Err(reason.unwrap_or_else(nobody))
    }

    /// Unlocks without a passphrase or with the one that is known, then with what the
    /// person says.
    fn with_passphrase(
        &self,
        certificate: &Certificate,
        known: Option<&Secret>,
        unlock: impl Fn(Option<&Secret>) -> Result<Box<dyn Signer>>,
    ) -> Result<Box<dyn Signer>> {
        match unlock(known) {
            Err(error) if error.kind() == ErrorKind::Locked => {}
            other => return other,
        }
        let name = certificate.fingerprint().to_string();
        existing_passphrase(&self.app.console, PASSPHRASE, &name, |passphrase| {
            unlock(Some(passphrase))
        })
        .map(|(signer, _)| signer)
    }
}

fn no_such_index(index: usize, count: usize) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("index out of range: there is no key {index}"),
    )
    .hint(format!(
        "`sifseal key list --secret` shows {count} keys; better name one with --signer"
    ))
}

/// What the owner of a key can do that may not sign any more.
fn what_to_do(keys: &[KeyStanding], key: Fingerprint) -> String {
    let expired_only = keys
        .iter()
        .any(|standing| standing.is_expired() && standing.problems.len() == 1);
    let extend = match expired_only {
        true => format!(
            "extend the key where you keep it (`gpg --quick-set-expire {key} 2y`) and import it again, "
        ),
        false => String::new(),
    };
    format!(
        "{extend}make a new key with `sifseal key newpair`, or choose another one with -k or \
         --signer; --force signs all the same"
    )
}

fn none_may_sign(keys: &[Listed]) -> Error {
    let reasons: Vec<String> = keys
        .iter()
        .map(|key| {
            let why = key
                .why_not()
                .map_or_else(String::new, |why| format!(" ({why})"));
            format!("{}{why}", in_one_line(&key.certificate.outline))
        })
        .collect();
    let what = format!(
        "none of your keys can make a signature that would be accepted: {}",
        reasons.join(", ")
    );
    Error::new(ErrorKind::Denied, what).hint(
        "make a new key with `sifseal key newpair`, or name the one to use with -k or --signer, \
         and what can be done about it is told",
    )
}
