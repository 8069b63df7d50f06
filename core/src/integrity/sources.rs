//! Where the certificates of signers are looked up.

use super::report::Origin;
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

/// The places where signers' certificates are looked up, in order.
#[derive(Debug)]
pub struct CertificateSources<'a> {
    /// The OpenPGP library that merges what several places have.
    pub engine: &'a dyn Engine,
    /// Key stores, first the user's own.
    pub stores: Vec<(Origin, &'a dyn KeyStore)>,
}

impl CertificateSources<'_> {
    /// Every certificate that answers to one of the handles. One that several
    /// places have is merged from all of them, so that a revocation known to one
    /// is not hidden by an older copy in another (W-5); its origin is the first.
    ///
    /// # Errors
    /// What the stores say; a store that cannot be read ends the search, because
    /// it may be the one that holds a revocation.
    pub fn find(&self, cx: &Context<'_>, handles: &[KeyHandle]) -> Result<Vec<FoundCertificate>> {
        let mut found: Vec<FoundCertificate> = Vec::new();
        for (origin, store) in &self.stores {
            for handle in handles {
                let query = KeyQuery::Handle(*handle);
                for entry in store.find(cx, KeyPart::Public, &query)?.entries {
                    // A store may give more than was asked for.
                    if entry.certificate.outline.answers_to(handle) {
                        self.add(&mut found, entry.certificate, *origin)?;
                    }
                }
            }
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
