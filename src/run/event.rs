//! What a run tells those who report. The runner itself prints nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

pub use super::coverage::Covered;
use super::requirement::Requirement;
pub use super::steps::Steps;
use crate::model::Strength;
use crate::record::Transcript;
use crate::rules::{Cited, Finding, Level, Party, Severity};
use crate::scenario::Scenario;
use crate::suite::Part;

/// One thing a run tells, in this order: `Started`; `SignsOutFirst`, and what no case shows as `Found`, where that applies; a
/// `CaseFinished` for each case in the order of the suite; a `Shrinking` as each search goes on; a `Found` for each cause; `Finished`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub enum RunEvent {
    /// The run begins.
    Started(Started),
    /// The port refuses to sign in while somebody is signed in: from now on whoever is there is signed out first.
    SignsOutFirst,
    /// A case is over.
    CaseFinished(Box<CaseReport>),
    /// A minimal scenario is being looked for.
    Shrinking {
        /// What broke.
        #[serde(rename = "rule")]
        requirement: Requirement,
        /// Scenarios played so far.
        plays: usize,
    },
    /// Something was broken: a cause, with its smallest scenario.
    Found(Box<Found>),
    /// The run is over.
    Finished(Box<Summary>),
}

/// The head of a run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// The version of the set of cases.
    pub suite_version: String,
    /// The seed of the generated scenarios.
    pub seed: u64,
    /// Who is under test.
    pub subject: String,
    /// How many cases there are in each part.
    pub planned: BTreeMap<Part, usize>,
    /// The command line that selects the same subject, e.g. `--port 'node shim.js'`; empty for our own client.
    pub subject_flags: String,
    /// Capabilities that the shim declares and this version ignores, since it does not know them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_capabilities: Vec<String>,
}

/// What came of one case.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseReport {
    /// Its id: part, slash, name.
    pub id: String,
    /// Its part.
    pub part: Part,
    /// What it is, in one line.
    pub summary: String,
    /// Where its facts are from: the title of a vector file or recording; empty for scenarios.
    pub source: String,
    /// Why it was not played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_applicable: Option<String>,
    /// Whether no port could be asked for it: it is about our own references.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub for_no_port: bool,
    /// Values compared (vectors, re-enactments) or rules that held.
    pub passed: usize,
    /// What can't be compared in a recording, each with its reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incomparable: Vec<String>,
    /// The rules that were applicable, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub judged: Vec<&'static str>,
    /// What OBSERVED rules saw.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<(&'static str, String)>,
    /// Steering classes that were reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reached: Vec<String>,
    /// Steering classes that were asked for and not reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_reached: Vec<String>,
    /// How many values b the pool tried for them.
    #[serde(skip_serializing_if = "is_zero")]
    pub tries: u64,
    /// What was broken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
    /// What right references break in the same scenario: where there is anything, whatever broke is the harness's fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references_break: Vec<String>,
    /// The record, for who saves it.
    #[serde(skip)]
    pub transcript: Option<Box<Transcript>>,
    /// The end of the port's error output, when the case failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stderr: String,
}

/// Whom a finding blames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Blame {
    /// The client implementation.
    Port,
    /// The service.
    Service,
    /// The program between the harness and the port.
    Shim,
    /// This program: right references break a rule in the same scenario, so that it convicts nobody.
    Harness,
}

impl From<Party> for Blame {
    fn from(party: Party) -> Self {
        match party {
            Party::Port => Self::Port,
            Party::Service => Self::Service,
            Party::Shim => Self::Shim,
        }
    }
}

impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Port => "port",
            Self::Service => "service",
            Self::Shim => "shim",
            Self::Harness => "harness",
        })
    }
}

/// In how many plays of the same scenario a rule broke again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Again {
    /// Plays in which it broke.
    pub broken: usize,
    /// Plays.
    pub of: usize,
}

impl Again {
    /// Whether it broke in every one of them.
    pub fn is_always(self) -> bool {
        self.broken == self.of
    }
}

/// One broken rule in one case.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What was required.
    #[serde(rename = "rule")]
    pub requirement: Requirement,
    /// How binding it is.
    pub level: Level,
    /// Whom it blames.
    pub blames: Blame,
    /// What was found.
    pub finding: Finding,
    /// The entry of the known-findings file that expects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
}

/// A rule that breaks by a cause that another one tells more exactly.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Under {
    /// What was required.
    #[serde(rename = "rule")]
    pub requirement: Requirement,
    /// Its sentence.
    pub sentence: String,
    /// How binding it is.
    pub level: Level,
    /// What it means for people.
    pub severity: Severity,
    /// In how many cases it broke so.
    pub cases: usize,
    /// What was expected in one of them.
    pub expected: String,
    /// What was found in that one.
    pub got: String,
}

