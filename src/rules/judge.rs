//! The judge: all rules over one transcript.

use crate::rules::catalog;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::Trace;
use crate::rules::rule::{Finding, Level, Party, Rule, Verdict};
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
    let is_recorded = facts.scenario.is_none() && !facts.observed;
    let of_the_port = if is_recorded {
        whole.accepted()
    } else {
        whole.clone()
    };
    // Only where we played: of other services' worlds too little is known to tell who erred first.
    let errs = || facts.scenario.is_some() && breaks_a_must(&facts, &whole);
    let mut service_errs = None;
    let rules = catalog::all().filter(|rule| parties.contains(&rule.party));
    let verdicts = rules
        .map(|rule| {
            let trace = if rule.party == Party::Service {
                &whole
            } else {
                &of_the_port
            };
            let verdict = match (rule.check)(&facts, trace) {
                Verdict::Fail(finding)
                    if finding.presumes_service && *service_errs.get_or_insert_with(errs) =>
                {
                    Verdict::NotApplicable(SERVICE_ERRS)
                }
                verdict => verdict,
            };
            debug_assert!(
                rule.level != Level::Observed || !verdict.is_fail(),
                "{} is OBSERVED and can't fail",
                rule.id
            );
            (rule, verdict)
        })
        .collect();
    Ok(Judgement { verdicts })
}

/// Whether the service did not do what it has to.
fn breaks_a_must(facts: &Facts, trace: &Trace) -> bool {
    let rules = catalog::all().filter(|rule| rule.party == Party::Service);
    rules
        .filter(|rule| rule.level == Level::Must)
        .any(|rule| (rule.check)(facts, trace).is_fail())
}

const SERVICE_ERRS: &str =
    "the service did not do what a right one does, and what follows from that is not the port's";
