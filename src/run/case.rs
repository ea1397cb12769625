//! What comes of one case.

use super::event::{Blame, CaseReport, Failure};
use super::ownership::{blamed, is_asked_of};
use super::play::{PlayError, Played, Theatre};
use super::primitives;
use crate::record::{Origin, Side, Transcript};
use crate::rules::{Finding, Judgement, Level, Party, Verdict, judge};
use crate::scenario::{Names, Scenario};
use crate::subject::reenact::{self, Reenactment};
use crate::subject::{Capabilities, Port};
use crate::suite::vector::{self, Case, VectorFile};
use crate::suite::{CaseId, Part};
use crate::wire::cut::redact_cut_text;
use crate::wire::event::{Event, PoolNote};
use crate::wire::redaction::{RedactedKind, Secret};
use crate::wire::token::AssociateSoftwareTokenResponse;
use crate::wire::{AuthResponse, Call, Reply};

use super::error::RunError;
use super::requirement::{Recorded, Requirement, ShimDuty};

impl CaseReport {
    /// A report that says nothing yet.
    pub fn new(id: impl Into<String>, part: Part, summary: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            part,
            summary: summary.into(),
            source: String::new(),
            not_applicable: None,
            for_no_port: false,
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

    /// Tells the port's own doing from that of the code between, and drops what is not asked of it.
    fn attribute(&mut self, offered: Option<&Capabilities>, transcript: &Transcript) {
        let Some(offered) = offered else {
            return;
        };
        self.failures.retain_mut(|failure| {
            let Requirement::Rule(rule) = &failure.requirement else {
                return true;
            };
            match blamed(offered, rule, &failure.finding, transcript) {
                Some(blame) => failure.blames = blame,
                None => return false,
            }
            true
        });
        self.judged.retain(|rule| is_asked_of(offered, rule));
    }

    /// Whether a rule was judged and held.
    pub(super) fn held(&self, rule: &str) -> bool {
        let mut failures = self.failures.iter();
        self.judged.contains(&rule) && failures.all(|failure| failure.requirement.id() != rule)
    }

    fn not_applicable(mut self, reason: impl Into<String>) -> Self {
        self.not_applicable = Some(reason.into());
        self
    }

    /// Takes out of the findings what nobody may read: a port that leaks a secret leaks it into what is found of it.
    fn conceal(&mut self, scenario: &Scenario, transcript: &Transcript) {
        if self.failures.is_empty() {
            return;
        }
        let secrets = secrets_of(scenario, transcript);
        for failure in &mut self.failures {
            failure.finding = failure.finding.clone().without(&secrets);
        }
        self.stderr = redact_cut_text(&self.stderr, &secrets);
    }

    /// Says why no port can be asked for it.
    pub(super) fn for_no_port(self, reason: impl Into<String>) -> Self {
        Self {
            for_no_port: true,
            ..self.not_applicable(reason)
        }
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
    let Origin::Recorded(header) = &recording.origin else {
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
        return Ok(report.for_no_port(
            "a recording is of another client, whose private value no port can be given",
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
        Played::NotApplicable(reason) if scenario.attack.is_some() => {
            return Ok(report.for_no_port(reason));
        }
        Played::NotApplicable(reason) => return Ok(report.not_applicable(reason)),
        Played::Transcript(transcript) => transcript,
    };
    let stderr = theatre.port().take_stderr();
    let mut report = report;
    let is_shim = matches!(theatre.port(), Port::Shim(_));
    match shim_fault(&transcript).filter(|_| is_shim) {
        Some(fault) => report.failures.push(fault),
        None => {
            let judgement = judge(&transcript, judged(scenario, parties))?;
            note_judgement(&mut report, &judgement);
            report.attribute(theatre.offered().as_ref(), &transcript);
        }
    }
    note_steering(&mut report, scenario, &transcript);
    if !report.failures.is_empty() {
        report.stderr = stderr;
    }
    report.conceal(scenario, &transcript);
    report.transcript = Some(transcript);
    Ok(report)
}

/// How a shim failed in a play, if it did: then nothing that happened says anything about its port.
pub(super) fn shim_fault(transcript: &Transcript) -> Option<Failure> {
    let mut asked = None;
    transcript.events.iter().find_map(|event| {
        match event {
            Event::Called { call } => asked = Some(call),
            Event::Replied { reply } => {
                let method = asked.map_or("a call", Call::method);
                let expected = format!("an answer to {method}");
                let duty = match (reply, asked) {
                    (Reply::Crash { .. }, _) => ShimDuty::Lives,
                    (Reply::TimedOut { .. }, _) => ShimDuty::Answers,
                    (Reply::ProtocolBroken { .. }, _) => ShimDuty::Protocol,
                    (Reply::Empty, _) => return None,
                    (_, Some(Call::Reset)) => ShimDuty::Reset,
                    _ => return None,
                };
                return Some(shim_failure(
                    duty,
                    Finding::new(None, expected, reply.words()),
                ));
            }
            _ => {}
        }
        None
    })
}

/// A failure of a shim's.
pub(super) fn shim_failure(duty: ShimDuty, finding: Finding) -> Failure {
    Failure {
        requirement: Requirement::Shim(duty),
        level: Level::Must,
        blames: Blame::Shim,
        finding,
        known: None,
    }
}

/// What was judged of a play, without what nobody may read of it.
pub fn concealed(mut judgement: Judgement, transcript: &Transcript) -> Judgement {
    let Origin::Played { scenario, .. } = &transcript.origin else {
        return judgement;
    };
    let secrets = secrets_of(scenario, transcript);
    for (_, verdict) in &mut judgement.verdicts {
        if let Verdict::Fail(finding) = verdict {
            **finding = finding.as_ref().clone().without(&secrets);
        }
    }
    judgement
}

/// What nobody may read of a play: passwords, the app client's secret, the secrets of time-based codes, and the tokens that the
/// service gave. A code is good for one use, and what is found of it can't be told without.
pub(super) fn secrets_of(scenario: &Scenario, transcript: &Transcript) -> Vec<Secret> {
    let names = Names::of(scenario);
    let passwords = [
        &names.password,
        &names.wrong_password,
        &names.new_password,
        &names.other_password,
        &names.device_password,
    ];
    let passwords = passwords
        .into_iter()
        .map(|password| (RedactedKind::Password, password));
    let secrets = passwords.chain([(RedactedKind::ClientSecret, &names.client_secret)]);
    // What is too short to be found is too short to be a secret.
    let mut secrets: Vec<Secret> = secrets
        .filter_map(|(kind, text)| Secret::new(kind, text.as_str()).ok())
        .collect();
    secrets.extend(tokens_of(transcript));
    secrets.extend(totp_secrets(&names.totp_secret, transcript));
    secrets
}

/// The secrets of time-based codes: the one of the scenario, and those that the service gave. Base32 has no case, and some
/// ports change it.
fn totp_secrets(enrolled: &str, transcript: &Transcript) -> Vec<Secret> {
    let given = bodies(transcript).filter_map(|body| {
        let answer: AssociateSoftwareTokenResponse = serde_json::from_slice(body).ok()?;
        Some(answer.secret_code)
    });
    let secrets = given.chain([enrolled.to_owned()]);
    let cases = secrets.flat_map(|secret| [secret.to_lowercase(), secret.to_uppercase(), secret]);
    let kind = RedactedKind::from("factor secret");
    cases
        .filter_map(|secret| Secret::new(kind.clone(), secret).ok())
        .collect()
}

fn bodies(transcript: &Transcript) -> impl Iterator<Item = &[u8]> {
    transcript.events.iter().filter_map(|event| match event {
        Event::Responded { response } => Some(response.body.as_bytes()),
        _ => None,
    })
}

/// The tokens that the service gave.
fn tokens_of(transcript: &Transcript) -> Vec<Secret> {
    let answers =
        bodies(transcript).filter_map(|body| serde_json::from_slice::<AuthResponse>(body).ok());
    let results = answers.filter_map(|answer| answer.authentication_result);
    let tokens = results.flat_map(|result| {
        [
            (RedactedKind::AccessToken, result.access_token),
            (RedactedKind::IdToken, result.id_token),
            (RedactedKind::RefreshToken, result.refresh_token),
        ]
    });
    tokens
        .filter_map(|(kind, token)| Secret::new(kind, token?).ok())
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::scenarios::scripted;

    #[tokio::test]
    async fn the_secret_of_time_based_codes_stands_in_no_finding() {
        let mut theatre = Theatre::in_process();
        let mut given = 0;
        for scenario in scripted().expect("they are readable") {
            if !scenario.id.contains("totp") && !scenario.id.contains("set-up") {
                continue;
            }
            let Ok(Played::Transcript(transcript)) = theatre.play(&scenario).await else {
                panic!("{} can be played", scenario.id);
            };
            let mut secrets = vec![Names::of(&scenario).totp_secret];
            secrets.extend(bodies(&transcript).filter_map(|body| {
                let body: serde_json::Value = serde_json::from_slice(body).ok()?;
                Some(body.get("SecretCode")?.as_str()?.to_owned())
            }));
            given += secrets.len() - 1;
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                let lower = secret.to_lowercase();
                let got = format!("otpauth://totp/a?secret={secret}&b or {lower}");
                let mut report = CaseReport::new("t", Part::Generated, "");
                let finding = Finding::new(None, "no secret", got);
                report.fail(Requirement::Shim(ShimDuty::Answers), Blame::Port, finding);
                report.stderr = format!("[1 octets left out] …{}: an error", &secret[1..]);
                report.conceal(&scenario, &transcript);
                let got = &report.failures[0].finding.got;
                assert!(!got.contains(secret) && !got.contains(&lower), "{got}");
                let stderr = &report.stderr;
                assert!(!stderr.contains(&secret[1..]), "{stderr}");
            }
        }
        assert!(given > 0, "secrets that the service gave");
    }
}
