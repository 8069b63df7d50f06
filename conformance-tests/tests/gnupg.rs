//! GnuPG and the program: keys go both ways, and a signature that is taken out of an
//! image is one that GnuPG accepts.

#![allow(clippy::unwrap_used)]

use sifseal_conformance_tests::workshop::{Workshop, asking, at, certificate, edit};
use sifseal_conformance_tests::{Gpg, Program, engines};
use sifseal_core::Timestamp;
use sifseal_core::integrity::{
    CertificateSources, Origin, Requirement, SignOptions, SigningIdentity, Threshold,
    VerifyOptions, sign, usable_signing_keys, verify,
};
use sifseal_core::openpgp::{Key, TransferableSecretKey};
use sifseal_core::policy::Policy;
use sifseal_core::sif::Image;
use sifseal_core::traits::{Engine, KeyStore, ObjectSelector};
use sifseal_keystore_file::FileKeyStore;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
fn a_primary_key_and_its_signing_subkey_are_one_of_the_required_signers() {
    let Some(gpg) = Gpg::new() else { return };
    gpg.quick_generate("ada@example.com", "ed25519", "cert,sign", "");
    let listed = gpg.run(&["--with-colons", "--list-keys"], b"");
    let listed = String::from_utf8(listed).unwrap();
    let primary = listed.lines().find_map(|line| line.strip_prefix("fpr:"));
    let primary = primary.unwrap().trim_matches(':');
    let add_key = ["--passphrase", "", "--quick-add-key", primary];
    gpg.run(&[&add_key[..], &["ed25519", "sign", "never"]].concat(), b"");
    let exported = gpg.secret_keys("");
    for engine in engines() {
        signs_twice_and_counts_once(&engine, &exported);
    }
}

fn signs_twice_and_counts_once(engine: &Arc<dyn Engine>, exported: &[u8]) {
    let Key::Secret(ada) = engine.read_keys(exported).keys.remove(0) else {
        panic!("no secret key was exported")
    };
    let now = Timestamp(ada_made(&**engine, &ada).0 + 1000);
    let shop = Workshop::new();
    let image = shop.image("image.sif", 1).unwrap();
    let store = FileKeyStore::open(shop.path("keys"), Arc::clone(engine));
    let (certificate, public) = certificate(&**engine, &ada).unwrap();
    store.insert(&at(now), &public).unwrap();

    let facts = engine.certificate_facts(&certificate).unwrap();
    let keys = usable_signing_keys(&facts, now).unwrap();
    assert_eq!(keys.len(), 2, "the primary key and the subkey");
    for key in &keys {
        let signer = engine.unlock(&ada, key, None).unwrap();
        let mut editor = edit(&image).unwrap();
        let selections = asking(&[], &[]).select(editor.image().table()).unwrap();
        let identity = SigningIdentity {
            certificate: &certificate,
            signer: &*signer,
        };
        let options = SignOptions::at(now);
        sign(
            &at(now),
            &**engine,
            &mut editor,
            &selections,
            identity,
            options,
        )
        .unwrap();
    }
    let report = |need| {
        let requirement = Requirement {
            signed_by: vec![],
            threshold: Threshold::AtLeast(NonZeroUsize::new(need).unwrap()),
        };
        let sources = CertificateSources {
            engine: &**engine,
            stores: vec![(Origin::Local, &store)],
            keyservers: None,
        };
        let options = VerifyOptions::new(Policy::default(), requirement);
        let image = Image::open(&image).unwrap();
        verify(&at(now), &image, &asking(&[], &[]), &sources, &options).unwrap()
    };
    assert!(report(1).is_verified());
    let signed: Vec<_> = report(2)
        .signatures
        .into_iter()
        .map(|it| it.signer.unwrap().key)
        .collect();
    assert_eq!(signed, keys);
    assert_eq!(report(2).refusal().unwrap().name(), "too-few-signers");
}

fn ada_made(engine: &dyn Engine, key: &TransferableSecretKey) -> Timestamp {
    let certificate = engine.certificate_of(key).unwrap();
    engine
        .certificate_facts(&certificate)
        .unwrap()
        .primary
        .created
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
