//! Work that may stop in its middle to ask the person.

use sifseal_core::traits::{Ask as CoreAsk, Ui};
use sifseal_core::{Context, Error, ErrorKind, Result, Secret, Timestamp};
use sifseal_plugin_protocol::{Answer, Ask, Body, Need};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// How long a question stays open. A person may take their time; a host that is gone
/// takes this program with it.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

static NEVER: AtomicBool = AtomicBool::new(false);
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What comes next.
#[derive(Debug)]
pub(crate) enum Event {
    /// The work is done.
    Done(Result<Body>),
    /// It has a question.
    Need(Need),
}

/// Work under way in a thread of its own.
#[derive(Debug)]
pub(crate) struct Conversation {
    events: Receiver<Event>,
    answers: Sender<Option<Answer>>,
}

impl Conversation {
    /// Begins the work.
    ///
    /// # Errors
    /// `Unavailable` if the system has no thread for it.
    pub(crate) fn begin(
        work: impl FnOnce(&Context<'_>) -> Result<Body> + Send + 'static,
    ) -> Result<Self> {
        let (events_in, events) = channel();
        let (answers, answers_out) = channel();
        let person = DistantPerson(Mutex::new(Line {
            events: events_in,
            answers: answers_out,
        }));
        thread::Builder::new()
            .name("plugin".to_owned())
            .spawn(move || {
                let done = guarded(|| work(&context(&person)));
                person.send(Event::Done(done));
            })
            .map_err(|error| Error::new(ErrorKind::Unavailable, error.to_string()))?;
        Ok(Self { events, answers })
    }

    /// Waits for what comes next.
    pub(crate) fn next(&self) -> Event {
        let gone = || {
            Error::new(
                ErrorKind::Backend,
                "the plugin's work ended without a result",
            )
        };
        let event = self.events.recv();
        event.unwrap_or_else(|_| Event::Done(Err(gone())))
    }

    /// Hands in what the person said.
    pub(crate) fn answer(&self, answer: Option<Answer>) {
        // Work that is gone is told by `next`.
        let _ = self.answers.send(answer);
    }
}

/// The circumstances of the work. Its time is not limited here: the person's does not
/// count, and the host ends what takes too long.
fn context(person: &DistantPerson) -> Context<'_> {
    Context {
        now: Timestamp::now(),
        deadline: None,
        cancelled: &NEVER,
        ui: person,
    }
}

/// A panic of the author's code is an error like any other.
fn guarded(work: impl FnOnce() -> Result<Body>) -> Result<Body> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let what = match words(&*payload) {
            Some(words) => format!("the plugin panicked: {words}"),
            None => "the plugin panicked".to_owned(),
        };
        // What the payload does when it is dropped is the author's, too.
        std::mem::forget(payload);
        Err(Error::new(ErrorKind::Backend, what).hint("this is a mistake in the plugin"))
    })
}

fn words(payload: &(dyn Any + Send)) -> Option<&str> {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// The person behind the host.
#[derive(Debug)]
struct DistantPerson(Mutex<Line>);

#[derive(Debug)]
struct Line {
    events: Sender<Event>,
    answers: Receiver<Option<Answer>>,
}

impl DistantPerson {
    fn send(&self, event: Event) {
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever asked may be gone.
        let _ = line.events.send(event);
    }

    /// One question at a time: whoever asks second waits for the first to be answered.
    fn ask(&self, ask: Ask) -> Option<Answer> {
        let token = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        line.events.send(Event::Need(Need { token, ask })).ok()?;
        line.answers.recv_timeout(PATIENCE).ok()?
    }
}

impl Ui for DistantPerson {
    fn notice(&self, text: &str) {
        let text = text.to_owned();
        self.ask(Ask::Notice { text });
    }

    fn ask(&self, question: &str) -> Option<String> {
        let text = question.to_owned();
        match DistantPerson::ask(self, Ask::Line { text })? {
            Answer::Line(line) => Some(line),
            _ => None,
        }
    }

    fn confirm(&self, question: &str) -> Option<bool> {
        let text = question.to_owned();
        match DistantPerson::ask(self, Ask::Confirm { text })? {
            Answer::Yes(yes) => Some(yes),
            _ => None,
        }
    }

    fn passphrase(&self, ask: &CoreAsk<'_>) -> Option<Secret> {
        let ask = Ask::Passphrase {
            text: ask.question.to_owned(),
            key: ask.key.to_owned(),
            attempt: ask.attempt,
        };
        match DistantPerson::ask(self, ask)? {
            Answer::Secret(secret) => Some(secret.0),
            _ => None,
        }
    }

    // The host puts all questions of a plugin in person.
    fn in_person(&self) -> &dyn Ui {
        self
    }
}
