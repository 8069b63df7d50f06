//! Changing bytes of an image: a named field, or the data of an object.

use super::layout::{HEADER, Layout, find, range_of};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// A place in an image, as scenarios name it: `header.uuid`, `descriptor:2.name`,
/// `slot:5.used`, `data:3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A field of the header.
    Header(String),
    /// A field of the descriptor of the object with this number.
    Descriptor(u32, String),
    /// A field of a slot of the table, used or not, counted from 0.
    Slot(usize, String),
    /// The data of the object with this number.
    Data(u32),
}

/// What to write there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another lowest bit in one byte.
    Flip {
        /// Counted from the beginning of the place.
        byte: usize,
    },
    /// These bytes, from a byte of the place on.
    Bytes {
        /// Counted from the beginning of the place.
        byte: usize,
        /// What to write.
        bytes: Vec<u8>,
    },
    /// A number, in all the bytes of the field, the lowest first.
    Number(i64),
}

/// Changes the bytes of an image.
///
/// # Errors
/// The image has no such place.
pub fn change(image: &mut [u8], place: &Place, change: &Change) -> Result<(), String> {
    let missing = || format!("the image has no {place}");
    let range = place.range(Layout(image)).ok_or_else(missing)?;
    let field = image.get_mut(range).ok_or_else(missing)?;
    match change {
        Change::Flip { byte } => *field.get_mut(*byte).ok_or_else(missing)? ^= 1,
        Change::Bytes { byte, bytes } => {
            let rest = field.get_mut(*byte..).ok_or_else(missing)?;
            let rest = rest.get_mut(..bytes.len()).ok_or_else(missing)?;
            rest.copy_from_slice(bytes);
        }
        Change::Number(number) => {
            let bytes = number.to_le_bytes();
            let width = field.len();
            let bytes = bytes
                .get(..width)
                .ok_or_else(|| format!("{place} is no number"))?;
            field.copy_from_slice(bytes);
        }
    }
    Ok(())
}

impl Place {
    fn range(&self, image: Layout<'_>) -> Option<Range<usize>> {
        match self {
            Self::Header(field) => find(HEADER, field),
            Self::Descriptor(id, field) => range_of(image.descriptor(*id)?, field),
            Self::Slot(index, field) => range_of(image.slot(*index)?, field),
            Self::Data(id) => image.data(*id),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(field) => write!(f, "header.{field}"),
            Self::Descriptor(id, field) => write!(f, "descriptor:{id}.{field}"),
            Self::Slot(index, field) => write!(f, "slot:{index}.{field}"),
            Self::Data(id) => write!(f, "data:{id}"),
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no place: use header.FIELD, descriptor:N.FIELD, slot:N.FIELD, data:N"
            )
        };
        let (what, field) = match text.split_once('.') {
            Some((what, field)) => (what, Some(field)),
            None => (text, None),
        };
        let known = |table: &[(&str, Range<usize>)], field: &str| {
            find(table, field)
                .map(|_| field.to_owned())
                .ok_or_else(wrong)
        };
        match (what.split_once(':'), field) {
            (None, Some(field)) if what == "header" => Ok(Self::Header(known(HEADER, field)?)),
            (Some(("descriptor", id)), Some(field)) => {
                let id = id.parse().map_err(|_| wrong())?;
                Ok(Self::Descriptor(id, known(super::layout::FIELDS, field)?))
            }
            (Some(("slot", index)), Some(field)) => {
                let index = index.parse().map_err(|_| wrong())?;
                Ok(Self::Slot(index, known(super::layout::FIELDS, field)?))
            }
            (Some(("data", id)), None) => id.parse().map(Self::Data).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
