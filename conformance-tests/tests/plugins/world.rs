//! A home with keys, an image and plugins.

use sifseal_conformance_tests::Program;
use sifseal_conformance_tests::program::Output;
use sifseal_conformance_tests::workshop::{Workshop, certificate, new_key};
use sifseal_core::openpgp::{Certificate, Key};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeyStore};
use sifseal_engine_rpgp::RpgpEngine;
use sifseal_keystore_file::FileKeyStore;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// A folder that is also the home of whoever runs the program.
pub(crate) struct World {
    pub(crate) shop: Rc<Workshop>,
    pub(crate) program: Program,
}

impl World {
    pub(crate) fn new() -> Self {
        let shop = Rc::new(Workshop::new());
        let program = Program::new(&shop.path(""));
        Self { shop, program }
    }

    /// The same with one more environment variable.
    pub(crate) fn with_env(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.with_env(name, value);
        self
    }

    /// The same home with this plugin for a key store.
    pub(crate) fn using(&self, plugin: &str) -> Self {
        Self {
            shop: Rc::clone(&self.shop),
            program: self.program.clone().with_env("SIFSEAL_KEYSTORE", plugin),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.shop.path(name)
    }

    /// A key without a passphrase in the directory `keys`, which is not the program's own.
    pub(crate) fn key(&self, name: &str, algorithm: KeyAlgorithm) -> Certificate {
        let user_id = format!("{name} <{name}@example.com>");
        let key = new_key(&RpgpEngine, &user_id, algorithm).unwrap();
        let store = FileKeyStore::open(self.path("keys"), Arc::new(RpgpEngine));
        let cx = sifseal_conformance_tests::workshop::at(sifseal_core::Timestamp::now());
        store.insert(&cx, &Key::Secret(key.clone())).unwrap();
        certificate(&RpgpEngine, &key).unwrap().0
    }

    /// An image with one group; its bytes as they are now.
    pub(crate) fn image(&self) -> Vec<u8> {
        let _ = fs::remove_file(self.path("image.sif"));
        fs::read(self.shop.image("image.sif", 1).unwrap()).unwrap()
    }

    pub(crate) fn image_now(&self) -> Vec<u8> {
        fs::read(self.path("image.sif")).unwrap()
    }

    /// Puts a copy of a plugin's file into the home, under this name.
    pub(crate) fn install(&self, file: &Path, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::copy(file, &path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Configures a plugin, pinned to what its file holds. `more` are further lines of
    /// its table, `settings` those of `[plugin.config]`.
    pub(crate) fn configure(&self, name: &str, file: &Path, more: &str, settings: &[(&str, &str)]) {
        let digest = sha256(file);
        self.configure_pinned(name, file, &digest, more, settings);
    }

    pub(crate) fn configure_pinned(
        &self,
        name: &str,
        file: &Path,
        digest: &str,
        more: &str,
        settings: &[(&str, &str)],
    ) {
        let config = self.path(".config/sifseal/config.toml");
        fs::create_dir_all(config.parent().unwrap()).unwrap();
        let mut text = fs::read_to_string(&config).unwrap_or_default();
        let path = file.display();
        write!(
            text,
            "[[plugin]]\nname = \"{name}\"\npath = \"{path}\"\nsha256 = \"{digest}\"\n{more}\n"
        )
        .unwrap();
        text.push_str("[plugin.config]\n");
        for (key, value) in settings {
            writeln!(text, "{key} = \"{value}\"").unwrap();
        }
        fs::write(config, text).unwrap();
    }

    /// Runs a line of words.
    pub(crate) fn run(&self, line: &str) -> Output {
        self.run_with(line, "")
    }

    /// Runs a line of words at a terminal where somebody types this.
    pub(crate) fn run_at_a_terminal(&self, line: &str, typed: &str) -> Output {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.program.run_at_a_terminal(&words, typed)
    }

    pub(crate) fn run_with(&self, line: &str, input: &str) -> Output {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.program.run(&words, input.as_bytes())
    }

    #[track_caller]
    pub(crate) fn done(&self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.status, 0, "{line}: {output:?}");
        output.stdout
    }

    /// Runs a line that fails; what it says.
    #[track_caller]
    pub(crate) fn fails(&self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.status, 1, "{line}: {output:?}");
        output.stderr
    }

    /// True while a process lives that was started for this home.
    pub(crate) fn has_processes(&self) -> bool {
        let home = self.path("");
        let home = format!("HOME={}", home.display());
        let entries = fs::read_dir("/proc").unwrap();
        let processes = entries.filter_map(|entry| Some(entry.ok()?.path()));
        processes
            .filter_map(|process| fs::read(process.join("environ")).ok())
            .any(|environ| {
                environ
                    .split(|byte| *byte == 0)
                    .any(|line| line == home.as_bytes())
            })
    }

    /// Every engine, with one that is another.
    pub(crate) fn engines() -> [(&'static str, &'static str); 2] {
        [("rpgp", "sequoia"), ("sequoia", "rpgp")]
    }
}

pub(crate) fn sha256(file: &Path) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(fs::read(file).unwrap()))
}

/// The certificate as a file for other programs.
pub(crate) fn armored(certificate: &Certificate) -> Vec<u8> {
    let armored = RpgpEngine.armor(&Key::Certificate(certificate.clone()));
    armored.unwrap().expose().to_vec()
}
