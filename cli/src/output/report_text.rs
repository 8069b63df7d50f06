//! A verification report as text, in the words of Apptainer's user guide.
//!
//! For each question the signatures that bear on it, in the order of their
//! objects: who signed, what of it was verified, and what is wrong. Then what is
//! wrong with the answer as a whole. The verdict comes last. Nothing here decides
//! anything.

use crate::config::Origin;
use sifseal_core::Shown;
use sifseal_core::integrity::{
    Coverage, ObjectState, Origin as KeyOrigin, Question, QuestionReport, Refusal, Report,
    SignatureReport, Signer, Standing,
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
    let page = Page {
        image,
        colour,
        relaxed_in,
        // One question's refusal is the verdict itself, which is told anyway.
        several: report.questions.len() > 1,
    };
    for question in &report.questions {
        page.write_question(out, question, report)?;
    }
    Ok(())
}

/// What would count against a signature if its rule were not relaxed, a line each.
pub fn relaxed(signature: &SignatureReport, relaxed_in: &Origin) -> Vec<String> {
    let outcome = match signature.is_authentic() {
        true => "accepted although",
        false => "not refused because",
    };
    signature
        .relaxed
        .iter()
        .map(|problem| {
            let rule = problem.rule();
            format!("{outcome} {problem}, relaxed by `{rule}` in {relaxed_in}")
        })
        .collect()
}

struct Page<'a> {
    image: &'a Image,
    colour: bool,
    relaxed_in: &'a Origin,
    several: bool,
}

impl Page<'_> {
    fn write_question(
        &self,
        out: &mut dyn Write,
        question: &QuestionReport,
        report: &Report,
    ) -> io::Result<()> {
        let mut told = Vec::new();
        for bearing in &question.signatures {
            if let Some(signature) = report.signature(bearing.object) {
                told.extend(self.write_signature(out, question, signature, bearing.standing)?);
            }
        }
        match &question.refusal {
            // No signature has said it.
            Some(refusal) if !told.contains(refusal) => {
                if self.several || !question.signatures.is_empty() {
                    write_error(out, refusal)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Writes one signature, and gives the errors that it wrote.
    fn write_signature(
        &self,
        out: &mut dyn Write,
        question: &QuestionReport,
        signature: &SignatureReport,
        standing: Standing,
    ) -> io::Result<Vec<Refusal>> {
        let problems = signature.problems(question.question, &question.objects);
        if let Some(why) = why_not_counted(signature, standing, &problems) {
            if standing == Standing::NotAskedFor {
                self.write_signer(out, signature)?;
            }
            writeln!(out, "Not counted: {}", Shown::new(&why))?;
            return Ok(vec![]);
        }
        self.write_signer(out, signature)?;
        for line in relaxed(signature, self.relaxed_in) {
            writeln!(out, "WARNING: {}", Shown::new(&line))?;
        }
        self.write_verified(out, question, signature)?;
        if question.refusal.is_none() {
            // Enough others are good.
            for problem in &problems {
                writeln!(out, "Not counted: {}", Shown::new(&problem.to_string()))?;
            }
            return Ok(vec![]);
        }
        for problem in &problems {
            write_error(out, problem)?;
        }
        Ok(problems)
    }

    fn write_signer(&self, out: &mut dyn Write, signature: &SignatureReport) -> io::Result<()> {
        let Some(signer) = &signature.signer else {
            return Ok(());
        };
        let Signer {
            origin,
            user_id,
            fingerprint,
            ..
        } = signer;
        let label = label(*origin, self.colour);
        let user_id = user_id.as_deref().unwrap_or("(no user ID)");
        writeln!(out, "{label} Signing entity: {}", Shown::new(user_id))?;
        writeln!(out, "{label} Fingerprint: {fingerprint}")
    }

    /// The table of what the signature verified, if it is anything.
    fn write_verified(
        &self,
        out: &mut dyn Write,
        question: &QuestionReport,
        signature: &SignatureReport,
    ) -> io::Result<()> {
        let verified = verified_objects(question, signature);
        let states = || verified.iter().filter_map(|id| signature.state_of(*id));
        let mut remarks = Vec::new();
        if verified.is_empty() {
            return Ok(());
        }
        if is_partial(question, signature) {
            remarks.push("partial signature".to_owned());
        }
        if verified.len() < question.objects.len() {
            remarks.push(format!("{} of {}", verified.len(), question.objects.len()));
        }
        if states().any(|state| state == ObjectState::DataIntact) {
            remarks.push("legacy signature, data only".to_owned());
        }
        if states().any(|state| state == ObjectState::GroupDataIntact) {
            remarks.push("legacy signature, data of the group as a whole only".to_owned());
        }
        match remarks.is_empty() {
            true => writeln!(out, "Objects verified:")?,
            false => writeln!(out, "Objects verified ({}):", remarks.join(", "))?,
        }
        self.write_table(out, &verified)
    }

    fn write_table(&self, out: &mut dyn Write, objects: &[ObjectId]) -> io::Result<()> {
        writeln!(out, "{:<4}|{:<8}|{:<8}|TYPE", "ID", "GROUP", "LINK")?;
        writeln!(out, "{}", "-".repeat(48))?;
        for object in objects.iter().filter_map(|id| self.image.object(*id)) {
            write_row(out, object)?;
        }
        Ok(())
    }
}

/// Why a signature has no say; `None` if it has.
fn why_not_counted(
    signature: &SignatureReport,
    standing: Standing,
    problems: &[Refusal],
) -> Option<String> {
    let id = signature.object;
    match standing {
        Standing::Counts => None,
        Standing::OtherKind => Some(problems.first().map_or_else(
            || format!("signature object {id} is of another kind"),
            ToString::to_string,
        )),
        Standing::OtherObjects(link) => {
            let what = match link {
                Link::None => "nothing".to_owned(),
                Link::Object(id) => Question::Object(id).to_string(),
                Link::Group(group) => Question::Group(group).to_string(),
            };
            Some(format!("signature object {id} is for {what}"))
        }
        Standing::NotAskedFor => Some(match problems.first() {
            Some(problem) => problem.to_string(),
            None => format!("signature object {id} is not by a signer who was asked for"),
        }),
    }
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
    let intact = |id: &ObjectId| signature.state_of(*id).is_some_and(ObjectState::is_intact);
    question.objects.iter().copied().filter(intact).collect()
}

fn write_error(out: &mut dyn Write, what: &Refusal) -> io::Result<()> {
    writeln!(
        out,
        "\nError encountered during signature verification: {}",
        Shown::new(&what.to_string())
    )
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
