//! How keys stand at present, by all that is known of them here.

use super::find_in;
use crate::app::App;
use crate::output::keys::Listed;
use sifseal_core::openpgp::{Certificate, Key};
use sifseal_core::policy::standings;
use sifseal_core::traits::{Engine, KeyEntry, KeyPart, KeyQuery, KeyStore};
use sifseal_core::{Error, Result};

/// Keys out of one half of a store, each with its standing. The certificate of a
/// secret key is completed from the public half, where revocations and newer
/// self-signatures arrive.
///
/// # Errors
/// What the store says.
pub(crate) fn listed(
    app: &App<'_>,
    engine: &dyn Engine,
    store: &dyn KeyStore,
    part: KeyPart,
    entries: Vec<KeyEntry>,
) -> Result<Vec<Listed>> {
    let public = match part {
        KeyPart::Public => Vec::new(),
        KeyPart::Secret => find_in(app, store, KeyPart::Public, &KeyQuery::All)?.entries,
    };
    let listed = |entry: KeyEntry| {
        let certificate = completed(engine, entry.certificate, &public)?;
        let facts = engine.certificate_facts(&certificate);
        Ok(Listed {
            certificate,
            protection: entry.protection,
            // One key that cannot be judged does not hide the others.
            standings: facts.map_or_else(|_: Error| Vec::new(), |facts| standings(&facts, app.now)),
        })
    };
    entries.into_iter().map(listed).collect()
}

fn completed(
    engine: &dyn Engine,
    certificate: Certificate,
    public: &[KeyEntry],
) -> Result<Certificate> {
    public
        .iter()
        .filter(|entry| entry.certificate.fingerprint() == certificate.fingerprint())
        .try_fold(certificate.clone(), |known, entry| {
            let other = Key::Certificate(entry.certificate.clone());
            Ok(match engine.merge(&Key::Certificate(known), &other)? {
                Key::Certificate(merged) => merged,
                Key::Secret(_) => certificate.clone(),
            })
        })
}
