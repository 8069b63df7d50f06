//! Legacy signatures: over a digest of data, and over nothing else.
//!
//! Singularity before 3.6 signed a text of two lines, `SIFHASH:` and a digest. The
//! digest is of one object's data, or of the data of all objects of a group, one behind
//! the other. Which of them, and by which algorithm, stands in the descriptor of the
//! signature object, and nobody signs that. So a legacy signature says: its maker once
//! signed these bytes. It does not say what they were for (CVE-2020-13847).

use super::super::digests::{Digest, DigestAlgorithm, DigestPlan, Digests};
use super::super::report::{
    Coverage, CoveredObject, Fault, ObjectState, SignatureKind, Unprotected,
};
use super::kind::{About, Compared, Kind, Scope};
use crate::sif::{DataType, Descriptor, Extra, GroupId, Image, Link, ObjectId};

/// The first line of what a legacy signature signs; the digest is the second.
const FIRST_LINE: &str = "SIFHASH:";

/// True for the text of a legacy signature. Modern ones never begin like this: they
/// are JSON.
pub(super) fn is_legacy(text: &str) -> bool {
    text.lines().next() == Some(FIRST_LINE)
}

/// Legacy signatures.
pub(super) struct Legacy;

impl Kind for Legacy {
    const KIND: SignatureKind = SignatureKind::Legacy;
    const OTHER_KIND: Fault = Fault::NotLegacy;
    type Statement = Digest;

    fn read(_: &Image, object: &Descriptor, text: &str) -> Result<Digest, Fault> {
        let Extra::Signature { hash, .. } = object.extra() else {
            return Err(malformed("its descriptor names no hash algorithm"));
        };
        let algorithm = DigestAlgorithm::of_signature(hash).ok_or(Fault::HashUnsupported(hash))?;
        read_digest(algorithm, text)
    }

    fn plan(about: &About<'_, Digest>, plan: &mut DigestPlan) {
        let algorithm = about.statement.algorithm();
        match about.link {
            Link::Object(id) if about.scope.single.contains(&id) => plan.need(id, algorithm),
            Link::Group(group) if about.scope.groups.contains(&group) => {
                plan.need_group(group, algorithm);
            }
            _ => {}
        }
    }

    fn compare(about: &About<'_, Digest>, digests: &Digests) -> Compared {
        let (covered, coverage) = match about.link {
            Link::None => (vec![], Coverage::Nothing),
            Link::Object(id) => {
                let state = about.state_of_object(id, digests);
                (vec![CoveredObject { id, state }], Coverage::Partial)
            }
            Link::Group(group) => {
                let state = about.state_of_group(group, digests);
                let objects = about.image.group_objects(group).map(Descriptor::id);
                let covered: Vec<_> = objects.map(|id| CoveredObject { id, state }).collect();
                let coverage = match covered.is_empty() {
                    true => Coverage::Nothing,
                    false => Coverage::Full,
                };
                (covered, coverage)
            }
        };
        Compared {
            covered,
            coverage,
            fault: None,
        }
    }

    fn unprotected(image: &Image, scope: &Scope) -> Vec<Unprotected> {
        let mut open = vec![
            Unprotected::Header,
            Unprotected::Descriptors,
            Unprotected::Place,
            Unprotected::HashAlgorithm,
        ];
        if !scope.groups.is_empty() {
            open.push(Unprotected::GroupBoundaries);
        }
        let others: Vec<_> = image
            .objects()
            .filter(|object| object.data_type() != DataType::Signature)
            .map(Descriptor::id)
            .filter(|id| !scope.objects.contains(id))
            .collect();
        if !others.is_empty() {
            open.push(Unprotected::OtherObjects(others));
        }
        open
    }
}

impl About<'_, Digest> {
    fn state_of_object(&self, id: ObjectId, digests: &Digests) -> ObjectState {
        if self.image.object(id).is_none() {
            ObjectState::Missing
        } else if !self.scope.single.contains(&id) {
            ObjectState::NotAsked
        } else if digests.of(id, self.statement.algorithm()) == Some(self.statement) {
            ObjectState::DataIntact
        } else {
            ObjectState::DataChanged
        }
    }

    fn state_of_group(&self, group: GroupId, digests: &Digests) -> ObjectState {
        if !self.scope.groups.contains(&group) {
            ObjectState::NotAsked
        } else if digests.of_group(group, self.statement.algorithm()) == Some(self.statement) {
            ObjectState::GroupDataIntact
        } else {
            ObjectState::GroupDataChanged
        }
    }
}

/// Reads the digest: exactly two lines, the second with lower-case digits alone, as
/// many as the algorithm makes.
fn read_digest(algorithm: DigestAlgorithm, text: &str) -> Result<Digest, Fault> {
    let digits = text
        .strip_prefix(FIRST_LINE)
        .and_then(|rest| rest.strip_prefix('\n'))
        .ok_or_else(|| malformed("no digest follows"))?;
    let is_digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    if !digits.chars().all(is_digit) {
        return Err(malformed("its digest is not in lower-case hexadecimal"));
    }
    if digits.len() != algorithm.length() * 2 {
        let name = algorithm.name();
        return Err(malformed(&format!(
            "its digest is not as long as {name} makes it, which the descriptor names"
        )));
    }
    format!("{}:{digits}", algorithm.name())
        .parse()
        .map_err(|_| malformed("digest malformed"))
}

fn malformed(what: &str) -> Fault {
    Fault::Malformed(format!("legacy signature: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 example value of SHA-256 for the message "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn sha256(text: &str) -> Result<Digest, Fault> {
        read_digest(DigestAlgorithm::Sha256, text)
    }

    #[test]
    fn the_two_lines_give_the_digest() {
        let digest = sha256(&format!("SIFHASH:\n{ABC}")).unwrap();
        assert_eq!(digest, DigestAlgorithm::Sha256.digest(b"abc"));
    }

    #[test]
    fn nothing_but_the_two_lines_is_read() {
        for text in [
            ABC.to_owned(),
            "SIFHASH:".to_owned(),
            "SIFHASH:\n".to_owned(),
            format!("SIFHASH:{ABC}"),
            format!("SIFHASH: {ABC}"),
            format!("SIFHASH:\n\n{ABC}"),
            format!("SIFHASH:\n {ABC}"),
            format!("SIFHASH:\n{ABC}\n"),
            format!("SIFHASH:\n{ABC}\n{ABC}"),
            format!("SIFHASH:\n{ABC}{ABC}"),
            format!("SIFHASH:\n0x{}", &ABC[2..]),
            format!("SIFHASH:\n{}", ABC.to_uppercase()),
            format!("SIFHASH:\n{}", &ABC[1..]),
            format!("SIFHASH:\n{}é", &ABC[2..]),
            format!("\nSIFHASH:\n{ABC}"),
        ] {
            let fault = sha256(&text).unwrap_err();
            assert_eq!(fault.name(), "signature-malformed", "{text:?}");
        }
    }

    #[test]
    fn a_digest_of_another_length_than_the_descriptors_algorithm_makes_is_refused() {
        for algorithm in [DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
            assert!(read_digest(algorithm, &format!("SIFHASH:\n{ABC}")).is_err());
        }
    }

    #[test]
    fn a_legacy_text_is_told_by_its_first_line() {
        assert!(is_legacy("SIFHASH:"));
        assert!(is_legacy("SIFHASH:\nwhatever"));
        assert!(!is_legacy("SIFHASH: \n"));
        assert!(!is_legacy("SIFHASH:00"));
        assert!(!is_legacy("{\"version\":1}"));
        assert!(!is_legacy(""));
    }
}
