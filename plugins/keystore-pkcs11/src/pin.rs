//! Where the PIN comes from: the person, a file, or the environment.
//!
//! A token counts wrong PINs and locks itself. So a PIN is tried once, whatever its
//! source, and a wrong one ends the work; who wants to try again does so.

use crate::settings::{Pkcs11Settings, wrong};
use rustix::fs::OFlags;
use rustix::process::geteuid;
use sifseal_plugin_sdk::traits::Ask;
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result, Secret};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// More than any token takes (PKCS#11 sets no limit; makers' are well below).
const LONGEST: u64 = 1024;

/// Where a PIN comes from.
#[derive(Debug, Clone)]
pub(crate) enum PinSource {
    /// The person is asked.
    Person,
    /// The first line of a file.
    File(PathBuf),
    /// A variable of the environment.
    Variable {
        /// Its name.
        name: String,
        /// Its value, if it has one.
        value: Option<Secret>,
    },
}

impl PinSource {
    /// As the settings say.
    ///
    /// # Errors
    /// `Config` if they name two sources, or one that a plugin cannot have.
    pub(crate) fn new(
        settings: &Pkcs11Settings,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self> {
        match (&settings.pin_file, &settings.pin_environment) {
            (None, None) => Ok(Self::Person),
            (Some(path), None) if path.is_absolute() => Ok(Self::File(path.clone())),
            (Some(_), None) => Err(wrong("`pin-file` must be an absolute path")),
            // The host keeps them from plugins: they may name a file with a passphrase.
            (None, Some(name)) if name.starts_with("SIFSEAL_") => Err(wrong(format!(
                "`pin-environment` cannot be {name}: variables that begin with `SIFSEAL_` are \
                 sifseal's own, and plugins do not get them"
            ))),
            (None, Some(name)) => Ok(Self::Variable {
                value: environment(name).map(|value| Secret::new(value.into_vec())),
                name: name.clone(),
            }),
            (Some(_), Some(_)) => Err(wrong(
                "`pin-file` and `pin-environment` cannot both give the PIN",
            )),
        }
    }

    /// True if a person types it.
    pub(crate) fn is_person(&self) -> bool {
        matches!(self, Self::Person)
    }

    /// The PIN for what `whose` names, `token release` say.
    ///
    /// # Errors
    /// `Locked` if there is none, and what is wrong with the file.
    pub(crate) fn pin(&self, cx: &Context<'_>, whose: &str) -> Result<Secret> {
        let pin = match self {
            Self::Person => ask(cx, whose)?,
            Self::File(path) => read(path)?,
            Self::Variable { name, value } => value.clone().ok_or_else(|| {
                let what = format!("the variable {name} with the PIN of {whose} is not set");
                Error::new(ErrorKind::Locked, what)
                    .hint("its name is the setting `pin-environment` of the plugin")
            })?,
        };
        if pin.is_empty() {
            let what = format!("the PIN of {whose} is empty");
            // A token may count it as a wrong one.
            return Err(Error::new(ErrorKind::Locked, what).hint("it was not tried"));
        }
        Ok(pin)
    }
}

fn ask(cx: &Context<'_>, whose: &str) -> Result<Secret> {
    let ask = Ask {
        question: &format!("Enter the PIN of {whose} : "),
        key: whose,
        attempt: 1,
    };
    // Also where this is no plugin but part of a program that was given the passphrase of
    // another key: a token would count that as a wrong PIN.
    cx.ui.in_person().passphrase(&ask).ok_or_else(|| {
        let what = format!("the PIN of {whose} is needed, and there is nobody to ask");
        Error::new(ErrorKind::Locked, what)
            .hint("name a `pin-file` or a `pin-environment` in the plugin's settings")
    })
}

/// The first line of a file that nobody else can read.
fn read(path: &Path) -> Result<Secret> {
    let io = |error| Error::io(path, error);
    // A pipe must not hold us up before it is seen to be one.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .map_err(io)?;
    check(path, &file)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST as usize));
    file.take(LONGEST).read_to_end(&mut bytes).map_err(io)?;
    let line = bytes.split(|byte| *byte == b'\n').next();
    Ok(Secret::new(
        line.unwrap_or_default().trim_ascii_end().to_vec(),
    ))
}

