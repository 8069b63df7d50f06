use super::disk::rename_by_link;
use super::*;
use crate::Timestamp;
use crate::traits::Nobody;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tempfile::TempDir;

static NOT_CANCELLED: AtomicBool = AtomicBool::new(false);

fn context() -> Context<'static> {
    Context {
        now: Timestamp(0),
        deadline: None,
        cancelled: &NOT_CANCELLED,
        ui: &Nobody,
    }
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

fn set(path: &Path, mode: Mode, text: &str) -> Result<()> {
    update(&context(), path, mode, |_| Ok(secret(text)))
}

fn mode_of(path: &Path) -> u32 {
    permission_bits(&fs::metadata(path).unwrap())
}

/// What stands in a directory besides lock files.
fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".sifseal-lock"))
        .collect();
    names.sort();
    names
}

#[test]
fn a_missing_file_is_made_with_its_directories_all_private() {
    let root = directory();
    let path = root.path().join("home/.apptainer/keys/pgp-secret");
    update(&context(), &path, Mode::Exactly(0o600), |old| {
        assert!(old.is_none());
        Ok(secret("new"))
    })
    .unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(mode_of(&path), 0o600);
    for made in ["home", "home/.apptainer", "home/.apptainer/keys"] {
        assert_eq!(mode_of(&root.path().join(made)), 0o700, "{made}");
    }
}

#[test]
fn the_directories_of_a_public_file_can_be_entered_by_all() {
    let root = directory();
    let path = root.path().join("etc/apptainer/global-pgp-public");
    set(&path, Mode::Exactly(0o644), "ring").unwrap();
    assert_eq!(mode_of(&path), 0o644);
    assert_eq!(mode_of(&root.path().join("etc/apptainer")), 0o755);
}

#[test]
fn the_change_is_given_the_present_content() {
    let root = directory();
    let path = root.path().join("file");
    fs::write(&path, "one").unwrap();
    update(&context(), &path, Mode::KeepOr(0o600), |old| {
        let old = String::from_utf8_lossy(old.unwrap().expose()).into_owned();
        Ok(secret(&format!("{old} two")))
    })
    .unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one two");
    assert_eq!(names(root.path()), ["file"]);
}

#[test]
fn a_change_that_fails_changes_nothing() {
    let root = directory();
    let path = root.path().join("file");
    fs::write(&path, "old").unwrap();
    let error = update(&context(), &path, Mode::KeepOr(0o600), |_| {
        Err(Error::new(ErrorKind::NotFound, "no such key"))
    })
    .unwrap_err();
    assert_eq!(error.to_string(), "no such key");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(root.path()), ["file"]);
}

#[test]
fn equal_content_is_not_written_again_but_a_secret_is_closed_to_others() {
    let root = directory();
    let path = root.path().join("file");
    fs::write(&path, "same").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();

    set(&path, Mode::KeepOr(0o600), "same").unwrap();
    assert_eq!(mode_of(&path), 0o664);
    set(&path, Mode::Exactly(0o600), "same").unwrap();
    assert_eq!(mode_of(&path), 0o600);
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
}

#[test]
fn the_mode_of_an_existing_file_is_kept_or_corrected_as_asked() {
    let root = directory();
    let path = root.path().join("file");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
    set(&path, Mode::KeepOr(0o600), "new").unwrap();
    assert_eq!(mode_of(&path), 0o664);
    set(&path, Mode::Exactly(0o600), "newer").unwrap();
    assert_eq!(mode_of(&path), 0o600);
}

#[test]
fn an_export_is_private_from_its_first_moment_and_never_covers_a_file_w10() {
    let root = directory();
    let path = root.path().join("secret.asc");
    write_new(&path, 0o600, b"secret").unwrap();
    assert_eq!(mode_of(&path), 0o600);
    assert_eq!(fs::read(&path).unwrap(), b"secret");

    let error = write_new(&path, 0o600, b"other").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(error.to_string().ends_with("already there"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"secret");
    assert_eq!(names(root.path()), ["secret.asc"]);
}

#[test]
fn a_new_file_has_its_mode_before_it_has_content_w10() {
    let root = directory();
    for mode in [0o600, 0o644, 0o666] {
        let path = root.path().join(format!("{mode:o}"));
        let new = New {
            bytes: b"",
            mode,
            owner: None,
        };
        let file = RealDisk.create(&path, &new).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0);
        assert_eq!(mode_of(&path), mode);
    }
}

