//! A plugin that chooses objects.

use crate::binary::Binary;
use serde::{Deserialize, Serialize};

/// Which objects of this image?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Select {
    /// The objects, ascending by ID.
    pub objects: Vec<TableObject>,
    /// The image's global header, its 128 bytes.
    pub header: Binary,
    /// The length of the image's file.
    pub file_size: u64,
}

/// One row of an image's descriptor table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableObject {
    /// Its number.
    pub id: u32,
    /// Its group, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// What it is, by the name that `sifseal sif list` shows.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Its name, often empty: text from a stranger.
    #[serde(default)]
    pub name: String,
    /// The bytes of its data.
    pub size: u64,
    /// The descriptor as it stands in the image, 585 bytes, for whoever needs more.
    pub descriptor: Binary,
}

/// What was chosen; at least one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selections {
    /// One signature, or one question, for each.
    pub selections: Vec<SelectedObjects>,
}

/// Objects of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectedObjects {
    /// The group.
    pub group: u32,
    /// These objects of it; absent for the group as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<Vec<u32>>,
}
