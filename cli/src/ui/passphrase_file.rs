//! Passphrases from a file or a pipe, for programs that sign without a person.

use super::LineReader;
use crate::config::Environment;
use sifseal_core::{Error, ErrorKind, Result, Secret};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The variable that names a file of passphrases where no flag does.
const VARIABLE: &str = "SIFSEAL_PASSPHRASE_FILE";

/// Where a passphrase comes from that is not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassphraseSource {
    /// The first line of this file.
    File(PathBuf),
    /// The first line of standard input.
    StandardInput,
}

impl PassphraseSource {
    /// What the flag names, else what `SIFSEAL_PASSPHRASE_FILE` names.
    pub fn choose(flag: Option<&Path>, environment: &Environment) -> Option<Self> {
        let path = flag.or_else(|| environment.get(VARIABLE).map(Path::new))?;
        Some(match path == Path::new("-") {
            true => Self::StandardInput,
            false => Self::File(path.to_owned()),
        })
    }

    /// The passphrase: the first line, without its ending.
    ///
    /// # Errors
    /// The file cannot be read, or has no first line that could be a passphrase.
    pub(super) fn read(&self, standard_input: &mut LineReader) -> Result<Secret> {
        let (line, place) = match self {
            Self::StandardInput => (standard_input.next_line(), "standard input".to_owned()),
            Self::File(path) => {
                let file = File::open(path).map_err(|error| Error::io(path, error))?;
                (
                    LineReader::new(file).next_line(),
                    path.display().to_string(),
                )
            }
        };
        let secret = line.map(Secret::new).filter(|line| !line.is_empty());
        secret.ok_or_else(|| {
            Error::new(
                ErrorKind::Locked,
                "there is no passphrase in the first line",
            )
            .at(place)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_line(content: &str) -> Result<Secret> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passphrase");
        std::fs::write(&path, content).unwrap();
        PassphraseSource::File(path).read(&mut LineReader::new(std::io::empty()))
    }

    #[test]
    fn the_first_line_is_the_passphrase_without_its_ending() {
        assert_eq!(
            first_line("correct horse\n").unwrap().expose(),
            b"correct horse"
        );
        assert_eq!(first_line(" x \r\nmore\n").unwrap().expose(), b" x ");
        assert_eq!(first_line("no newline").unwrap().expose(), b"no newline");
    }

    #[test]
    fn an_empty_first_line_is_an_error_that_names_the_file() {
        for content in ["", "\n", "\nsecond\n"] {
            assert!(
                first_line(content)
                    .unwrap_err()
                    .to_string()
                    .contains("passphrase:")
            );
        }
    }

    #[test]
    fn the_flag_wins_over_the_variable() {
        let environment = [(VARIABLE, "-")].into_iter().collect::<Environment>();
        let by_variable = PassphraseSource::choose(None, &environment);
        assert_eq!(by_variable, Some(PassphraseSource::StandardInput));
        let by_flag = PassphraseSource::choose(Some(Path::new("file")), &environment);
        assert_eq!(by_flag, Some(PassphraseSource::File("file".into())));
        assert_eq!(
            PassphraseSource::choose(None, &Environment::default()),
            None
        );
    }
}
