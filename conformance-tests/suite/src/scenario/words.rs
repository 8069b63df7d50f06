//! Steps in words, for reports.

use super::{ChangeBytes, Expect, Step};
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
            Self::SignByHand(step) => write!(f, "{} signs {}", step.key, step.select),
            Self::SignLegacyByHand(step) => {
                write!(f, "{} signs {} as old programs did", step.key, step.select)
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
