//! Comparing an index with the files, and making it anew with as little reading as can be.

use super::format::{
    BETWEEN, DirectoryRecord, FileRecord, Index, KeyRecord, PieceRecord, Tables, reader,
};
use crate::pieces::{self, Contents, MAX_FILE, Piece, Stop};
use crate::place::Form;
use crate::query::folded;
use crate::stamp::Stamp;
use crate::survey::{self, Survey};
use sifseal_core::traits::Engine;
use sifseal_core::{Context, Error, ErrorKind, Result, Shown};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::num::NonZero;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use zerocopy::little_endian::{U32, U64};

/// A place as it is now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) root: &'a Path,
    pub(crate) form: Form,
    /// The file system is mounted so that nobody writes to it.
    pub(crate) is_read_only: bool,
}

/// Where a file of the place is; a bundle is the place itself.
pub(crate) fn path_in(root: &Path, relative: &Path) -> PathBuf {
    if relative.as_os_str().is_empty() {
        root.to_owned()
    } else {
        root.join(relative)
    }
}

/// True if the stamps prove that nothing changed since the index was made.
///
/// `every_file` also asks of a certificate directory what its files say.
pub(crate) fn is_current(index: &Index, scene: &Scene<'_>, every_file: bool) -> bool {
    let (directories, files) = (index.directories(), index.files());
    let is_bundle = scene.form == Form::Bundle;
    if is_bundle != directories.is_empty() || is_bundle && files.len() != 1 {
        return false;
    }
    let holds = |stamp: &Stamp, seen: io::Result<std::fs::Metadata>| {
        stamp.is_settled(index.taken(), scene.is_read_only)
            && seen.is_ok_and(|metadata| Stamp::of(&metadata) == *stamp)
    };
    let same_names = directories.iter().enumerate().all(|(place, record)| {
        let path = path_in(scene.root, index.directory_path(place));
        holds(&record.stamp, std::fs::metadata(path))
    });
    let look_at_files = every_file || scene.form != Form::CertD;
    let is_same = |place: usize, record: &FileRecord| {
        let path = path_in(scene.root, index.file_path(place));
        let seen = if is_bundle {
            std::fs::metadata(path)
        } else {
            path.symlink_metadata()
        };
        holds(&record.stamp, seen)
    };
    same_names && (!look_at_files || all_of(files, &is_same))
}

