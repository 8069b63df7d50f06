//! Steps in words, for reports.

use super::{ChangeBytes, Expect, SignByHand, Step};
use crate::image::statement::DigestName;
use std::fmt;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import(step) => {
                let part = match step.part {
                    super::ImportPart::Certificate => "certificate",
                    super::ImportPart::Secret => "secret key",
                };
                write!(f, "import the {part} of {}", step.key)
            }
            Self::Sign(step) => {
                write!(f, "sign {} with {}", step.select, step.key)?;
                match step.plugin {
                    Some(conduct) => write!(f, " in a plugin: {conduct}"),
                    None => Ok(()),
                }
            }
            Self::Verify(step) => {
                write!(f, "verify {}", step.select)?;
                for (name, value) in [
                    ("at", &step.at),
                    ("judging at", &step.judge),
                    ("requiring", &step.require),
                ] {
                    if let Some(value) = value {
                        write!(f, ", {name} {value}")?;
                    }
                }
                match step.signed_by.is_empty() {
                    true => Ok(()),
                    false => write!(f, ", signed by {}", step.signed_by.join(", ")),
                }
            }
            Self::FetchKey(step) => write!(f, "fetch the certificate of {}", step.key),
            Self::Serve(step) => match &step.keys[..] {
                [] => f.write_str("the keyserver gives no certificate"),
                keys => write!(
                    f,
                    "the keyserver gives the certificates of {}",
                    keys.join(", ")
                ),
            },
            Self::SignByHand(step) => signed_by_hand(f, step),
            Self::SignLegacyByHand(step) => {
                let (key, select) = (&step.key, &step.select);
                write!(f, "the suite signs {select} with {key} as old programs did")
            }
            Self::SignAsDsse(step) => write!(f, "a DSSE signature is made over {}", step.select),
            Self::AddObject(step) => match step.group {
                0 => f.write_str("an object in no group is added"),
                group => write!(f, "an object is added to group {group}"),
            },
            Self::DeleteObject(step) => write!(f, "object {} is deleted", step.object),
            Self::SetPrimary(step) => {
                write!(f, "object {} becomes the primary partition", step.object)
            }
            Self::Change(step) => changed(f, step),
            Self::Cut(step) if step.length < 0 => {
                write!(
                    f,
                    "{} bytes are cut off the end",
                    step.length.unsigned_abs()
                )
            }
            Self::Cut(step) => write!(f, "the file is cut to {} bytes", step.length),
            Self::Append(_) => f.write_str("bytes are appended to the file"),
        }
    }
}

impl Step {
    /// What it expects of the implementation; `None` for what the suite does itself.
    pub fn expect(&self) -> Option<Expect> {
        match self {
            Self::Import(step) => Some(step.expect),
            Self::Sign(step) => Some(step.expect),
            Self::FetchKey(step) => Some(step.expect),
            Self::Verify(step) => Some(step.expect),
            _ => None,
        }
    }

    /// What it expects of the implementation, in words; `None` for what the suite does
    /// itself.
    pub fn expected(&self) -> Option<String> {
        let because: &[String] = match self {
            Self::Verify(step) => &step.because,
            _ => &[],
        };
        Some(match self.expect()? {
            Expect::Accept => "accepted".to_owned(),
            Expect::Refuse if because.is_empty() => "refused".to_owned(),
            Expect::Refuse => format!("refused: {}", because.join(" or ")),
            Expect::Either => "either".to_owned(),
        })
    }
}

/// With everything in which the signature is not as it usually is: that is what the scenario
/// is about.
fn signed_by_hand(f: &mut fmt::Formatter<'_>, step: &SignByHand) -> fmt::Result {
    write!(f, "the suite signs {} with {}", step.select, step.key)?;
    let mut more = statement_by_hand(step);
    more.extend(signature_by_hand(step));
    more.extend(object_by_hand(step));
    more.iter().try_for_each(|what| write!(f, ", {what}"))
}

fn statement_by_hand(step: &SignByHand) -> Vec<String> {
    let mut said = Vec::new();
    if step.digest != DigestName::default() {
        said.push(format!("digests by {}", step.digest.word()));
    }
    let falsified = step
        .falsify
        .iter()
        .map(|part| format!("a false digest of {part}"));
    said.extend(falsified);
    said.extend(step.omit.iter().map(|id| format!("object {id} left out")));
    said.extend(
        step.leave_out
            .iter()
            .map(|part| format!("an empty digest of {part}")),
    );
    said.extend(replaced(&step.replace, "the statement"));
    if let Some(text) = &step.text {
        said.push(format!("the text {text:?} in place of the statement"));
    }
    said
}

fn replaced(pairs: &[(String, String)], place: &str) -> Vec<String> {
    let pairs = pairs.iter();
    pairs
        .map(|(old, new)| format!("{old:?} replaced by {new:?} in {place}"))
        .collect()
}

fn signature_by_hand(step: &SignByHand) -> Vec<String> {
    let mut said = replaced(&step.replace_in_message, "the message");
    let named = [
        ("made at", &step.date),
        ("by the hash", &step.hash),
        ("given out as that of", &step.claims),
        ("beside one by", &step.beside),
    ];
    let named = named.into_iter();
    said.extend(named.filter_map(|(what, value)| Some(format!("{what} {}", value.as_ref()?))));
    said.extend(step.kind.map(|kind| format!("of type {kind}")));
    said.extend(
        step.expires_after
            .map(|seconds| format!("good for {seconds} s")),
    );
    for (is_so, what) in [
        (step.spoil, "with wrong values"),
        (step.unsigned, "without the signature itself"),
        (step.undated, "without a date"),
        (step.date_not_covered, "its date not covered"),
        (
            step.unknown_critical,
            "with a critical subpacket that nobody knows",
        ),
    ] {
        said.extend(is_so.then(|| what.to_owned()));
    }
    said
}

fn object_by_hand(step: &SignByHand) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(step.link.as_ref().map(|link| format!("linked to {link}")));
    said.extend(step.joins.map(|group| format!("in group {group}")));
    said.extend(
        step.entity
            .as_ref()
            .map(|key| format!("its descriptor naming {key}")),
    );
    said.extend(
        step.descriptor_hash
            .map(|hash| format!("its descriptor naming hash {hash}")),
    );
    said
}

fn changed(f: &mut fmt::Formatter<'_>, step: &ChangeBytes) -> fmt::Result {
    let ChangeBytes {
        place,
        byte,
        hex,
        text,
        number,
    } = step;
    match (hex, text, number) {
        (Some(hex), ..) => write!(
            f,
            "{place} is set to {hex} (hexadecimal) from byte {byte} on"
        ),
        (_, Some(text), _) => write!(f, "{place} is set to `{text}` from byte {byte} on"),
        (.., Some(number)) => write!(f, "{place} is set to {number}"),
        _ => write!(f, "a bit of byte {byte} of {place} is flipped"),
    }
}
