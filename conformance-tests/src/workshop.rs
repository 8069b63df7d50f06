//! A place to try things: an empty folder, a fixed clock, nobody to ask, and the
//! steps that most tests share (an image, a key, a signature, a verification).

use sifseal_core::integrity::{
    CertificateSources, GroupsAndObjects, Origin, Report, SignOptions, SigningIdentity,
    VerifyOptions, sign, usable_signing_keys, verify,
};
use sifseal_core::openpgp::{Certificate, Key, TransferableSecretKey};
use sifseal_core::sif::{
    Architecture, CreateOptions, DataType, Editor, Extra, FsType, GroupId, Image, NewObject,
    ObjectId, PartitionType, create,
};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeySpec, KeyStore, Nobody, ObjectSelector};
use sifseal_core::{Context, ErrorKind, Result, Timestamp};
use std::fs::OpenOptions;
use std::io::{Cursor, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The time at which everything in a workshop happens, unless told otherwise:
/// 2026-01-01 00:00:00 UTC.
pub const NOW: Timestamp = Timestamp(1_767_225_600);

static NEVER: AtomicBool = AtomicBool::new(false);

/// A context at some time, with nobody to ask.
pub fn at(now: Timestamp) -> Context<'static> {
    Context {
        now,
        deadline: None,
        cancelled: &NEVER,
        ui: &Nobody,
    }
}

/// An empty folder that goes away with the value, and the steps that tests share.
#[derive(Debug)]
pub struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    /// A new empty folder.
    ///
    /// # Panics
    /// If the system gives none.
    #[allow(clippy::new_without_default, clippy::expect_used)]
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An image with a definition file (object 1) and a small partition (object 2) in
    /// group 1; and, if asked, a second partition (object 3) in group 2.
    ///
    /// # Errors
    /// What creating says.
    pub fn image(&self, name: &str, groups: u32) -> Result<PathBuf> {
        let path = self.path(name);
        let mut objects = vec![
            object(
                1,
                DataType::DefFile,
                Extra::None,
                b"bootstrap: scratch\n".to_vec(),
            ),
            object(
                1,
                DataType::Partition,
                partition(PartitionType::PrimarySystem),
                vec![7; 5000],
            ),
        ];
        if groups > 1 {
            objects.push(object(
                2,
                DataType::Partition,
                partition(PartitionType::Data),
                vec![9; 300],
            ));
        }
        create(&path, &CreateOptions::new(NOW), objects)?;
        Ok(path)
    }
}

fn partition(kind: PartitionType) -> Extra {
    Extra::Partition {
        fs: FsType::Raw,
        kind,
        arch: Architecture::Amd64,
    }
}

fn object(
    group: u32,
    data_type: DataType,
    extra: Extra,
    data: Vec<u8>,
) -> (NewObject, Box<dyn Read>) {
    let mut object = NewObject::new(data_type);
    object.group = GroupId::new(group);
    object.extra = extra;
    (object, Box::new(Cursor::new(data)))
}

/// A new key without a passphrase, made a day before [`NOW`].
///
/// # Errors
/// What the engine says.
pub fn new_key(
    engine: &dyn Engine,
    user_id: &str,
    algorithm: KeyAlgorithm,
) -> Result<TransferableSecretKey> {
    let spec = KeySpec {
        user_id: user_id.to_owned(),
        algorithm,
        expires_after: None,
    };
    engine.generate(&at(NOW.plus(-86_400)), &spec, None)
}

/// Signs an image with an open key.
///
/// # Errors
/// What signing says.
pub fn sign_with(
    engine: &dyn Engine,
    image: &Path,
    key: &TransferableSecretKey,
    selector: &dyn ObjectSelector,
    now: Timestamp,
) -> Result<Vec<ObjectId>> {
    let cx = at(now);
    let certificate = engine.certificate_of(key)?;
    let facts = engine.certificate_facts(&certificate)?;
    let which = usable_signing_keys(&facts, now)?;
    let signer = engine.unlock(key, &which[0], None)?;
    let mut editor = edit(image)?;
    let selections = selector.select(editor.image().table())?;
    let identity = SigningIdentity {
        certificate: &certificate,
        signer: &*signer,
    };
    let options = SignOptions::at(now);
    sign(&cx, engine, &mut editor, &selections, identity, options)
}

/// Opens an image for changing.
///
/// A process that another test is just starting may still hold a copy of a lock that
/// is long released here: between `fork` and `exec` it has every open file. That
/// passes by itself.
///
/// # Errors
/// What opening says; that it is locked only after many attempts.
pub fn edit(image: &Path) -> Result<Editor> {
    for _ in 0..100_000 {
        match Editor::open(image) {
            Err(error) if error.kind() == ErrorKind::Unavailable => std::thread::yield_now(),
            other => return other,
        }
    }
    Editor::open(image)
}

/// Verifies an image with the certificates of one store.
///
/// # Errors
/// What verifying says.
pub fn verify_with(
    engine: &dyn Engine,
    store: &dyn KeyStore,
    image: &Path,
    selector: &dyn ObjectSelector,
    options: &VerifyOptions,
) -> Result<Report> {
    let sources = CertificateSources {
        engine,
        stores: vec![(Origin::Local, store)],
        keyservers: None,
    };
    verify(&at(NOW), &Image::open(image)?, selector, &sources, options)
}

/// A selector for groups and objects by number; both empty for all groups.
pub fn asking(groups: &[u32], objects: &[u32]) -> GroupsAndObjects {
    GroupsAndObjects {
        groups: groups.iter().filter_map(|id| GroupId::new(*id)).collect(),
        objects: objects.iter().filter_map(|id| ObjectId::new(*id)).collect(),
    }
}

/// The certificate of a key, as something to put into a store.
///
/// # Errors
/// What the engine says.
pub fn certificate(engine: &dyn Engine, key: &TransferableSecretKey) -> Result<(Certificate, Key)> {
    let certificate = engine.certificate_of(key)?;
    Ok((certificate.clone(), Key::Certificate(certificate)))
}

/// Changes one bit of a file.
///
/// # Panics
/// If the file has no such byte or cannot be changed.
#[allow(clippy::unwrap_used)]
pub fn flip(path: &Path, offset: u64) {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[byte[0] ^ 1], offset).unwrap();
}
