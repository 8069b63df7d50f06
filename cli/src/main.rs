//! The program `sifseal`; everything it does is in the library of that name.

use sifseal::config::Places;
use std::process::ExitCode;

fn main() -> ExitCode {
    sifseal::run(std::env::args_os(), &Places::of_this_system()).into()
}
