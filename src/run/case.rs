//! What comes of one case.

use super::event::{Blame, CaseReport, Failure};
use super::play::{PlayError, Played, Theatre};
use super::primitives;
use crate::record::{Side, Transcript};
use crate::rules::{Finding, Judgement, Level, Party, Verdict, judge};
use crate::scenario::Scenario;
use crate::subject::Port;
use crate::subject::reenact::{self, Reenactment};
use crate::suite::vector::{self, Case, VectorFile};
use crate::suite::{CaseId, Part};
use crate::wire::event::{Event, PoolNote};

use super::error::RunError;
use super::requirement::{Recorded, Requirement};

impl CaseReport {
    /// A report that says nothing yet.
    pub fn new(id: impl Into<String>, part: Part, summary: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            part,
            summary: summary.into(),
            source: String::new(),
            not_applicable: None,
            passed: 0,
            incomparable: Vec::new(),
            judged: Vec::new(),
            observed: Vec::new(),
            reached: Vec::new(),
            not_reached: Vec::new(),
            tries: 0,
            failures: Vec::new(),
            references_break: Vec::new(),
            transcript: None,
            stderr: String::new(),
        }
    }

    /// Puts it down to the harness that a rule broke where right references break one, too.
    pub(super) fn acquit(&mut self, references_break: Vec<String>) {
        if references_break.is_empty() {
            return;
        }
        for failure in &mut self.failures {
            failure.blames = Blame::Harness;
        }
        self.references_break = references_break;
    }

    fn not_applicable(mut self, reason: impl Into<String>) -> Self {
        self.not_applicable = Some(reason.into());
        self
    }

    fn fail(&mut self, requirement: Requirement, blames: Blame, finding: Finding) {
        self.failures.push(Failure {
            requirement,
            level: Level::Must,
            blames,
            finding,
            known: None,
        });
    }
}

/// Compares a vector: with our own computation, or, when a port is under test, the port's pure functions with ours.
///
/// # Errors
/// When a vector is malformed, or the port can't be driven.
pub async fn of_vector(
    theatre: &mut Theatre,
    file: &VectorFile,
    case: &Case,
) -> Result<CaseReport, RunError> {
    let mut report = CaseReport::new(
        CaseId::vector(&file.id, &case.id).to_string(),
        Part::Vectors,
        &file.title,
    );
    report.source.clone_from(&file.id);
    if let Port::Shim(port) = theatre.port() {
        return primitives::compare(port, file, case, report).await;
    }
    for check in vector::check(case)? {
        if check.outcome.holds() {
            report.passed += 1;
            continue;
        }
        let finding = Finding::new(None, "the published value", format!("{:?}", check.outcome));
        report.fail(Requirement::Vector(check.name), Blame::Port, finding);
    }
    Ok(report)
}

/// Judges a recording and re-enacts it from both ends.
///
/// # Errors
/// When the recording can't be read as what it says it is.
pub async fn of_recording(
    theatre: &mut Theatre,
    recording: &Transcript,
) -> Result<CaseReport, RunError> {
    let crate::record::Origin::Recorded(header) = &recording.origin else {
        return Err(RunError::Harness(format!(
            "{} is no recording",
            recording.id
        )));
    };
    let mut report = CaseReport::new(
        CaseId::recording(&recording.id).to_string(),
        Part::Recordings,
        &header.title,
    );
    report.source.clone_from(&header.title);
    if matches!(theatre.port(), Port::Shim(_)) {
        return Ok(report.not_applicable(
            "a recording of another client's a can't drive a port that draws its own",
        ));
    }
    let judgement = judge(recording, &[Party::Port, Party::Service])?;
    note_judgement(&mut report, &judgement);
    let reenacted = reenact::reenact(recording)
        .await
        .map_err(|error| RunError::Harness(format!("{}: {error}", recording.id)))?;
    note_reenactment(&mut report, &reenacted);
    Ok(report)
}

