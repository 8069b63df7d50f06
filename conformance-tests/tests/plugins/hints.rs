//! What the program says to whoever uses plugins for the first time.

use crate::world::World;

fn with_a_vault() -> World {
    let world = World::new();
    world.configure_pinned("vault", &world.path("vault"), &"0".repeat(64), "", &[]);
    world
}

#[test]
fn an_unknown_key_store_is_answered_with_plugins_too() {
    let unknown = with_a_vault().using("valut").fails("key list");
    for words in [
        "there is no key store `valut`",
        "this build has: file",
        "plugins that are configured are: vault",
    ] {
        assert!(unknown.contains(words), "{unknown}");
    }
    let none = World::new().using("vault").fails("key list");
    assert!(none.contains("`sifseal plugin add FILE`"), "{none}");
}
