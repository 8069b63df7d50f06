//! A GnuPG with a home of its own, what a person at it does, and signatures that are
//! checked by everyone.

use sifseal_conformance_tests::{Gpg, engines};
use sifseal_keystore_gpg_agent::{GpgKeyStore, GpgSettings, Pinentry};
use sifseal_plugin_sdk::openpgp::cleartext;
use sifseal_plugin_sdk::openpgp::{Certificate, Fingerprint, HashAlgorithm, Key, Maths};
use sifseal_plugin_sdk::traits::{
    Engine, KeyEntry, KeyPart, KeyQuery, KeyStore, Nobody, PrivateKey, RawSignature, Signer,
};
use sifseal_plugin_sdk::{Context, Result, Timestamp};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

static NEVER: AtomicBool = AtomicBool::new(false);

/// The present: GnuPG makes its keys then. Nobody is asked by us.
pub(crate) fn cx() -> Context<'static> {
    Context {
        now: Timestamp::now(),
        deadline: None,
        cancelled: &NEVER,
        ui: &Nobody,
    }
}

/// What is done at the place where pinentry would show its dialogue: commands of the
/// shell. `$PPID` is the agent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dialogue<'a> {
    /// The person types this.
    Types(&'a str),
    /// The person presses the button that says no.
    Cancels,
    /// There is none.
    Missing,
    /// It goes away when it should ask.
    Vanishes,
    /// The agent is killed.
    KillsTheAgent,
    /// The person has gone for coffee.
    NeverEnds,
}

impl Dialogue<'_> {
    fn script(self) -> String {
        match self {
            Self::Types(text) => format!("echo 'D {text}'; echo OK"),
            Self::Cancels => "echo 'ERR 83886179 Operation cancelled <Pinentry>'".to_owned(),
            Self::Missing | Self::Vanishes => "exit 1".to_owned(),
            Self::KillsTheAgent => "kill -KILL $PPID; exit 1".to_owned(),
            // It is still there to notice when the agent ends.
            Self::NeverEnds => ":".to_owned(),
        }
    }
}

/// GnuPG, and the plugin's key store over it.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) gpg: Gpg,
    pub(crate) store: GpgKeyStore,
}

impl Desk {
    /// `None`, said aloud, where GnuPG is not installed.
    pub(crate) fn new() -> Option<Self> {
        Self::with(Dialogue::Missing)
    }

    /// With somebody at the dialogue.
    pub(crate) fn with(dialogue: Dialogue<'_>) -> Option<Self> {
        let gpg = Gpg::new()?;
        let pinentry = gpg.home().join("pinentry");
        let log = gpg.home().join("dialogue");
        let script = format!(
            "#!/bin/sh\n\
             echo 'OK at your service'\n\
             while read -r line; do\n\
             printf '%s\\n' \"$line\" >>'{}'\n\
             case $line in\n\
             GETPIN*|CONFIRM*) {};;\n\
             BYE*) echo OK; exit;;\n\
             *) echo OK;;\n\
             esac\n\
             done\n",
            log.display(),
            dialogue.script()
        );
        fs::write(&pinentry, script).unwrap();
        fs::set_permissions(&pinentry, fs::Permissions::from_mode(0o700)).unwrap();
        let program = match dialogue {
            Dialogue::Missing => Path::new("/bin/false"),
            _ => &pinentry,
        };
        let options = format!(
            // A count that is given need not be measured, which takes a second.
            "pinentry-program {}\nallow-preset-passphrase\ns2k-count 65536\n",
            program.display()
        );
        fs::write(gpg.home().join("gpg-agent.conf"), options).unwrap();
        let store = store(gpg.home(), &[]);
        Some(Self { gpg, store })
    }

    /// The key store with an agent at another socket than GnuPG's usual one.
    pub(crate) fn store_with_socket(&self, socket: &Path) -> GpgKeyStore {
        let home = self.gpg.home();
        let gpgconf = home.join("other-gpgconf");
        let script = format!(
            "#!/bin/sh\necho homedir:{}\necho agent-socket:{}\n",
            home.display(),
            socket.display()
        );
        fs::write(&gpgconf, script).unwrap();
        fs::set_permissions(&gpgconf, fs::Permissions::from_mode(0o700)).unwrap();
        let settings = GpgSettings {
            home: Some(home.to_owned()),
            gpgconf: Some(gpgconf),
            ..GpgSettings::default()
        };
        let terminal = Some("/dev/pts/0".into());
        GpgKeyStore::new(settings, Pinentry::of(|_| None, terminal))
    }

    /// What was said to the dialogue.
    pub(crate) fn dialogue(&self) -> String {
        fs::read_to_string(self.gpg.home().join("dialogue")).unwrap_or_default()
    }

