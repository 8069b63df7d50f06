//! The desk at which requests arrive: it finds out what is asked, has it done, and
//! replies.
//!
//! Each request is worked on in a thread of its own, while the desk waits for it. So a
//! trait's method may ask the person in the middle of its work: the desk hands the
//! question out as its reply, and when the answer comes with another request, the thread
//! goes on. It also keeps a panic from leaving the plugin.

use crate::conversation::{Conversation, Event};
use crate::methods::{Session, body};
use crate::plugin::Plugin;
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_plugin_protocol::{
    Body, Describe, Described, Failure, MAX_LINE, Method, Outcome, Reply, Request, Resume,
    THIS_VERSION,
};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Conversations that may wait for a person at once. The host has one at a time.
const MAX_CONVERSATIONS: usize = 8;

/// Answers requests to one plugin; in a test, without a host.
#[derive(Debug)]
pub struct Desk {
    session: Arc<Session>,
    waiting: Mutex<BTreeMap<String, Conversation>>,
}

/// The reply of a desk that is made now, if it is the first request. Never panics, whatever
/// the author's own code does while the plugin is made.
#[doc(hidden)]
pub fn answered<'d>(desk: impl FnOnce() -> &'d Desk, request: &[u8]) -> Vec<u8> {
    catch_unwind(AssertUnwindSafe(|| desk().answer(request))).unwrap_or_else(|payload| {
        // What the payload does when it is dropped is the author's, too.
        std::mem::forget(payload);
        let what = "the plugin panicked while it was made or configured";
        let error = Error::new(ErrorKind::Backend, what).hint("this is a mistake in the plugin");
        let reply = Reply {
            id: Request::read(request).map_or(0, |request| request.id),
            outcome: Outcome::Error(Failure::from(&error)),
        };
        reply.line().map(|line| line.to_vec()).unwrap_or_default()
    })
}

impl Desk {
    /// A desk for this plugin.
    pub fn new(plugin: Plugin) -> Self {
        Self {
            session: Arc::new(Session::new(plugin)),
            waiting: Mutex::default(),
        }
    }

    /// The reply to a request, both as the bytes of one message. Never panics.
    pub fn answer(&self, request: &[u8]) -> Vec<u8> {
        let reply = match Request::read(request) {
            Err(error) => Reply {
                id: 0,
                outcome: Outcome::Error(Failure::from(&error)),
            },
            Ok(request) => Reply {
                id: request.id,
                outcome: self
                    .outcome(request)
                    .unwrap_or_else(|error| Outcome::Error(Failure::from(&error))),
            },
        };
        let id = reply.id;
        let line = reply.line().map(|line| line.to_vec());
        match line {
            Ok(line) if line.len() < MAX_LINE => line,
            _ => too_long(id),
        }
    }

    fn outcome(&self, request: Request) -> Result<Outcome> {
        match request.method.as_str() {
            Describe::NAME => self
                .describe(Describe::from_params(&request.params)?)
                .map(Outcome::Ok),
            Resume::NAME => self.resume(Resume::from_params(&request.params)?),
            _ => {
                let session = Arc::clone(&self.session);
                self.go_on(Conversation::begin(move |cx| session.handle(cx, request))?)
            }
        }
    }

    fn describe(&self, asked: Describe) -> Result<Body> {
        let protocol = THIS_VERSION.in_common(asked.protocol).ok_or_else(|| {
            let what = format!(
                "the host speaks version {} of the protocol, this plugin {THIS_VERSION}",
                asked.protocol
            );
            Error::new(ErrorKind::Unsupported, what)
        })?;
        self.session.configure(asked.config.into());
        let plugin = self.session.plugin();
        let described = Described {
            name: plugin.name.clone(),
            version: plugin.version.clone(),
            protocol,
            provides: self.session.abilities(),
        };
        body(described)
    }

    fn resume(&self, resume: Resume) -> Result<Outcome> {
        let conversation = self.waiting().remove(&resume.token).ok_or_else(|| {
            let what = "nobody waits for this answer";
            Error::new(ErrorKind::NotFound, what)
        })?;
        conversation.answer(resume.answer);
        self.go_on(conversation)
    }

    /// Waits until the work is done or has a question.
    fn go_on(&self, conversation: Conversation) -> Result<Outcome> {
        match conversation.next() {
            Event::Done(outcome) => outcome.map(Outcome::Ok),
            Event::Need(need) => {
                let mut waiting = self.waiting();
                if waiting.len() >= MAX_CONVERSATIONS {
                    let what = "too many questions wait for an answer";
                    return Err(Error::new(ErrorKind::Unavailable, what));
                }
                waiting.insert(need.token.clone(), conversation);
                Ok(Outcome::Need(need))
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<String, Conversation>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_long(id: u64) -> Vec<u8> {
    let what = format!("the answer would have more than {MAX_LINE} bytes");
    let failure = Failure::new(ErrorKind::Unsupported, what);
    let reply = Reply {
        id,
        outcome: Outcome::Error(failure),
    };
    reply.line().map(|line| line.to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
