//! What is taken of a keyserver's answer.

use super::Keyservers;
use crate::openpgp::{Certificate, Key, KeyHandle};
use crate::traits::Keyserver;
use crate::{Context, Error, ErrorKind, Result};

impl Keyservers<'_> {
    /// What one server has under a handle; nothing, if it has none.
    ///
    /// # Errors
    /// It could not be asked, or answered with something else.
    pub(super) fn ask(
        &self,
        cx: &Context<'_>,
        server: &dyn Keyserver,
        handle: &KeyHandle,
    ) -> Result<Vec<Certificate>> {
        match server.fetch(cx, handle)? {
            Some(bytes) => self.accept(&bytes, handle),
            None => Ok(vec![]),
        }
    }

    /// The certificates in `bytes` that answer to the handle (W-3), each once, with
    /// what their owners have signed and nothing else.
    ///
    /// # Errors
    /// `Malformed` if there are certificates and none is the right one, or none at
    /// all: the server knows the key only if it has it.
    fn accept(&self, bytes: &[u8], handle: &KeyHandle) -> Result<Vec<Certificate>> {
        let ring = self.engine.read_keys(bytes);
        let mut accepted: Vec<Certificate> = Vec::new();
        for key in &ring.keys {
            let certificate = match key {
                Key::Certificate(certificate) => certificate.clone(),
                // Somebody's accident; the public half of it is no less good.
                Key::Secret(secret) => self.engine.certificate_of(secret)?,
            };
            let certificate = self.engine.own_statements(&certificate)?;
            if certificate.outline.answers_to(handle) {
                self.add(&mut accepted, certificate)?;
            }
        }
        match (accepted.is_empty(), ring.keys.len(), ring.junk.first()) {
            (false, ..) => Ok(accepted),
            (true, 0, Some(junk)) => Err(Error::new(
                ErrorKind::Malformed,
                format!("the answer is no OpenPGP certificate: {}", junk.what),
            )),
            (true, 0, None) => Err(Error::new(ErrorKind::Malformed, "the answer is empty")),
            (true, ..) => Err(Error::new(
                ErrorKind::Malformed,
                format!("the answer is another certificate than the one asked for, {handle}"),
            )),
        }
    }

    /// Puts a certificate to others, or merges it into its own copy among them.
    pub(super) fn add(&self, all: &mut Vec<Certificate>, more: Certificate) -> Result<()> {
        let same = all
            .iter_mut()
            .find(|known| known.fingerprint() == more.fingerprint());
        let Some(known) = same else {
            all.push(more);
            return Ok(());
        };
        let merged = self
            .engine
            .merge(&Key::Certificate(known.clone()), &Key::Certificate(more))?;
        if let Key::Certificate(merged) = merged {
            *known = merged;
        }
        Ok(())
    }
}
