//! Which cases a check has, and in which order.

use std::sync::Arc;

use thiserror::Error;

use super::case_id::CaseId;
use super::pairs::Pairs;
use super::pattern::Pattern;
use super::recording::{self, RecordingError};
use super::scenarios::{Generator, named};
use super::vector::{self, VectorError, VectorFile};
use crate::record::Transcript;
use crate::scenario::Scenario;

/// How many generated scenarios there are by default, those included that meet every pair.
pub const GENERATED: usize = 600;

/// What determines the cases of a check.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The seed of the generated scenarios.
    pub seed: u64,
    /// Whether there are scenarios that meet every pair of values.
    pub pairs: bool,
    /// How many scenarios to generate by chance. Where it isn't said, as many as make 600 with those that meet every pair.
    pub generated: Option<usize>,
    /// Which of all these cases; without a pattern all.
    pub filter: Option<Pattern>,
}

/// A case of a check.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called.
    pub id: CaseId,
    /// What is to be done.
    pub content: Content,
}

/// What is done in a case.
#[derive(Clone, Debug)]
pub enum Content {
    /// A vector is compared.
    Vector {
        /// The file it stands in.
        file: Arc<VectorFile>,
        /// Its place in the file.
        at: usize,
    },
    /// A recording is judged and re-enacted.
    Recording(Box<Transcript>),
    /// A scenario is played and judged.
    Scenario(Box<Scenario>),
}

/// Why there are no cases. Each is a fault of the program, since the files are embedded.
#[derive(Debug, Error)]
pub enum SuiteError {
    /// A file of vectors can't be used.
    #[error(transparent)]
    Vectors(#[from] VectorError),
    /// A recording can't be used.
    #[error(transparent)]
    Recordings(#[from] RecordingError),
    /// The named scenarios can't be read.
    #[error(transparent)]
    Scenarios(#[from] serde_json::Error),
}

/// The cases of a check, in the order in which they run. Which scenarios meet every pair depends on what is possible for the port.
///
/// # Errors
/// When an embedded file is not what this program reads; tests keep that from happening.
pub fn cases(selection: &Selection, pairs: &Pairs) -> Result<Vec<Case>, SuiteError> {
    let mut cases = Vec::new();
    for file in vector::all()? {
        let file = Arc::new(file);
        for (at, case) in file.cases.iter().enumerate() {
            let id = CaseId::vector(&file.id, &case.id);
            selection.add(&mut cases, id, || Content::Vector {
                file: Arc::clone(&file),
                at,
            });
        }
    }
    for recording in recording::all()? {
        let id = CaseId::recording(&recording.id);
        selection.add(&mut cases, id, || Content::Recording(Box::new(recording)));
    }
    for (id, scenario) in named()? {
        selection.add(&mut cases, id, || Content::Scenario(Box::new(scenario)));
    }
    for number in 0..pairs.len() {
        selection.add(&mut cases, CaseId::pairs(number), || {
            Content::Scenario(Box::new(pairs.scenario(number)))
        });
    }
    let generator = Generator::new(selection.seed);
    let generated = selection.generated;
    for number in 0..generated.unwrap_or(GENERATED.saturating_sub(pairs.len())) {
        selection.add(&mut cases, CaseId::generated(number), || {
            Content::Scenario(Box::new(generator.scenario(number)))
        });
    }
    Ok(cases)
}

impl Selection {
    /// Adds a case that is wanted. What it holds is made only then, since a scenario takes its time.
    fn add(&self, cases: &mut Vec<Case>, id: CaseId, content: impl FnOnce() -> Content) {
        let filter = self.filter.as_ref();
        if filter.is_none_or(|filter| filter.matches(&id.to_string())) {
            cases.push(Case {
                id,
                content: content(),
            });
        }
    }
}
