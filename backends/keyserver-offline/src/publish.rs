//! Adding a certificate to a place, by the place's own rules.
//!
//! - Directory: into the file that holds this certificate and nothing else; failing
//!   that, into `FINGERPRINT.pgp`. Files that hold more belong to whoever put them there.
//! - Certificate directory: into its file under the fingerprint, under the lock that
//!   all programs share (draft-nwjw-openpgp-cert-d, section 3).
//! - Bundle: in the place of the copy that is there, else in front of all. In front,
//!   because a file that was cut could swallow what comes behind it.
//!
//! Every change is a whole new file in the place of the old one
//! ([`sifseal_core::replace`]): a reader sees the one or the other.

use crate::pieces::{MAX_FILE, is_armored};
use crate::place::{Form, WRITELOCK, in_cert_d};
use crate::server::OfflineKeyserver;
use sifseal_core::openpgp::{Certificate, Key};
use sifseal_core::replace::{self, Mode, Terms};
use sifseal_core::traits::{Change, Engine};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use std::path::{Path, PathBuf};

/// The permissions of a file that is new: certificates are for everybody.
const MODE: Mode = Mode::KeepOr(0o644);

/// The one certificate that is to be published.
///
/// # Errors
/// `Denied` for a secret key, `Malformed` for anything else than one certificate.
pub(crate) fn certificate(engine: &dyn Engine, bytes: &[u8]) -> Result<Certificate> {
    let malformed = |what: &str| {
        Error::new(ErrorKind::Malformed, what).hint("publish one certificate at a time")
    };
    let ring = engine.read_keys(bytes);
    if ring.keys.iter().any(|key| matches!(key, Key::Secret(_))) {
        let what = "this is a secret key, and only certificates are published";
        return Err(Error::new(ErrorKind::Denied, what)
            .hint("export the public key without its secret part, and publish that"));
    }
    let mut keys = ring.keys.into_iter();
    match (keys.next(), keys.next()) {
        (Some(Key::Certificate(certificate)), None) => Ok(certificate),
        (None, _) => Err(malformed(
            "there is no certificate in what is to be published",
        )),
        _ => Err(malformed(
            "there is more than one certificate in what is to be published",
        )),
    }
}

/// Adds a certificate, or merges it into the one that is there.
///
/// # Errors
/// `Unsupported` where nothing can be written, and what [`replace::update`] says.
pub(crate) fn publish(
    cx: &Context<'_>,
    server: &OfflineKeyserver,
    form: Form,
    certificate: &Certificate,
) -> Result<String> {
    let written = match form {
        Form::Directory => in_directory(cx, server, certificate),
        Form::CertD => in_cert_directory(cx, server, certificate),
        Form::Bundle => in_bundle(cx, server, certificate),
    };
    let (path, change) = written.map_err(|error| match error.kind() {
        ErrorKind::Denied => read_only(server.path(), error),
        _ => error,
    })?;
    let path = path.display();
    Ok(match change {
        Change::Added => format!("added to {path}"),
        Change::Merged => format!("merged into {path}"),
        Change::Unchanged => format!("{path} has it already"),
    })
}

fn read_only(place: &Path, error: Error) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "nothing can be published here: the place is read-only",
    )
    .at(place.display())
    .because(error)
    .hint("publish where the certificates come from, or ask the place's owner to add this one")
}

type Written = Result<(PathBuf, Change)>;

fn in_directory(cx: &Context<'_>, server: &OfflineKeyserver, certificate: &Certificate) -> Written {
    let fingerprint = certificate.fingerprint();
    let engine = server.engine();
    let holds_it_alone = |path: &PathBuf| {
        let bytes = replace::read(path).ok().flatten();
        bytes.is_some_and(|bytes| alone(engine, bytes.expose(), certificate).is_some())
    };
    let mut holders = server.pieces_with(cx, fingerprint)?.into_iter();
    let path = holders
        .find_map(|(path, ..)| Some(path).filter(holds_it_alone))
        .unwrap_or_else(|| server.path().join(format!("{fingerprint}.pgp")));
    let change = merge_into(cx, engine, &path, &MODE.into(), certificate)?;
    Ok((path, change))
}

fn in_cert_directory(
    cx: &Context<'_>,
    server: &OfflineKeyserver,
    certificate: &Certificate,
) -> Written {
    let path = in_cert_d(server.path(), certificate.fingerprint().as_bytes());
    let lock = server.path().join(WRITELOCK);
    let terms = Terms {
        lock: Some(&lock),
        ..MODE.into()
    };
    let change = merge_into(cx, server.engine(), &path, &terms, certificate)?;
    Ok((path, change))
}

