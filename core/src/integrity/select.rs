//! Selections of objects, and the built-in selectors.

use crate::sif::{DataType, Descriptor, GroupId, ObjectId, Table};
use crate::traits::ObjectSelector;
use crate::{Error, ErrorKind, Result};
use std::collections::BTreeMap;

/// At least one object of one group, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    group: GroupId,
    objects: Vec<ObjectId>,
    whole_group: bool,
}

impl Selection {
    /// All objects of a group; `None` if the image has no such group.
    pub fn whole_group(table: &Table, group: GroupId) -> Option<Self> {
        let objects: Vec<_> = table.group_objects(group).map(Descriptor::id).collect();
        (!objects.is_empty()).then_some(Self {
            group,
            objects,
            whole_group: true,
        })
    }

    /// Some objects of a group, sorted and each once; `None` for no objects, or
    /// if one of them is not in the group.
    pub fn some_of(table: &Table, group: GroupId, mut objects: Vec<ObjectId>) -> Option<Self> {
        objects.sort_unstable();
        objects.dedup();
        let known = |id: &ObjectId| table.group_objects(group).any(|member| member.id() == *id);
        (!objects.is_empty() && objects.iter().all(known)).then_some(Self {
            group,
            objects,
            whole_group: false,
        })
    }

    /// The group to which all the objects belong.
    pub fn group(&self) -> GroupId {
        self.group
    }

    /// The objects, ascending; never empty.
    pub fn objects(&self) -> &[ObjectId] {
        &self.objects
    }

    /// True if the group as a whole was meant: a verification then demands that
    /// exactly these objects are covered, not at least these.
    pub fn is_whole_group(&self) -> bool {
        self.whole_group
    }
}

/// Every group of the image: what is meant when nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllGroups;

impl ObjectSelector for AllGroups {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        let groups = table.groups();
        if groups.is_empty() {
            return Err(not_found("no groups found".to_owned()));
        }
        Groups(groups).select(table)
    }
}

/// These groups, each as a whole.
#[derive(Debug, Clone)]
pub struct Groups(pub Vec<GroupId>);

impl ObjectSelector for Groups {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        let mut groups = self.0.clone();
        groups.sort_unstable();
        groups.dedup();
        groups
            .into_iter()
            .map(|group| {
                Selection::whole_group(table, group).ok_or_else(|| {
                    not_found(format!("group not found: {group}")).hint(format!(
                        "the image has the groups: {}",
                        listed(table.groups())
                    ))
                })
            })
            .collect()
    }
}

/// These objects: one selection for each group that some of them are in.
#[derive(Debug, Clone)]
pub struct Objects(pub Vec<ObjectId>);

impl ObjectSelector for Objects {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        let mut by_group: BTreeMap<GroupId, Vec<ObjectId>> = BTreeMap::new();
        for &id in &self.0 {
            let object = table.object(id).ok_or_else(|| {
                let ids = table.objects().map(Descriptor::id).collect::<Vec<_>>();
                not_found(format!("object not found: {id}"))
                    .hint(format!("the image has the objects: {}", listed(ids)))
            })?;
            let group = object.group().ok_or_else(|| {
                not_found(format!("object {id} is in no group"))
                    .hint("only objects that belong to a group can be signed")
            })?;
            by_group.entry(group).or_default().push(id);
        }
        by_group
            .into_iter()
            .map(|(group, objects)| {
                Selection::some_of(table, group, objects)
                    .ok_or_else(|| not_found("no objects selected".to_owned()))
            })
            .collect()
    }
}

/// What the command line can ask for: groups and objects in one call. With
/// neither it is [`AllGroups`].
#[derive(Debug, Clone, Default)]
pub struct GroupsAndObjects {
    /// Groups, each as a whole.
    pub groups: Vec<GroupId>,
    /// Single objects.
    pub objects: Vec<ObjectId>,
}

impl ObjectSelector for GroupsAndObjects {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        if self.groups.is_empty() && self.objects.is_empty() {
            return AllGroups.select(table);
        }
        let mut selections = Groups(self.groups.clone()).select(table)?;
        selections.extend(Objects(self.objects.clone()).select(table)?);
        Ok(selections)
    }
}

/// The primary system partition: what a legacy verification means when nothing is
/// said.
#[derive(Debug, Clone, Copy, Default)]
pub struct PrimaryPartition;

impl ObjectSelector for PrimaryPartition {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        let primary = table.primary_partition().ok_or_else(|| {
            not_found("object not found: no primary system partition".to_owned())
                .hint("say which object or group is meant: `-i`, `-g`, or `--all`")
        })?;
        Objects(vec![primary.id()]).select(table)
    }
}

/// Every object that is in a group, one by one, but for signatures.
#[derive(Debug, Clone, Copy, Default)]
pub struct EveryObject;

impl ObjectSelector for EveryObject {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        let objects: Vec<_> = table
            .objects()
            .filter(|object| object.group().is_some())
            .filter(|object| object.data_type() != DataType::Signature)
            .map(Descriptor::id)
            .collect();
        if objects.is_empty() {
            return Err(not_found("no groups found".to_owned()));
        }
        Objects(objects).select(table)
    }
}

/// What the command line can ask for of legacy signatures. With nothing at all it is
/// the [`PrimaryPartition`].
#[derive(Debug, Clone, Default)]
pub struct LegacyChoice {
    /// These groups and objects.
    pub named: GroupsAndObjects,
    /// And [`EveryObject`].
    pub all: bool,
}

impl ObjectSelector for LegacyChoice {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        let GroupsAndObjects { groups, objects } = &self.named;
        if self.all {
            let mut selections = Groups(groups.clone()).select(table)?;
            // Whatever was named must be there, and is one of them all.
            Objects(objects.clone()).select(table)?;
            selections.extend(EveryObject.select(table)?);
            return Ok(selections);
        }
        if groups.is_empty() && objects.is_empty() {
            return PrimaryPartition.select(table);
        }
        self.named.select(table)
    }
}

fn not_found(what: String) -> Error {
    Error::new(ErrorKind::NotFound, what)
}

fn listed<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    let ids: Vec<_> = ids.into_iter().map(|id| id.to_string()).collect();
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}