/// True if something holds of all files. To ask a hundred thousand of them takes a third
/// of a second, so all cores do it.
fn all_of(files: &[FileRecord], holds: &(dyn Fn(usize, &FileRecord) -> bool + Sync)) -> bool {
    const WORTH_A_THREAD: usize = 4096;
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = files.len().div_ceil(cores).max(WORTH_A_THREAD);
    let refuted = AtomicBool::new(false);
    let look = |first: usize, files: &[FileRecord]| {
        for (place, record) in files.iter().enumerate() {
            if refuted.load(Ordering::Relaxed) {
                return;
            }
            if !holds(first + place, record) {
                refuted.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        let mut shares = files.chunks(share).enumerate();
        let own = shares.next();
        for (number, files) in shares {
            let look = &look;
            scope.spawn(move || look(number * share, files));
        }
        if let Some((_, files)) = own {
            look(0, files);
        }
    });
    !refuted.into_inner()
}

/// Makes an index of the place, out of an older one where files are unchanged.
///
/// # Errors
/// What prevents the place from being looked through; single files that cannot be read
/// are passed over, and the person is told.
pub(crate) fn build(
    cx: &Context<'_>,
    engine: &dyn Engine,
    scene: &Scene<'_>,
    old: Option<&Index>,
) -> Result<Index> {
    let survey = survey::survey(cx, scene.root, scene.form)?;
    for remark in &survey.remarks {
        cx.ui.notice(&format!("{}: {remark}", scene.root.display()));
    }
    let old = old.map(Old::new);
    let mut tables = Tables::default();
    tables.add_directories(&survey);
    for file in &survey.files {
        let path = path_in(scene.root, &file.path);
        let known = old
            .as_ref()
            .and_then(|old| Some((old, *old.places.get(file.path.as_path())?)));
        let is_unchanged = known.is_some_and(|(old, place)| {
            old.record(place).is_some_and(|record| {
                record.stamp == file.stamp
                    && record
                        .stamp
                        .is_settled(old.index.taken(), scene.is_read_only)
            })
        });
        if let Some((old, place)) = known.filter(|_| is_unchanged) {
            tables.copy(old, place, file);
            continue;
        }
        match tables.read(cx, engine, &path, file, known) {
            Ok(()) => {}
            Err(Stop::File(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(Stop::File(error)) => {
                let error = Error::io(&path, error);
                cx.ui.notice(&format!(
                    "{} was passed over",
                    Shown::new(&error.to_string())
                ));
                // Without a stamp, so that it is tried again each time.
                tables.add_file(&file.path, Stamp::default(), [0; 32]);
            }
            Err(Stop::Operation(error)) => return Err(error),
        }
    }
    Index::encode(reader(engine), cx.now, tables).ok_or_else(|| {
        Error::new(
            ErrorKind::Malformed,
            "the certificates are too many for an index",
        )
        .at(scene.root.display())
    })
}

/// True if an index says more than the one before, and is worth keeping.
pub(crate) fn is_news(new: &Index, old: &Index, scene: &Scene<'_>) -> bool {
    let is_settled = |index| !has_unsettled(index, scene.is_read_only);
    !new.says_the_same_as(old) || is_settled(new) && !is_settled(old)
}

/// True if some stamp in the index does not yet prove anything.
fn has_unsettled(index: &Index, is_read_only: bool) -> bool {
    let directories = index.directories().iter().map(|record| &record.stamp);
    let mut stamps = directories.chain(index.files().iter().map(|record| &record.stamp));
    stamps.any(|stamp| !stamp.is_settled(index.taken(), is_read_only))
}

/// An index to take over from, with what finds a file and its keys in it.
struct Old<'a> {
    index: &'a Index,
    places: HashMap<&'a Path, usize>,
    /// The keys, sorted by piece.
    keys: Vec<(usize, [u8; 8])>,
}

impl<'a> Old<'a> {
    fn new(index: &'a Index) -> Self {
        let files = 0..index.files().len();
        let keys = index.keys().iter();
        let mut keys: Vec<_> = keys.map(|key| (key.piece.get() as usize, key.id)).collect();
        keys.sort_unstable();
        Self {
            index,
            places: files.map(|place| (index.file_path(place), place)).collect(),
            keys,
        }
    }

    fn record(&self, place: usize) -> Option<&FileRecord> {
        self.index.files().get(place)
    }
}

impl Tables {
    fn add_directories(&mut self, survey: &Survey) {
        for directory in &survey.directories {
            self.paths.extend(directory.path.as_os_str().as_bytes());
            self.directories.push(DirectoryRecord {
                stamp: directory.stamp,
                path_end: U64::new(self.paths.len() as u64),
            });
        }
    }

    /// Ends a file whose pieces were added.
    fn add_file(&mut self, path: &Path, stamp: Stamp, digest: pieces::Digest) {
        self.paths.extend(path.as_os_str().as_bytes());
        self.files.push(FileRecord {
            stamp,
            digest,
            path_end: U64::new(self.paths.len() as u64),
            pieces_end: U64::new(self.pieces.len() as u64),
        });
    }

    fn add_piece(&mut self, piece: &Piece) {
        let number = U32::new(u32::try_from(self.pieces.len()).unwrap_or(u32::MAX));
        self.keys.extend(piece.keys.iter().map(|key| KeyRecord {
            id: key.key_id().0,
            piece: number,
        }));
        for user_id in &piece.user_ids {
            self.texts.extend(folded(user_id).as_bytes());
            // Nothing that is looked for goes from one user ID into the next.
            self.texts.push(BETWEEN as u8);
        }
        self.pieces.push(PieceRecord {
            start: U64::new(piece.bytes.start),
            len: U64::new(piece.bytes.end - piece.bytes.start),
            text_end: U64::new(self.texts.len() as u64),
        });
    }

    /// Takes over what is known of a file.
    fn copy(&mut self, old: &Old<'_>, place: usize, file: &survey::File) {
        let Some(record) = old.record(place) else {
            return;
        };
        for piece in old.index.pieces_of(place) {
            let number = U32::new(u32::try_from(self.pieces.len()).unwrap_or(u32::MAX));
            let first = old.keys.partition_point(|(of, _)| *of < piece);
            let keys = old.keys.get(first..).unwrap_or_default().iter();
            self.keys.extend(
                keys.take_while(|(of, _)| *of == piece)
                    .map(|(_, id)| KeyRecord {
                        id: *id,
                        piece: number,
                    }),
            );
            self.texts.extend(old.index.text_of(piece));
            if let Some(record) = old.index.pieces().get(piece) {
                self.pieces.push(PieceRecord {
                    text_end: U64::new(self.texts.len() as u64),
                    ..*record
                });
            }
        }
        self.add_file(&file.path, file.stamp, record.digest);
    }

    /// Reads a file, unless its content is what it was.
    fn read(
        &mut self,
        cx: &Context<'_>,
        engine: &dyn Engine,
        path: &Path,
        seen: &survey::File,
        known: Option<(&Old<'_>, usize)>,
    ) -> Result<(), Stop> {
        let (file, stamp) = open(path, seen.path.as_os_str().is_empty())?;
        if stamp.size() > MAX_FILE {
            let what = format!("larger than {} MiB", MAX_FILE >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what).into());
        }
        let seen = survey::File {
            path: seen.path.clone(),
            stamp,
        };
        if let Some((old, place)) = known
            && let Some(record) = old.record(place)
            && record.stamp.size() == stamp.size()
            && record.digest != [0; 32]
            && record.digest == pieces::digest(&file)?
        {
            self.copy(old, place, &seen);
            return Ok(());
        }
        let Contents { pieces, digest } = pieces::read(cx, engine, &file)?;
        for piece in &pieces {
            self.add_piece(piece);
        }
        self.add_file(&seen.path, stamp, digest.unwrap_or_default());
        Ok(())
    }
}

/// Opens a regular file, and nothing else, without waiting; `follow` for a path that
/// somebody configured, which may be a link.
pub(crate) fn open(path: &Path, follow: bool) -> io::Result<(File, Stamp)> {
    // Without NONBLOCK, opening a FIFO that just took the name would wait.
    let mut flags = rustix::fs::OFlags::NONBLOCK;
    flags.set(rustix::fs::OFlags::NOFOLLOW, !follow);
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    Ok((file, Stamp::of(&metadata)))
}
