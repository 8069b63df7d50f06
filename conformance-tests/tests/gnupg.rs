//! GnuPG and the program: keys go both ways, and a signature that is taken out of an
//! image is one that GnuPG accepts.

#![allow(clippy::unwrap_used)]

use sifseal_conformance_tests::{Gpg, Program};
use std::path::{Path, PathBuf};

/// A folder with an image of one object.
fn image(program: &Program, name: &str) {
    std::fs::write(program.home().join("object"), "Bootstrap: scratch\n").unwrap();
    done(program, &["sif", "new", name]);
    let add = [
        "sif",
        "add",
        "--datatype",
        "1",
        "--groupid",
        "1",
        name,
        "object",
    ];
    done(program, &add);
}

fn done(program: &Program, args: &[&str]) -> String {
    let output = program.run(args, b"");
    assert_eq!(output.status, 0, "{args:?}: {output:?}");
    output.stdout
}

/// Takes signature object 2 out of an image, for GnuPG.
fn dump(program: &Program, image: &str) -> PathBuf {
    let message = done(program, &["sif", "dump", "2", image]);
    let path = program.home().join("message.asc");
    std::fs::write(&path, message).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn our_keys_are_gpgs_too_and_gpg_accepts_the_signatures_in_our_images() {
    let Some(gpg) = Gpg::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new(folder.path());
    std::fs::write(folder.path().join("pw"), "open sesame\n").unwrap();
    for (algorithm, name) in [("ed25519", "Ada"), ("rsa", "Rita")] {
        let email = format!("{name}@example.com");
        let make = [
            "key",
            "newpair",
            "-N",
            name,
            "-E",
            &email,
            "-C",
            "",
            "-b",
            "2048",
            "--algorithm",
            algorithm,
            "--passphrase-file",
            "pw",
        ];
        done(&program, &make);
        for flags in [&["-a"][..], &["-a", "-s"], &["-s"]] {
            let file = format!("{name}{}.key", flags.concat());
            let mut export = vec!["key", "export", "--key", &email];
            export.extend(flags);
            export.push(&file);
            done(&program, &export);
            gpg.run(&["--import", text(&folder.path().join(&file))], b"");
        }
        let secret = gpg.run(&["--list-secret-keys", "--with-colons", &email], b"");
        let secret = String::from_utf8(secret).unwrap();
        assert!(secret.lines().any(|line| line.starts_with("sec:")));
        // GnuPG unlocks what we locked.
        let object = folder.path().join("object");
        std::fs::write(&object, "x").unwrap();
        gpg.run(
            &[
                "--passphrase",
                "open sesame",
                "-u",
                &email,
                "-o",
                "/dev/null",
                "-s",
                text(&object),
            ],
            b"",
        );

        let file = format!("{name}.sif");
        image(&program, &file);
        let sign = ["sign", "--signer", &email, "--passphrase-file", "pw", &file];
        done(&program, &sign);
        let message = dump(&program, &file);
        gpg.run(&["--verify", text(&message)], b"");
        let forged = std::fs::read_to_string(&message)
            .unwrap()
            .replace("\"version\":1", "\"version\":2");
        std::fs::write(&message, forged).unwrap();
        assert!(
            !gpg.output(&["--verify", text(&message)], b"")
                .status
                .success()
        );
    }
}

#[test]
fn gpgs_keys_sign_here_locked_or_not() {
    let Some(gpg) = Gpg::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new(folder.path());
    std::fs::write(folder.path().join("pw"), "open sesame\n").unwrap();
    for (algorithm, passphrase, name) in [
        ("rsa2048", "", "rsa-open"),
        ("rsa2048", "open sesame", "rsa-locked"),
        ("ed25519", "", "ed-open"),
        ("ed25519", "open sesame", "ed-locked"),
    ] {
        let email = format!("{name}@example.com");
        gpg.quick_generate(&email, algorithm, "cert,sign", passphrase);
        let file = folder.path().join("exported.key");
        gpg.run(
            &[
                "--passphrase",
                passphrase,
                "-a",
                "-o",
                text(&file),
                "--export-secret-keys",
                &email,
            ],
            b"",
        );
        done(&program, &["key", "import", "exported.key"]);
        let image_name = format!("{name}.sif");
        image(&program, &image_name);
        done(
            &program,
            &[
                "sign",
                "--signer",
                &email,
                "--passphrase-file",
                "pw",
                &image_name,
            ],
        );
        let verified = done(&program, &["verify", &image_name]);
        assert!(verified.contains(&email), "{verified}");
        gpg.run(&["--verify", text(&dump(&program, &image_name))], b"");
    }
}

#[test]
fn a_key_that_gpg_revoked_is_marked_and_signs_only_if_forced() {
    let Some(gpg) = Gpg::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new(folder.path());
    let path = |name: &str| folder.path().join(name);
    let email = "ada@example.com";
    gpg.quick_generate(email, "ed25519", "cert,sign", "");
    let secret = gpg.run(&["--export-secret-keys", email], b"");
    std::fs::write(path("secret.key"), secret).unwrap();
    done(&program, &["key", "import", "secret.key"]);
    image(&program, "before.sif");
    done(&program, &["sign", "before.sif"]);
    assert!(!done(&program, &["key", "list", "-s"]).contains(" S: "));

    // Without a reason, it spoils also what was signed before.
    gpg.run(&["--import"], gpg.prepared_revocation().as_bytes());
    let public = gpg.run(&["--export", email], b"");
    std::fs::write(path("public.key"), public).unwrap();
    done(&program, &["key", "import", "public.key"]);

    // The secret half learns of it from the public one.
    for flags in [&["key", "list"][..], &["key", "list", "--secret"]] {
        assert!(
            done(&program, flags).contains("   S: revoked\n"),
            "{flags:?}"
        );
    }
    assert_eq!(program.run(&["verify", "before.sif"], b"").status, 3);
    image(&program, "after.sif");
    let refused = program.run(&["sign", "after.sif"], b"");
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stderr.contains("revoked key") && refused.stderr.contains("--force"));
    assert!(
        !refused.stderr.contains("quick-set-expire"),
        "nothing to extend"
    );
    let forced = program.run(&["sign", "--force", "after.sif"], b"");
    assert_eq!(forced.status, 0, "{forced:?}");
    assert!(forced.stderr.contains("`key-revoked`"), "{forced:?}");
    assert_eq!(program.run(&["verify", "after.sif"], b"").status, 3);
}
