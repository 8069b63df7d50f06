//! Results of our code as answers to the suite.

use sifseal_conformance::adapter::{Answer, Told, Verdict};
use sifseal_core::integrity::Report;
use sifseal_core::{Error, ErrorKind, Result};
use std::collections::BTreeSet;
use std::time::Duration;

/// An answer in one word.
pub(super) fn answer(verdict: Verdict) -> Answer {
    Answer {
        verdict,
        told: None,
        call: Vec::new(),
        exit: None,
        stdout: String::new(),
        stderr: String::new(),
        took: Duration::ZERO,
    }
}

/// Whether something could be done.
pub(super) fn done(result: Result<()>) -> Answer {
    match result {
        Ok(()) => answer(Verdict::Accepted),
        Err(error) => failed(&error),
    }
}

/// What an error means in one word.
pub(super) fn failed(error: &Error) -> Answer {
    let verdict = match error.kind() {
        ErrorKind::Malformed => Verdict::Unreadable,
        ErrorKind::NotFound
        | ErrorKind::Denied
        | ErrorKind::Locked
        | ErrorKind::Unsupported
        | ErrorKind::Unavailable
        | ErrorKind::Timeout => Verdict::Refused,
        _ => Verdict::Broken(error.to_string()),
    };
    let mut answer = answer(verdict);
    answer.stderr = error.to_string();
    answer
}

/// That something will not be done, in an error's words.
pub(super) fn refused(error: &Error) -> Answer {
    let mut answer = answer(Verdict::Refused);
    answer.stderr = error.to_string();
    answer
}

/// What a verification found.
pub(super) fn verified(report: &Report) -> Answer {
    let accepted = report.is_verified();
    let mut answer = answer(match accepted {
        true => Verdict::Accepted,
        false => Verdict::Refused,
    });
    if let Some(refusal) = report.refusal() {
        answer.stderr = refusal.to_string();
    }
    answer.told = Some(Told {
        accepted,
        reasons: reasons(report),
        signers: signers(report),
    });
    answer
}

/// The first refusal; where that is a signature, what is wrong with it.
fn reasons(report: &Report) -> Vec<String> {
    let Some(refusal) = report.refusal() else {
        return Vec::new();
    };
    let faults = report
        .signatures
        .iter()
        .flat_map(|signature| &signature.faults);
    let mut reasons = vec![refusal.name().to_owned()];
    reasons.extend(faults.map(|fault| fault.name().to_owned()));
    reasons.dedup();
    reasons
}

/// Those whose signatures are authentic and were asked about.
fn signers(report: &Report) -> Vec<String> {
    let counting: BTreeSet<_> = report
        .questions
        .iter()
        .flat_map(|question| &question.signatures)
        .filter(|bearing| bearing.standing == sifseal_core::integrity::Standing::Counts)
        .map(|bearing| bearing.object)
        .collect();
    let authentic = report
        .signatures
        .iter()
        .filter(|signature| counting.contains(&signature.object) && signature.is_authentic());
    let signers: BTreeSet<_> = authentic
        .filter_map(|signature| signature.signer.as_ref())
        .map(|signer| signer.fingerprint.to_string())
        .collect();
    signers.into_iter().collect()
}
