//! One plugin: started when it is first needed, asked one thing at a time.

use crate::carrier::{Carrier, Library, Process};
use crate::elf;
use crate::fault::Fault;
use crate::pin::{self, Sealed, Shelf};
use crate::plan::{Carriage, Plan, Surroundings};
use crate::question::{MAX_QUESTIONS, Questions, may_ask};
use serde_json::Value;
use sifseal_core::{Context, Error, ErrorKind, Result, Shown};
use sifseal_plugin_protocol::{
    Ability, Body, Describe, Described, MAX_LINE, Method, Outcome, Params, Reply, Request, Resume,
    THIS_VERSION,
};
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[cfg(test)]
pub(crate) mod testing;

/// The argument that a program is started with; its number is the protocol's first.
const ARGUMENT: &str = "--sifseal-plugin=1";

/// How long the first request may take, which opens nothing and asks nobody.
const START: Duration = Duration::from_secs(10);

/// How often we look whether the person has given up.
const LOOK_UP: Duration = Duration::from_millis(250);

/// A plugin, running or not.
#[derive(Debug)]
pub struct Plugin {
    plan: Plan,
    surroundings: Surroundings,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Idle,
    Running(Running),
    Broken(Fault),
}

#[derive(Debug)]
struct Running {
    carrier: Box<dyn Carrier>,
    described: Described,
    next_id: u64,
}

impl Plugin {
    /// A plugin that has not been looked at yet.
    pub fn new(plan: Plan, surroundings: Surroundings) -> Self {
        Self {
            plan,
            surroundings,
            state: Mutex::new(State::Idle),
        }
    }

    /// What is configured.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How messages call it.
    pub fn place(&self) -> String {
        format!("plugin {}", Shown::new(&self.plan.name))
    }

    /// Who it says it is. Starts it.
    ///
    /// # Errors
    /// It cannot be started or breaks the protocol.
    pub fn described(&self, cx: &Context<'_>) -> Result<Described> {
        let mut state = self.state();
        let running = self.running(cx, &mut state);
        let described = running.map(|running| running.described.clone());
        described.map_err(|error| self.named(&error))
    }

    /// An error with the plugin's name before whatever place it has.
    fn named(&self, error: &Error) -> Error {
        error.reworded(error.to_string()).at(self.place())
    }

    /// Asks it something, which only one that has this ability can answer.
    ///
    /// # Errors
    /// `Config` if it has not; what it says itself; what [`Fault`] is about.
    pub(crate) fn ask<M: Method>(
        &self,
        cx: &Context<'_>,
        ability: Ability,
        params: &M,
    ) -> Result<M::Answer> {
        let answer = || {
            let mut state = self.state();
            let running = self.running(cx, &mut state)?;
            refuse_unless_able(&running.described, ability)?;
            let limit = self.plan.timeout;
            let outcome = running.converse(cx, self, M::NAME, params.to_params()?, limit);
            let value = self.settle(&mut state, outcome)?;
            match M::answer(&value) {
                Ok(answer) => Ok(answer),
                Err(error) => self.settle(
                    &mut state,
                    Err(Stop::Fault(Fault::NoReply(error.to_string()))),
                ),
            }
        };
        answer().map_err(|error: Error| self.named(&error))
    }

    /// A request as it stands, for tests of behaviour: no ability is asked for.
    pub(crate) fn raw(&self, cx: &Context<'_>, line: &[u8]) -> Result<Reply> {
        let mut state = self.state();
        let running = self.running(cx, &mut state)?;
        running.carrier.send(line);
        let reply = running.reply(cx, self, self.plan.timeout);
        self.settle(&mut state, reply.map_err(Stop::Fault))
    }

    /// After a fault it is ended, and stays so.
    fn settle<T>(&self, state: &mut State, outcome: Result<T, Stop>) -> Result<T> {
        outcome.map_err(|stop| match stop {
            Stop::Answer(error) => error,
            Stop::Fault(fault) => {
                if let State::Running(running) = state {
                    running.carrier.end();
                }
                let error = fault.error();
                *state = State::Broken(fault);
                error
            }
        })
    }

