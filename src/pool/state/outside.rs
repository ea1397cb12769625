//! Functions outside of this program: what they said, and which one has to be asked next.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use crate::model::Function;
use crate::pool::wire::errors::{self, Answer};

/// What a trigger did.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// It returned its event with this `response`.
    Response(Value),
    /// It threw.
    Threw(String),
    /// It returned something that is not its event.
    Nonsense,
    /// It returned something that is no JSON.
    NotJson,
    /// It did not answer in time, however often it was asked.
    TimedOut,
    /// It could not be asked, or its answer could not be taken: why.
    Failed(String),
}

/// A function outside of this program that has to be asked before an operation can go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// Which function.
    pub function: Function,
    /// The event.
    pub event: Value,
    /// What the function has to keep to.
    pub limits: FunctionLimits,
}

/// What a function outside of this program has to keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionLimits {
    /// The time for one answer.
    pub time: Duration,
    /// How many times it is asked when it does not answer in time.
    pub attempts: usize,
    /// The largest answer.
    pub octets: usize,
}

impl Default for FunctionLimits {
    /// Five seconds and three attempts (developer guide, Lambda triggers); the size is ours.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(5),
            attempts: 3,
            octets: 1024 * 1024,
        }
    }
}

/// What functions outside have said to the request in hand, and which one it waits for.
#[derive(Clone, Debug, Default)]
pub(in crate::pool) struct Outside {
    limits: FunctionLimits,
    /// In the order in which the request asks them.
    said: VecDeque<Said>,
    waits_for: Option<Invocation>,
}

impl Outside {
    /// Says what functions have to keep to.
    pub(in crate::pool) fn limit(&mut self, limits: FunctionLimits) {
        self.limits = limits;
    }

    /// A request is answered, to which functions have said this so far.
    pub(in crate::pool) fn begin(&mut self, said: &[Said]) {
        self.said = said.iter().cloned().collect();
        self.waits_for = None;
    }

    /// What a function says to an event.
    ///
    /// # Errors
    /// Where it has not been asked yet: the request has to wait for it, and this error is nobody's answer.
    pub(in crate::pool) fn ask(&mut self, function: Function, event: &Value) -> Answer<Said> {
        if let Some(said) = self.said.pop_front() {
            return Ok(said);
        }
        self.waits_for = Some(Invocation {
            function,
            event: event.clone(),
            limits: self.limits,
        });
        Err(errors::waits_for_trigger())
    }

    /// The function that the request waits for.
    pub(in crate::pool) fn take_waiting(&mut self) -> Option<Invocation> {
        self.waits_for.take()
    }
}
