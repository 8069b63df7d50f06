//! Modern signatures: over the header, and over descriptor and data of each object.

use super::super::digests::{DigestPlan, Digests};
use super::super::metadata::{SignedMetadata, SignedObject};
use super::super::report::{
    Coverage, CoveredObject, Fault, ObjectState, SignatureKind, Unprotected,
};
use super::kind::{About, Compared, Kind, Scope};
use crate::sif::{Descriptor, Extra, GroupId, Image, Link, ObjectId, SignatureHash};

/// Modern signatures.
pub(super) struct Modern;

impl Kind for Modern {
    const KIND: SignatureKind = SignatureKind::Modern;
    const OTHER_KIND: Fault = Fault::Legacy;
    type Statement = SignedMetadata;

    /// Reads the signed document and compares the header. The hash that the descriptor
    /// names is not needed, but one that the format does not have is a sign of tampering,
    /// or of a signature that means something else; the reference refuses it, too.
    fn read(image: &Image, object: &Descriptor, text: &str) -> Result<SignedMetadata, Fault> {
        if let Extra::Signature {
            hash: hash @ SignatureHash::Other(_),
            ..
        } = object.extra()
        {
            return Err(Fault::HashUnsupported(hash));
        }
        let metadata =
            SignedMetadata::from_json(text).map_err(|error| Fault::Malformed(error.to_string()))?;
        let header = image.header().integrity_bytes();
        if metadata.header.algorithm().digest(&header) != metadata.header {
            return Err(Fault::HeaderChanged);
        }
        Ok(metadata)
    }

    fn plan(about: &About<'_, SignedMetadata>, plan: &mut DigestPlan) {
        for (id, signed) in about.objects() {
            if let Some(object) = id.and_then(|id| about.in_group(id))
                && about.scope.objects.contains(&object.id())
                // Its size is one of the signed fields: what a changed descriptor
                // points at may have no end.
                && descriptor_fits(object, signed)
            {
                plan.need(object.id(), signed.data.algorithm());
            }
        }
    }

    fn compare(about: &About<'_, SignedMetadata>, digests: &Digests) -> Compared {
        let covered: Vec<_> = about
            .objects()
            // An ID beyond all numbers is no object that could be named.
            .filter_map(|(id, signed)| {
                let id = id?;
                let state = about.state_of(id, signed, digests);
                Some(CoveredObject { id, state })
            })
            .collect();
        let beyond = about.objects().any(|(id, _)| id.is_none());
        Compared {
            coverage: about.coverage(&covered),
            covered,
            fault: beyond.then(|| {
                Fault::Malformed("signed metadata: an object ID is out of range".to_owned())
            }),
        }
    }

    fn unprotected(_: &Image, _: &Scope) -> Vec<Unprotected> {
        vec![]
    }
}

impl About<'_, SignedMetadata> {
    fn group(&self) -> Option<GroupId> {
        match self.link {
            Link::Group(group) => Some(group),
            _ => None,
        }
    }

    /// What the signature says it covers, each with its ID in this image.
    fn objects(&self) -> impl Iterator<Item = (Option<ObjectId>, &SignedObject)> {
        let first = self
            .group()
            .and_then(|group| self.image.group_objects(group).map(Descriptor::id).min());
        self.statement
            .objects
            .iter()
            .map(move |signed| (first.and_then(|first| signed.id(first)), signed))
    }

    fn in_group(&self, id: ObjectId) -> Option<&Descriptor> {
        let group = self.group()?;
        self.image
            .object(id)
            .filter(|object| object.group() == Some(group))
    }

    fn state_of(&self, id: ObjectId, signed: &SignedObject, digests: &Digests) -> ObjectState {
        match self.in_group(id) {
            None => ObjectState::Missing,
            Some(_) if !self.scope.objects.contains(&id) => ObjectState::NotAsked,
            Some(object) if !descriptor_fits(object, signed) => ObjectState::DescriptorChanged,
            Some(_) if digests.of(id, signed.data.algorithm()) != Some(&signed.data) => {
                ObjectState::DataChanged
            }
            Some(_) => ObjectState::Intact,
        }
    }

    fn coverage(&self, covered: &[CoveredObject]) -> Coverage {
        let group: Vec<_> = self
            .group()
            .map(|group| {
                self.image
                    .group_objects(group)
                    .map(Descriptor::id)
                    .collect()
            })
            .unwrap_or_default();
        match covered.iter().map(|covered| covered.id) {
            _ if covered.is_empty() => Coverage::Nothing,
            ids if ids.clone().eq(group) => Coverage::Full,
            _ => Coverage::Partial,
        }
    }
}

fn descriptor_fits(object: &Descriptor, signed: &SignedObject) -> bool {
    let descriptor = object.integrity_bytes(signed.relative_id);
    signed.descriptor.algorithm().digest(&descriptor) == signed.descriptor
}
