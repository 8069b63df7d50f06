//! `sifseal verify`: is this image what its signers signed?

use super::key::search;
use crate::ExitStatus;
use crate::app::{App, Launch};
use crate::args::{Format, JudgeAt, Require, VerifyArgs};
use crate::output::report_json::{ImageReport, VerifyDocument, apptainer};
use crate::output::report_text;
use crate::registry::KeyStores;
use sifseal_core::integrity::{
    CertificateSources, GroupsAndObjects, Origin, Refusal, Report, Requirement, Threshold,
    VerifyOptions, verify,
};
use sifseal_core::policy::{JudgedAt, Policy};
use sifseal_core::sif::Image;
use sifseal_core::traits::{Engine, KeyPart, KeyQuery};
use sifseal_core::{Error, ErrorKind, Result};
use std::io::IsTerminal;
use std::path::Path;

/// Verifies every image, whatever the others come to.
///
/// # Errors
/// What concerns all images: the configuration, the key stores, standard output.
pub(super) fn run(launch: &Launch<'_>, args: &VerifyArgs) -> Result<ExitStatus> {
    let app = launch.app_without_passphrase(&args.keysdir)?;
    let engine = app.engine()?;
    let stores = app.key_stores(&engine)?;
    if !args.local {
        // A keyserver that is configured and cannot be asked must not pass unnoticed.
        app.keyservers()?;
    }
    for store in [&stores.user, &stores.global] {
        // For its warnings of what cannot be read; a store that cannot be read at all is
        // told with each image.
        let _ = search(&app, &**store, KeyPart::Public, &KeyQuery::All);
    }
    let colour =
        std::io::stdout().is_terminal() && launch.places.environment.get("NO_COLOR").is_none();
    let mut status = ExitStatus::Done;
    let mut reports = Vec::new();
    for path in &args.images {
        let answer = verify_one(&app, &*engine, &stores, path, args);
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
        tell(&app, &name, &answer);
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
    path: &Path,
    args: &VerifyArgs,
) -> Answer {
    let image = Image::open(path)?;
    let selector = GroupsAndObjects {
        groups: args.group_ids.clone(),
        objects: args.object_ids.clone(),
    };
    let sources = CertificateSources {
        engine,
        stores: vec![
            (Origin::Local, &*stores.user),
            (Origin::Global, &*stores.global),
        ],
    };
    let options = options(app, args);
    let report = verify(&app.context(), &image, &selector, &sources, &options)?;
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
        text.extend(format!("Container verified: {name}\n").bytes());
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

/// The verdict's bad news, or why there is none, on standard error.
fn tell(app: &App<'_>, name: &str, answer: &Answer) {
    let error = match answer {
        Err(error) => error.reworded(format!("Failed to verify container: {error}")),
        Ok((_, report)) => {
            let Some(refusal) = report.refusal() else {
                return;
            };
            let what = match refusal {
                // What is wrong is the question rather than the image's integrity.
                Refusal::NotThere(what) => format!("Failed to verify container: {name}: {what}"),
                _ => format!("Failed to verify container: integrity: {refusal}"),
            };
            let error = Error::new(ErrorKind::Denied, what);
            match refusal.hint() {
                Some(hint) => error.hint(hint),
                None => error,
            }
        }
    };
    app.console.talk().fatal(&error);
}
