//! What is found out about a port before anything is judged: whether its shim's `reset` resets, and whether it signs in while
//! somebody is signed in.
//!
//! A `reset` that leaves something behind makes every later case a mixture of two, and a port that refuses a second sign-in by
//! design would be accused of it in each. Both show in two sign-ins with one target.

use super::case::{secrets_of, shim_failure, shim_fault};
use super::event::{CaseReport, Failure, Found, RunEvent, Summary};
use super::known::Known;
use super::play::{PlayError, Played, Theatre};
use super::requirement::ShimDuty;
use crate::model::{CustomScript, DeviceTracking, Round};
use crate::record::Transcript;
use crate::rules::{Finding, Rule};
use crate::scenario::{Act, Scenario, SignInAgain};
use crate::subject::Port;
use crate::suite::Part;
use crate::wire::event::Event;
use crate::wire::names::key;
use crate::wire::{AuthFlowType, Call, FetchAuthSession, NextStep, Reply, SessionTokens};

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Audition {
    /// Whether the port refuses to sign in while somebody is signed in.
    pub(super) signs_out_first: bool,
    /// What the shim does not do as it has to, with the record of it.
    pub(super) faults: Vec<(Failure, Option<Box<Transcript>>)>,
    /// Whether playing on would only take time, or accuse the port of what its shim does: no call was answered, or what came before
    /// a reset is still there after it.
    pub(super) is_hopeless: bool,
}

/// Tells what no case shows, unless an entry of the known findings expects it; `how` it was found out, and the flags that select
/// the subject.
pub(super) fn tell(
    failure: Failure,
    transcript: Option<Box<Transcript>>,
    (how, subject_flags): (&str, &str),
    (known, summary): (&mut Option<Known>, &mut Summary),
    sink: &mut dyn FnMut(RunEvent),
) {
    let mut report = CaseReport::new(CASE, Part::Scripted, how);
    report.failures.push(failure);
    if let Some(known) = known {
        known.mark(&mut report);
    }
    let Some(failure) = report.failures.pop() else {
        return;
    };
    if failure.known.is_some() {
        summary.known += 1;
        return;
    }
    summary.findings += 1;
    summary.causes += 1;
    summary.broken_rules += 1;
    let Failure {
        requirement,
        level,
        blames,
        finding,
        ..
    } = failure;
    let evidence = requirement.evidence();
    sink(RunEvent::Found(Box::new(Found {
        sentence: requirement.sentence().into_owned(),
        severity: requirement.severity(),
        strength: requirement.rule().map(Rule::strength),
        requirement,
        sources: evidence.iter().map(|cited| cited.source.clone()).collect(),
        evidence,
        level,
        under: Vec::new(),
        blames,
        first_case: CASE.to_owned(),
        cases: 1,
        finding,
        explanation: None,
        minimal: None,
        minimal_summary: how.to_owned(),
        replay: format!("cognito-conformance check {subject_flags}"),
        plays: 0,
        again: None,
        intermittent: false,
        rare: Vec::new(),
        references_break: Vec::new(),
        transcript,
    })));
}

/// What stands for a case where there is none, in reports and in files of known findings.
const CASE: &str = "shim";
/// How a shim is found out.
pub(super) const HOW: &str = "two sign-ins with one target, and reset between them";

/// Has a port show what it does.
///
/// # Errors
/// When the port can't be driven any more.
pub(super) async fn audition(theatre: &mut Theatre) -> Result<Audition, PlayError> {
    let mut found = Audition::default();
    let Port::Shim(port) = theatre.port() else {
        return Ok(found);
    };
    let offered = port.description().capabilities.clone();
    // What is declared holds, whatever its first sign-ins come to.
    found.signs_out_first = offered.sign_in_while_signed_in == Some(false);
    let flows = offered.flows.iter().copied();
    // userAuth asks for a first factor before the password, which not every port gets past.
    let flows = flows.filter(|flow| *flow != AuthFlowType::UserAuth);
    let Some((first, once)) = first_done(theatre, flows.map(two_sign_ins)).await? else {
        return Ok(found);
    };
    let Some(again) = played(theatre, &first).await? else {
        return Ok(found);
    };
    if let (Some(mut fault), Some(_)) = (shim_fault(&once), shim_fault(&again)) {
        fault.finding = fault.finding.without(&secrets_of(&first, &once));
        // One that answers its first sign-in, and fails at a second only, can be judged in all others.
        found.is_hopeless = !answers_once(&once) && !answers_once(&again);
        found.faults.push((fault, Some(once)));
        return Ok(found);
    }
    let Some(began) = SignInSeen::of(&once).into_iter().next() else {
        return Ok(found);
    };
    if !began.is_done {
        // Why not is for the rules to say.
        return Ok(found);
    }
    if offered.sign_in_while_signed_in.is_none() {
        found.signs_out_first = SignInSeen::of(&once)
            .get(1)
            .is_some_and(|second| second.is_refused_unasked);
    }
    let came_again = SignInSeen::of(&again).into_iter().next();
    if let Some(came_again) = came_again.filter(|came| !came.is_done) {
        let expected = "a sign-in after reset like the first one";
        let mut fault = not_reset(None, expected, came_again.ended);
        fault.finding = fault.finding.without(&secrets_of(&first, &again));
        found.is_hopeless = true;
        found.faults.push((fault, Some(again)));
        return Ok(found);
    }
    if offered.calls.contains("fetchAuthSession")
        && let Some(got) = tokens_after_reset(theatre).await?
    {
        let expected = "no tokens after reset";
        let fault = not_reset(None, expected, got);
        found.faults.push((fault, None));
    }
    let on_device = Scenario {
        id: "shim/reset-devices".to_owned(),
        devices: Some(DeviceTracking {
            challenge_required_on_new_device: false,
            only_remembered_on_user_prompt: false,
        }),
        then: Vec::new(),
        ..first
    };
    if played(theatre, &on_device).await?.is_some()
        && let Some(again) = played(theatre, &on_device).await?
        && names_device(&again)
    {
        let expected = "a sign-in after reset that names no device";
        let fault = not_reset(Some(0), expected, "DEVICE_KEY of before".to_owned());
        found.faults.push((fault, Some(again)));
    }
    found.is_hopeless = !found.faults.is_empty();
    Ok(found)
}

