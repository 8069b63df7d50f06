//! Signing and verifying images by the reference.

use super::{Answer, Peer, Verdict};
use sifseal_core::Timestamp;
use std::ffi::OsStr;
use std::path::Path;

/// What to sign, and how. By default: every group, at this moment.
#[derive(Debug, Clone, Default)]
pub struct SignSpec<'a> {
    /// The file with the passphrase of the key.
    pub passphrase: Option<&'a Path>,
    /// The groups, one signature each.
    pub groups: &'a [u32],
    /// The sets of objects, one signature for each set.
    pub objects: &'a [&'a [u32]],
    /// Put no times into the image.
    pub deterministic: bool,
    /// Put no random notation into the signature.
    pub no_salt: bool,
    /// When it is signed; `None` for now.
    pub time: Option<Timestamp>,
}

impl SignSpec<'_> {
    fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        for group in self.groups {
            flags.extend(["--group".to_owned(), group.to_string()]);
        }
        for set in self.objects {
            let ids: Vec<String> = set.iter().map(u32::to_string).collect();
            flags.extend(["--object".to_owned(), ids.join(",")]);
        }
        if self.deterministic {
            flags.push("--deterministic".to_owned());
        }
        if self.no_salt {
            flags.push("--no-salt".to_owned());
        }
        if let Some(time) = self.time {
            flags.extend(["--time".to_owned(), time.0.to_string()]);
        }
        flags
    }
}

/// What a verification asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyMode {
    /// All groups.
    Default,
    /// One group.
    Group(u32),
    /// One object.
    Object(u32),
    /// All groups, by legacy signatures.
    Legacy,
    /// Every object, by legacy signatures.
    LegacyAll,
    /// One group, by legacy signatures.
    LegacyGroup(u32),
    /// One object, by legacy signatures.
    LegacyObject(u32),
}

impl VerifyMode {
    fn words(self) -> Vec<String> {
        let (word, id) = match self {
            Self::Default => ("default", None),
            Self::Group(id) => ("group", Some(id)),
            Self::Object(id) => ("object", Some(id)),
            Self::Legacy => ("legacy", None),
            Self::LegacyAll => ("legacy-all", None),
            Self::LegacyGroup(id) => ("legacy-group", Some(id)),
            Self::LegacyObject(id) => ("legacy-object", Some(id)),
        };
        let id = id.map(|id| id.to_string());
        [Some(word.to_owned()), id].into_iter().flatten().collect()
    }
}

impl Peer {
    /// Signs an image with the one secret key in `key`.
    pub fn sign(&self, image: &Path, key: &Path, spec: &SignSpec<'_>) -> Answer<()> {
        let flags = spec.flags();
        let passphrase = spec.passphrase.unwrap_or(Path::new("-"));
        let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"sign", &image, &key, &passphrase];
        args.extend(flags.iter().map(|flag| flag as &dyn AsRef<OsStr>));
        self.run(&args, b"").map(drop)
    }

    /// Judges an image by the keys in these files, binary or armored.
    pub fn verify(&self, image: &Path, keyrings: &[&Path], mode: VerifyMode) -> Answer<Verdict> {
        let words = mode.words();
        let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"verify", &image];
        args.extend(keyrings.iter().map(|path| path as &dyn AsRef<OsStr>));
        args.extend(words.iter().map(|word| word as &dyn AsRef<OsStr>));
        self.ask(&args, b"")
    }
}