#[test]
fn a_link_planted_at_the_name_of_an_export_is_not_followed_w10() {
    let root = directory();
    let target = root.path().join("target");
    let path = root.path().join("secret.asc");
    symlink(&target, &path).unwrap();
    assert!(write_new(&path, 0o600, b"secret").is_err());
    assert!(!target.exists());
}

#[test]
fn where_a_file_system_has_no_refusing_rename_links_do_the_same() {
    let root = directory();
    let from = root.path().join("from");
    fs::write(&from, "new").unwrap();
    let to = root.path().join("to");
    rename_by_link(&from, &to).unwrap();
    assert_eq!(fs::read(&to).unwrap(), b"new");
    assert!(!from.exists());

    fs::write(&from, "newer").unwrap();
    let error = rename_by_link(&from, &to).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&to).unwrap(), b"new");
}

#[test]
fn overwriting_takes_the_place_of_an_old_file_and_closes_it() {
    let root = directory();
    let path = root.path().join("secret.asc");
    fs::write(&path, "something longer than the new").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    overwrite(&path, Mode::Exactly(0o600), b"secret").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"secret");
    assert_eq!(mode_of(&path), 0o600);
    assert_eq!(names(root.path()), ["secret.asc"]);
}

#[test]
fn a_link_stays_a_link_and_its_target_is_replaced() {
    let root = directory();
    let real = root.path().join("dotfiles");
    fs::create_dir(&real).unwrap();
    fs::write(real.join("ring"), "old").unwrap();
    let link = root.path().join("pgp-public");
    symlink("dotfiles/ring", &link).unwrap();

    set(&link, Mode::Exactly(0o600), "new").unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(fs::read(real.join("ring")).unwrap(), b"new");
    assert_eq!(names(&real), ["ring"]);
    assert_eq!(names(root.path()), ["dotfiles", "pgp-public"]);
}

#[test]
fn without_following_a_link_is_refused_and_its_target_stays() {
    let root = directory();
    let target = root.path().join("target");
    let link = root.path().join("link");
    std::fs::write(&target, "old").unwrap();
    symlink(&target, &link).unwrap();
    let error = overwrite_unfollowed(&link, Mode::Exactly(0o644), b"new").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert_eq!(std::fs::read(&target).unwrap(), b"old");
    assert_eq!(names(root.path()), ["link", "target"]);

    std::fs::remove_file(&link).unwrap();
    for text in ["new", "newer"] {
        overwrite_unfollowed(&link, Mode::Exactly(0o644), text.as_bytes()).unwrap();
        assert_eq!(std::fs::read(&link).unwrap(), text.as_bytes());
    }
}

