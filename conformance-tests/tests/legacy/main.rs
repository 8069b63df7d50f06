//! Legacy signatures: what they cover, what they do not, and that neither kind of
//! signature stands in for the other. Every verdict is asked of the Go library too.

#![allow(clippy::unwrap_used)]

mod beside;
mod made;
mod tampered;

use sifseal_conformance_tests::legacy::{LegacySigner, verify_legacy_with};
use sifseal_conformance_tests::peer::VerifyMode;
use sifseal_conformance_tests::workshop::{
    NOW, Workshop, asking, at, certificate, new_key, verify_with,
};
use sifseal_conformance_tests::{Peer, engines, require_go};
use sifseal_core::integrity::{LegacyChoice, Report, Requirement, Threshold, VerifyOptions};
use sifseal_core::openpgp::{Fingerprint, TransferableSecretKey};
use sifseal_core::policy::Policy;
use sifseal_core::sif::{
    CreateOptions, DataType, GroupId, Image, Link, NewObject, ObjectId, create,
};
use sifseal_core::traits::{Engine, KeyAlgorithm, KeyStore};
use sifseal_keystore_file::FileKeyStore;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Ada, whose certificate is known, and an image with a definition file (object 1)
/// and the primary partition (object 2) in group 1.
struct Bench {
    go: Option<&'static Peer>,
    engine: Arc<dyn Engine>,
    shop: Workshop,
    store: FileKeyStore,
    ada: TransferableSecretKey,
    image: PathBuf,
}

/// What is asked of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// By modern signatures, every group.
    Modern,
    /// What the commands mean by `--legacy-insecure` alone.
    Primary,
    All,
    Group(u32),
    Object(u32),
}

impl Bench {
    fn all() -> impl Iterator<Item = Self> {
        let go = require_go();
        engines().into_iter().map(move |engine| {
            let shop = Workshop::new();
            let store = FileKeyStore::open(shop.path("keys"), Arc::clone(&engine));
            let image = shop.image("image.sif", 1).unwrap();
            let ada = new_key(&*engine, "Ada <ada@example.com>", KeyAlgorithm::Ed25519).unwrap();
            let bench = Self {
                go,
                engine,
                shop,
                store,
                ada,
                image,
            };
            bench.trust(&bench.ada);
            bench
        })
    }

    fn trust(&self, key: &TransferableSecretKey) {
        let (_, key) = certificate(&*self.engine, key).unwrap();
        self.store.insert(&at(NOW), &key).unwrap();
    }

    fn other_key(&self, name: &str) -> TransferableSecretKey {
        new_key(&*self.engine, name, KeyAlgorithm::Ed25519).unwrap()
    }

    fn by<'a>(&'a self, key: &'a TransferableSecretKey) -> LegacySigner<'a> {
        LegacySigner::new(&*self.engine, key)
    }

    fn by_ada(&self) -> LegacySigner<'_> {
        self.by(&self.ada)
    }

    /// Another image, of objects of these data in group 1, without gaps.
    fn image_of(&self, name: &str, objects: &[&'static [u8]]) -> PathBuf {
        let path = self.shop.path(name);
        let objects = objects
            .iter()
            .map(|data| {
                let data: Box<dyn Read> = Box::new(*data);
                (NewObject::new(DataType::Generic), data)
            })
            .collect();
        create(&path, &CreateOptions::new(NOW), objects).unwrap();
        path
    }

    fn report_with(&self, image: &Path, ask: Ask, options: &VerifyOptions) -> Report {
        let (named, all) = match ask {
            Ask::Modern | Ask::Primary => (asking(&[], &[]), false),
            Ask::All => (asking(&[], &[]), true),
            Ask::Group(group) => (asking(&[group], &[]), false),
            Ask::Object(object) => (asking(&[], &[object]), false),
        };
        let report = if ask == Ask::Modern {
            verify_with(&*self.engine, &self.store, image, &named, options)
        } else {
            let choice = LegacyChoice { named, all };
            verify_legacy_with(&*self.engine, &self.store, image, &choice, options)
        };
        report.unwrap()
    }

    fn report(&self, image: &Path, ask: Ask) -> Report {
        self.report_with(image, ask, &VerifyOptions::default())
    }

    /// The name of our reason, or `verified`.
    fn ours(&self, image: &Path, ask: Ask) -> &'static str {
        let report = self.report(image, ask);
        assert_eq!(report.is_verified(), report.refusal().is_none());
        report
            .refusal()
            .map_or("verified", |refusal| refusal.name())
    }

    /// The same with a demand on signers.
    fn ours_by(&self, ask: Ask, signed_by: &[Fingerprint], threshold: Threshold) -> &'static str {
        let requirement = Requirement {
            signed_by: signed_by.to_vec(),
            threshold,
        };
        let options = VerifyOptions::new(Policy::default(), requirement);
        let report = self.report_with(&self.image, ask, &options);
        report
            .refusal()
            .map_or("verified", |refusal| refusal.name())
    }

    /// What the Go library says; `None` where there is none.
    fn gos(&self, image: &Path, ask: Ask) -> Option<bool> {
        let mode = match ask {
            Ask::Modern => VerifyMode::Default,
            // The commands choose the primary partition; the library has no such mode.
            Ask::Primary => VerifyMode::LegacyObject(2),
            Ask::All => VerifyMode::LegacyAll,
            Ask::Group(group) => VerifyMode::LegacyGroup(group),
            Ask::Object(object) => VerifyMode::LegacyObject(object),
        };
        let ring = self.shop.path("keys/pgp-public");
        let answer = self.go?.verify(image, &[&ring], mode);
        Some(answer.is_ok_and(|verdict| verdict.verified))
    }

    /// Ours is this one, and Go's agrees on whether it is verified.
    #[track_caller]
    fn expect(&self, image: &Path, ask: Ask, name: &str) {
        assert_eq!(self.ours(image, ask), name, "{ask:?}");
        if let Some(go) = self.gos(image, ask) {
            assert_eq!(
                go,
                name == "verified",
                "Go on {ask:?}, where ours is {name}"
            );
        }
    }
}

fn id(number: u32) -> ObjectId {
    ObjectId::new(number).unwrap()
}

fn group(number: u32) -> GroupId {
    GroupId::new(number).unwrap()
}

/// Where a field of an object's descriptor stands in the file.
fn field(object: u32, offset: u64) -> u64 {
    4096 + 585 * u64::from(object - 1) + offset
}

/// Fields of a descriptor, by their offset in it.
const GROUP: u64 = 9;
const LINK: u64 = 13;
const OFFSET: u64 = 17;
const SIZE: u64 = 25;
const NAME: u64 = 73;
/// Of a signature its hash algorithm, of a partition its file system.
const EXTRA: u64 = 201;
const SIGNER: u64 = EXTRA + 4;
const PARTITION_TYPE: u64 = EXTRA + 4;
const ARCHITECTURE: u64 = EXTRA + 8;

fn patch(image: &Path, offset: u64, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(image).unwrap();
    file.write_all_at(bytes, offset).unwrap();
}

fn copy(bench: &Bench, name: &str) -> PathBuf {
    let path = bench.shop.path(name);
    std::fs::copy(&bench.image, &path).unwrap();
    path
}