/// Whether a call of a play was answered as calls are.
fn answers_once(transcript: &Transcript) -> bool {
    let mut events = transcript.events.iter();
    events.any(|event| {
        let Event::Replied { reply } = event else {
            return false;
        };
        matches!(reply, Reply::Step { .. } | Reply::Error { .. })
    })
}

fn not_reset(exchange: Option<usize>, expected: &str, got: String) -> Failure {
    shim_failure(ShimDuty::Reset, Finding::new(exchange, expected, got))
}

/// The record of a play, where the port offers what it takes.
async fn played(
    theatre: &mut Theatre,
    scenario: &Scenario,
) -> Result<Option<Box<Transcript>>, PlayError> {
    Ok(match theatre.play(scenario).await? {
        Played::Transcript(transcript) => Some(transcript),
        Played::NotApplicable(_) => None,
    })
}

/// The first of these whose first sign-in gets through, with the record of its play: a port that is wrong in one flow shows what
/// it does in another. Where none does, the first that the port offers.
async fn first_done(
    theatre: &mut Theatre,
    scenarios: impl Iterator<Item = Scenario>,
) -> Result<Option<(Scenario, Box<Transcript>)>, PlayError> {
    let mut first = None;
    for scenario in scenarios {
        let Some(transcript) = played(theatre, &scenario).await? else {
            continue;
        };
        let began = SignInSeen::of(&transcript).into_iter().next();
        if began.is_some_and(|began| began.is_done) {
            return Ok(Some((scenario, transcript)));
        }
        // Each further one that hangs would cost a deadline.
        let is_faulty = shim_fault(&transcript).is_some();
        first.get_or_insert((scenario, transcript));
        if is_faulty {
            break;
        }
    }
    Ok(first)
}

fn two_sign_ins(flow: AuthFlowType) -> Scenario {
    Scenario {
        flow: Some(flow),
        custom: flow.is_custom().then(|| CustomScript {
            rounds: vec![Round::asking("What is 3 + 4?", "7")],
            ..CustomScript::default()
        }),
        then: vec![Act::SignIn(SignInAgain::default())],
        ..Scenario::plain("shim/reset", 1)
    }
}

/// The tokens that a port still shows after a reset, in words.
async fn tokens_after_reset(theatre: &mut Theatre) -> Result<Option<String>, PlayError> {
    theatre.call(Call::Reset).await?;
    let fetch = Call::FetchAuthSession(FetchAuthSession::default());
    Ok(match theatre.call(fetch).await? {
        Reply::Session { tokens } if tokens != SessionTokens::default() => {
            Some(format!("a session with {tokens}"))
        }
        _ => None,
    })
}

/// One sign-in of a record.
struct SignInSeen {
    is_done: bool,
    /// Whether an error came without a request.
    is_refused_unasked: bool,
    /// How it ended, in words.
    ended: String,
}

impl SignInSeen {
    fn of(transcript: &Transcript) -> Vec<Self> {
        let mut seen: Vec<Self> = Vec::new();
        let mut requests = 0;
        for event in &transcript.events {
            match event {
                Event::Called { call } => {
                    if matches!(call, Call::SignIn(_)) {
                        requests = 0;
                        seen.push(Self {
                            is_done: false,
                            is_refused_unasked: false,
                            ended: String::new(),
                        });
                    }
                }
                Event::Requested { .. } => requests += 1,
                Event::Replied { reply } => {
                    if let Some(sign_in) = seen.last_mut() {
                        let next = match reply {
                            Reply::Step { next } => Some(next),
                            _ => None,
                        };
                        sign_in.is_done = next == Some(&NextStep::Done);
                        sign_in.is_refused_unasked =
                            matches!(reply, Reply::Error { .. }) && requests == 0;
                        sign_in.ended = reply.words();
                    }
                }
                _ => {}
            }
        }
        seen
    }
}

fn names_device(transcript: &Transcript) -> bool {
    let first = transcript.requests().next();
    let body: Option<serde_json::Value> =
        first.and_then(|request| serde_json::from_slice(request.body.as_bytes()).ok());
    body.is_some_and(|body| body["AuthParameters"].get(key::DEVICE_KEY).is_some())
}