/// A cause: the most exact rule that it breaks, with the smallest scenario, and the rules that break under it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// What was required.
    #[serde(rename = "rule")]
    pub requirement: Requirement,
    /// Its sentence.
    pub sentence: String,
    /// Its sources.
    pub sources: Vec<String>,
    /// The same, each with its strength and what stands there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Cited>,
    /// How binding it is: the rule, or the most binding of those under it.
    pub level: Level,
    /// What it means for people, at its gravest.
    pub severity: Severity,
    /// How well the rule's best source is known; none where it is no rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<Strength>,
    /// Whom it blames.
    pub blames: Blame,
    /// Rules that break under it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub under: Vec<Under>,
    /// The first case that broke it.
    pub first_case: String,
    /// How many cases broke it.
    pub cases: usize,
    /// What was found in the smallest scenario.
    pub finding: Finding,
    /// What the mistake that explains it does, and where it happened before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// The smallest scenario; `None` for vectors and recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimal: Option<Box<Scenario>>,
    /// That scenario in one line.
    pub minimal_summary: String,
    /// How many scenarios were played to find it.
    pub plays: usize,
    /// In how many plays of this scenario, before a port that was started anew, the rule broke again; `None` where it was
    /// not played again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// Whether it comes and goes while nothing in the transcript proves it: then the scenario was not made smaller.
    pub intermittent: bool,
    /// Rare values that the failing sign-in had and no passing play of the scenario had, e.g. `salt = nib`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rare: Vec<String>,
    /// What right references break in the scenario, where the harness is to blame.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references_break: Vec<String>,
    /// The command line that plays it again.
    pub replay: String,
    /// Its record.
    #[serde(skip)]
    pub transcript: Option<Box<Transcript>>,
}

/// A mistake, as an explanation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Its id.
    pub mistake: String,
    /// What it does.
    pub sentence: String,
    /// Where it happened.
    pub seen: Vec<String>,
}

/// The end of a run.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Who was under test.
    pub subject: String,
    /// The seed.
    pub seed: u64,
    /// Counts by part.
    pub parts: BTreeMap<Part, PartSummary>,
    /// For each rule that was judged: how many cases it held in and how many broke it.
    pub rules: BTreeMap<String, RuleSummary>,
    /// Cases not played since the port does not offer what they need, by reason.
    pub not_applicable: BTreeMap<String, usize>,
    /// Cases not played since no port can be asked for them, by reason.
    pub for_no_port: BTreeMap<String, usize>,
    /// Steering classes and the number of sign-ins that reached them.
    pub reached: BTreeMap<String, usize>,
    /// Steering classes that were not reached, with the reason.
    pub not_reached: BTreeMap<String, usize>,
    /// How many values b the pool tried for all of them.
    pub tries: u64,
    /// What OBSERVED rules saw: rule, value, number of cases.
    pub observed: BTreeMap<String, BTreeMap<String, usize>>,
    /// What was met of what the port can meet; absent where no scenario was to be played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered: Option<Covered>,
    /// Broken rules that no known-findings entry expects.
    pub findings: usize,
    /// Causes, each told once, but for those of which the harness is one.
    pub causes: usize,
    /// Rules that broke and that no entry expects.
    pub broken_rules: usize,
    /// Causes that come and go while nothing in the transcript proves them.
    pub intermittent: usize,
    /// Rules that broke where right references break one, too: the harness is at fault, and nobody else is accused.
    pub harness_faults: usize,
    /// Broken rules that an entry expects.
    pub known: usize,
    /// What is wrong with the known-findings file: stale, unknown, expired entries.
    pub known_problems: Vec<String>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// Wall time, in milliseconds.
    pub elapsed_ms: u64,
}

/// Counts of one part.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PartSummary {
    /// Cases that were played or compared.
    pub cases: usize,
    /// Cases in which something was broken that is not known.
    pub failed: usize,
    /// Cases in which all that was broken is known.
    pub known: usize,
    /// Cases that were not applicable.
    pub not_applicable: usize,
    /// Values that were compared, or verdicts that held.
    pub passed: usize,
    /// Values that can't be compared.
    pub incomparable: usize,
    /// Cases by source.
    pub sources: BTreeMap<String, usize>,
}

/// Counts of one rule.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleSummary {
    /// Cases in which it held.
    pub held: usize,
    /// Cases in which it was broken.
    pub broken: usize,
}

fn is_zero(tries: &u64) -> bool {
    *tries == 0
}
