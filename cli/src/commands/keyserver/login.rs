//! `keyserver login` and `keyserver logout`.

use crate::ExitStatus;
use crate::app::App;
use crate::args::{LoginArgs, LogoutArgs};
use crate::config::KeyserverConfig;
use crate::config::login::{self, Login, Proof};
use crate::keyserver::check_login;
use sifseal_core::traits::{Ask, Ui};
use sifseal_core::{Error, ErrorKind, Result, Secret};

const QUESTION: &str = "Password / Token: ";

/// Keeps the login if the server takes it.
pub(super) fn login(app: &App<'_>, args: &LoginArgs) -> Result<ExitStatus> {
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
    let mut servers = app.config.keyservers.value.iter();
    let server = servers
        .find(|server| server.is_named(&args.url))
        .cloned()
        .unwrap_or_else(|| KeyserverConfig::hkp(&args.url));
    check_login(&app.context(), &server, &login, &app.places.environment)?;
    let file = login::keep(&app.context(), app.places, &login)?;
    let what = format!("Token stored in {}", file.display());
    app.console.talk().info(&what);
    Ok(ExitStatus::Done)
}

pub(super) fn logout(app: &App<'_>, args: &LogoutArgs) -> Result<ExitStatus> {
    if !login::forget(&app.context(), app.places, &args.url)? {
        let others = login::all_logins(app.places)?;
        let error = Error::new(
            ErrorKind::NotFound,
            format!("there is no login for {}", args.url),
        );
        return Err(match login::login_for(&others, &args.url) {
            Some(_) => error.hint("there is one of Apptainer's: `apptainer keyserver logout`"),
            None => error.hint("`sifseal remote list` shows which there are"),
        });
    }
    app.console.talk().info("Logout succeeded");
    Ok(ExitStatus::Done)
}

/// The first line of standard input, or what the person types unseen; never the
/// command line, which others can read (W-10).
fn secret(app: &App<'_>, args: &LoginArgs) -> Result<Secret> {
    let answer = match args.password_stdin {
        true => app
            .console
            .ask("")
            .map(|line| Secret::new(line.into_bytes())),
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
