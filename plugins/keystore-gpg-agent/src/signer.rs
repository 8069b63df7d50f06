//! One key of gpg-agent's as a [`Signer`].

use crate::agent::{Agent, Order};
use crate::keys::{KeyPair, Keygrip, ListedKey, Place, SigningAlgorithm};
use crate::refusal;
use crate::values::signature;
use sifseal_plugin_sdk::openpgp::framing::Transferable;
use sifseal_plugin_sdk::openpgp::{Certificate, Fingerprint, HashAlgorithm};
use sifseal_plugin_sdk::traits::{RawSignature, Signer};
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result, Shown};
use std::sync::Arc;

/// The longest part of a user ID that the person is shown.
const MAX_NAME: usize = 120;

/// A key that gpg-agent signs with.
#[derive(Debug)]
pub(crate) struct AgentSigner {
    agent: Arc<Agent>,
    fingerprint: Fingerprint,
    public_key: Vec<u8>,
    keygrip: Keygrip,
    algorithm: SigningAlgorithm,
    place: Place,
    description: String,
}

impl AgentSigner {
    /// The signer for one key of a certificate.
    ///
    /// # Errors
    /// `Unsupported` for an algorithm that images are not signed with, `Malformed` if
    /// list and certificate do not belong together.
    pub(crate) fn new(
        agent: Arc<Agent>,
        key: &ListedKey,
        pair: &KeyPair,
        certificate: &Certificate,
    ) -> Result<Self> {
        let strange = || {
            let what = format!("gpg lists key {} and does not show it", pair.fingerprint);
            Error::new(ErrorKind::Malformed, what)
        };
        Ok(Self {
            agent,
            fingerprint: pair.fingerprint,
            public_key: public_key(certificate, &pair.fingerprint).ok_or_else(strange)?,
            keygrip: pair.keygrip.ok_or_else(strange)?,
            algorithm: SigningAlgorithm::of(pair)?,
            place: pair.secret.clone(),
            description: description(key, pair),
        })
    }
}

impl Signer for AgentSigner {
    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        self.algorithm.hashes()
    }

    fn sign_digest(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        if !self.accepted_hashes().contains(&hash) {
            let what = format!("key {} does not sign with {hash}", self.fingerprint);
            return Err(Error::new(ErrorKind::Unsupported, what));
        }
        let order = Order {
            keygrip: self.keygrip,
            description: &self.description,
            hash,
            digest,
        };
        match self.agent.sign(cx, &order)? {
            Ok(answer) => signature(&answer, self.algorithm).map_err(|error| error.at("gpg-agent")),
            Err(refusal) => {
                let place = format!("key {} ({})", self.fingerprint, self.place);
                Err(refusal::error(&refusal, &self.place).at(place))
            }
        }
    }
}

/// The body of a key's packet. Both `gpg`'s list and an outline have the keys in the
/// order of the packets.
fn public_key(certificate: &Certificate, key: &Fingerprint) -> Option<Vec<u8>> {
    let outline = &certificate.outline;
    let transferable = Transferable::read(&certificate.bytes).ok()?;
    let fingerprints = std::iter::once(&outline.fingerprint).chain(&outline.subkeys);
    let mut keys = transferable.keys().zip(fingerprints);
    let (component, _) = keys.find(|(_, fingerprint)| *fingerprint == key)?;
    Some(component.packet.body.to_vec())
}

/// What the person reads above the field for the passphrase. A user ID is what anybody
/// may have written.
fn description(key: &ListedKey, pair: &KeyPair) -> String {
    let name = key.user_ids.first().map_or("", String::as_str);
    let shown: String = Shown::new(name)
        .to_string()
        .chars()
        .take(MAX_NAME)
        .collect();
    format!(
        "Please enter the passphrase, so that sifseal can sign with the OpenPGP key\n\
         \"{shown}\"\n\
         ID {}, {}",
        pair.fingerprint.key_id(),
        pair.algorithm,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyring;

    #[test]
    fn the_person_reads_who_asks_and_for_which_key() {
        let list = "sec:u:255:22:x:1700000000:::u:::scSC:::+::ed25519:::0:\n\
                    fpr:::::::::1111111111111111111111111111111111111111:\n\
                    uid:u::::1::H::Ada\\x0aOK <ada@example.org>:\n";
        let key = &keyring::read(list.as_bytes())[0];
        let description = description(key, &key.primary);
        assert!(description.contains("sifseal can sign"), "{description}");
        assert!(description.contains("\"Ada\\nOK <ada@example.org>\""));
        assert!(description.ends_with("\nID 1111111111111111, Ed25519"));
    }

    #[test]
    fn a_long_user_id_leaves_room_on_the_line() {
        let name = "\u{10FFFF}".repeat(10_000);
        let list = format!(
            "sec:u:255:22:x:1:::u:::scSC:::+::ed25519:::0:\n\
             fpr:::::::::1111111111111111111111111111111111111111:\nuid:u::::1::H::{name}:\n"
        );
        let key = &keyring::read(list.as_bytes())[0];
        let escaped = crate::assuan::escape(&description(key, &key.primary));
        assert!(escaped.len() < crate::assuan::MAX_LINE - 20);
    }
}
