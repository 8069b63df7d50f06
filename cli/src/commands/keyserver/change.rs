//! `keyserver add` and `keyserver remove`: the list in a configuration file.

use crate::ExitStatus;
use crate::app::{App, Launch};
use crate::args::{AddServerArgs, RemoveServerArgs};
use crate::config::{KeyserverConfig, edit};
use crate::keyserver::check_server;
use sifseal_core::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

pub(super) fn add(launch: &Launch<'_>, args: &AddServerArgs) -> Result<ExitStatus> {
    let app = launch.app_without_keys()?;
    let server = server(args)?;
    let target = Target::choose(launch, &app, args.global)?;
    let named = server.place();
    if target.present.iter().any(|known| known.is_named(&named)) {
        let what = format!("{named} is already configured");
        return Err(Error::new(ErrorKind::Denied, what).at(target.file.display()));
    }
    let place = args.order.map(|order| order.get() - 1);
    edit::add_keyserver(
        &app.context(),
        &target.file,
        &target.present,
        &server,
        place,
    )?;
    Ok(ExitStatus::Done)
}

pub(super) fn remove(launch: &Launch<'_>, args: &RemoveServerArgs) -> Result<ExitStatus> {
    let app = launch.app_without_keys()?;
    let target = Target::choose(launch, &app, args.global)?;
    let whole = absolute(Path::new(&args.place))?;
    edit::remove_keyserver(&app.context(), &target.file, &target.present, |server| {
        server.is_named(&args.place) || server.path.as_deref() == Some(&whole)
    })
    .map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let what = format!("keyserver {} is not configured", args.place);
            Error::new(ErrorKind::NotFound, what)
                .hint("`sifseal keyserver list` shows which there are")
        }
        _ => error,
    })?;
    Ok(ExitStatus::Done)
}

fn server(args: &AddServerArgs) -> Result<KeyserverConfig> {
    let mut server = KeyserverConfig::named(&args.place);
    server.insecure = args.insecure;
    server.timeout = args.timeout;
    server.ca_file = args.ca_file.as_deref().map(absolute).transpose()?;
    match (&server.url, &server.path) {
        (Some(_), _) => check_server(&server)?,
        (None, Some(path)) => {
            if server.insecure || server.ca_file.is_some() || server.timeout.is_some() {
                let what = "--insecure, --ca-file and --timeout are about servers on the network";
                return Err(Error::new(ErrorKind::Denied, what).at(&args.place));
            }
            let whole = absolute(path)?;
            std::fs::metadata(&whole).map_err(|error| {
                Error::io(&whole, error).hint(
                    "an address begins with https://, hkps://, http:// or hkp://; anything else \
                     is the path of a directory or bundle of certificates",
                )
            })?;
            server.path = Some(whole);
        }
        (None, None) => {}
    }
    Ok(server)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Error::io(path, error))
}

/// The file that is changed, and the servers that hold for it at present.
struct Target {
    file: PathBuf,
    present: Vec<KeyserverConfig>,
}

impl Target {
    /// # Errors
    /// `Config` if the site has locked the list, or there is no home directory.
    fn choose(launch: &Launch<'_>, app: &App<'_>, global: bool) -> Result<Self> {
        if let Some(problem) = &app.config.keyservers_problem {
            return Err(Error::new(ErrorKind::Config, problem.clone())
                .hint("mend it: what it says holds until there is a list of your own"));
        }
        let file = launch.config_file(global)?;
        let locked = &app.config.locked;
        if !global && locked.value.iter().any(|name| name == "keyserver") {
            let what = format!("{} locks the list of keyservers", locked.origin);
            return Err(Error::new(ErrorKind::Config, what).hint("ask who administers this system"));
        }
        let present = match global {
            true => launch.config_of_the_system()?.keyservers.value,
            false => launch.config_of_the_files()?.keyservers.value,
        };
        Ok(Self { file, present })
    }
}
