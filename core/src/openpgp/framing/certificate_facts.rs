//! The self-signatures of a certificate, each checked and told.
//!
//! Signatures by others say nothing about what the key itself wants, and are
//! passed over. So is a signature that stands where its type has no meaning,
//! but for those about the primary key (0x1F, 0x20): their type alone says what
//! they cover, and a revocation must not be lost by being moved.

use super::{
    Component, KeyPacket, PacketReader, SignaturePacket, Transferable, covered, tag, verify,
};
use crate::Result;
use crate::openpgp::{
    BackSignature, CertificateFacts, Maths, SelfSignature, SelfSignatureKind, SubkeyFacts,
    UserIdFacts,
};

/// The signature type of a back signature (RFC 9580, section 5.2.1.9).
const PRIMARY_KEY_BINDING: u8 = 0x19;

/// Checks every self-signature of a certificate: the work of
/// [`Engine::certificate_facts`](crate::traits::Engine::certificate_facts).
///
/// # Errors
/// `Malformed` if the bytes are not one certificate.
pub fn read(reader: &impl PacketReader, bytes: &[u8]) -> Result<CertificateFacts> {
    let certificate = Transferable::read(bytes)?;
    let primary = reader.key(&certificate.primary.packet)?;
    let checker = Checker {
        reader,
        primary: &primary,
    };

    let on_primary = certificate
        .components()
        .flat_map(|component| checker.on_primary(component))
        .collect();
    let user_ids = certificate
        .identities
        .iter()
        .filter(|identity| identity.packet.tag == tag::USER_ID)
        .map(|identity| UserIdFacts {
            value: identity.packet.body.to_vec(),
            signatures: checker.on_user_id(identity),
        })
        .collect();
    let mut subkeys = Vec::with_capacity(certificate.subkeys.len());
    for component in &certificate.subkeys {
        let subkey = reader.key(&component.packet)?;
        subkeys.push(SubkeyFacts {
            key: subkey.facts.clone(),
            signatures: checker.on_subkey(component, &subkey),
        });
    }
    Ok(CertificateFacts {
        primary: primary.facts.clone(),
        on_primary,
        user_ids,
        subkeys,
    })
}

struct Checker<'a, R> {
    reader: &'a R,
    primary: &'a KeyPacket<'a>,
}

impl<R: PacketReader> Checker<'_, R> {
    fn on_primary(&self, component: &Component<'_>) -> Vec<SelfSignature> {
        let data = covered::of_primary(self.primary);
        self.own_signatures(component)
            .filter_map(|signature| {
                let kind = match signature.kind {
                    0x1F => SelfSignatureKind::DirectKey,
                    0x20 => SelfSignatureKind::KeyRevocation,
                    _ => return None,
                };
                Some(self.check(kind, &signature, &data, None))
            })
            .collect()
    }

    fn on_user_id(&self, component: &Component<'_>) -> Vec<SelfSignature> {
        self.own_signatures(component)
            .filter_map(|signature| {
                let kind = match signature.kind {
                    0x10..=0x13 => SelfSignatureKind::Certification,
                    0x30 => SelfSignatureKind::CertificationRevocation,
                    _ => return None,
                };
                let data =
                    covered::of_user_id(self.primary, component.packet.body, signature.version);
                Some(self.check(kind, &signature, &data, None))
            })
            .collect()
    }

    fn on_subkey(&self, component: &Component<'_>, subkey: &KeyPacket<'_>) -> Vec<SelfSignature> {
        let data = covered::of_subkey(self.primary, subkey);
        self.own_signatures(component)
            .filter_map(|signature| {
                let (kind, back) = match signature.kind {
                    0x18 => (
                        SelfSignatureKind::SubkeyBinding,
                        self.back_signature(&signature, subkey, &data),
                    ),
                    0x28 => (SelfSignatureKind::SubkeyRevocation, None),
                    _ => return None,
                };
                Some(self.check(kind, &signature, &data, back))
            })
            .collect()
    }

    /// The signatures behind a component that name the primary key as their
    /// maker, or nobody.
    fn own_signatures<'s>(
        &self,
        component: &'s Component<'s>,
    ) -> impl Iterator<Item = SignaturePacket<'s>> {
        let own = self.primary.facts.fingerprint;
        component
            .signatures
            .iter()
            .filter_map(|packet| self.reader.signature(packet.body))
            .filter(move |signature| signature.may_be_by(&own))
    }

    fn check(
        &self,
        kind: SelfSignatureKind,
        signature: &SignaturePacket<'_>,
        data: &[u8],
        back_signature: Option<BackSignature>,
    ) -> SelfSignature {
        SelfSignature {
            kind,
            maths: verify(self.reader, self.primary, signature, data),
            hash: signature.hash,
            created: signature.created,
            expires_after: signature.expires_after,
            key_expires_after: signature.key_expires_after,
            key_flags: signature.key_flags,
            primary_user_id: signature.primary_user_id,
            revocation_reason: signature.revocation_reason,
            back_signature,
            unknown_critical: signature.unknown_critical.clone(),
        }
    }

    /// The subkey's answer to its binding: the first good one, or else the first.
    /// A bad one in front, which anyone can put into the unhashed area, hides
    /// nothing.
    fn back_signature(
        &self,
        binding: &SignaturePacket<'_>,
        subkey: &KeyPacket<'_>,
        data: &[u8],
    ) -> Option<BackSignature> {
        let mut first = None;
        for body in &binding.embedded {
            let Some(signature) = self
                .reader
                .signature(body)
                .filter(|embedded| embedded.kind == PRIMARY_KEY_BINDING)
            else {
                continue;
            };
            let back = BackSignature {
                maths: verify(self.reader, subkey, &signature, data),
                hash: signature.hash,
                created: signature.created,
                expires_after: signature.expires_after,
                unknown_critical: signature.unknown_critical,
            };
            if back.maths == Maths::Good {
                return Some(back);
            }
            first.get_or_insert(back);
        }
        first
    }
}
