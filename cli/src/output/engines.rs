//! The OpenPGP libraries of a build, as text and as JSON.

use serde::Serialize;
use serde_json::json;
use sifseal_core::traits::EngineDescription;
use std::fmt::Write as _;

/// One line an engine, and one for what it lacks.
pub fn text(engines: &[EngineDescription], chosen: &str) -> String {
    let mut text = String::new();
    for engine in engines {
        let mark = if engine.name == chosen { "*" } else { " " };
        let _ = writeln!(text, "{mark} {:<8} {}", engine.name, engine.library);
        if !engine.lacks.is_empty() {
            let lacks = engine.lacks.join(", ");
            let _ = writeln!(text, "           cannot check signatures by: {lacks}");
        }
    }
    text
}

/// `sifseal/engines/1`.
pub fn json(engines: &[EngineDescription], chosen: &str) -> impl Serialize {
    let rows: Vec<_> = engines
        .iter()
        .map(|engine| {
            json!({
                "name": engine.name,
                "library": engine.library,
                "chosen": engine.name == chosen,
                "lacks": engine.lacks,
            })
        })
        .collect();
    json!({ "schema": "sifseal/engines/1", "engines": rows })
}