/// What the check above cannot see: a link that comes after it.
#[test]
fn a_link_planted_at_the_last_moment_is_replaced_and_not_followed() {
    let root = directory();
    let target = root.path().join("target");
    let link = root.path().join("link");
    std::fs::write(&target, "old").unwrap();
    symlink(&target, &link).unwrap();
    let new = New {
        bytes: b"new",
        mode: 0o644,
        owner: None,
    };
    put(&RealDisk, &link, &new, Existing::Replace).unwrap();
    assert!(!link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(std::fs::read(&link).unwrap(), b"new");
    assert_eq!(std::fs::read(&target).unwrap(), b"old");
}

#[test]
fn a_link_that_leads_nowhere_is_named_and_left() {
    let root = directory();
    let link = root.path().join("pgp-public");
    symlink("gone", &link).unwrap();
    for error in [
        set(&link, Mode::Exactly(0o600), "new").unwrap_err(),
        overwrite(&link, Mode::Exactly(0o600), b"new").unwrap_err(),
    ] {
        assert!(error.to_string().contains("leads to no file"), "{error}");
        assert!(error.to_string().contains("pgp-public"), "{error}");
    }
    assert_eq!(names(root.path()), ["pgp-public"]);
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting() {
    let root = directory();
    let fifo = root.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    assert!(read(&fifo).is_err());
    assert!(overwrite(&fifo, Mode::Exactly(0o600), b"new").is_err());
    let error = set(root.path(), Mode::Exactly(0o600), "new").unwrap_err();
    assert!(error.to_string().contains("is a directory"), "{error}");
}

#[test]
fn a_file_beyond_the_limit_is_refused_before_memory_is_taken() {
    let root = directory();
    let path = root.path().join("ring");
    let sparse = File::create(&path).unwrap();
    sparse.set_len(MAX_BYTES + 1).unwrap();
    let error = read(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains("64 MiB"), "{error}");
}

#[test]
fn a_file_may_have_a_limit_of_its_own() {
    let root = directory();
    let path = root.path().join("bundle");
    fs::write(&path, "12345678").unwrap();
    let change = |max_bytes| {
        let terms = Terms {
            max_bytes,
            ..Mode::KeepOr(0o644).into()
        };
        update_on(&context(), &path, &terms, |_| Ok(secret("new")))
    };
    assert_eq!(change(7).unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(fs::read(&path).unwrap(), b"12345678");
    change(8).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn a_lock_that_other_programs_share_is_waited_for_and_is_the_only_one() {
    let root = directory();
    let path = root.path().join("ab/cdef");
    let shared = root.path().join("writelock");
    let terms = Terms {
        lock: Some(&shared),
        ..Mode::KeepOr(0o644).into()
    };
    let held = Lock::acquire_shared(&context(), &shared).unwrap();
    let hurried = Context {
        deadline: Some(Instant::now()),
        ..context()
    };
    let error = update_on(&hurried, &path, &terms, |_| Ok(secret("new"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("writelock"));
    drop(held);
    update_on(&context(), &path, &terms, |_| Ok(secret("new"))).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    let beside = fs::read_dir(root.path().join("ab")).unwrap();
    assert_eq!(beside.count(), 1, "no lock beside the file");
}

#[test]
fn reading_creates_nothing() {
    let root = directory();
    assert!(read(&root.path().join("a/b/c")).unwrap().is_none());
    assert!(names(root.path()).is_empty());
}

#[test]
fn a_directory_in_which_nothing_can_be_made_gives_an_error_that_names_it() {
    // Not done by permissions, which do not bind root: a kernel file system in
    // which nobody can create a file.
    let error = write_new(Path::new("/proc/sifseal"), 0o600, b"x").unwrap_err();
    assert!(error.to_string().starts_with("/proc/sifseal: "), "{error}");
    let error = set(Path::new("/proc/sifseal"), Mode::Exactly(0o600), "x").unwrap_err();
    assert!(error.to_string().starts_with("/proc/"), "{error}");
}

#[test]
fn a_missing_directory_is_an_error_for_an_export() {
    let root = directory();
    let path = root.path().join("gone/secret.asc");
    let error = write_new(&path, 0o600, b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(names(root.path()).is_empty());
}

#[test]
fn work_of_several_steps_keeps_other_writers_away_until_its_end() {
    let root = directory();
    let path = root.path().join("keys/list");
    let hurried = || Context {
        deadline: Some(Instant::now() + Duration::from_millis(20)),
        ..context()
    };
    let other = || {
        update(&hurried(), &path, Mode::KeepOr(0o600), |_| {
            Ok(secret("other"))
        })
    };
    let done = alone(&context(), &path, Duration::from_secs(10), || {
        assert_eq!(other().unwrap_err().kind(), ErrorKind::Timeout);
        overwrite(&path, Mode::Exactly(0o600), b"first step")?;
        assert_eq!(other().unwrap_err().kind(), ErrorKind::Timeout);
        overwrite(&path, Mode::Exactly(0o600), b"second step")?;
        Ok(7)
    });
    assert_eq!(done.unwrap(), 7);
    assert_eq!(fs::read(&path).unwrap(), b"second step");
    let metadata = fs::metadata(root.path().join("keys")).unwrap();
    assert_eq!(metadata.mode() & 0o777, 0o700, "the directory is private");
    other().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"other");
}

#[test]
fn a_held_lock_is_waited_for_in_bounds_and_then_named() {
    let root = directory();
    let path = root.path().join("pgp-public");
    fs::write(&path, "old").unwrap();
    let lock = Lock::acquire(&context(), &path).unwrap();

    let hurried = Context {
        deadline: Some(Instant::now() + Duration::from_millis(20)),
        ..context()
    };
    let error = update(&hurried, &path, Mode::KeepOr(0o600), |_| Ok(secret("new"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.to_string().contains(".pgp-public.sifseal-lock: "),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"old");

    drop(lock);
    set(&path, Mode::KeepOr(0o600), "new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn a_lock_file_that_was_tidied_away_does_not_let_two_in() {
    let root = directory();
    let path = root.path().join("ring");
    let stale = Lock::acquire(&context(), &path).unwrap();
    fs::remove_file(lock::lock_path(&path)).unwrap();
    // The new lock is another inode; it is the one that counts from now on.
    let current = Lock::acquire(&context(), &path).unwrap();
    drop(stale);
    let hurried = Context {
        deadline: Some(Instant::now() + Duration::from_millis(20)),
        ..context()
    };
    assert!(Lock::acquire(&hurried, &path).is_err());
    drop(current);
}

#[test]
fn many_writers_at_once_lose_nothing_w17() {
    const WRITERS: usize = 8;
    const ROUNDS: usize = 12;
    let root = directory();
    let path = root.path().join("ring");
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let path = &path;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    update(&context(), path, Mode::Exactly(0o600), |old| {
                        let mut bytes = old.map(|old| old.expose().to_vec()).unwrap_or_default();
                        bytes.extend(format!("{writer}.{round}\n").bytes());
                        Ok(Secret::new(bytes))
                    })
                    .unwrap();
                }
            });
        }
    });
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), WRITERS * ROUNDS);
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), WRITERS * ROUNDS);
    assert_eq!(names(root.path()), ["ring"]);
}

