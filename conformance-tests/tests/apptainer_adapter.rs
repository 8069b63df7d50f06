//! The adapter for Apptainer and SingularityCE, with a stand-in for the program: what it is
//! called with, and what is made of what it says, as recorded from Apptainer 1.5.

// A test breaks where its machinery breaks.
#![allow(clippy::unwrap_used)]

use sifseal_conformance::adapter::{
    Adapter, Answer, Implementation, KeyFile, SignQuestion, Verdict, VerifyQuestion,
};
use sifseal_conformance::scenario::Selection;
use sifseal_conformance_tests::adapters::wrapped;
use sifseal_conformance_tests::require_jq;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FINGERPRINT: &str = "E63A9DE3D5F1C7B6DD81A6BD78E305163F1C30B6";

/// A folder with a stand-in on the path, and the adapter over it.
struct Stand {
    folder: tempfile::TempDir,
    adapter: Adapter,
}

impl Stand {
    /// `body` is what the stand-in does beside writing down how it was called.
    fn new(program: &str, body: &str) -> Option<Self> {
        require_jq()?;
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        let calls = folder.path().join("calls");
        let text = format!(
            "#!/bin/sh\necho \"$@\" >>'{}'\ncase \"$*\" in\nversion) echo 1.5.3 ;;\n\
             'key list --secret') printf '0)  User: Other\\n    Fingerprint:       {}\\n1)  User: Ada\\n    \
             Fingerprint:       {FINGERPRINT}\\n' ;;\n{body}\nesac\n",
            calls.display(),
            "00".repeat(20)
        );
        std::fs::write(bin.join(program), text).unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(bin.join(program), mode).unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let script = format!("{program}/run");
        let patience = Duration::from_secs(60);
        let home = folder.path().join("adapter");
        let adapter = wrapped(&home, &script, program, &[("PATH", &path)], patience);
        Some(Self { folder, adapter })
    }

    /// How the program was called last.
    fn last_call(&self) -> String {
        let calls = std::fs::read_to_string(self.folder.path().join("calls")).unwrap();
        calls.lines().last().unwrap().to_owned()
    }

    fn scratch(&self) -> PathBuf {
        let scratch = self.folder.path().join("scratch");
        std::fs::create_dir_all(&scratch).unwrap();
        scratch
    }

    fn verify(&self, selection: &str) -> Answer {
        let mut session = self.adapter.begin(&self.scratch()).unwrap();
        let question = VerifyQuestion {
            selection: selection.parse().unwrap(),
            ..VerifyQuestion::default()
        };
        session.verify(Path::new("image.sif"), &question)
    }
}

#[test]
fn each_selection_becomes_the_programs_own_options() {
    let said = format!(
        "*verify*) echo '{{\"Signatures\": 1, \"SignerKeys\": [{{\"Signer\": {{\"Fingerprint\": \"{}\"}}}}]}}' ;;",
        FINGERPRINT.to_lowercase()
    );
    for program in ["apptainer", "singularity"] {
        let Some(stand) = Stand::new(program, &said) else {
            return;
        };
        assert_eq!(stand.adapter.info().version, "1.5.3");
        for (selection, options) in [
            ("default", ""),
            ("group:2", "--group-id 2 "),
            ("object:3", "--sif-id 3 "),
            ("legacy", "--legacy-insecure "),
            ("legacy-all", "--legacy-insecure --all "),
            ("legacy-group:1", "--legacy-insecure --group-id 1 "),
            ("legacy-object:2", "--legacy-insecure --sif-id 2 "),
        ] {
            let answer = stand.verify(selection);
            assert_eq!(answer.verdict, Verdict::Accepted, "{answer:?}");
            assert_eq!(answer.told.unwrap().signers, [FINGERPRINT]);
            let call = format!("--nocolor verify --local --json {options}image.sif");
            assert_eq!(stand.last_call(), call);
        }
        assert_eq!(stand.verify("object:1,2").verdict, Verdict::Unsupported);
    }
}

#[test]
fn what_it_says_becomes_a_reason_and_a_status() {
    for (said, verdict, reasons) in [
        (
            "integrity: object 2: object not signed",
            Verdict::Refused,
            vec!["object-not-signed"],
        ),
        (
            "integrity: data object integrity compromised: 2",
            Verdict::Refused,
            vec!["data-changed"],
        ),
        (
            "integrity: signature object 3 not valid: openpgp: key expired",
            Verdict::Refused,
            vec!["key-expired"],
        ),
        (
            "integrity: signature object 3 not valid: openpgp: signature made by unknown entity",
            Verdict::Refused,
            vec![],
        ),
        ("reading descriptors: EOF", Verdict::Unreadable, vec![]),
    ] {
        let body = format!(
            "*verify*) echo '{{\"Signatures\": 1, \"SignerKeys\": null}}'; \
             echo 'FATAL:   Failed to verify container: {said}' >&2; exit 255 ;;"
        );
        let Some(stand) = Stand::new("apptainer", &body) else {
            return;
        };
        let answer = stand.verify("default");
        assert_eq!(answer.verdict, verdict, "{said}: {answer:?}");
        assert_eq!(
            answer.told.map_or(vec![], |told| told.reasons),
            reasons,
            "{said}"
        );
    }
    // A crash is no refusal.
    let Some(stand) = Stand::new("apptainer", "*verify*) echo 'panic: x' >&2; exit 2 ;;") else {
        return;
    };
    assert!(matches!(
        stand.verify("default").verdict,
        Verdict::Broken(_)
    ));
}

#[test]
fn the_key_to_sign_with_is_found_in_the_programs_list() {
    let Some(stand) = Stand::new("apptainer", "") else {
        return;
    };
    let mut session = stand.adapter.begin(&stand.scratch()).unwrap();
    let key = KeyFile {
        name: "ada".to_owned(),
        file: "ada.asc".into(),
        is_secret: true,
        passphrase: None,
    };
    assert_eq!(session.import_key(&key).verdict, Verdict::Accepted);
    assert_eq!(stand.last_call(), "key import ada.asc");
    let mut question = SignQuestion {
        fingerprint: FINGERPRINT.to_owned(),
        selection: Selection::Group(1),
        passphrase: None,
        hash: None,
    };
    let image = Path::new("image.sif");
    assert_eq!(session.sign(image, &question).verdict, Verdict::Accepted);
    assert_eq!(
        stand.last_call(),
        "--nocolor sign --keyidx 1 --group-id 1 image.sif"
    );
    question.fingerprint = "11".repeat(20);
    assert_eq!(session.sign(image, &question).verdict, Verdict::Refused);
    question.hash = Some("sha512".to_owned());
    assert_eq!(session.sign(image, &question).verdict, Verdict::Unsupported);
}

#[test]
fn a_program_that_is_not_installed_is_told() {
    if require_jq().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let adapters = sifseal_conformance_tests::adapters::adapters_folder();
    // On a machine that has it there is nothing to tell.
    let opened = Adapter::open(
        &adapters.join("singularity"),
        folder.path(),
        Duration::from_secs(60),
    );
    if let Err(problem) = opened {
        assert!(
            problem.contains("singularity is not installed"),
            "{problem}"
        );
    }
}
