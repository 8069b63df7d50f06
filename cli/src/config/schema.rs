//! The keys that a configuration file may have, in one table.
//!
//! Checking a file against it before serde sees it gives errors that name the
//! key and the nearest one that is known, which serde's do not.

use sifseal_core::{Error, ErrorKind, Result};
use toml::{Table, Value};

/// What stands behind a key.
pub(super) enum Shape {
    /// A string.
    Text,
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// A list of strings.
    Texts,
    /// A table with these keys.
    Table(&'static [(&'static str, Shape)]),
    /// A table with any keys.
    AnyTable,
    /// A list of tables, each with these keys.
    Tables(&'static [(&'static str, Shape)]),
}

/// The keys of a configuration file.
pub(super) const KNOWN: &[(&str, Shape)] = &[
    ("engine", Shape::Text),
    (
        "keystore",
        Shape::Table(&[
            ("backend", Shape::Text),
            ("path", Shape::Text),
            ("global", Shape::Text),
        ]),
    ),
    (
        "keyserver",
        Shape::Tables(&[
            ("backend", Shape::Text),
            ("url", Shape::Text),
            ("path", Shape::Text),
            ("ca_file", Shape::Text),
            ("insecure", Shape::Flag),
        ]),
    ),
    (
        "plugin",
        Shape::Tables(&[
            ("name", Shape::Text),
            ("path", Shape::Text),
            ("sha256", Shape::Text),
            ("carrier", Shape::Text),
            ("isolate", Shape::Flag),
            ("timeout", Shape::Number),
            ("config", Shape::AnyTable),
        ]),
    ),
    ("trust", Shape::Table(&[("remote", Shape::Text)])),
    ("policy", Shape::Table(&[("relax", Shape::Texts)])),
    ("locked", Shape::Texts),
];

/// What can be locked: a setting, or a table for all that is in it.
pub(super) const LOCKABLE: &[&str] = &[
    "engine",
    "keystore",
    "keystore.backend",
    "keystore.path",
    "keystore.global",
    "keyserver",
    "plugin",
    "trust",
    "trust.remote",
    "policy",
    "policy.relax",
];

/// Checks that a file has only keys that are known, each of the right type.
///
/// # Errors
/// `Config`, naming the key.
pub(super) fn check(table: &Table) -> Result<()> {
    check_table("", table, KNOWN)
}

fn check_table(prefix: &str, table: &Table, known: &[(&str, Shape)]) -> Result<()> {
    for (key, value) in table {
        let path = format!("{prefix}{key}");
        let Some((_, shape)) = known.iter().find(|(name, _)| name == key) else {
            let names = known.iter().map(|(name, _)| *name);
            return Err(unknown(
                &format!("unknown setting `{path}`"),
                key,
                prefix,
                names,
            ));
        };
        check_value(&path, value, shape)?;
    }
    Ok(())
}

fn check_value(path: &str, value: &Value, shape: &Shape) -> Result<()> {
    let wrong = |wanted: &str| {
        let what = format!("`{path}` must be {wanted}, not {}", described(value));
        Err(Error::new(ErrorKind::Config, what))
    };
    match (shape, value) {
        (Shape::Text, Value::String(_)) => Ok(()),
        (Shape::Text, _) => wrong("a string"),
        (Shape::Flag, Value::Boolean(_)) => Ok(()),
        (Shape::Flag, _) => wrong("true or false"),
        (Shape::Number, Value::Integer(0..)) => Ok(()),
        (Shape::Number, _) => wrong("a whole number"),
        (Shape::AnyTable, Value::Table(_)) => Ok(()),
        (Shape::AnyTable, _) => wrong("a table"),
        (Shape::Texts, Value::Array(items)) if items.iter().all(Value::is_str) => Ok(()),
        (Shape::Texts, _) => wrong("a list of strings"),
        (Shape::Table(known), Value::Table(table)) => {
            check_table(&format!("{path}."), table, known)
        }
        (Shape::Table(_), _) => wrong("a table"),
        (Shape::Tables(known), Value::Array(items)) => {
            for item in items {
                match item {
                    Value::Table(table) => check_table(&format!("{path}."), table, known)?,
                    _ => return wrong("a list of tables"),
                }
            }
            Ok(())
        }
        (Shape::Tables(_), _) => wrong(&format!("a list of tables, `[[{path}]]`")),
    }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "a number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

/// An error about a name that is not known, with the nearest that is.
pub(crate) fn unknown<'a>(
    what: &str,
    name: &str,
    prefix: &str,
    known: impl Iterator<Item = &'a str>,
) -> Error {
    let known: Vec<&str> = known.collect();
    let nearest = known
        .iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 3)
        .min_by_key(|(distance, _)| *distance);
    let hint = match nearest {
        Some((_, nearest)) => format!("did you mean `{prefix}{nearest}`?"),
        None if known.is_empty() => "this build knows none".to_owned(),
        None => format!("known are: {}", known.join(", ")),
    };
    Error::new(ErrorKind::Config, what).hint(hint)
}

/// The Levenshtein distance: how many letters must be put in, left out or
/// changed to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, from_char) in from.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to_char) in row.iter_mut().skip(1).zip(&to) {
            let substituted = diagonal + usize::from(from_char != *to_char);
            diagonal = *cell;
            left = substituted.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (String, Option<String>) {
        let error = check(&text.parse().unwrap()).unwrap_err();
        (error.to_string(), error.hint_text().map(str::to_owned))
    }

    #[test]
    fn a_misspelt_key_is_named_with_the_nearest_known_one() {
        let (what, hint) = refusal("[keystore]\nbackand = 'file'");
        assert_eq!(what, "unknown setting `keystore.backand`");
        assert_eq!(hint.unwrap(), "did you mean `keystore.backend`?");
        let (_, hint) = refusal("zzzzzzz = 1");
        assert!(hint.unwrap().contains("engine"), "lists what is known");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named_by_its_key() {
        for (text, key) in [
            ("engine = 3", "`engine`"),
            ("keystore = 'file'", "`keystore`"),
            ("[keystore]\npath = true", "`keystore.path`"),
            ("[keyserver]\nbackend = 'hkp'", "`keyserver`"),
            ("[[keyserver]]\nurl = 1", "`keyserver.url`"),
            ("[[keyserver]]\ninsecure = 'yes'", "`keyserver.insecure`"),
            ("[[plugin]]\ntimeout = '5s'", "`plugin.timeout`"),
            ("[[plugin]]\nconfig = 1", "`plugin.config`"),
            ("[trust]\nremote = true", "`trust.remote`"),
            ("policy = 'lax'", "`policy`"),
            ("[policy]\nrelax = 'weak-hash'", "`policy.relax`"),
            ("locked = 'engine'", "`locked`"),
            ("locked = [1]", "`locked`"),
        ] {
            assert!(refusal(text).0.contains(key), "{text}");
        }
    }

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
