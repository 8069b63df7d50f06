//! A key in a token as a [`Signer`].

use crate::key::TokenKey;
use sifseal_plugin_sdk::openpgp::{Fingerprint, HashAlgorithm, PublicKey};
use sifseal_plugin_sdk::traits::{RawSignature, Signer};
use sifseal_plugin_sdk::{Context, Result};

/// A key in a token with the name that OpenPGP has for it.
#[derive(Debug)]
pub struct TokenSigner {
    key: TokenKey,
    public: PublicKey,
}

impl TokenSigner {
    /// The key by this name. A plugin leaves the body of the packet empty: the host takes
    /// it from the certificate.
    pub fn new(key: TokenKey, public: PublicKey) -> Self {
        Self { key, public }
    }
}

impl Signer for TokenSigner {
    fn public_key(&self) -> &[u8] {
        &self.public.body
    }

    fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        self.key.accepted_hashes()
    }

    fn sign_digest(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        self.key.sign(cx, hash, digest)
    }
}
