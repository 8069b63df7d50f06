//! `sifseal keyserver` and `sifseal remote`: where keys of others are asked for.

mod bundle;
mod change;
mod list;
mod login;

use crate::ExitStatus;
use crate::app::Launch;
use crate::args::{KeyserverCommand, RemoteCommand};
use sifseal_core::Result;

pub(super) fn run(launch: &Launch<'_>, command: &KeyserverCommand) -> Result<ExitStatus> {
    match command {
        KeyserverCommand::Add(args) => change::add(launch, args),
        KeyserverCommand::Remove(args) => change::remove(launch, args),
        KeyserverCommand::List(args) => list::keyservers(&launch.app_without_keys()?, *args),
        KeyserverCommand::Login(args) => login::login(&launch.app_without_keys()?, args),
        KeyserverCommand::Logout(args) => login::logout(&launch.app_without_keys()?, args),
        KeyserverCommand::Bundle(args) => {
            bundle::run(&launch.app_without_passphrase(&args.keysdir)?, args)
        }
    }
}

pub(super) fn remote(launch: &Launch<'_>, command: &RemoteCommand) -> Result<ExitStatus> {
    match command {
        RemoteCommand::List(args) => list::remote(&launch.app_without_keys()?, *args),
    }
}