/// Plays a scenario and judges its transcript.
///
/// # Errors
/// See [`PlayError`].
pub async fn of_scenario(
    theatre: &mut Theatre,
    scenario: &Scenario,
    part: Part,
    parties: &[Party],
) -> Result<CaseReport, PlayError> {
    let report = CaseReport::new(scenario.id.clone(), part, scenario.to_string());
    let transcript = match theatre.play(scenario).await? {
        Played::NotApplicable(reason) => return Ok(report.not_applicable(reason)),
        Played::Transcript(transcript) => transcript,
    };
    let judgement = judge(&transcript, judged(scenario, parties))?;
    let stderr = theatre.port().take_stderr();
    let mut report = report;
    note_judgement(&mut report, &judgement);
    note_steering(&mut report, scenario, &transcript);
    if !report.failures.is_empty() {
        report.stderr = stderr;
    }
    report.transcript = Some(transcript);
    Ok(report)
}

/// Whom to judge: a client that lies on purpose is no port under test.
pub fn judged<'a>(scenario: &Scenario, parties: &'a [Party]) -> &'a [Party] {
    if scenario.attack.is_some() {
        &[Party::Service]
    } else {
        parties
    }
}

fn note_judgement(report: &mut CaseReport, judgement: &Judgement) {
    for (rule, verdict) in &judgement.verdicts {
        match verdict {
            Verdict::Pass => {
                report.passed += 1;
                report.judged.push(rule.id);
            }
            Verdict::Fail(finding) => {
                report.judged.push(rule.id);
                report.failures.push(Failure {
                    requirement: Requirement::Rule(rule),
                    level: rule.level,
                    blames: finding.blames.unwrap_or(rule.party).into(),
                    finding: finding.as_ref().clone(),
                    known: None,
                });
            }
            Verdict::Observed(value) => report.observed.push((rule.id, value.clone())),
            Verdict::NotApplicable(_) => {}
        }
    }
}

fn note_reenactment(report: &mut CaseReport, reenacted: &Reenactment) {
    report.passed += reenacted.compared;
    report.incomparable.extend(
        reenacted
            .incomparable
            .iter()
            .map(|entry| entry.reason.clone()),
    );
    for difference in &reenacted.differences {
        let (recorded, party) = match difference.side {
            Side::Request => (Recorded::Client, Blame::Port),
            Side::Response => (Recorded::Pool, Blame::Service),
        };
        let value = |value: &Option<serde_json::Value>| {
            value
                .as_ref()
                .map_or("nothing".to_owned(), ToString::to_string)
        };
        let expected = format!(
            "{} of exchange {}: {}",
            difference.at,
            difference.exchange,
            value(&difference.expected)
        );
        report.fail(
            Requirement::Recording(recorded),
            party,
            Finding::new(None, expected, value(&difference.got)),
        );
    }
    for needless in &reenacted.needless {
        let got = format!(
            "{} of exchange {} can be compared",
            needless.at, needless.exchange
        );
        let expected = "only what can't be compared in the recording's list";
        report.fail(
            Requirement::Recording(Recorded::Incomparable),
            Blame::Service,
            Finding::new(None, expected, got),
        );
    }
}

/// Accounts for every wish, as reached or as not.
fn note_steering(report: &mut CaseReport, scenario: &Scenario, transcript: &Transcript) {
    let mut asked = false;
    for event in &transcript.events {
        if let Event::Noted(PoolNote::Srp {
            reached,
            not_reached,
            tries,
            ..
        }) = event
        {
            asked = true;
            report.reached.extend(reached.iter().cloned());
            report.not_reached.extend(not_reached.iter().cloned());
            report.tries += tries;
        }
    }
    if !asked {
        let wishes = scenario.steering.wishes();
        let unasked = wishes
            .iter()
            .map(|wish| format!("{wish}: no PASSWORD_VERIFIER was asked"));
        report.not_reached.extend(unasked);
    }
}
