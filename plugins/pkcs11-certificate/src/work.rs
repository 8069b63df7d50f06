//! From the command line to the token, and from there to an answer.

use crate::args::{Command, KeyArgs, Line};
use crate::make;
use crate::matching;
use crate::table::Table;
use serde::Deserialize as _;
use sifseal::app::{App, Launch};
use sifseal::args::{KeysdirArgs, PassphraseArgs};
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_keystore_pkcs11::{Hsm, KeyName, Pkcs11Settings, TokenKey};

/// Does what the line says, and prints the lines for the settings.
///
/// # Errors
/// What went wrong on the way.
pub(crate) fn run(launch: &Launch<'_>, line: &Line) -> Result<()> {
    let app = launch.app(&KeysdirArgs::default(), &PassphraseArgs::default())?;
    let engine = app.engine()?;
    let table = match &line.command {
        Command::New(args) => {
            let key = open(&app, &args.key)?;
            let made = make::make(&app.context(), &*engine, key, &args.user_id, args.created)?;
            make::write(&*engine, &made, &args.output)?;
            Table::new(&args.key, &args.output, made.fingerprint(), None)?
        }
        Command::Match(args) => {
            let certificate = matching::read(&*engine, &args.file)?;
            let key = open(&app, &args.key)?;
            let subkey = matching::find(&*engine, &certificate, key.values())
                .map_err(|error| error.at(args.file.display()))?;
            Table::new(&args.key, &args.file, certificate.fingerprint(), subkey)?
        }
    };
    print!("{table}");
    Ok(())
}

/// The key in the token that a plugin's settings name.
fn open(app: &App<'_>, args: &KeyArgs) -> Result<TokenKey> {
    let name = KeyName::new(args.label.as_deref(), args.id.as_deref())?;
    let known = app.config.plugins.iter();
    let mut named = known.filter(|plugin| plugin.plan.name == args.plugin);
    let plugin = named.next().ok_or_else(|| {
        let what = format!("there is no plugin `{}` in the configuration", args.plugin);
        Error::new(ErrorKind::Config, what).hint("`sifseal plugin list` lists them")
    })?;
    let settings = Pkcs11Settings::deserialize(plugin.plan.settings.expose());
    let settings = settings.map_err(|error| {
        let what = format!("plugin `{}` has other settings than a token's", args.plugin);
        Error::new(ErrorKind::Config, what).because(error)
    })?;
    let environment = &app.places.environment;
    let hsm = Hsm::new(&settings, |name| {
        environment.get(name).map(ToOwned::to_owned)
    })?;
    hsm.open(&app.context(), &name)
}
