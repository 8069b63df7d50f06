//! Stories about which layer wins, and about what is refused.

use super::super::Environment;
use super::*;
use tempfile::TempDir;

/// A system of its own: a site's file, a home with a user's file, variables.
struct System {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

impl System {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let home = directory.path().join("home");
        let variables = vec![("HOME".to_owned(), home.display().to_string())];
        Self {
            directory,
            variables,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn system(self, text: &str) -> Self {
        self.file("etc/config.toml", text)
    }

    fn user(self, text: &str) -> Self {
        self.file("home/.config/sifseal/config.toml", text)
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn load_with(&self, flags: &Flags) -> Result<Config> {
        let places = Places {
            system_config: self.path("etc/config.toml"),
            apptainer_system: self.path("etc/remote.yaml"),
            environment: self.variables.iter().cloned().collect::<Environment>(),
        };
        load(&places, flags)
    }

    fn load(&self) -> Result<Config> {
        self.load_with(&Flags::default())
    }
}

#[test]
fn without_any_file_apptainers_directory_holds() {
    let system = System::new();
    let config = system.load().unwrap();
    assert_eq!(
        config.keystore_path.value,
        system.path("home/.apptainer/keys")
    );
    assert_eq!(config.keystore_path.origin, Origin::Default);
    assert_eq!(config.engine.value, "rpgp");
}

#[test]
fn each_layer_wins_over_the_one_before() {
    let flags = Flags {
        engine: Some("five".to_owned()),
        ..Flags::default()
    };
    let mut system = System::new().system("engine = 'two'");
    assert_eq!(system.load().unwrap().engine.value, "two");
    system = system.user("engine = 'three'");
    assert_eq!(system.load().unwrap().engine.value, "three");
    system = system.variable("SIFSEAL_ENGINE", "four");
    assert_eq!(system.load().unwrap().engine.value, "four");
    let config = system.load_with(&flags).unwrap();
    assert_eq!(config.engine.value, "five");
    assert_eq!(config.engine.origin, Origin::Flag("--engine"));
}

#[test]
fn a_named_file_replaces_the_users_but_not_the_systems() {
    let system = System::new()
        .system("[keystore]\nglobal = '/site/ring'")
        .user("engine = 'users'")
        .file("other.toml", "[keystore]\nbackend = 'os'");
    let flags = Flags {
        config: Some(system.path("other.toml")),
        ..Flags::default()
    };
    let config = system.load_with(&flags).unwrap();
    assert_eq!(config.engine.value, "rpgp");
    assert_eq!(config.keystore_backend.value, "os");
    assert_eq!(config.keystore_global.value, Path::new("/site/ring"));
}

#[test]
fn a_named_file_that_is_not_there_is_an_error() {
    let system = System::new().variable("SIFSEAL_CONFIG", "/nowhere/config.toml");
    let error = system.load().unwrap_err();
    assert!(
        error.to_string().contains("/nowhere/config.toml"),
        "{error}"
    );
}

#[test]
fn the_first_of_apptainers_variables_wins_over_the_files() {
    let system = System::new()
        .user("[keystore]\npath = '/file'")
        .variable("SINGULARITY_SYPGPDIR", "/singularity");
    assert_eq!(
        system.load().unwrap().keystore_path.value,
        Path::new("/singularity")
    );
    let system = system.variable("APPTAINER_KEYSDIR", "/apptainer");
    let path = system.load().unwrap().keystore_path;
    assert_eq!(path.value, Path::new("/apptainer"));
    assert_eq!(path.origin, Origin::Variable("APPTAINER_KEYSDIR"));
}

#[test]
fn an_empty_variable_is_no_variable() {
    let system = System::new().variable("APPTAINER_KEYSDIR", "");
    assert_eq!(system.load().unwrap().keystore_path.origin, Origin::Default);
}

#[test]
fn nobody_changes_what_the_site_has_locked() {
    let system = || System::new().system("engine = 'rpgp'\nlocked = ['engine', 'keystore']");
    let by_file = system().user("engine = 'other'").load().unwrap_err();
    assert!(by_file.to_string().contains("`engine`"), "{by_file}");
    assert!(by_file.to_string().contains("etc/config.toml"), "{by_file}");
    assert!(system().variable("SIFSEAL_ENGINE", "other").load().is_err());
    assert!(
        system()
            .variable("APPTAINER_KEYSDIR", "/elsewhere")
            .load()
            .is_err()
    );
    let flags = Flags {
        keysdir: Some(PathBuf::from("/elsewhere")),
        ..Flags::default()
    };
    assert!(system().load_with(&flags).is_err());
}

#[test]
fn where_the_kind_of_key_store_is_locked_no_key_goes_into_another() {
    for name in ["keystore", "keystore.backend"] {
        let site = format!("locked = ['{name}']\n[keystore]\nbackend = 'os'");
        let config = System::new().system(&site).load().unwrap();
        assert!(config.check_key_store("os").is_ok());
        let error = config.check_key_store("file").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(error.to_string().contains("config.toml"), "{error}");
    }
    let free = System::new()
        .user("[keystore]\nbackend = 'os'")
        .load()
        .unwrap();
    assert!(free.check_key_store("file").is_ok());
}

#[test]
fn saying_what_is_locked_already_is_no_conflict() {
    let system = System::new()
        .system("engine = 'rpgp'\nlocked = ['engine']")
        .user("engine = 'rpgp'");
    let engine = system.load().unwrap().engine;
    assert_eq!(engine.origin, Origin::File(system.path("etc/config.toml")));
}

#[test]
fn a_user_cannot_lock_and_a_site_cannot_lock_nonsense() {
    let error = System::new()
        .user("locked = ['engine']")
        .load()
        .unwrap_err();
    assert!(error.to_string().contains("system's file only"), "{error}");
    let error = System::new()
        .system("locked = ['engin']")
        .load()
        .unwrap_err();
    assert_eq!(error.hint_text(), Some("did you mean `engine`?"));
}

#[test]
fn a_mistake_names_file_and_line_or_key() {
    let error = System::new()
        .user("engine = 'a'\nengine = =")
        .load()
        .unwrap_err();
    assert!(error.to_string().contains("config.toml: line 2"), "{error}");
    let error = System::new().user("engnie = 'a'").load().unwrap_err();
    assert!(error.to_string().contains("`engnie`"), "{error}");
    assert_eq!(error.hint_text(), Some("did you mean `engine`?"));
    let error = System::new()
        .user("[[keyserver]]\nurl = 'https://x'")
        .load()
        .unwrap_err();
    assert!(error.to_string().contains("backend"), "{error}");
}

#[test]
fn paths_in_a_file_begin_at_home_or_beside_the_file() {
    let system = System::new().user("[keystore]\npath = '~/ring'\nglobal = 'site/ring'");
    let config = system.load().unwrap();
    assert_eq!(config.keystore_path.value, system.path("home/ring"));
    let beside = system.path("home/.config/sifseal/site/ring");
    assert_eq!(config.keystore_global.value, beside);
}

#[test]
fn keyservers_of_a_later_layer_replace_all_earlier_ones() {
    let system = System::new()
        .system("[[keyserver]]\nbackend = 'hkp'\nurl = 'https://a'")
        .user("[[keyserver]]\nbackend = 'offline'\npath = '/srv'\n[[keyserver]]\nbackend = 'hkp'\nurl = 'https://b'");
    let servers = system.load().unwrap().keyservers.value;
    let urls: Vec<_> = servers.iter().map(|server| server.url.as_deref()).collect();
    assert_eq!(urls, [None, Some("https://b")]);
}

#[test]
fn a_later_layer_says_anew_which_rules_are_relaxed_unless_the_site_locks_it() {
    let names = |system: &System| {
        let relax = system.load().unwrap().policy_relax;
        relax
            .value
            .iter()
            .map(|rule| rule.name())
            .collect::<Vec<_>>()
    };
    let site = "[policy]\nrelax = ['weak-key', 'weak-hash']";
    assert_eq!(
        names(&System::new().system(site)),
        ["weak-hash", "weak-key"]
    );
    let users = "[policy]\nrelax = ['key-expired']";
    assert_eq!(
        names(&System::new().system(site).user(users)),
        ["key-expired"]
    );
    for locked in ["policy", "policy.relax"] {
        let site = format!("locked = ['{locked}']\n{site}");
        let error = System::new().system(&site).user(users).load().unwrap_err();
        assert!(error.to_string().contains("`policy.relax`"), "{error}");
        // A lock without a value keeps everything strict.
        let strict = format!("locked = ['{locked}']");
        assert!(System::new().system(&strict).user(users).load().is_err());
    }
}

#[test]
fn a_rule_that_is_not_there_or_not_to_be_relaxed_is_a_mistake_that_lists_the_others() {
    for name in ["weak-hsah", "key-revoked"] {
        let system = System::new().user(&format!("[policy]\nrelax = ['{name}']"));
        let error = system.load().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let told = error.to_string();
        assert!(
            told.contains("config.toml: `policy.relax`") && told.contains(name),
            "{told}"
        );
        assert!(error.hint_text().unwrap().contains("weak-hash, weak-key"));
    }
}

fn url(url: &str) -> Flags {
    Flags {
        url: Some(url.to_owned()),
        ..Flags::default()
    }
}

#[test]
fn a_server_of_the_list_keeps_its_settings_when_it_is_chosen_whatever_the_variable_says() {
    let list = "[[keyserver]]\nbackend = 'hkp'\nurl = 'https://a'\n\
                [[keyserver]]\nbackend = 'hkp'\nurl = 'https://b'\ntimeout = 5";
    for variable in ["none", "https://a", "https://elsewhere"] {
        let system = System::new()
            .user(list)
            .variable("SIFSEAL_KEYSERVER", variable);
        let config = system.load_with(&url("hkps://b")).unwrap();
        let [server] = &config.keyservers.value[..] else {
            panic!("{config:?}");
        };
        assert!(server.timeout.is_some(), "{server:?}");
        assert_eq!(config.keyservers.origin, Origin::Flag("--url"));
    }
}

#[test]
fn of_a_locked_list_one_may_be_chosen_and_none_but_no_other() {
    let system = System::new().system(
        "locked = ['keyserver']\n[[keyserver]]\nbackend = 'hkp'\nurl = 'https://a'\ntimeout = 5",
    );
    for chosen in ["https://a", "none"] {
        assert!(system.load_with(&url(chosen)).is_ok(), "{chosen}");
    }
    let error = system.load_with(&url("https://evil")).unwrap_err();
    assert!(error.to_string().contains("--url sets `keyserver`"));
    // Neither may a user be more patient than the site.
    let system = system.user("[[keyserver]]\nbackend = 'hkp'\nurl = 'https://a'\ntimeout = 600");
    assert!(system.load().is_err());
}

#[test]
fn a_site_can_insist_on_passphrases_in_the_secret_store() {
    let users = "[keystore]\nprotection = 'store'\nstore = 'keyutils'";
    let config = System::new().user(users).load().unwrap();
    assert_eq!(config.keystore_protection.value, KeyProtection::Store);
    assert_eq!(config.keystore_store.value, "keyutils");
    assert!(config.is_without_passphrases("os"));
    assert!(!config.is_without_passphrases("file"));

    let system = System::new().system("locked = ['keystore.protection']");
    let error = system.user(users).load().unwrap_err();
    assert!(error.to_string().contains("`keystore.protection`"));

    let system = System::new().user("[keystore]\nprotection = 'none'");
    let error = system.load().unwrap_err();
    assert!(error.to_string().contains("no protection `none`"));
    assert_eq!(error.hint_text(), Some("known are: passphrase, store"));
}
