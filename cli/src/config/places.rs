//! Where configuration is looked for.

use super::environment::{CONFIG, Environment, KEYSERVER};
use std::path::{Path, PathBuf};

/// Places that are fixed when the program is built, and the environment.
///
/// The site's file is a field and not a variable: a user who could move it could
/// get around what it locks.
#[derive(Debug, Clone)]
pub struct Places {
    /// The site's file.
    pub system_config: PathBuf,
    /// The site's file of Apptainer.
    pub apptainer_system: PathBuf,
    /// The environment.
    pub environment: Environment,
}

impl Places {
    /// The real ones.
    pub fn of_this_system() -> Self {
        Self {
            system_config: PathBuf::from("/etc/sifseal/config.toml"),
            apptainer_system: PathBuf::from("/etc/apptainer/remote.yaml"),
            environment: Environment::of_this_process(),
        }
    }

    /// The same without the user: no home, no variables.
    pub(crate) fn of_everybody(&self) -> Self {
        Self {
            environment: Environment::default(),
            ..self.clone()
        }
    }

    /// The same without the variable that names a keyserver.
    pub(crate) fn without_keyserver(&self) -> Self {
        Self {
            environment: self.environment.without(KEYSERVER),
            ..self.clone()
        }
    }

    /// The user's home directory.
    pub(super) fn home(&self) -> Option<PathBuf> {
        match self.environment.get("HOME") {
            Some(home) => Some(PathBuf::from(home)),
            None => etcetera::home_dir().ok(),
        }
    }

    /// The user's file by the XDG rules; `None` without a home directory.
    fn user_config(&self) -> Option<PathBuf> {
        Some(self.xdg("XDG_CONFIG_HOME", ".config")?.join("config.toml"))
    }

    /// The files that hold for everybody.
    pub fn system_files(&self) -> [PathBuf; 2] {
        [self.system_config.clone(), self.apptainer_system.clone()]
    }

    /// The user's logins, beside it.
    pub(super) fn credentials(&self) -> Option<PathBuf> {
        let directory = self.xdg("XDG_CONFIG_HOME", ".config")?;
        Some(directory.join("credentials.toml"))
    }

    /// Where things are kept that can be made anew.
    pub fn cache(&self) -> Option<PathBuf> {
        self.xdg("XDG_CACHE_HOME", ".cache")
    }

    /// Where what belongs to the user is kept, apart from any key directory.
    pub fn data(&self) -> Option<PathBuf> {
        self.xdg("XDG_DATA_HOME", ".local/share")
    }

    /// The user's file of Apptainer.
    pub(super) fn apptainer_user(&self) -> Option<PathBuf> {
        let directory = match self.environment.get("APPTAINER_CONFIGDIR") {
            Some(directory) => PathBuf::from(directory),
            None => self.home()?.join(".apptainer"),
        };
        Some(directory.join("remote.yaml"))
    }

    /// Our directory below one of the XDG base directories.
    fn xdg(&self, variable: &str, in_home: &str) -> Option<PathBuf> {
        let xdg = self.environment.get(variable).map(PathBuf::from);
        // The XDG specification has relative paths ignored.
        let base = xdg.filter(|path| path.is_absolute());
        let base = base.or_else(|| Some(self.home()?.join(in_home)))?;
        Some(base.join("sifseal"))
    }
}

/// One file of configuration, there or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where it is.
    pub path: PathBuf,
    /// Which layer it makes.
    pub role: &'static str,
    /// True if it was asked for by name and must be there.
    pub required: bool,
}

/// The files that are read, the stronger one last.
pub fn config_files(places: &Places, flag: Option<&Path>) -> Vec<ConfigFile> {
    let named = flag
        .map(|path| (path.to_owned(), "--config"))
        .or_else(|| Some((places.environment.get(CONFIG)?.into(), CONFIG)));
    let user = match named {
        Some((path, role)) => Some(ConfigFile {
            path,
            role,
            required: true,
        }),
        None => places.user_config().map(|path| ConfigFile {
            path,
            role: "user",
            required: false,
        }),
    };
    let system = ConfigFile {
        path: places.system_config.clone(),
        role: "system",
        required: false,
    };
    std::iter::once(system).chain(user).collect()
}
