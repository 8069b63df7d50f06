//! A verification report as text, in the words of Apptainer's user guide.
//!
//! For each question the signatures that bear on it, in the order of their
//! objects: who signed, and what of it was verified; then what is wrong. The
//! verdict comes last. Nothing here decides anything.

use crate::config::Origin;
use sifseal_core::Shown;
use sifseal_core::integrity::{
    Coverage, ObjectState, Origin as KeyOrigin, Question, QuestionReport, Report, SignatureFormat,
    SignatureReport, Signer,
};
use sifseal_core::sif::{Descriptor, Image, Link, ObjectId};
use std::io::{self, Write};

/// Writes the report about one image, without the line that closes it.
///
/// `colour` paints where each key came from, as Apptainer does on a terminal;
/// `relaxed_in` is where the rules that do not count were relaxed.
///
/// # Errors
/// What writing to `out` says.
pub fn write(
    out: &mut dyn Write,
    image: &Image,
    report: &Report,
    colour: bool,
    relaxed_in: &Origin,
) -> io::Result<()> {
    for question in &report.questions {
        let mut told = Vec::new();
        for id in &question.signatures {
            if let Some(signature) = report.signature(*id) {
                if signature.format != SignatureFormat::Legacy
                    && let Some(signer) = &signature.signer
                {
                    write_signer(out, signer, colour)?;
                }
                for line in relaxed(signature, relaxed_in) {
                    writeln!(out, "WARNING: {}", Shown::new(&line))?;
                }
                told.extend(write_signature(out, image, question, signature)?);
            }
        }
        // What is wrong with the answer as a whole, if no signature has said it.
        if let Some(refusal) = &question.refusal
            && !question.signatures.is_empty()
            && !told.contains(&refusal.to_string())
        {
            write_error(out, &refusal.to_string())?;
        }
    }
    Ok(())
}

/// What would count against a signature if its rule were not relaxed, a line each.
pub fn relaxed<'a>(
    signature: &'a SignatureReport,
    relaxed_in: &'a Origin,
) -> impl Iterator<Item = String> + 'a {
    let outcome = match signature.is_authentic() {
        true => "accepted although",
        false => "not refused because",
    };
    signature.relaxed.iter().map(move |problem| {
        let rule = problem.rule();
        format!("{outcome} {problem}, relaxed by `{rule}` in {relaxed_in}")
    })
}

/// Writes what one signature comes to, and gives the error that it wrote, if it did.
fn write_signature(
    out: &mut dyn Write,
    image: &Image,
    question: &QuestionReport,
    signature: &SignatureReport,
) -> io::Result<Option<String>> {
    let verified = verified_objects(question, signature);
    match problem_of(question, signature) {
        Some(problem)
            if question.refusal.is_some() && signature.format != SignatureFormat::Legacy =>
        {
            write_error(out, &problem)?;
            return Ok(Some(problem));
        }
        Some(problem) => writeln!(out, "Not counted: {}", Shown::new(&problem))?,
        None if is_partial(question, signature) && question.refusal.is_some() => {}
        None if is_partial(question, signature) => {
            writeln!(
                out,
                "Objects verified (partial signature, {} of {}):",
                verified.len(),
                question.objects.len()
            )?;
            write_table(out, image, &verified)?;
        }
        None => {
            writeln!(out, "Objects verified:")?;
            write_table(out, image, &verified)?;
        }
    }
    Ok(None)
}

fn is_partial(question: &QuestionReport, signature: &SignatureReport) -> bool {
    match question.question {
        Question::Group(_) => signature.coverage != Coverage::Full,
        Question::Object(object) => signature.state_of(object).is_none(),
    }
}

/// The objects in question that the signature covers and that are intact.
pub(super) fn verified_objects(
    question: &QuestionReport,
    signature: &SignatureReport,
) -> Vec<ObjectId> {
    question
        .objects
        .iter()
        .copied()
        .filter(|object| signature.state_of(*object) == Some(ObjectState::Intact))
        .collect()
}

/// What one signature has against it, as far as the question goes.
fn problem_of(question: &QuestionReport, signature: &SignatureReport) -> Option<String> {
    signature
        .against(question.question, &question.objects)
        .map(|refusal| refusal.to_string())
}

fn write_error(out: &mut dyn Write, what: &str) -> io::Result<()> {
    writeln!(
        out,
        "\nError encountered during signature verification: {}",
        Shown::new(what)
    )
}

fn write_signer(out: &mut dyn Write, signer: &Signer, colour: bool) -> io::Result<()> {
    let label = label(signer.origin, colour);
    let user_id = signer.user_id.as_deref().unwrap_or("(no user ID)");
    writeln!(out, "{label} Signing entity: {}", Shown::new(user_id))?;
    writeln!(out, "{label} Fingerprint: {}", signer.fingerprint)
}

/// `[LOCAL]`, padded; Apptainer counts the escape bytes in the width, so that on a
/// terminal the padding is shorter.
fn label(origin: KeyOrigin, colour: bool) -> String {
    let painted = if colour {
        let code = match origin {
            KeyOrigin::Local => 32,
            KeyOrigin::Global => 36,
            KeyOrigin::Remote => 33,
        };
        format!("\u{1b}[{code}m{origin}\u{1b}[0m")
    } else {
        origin.to_string()
    };
    format!("{painted:<18}")
}

fn write_table(out: &mut dyn Write, image: &Image, objects: &[ObjectId]) -> io::Result<()> {
    writeln!(out, "{:<4}|{:<8}|{:<8}|TYPE", "ID", "GROUP", "LINK")?;
    writeln!(out, "{}", "-".repeat(48))?;
    for object in objects.iter().filter_map(|id| image.object(*id)) {
        write_row(out, object)?;
    }
    Ok(())
}

fn write_row(out: &mut dyn Write, object: &Descriptor) -> io::Result<()> {
    let group = object
        .group()
        .map_or_else(|| "NONE".to_owned(), |group| group.to_string());
    let link = match object.link() {
        Link::None => "NONE".to_owned(),
        Link::Object(id) => id.to_string(),
        Link::Group(group) => format!("{group} (G)"),
    };
    let id = object.id();
    writeln!(out, "{id:<4}|{group:<8}|{link:<8}|{}", object.data_type())
}