/// The real file system, which reports an error at one step and then goes on.
struct Faulty {
    fails_at: usize,
    step: std::cell::Cell<usize>,
}

impl Faulty {
    fn step(&self) -> io::Result<()> {
        let step = self.step.get();
        self.step.set(step + 1);
        if step == self.fails_at {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl Disk for Faulty {
    type File = File;

    fn create(&self, path: &Path, new: &New<'_>) -> io::Result<File> {
        self.step()?;
        RealDisk.create(path, new)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let failed = self.step();
        // A full disk takes a part of it.
        let taken = if failed.is_err() {
            bytes.len() / 2
        } else {
            bytes.len()
        };
        RealDisk.write(file, &bytes[..taken])?;
        failed
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.step()?;
        RealDisk.sync(file)
    }

    fn place(&self, from: &Path, to: &Path, existing: Existing) -> io::Result<()> {
        self.step()?;
        RealDisk.place(from, to, existing)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        RealDisk.sync_directory(path)
    }
}

#[test]
fn a_full_disk_leaves_the_old_file_and_no_temporary_one_w17() {
    let root = directory();
    let path = root.path().join("ring");
    for fails_at in 0..5 {
        fs::write(&path, "old").unwrap();
        let disk = Faulty {
            fails_at,
            step: Default::default(),
        };
        let new = New {
            bytes: b"new",
            mode: 0o600,
            owner: None,
        };
        assert!(put(&disk, &path, &new, Existing::Replace).is_err());
        let is_placed = fails_at == 4;
        let expected: &[u8] = if is_placed { b"new" } else { b"old" };
        assert_eq!(fs::read(&path).unwrap(), expected, "step {fails_at}");
        assert_eq!(names(root.path()), ["ring"], "step {fails_at}");
    }
}

#[test]
fn a_failed_export_leaves_no_part_behind_w10() {
    let root = directory();
    let path = root.path().join("secret.asc");
    for fails_at in 0..4 {
        let disk = Faulty {
            fails_at,
            step: Default::default(),
        };
        let new = New {
            bytes: b"secret",
            mode: 0o600,
            owner: None,
        };
        assert!(put(&disk, &path, &new, Existing::Refuse).is_err());
        assert!(names(root.path()).is_empty(), "step {fails_at}");
    }
}