    fn running<'s>(&self, cx: &Context<'_>, state: &'s mut State) -> Result<&'s mut Running> {
        if matches!(state, State::Idle) {
            let started = self.start(cx);
            *state = match started {
                Ok(running) => State::Running(running),
                Err(Stop::Answer(error)) => return Err(error),
                Err(Stop::Fault(fault)) => State::Broken(fault),
            };
        }
        match state {
            State::Running(running) => Ok(running),
            State::Broken(fault) => Err(fault.error()),
            State::Idle => Err(Error::new(ErrorKind::Backend, "it was not started")),
        }
    }

    fn start(&self, cx: &Context<'_>) -> Result<Running, Stop> {
        let plan = &self.plan;
        let sealed = pin::seal_pinned(plan, Shelf::Usual)?;
        let mut running = Running {
            carrier: self.carry(sealed)?,
            described: Described {
                name: String::new(),
                version: String::new(),
                protocol: THIS_VERSION,
                provides: vec![],
            },
            next_id: 1,
        };
        let described = self.greet(cx, &mut running).map_err(at_start);
        if described.is_err() {
            running.carrier.end();
        }
        running.described = described?;
        Ok(running)
    }

    fn carry(&self, sealed: Sealed) -> Result<Box<dyn Carrier>, Stop> {
        let environment = &self.surroundings.environment;
        let named = |error: Error| error.at(self.plan.path.display());
        match self.plan.carriage {
            Carriage::Executable => {
                elf::check_program(sealed.head()).map_err(named)?;
                let program = sealed.path();
                let arguments = [ARGUMENT.into()];
                let process = Process::start(&program, &arguments, environment, sealed)?;
                Ok(Box::new(process))
            }
            Carriage::Library => {
                elf::check_library(sealed.head()).map_err(named)?;
                Ok(Box::new(Library::load(sealed).map_err(named)?))
            }
            Carriage::IsolatedLibrary => {
                elf::check_library(sealed.head()).map_err(named)?;
                let child = &self.surroundings.child;
                let mut arguments: Vec<OsString> = child.arguments.clone();
                arguments.push(sealed.path().into());
                let process = Process::start(&child.program, &arguments, environment, sealed)?;
                Ok(Box::new(process))
            }
        }
    }

