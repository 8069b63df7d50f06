//! The stage: somebody's home, a token, and a configuration that brings them together.

use sha2::{Digest as _, Sha256};
use sifseal_conformance_tests::program::{Output, built_program};
use sifseal_conformance_tests::softhsm::{KeyKind, PIN, SoftHsm, Token};
use sifseal_conformance_tests::workshop::Workshop;
use sifseal_conformance_tests::{Program, engines, require_softhsm};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub(crate) const USER_ID: &str = "Release Team <release@example.org>";
pub(crate) const CREATED: &str = "2020-09-13T12:26:40Z";

/// How the plugin's file runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Executable,
    Library,
    IsolatedLibrary,
}

/// Somebody who signs with a token called `releases`.
pub(crate) struct Office {
    pub(crate) shop: Workshop,
    pub(crate) token: Token,
    pub(crate) sifseal: Program,
    pub(crate) maker: Program,
    carrier: Carrier,
    /// Lines of the plugin's settings that say where the PIN is.
    pin: String,
    /// Tables of keys.
    keys: String,
}

impl Office {
    /// One with a token without keys; `None` on a machine without SoftHSM.
    pub(crate) fn new() -> Option<Self> {
        Some(Self::with(&require_softhsm()?))
    }

    fn with(hsm: &SoftHsm) -> Self {
        let shop = Workshop::new();
        let token = hsm.token("releases");
        let conf = token.configuration();
        let person = |name| {
            Program::named(name, shop.path("").as_path())
                .with_env("SOFTHSM2_CONF", conf.to_str().unwrap())
        };
        let office = Self {
            sifseal: person("sifseal"),
            maker: person("sifseal-pkcs11-certificate"),
            carrier: Carrier::Executable,
            pin: String::new(),
            keys: String::new(),
            token,
            shop,
        };
        office.pin_in_a_file(PIN)
    }

    /// The same, where the PIN is in a file.
    pub(crate) fn pin_in_a_file(self, pin: &str) -> Self {
        let path = self.shop.path("pin");
        std::fs::write(&path, format!("{pin}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        self.pin_by(&format!("pin-file = '{}'", path.display()))
    }

    /// The same, with these lines about the PIN.
    pub(crate) fn pin_by(mut self, lines: &str) -> Self {
        self.pin = lines.to_owned();
        self.write();
        self
    }

    pub(crate) fn carried_by(mut self, carrier: Carrier) -> Self {
        self.carrier = carrier;
        self.write();
        self
    }

    /// Adds lines to the settings.
    pub(crate) fn settle(&mut self, lines: &str) {
        self.keys.push_str(lines);
        self.write();
    }

    /// Forgets all keys of the settings.
    pub(crate) fn forget_keys(&mut self) {
        self.keys.clear();
        self.write();
    }

    fn write(&self) {
        let program = built_program("sifseal-keystore-pkcs11");
        // Cargo leaves libraries that programs are made of among its own files.
        let library = program.with_file_name("deps/libsifseal_keystore_pkcs11.so");
        let (path, more) = match self.carrier {
            Carrier::Executable => (program, ""),
            Carrier::Library => (library, ""),
            Carrier::IsolatedLibrary => (library, "isolate = true"),
        };
        let digest = hex::encode(Sha256::digest(std::fs::read(&path).unwrap()));
        let text = format!(
            "[keystore]\nbackend = 'hsm'\n\n[[plugin]]\nname = 'hsm'\npath = '{}'\n\
             sha256 = '{digest}'\n{more}\n[plugin.config]\nmodule = '{}'\n\
             token = 'releases'\n{}\n{}",
            path.display(),
            self.token.module().display(),
            self.pin,
            self.keys,
        );
        let folder = self.shop.path(".config/sifseal");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// Asks the program for certificates about a key.
    pub(crate) fn certificate(&self, command: &str, label: &str, more: &[&str]) -> Output {
        let words = [command, "--plugin", "hsm", "--label", label];
        self.maker.run(&[&words[..], more].concat(), b"")
    }

    /// Makes a certificate around a key, by an engine, and settles it; the file.
    pub(crate) fn certify(&mut self, label: &str, engine: &str) -> PathBuf {
        let file = self.shop.path(&format!("{label}-{engine}.asc"));
        let path = file.to_str().unwrap();
        let more = [
            "--user-id",
            USER_ID,
            "--created",
            CREATED,
            "--output",
            path,
            "--engine",
            engine,
        ];
        let output = self.certificate("new", label, &more);
        assert_eq!(output.status, 0, "{output:?}");
        self.settle(&output.stdout);
        file
    }

    /// A key of this kind in the token, with its certificate.
    pub(crate) fn key(&mut self, kind: KeyKind, label: &str) -> PathBuf {
        self.token.make_key(kind, label, "01");
        self.certify(label, "rpgp")
    }

    /// Runs `sifseal`, with these lines for its questions.
    pub(crate) fn run(&self, words: &[&str], answers: &str) -> Output {
        self.sifseal.run(words, answers.as_bytes())
    }

    /// Signs an image that is made for it.
    pub(crate) fn sign(&self, image: &str, answers: &str) -> Output {
        self.shop.image(image, 1).unwrap();
        self.run(&["sign", image], answers)
    }

    /// Signs an image that is made for it, at a terminal where somebody types this.
    pub(crate) fn sign_at_a_terminal(&self, image: &str, typed: &str) -> Output {
        self.shop.image(image, 1).unwrap();
        self.sifseal.run_at_a_terminal(&["sign", image], typed)
    }
}

/// The names of the engines.
pub(crate) fn engine_names() -> Vec<&'static str> {
    engines()
        .iter()
        .map(|engine| engine.describe().name)
        .collect()
}

/// Asserts that a command failed with words that say all of this, and that the image has
/// no signature.
pub(crate) fn refused(office: &Office, output: &Output, image: &str, says: &[&str]) {
    assert_eq!(output.status, 1, "{output:?}");
    for words in says {
        let said = [&output.stderr, &output.stdout];
        assert!(
            said.iter().any(|said| said.contains(words)),
            "no `{words}`: {output:?}"
        );
    }
    assert!(is_unsigned(&office.shop.path(image)));
}

fn is_unsigned(image: &Path) -> bool {
    let image = sifseal_core::sif::Image::open(image).unwrap();
    let signature = sifseal_core::sif::DataType::Signature;
    image
        .objects()
        .all(|object| object.data_type() != signature)
}
