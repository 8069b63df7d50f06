//! [`OfflineKeyserver`]: a question, the index, the files, an answer.

use crate::hit::hit;
use crate::index::{self, Index, Lead, Scene, Shelf};
use crate::kept::{Kept, Look};
use crate::place::{self, Form};
use crate::publish;
use crate::query::Query;
use rustix::fs::StatVfsMountFlags;
use sifseal_core::openpgp::{Certificate, Fingerprint, Key, KeyHandle};
use sifseal_core::traits::{Engine, Keyserver, SearchHit, SearchQuery};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a question is asked again because somebody changed the files meanwhile.
const ATTEMPTS: usize = 16;

/// A directory or bundle of certificates as a keyserver.
#[derive(Debug)]
pub struct OfflineKeyserver {
    path: PathBuf,
    engine: Arc<dyn Engine>,
    cache: Option<PathBuf>,
    /// Held while the index is compared with the files or made, so that of several who
    /// ask at once one does it for all. It does not take longer than its time limit.
    kept: Mutex<Kept>,
    /// How often somebody has begun to look at the files.
    looks: AtomicU64,
}

/// An index of a place as it is now.
struct Current {
    index: Arc<Index>,
    /// It says more than the one that is kept.
    is_news: bool,
}

impl Current {
    /// One that says nothing new.
    fn known(index: Arc<Index>) -> Self {
        Self {
            index,
            is_news: false,
        }
    }
}

/// What was looked at for one question.
pub(crate) struct View<'a> {
    pub(crate) scene: Scene<'a>,
    shelf: Shelf,
}

impl OfflineKeyserver {
    /// The certificates at `path`, read by `engine`. An index that cannot be kept beside
    /// them is kept in the directory `cache`, which need not be there yet; without one,
    /// in memory.
    ///
    /// Nothing is touched. What is wrong with the path shows at the first question.
    pub fn open(path: PathBuf, engine: Arc<dyn Engine>, cache: Option<PathBuf>) -> Self {
        Self {
            path,
            engine,
            cache,
            kept: Mutex::default(),
            looks: AtomicU64::new(0),
        }
    }

    /// Makes the index and keeps it beside the certificates, ahead of time: for a
    /// directory or bundle that is then copied to a medium which cannot be written. On
    /// the copy, files are compared by their digests instead of being parsed. Returns
    /// where it is.
    ///
    /// # Errors
    /// `Unsupported` if the index cannot be written there, and what prevents the
    /// certificates from being read.
    pub fn write_index(&self, cx: &Context<'_>) -> Result<PathBuf> {
        let view = self.view()?;
        view.shelf.prepare_as_asked();
        // Out of the certificates alone: whoever uses it cannot easily make it anew.
        let index = self.rebuild(cx, &view, &mut self.kept())?.index;
        view.shelf.save_beside(&index)
    }

    fn view(&self) -> Result<View<'_>> {
        let (form, metadata) = place::look(&self.path)?;
        let mounted = rustix::fs::statvfs(&self.path);
        let scene = Scene {
            root: &self.path,
            form,
            is_read_only: mounted
                .is_ok_and(|mounted| mounted.f_flag.contains(StatVfsMountFlags::RDONLY)),
        };
        Ok(View {
            scene,
            shelf: Shelf::of(&scene, &metadata, self.cache.as_deref(), &*self.engine),
        })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a look at the files, of which nobody else begins one meanwhile.
    fn look(&self, _: &mut Kept, every_file: bool) -> Look {
        let number = self.looks.fetch_add(1, Ordering::SeqCst) + 1;
        Look { number, every_file }
    }

    /// `every_file` distrusts also the stamps of directories that vouch for their files.
    fn current(&self, cx: &Context<'_>, view: &View<'_>, every_file: bool) -> Result<Current> {
        self.current_after(cx, view, every_file, self.looks.load(Ordering::SeqCst))
    }

