//! What a rule is given: the facts, and a transcript as one party's rules see it.

use std::cell::OnceCell;

use crate::expect::Verdict;
use crate::rules::evidence::course::course;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::Trace;

/// One transcript before the judge.
#[derive(Debug)]
pub struct Case<'t> {
    /// What is known beyond the transcript.
    pub facts: &'t Facts,
    /// What the transcript says.
    pub trace: &'t Trace,
    course: OnceCell<Vec<Verdict>>,
}

impl<'t> Case<'t> {
    /// A case, of which nothing has been looked at yet.
    pub fn new(facts: &'t Facts, trace: &'t Trace) -> Self {
        Self {
            facts,
            trace,
            course: OnceCell::new(),
        }
    }

    /// How each sign-in went, held against the scenario; nothing where there is none.
    pub fn course(&self) -> &[Verdict] {
        self.course.get_or_init(|| course(self.facts, self.trace))
    }
}
