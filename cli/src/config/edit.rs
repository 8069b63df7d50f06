//! Changing the list of keyservers in a configuration file; everything else in the
//! file stays as its owner wrote it, comments too.

use super::schema;
use super::setting::KeyserverConfig;
use sifseal_core::replace::{self, Mode};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use std::path::Path;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// Puts a keyserver into the list of a file, at this place (0 is the first) or at the
/// end. A file without a list gets one, which begins with `inherited`: what held until
/// now.
///
/// # Errors
/// `Denied` if the place is beyond the end; the file cannot be read or written.
pub fn add_keyserver(
    cx: &Context<'_>,
    file: &Path,
    inherited: &[KeyserverConfig],
    server: &KeyserverConfig,
    place: Option<usize>,
) -> Result<()> {
    change(cx, file, inherited, |servers| {
        let place = place.unwrap_or(servers.len());
        if place > servers.len() {
            let what = format!("order is out of range: maximum is {}", servers.len() + 1);
            return Err(Error::new(ErrorKind::Denied, what));
        }
        servers.insert(place, table_of(server));
        Ok(())
    })
}

/// Takes every keyserver that is named so out of the list of a file.
///
/// # Errors
/// `NotFound` if there is none; the file cannot be read or written.
pub fn remove_keyserver(
    cx: &Context<'_>,
    file: &Path,
    inherited: &[KeyserverConfig],
    is_meant: impl Fn(&KeyserverConfig) -> bool,
) -> Result<()> {
    change(cx, file, inherited, |servers| {
        let before = servers.len();
        servers.retain(|table| !config_of(table).is_some_and(|server| is_meant(&server)));
        match servers.len() < before {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::NotFound, "it is not configured")),
        }
    })
}

fn change(
    cx: &Context<'_>,
    file: &Path,
    inherited: &[KeyserverConfig],
    change: impl FnOnce(&mut Vec<Table>) -> Result<()>,
) -> Result<()> {
    replace::update(cx, file, Mode::KeepOr(0o644), |old| {
        let old = old.map(Secret::expose).unwrap_or_default();
        let mut document = document_of(old).map_err(|error| error.at(file.display()))?;
        let mut servers = match document.get("keyserver") {
            None => inherited.iter().map(table_of).collect(),
            Some(item) => tables(item),
        };
        change(&mut servers)?;
        put(&mut document, servers);
        Ok(Secret::new(document.to_string().into_bytes()))
    })
}

/// The content of a file, to be changed.
///
/// # Errors
/// `Config` if it is no configuration.
pub(super) fn document_of(content: &[u8]) -> Result<DocumentMut> {
    let text = std::str::from_utf8(content)
        .map_err(|_| Error::new(ErrorKind::Config, "the file is not UTF-8 text"))?;
    check(text)?;
    text.parse().map_err(|error: toml_edit::TomlError| {
        Error::new(ErrorKind::Config, error.message().to_owned())
    })
}

/// A file that cannot be read must not be written either.
fn check(text: &str) -> Result<()> {
    let table = text.parse::<toml::Table>();
    let table = table.map_err(|error| Error::new(ErrorKind::Config, error.message().to_owned()))?;
    schema::check(&table)
}

/// The tables of a list, however it is written.
pub(super) fn tables(item: &Item) -> Vec<Table> {
    match item {
        Item::ArrayOfTables(tables) => tables.iter().cloned().collect(),
        Item::Value(list) => {
            let tables = list.as_array().into_iter().flatten();
            let tables = tables.filter_map(|table| table.as_inline_table());
            tables.map(|table| table.clone().into_table()).collect()
        }
        _ => vec![],
    }
}

fn put(document: &mut DocumentMut, servers: Vec<Table>) {
    if servers.is_empty() {
        // An empty list is not the same as none: nobody is to be asked.
        document.insert("keyserver", value(toml_edit::Array::new()));
        return;
    }
    let mut list = ArrayOfTables::new();
    for mut table in servers {
        // Where it stood before says nothing about where it is to stand.
        table.set_position(None);
        list.push(table);
    }
    document.insert("keyserver", Item::ArrayOfTables(list));
}

fn table_of(server: &KeyserverConfig) -> Table {
    let mut table = Table::new();
    table.insert("backend", value(&server.backend));
    if let Some(url) = &server.url {
        table.insert("url", value(url));
    }
    for (name, path) in [("path", &server.path), ("ca_file", &server.ca_file)] {
        if let Some(path) = path {
            table.insert(name, value(path.display().to_string()));
        }
    }
    if server.insecure {
        table.insert("insecure", value(true));
    }
    table
}

