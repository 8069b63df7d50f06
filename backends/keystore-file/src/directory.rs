//! Which directory is Apptainer's: the same answer as Apptainer gives, so that
//! both find the same keys.

use sifseal_core::{Error, ErrorKind, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The site's keyring, where Apptainer's packages keep it.
pub const GLOBAL_KEYRING: &str = "/etc/apptainer/global-pgp-public";

/// The directory of the user's keys, by the environment that `env` reads:
///
/// 1. `APPTAINER_KEYSDIR`, else `SINGULARITY_SYPGPDIR`;
/// 2. `keys` in `APPTAINER_CONFIGDIR`, else in `SINGULARITY_CONFIGDIR`;
/// 3. `.apptainer/keys` in `HOME`, else in the home that the system's user
///    database gives.
///
/// A variable that is empty counts as unset. Unlike Apptainer, no home at all is
/// an error and does not mean the working directory, where a stranger may have
/// put keys. Whether the directory exists is not asked.
///
/// # Errors
/// `Config` if there is no home directory.
pub fn default_directory(env: &dyn Fn(&str) -> Option<OsString>) -> Result<PathBuf> {
    directory(env, &std::env::home_dir)
}

fn directory(
    env: &dyn Fn(&str) -> Option<OsString>,
    home_of_account: &dyn Fn() -> Option<PathBuf>,
) -> Result<PathBuf> {
    let set = |name| {
        env(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };

    if let Some(keys) = set("APPTAINER_KEYSDIR").or_else(|| set("SINGULARITY_SYPGPDIR")) {
        return Ok(keys);
    }
    if let Some(config) = set("APPTAINER_CONFIGDIR").or_else(|| set("SINGULARITY_CONFIGDIR")) {
        return Ok(config.join("keys"));
    }
    set("HOME")
        .or_else(home_of_account)
        .filter(|home| home != Path::new(""))
        .map(|home| home.join(".apptainer/keys"))
        .ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "you have no home directory to keep keys in",
            )
            .hint("set HOME, or name a directory for keys in APPTAINER_KEYSDIR")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)], account: Option<&str>) -> Result<PathBuf> {
        directory(
            &|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            },
            &|| account.map(PathBuf::from),
        )
    }

    #[test]
    fn the_most_specific_variable_wins() {
        let mut variables = vec![
            ("APPTAINER_KEYSDIR", "/a"),
            ("SINGULARITY_SYPGPDIR", "/b"),
            ("APPTAINER_CONFIGDIR", "/c"),
            ("SINGULARITY_CONFIGDIR", "/d"),
            ("HOME", "/home/e"),
        ];
        for expected in ["/a", "/b", "/c/keys", "/d/keys", "/home/e/.apptainer/keys"] {
            assert_eq!(with(&variables, None).unwrap(), Path::new(expected));
            variables.remove(0);
        }
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let variables = [("APPTAINER_KEYSDIR", ""), ("HOME", "/home/ada")];
        assert_eq!(
            with(&variables, None).unwrap(),
            Path::new("/home/ada/.apptainer/keys")
        );
    }

    #[test]
    fn without_home_the_account_says_where_it_is() {
        assert_eq!(
            with(&[("HOME", "")], Some("/home/ada")).unwrap(),
            Path::new("/home/ada/.apptainer/keys")
        );
    }

    #[test]
    fn with_no_home_at_all_the_error_names_what_to_set() {
        for account in [None, Some("")] {
            let error = with(&[], account).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.hint_text().unwrap().contains("APPTAINER_KEYSDIR"));
        }
    }
}
