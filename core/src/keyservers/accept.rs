//! What is taken of a keyserver's answer.

use super::Keyservers;
use crate::openpgp::{Certificate, Key, KeyHandle, Keyring, Maths, SelfSignatureKind};
use crate::traits::Keyserver;
use crate::{Context, Error, ErrorKind, Result};

/// The largest certificate that is taken in, in bytes, without what others have hung on
/// it. It holds thousands of its owner's own signatures; a key ring has to hold many.
const LARGEST_CERTIFICATE: usize = 1 << 20;

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
    /// all; `Unsupported` if the engine cannot check the right one.
    fn accept(&self, bytes: &[u8], handle: &KeyHandle) -> Result<Vec<Certificate>> {
        let ring = self.engine.read_keys(bytes);
        let mut accepted: Vec<Certificate> = Vec::new();
        let mut why_not = None;
        for key in ring
            .keys
            .iter()
            .filter(|key| key.outline().answers_to(handle))
        {
            // One that is odd does not keep the others out.
            match self.own_part(key, handle) {
                Ok(Some(certificate)) => self.add(&mut accepted, certificate)?,
                Ok(None) => {}
                Err(error) => why_not = Some(error),
            }
        }
        if let KeyHandle::Fingerprint(wanted) = handle
            && accepted.iter().any(|found| found.fingerprint() == *wanted)
        {
            // Who has it as a subkey is not who was asked for.
            accepted.retain(|found| found.fingerprint() == *wanted);
        }
        match (accepted.is_empty(), why_not) {
            (false, _) => Ok(accepted),
            (true, Some(error)) => Err(error),
            (true, None) => Err(not_it(&ring, handle)),
        }
    }

    /// What a certificate's owner has signed of it; `None` if that does not answer to
    /// the handle.
    fn own_part(&self, key: &Key, handle: &KeyHandle) -> Result<Option<Certificate>> {
        let certificate = match key {
            Key::Certificate(certificate) => self.engine.own_statements(certificate)?,
            // Somebody's accident; the public half of it is no less good.
            Key::Secret(secret) => {
                let public = self.engine.certificate_of(secret)?;
                self.engine.own_statements(&public)?
            }
        };
        if certificate.bytes.len() > LARGEST_CERTIFICATE {
            let what = format!(
                "the certificate {} is larger than {} KiB",
                certificate.fingerprint(),
                LARGEST_CERTIFICATE >> 10
            );
            return Err(Error::new(ErrorKind::Malformed, what));
        }
        Ok(self.answers(&certificate, handle)?.then_some(certificate))
    }

    /// A primary key answers for itself. A subkey answers if it has said that it belongs
    /// to this primary key: anyone can adopt a stranger's (RFC 9580, section 5.2.1.9).
    fn answers(&self, certificate: &Certificate, handle: &KeyHandle) -> Result<bool> {
        if handle.matches(&certificate.fingerprint()) {
            return Ok(true);
        }
        let facts = self.engine.certificate_facts(certificate)?;
        let mut subkeys = facts.subkeys.iter();
        Ok(subkeys.any(|subkey| {
            handle.matches(&subkey.key.fingerprint)
                && subkey.signatures.iter().any(|signature| {
                    let back = signature.back_signature.as_ref();
                    signature.kind == SelfSignatureKind::SubkeyBinding
                        && back.is_some_and(|back| back.maths == Maths::Good)
                })
        }))
    }

    /// Puts a certificate to others, or merges it into its own copy among them.
    pub(super) fn add(&self, all: &mut Vec<Certificate>, more: Certificate) -> Result<()> {
        let same = all
            .iter_mut()
            .find(|known| known.fingerprint() == more.fingerprint());
        match same {
            None => all.push(more),
            Some(known) => *known = self.merged(known, more)?,
        }
        Ok(())
    }

    /// Two copies of one certificate made one.
    pub(super) fn merged(&self, older: &Certificate, newer: Certificate) -> Result<Certificate> {
        let older = Key::Certificate(older.clone());
        match self.engine.merge(&older, &Key::Certificate(newer))? {
            Key::Certificate(merged) => Ok(merged),
            Key::Secret(secret) => self.engine.certificate_of(&secret),
        }
    }
}

fn not_it(ring: &Keyring, handle: &KeyHandle) -> Error {
    let what = match (ring.keys.is_empty(), ring.junk.first()) {
        (false, _) => {
            format!("the answer is another certificate than the one asked for, {handle}")
        }
        (true, Some(junk)) => format!("the answer is no OpenPGP certificate: {}", junk.what),
        (true, None) => "the answer is empty".to_owned(),
    };
    Error::new(ErrorKind::Malformed, what)
}
