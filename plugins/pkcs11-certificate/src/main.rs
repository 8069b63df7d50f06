//! The program `sifseal-pkcs11-certificate`: gives a key in an HSM or token the OpenPGP
//! certificate that the plugin `sifseal-keystore-pkcs11` needs beside it.
//!
//! It stands apart from the plugin, because a plugin knows no OpenPGP, and from `sifseal`,
//! because that knows no PKCS#11. It takes the token's settings from sifseal's own
//! configuration, and writes OpenPGP by the engine that is chosen there; every engine makes
//! the same certificate.
//!
//! `new` makes one around the key, with the key's own signature on it ([`make`]); `match`
//! finds the key in one that there is ([`matching`]). Both end by printing the lines for
//! the plugin's settings.

#![forbid(unsafe_code)]

mod args;
mod make;
mod matching;
mod table;
mod work;

use args::Line;
use clap::Parser;
use sifseal::app::Launch;
use sifseal::config::Places;
use sifseal::exit::ExitStatus;
use sifseal::registry::Registry;
use sifseal::ui::Talk;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Help and mistakes in the line end the program here, as clap does.
    let line = Line::parse();
    let (registry, places) = (Registry::standard(), Places::of_this_system());
    let launch = Launch {
        registry: &registry,
        places: &places,
        global: &line.global,
        url: None,
    };
    let status = match work::run(&launch, &line) {
        Ok(()) => ExitStatus::Done,
        Err(error) => {
            Talk::on_standard_error(line.global.quiet).fatal(&error);
            ExitStatus::Failed
        }
    };
    status.into()
}
