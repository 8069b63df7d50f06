//! Several plugins at once, and several instances of one, in one process.

use crate::world::World;
use sifseal_conformance_tests::plugins::built_plugin;
use sifseal_core::sif::Image;
use sifseal_core::traits::ObjectSelector;
use sifseal_plugin_host::pin::{Shelf, seal};
use sifseal_plugin_host::{Carriage, Child, Plan, Plugin, PluginSelector, Surroundings};
use std::path::Path;
use std::sync::Arc;

/// The selector with a setting of its own.
fn instance(file: &Path, carriage: Carriage, name: &str, kind: &str) -> PluginSelector {
    let plan = Plan {
        name: name.to_owned(),
        path: file.to_owned(),
        sha256: *seal(file, Shelf::Usual).unwrap().digest(),
        carriage,
        timeout: Plan::TIMEOUT,
        settings: [("type".to_owned(), kind.into())].into_iter().collect(),
    };
    let surroundings = Surroundings {
        host: "test".to_owned(),
        environment: vec![],
        child: Child {
            program: "/nonexistent".into(),
            arguments: vec![],
        },
    };
    PluginSelector::new(Arc::new(Plugin::new(plan, surroundings)))
}

#[test]
fn two_instances_of_one_file_keep_their_settings_apart() {
    let world = World::new();
    world.image();
    let image = Image::open(&world.path("image.sif")).unwrap();
    let built = built_plugin("selector");
    let library = world.install(&built.library, "libselector.so");
    let executable = world.install(&built.executable, "selector");
    for (file, carriage) in [
        (&library, Carriage::Library),
        (&executable, Carriage::Executable),
    ] {
        let systems = instance(file, carriage, "systems", "FS");
        let definitions = instance(file, carriage, "definitions", "Def.FILE");
        let chosen = |selector: &PluginSelector| {
            let selections = selector.select(image.table()).unwrap();
            let objects = selections.iter().flat_map(|selection| selection.objects());
            objects.map(|id| id.get()).collect::<Vec<_>>()
        };
        for _ in 0..2 {
            assert_eq!(chosen(&systems), [2]);
            assert_eq!(chosen(&definitions), [1]);
        }
    }
}

#[test]
fn a_rule_that_fits_nothing_is_not_found_and_names_the_plugin() {
    let world = World::new();
    world.image();
    let image = Image::open(&world.path("image.sif")).unwrap();
    let library = world.install(&built_plugin("selector").library, "libselector.so");
    let labels = instance(&library, Carriage::Library, "labels", "JSON.Labels");
    let error = labels.select(image.table()).unwrap_err();
    assert_eq!(error.kind(), sifseal_core::ErrorKind::NotFound);
    assert_eq!(error.place(), Some("plugin labels"));
}
