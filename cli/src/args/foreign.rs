//! Flags and commands of Apptainer that this program has not: what to tell those who
//! know them, in place of the nearest name that happens to exist here.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// A name of Apptainer's, and what to do without it.
const KNOWN: &[(&[&str], &str)] = &[
    (
        &["--key"],
        "PEM keys are not supported: images are signed and verified with OpenPGP keys. Name the \
         key to sign with by --signer, and whose signatures count by --signed-by",
    ),
    (
        &[
            "--certificate",
            "--certificate-intermediates",
            "--certificate-roots",
            "--ocsp-verify",
        ],
        "X.509 certificates are not supported: images are verified with OpenPGP keys",
    ),
    (
        &["--all", "-a"],
        "it is not needed: all groups are signed unless you choose with -g or -i",
    ),
    (
        &["--password", "-P"],
        "a passphrase on the command line can be seen by others; give it at the prompt, or in a \
         file with --passphrase-file",
    ),
    (
        &["--cosign", "-c"],
        "cosign signatures are not supported, but only OpenPGP ones in SIF images",
    ),
    (
        &["add", "use", "login", "logout", "status"],
        "endpoints are Apptainer's to manage; keyservers and logins at them are kept with \
         `sifseal keyserver`",
    ),
];

/// What to say of a command line that was refused for such a name.
pub(super) fn advice(refused: &clap::Error) -> Option<String> {
    let context = match refused.kind() {
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        _ => return None,
    };
    let Some(ContextValue::String(name)) = refused.get(context) else {
        return None;
    };
    let name = name.split('=').next().unwrap_or(name);
    KNOWN
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, advice)| format!("`{name}` of Apptainer: {advice}"))
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::Parser;

    fn told(line: &[&str]) -> Option<String> {
        advice(&Cli::try_parse_from(line).unwrap_err())
    }

    #[test]
    fn every_name_has_a_sentence_of_its_own() {
        for line in [
            &["sifseal", "verify", "--certificate", "c.pem", "a.sif"][..],
            &["sifseal", "verify", "--certificate=c.pem", "a.sif"],
            &["sifseal", "verify", "--ocsp-verify", "a.sif"],
            &["sifseal", "verify", "--key", "k.pem", "a.sif"],
            &["sifseal", "sign", "--key", "k.pem", "a.sif"],
            &["sifseal", "sign", "--all", "a.sif"],
            &["sifseal", "key", "newpair", "-P", "secret"],
            &["sifseal", "remote", "add", "lab", "cloud.lab.example"],
            &["sifseal", "remote", "login"],
        ] {
            assert!(told(line).is_some(), "{line:?}");
        }
    }

    #[test]
    fn what_apptainer_does_not_know_either_is_left_to_clap() {
        assert_eq!(told(&["sifseal", "verify", "--nonsense", "a.sif"]), None);
        assert_eq!(told(&["sifseal", "key", "nonsense"]), None);
        assert_eq!(told(&["sifseal", "verify"]), None);
    }
}
