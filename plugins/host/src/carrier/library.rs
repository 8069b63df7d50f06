//! A shared library in this process.
//!
//! A call into it cannot be broken off. So it runs in a thread of its own, and when time
//! is up, that thread is left where it is: the plugin is not asked again, and the thread
//! ends with the program.
//!
//! Loading has no such thread, and no deadline. A library's constructors run inside of
//! `dlopen`, under a lock of the system's loader that the end of a program waits for: if
//! one hangs, a thread for it would only move the hang from the beginning to the end
//! (tried with glibc 2.36), and until then nothing else could be loaded. Who does not trust
//! a library that far has it isolated: a child can be killed.

use super::Carrier;
use crate::fault::Fault;
use crate::pin::Sealed;
use sifseal_core::{Error, ErrorKind, Result};
use sifseal_plugin_abi::{LoadError, Loaded};
use sifseal_plugin_protocol::MAX_LINE;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Instant;
use zeroize::Zeroizing;

/// A library, and the thread that calls it.
#[derive(Debug)]
pub(crate) struct Library {
    requests: Option<Sender<Zeroizing<Vec<u8>>>>,
    replies: Receiver<Zeroizing<Vec<u8>>>,
}

impl Library {
    /// Loads a library that was checked.
    ///
    /// # Errors
    /// `Unsupported` if it is none for this program.
    pub(crate) fn load(sealed: Sealed) -> Result<Self> {
        // For good, as what is loaded is: the system's loader knows libraries by their
        // paths. Were this descriptor closed, the next plugin's copy could get its number,
        // and for that path the loader would give the old library under the new one's pin.
        let sealed = ManuallyDrop::new(sealed);
        let loaded = load(&sealed.path())?;
        let (requests, requests_out) = channel::<Zeroizing<Vec<u8>>>();
        let (replies_in, replies) = channel();
        thread::Builder::new()
            .name("plugin".to_owned())
            .spawn(move || {
                while let Ok(request) = requests_out.recv() {
                    if replies_in.send(loaded.call(&request)).is_err() {
                        return;
                    }
                }
            })
            .map_err(|error| Error::new(ErrorKind::Unavailable, error.to_string()))?;
        Ok(Self {
            requests: Some(requests),
            replies,
        })
    }
}

impl Carrier for Library {
    fn send(&mut self, request: &[u8]) {
        if let Some(requests) = &self.requests {
            // A thread that is gone is told by `receive`.
            let _ = requests.send(Zeroizing::new(request.to_vec()));
        }
    }

    fn receive(&mut self, until: Instant) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        let left = until.saturating_duration_since(Instant::now());
        match self.replies.recv_timeout(left) {
            Ok(reply) if reply.len() >= MAX_LINE => Err(Fault::TooLong),
            Ok(reply) => Ok(Some(reply)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Fault::Ended {
                how: "its thread is gone".to_owned(),
                last_words: String::new(),
            }),
        }
    }

    fn end(&mut self) {
        self.requests = None;
    }
}

/// Loads a library into this process.
///
/// # Errors
/// `Unsupported`, saying what is wrong with it.
pub(crate) fn load(path: &Path) -> Result<Loaded> {
    sifseal_plugin_abi::load(path).map_err(|refused| {
        let error = |what: &str| Error::new(ErrorKind::Unsupported, what);
        match refused {
            LoadError::Refused(why) => {
                error("the system does not load it as a library").because(why)
            }
            LoadError::NoPlugin => error(
                "it is a shared library, and no plugin: it exports no root module",
            )
            .hint(
                "sifseal's sdk exports one with `export_plugin!`, in a crate of the type `cdylib`",
            ),
            LoadError::OtherAbi(which) => error("it was built for another ABI of plugins")
                .because(which)
                .hint("build it anew with the sdk that goes with this program"),
        }
    })
}