    /// The index as it is for a question that was asked after so many looks.
    fn current_after(
        &self,
        cx: &Context<'_>,
        view: &View<'_>,
        every_file: bool,
        asked: u64,
    ) -> Result<Current> {
        let mut kept = self.kept();
        if let Some(index) = kept.proved_after(asked, every_file) {
            return Ok(Current::known(index));
        }
        let look = self.look(&mut kept, every_file);
        let ours = kept.index();
        let is_first = ours.is_none();
        let shelved = is_first.then(|| view.shelf.load().map(Arc::new));
        let mut old = None;
        for index in ours.into_iter().chain(shelved.into_iter().flatten()) {
            if index::is_current(&index, &view.scene, every_file) {
                return Ok(Current::known(kept.keep(index, look)));
            }
            old.get_or_insert(index);
        }
        view.shelf.prepare();
        let new = index::build(cx, &*self.engine, &view.scene, old.as_deref())?;
        let is_news = old.is_none_or(|old| index::is_news(&new, &old, &view.scene));
        // To make an index, every file is looked at.
        let every_file = true;
        let index = kept.keep(Arc::new(new), Look { every_file, ..look });
        Ok(Current { index, is_news })
    }

    /// An index in the place of a wrong one, which may be here already.
    fn instead_of(&self, cx: &Context<'_>, view: &View<'_>, wrong: &Arc<Index>) -> Result<Current> {
        let mut kept = self.kept();
        match kept.index() {
            Some(index) if !Arc::ptr_eq(&index, wrong) => Ok(Current::known(index)),
            _ => self.rebuild(cx, view, &mut kept),
        }
    }

    /// An index that takes over nothing from another.
    fn rebuild(&self, cx: &Context<'_>, view: &View<'_>, kept: &mut Kept) -> Result<Current> {
        let look = self.look(kept, true);
        let new = index::build(cx, &*self.engine, &view.scene, None)?;
        Ok(Current {
            index: kept.keep(Arc::new(new), look),
            is_news: true,
        })
    }

    /// Every certificate that answers, once, sorted by fingerprint.
    pub(crate) fn find(&self, cx: &Context<'_>, query: &Query) -> Result<Answers> {
        let view = self.view()?;
        let mut current = self.current(cx, &view, false)?;
        for _ in 0..ATTEMPTS {
            let outcome = self.read(cx, &view.scene, &current.index, query)?;
            let is_news = current.is_news;
            current = match outcome {
                Outcome::Found(answers) => {
                    // Not before: the files should be read soon after they were looked at.
                    if is_news {
                        view.shelf.save(&current.index);
                    }
                    return Ok(answers);
                }
                Outcome::FileChanged => self.current(cx, &view, true)?,
                Outcome::IndexWrong => self.instead_of(cx, &view, &current.index)?,
            };
            current.is_news |= is_news;
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            "the certificates change all the time",
        )
        .at(self.path.display())
        .hint("wait until whoever writes there has finished"))
    }

    /// What the index leads to, as far as it answers.
    fn read(
        &self,
        cx: &Context<'_>,
        scene: &Scene<'_>,
        index: &Index,
        query: &Query,
    ) -> Result<Outcome> {
        let mut answers = Answers::default();
        let mut opened: Option<(&Path, File)> = None;
        for lead in index.leads(query) {
            cx.budget(Duration::MAX)?;
            let file = match opened.take() {
                Some((path, file)) if path == lead.path => file,
                _ => match open_lead(scene, &lead) {
                    Ok(Some(file)) => file,
                    Ok(None) => return Ok(Outcome::FileChanged),
                    Err(error) => {
                        return Err(Error::io(&index::path_in(scene.root, lead.path), error));
                    }
                },
            };
            let bytes = read_lead(&file, &lead);
            // The file is the one that the index was made of, so something is there.
            if !bytes.is_some_and(|bytes| answers.add(&*self.engine, query, bytes.expose())) {
                return Ok(Outcome::IndexWrong);
            }
            opened = Some((lead.path, file));
        }
        if let Some(bytes) = in_its_place(scene, query) {
            answers.add(&*self.engine, query, bytes.expose());
        }
        Ok(Outcome::Found(answers))
    }

    /// Where the pieces with a key are in each file, as the index has it.
    pub(crate) fn pieces_with(
        &self,
        cx: &Context<'_>,
        key: Fingerprint,
    ) -> Result<Vec<(PathBuf, u64, usize)>> {
        let view = self.view()?;
        let index = self.current(cx, &view, false)?.index;
        let leads = index.leads(&Query::Handle(KeyHandle::Fingerprint(key)));
        let leads = leads.into_iter();
        Ok(leads
            .map(|lead| (index::path_in(&self.path, lead.path), lead.start, lead.len))
            .collect())
    }
}