fn config_of(table: &Table) -> Option<KeyserverConfig> {
    toml::from_str(&table.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::Timestamp;
    use sifseal_core::traits::Nobody;
    use std::fs;
    use std::sync::atomic::AtomicBool;
    use tempfile::TempDir;

    static NEVER: AtomicBool = AtomicBool::new(false);

    fn cx() -> Context<'static> {
        Context {
            now: Timestamp(0),
            deadline: None,
            cancelled: &NEVER,
            ui: &Nobody,
        }
    }

    struct File(TempDir);

    impl File {
        fn with(text: &str) -> Self {
            let file = Self(TempDir::new().unwrap());
            fs::write(file.path(), text).unwrap();
            file
        }

        fn path(&self) -> std::path::PathBuf {
            self.0.path().join("config.toml")
        }

        fn text(&self) -> String {
            fs::read_to_string(self.path()).unwrap()
        }

        fn urls(&self) -> Vec<String> {
            let table: toml::Table = self.text().parse().unwrap();
            schema::check(&table).unwrap();
            let servers = table["keyserver"].as_array().unwrap().iter();
            servers
                .map(|server| server["url"].as_str().unwrap().to_owned())
                .collect()
        }

        fn add(&self, url: &str, place: Option<usize>) -> Result<()> {
            let inherited = [KeyserverConfig::hkp("https://inherited")];
            add_keyserver(
                &cx(),
                &self.path(),
                &inherited,
                &KeyserverConfig::hkp(url),
                place,
            )
        }

        fn remove(&self, url: &str) -> Result<()> {
            let inherited = [KeyserverConfig::hkp("https://inherited")];
            remove_keyserver(&cx(), &self.path(), &inherited, |server| {
                server.is_named(url)
            })
        }
    }

    #[test]
    fn a_server_is_added_to_what_held_until_now() {
        let file = File::with("engine = 'rpgp' # mine\n");
        file.add("https://new", None).unwrap();
        assert_eq!(file.urls(), ["https://inherited", "https://new"]);
        assert!(file.text().starts_with("engine = 'rpgp' # mine\n"));
        file.add("https://first", Some(0)).unwrap();
        assert_eq!(
            file.urls(),
            ["https://first", "https://inherited", "https://new"]
        );
    }

    #[test]
    fn comments_and_other_settings_stay() {
        let text = "\
# on top
[[keyserver]]
backend = 'hkp' # the old one
url = 'https://one'

[policy]
relax = [] # strict
";
        let file = File::with(text);
        file.add("https://two", None).unwrap();
        for kept in ["# on top", "# the old one", "relax = [] # strict"] {
            assert!(file.text().contains(kept), "{}", file.text());
        }
        assert_eq!(file.urls(), ["https://one", "https://two"]);
        file.remove("https://two").unwrap();
        assert_eq!(file.urls(), ["https://one"]);
        assert!(file.text().contains("relax = [] # strict"));
    }

    #[test]
    fn the_last_one_can_go_and_then_nobody_is_asked() {
        let file = File::with("");
        file.remove("https://inherited").unwrap();
        assert!(file.urls().is_empty());
        assert!(file.remove("https://inherited").is_err());
        file.add("https://again", None).unwrap();
        assert_eq!(file.urls(), ["https://again"]);
    }

    #[test]
    fn what_cannot_be_done_changes_nothing() {
        let file = File::with("engine = 'rpgp'\n");
        let error = file.add("https://far", Some(7)).unwrap_err();
        assert_eq!(error.to_string(), "order is out of range: maximum is 2");
        assert_eq!(
            file.remove("https://none").unwrap_err().kind(),
            ErrorKind::NotFound
        );
        assert_eq!(file.text(), "engine = 'rpgp'\n");
        let broken = File::with("engine = \n");
        assert!(broken.add("https://new", None).is_err());
        assert_eq!(broken.text(), "engine = \n");
    }

    #[test]
    fn a_list_written_in_one_line_is_understood() {
        let file = File::with("keyserver = [{ backend = 'hkp', url = 'https://one' }]\n");
        file.add("https://two", None).unwrap();
        assert_eq!(file.urls(), ["https://one", "https://two"]);
    }
}
