//! `sifseal-conformance`: runs the suite on implementations of SIF signatures, and reports.

#![forbid(unsafe_code)]

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    match program::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sifseal-conformance: {error:#}");
            ExitCode::from(program::TROUBLE)
        }
    }
}
