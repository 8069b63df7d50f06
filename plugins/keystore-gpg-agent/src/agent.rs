//! gpg-agent: makes a signature with a key that it knows.

use crate::assuan::{Refusal, escape};
use crate::connection::Connection;
use crate::gnupg::Gnupg;
use crate::keys::Keygrip;
use crate::pinentry::Pinentry;
use crate::process::Limit;
use sifseal_plugin_sdk::openpgp::HashAlgorithm;
use sifseal_plugin_sdk::{Context, Error, ErrorKind, Result};
use std::time::Duration;

/// How long gpg-agent may take for what it does by itself.
const PROMPT: Duration = Duration::from_secs(10);

/// How long it may take to sign: the person may have to find their card, or think of their
/// passphrase. Whoever wants it shorter says so by the deadline.
const SIGN: Duration = Duration::from_secs(10 * 60);

/// What is to be signed, with what.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    pub(crate) keygrip: Keygrip,
    /// What the person reads when they are asked for the passphrase.
    pub(crate) description: &'a str,
    pub(crate) hash: HashAlgorithm,
    pub(crate) digest: &'a [u8],
}

/// The agent of one GnuPG.
#[derive(Debug)]
pub(crate) struct Agent {
    gnupg: Gnupg,
    pinentry: Pinentry,
}

impl Agent {
    pub(crate) fn new(gnupg: Gnupg, pinentry: Pinentry) -> Self {
        Self { gnupg, pinentry }
    }

    pub(crate) fn gnupg(&self) -> &Gnupg {
        &self.gnupg
    }

    /// The S-expression of a signature, or why there is none.
    ///
    /// # Errors
    /// `Unavailable` if the agent cannot be reached or goes away, `Timeout`, and
    /// `Malformed` if it breaks the protocol.
    pub(crate) fn sign(
        &self,
        cx: &Context<'_>,
        order: &Order<'_>,
    ) -> Result<Result<Vec<u8>, Refusal>> {
        let socket = self.gnupg.places(cx)?.agent_socket;
        let converse = || {
            let mut connection = self.connection(cx, &socket)?;
            // Wishes: an agent that is reached over ssh does not grant them all.
            let mut wishes = vec!["OPTION allow-pinentry-notify".to_owned()];
            wishes.extend(self.pinentry.commands());
            wishes.push(format!("SETKEYDESC {}", escape(order.description)));
            for wish in wishes {
                let _ = connection.command(cx, &wish, Limit::of(PROMPT))?;
            }
            // It counts hash algorithms as libgcrypt does, which has OpenPGP's numbers for
            // those that are accepted here.
            let digest = hex::encode_upper(order.digest);
            for command in [
                format!("SIGKEY {}", order.keygrip),
                format!("SETHASH {} {digest}", order.hash.id()),
            ] {
                if let Err(refusal) = connection.command(cx, &command, Limit::of(PROMPT))? {
                    return Ok(Err(refusal));
                }
            }
            connection.command(cx, "PKSIGN", Limit::of(SIGN))
        };
        converse().map_err(|error| error.at(socket.display()))
    }

    /// A connection; the agent is started if nobody listens.
    fn connection(&self, cx: &Context<'_>, socket: &std::path::Path) -> Result<Connection> {
        match Connection::open(cx, socket, Limit::of(PROMPT)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
        self.gnupg.start_agent(cx)?;
        Connection::open(cx, socket, Limit::of(PROMPT)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Error::new(ErrorKind::Unavailable, "gpg-agent does not start")
                .because(error.to_string())
                .hint("`gpgconf --launch gpg-agent` should start it"),
            _ => error,
        })
    }
}
