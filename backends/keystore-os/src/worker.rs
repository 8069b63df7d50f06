//! Calls into a secret store that end.
//!
//! The stores' crates block for as long as the other side likes: a daemon that
//! hangs, or a dialogue that nobody sees, would hold the program for ever. So all
//! calls run on a thread of their own, one after another, and the caller waits only
//! as long as its context allows. A thread that does not come back is left behind;
//! the next call gets a new one, with a new connection. What was called off before it
//! began is never done.

use crate::words::Trouble;
use keyring_core::CredentialStore;
use sifseal_core::{Context, Error, ErrorKind, Result};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a person may take to unlock a store. A daemon answers in milliseconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often to see whether the work was called off.
const GLANCE: Duration = Duration::from_millis(50);

/// Opens the store.
pub(crate) type Connect = Arc<dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send + Sync>;

/// One piece of work for the thread.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The thread that talks to the store, started with the first call.
pub(crate) struct Worker {
    connect: Connect,
    jobs: Mutex<Option<Sender<Job>>>,
}

/// The store as the thread has it.
struct Connection {
    connect: Connect,
    store: Option<Arc<CredentialStore>>,
}

impl Worker {
    pub(crate) fn new(connect: Connect) -> Self {
        Self {
            connect,
            jobs: Mutex::default(),
        }
    }

    /// Runs one call on the thread.
    ///
    /// # Errors
    /// `Timeout` if there is no answer in time or the work is called off, `Backend`
    /// if the store's library panicked. What the store itself says is inside.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        cx: &Context<'_>,
        work: impl FnOnce(&Arc<CredentialStore>) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<Result<T, Trouble>> {
        // Without time nothing is asked: nobody would know what became of it.
        cx.budget(PATIENCE).map_err(|_| no_answer())?;
        let (reply, answer) = mpsc::channel();
        let wanted = Arc::new(AtomicBool::new(true));
        let still_wanted = Arc::clone(&wanted);
        let job: Job = Box::new(move |connection| {
            if !still_wanted.load(Ordering::Acquire) {
                return;
            }
            // Nobody listens any more if the caller's patience is over.
            let _ = reply.send(connection.run(work));
        });
        self.hand_over(job);
        let waited = wait(cx, &answer);
        if waited.is_err() {
            wanted.store(false, Ordering::Release);
            *self.jobs.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        waited
    }

    fn hand_over(&self, job: Job) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = jobs.get_or_insert_with(|| start(&self.connect));
        // A thread that died drops the job, and with it the way to answer, which
        // the caller notices.
        let _ = sender.send(job);
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl Connection {
    fn run<T>(
        &mut self,
        work: impl FnOnce(&Arc<CredentialStore>) -> keyring_core::Result<T>,
    ) -> Result<T, Trouble> {
        let store = match &self.store {
            Some(store) => Arc::clone(store),
            None => {
                let store = (self.connect)().map_err(Trouble::NoConnection)?;
                Arc::clone(self.store.insert(store))
            }
        };
        work(&store).map_err(|error| {
            if matches!(error, keyring_core::Error::PlatformFailure(_)) {
                // The daemon may have been started anew since: connect again.
                self.store = None;
            }
            Trouble::Refusal(error)
        })
    }
}

fn start(connect: &Connect) -> Sender<Job> {
    let (sender, jobs) = mpsc::channel::<Job>();
    let mut connection = Connection {
        connect: Arc::clone(connect),
        store: None,
    };
    thread::spawn(move || {
        for job in jobs {
            job(&mut connection);
        }
    });
    sender
}

fn wait<T>(cx: &Context<'_>, answer: &Receiver<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(no_answer());
        }
        let glance = cx.budget(left.min(GLANCE)).map_err(|_| no_answer())?;
        match answer.recv_timeout(glance) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let what = "the library that talks to the secret store failed";
                return Err(Error::new(ErrorKind::Backend, what).hint("try again"));
            }
        }
    }
}

fn no_answer() -> Error {
    Error::new(ErrorKind::Timeout, "the secret store does not answer").hint(
        "look for a window that asks to unlock it; if there is none, start its daemon anew, and try again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sifseal_core::Timestamp;
    use sifseal_core::traits::Nobody;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    static NOT_CANCELLED: AtomicBool = AtomicBool::new(false);

    fn context(deadline: Option<Instant>) -> Context<'static> {
        Context {
            now: Timestamp(0),
            deadline,
            cancelled: &NOT_CANCELLED,
            ui: &Nobody,
        }
    }

    fn mock() -> keyring_core::Result<Arc<CredentialStore>> {
        Ok(keyring_core::mock::Store::new()?)
    }

    #[test]
    fn a_store_that_hangs_is_given_up_and_the_next_call_gets_another_thread() {
        let worker = Worker::new(Arc::new(mock));
        let (release, hang) = mpsc::channel::<()>();
        let soon = Some(Instant::now() + Duration::from_millis(20));
        let error = worker.call(&context(soon), move |_| {
            let _ = hang.recv();
            Ok(())
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
        let answer = worker.call(&context(None), |_| Ok(7)).unwrap();
        assert_eq!(answer.unwrap(), 7);
        drop(release);
    }

    #[test]
    fn without_time_nothing_is_asked() {
        let worker = Worker::new(Arc::new(|| panic!("the store was opened")));
        let error = worker.call(&context(Some(Instant::now())), |_| Ok(()));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
        assert!(worker.jobs.lock().unwrap().is_none());
    }

    #[test]
    fn what_was_called_off_before_it_began_is_never_done() {
        let worker = Worker::new(Arc::new(mock));
        let (release, hang) = mpsc::channel::<()>();
        let (began, begun) = mpsc::channel();
        let soon = || context(Some(Instant::now() + Duration::from_millis(50)));
        // One that hangs, and behind it on the same thread one that waits for its turn.
        std::thread::scope(|scope| {
            let first = scope.spawn(|| {
                worker.call(&soon(), move |_| {
                    let _ = began.send(());
                    let _ = hang.recv();
                    Ok(())
                })
            });
            begun.recv().unwrap();
            let (done, was_done) = mpsc::channel();
            let second = worker.call(&soon(), move |_| {
                let _ = done.send(());
                Ok(())
            });
            assert_eq!(second.unwrap_err().kind(), ErrorKind::Timeout);
            assert!(first.join().unwrap().is_err());
            drop(release);
            // The sender goes with the work, done or not.
            assert!(was_done.recv().is_err());
        });
    }

    #[test]
    fn a_panic_in_a_stores_library_is_an_error_and_ends_with_the_call() {
        let worker = Worker::new(Arc::new(mock));
        let error = worker.call::<()>(&context(None), |_| panic!("poisoned"));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Backend);
        assert!(worker.call(&context(None), |_| Ok(())).unwrap().is_ok());
    }

    #[test]
    fn the_store_is_opened_with_the_first_call_and_again_after_a_failure() {
        let opened = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&opened);
        let worker = Worker::new(Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            mock()
        }));
        assert_eq!(opened.load(Ordering::Relaxed), 0);
        for _ in 0..2 {
            assert!(worker.call(&context(None), |_| Ok(())).unwrap().is_ok());
        }
        assert_eq!(opened.load(Ordering::Relaxed), 1);
        let gone = || keyring_core::Error::PlatformFailure("gone".into());
        let failed = worker.call::<()>(&context(None), move |_| Err(gone()));
        assert!(failed.unwrap().is_err());
        assert!(worker.call(&context(None), |_| Ok(())).unwrap().is_ok());
        assert_eq!(opened.load(Ordering::Relaxed), 2);
    }
}
