//! What a rule is given: the facts, and a transcript as one party's rules see it.

use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::Trace;

/// One transcript before the judge.
#[derive(Debug)]
pub struct Case<'t> {
    /// What is known beyond the transcript.
    pub facts: &'t Facts,
    /// What the transcript says.
    pub trace: &'t Trace,
}

impl<'t> Case<'t> {
    /// A case, of which nothing has been looked at yet.
    pub fn new(facts: &'t Facts, trace: &'t Trace) -> Self {
        Self { facts, trace }
    }
}
