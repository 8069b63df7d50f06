//! A plugin as a selector of objects.

use crate::plugin::Plugin;
use sifseal_core::integrity::Selection;
use sifseal_core::sif::{GroupId, ObjectId, Table};
use sifseal_core::traits::{Nobody, ObjectSelector};
use sifseal_core::{Context, Error, ErrorKind, Result, Timestamp};
use sifseal_plugin_protocol::{Ability, Select, SelectedObjects, TableObject};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

/// How many objects an error names.
const MOST_TOLD: usize = 8;

/// A plugin's rule. It sees the table of an image and nothing else, and nobody is asked
/// for it, as a selector has no person to ask.
#[derive(Debug)]
pub struct PluginSelector(Arc<Plugin>);

impl PluginSelector {
    /// The selector of a plugin.
    pub fn new(plugin: Arc<Plugin>) -> Self {
        Self(plugin)
    }

    fn checked(&self, table: &Table, selected: &SelectedObjects) -> Result<Selection> {
        let lie = || {
            self.lie(match &selected.objects {
                None => format!("it chose group {}, which is not there", selected.group),
                Some(objects) => format!(
                    "it chose the objects {:?} of group {}, which are not there",
                    &objects[..objects.len().min(MOST_TOLD)],
                    selected.group
                ),
            })
        };
        let group = GroupId::new(selected.group).ok_or_else(lie)?;
        let selection = match &selected.objects {
            None => Selection::whole_group(table, group),
            Some(objects) => {
                let ids: Option<Vec<_>> = objects.iter().map(|id| ObjectId::new(*id)).collect();
                ids.and_then(|ids| Selection::some_of(table, group, ids))
            }
        };
        selection.ok_or_else(lie)
    }

    /// Each selection becomes a signature, and takes as long: no more of them than there
    /// are objects, and none twice.
    fn check_number(&self, table: &Table, selections: &[SelectedObjects]) -> Result<()> {
        let most = table.objects().count();
        let longest = selections.iter().filter_map(|one| one.objects.as_ref());
        let longest = longest.map(Vec::len).max().unwrap_or_default();
        if selections.len() > most || longest > most {
            let what = format!("it chose more than the {most} objects that there are");
            return Err(self.lie(what));
        }
        let mut known = BTreeSet::new();
        let repeated = selections.iter().find(|selected| {
            let objects = selected.objects.as_ref();
            let objects = objects.map(|ids| ids.iter().collect::<BTreeSet<_>>());
            !known.insert((selected.group, objects))
        });
        match repeated {
            None => Ok(()),
            Some(twice) => {
                let what = format!("it chose the same objects of group {} twice", twice.group);
                Err(self.lie(what))
            }
        }
    }

    fn lie(&self, what: String) -> Error {
        Error::new(ErrorKind::Backend, what)
            .at(self.0.place())
            .hint("this is a mistake in the plugin")
    }
}

impl ObjectSelector for PluginSelector {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        let cx = Context {
            now: Timestamp(0),
            deadline: None,
            cancelled: &NEVER,
            ui: &Nobody,
        };
        let selected = self.0.ask(&cx, Ability::ObjectSelector, &question(table))?;
        if selected.selections.is_empty() {
            let what = "it chose no object";
            return Err(Error::new(ErrorKind::Backend, what)
                .at(self.0.place())
                .hint("a rule that fits nothing should say so with the error `not-found`"));
        }
        self.check_number(table, &selected.selections)?;
        let mut selections = selected
            .selections
            .iter()
            .map(|selected| self.checked(table, selected))
            .collect::<Result<Vec<_>>>()?;
        selections.sort_by_key(Selection::group);
        Ok(selections)
    }
}

fn question(table: &Table) -> Select {
    let (header, descriptors) = table.parts();
    let objects = table.objects().zip(descriptors);
    Select {
        header: header.into(),
        file_size: table.file_len(),
        objects: objects
            .map(|(object, descriptor)| TableObject {
                id: object.id().get(),
                group: object.group().map(GroupId::get),
                data_type: object.data_type().to_string(),
                name: object.name(),
                size: object.size(),
                descriptor: descriptor.into(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::testing::plugin_answering;
    use serde_json::{Value, json};
    use sifseal_core::sif::{CreateOptions, DataType, Image, NewObject, create};
    use std::io::Read;

    /// Two objects in group 1.
    fn table() -> Table {
        let object = || -> (NewObject, Box<dyn Read>) {
            let mut object = NewObject::new(DataType::DefFile);
            object.group = GroupId::new(1);
            (object, Box::new(&b"bootstrap: scratch"[..]))
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("image.sif");
        create(
            &path,
            &CreateOptions::new(Timestamp(0)),
            vec![object(), object()],
        )
        .unwrap();
        Image::open(&path).unwrap().table().clone()
    }

    /// What comes of these selections on an image with the objects 1 and 2 in group 1.
    fn selected(selections: Value) -> Result<Vec<Selection>> {
        let plugin = plugin_answering(json!({"selections": selections}));
        PluginSelector::new(Arc::new(plugin)).select(&table())
    }

    #[test]
    fn what_is_there_can_be_chosen_whole_and_in_parts() {
        let chosen = selected(json!([{"group": 1}, {"group": 1, "objects": [2]}])).unwrap();
        assert!(chosen[0].is_whole_group());
        assert_eq!(chosen[1].objects().len(), 1);
    }

    #[test]
    fn more_selections_than_objects_or_one_twice_are_refused() {
        let part = |ids: &[u32]| json!({"group": 1, "objects": ids});
        let group = json!({"group": 1});
        for (selections, words) in [
            (json!([group, part(&[1]), part(&[2])]), "more than the 2"),
            (json!([part(&[1, 2, 2])]), "more than the 2"),
            (json!([group, group]), "the same objects of group 1 twice"),
            (
                json!([part(&[2, 1]), part(&[1, 2])]),
                "the same objects of group 1 twice",
            ),
            (json!([part(&[3])]), "[3] of group 1, which are not there"),
        ] {
            let error = selected(selections).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