/// What was opened is judged, not what the path may lead to by now.
fn check(path: &Path, file: &File) -> Result<()> {
    let metadata = file.metadata().map_err(|error| Error::io(path, error))?;
    let refuse = |what: &str, hint: &str| {
        Err(Error::new(ErrorKind::Denied, what)
            .at(path.display())
            .hint(hint))
    };
    if !metadata.is_file() {
        return refuse("the PIN is not read from it", "it must be a file");
    }
    if metadata.mode() & 0o077 != 0 {
        return refuse(
            "others can read or write the file with the PIN",
            "chmod 600 makes it yours alone",
        );
    }
    if metadata.uid() != 0 && metadata.uid() != geteuid().as_raw() {
        return refuse(
            "the file with the PIN belongs to somebody else",
            "it must be yours or root's",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_plugin_sdk::Timestamp;
    use sifseal_plugin_sdk::traits::{Nobody, Ui};
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::AtomicBool;

    static NEVER: AtomicBool = AtomicBool::new(false);

    fn pin_by(source: &PinSource, ui: &dyn Ui) -> Result<String> {
        let cx = Context {
            now: Timestamp(0),
            deadline: None,
            cancelled: &NEVER,
            ui,
        };
        let pin = source.pin(&cx, "token t")?;
        Ok(String::from_utf8(pin.expose().to_vec()).unwrap())
    }

    fn file(content: &str, mode: u32) -> (tempfile::TempDir, PinSource) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pin");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (directory, PinSource::File(path))
    }

    #[test]
    fn a_pin_is_the_first_line_of_a_file_that_is_ours_alone() {
        for content in ["1234", "1234\n", "1234\r\n", "1234\nsecond line\n"] {
            let (_directory, source) = file(content, 0o600);
            assert_eq!(pin_by(&source, &Nobody).unwrap(), "1234", "{content:?}");
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        for mode in [0o640, 0o604, 0o620, 0o644] {
            let (_directory, source) = file("1234", mode);
            let error = pin_by(&source, &Nobody).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Denied, "{mode:o}");
        }
    }

    #[test]
    fn a_directory_an_absent_file_and_an_empty_one_give_no_pin() {
        let (directory, source) = file("\n", 0o600);
        let kind = |source: &PinSource| pin_by(source, &Nobody).unwrap_err().kind();
        assert_eq!(kind(&source), ErrorKind::Locked);
        let at = |path: &Path| PinSource::File(path.to_owned());
        assert_eq!(kind(&at(directory.path())), ErrorKind::Denied);
        let absent = directory.path().join("absent");
        assert_eq!(kind(&at(&absent)), ErrorKind::NotFound);
    }

    #[test]
    fn nobody_to_ask_is_told_with_the_ways_out() {
        let error = pin_by(&PinSource::Person, &Nobody).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked);
        assert!(error.hint_text().unwrap().contains("pin-file"));
    }

    #[test]
    fn a_variable_gives_the_pin_or_its_name_is_told() {
        let mut settings = Pkcs11Settings {
            module: "/m.so".into(),
            token: Some("t".to_owned()),
            serial: None,
            slot: None,
            pin_file: None,
            pin_environment: Some("HSM_PIN".to_owned()),
            keys: vec![],
        };
        let set = |name: &str| (name == "HSM_PIN").then(|| "1234".into());
        let source = PinSource::new(&settings, set).unwrap();
        assert_eq!(pin_by(&source, &Nobody).unwrap(), "1234");
        assert!(!format!("{source:?}").contains("1234"));
        let source = PinSource::new(&settings, |_| None).unwrap();
        let error = pin_by(&source, &Nobody).unwrap_err();
        assert!(error.to_string().contains("HSM_PIN"), "{error}");

        settings.pin_environment = Some("SIFSEAL_PIN".to_owned());
        let error = PinSource::new(&settings, |_| Some("1234".into())).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Config,
            "one that plugins do not get"
        );
        assert!(error.to_string().contains("SIFSEAL_PIN"), "{error}");

        settings.pin_environment = Some("HSM_PIN".to_owned());
        settings.pin_file = Some("/pin".into());
        let error = PinSource::new(&settings, set).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "two sources");
        settings.pin_environment = None;
        settings.pin_file = Some("pin".into());
        let error = PinSource::new(&settings, set).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "a relative path");
    }
}