/// The file of a lead, if it is the one that was meant.
fn open_lead(scene: &Scene<'_>, lead: &Lead<'_>) -> io::Result<Option<File>> {
    let path = index::path_in(scene.root, lead.path);
    match index::open(&path, scene.form == Form::Bundle) {
        Ok((file, stamp)) => Ok((stamp == lead.stamp).then_some(file)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(error),
        // It went away, or became something else.
        Err(_) => Ok(None),
    }
}

fn read_lead(file: &File, lead: &Lead<'_>) -> Option<Secret> {
    // Not more than the file has, whatever the index says.
    let size = file.metadata().ok()?.len();
    let end = lead.start.checked_add(lead.len as u64)?;
    (end <= size).then_some(())?;
    let mut bytes = vec![0; lead.len];
    let read = file.read_exact_at(&mut bytes, lead.start);
    let bytes = Secret::new(bytes);
    read.is_ok().then_some(bytes)
}

/// In a certificate directory the certificate with a fingerprint has one place, which is
/// looked at whatever the index says.
fn in_its_place(scene: &Scene<'_>, query: &Query) -> Option<Secret> {
    let Query::Handle(KeyHandle::Fingerprint(fingerprint)) = query else {
        return None;
    };
    (scene.form == Form::CertD).then_some(())?;
    let path = place::in_cert_d(scene.root, fingerprint.as_bytes());
    let (file, stamp) = index::open(&path, false).ok()?;
    let len = usize::try_from(stamp.size()).ok()?;
    (len <= crate::pieces::MAX_BLOCK).then_some(())?;
    let mut bytes = vec![0; len];
    let read = file.read_exact_at(&mut bytes, 0);
    let bytes = Secret::new(bytes);
    read.is_ok().then_some(bytes)
}

/// What came of following an index.
enum Outcome {
    Found(Answers),
    /// A file is not the one that the index tells of.
    FileChanged,
    /// The index leads to a place where nothing is.
    IndexWrong,
}

/// The certificates that answer to a question.
#[derive(Debug, Default)]
pub(crate) struct Answers(BTreeMap<Fingerprint, Certificate>);

impl Answers {
    /// Adds what answers in a piece of a file; what it held of secrets is left out. False
    /// if the piece has nothing to which the question leads.
    fn add(&mut self, engine: &dyn Engine, query: &Query, bytes: &[u8]) -> bool {
        let mut is_led_here = false;
        for key in engine.read_keys(bytes).keys {
            is_led_here |= query.is_led_to(key.outline());
            if !query.matches(key.outline()) {
                continue;
            }
            let certificate = match key {
                Key::Certificate(certificate) => certificate,
                Key::Secret(secret) => match engine.certificate_of(&secret) {
                    Ok(certificate) => certificate,
                    Err(_) => continue,
                },
            };
            self.merge(engine, certificate);
        }
        is_led_here
    }

    fn merge(&mut self, engine: &dyn Engine, certificate: Certificate) {
        let fingerprint = certificate.fingerprint();
        let Some(known) = self.0.remove(&fingerprint) else {
            self.0.insert(fingerprint, certificate);
            return;
        };
        let merged = engine.merge(
            &Key::Certificate(known.clone()),
            &Key::Certificate(certificate),
        );
        let merged = match merged {
            Ok(Key::Certificate(merged)) => merged,
            // Two keys with one fingerprint; the first stays.
            _ => known,
        };
        self.0.insert(fingerprint, merged);
    }

    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.0.values()
    }
}

impl Keyserver for OfflineKeyserver {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn fetch(&self, cx: &Context<'_>, key: &KeyHandle) -> Result<Option<Vec<u8>>> {
        let answers = self.find(cx, &Query::Handle(*key))?;
        let bytes: Vec<u8> = answers
            .certificates()
            .flat_map(|certificate| certificate.bytes.iter().copied())
            .collect();
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    fn search(&self, cx: &Context<'_>, query: &SearchQuery) -> Result<Vec<SearchHit>> {
        let answers = self.find(cx, &query.into())?;
        let mut hits = Vec::new();
        for certificate in answers.certificates() {
            cx.budget(Duration::MAX)?;
            hits.push(hit(&*self.engine, certificate, cx.now));
        }
        Ok(hits)
    }

    fn publish(&self, cx: &Context<'_>, armored: &[u8]) -> Result<String> {
        let certificate = publish::certificate(&*self.engine, armored)?;
        let form = self.view()?.scene.form;
        publish::publish(cx, self, form, &certificate)
    }
}

impl OfflineKeyserver {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn engine(&self) -> &dyn Engine {
        &*self.engine
    }
}

#[cfg(test)]
mod tests;