    /// The first words: who are you? And one that makes no sense, so that plugins stay
    /// used to it.
    fn greet(&self, cx: &Context<'_>, running: &mut Running) -> Result<Described, Stop> {
        let describe = Describe {
            protocol: THIS_VERSION,
            host: self.surroundings.host.clone(),
            config: self.plan.settings.clone(),
        };
        let limit = START.min(self.plan.timeout);
        let params = describe.to_params()?;
        let answer = running.converse(cx, self, Describe::NAME, params, limit)?;
        let described = Describe::answer(&answer);
        let described = described.map_err(|error| Fault::NoReply(error.to_string()))?;
        if described.protocol.major != THIS_VERSION.major || described.protocol > THIS_VERSION {
            return Err(Fault::OtherProtocol(described.protocol.to_string()).into());
        }
        let method = grease();
        match running.converse(cx, self, &method, Params::default(), limit) {
            Err(Stop::Answer(error)) if error.kind() == ErrorKind::Unsupported => Ok(described),
            Err(Stop::Fault(fault)) => Err(fault.into()),
            _ => Err(Fault::Intolerant.into()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where all have the same time, another `timeout` would not help.
fn at_start(stop: Stop) -> Stop {
    match stop {
        Stop::Fault(Fault::Late(limit)) if limit >= START => Fault::LateAtStart(limit).into(),
        other => other,
    }
}

/// Why a request has no answer.
enum Stop {
    /// The plugin, or we, said no, and it can be asked again.
    Answer(Error),
    /// It has broken the protocol.
    Fault(Fault),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Answer(error)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Running {
    /// A request and its answer, with the person's answers in between.
    fn converse(
        &mut self,
        cx: &Context<'_>,
        plugin: &Plugin,
        method: &str,
        params: Params,
        limit: Duration,
    ) -> Result<Body, Stop> {
        let asked_for = method;
        let (mut method, mut params) = (method.to_owned(), params);
        let mut questions = Questions::default();
        for _ in 0..=MAX_QUESTIONS {
            let id = self.next_id;
            self.next_id += 1;
            let request = Request {
                id,
                method,
                params,
                deadline_ms: u64::try_from(limit.as_millis()).ok(),
            };
            let line = greased(&request)?;
            if line.len() >= MAX_LINE {
                let what = format!("`{asked_for}` would be longer than {MAX_LINE} bytes");
                return Err(Error::new(ErrorKind::Unsupported, what).into());
            }
            self.carrier.send(&line);
            let reply = self.reply(cx, plugin, limit)?;
            match reply.outcome {
                Outcome::Error(failure) if reply.id == 0 => {
                    let error = Error::from(failure);
                    // One that could not be loaded tells why; for anything else, `0`
                    // means that the request was not understood.
                    return Err(match id {
                        1 => Stop::Answer(error),
                        _ => Fault::Unread(error.to_string()).into(),
                    });
                }
                _ if reply.id != id => return Err(Fault::OtherReply.into()),
                Outcome::Ok(value) => return Ok(value),
                Outcome::Error(failure) => return Err(Stop::Answer(failure.into())),
                Outcome::Need(_) if !may_ask(asked_for) => {
                    return Err(Fault::Asks(asked_for.to_owned()).into());
                }
                Outcome::Need(need) => {
                    method = Resume::NAME.to_owned();
                    params = questions.put(cx, &plugin.place(), need)?;
                }
            }
        }
        Err(Fault::AsksTooMuch.into())
    }

    /// Waits for a reply; after half of the time, the person is told for whom.
    fn reply(
        &mut self,
        cx: &Context<'_>,
        plugin: &Plugin,
        limit: Duration,
    ) -> Result<Reply, Fault> {
        let begin = Instant::now();
        let limit = cx.budget(limit).map_err(|_| Fault::Interrupted)?;
        let mut told = false;
        loop {
            let past = begin.elapsed();
            if past >= limit {
                return Err(Fault::Late(limit));
            }
            if !told && past >= limit / 2 {
                cx.ui.notice(&format!("waiting for {}", plugin.place()));
                told = true;
            }
            let next = if told { limit } else { limit / 2 };
            let until = begin + next.min(past + LOOK_UP);
            if let Some(line) = self.carrier.receive(until)? {
                return Reply::read(&line).map_err(|error| Fault::NoReply(error.to_string()));
            }
            cx.budget(limit).map_err(|_| Fault::Interrupted)?;
        }
    }
}

fn refuse_unless_able(described: &Described, ability: Ability) -> Result<()> {
    if described.provides.contains(&ability) {
        return Ok(());
    }
    let provides: Vec<_> = described.provides.iter().map(|own| own.words()).collect();
    let what = format!(
        "it is no {}; it provides {}",
        ability.words(),
        match provides.is_empty() {
            true => "nothing".to_owned(),
            false => provides.join(", "),
        }
    );
    Err(Error::new(ErrorKind::Config, what)
        .hint("`sifseal plugin inspect FILE` tells what a plugin can do"))
}

/// A request with a field that means nothing, at a place where one of tomorrow may be.
fn greased(request: &Request) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    let mut request = request.clone();
    request.params.expose_mut().insert(grease(), Value::Null);
    request.line()
}

/// A name that means nothing, and another one each time.
fn grease() -> String {
    format!("grease-{:08x}", RandomState::new().hash_one(0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_timeout_is_advised_only_where_it_helps() {
        for (limit, helps) in [(START, false), (Duration::from_secs(1), true)] {
            let Stop::Fault(fault) = at_start(Fault::Late(limit).into()) else {
                panic!("it is no answer");
            };
            let error = fault.error();
            assert_eq!(error.kind(), ErrorKind::Timeout);
            let hint = error.hint_text().unwrap().to_owned();
            assert_eq!(hint.contains("gives it longer"), helps, "{hint}");
        }
    }
}