    /// What a program of GnuPG prints.
    pub(crate) fn ask(&self, program: &Path, arguments: &[&str]) -> String {
        let output = std::process::Command::new(program)
            .env("GNUPGHOME", self.gpg.home())
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{program:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A folder of GnuPG's, by the name that `gpgconf` has for it.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.ask(Path::new("gpgconf"), &["--list-dirs", name]);
        path.trim().into()
    }

    /// The keys to sign with that answer to a query.
    pub(crate) fn find(&self, part: KeyPart, query: &KeyQuery) -> Vec<KeyEntry> {
        self.store.find(&cx(), part, query).unwrap().entries
    }

    /// The certificates of all keys to sign with.
    pub(crate) fn certificates(&self) -> Vec<Certificate> {
        let entries = self.find(KeyPart::Secret, &KeyQuery::All);
        entries.into_iter().map(|entry| entry.certificate).collect()
    }

    /// The only key to sign with.
    pub(crate) fn only_key(&self) -> Fingerprint {
        match &self.certificates()[..] {
            [one] => one.fingerprint(),
            several => panic!("{} keys", several.len()),
        }
    }

    /// The name by which gpg-agent knows the first key.
    pub(crate) fn only_keygrip(&self) -> String {
        let list = ["--with-colons", "--with-keygrip", "--list-secret-keys"];
        let list = String::from_utf8(self.gpg.run(&list, b"")).unwrap();
        let mut lines = list.lines();
        let keygrip = lines.find_map(|line| line.strip_prefix("grp:::::::::"));
        keygrip.unwrap().trim_end_matches(':').to_owned()
    }

    pub(crate) fn signer(&self, primary: &Fingerprint) -> Result<Box<dyn Signer>> {
        signer(&self.store, primary)
    }

    /// Signs something with the only key.
    pub(crate) fn sign(&self, cx: &Context<'_>) -> Result<RawSignature> {
        let signer = self.signer(&self.only_key())?;
        signer.sign_digest(cx, HashAlgorithm::Sha256, &[7; 32])
    }
}

/// The key store over a home of GnuPG.
pub(crate) fn store(home: &Path, sign_with: &[Fingerprint]) -> GpgKeyStore {
    let settings = GpgSettings {
        home: Some(home.to_owned()),
        sign_with: sign_with.iter().map(ToString::to_string).collect(),
        ..GpgSettings::default()
    };
    GpgKeyStore::new(settings, Pinentry::default())
}

pub(crate) fn signer(store: &GpgKeyStore, primary: &Fingerprint) -> Result<Box<dyn Signer>> {
    match store.private_key(&cx(), primary)? {
        PrivateKey::Device(signer) => Ok(signer),
        PrivateKey::Material(_) => panic!("a secret was given away"),
    }
}

/// Signs a text with each engine around the signer, has every engine check it, and gives
/// the messages.
pub(crate) fn sign_and_check(
    signer: &dyn Signer,
    hash: HashAlgorithm,
    certificate: &Certificate,
) -> Vec<String> {
    let text = format!("{{\"signed\":\"{}\"}}", signer.fingerprint());
    let sign = |maker: &dyn Engine| maker.clearsign(&cx(), signer, hash, &text).unwrap();
    let messages: Vec<_> = engines().iter().map(|maker| sign(&**maker)).collect();
    for message in &messages {
        let read = cleartext::read(message.as_bytes()).unwrap();
        assert_eq!(read.text, text);
        for reader in engines() {
            let certificate = read_by(&*reader, &certificate.bytes);
            let facts = reader.signature_facts(&read, &[&certificate]).unwrap();
            let [signature] = &facts[..] else {
                panic!("one signature");
            };
            let found = signature.trials.iter().map(|one| (one.key, &one.maths));
            assert_eq!(
                found.collect::<Vec<_>>(),
                [(signer.fingerprint(), &Maths::Good)],
                "{}",
                reader.describe().name
            );
        }
    }
    messages
}

/// The one certificate in these bytes.
pub(crate) fn read_by(engine: &dyn Engine, bytes: &[u8]) -> Certificate {
    let ring = engine.read_keys(bytes);
    assert!(ring.junk.is_empty(), "{:?}", ring.junk);
    match &ring.keys[..] {
        [Key::Certificate(certificate)] => certificate.clone(),
        _ => panic!("one certificate: {:?}", ring.keys),
    }
}

/// A signer that remembers what it gave.
#[derive(Debug)]
pub(crate) struct Remembering<'a> {
    pub(crate) signer: &'a dyn Signer,
    pub(crate) given: Mutex<Vec<RawSignature>>,
}

impl Signer for Remembering<'_> {
    fn public_key(&self) -> &[u8] {
        self.signer.public_key()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.signer.fingerprint()
    }

    fn accepted_hashes(&self) -> &[HashAlgorithm] {
        self.signer.accepted_hashes()
    }

    fn sign_digest(
        &self,
        cx: &Context<'_>,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<RawSignature> {
        let raw = self.signer.sign_digest(cx, hash, digest)?;
        self.given.lock().unwrap().push(raw.clone());
        Ok(raw)
    }
}
