//! Whether a server takes a login.
//!
//! An answer to someone with a login proves little alone: a page that is open to all
//! answers whatever the password, a redirect may lead to a form that wants another one,
//! and a server in trouble has not looked. So the same question is put twice, with the
//! login and without, and only if that makes the difference was it looked at.

use crate::answer::Answer;
use crate::keyserver::HkpKeyserver;
use sifseal_core::{Context, Result};

/// What every keyserver can be asked without knowing a key, by the address at which it
/// is asked for keys: a front page may be open where these are not.
const QUESTION: &str = "/pks/lookup?op=stats&options=mr";

/// What a server's answers say about a login; a login that it refuses is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It answers whoever has the login, and nobody else.
    Accepted,
    /// It answers without a login just as well, and need not have looked at this one.
    NotNeeded,
    /// Its answers, the last one with this status, tell nothing about the login.
    NotProved(u16),
}

impl HkpKeyserver {
    /// Asks the server whether it takes the credentials, by a question of those that
    /// they are for. Redirects are not followed: what does this very server say?
    ///
    /// # Errors
    /// `Denied` if it says no; as [`fetch`](sifseal_core::traits::Keyserver::fetch) if
    /// it cannot be asked.
    pub fn check(&self, cx: &Context<'_>) -> Result<Checked> {
        let patience = self.0.patience(cx);
        let answer = self.0.probe(&patience, QUESTION, true)?;
        if is_refusal(&answer) {
            return Err(self.refusal(&answer));
        }
        if !answer.status.is_success() {
            return Ok(Checked::NotProved(answer.status.as_u16()));
        }
        let stranger = self.0.probe(&patience, QUESTION, false)?;
        Ok(if stranger.status.is_success() {
            Checked::NotNeeded
        } else if is_refusal(&stranger) || stranger.location().is_some() {
            Checked::Accepted
        } else {
            Checked::NotProved(stranger.status.as_u16())
        })
    }
}

fn is_refusal(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 401 | 403)
}
