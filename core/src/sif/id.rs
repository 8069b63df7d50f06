//! What names an object, a group, and the thing that an object is linked to.

use crate::{Error, ErrorKind, Result};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// The four bits that mark a number as a group's, in the descriptor's fields
/// `group` and `link`.
const GROUP_MARK: u32 = 0xf000_0000;

/// The number of a data object, unique in its image; never zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(NonZeroU32);

impl ObjectId {
    /// The object with this number; `None` for zero.
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

/// The number of an object group: 1 to 268,435,455.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(NonZeroU32);

impl GroupId {
    /// The largest number that leaves the mark's four bits alone.
    pub const MAX: u32 = 0x0fff_ffff;

    /// The group with this number; `None` for zero and above [`Self::MAX`].
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number)
            .filter(|number| number.get() <= Self::MAX)
            .map(Self)
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// What the descriptor's field `group` holds: the mark, with zero below it
    /// for an object outside all groups.
    pub(super) fn to_field(group: Option<Self>) -> u32 {
        GROUP_MARK | group.map_or(0, Self::get)
    }

    /// Reads the field `group`; the outer `None` for a number without the whole
    /// mark. Zero stands in images of early tools and means no group.
    pub(super) fn from_field(field: u32) -> Option<Option<Self>> {
        (field == 0 || field & GROUP_MARK == GROUP_MARK).then(|| Self::new(field & Self::MAX))
    }
}

/// What an object is linked to: a signature to what it covers, for example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Link {
    /// Nothing.
    #[default]
    None,
    /// One object.
    Object(ObjectId),
    /// All objects of a group.
    Group(GroupId),
}

impl Link {
    /// What the descriptor's field `link` holds; `None` for an object whose
    /// number would be mistaken for a group's.
    pub(super) fn to_field(self) -> Option<u32> {
        match self {
            Self::None => Some(0),
            Self::Object(id) => Some(id.get()).filter(|id| id & GROUP_MARK == 0),
            Self::Group(group) => Some(GROUP_MARK | group.get()),
        }
    }

    /// Reads the field `link`; `None` for a number with only a part of the mark,
    /// which other readers would take for another object's.
    pub(super) fn from_field(field: u32) -> Option<Self> {
        let number = field & !GROUP_MARK;
        match field & GROUP_MARK {
            0 => Some(ObjectId::new(number).map_or(Self::None, Self::Object)),
            GROUP_MARK => Some(GroupId::new(number).map_or(Self::None, Self::Group)),
            _ => None,
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

impl FromStr for ObjectId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().ok().and_then(Self::new).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, format!("`{text}` is no object ID"))
                .hint("an object ID is a number from 1 on")
        })
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupId({self})")
    }
}

impl FromStr for GroupId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().ok().and_then(Self::new).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, format!("`{text}` is no group ID"))
                .hint(format!("a group ID is a number from 1 to {}", Self::MAX))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_names_neither_an_object_nor_a_group() {
        assert_eq!(ObjectId::new(0), None);
        assert_eq!(GroupId::new(0), None);
        assert!("0".parse::<ObjectId>().is_err());
        assert!("-1".parse::<GroupId>().is_err());
    }

    #[test]
    fn a_group_number_never_reaches_into_the_mark() {
        assert_eq!(
            GroupId::new(0x0fff_ffff).map(GroupId::get),
            Some(GroupId::MAX)
        );
        assert_eq!(GroupId::new(0x1000_0000), None);
    }

    #[test]
    fn a_group_field_has_the_whole_mark_or_is_zero() {
        assert_eq!(GroupId::from_field(0xf000_0000), Some(None));
        assert_eq!(GroupId::from_field(0), Some(None));
        assert_eq!(GroupId::from_field(0xf000_0007), Some(GroupId::new(7)));
        assert_eq!(GroupId::from_field(7), None);
        assert_eq!(GroupId::from_field(0x7000_0007), None);
        assert_eq!(GroupId::to_field(GroupId::new(7)), 0xf000_0007);
        assert_eq!(GroupId::to_field(None), 0xf000_0000);
    }

    #[test]
    fn a_link_tells_objects_from_groups() {
        let object = Link::Object(ObjectId::new(3).unwrap());
        let group = Link::Group(GroupId::new(3).unwrap());
        assert_eq!(Link::from_field(0), Some(Link::None));
        assert_eq!(Link::from_field(0xf000_0000), Some(Link::None));
        assert_eq!(Link::from_field(3), Some(object));
        assert_eq!(Link::from_field(0xf000_0003), Some(group));
        assert_eq!(Link::from_field(0x1000_0003), None);
        assert_eq!(object.to_field(), Some(3));
        assert_eq!(group.to_field(), Some(0xf000_0003));
        let unsayable = Link::Object(ObjectId::new(0xf000_0003).unwrap());
        assert_eq!(unsayable.to_field(), None);
    }
}
