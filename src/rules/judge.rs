//! The judge: all rules over one transcript.

use crate::rules::catalog;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::Trace;
use crate::rules::rule::{Finding, Party, Rule, Verdict};
use crate::wire::Transcript;

/// What the rules said of one transcript, in the order of the catalogue.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Rule and verdict.
    pub verdicts: Vec<(&'static Rule, Verdict)>,
}

impl Judgement {
    /// The rules that were broken.
    pub fn failures(&self) -> impl Iterator<Item = (&'static Rule, &Finding)> {
        self.verdicts
            .iter()
            .filter_map(|(rule, verdict)| match verdict {
                Verdict::Fail(finding) => Some((*rule, finding.as_ref())),
                _ => None,
            })
    }

    /// Whether a rule of that id was broken.
    pub fn breaks(&self, id: &str) -> bool {
        self.failures().any(|(rule, _)| rule.id == id)
    }
}

/// Judges a transcript by every rule for one of the parties.
///
/// # Errors
/// When the transcript's header can't be read.
pub fn judge(transcript: &Transcript, parties: &[Party]) -> Result<Judgement, serde_json::Error> {
    let facts = Facts::of(transcript)?;
    let whole = Trace::of(transcript);
    let is_recorded = facts.is_recorded();
    let accepted = is_recorded.then(|| whole.accepted());
    let of_the_service = Case::new(&facts, &whole);
    let of_the_port = Case::new(&facts, accepted.as_ref().unwrap_or(&whole));
    let rules = catalog::all().filter(|rule| parties.contains(&rule.party));
    let verdicts = rules
        .map(|rule| {
            let case = match rule.party {
                Party::Service => &of_the_service,
                Party::Port | Party::Shim => &of_the_port,
            };
            (rule, rule.judge(case))
        })
        .collect();
    Ok(Judgement { verdicts })
}
