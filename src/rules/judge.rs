//! The judge: all rules over one transcript.

use crate::record::Transcript;
use crate::rules::catalog;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::Trace;
use crate::rules::rule::{Finding, Level, Party, Rule, Verdict};
use crate::scenario::OutOfLimits;

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
/// When the scenario that was played asks for more than any scenario needs.
pub fn judge(transcript: &Transcript, parties: &[Party]) -> Result<Judgement, OutOfLimits> {
    let facts = Facts::of(transcript)?;
    let whole = Trace::of(transcript);
    let is_recorded = facts.is_recorded();
    let accepted = is_recorded.then(|| whole.accepted());
    let of_the_service = Case::new(&facts, &whole);
    let of_the_port = Case::new(&facts, accepted.as_ref().unwrap_or(&whole));
    // Only where we played: of other services' worlds too little is known to tell who erred first.
    let errs = || facts.is_played() && breaks_a_must(&of_the_service);
    let mut service_errs = None;
    let rules = catalog::all().filter(|rule| parties.contains(&rule.party));
    let verdicts = rules
        .map(|rule| {
            let case = match rule.party {
                Party::Service => &of_the_service,
                Party::Port | Party::Shim => &of_the_port,
            };
            let verdict = match rule.judge(case) {
                Verdict::Fail(finding)
                    if finding.presumes_service && *service_errs.get_or_insert_with(errs) =>
                {
                    Verdict::NotApplicable(SERVICE_ERRS)
                }
                verdict => verdict,
            };
            (rule, verdict)
        })
        .collect();
    Ok(Judgement { verdicts })
}

/// Whether the service did not do what it has to.
fn breaks_a_must(case: &Case<'_>) -> bool {
    let rules = catalog::all().filter(|rule| rule.party == Party::Service);
    rules
        .filter(|rule| rule.level == Level::Must)
        .any(|rule| rule.judge(case).is_fail())
}

const SERVICE_ERRS: &str =
    "the service did not do what a right one does, and what follows from that is not the port's";
