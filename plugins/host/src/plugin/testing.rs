//! A plugin that is a function of the test.

use super::{Plugin, Running, State};
use crate::carrier::Carrier;
use crate::fault::Fault;
use crate::plan::{Carriage, Child, Plan, Surroundings};
use serde_json::{Value, json};
use sifseal_core::traits::Nobody;
use sifseal_core::{Context, Timestamp};
use sifseal_plugin_protocol::{Ability, Described, Params, THIS_VERSION};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use zeroize::Zeroizing;

static NEVER: AtomicBool = AtomicBool::new(false);

/// Circumstances in which nobody can be asked.
pub(crate) fn cx() -> Context<'static> {
    Context {
        now: Timestamp(0),
        deadline: None,
        cancelled: &NEVER,
        ui: &Nobody,
    }
}

/// A plugin `p` that runs, can be everything, and answers every method with this.
pub(crate) fn plugin_answering(answer: Value) -> Plugin {
    let plan = Plan {
        name: "p".to_owned(),
        path: "/nonexistent".into(),
        sha256: crate::Digest([0; 32]),
        carriage: Carriage::Executable,
        timeout: Plan::TIMEOUT,
        settings: Params::default(),
    };
    let surroundings = Surroundings {
        host: "test".to_owned(),
        environment: vec![],
        child: Child {
            program: "/nonexistent".into(),
            arguments: vec![],
        },
    };
    let described = Described {
        name: "p".to_owned(),
        version: String::new(),
        protocol: THIS_VERSION,
        provides: vec![
            Ability::KeyStore,
            Ability::Keyserver,
            Ability::ObjectSelector,
        ],
    };
    let carrier = Box::new(Parrot {
        answer,
        reply: None,
    });
    let state = State::Running(Running {
        carrier,
        described,
        next_id: 1,
    });
    Plugin {
        state: Mutex::new(state),
        ..Plugin::new(plan, surroundings)
    }
}

#[derive(Debug)]
struct Parrot {
    answer: Value,
    reply: Option<Vec<u8>>,
}

impl Carrier for Parrot {
    fn send(&mut self, request: &[u8]) {
        let request: Value = serde_json::from_slice(request).unwrap();
        let reply = json!({"id": request["id"], "ok": self.answer});
        self.reply = Some(reply.to_string().into_bytes());
    }

    fn receive(&mut self, _: Instant) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        Ok(self.reply.take().map(Zeroizing::new))
    }

    fn end(&mut self) {}
}
