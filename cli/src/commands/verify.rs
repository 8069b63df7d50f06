//! `sifseal verify`: is this image what its signers signed?

use super::key::find_in;
use crate::ExitStatus;
use crate::app::{App, Launch};
use crate::args::{Format, JudgeAt, Require, VerifyArgs};
use crate::output::report_json::{ImageReport, VerifyDocument, apptainer};
use crate::output::report_text;
use crate::registry::KeyStores;
use sifseal_core::integrity::{
    CertificateSources, GroupsAndObjects, LegacyChoice, Origin, Refusal, RemoteTrust, Report,
    Requirement, SignatureKind, Threshold, VerifyOptions, verify, verify_legacy,
};
use sifseal_core::keyservers::{Failure, Keyservers};
use sifseal_core::openpgp::Key;
use sifseal_core::policy::{JudgedAt, Policy};
use sifseal_core::sif::Image;
use sifseal_core::traits::{Engine, KeyPart, KeyQuery, KeyStore, ObjectSelector};
use sifseal_core::{Error, ErrorKind, Result};
use std::io::IsTerminal;
use std::path::Path;

/// Verifies every image, whatever the others come to.
///
/// # Errors
/// What concerns all images: the configuration, the key stores, standard output.
pub(super) fn run(launch: &Launch<'_>, args: &VerifyArgs) -> Result<ExitStatus> {
    let app = launch
        .asking(&args.url)
        .app_without_passphrase(&args.keysdir)?;
    let engine = app.engine()?;
    let stores = app.key_stores(&engine)?;
    let servers = match args.local {
        true => vec![],
        false => app.keyservers(&engine)?,
    };
    let keyservers = Keyservers::new(&*engine, &servers);
    let mut told = Vec::new();
    for store in [&stores.user, &stores.global] {
        // For its warnings of what cannot be read; a store that cannot be read at all is
        // told with each image.
        let _ = find_in(&app, &**store, KeyPart::Public, &KeyQuery::All);
    }
    if args.all && !args.legacy_insecure {
        app.console.talk().warning(
            "`--all` has a meaning with `--legacy-insecure` only: all groups are verified \
             unless you choose",
        );
    }
    let colour =
        std::io::stdout().is_terminal() && launch.places.environment.get("NO_COLOR").is_none();
    let mut status = ExitStatus::Done;
    let mut reports = Vec::new();
    for path in &args.images {
        let answer = verify_one(&app, &*engine, &stores, &keyservers, path, args);
        if let Ok((_, report)) = &answer {
            tell_of_keyservers(&app, report, &mut told);
            if args.save_keys {
                save_keys(&app, &*stores.user, &keyservers, report)?;
            }
        }
        status = worse(status, &answer);
        let name = path.display().to_string();
        match (args.format, args.json) {
            (Format::Json, _) => reports.push(match &answer {
                Ok((_, report)) => ImageReport::answered(&name, report),
                Err(error) => ImageReport::unanswered(&name, error),
            }),
            (Format::Text, true) => {
                if let Ok((image, report)) = &answer {
                    app.output.json(&apptainer(image, report))?;
                    warn_of_relaxed(&app, report);
                }
            }
            (Format::Text, false) => print_text(&app, &name, &answer, colour)?,
        }
        tell(&app, &name, &answer, args.images.len() > 1);
    }
    if args.format == Format::Json {
        let relaxed = &app.config.policy_relax;
        app.output.json(&VerifyDocument::new(reports, relaxed))?;
    }
    Ok(status)
}

type Answer = Result<(Image, Report)>;

fn verify_one(
    app: &App<'_>,
    engine: &dyn Engine,
    stores: &KeyStores,
    keyservers: &Keyservers<'_>,
    path: &Path,
    args: &VerifyArgs,
) -> Answer {
    let image = Image::open(path)?;
    let named = GroupsAndObjects {
        groups: args.group_ids.clone(),
        objects: args.object_ids.clone(),
    };
    let sources = CertificateSources {
        engine,
        stores: vec![
            (Origin::Local, &*stores.user),
            (Origin::Global, &*stores.global),
        ],
        keyservers: Some(keyservers),
    };
    let (cx, options) = (app.context(), options(app, args));
    let all = args.all;
    let selector: Box<dyn ObjectSelector> = match (&args.selector, args.legacy_insecure) {
        (Some(plugin), _) => app.selector(plugin)?,
        (None, true) => Box::new(LegacyChoice { named, all }),
        (None, false) => Box::new(named),
    };
    let report = match args.legacy_insecure {
        true => verify_legacy(&cx, &image, &*selector, &sources, &options)?,
        false => verify(&cx, &image, &*selector, &sources, &options)?,
    };
    Ok((image, report))
}