/// Changes a file that is for this one certificate.
fn merge_into(
    cx: &Context<'_>,
    engine: &dyn Engine,
    path: &Path,
    terms: &Terms<'_>,
    certificate: &Certificate,
) -> Result<Change> {
    let mut change = Change::Added;
    replace::update_on(cx, path, terms, |old| {
        let Some(old) = old.filter(|old| !old.is_empty()) else {
            return Ok(Secret::new(certificate.bytes.clone()));
        };
        let known = alone(engine, old.expose(), certificate).ok_or_else(|| {
            let what = "holds something else than the certificate that its name says";
            Error::new(ErrorKind::Malformed, what)
                .at(path.display())
                .hint("look at the file, and move it away if it should not be there")
        })?;
        let merged = merged(engine, &known, certificate)?;
        if merged.bytes == known.bytes {
            change = Change::Unchanged;
            return Ok(old.clone());
        }
        change = Change::Merged;
        if is_armored(old.expose()) {
            return armored(engine, merged);
        }
        Ok(Secret::new(merged.bytes))
    })?;
    Ok(change)
}

/// The certificate as it stands in a file, if nothing else is in it.
fn alone(engine: &dyn Engine, bytes: &[u8], wanted: &Certificate) -> Option<Certificate> {
    let ring = engine.read_keys(bytes);
    let mut keys = ring.keys.into_iter();
    match (keys.next(), keys.next(), ring.junk.is_empty()) {
        (Some(Key::Certificate(only)), None, true) => {
            (only.fingerprint() == wanted.fingerprint()).then_some(only)
        }
        _ => None,
    }
}

fn merged(engine: &dyn Engine, known: &Certificate, new: &Certificate) -> Result<Certificate> {
    let merged = engine.merge(
        &Key::Certificate(known.clone()),
        &Key::Certificate(new.clone()),
    )?;
    match merged {
        Key::Certificate(merged) => Ok(merged),
        // Neither had a secret part.
        Key::Secret(_) => Err(Error::new(
            ErrorKind::Backend,
            "merging brought a secret key",
        )),
    }
}

/// A block that ends its last line, so that another may follow.
fn armored(engine: &dyn Engine, certificate: Certificate) -> Result<Secret> {
    let block = engine.armor(&Key::Certificate(certificate))?;
    let text = block.expose().trim_ascii_end();
    Ok(Secret::new([text, b"\n"].concat()))
}

fn in_bundle(cx: &Context<'_>, server: &OfflineKeyserver, certificate: &Certificate) -> Written {
    let engine = server.engine();
    let places = server.pieces_with(cx, certificate.fingerprint())?;
    let terms = Terms {
        max_bytes: MAX_FILE,
        ..MODE.into()
    };
    let mut change = Change::Added;
    replace::update_on(cx, server.path(), &terms, |old| {
        let old = old.map_or(&[][..], Secret::expose);
        let is_text = is_armored(old);
        let encoded = |certificate: Certificate| match is_text {
            true => armored(engine, certificate),
            false => Ok(Secret::new(certificate.bytes)),
        };
        for (_, start, len) in &places {
            let Some((before, piece, after)) = split(old, *start, *len) else {
                continue;
            };
            // The index may be older than the lock, and a piece may hold junk too.
            let Some(known) = alone(engine, piece, certificate) else {
                continue;
            };
            let merged = merged(engine, &known, certificate)?;
            if merged.bytes == known.bytes {
                change = Change::Unchanged;
                return Ok(Secret::new(old.to_vec()));
            }
            change = Change::Merged;
            let merged = encoded(merged)?;
            return Ok(Secret::new([before, merged.expose(), after].concat()));
        }
        let new = encoded(certificate.clone())?;
        let len = new.expose().len() + old.len();
        if len as u64 > MAX_FILE {
            let what = format!("a bundle cannot be larger than {} MiB", MAX_FILE >> 20);
            return Err(Error::new(ErrorKind::Unsupported, what)
                .at(server.path().display())
                .hint("keep the certificates in a directory instead"));
        }
        Ok(Secret::new([new.expose(), old].concat()))
    })?;
    Ok((server.path().to_owned(), change))
}

fn split(bytes: &[u8], start: u64, len: usize) -> Option<(&[u8], &[u8], &[u8])> {
    let (before, rest) = bytes.split_at_checked(usize::try_from(start).ok()?)?;
    let (piece, after) = rest.split_at_checked(len)?;
    Some((before, piece, after))
}

#[cfg(test)]
mod tests;
