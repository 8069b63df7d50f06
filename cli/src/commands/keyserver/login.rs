//! `keyserver login` and `keyserver logout`.

use crate::ExitStatus;
use crate::app::App;
use crate::args::{LoginArgs, LogoutArgs};
use crate::config::KeyserverConfig;
use crate::config::credentials;
use crate::config::login::{Login, Proof, login_for};
use crate::keyserver::{check_login, check_server};
use sifseal_core::traits::{Ask, Ui};
use sifseal_core::{Error, ErrorKind, Result, Secret};
use sifseal_keyserver_hkp::Checked;

const QUESTION: &str = "Password / Token: ";

/// Keeps the login if the server takes it.
pub(super) fn login(app: &App<'_>, args: &LoginArgs) -> Result<ExitStatus> {
    let mut servers = app.config.keyservers.value.iter();
    let configured = servers.find(|server| server.is_named(&args.url)).cloned();
    let server = configured.unwrap_or_else(|| KeyserverConfig::hkp(&args.url));
    refuse_to_betray(&server)?;
    let secret = secret(app, args)?;
    let proof = match &args.username {
        None => Proof::Token(secret),
        Some(username) => Proof::Password {
            username: username.clone(),
            password: secret,
        },
    };
    let login = Login {
        url: args.url.clone(),
        proof,
        insecure: false,
    };
    let checked = check_login(&app.context(), &server, &login, &app.places.environment)?;
    match checked {
        Checked::Accepted => {}
        Checked::NotNeeded => app.console.talk().warning(&format!(
            "{} answers without a login just as with it: whether this one is right is not known",
            args.url
        )),
        Checked::NotProved(status) => app.console.talk().warning(&format!(
            "{} answered with status {status}: whether this login is right is not known",
            args.url
        )),
    }
    let file = credentials::keep(&app.context(), app.places, &login)?;
    let what = format!("Token stored in {}", file.display());
    app.console.talk().info(&what);
    Ok(ExitStatus::Done)
}

pub(super) fn logout(app: &App<'_>, args: &LogoutArgs) -> Result<ExitStatus> {
    if !credentials::forget(&app.context(), app.places, &args.url)? {
        let others = credentials::all_logins(app.places)?;
        let error = Error::new(
            ErrorKind::NotFound,
            format!("there is no login for {}", args.url),
        );
        return Err(match login_for(&others, &args.url) {
            Some(_) => error.hint("there is one of Apptainer's: `apptainer keyserver logout`"),
            None => error.hint("`sifseal remote list` shows which there are"),
        });
    }
    app.console.talk().info("Logout succeeded");
    Ok(ExitStatus::Done)
}

/// Nobody is asked for a password that could not be sent safely (W-11).
fn refuse_to_betray(server: &KeyserverConfig) -> Result<()> {
    check_server(server)?;
    let (what, hint) = if server.insecure {
        (
            "no login is sent to a server whose TLS certificate is not checked",
            "add it with --ca-file in place of --insecure",
        )
    } else if server.is_insecure() {
        (
            "no login is sent where others can read it: the connection is not encrypted",
            "use its https:// or hkps:// address, if it has one",
        )
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Denied, what)
        .at(server.place())
        .hint(hint))
}

/// The first line of standard input, or what the person types unseen; never the
/// command line, which others can read (W-10).
fn secret(app: &App<'_>, args: &LoginArgs) -> Result<Secret> {
    let answer = match args.password_stdin {
        true => app.console.unasked(),
        false => app.console.passphrase(&Ask {
            question: QUESTION,
            key: &args.url,
            attempt: 1,
        }),
    };
    match answer {
        Some(secret) if !secret.expose().is_empty() => Ok(secret),
        Some(_) => Err(Error::new(ErrorKind::Denied, "an empty password or token")),
        None => Err(
            Error::new(ErrorKind::Denied, "there is nobody to ask for the password")
                .hint("give it on standard input, with --password-stdin"),
        ),
    }
}
