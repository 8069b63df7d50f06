//! `key push`: a certificate to a keyserver, so that others find it.

use super::find_key;
use crate::ExitStatus;
use crate::app::App;
use crate::args::{Format, PushArgs};
use crate::commands::warn_of;
use crate::output::exchanged::PushDocument;
use sifseal_core::keyservers::{Keyservers, Publication, Seen};
use sifseal_core::openpgp::Certificate;
use sifseal_core::traits::{Engine, KeyPart};
use sifseal_core::{Error, ErrorKind, Result, Shown};
use std::sync::Arc;

pub(super) fn run(app: &App<'_>, args: &PushArgs) -> Result<ExitStatus> {
    let engine = app.engine()?;
    let store = app.key_store(&engine, args.global)?;
    let certificate = find_key(app, &*store, KeyPart::Public, &args.key)?.certificate;
    let publication = publish(app, &engine, &certificate)
        .map_err(|error| error.reworded(format!("push failed: {error}")))?;
    match args.format.format {
        Format::Json => app
            .output
            .json(&PushDocument::new(&certificate, &publication))?,
        Format::Text => app.output.print(&format!(
            "public key `{}' pushed to server successfully\n",
            args.key
        ))?,
    }
    Ok(ExitStatus::Done)
}

/// Hands the certificate to the first keyserver that takes it, and tells what the
/// server does not say by itself: what of it others can find there now.
///
/// # Errors
/// No server took it; or one did, and does not have it.
pub(super) fn publish(
    app: &App<'_>,
    engine: &Arc<dyn Engine>,
    certificate: &Certificate,
) -> Result<Publication> {
    let servers = app.keyservers(engine);
    let published = Keyservers::new(&**engine, &servers).publish(&app.context(), certificate)?;
    warn_of(app, &published.failures);
    let talk = app.console.talk();
    let place = &published.place;
    if !published.answer.is_empty() {
        talk.info(&format!("Key server response: {}", published.answer));
    }
    let fingerprint = certificate.fingerprint();
    match &published.seen {
        Seen::Whole => {}
        Seen::Without(user_ids) => {
            let user_ids: Vec<_> = user_ids.iter().map(|id| format!("`{id}`")).collect();
            talk.warning(&format!(
                "{place} does not show {} to others: such a server shows an e-mail address once \
                 its owner has confirmed it, and a name without one never. Look for a message \
                 from the server at that address and follow it; or ask for one at the server's \
                 web page (https://keys.openpgp.org/upload for keys.openpgp.org). Until then the \
                 key is found there by fingerprint and key ID alone",
                user_ids.join(", "),
            ));
        }
        Seen::Older(lacking) => {
            let lacking: Vec<_> = lacking.iter().map(ToString::to_string).collect();
            talk.warning(&format!(
                "{place} still shows an older copy of the key, which lacks: {}",
                lacking.join(", ")
            ));
        }
        Seen::Unknown(failure) => talk.warning(&format!(
            "whether the key can be found there now is not known: {}",
            failure.text
        )),
        Seen::Nothing => {
            let what = format!(
                "{} said that it took the key, and does not have it",
                Shown::new(place)
            );
            return Err(Error::new(ErrorKind::Unavailable, what).hint(format!(
                "some servers take their time; look later with `sifseal key search 0x{fingerprint}`"
            )));
        }
    }
    Ok(published)
}
