//! A key backend as an organisation would write it: the keys are in a directory, and each
//! signature uses up one approval, a file that somebody has put into another directory.

use sifseal_engine_rpgp::RpgpEngine;
use sifseal_keystore_file::FileKeyStore;
use sifseal_plugin_sdk::openpgp::{Fingerprint, HashAlgorithm};
use sifseal_plugin_sdk::traits::*;
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Plugin, Result, Settings};
use std::{fs, path::PathBuf, sync::Arc};

sifseal_plugin_sdk::export_plugin!(Plugin::new("approval", "1.0").key_store(open));

fn open(settings: &Settings) -> Result<ApprovedKeys> {
    Ok(ApprovedKeys {
        keys: FileKeyStore::open(settings.text("keys")?.into(), Arc::new(RpgpEngine)),
        approvals: settings.text("approvals")?.into(),
    })
}

#[derive(Debug)]
struct ApprovedKeys {
    keys: FileKeyStore,
    approvals: PathBuf,
}

impl KeyStore for ApprovedKeys {
    fn describe(&self) -> StoreDescription {
        self.keys.describe()
    }

    fn find(&self, cx: &Context<'_>, part: KeyPart, query: &KeyQuery) -> Result<Found> {
        self.keys.find(cx, part, query)
    }

    fn private_key(&self, cx: &Context<'_>, primary: &Fingerprint) -> Result<PrivateKey> {
        let PrivateKey::Material(key) = self.keys.private_key(cx, primary)? else {
            return Err(Error::new(ErrorKind::Unsupported, "no software key"));
        };
        let unlock = |passphrase| RpgpEngine.unlock(&key, primary, passphrase);
        let signer = match unlock(None) {
            Err(locked) if locked.kind() == ErrorKind::Locked => {
                let (question, key) = ("passphrase: ", "");
                let ask = Ask {
                    question,
                    key,
                    attempt: 1,
                };
                unlock(Some(&cx.ui.passphrase(&ask).ok_or(locked)?))?
            }
            unlocked => unlocked?,
        };
        let approvals = self.approvals.clone();
        Ok(PrivateKey::Device(Box::new(ApprovedSigner {
            signer,
            approvals,
        })))
    }

    sifseal_plugin_sdk::read_only_key_store!();
}

#[derive(Debug)]
struct ApprovedSigner {
    signer: Box<dyn Signer>,
    approvals: PathBuf,
}

impl Signer for ApprovedSigner {
    fn public_key(&self) -> &[u8] {
        self.signer.public_key()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.signer.fingerprint()
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        self.signer.accepted_hashes()
    }

    fn sign_digest(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        let io = |error| Error::io(&self.approvals, error);
        let nobody = || Error::new(ErrorKind::Denied, "nobody has approved a signature");
        let approvals = fs::read_dir(&self.approvals).map_err(io)?.next();
        let approval = approvals.ok_or_else(nobody)?.map_err(io)?;
        fs::remove_file(approval.path()).map_err(io)?;
        self.signer.sign_digest(cx, hash, digest)
    }
}