fn options(app: &App<'_>, args: &VerifyArgs) -> VerifyOptions {
    let at = match args.at {
        JudgeAt::Signing => JudgedAt::Signing,
        JudgeAt::Now => JudgedAt::Now,
    };
    let requirement = Requirement {
        signed_by: args.signed_by.clone(),
        threshold: match args.require {
            Require::All => Threshold::All,
            Require::AtLeast(count) => Threshold::AtLeast(count),
        },
    };
    let relaxed = app.config.policy_relax.value.clone();
    VerifyOptions::new(Policy::judging_at(at).relaxing(relaxed), requirement)
        .trusting_remote(app.config.trust_remote.value)
}

/// Which servers could not help, each once in a run, however many images there are;
/// and whose key has nothing but a server's word for it, where that is to be told.
fn tell_of_keyservers(app: &App<'_>, report: &Report, told: &mut Vec<Failure>) {
    for failure in &report.keyserver_failures {
        if !told.contains(failure) {
            let what = format!("failed to get key material: {}", failure.text);
            app.console.talk().warning(&what);
            told.push(failure.clone());
        }
    }
    if app.config.trust_remote.value != RemoteTrust::Warn {
        return;
    }
    for signer in report.signatures.iter().filter_map(|s| s.signer.as_ref()) {
        if signer.origin == Origin::Remote {
            app.console.talk().warning(&format!(
                "the key {} came from a keyserver, where anyone can put a key under any name; if \
                 you know that it is the signer's, keep it: `sifseal key pull {}`",
                signer.fingerprint, signer.fingerprint
            ));
        }
    }
}

/// Keeps the certificates that came from a keyserver and made a good signature.
fn save_keys(
    app: &App<'_>,
    store: &dyn KeyStore,
    keyservers: &Keyservers<'_>,
    report: &Report,
) -> Result<()> {
    let good = report
        .signatures
        .iter()
        .filter(|signature| signature.is_authentic());
    let signers = good.filter_map(|signature| signature.signer.as_ref());
    for signer in signers.filter(|signer| signer.origin == Origin::Remote) {
        if let Some(certificate) = keyservers.fetched(&signer.fingerprint) {
            store.insert(&app.context(), &Key::Certificate(certificate))?;
            let what = format!(
                "Key with fingerprint {} saved to the public keyring",
                signer.fingerprint
            );
            app.console.talk().info(&what);
        }
    }
    Ok(())
}

/// A refusal says more than a failure, and either more than success.
fn worse(status: ExitStatus, answer: &Answer) -> ExitStatus {
    match (status, answer) {
        (ExitStatus::NotVerified, _) => ExitStatus::NotVerified,
        (_, Ok((_, report))) if !report.is_verified() => ExitStatus::NotVerified,
        (status, Ok(_)) => status,
        (_, Err(_)) => ExitStatus::Failed,
    }
}

fn print_text(app: &App<'_>, name: &str, answer: &Answer, colour: bool) -> Result<()> {
    let Ok((image, report)) = answer else {
        return Ok(());
    };
    let name = sifseal_core::Shown::new(name);
    let mut text = format!("Verifying image: {name}\n").into_bytes();
    let relaxed_in = &app.config.policy_relax.origin;
    report_text::write(&mut text, image, report, colour, relaxed_in)
        .map_err(|error| Error::new(ErrorKind::Io, "writing the report").because(error))?;
    if report.is_verified() {
        let by = match report.kind {
            SignatureKind::Modern => "",
            SignatureKind::Legacy => " by legacy signatures only",
        };
        text.extend(format!("Container verified{by}: {name}\n").bytes());
    }
    app.output.write(&text)
}

/// Apptainer's JSON has no member for it.
fn warn_of_relaxed(app: &App<'_>, report: &Report) {
    for signature in &report.signatures {
        for line in report_text::relaxed(signature, &app.config.policy_relax.origin) {
            app.console.talk().warning(&line);
        }
    }
}

/// The verdict's bad news, or why there is none, on standard error; and what good
/// news leaves out. `several` images must be told apart.
fn tell(app: &App<'_>, name: &str, answer: &Answer, several: bool) {
    let talk = app.console.talk();
    let error = match answer {
        Err(error) => error.reworded(format!("Failed to verify container: {error}")),
        Ok((_, report)) => {
            let Some(refusal) = report.refusal() else {
                return warn_of_unprotected(app, name, report);
            };
            let what = match refusal {
                // What is wrong is the question rather than the image's integrity.
                Refusal::NotThere { what, .. } => format!("{name}: {what}"),
                _ if several => format!("{name}: integrity: {refusal}"),
                _ => format!("integrity: {refusal}"),
            };
            let what = format!("Failed to verify container: {what}");
            let error = Error::new(ErrorKind::Denied, what);
            match refusal.hint() {
                Some(hint) => error.hint(hint),
                None => error,
            }
        }
    };
    talk.fatal(&error);
}

fn warn_of_unprotected(app: &App<'_>, name: &str, report: &Report) {
    if report.unprotected.is_empty() {
        return;
    }
    let talk = app.console.talk();
    talk.warning(&format!(
        "{name}: legacy signatures protect the data of objects and nothing else; whoever can \
         write to the image can change:"
    ));
    for open in &report.unprotected {
        talk.warning(&format!("- {open}"));
    }
}
