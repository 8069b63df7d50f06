//! A plugin as a selector of objects.

use crate::plugin::Plugin;
use sifseal_core::integrity::Selection;
use sifseal_core::sif::{GroupId, ObjectId, Table};
use sifseal_core::traits::{Nobody, ObjectSelector};
use sifseal_core::{Context, Error, ErrorKind, Result, Timestamp};
use sifseal_plugin_protocol::{Ability, Select, SelectedObjects, TableObject};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

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
            let what = match &selected.objects {
                None => format!("it chose group {}, which is not there", selected.group),
                Some(objects) => format!(
                    "it chose the objects {objects:?} of group {}, which are not there",
                    selected.group
                ),
            };
            Error::new(ErrorKind::Backend, what)
                .at(self.0.place())
                .hint("this is a mistake in the plugin")
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
