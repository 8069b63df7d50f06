//! A selector that chooses objects by what they are or how they are called: all file
//! systems, say, with the setting `type = "FS"`; or with `name = "model.bin"` the object
//! of that name in every group.

use sifseal_plugin_sdk::integrity::Selection;
use sifseal_plugin_sdk::sif::{Descriptor, Table};
use sifseal_plugin_sdk::traits::ObjectSelector;
use sifseal_plugin_sdk::{Error, ErrorKind, Plugin, Result, Settings};

sifseal_plugin_sdk::export_plugin!(Plugin::new("selector", "1.0").object_selector(open));

fn open(settings: &Settings) -> Result<Rule> {
    match (settings.text("type"), settings.text("name")) {
        (Ok(kind), Err(_)) => Ok(Rule::Type(kind.to_owned())),
        (Err(_), Ok(name)) => Ok(Rule::Name(name.to_owned())),
        _ => Err(Error::new(
            ErrorKind::Config,
            "the selector needs one of the settings `type` and `name`",
        )),
    }
}

#[derive(Debug)]
enum Rule {
    /// As `sifseal sif list` shows it.
    Type(String),
    Name(String),
}

impl Rule {
    fn fits(&self, object: &Descriptor) -> bool {
        match self {
            Self::Type(kind) => object.data_type().to_string() == *kind,
            Self::Name(name) => object.name() == *name,
        }
    }
}

impl ObjectSelector for Rule {
    fn select(&self, table: &Table) -> Result<Vec<Selection>> {
        let of_group = |group| {
            let fitting = table
                .group_objects(group)
                .filter(|object| self.fits(object));
            Selection::some_of(table, group, fitting.map(Descriptor::id).collect())
        };
        let selections: Vec<_> = table.groups().into_iter().filter_map(of_group).collect();
        match selections.is_empty() {
            false => Ok(selections),
            true => Err(Error::new(
                ErrorKind::NotFound,
                format!("no object fits {self:?}"),
            )),
        }
    }
}
