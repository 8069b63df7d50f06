//! Where the certificates of signers are looked up.

use super::report::Origin;
use crate::keyservers::{Failure, Keyservers};
use crate::openpgp::{Certificate, Key, KeyHandle};
use crate::traits::{Engine, KeyPart, KeyQuery, KeyStore};
use crate::{Context, Result};

/// A certificate, and where it was found.
#[derive(Debug, Clone)]
pub struct FoundCertificate {
    /// The certificate.
    pub certificate: Certificate,
    /// The first place that had it.
    pub origin: Origin,
}

/// What a look-up came to.
#[derive(Debug, Clone, Default)]
pub struct FoundCertificates {
    /// Everyone who was found.
    pub certificates: Vec<FoundCertificate>,
    /// Keyservers that could not help.
    pub failures: Vec<Failure>,
}

/// The places where signers' certificates are looked up, in order.
#[derive(Debug)]
pub struct CertificateSources<'a> {
    /// The OpenPGP library that merges what several places have.
    pub engine: &'a dyn Engine,
    /// Key stores, first the user's own.
    pub stores: Vec<(Origin, &'a dyn KeyStore)>,
    /// Asked for whomever no store has; `None` to ask nobody.
    pub keyservers: Option<&'a Keyservers<'a>>,
}

impl CertificateSources<'_> {
    /// Every certificate that answers to one of the handles. One that several
    /// stores have is merged from all of them, so that a revocation known to one
    /// is not hidden by an older copy in another (W-5); its origin is the first.
    /// Whoever no store has is asked for at the keyservers, all at once (W-29).
    ///
    /// # Errors
    /// What the stores say; a store that cannot be read ends the search, because
    /// it may be the one that holds a revocation.
    pub fn find(&self, cx: &Context<'_>, handles: &[KeyHandle]) -> Result<FoundCertificates> {
        let mut found = FoundCertificates::default();
        for (origin, store) in &self.stores {
            for handle in handles {
                let query = KeyQuery::Handle(*handle);
                for entry in store.find(cx, KeyPart::Public, &query)?.entries {
                    // A store may give more than was asked for.
                    if entry.certificate.outline.answers_to(handle) {
                        self.add(&mut found.certificates, entry.certificate, *origin)?;
                    }
                }
            }
        }
        if let Some(keyservers) = self.keyservers {
            let fetched = keyservers.fetch(cx, &missing(handles, &found.certificates));
            for certificate in fetched.certificates {
                self.add(&mut found.certificates, certificate, Origin::Remote)?;
            }
            found.failures = fetched.failures;
        }
        Ok(found)
    }

    fn add(
        &self,
        found: &mut Vec<FoundCertificate>,
        certificate: Certificate,
        origin: Origin,
    ) -> Result<()> {
        let same = found
            .iter_mut()
            .find(|known| known.certificate.fingerprint() == certificate.fingerprint());
        match same {
            None => found.push(FoundCertificate {
                certificate,
                origin,
            }),
            Some(known) if known.certificate.bytes == certificate.bytes => {}
            Some(known) => {
                let merged = self.engine.merge(
                    &Key::Certificate(known.certificate.clone()),
                    &Key::Certificate(certificate),
                )?;
                if let Key::Certificate(merged) = merged {
                    known.certificate = merged;
                }
            }
        }
        Ok(())
    }
}

fn missing(handles: &[KeyHandle], found: &[FoundCertificate]) -> Vec<KeyHandle> {
    let is_missing = |handle: &&KeyHandle| {
        !found
            .iter()
            .any(|found| found.certificate.outline.answers_to(handle))
    };
    handles.iter().filter(is_missing).copied().collect()
}
