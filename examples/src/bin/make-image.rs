//! Makes a small real container image: `make-image FILE.sif`.

use sifseal_core::Timestamp;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(file), None) = (args.next(), args.next()) else {
        eprintln!("usage: make-image FILE.sif");
        return ExitCode::from(2);
    };
    match sifseal_examples::make_image(Path::new(&file), Timestamp::now()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
