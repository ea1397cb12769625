//! Whether a sign-in went as the scenario allows.

use std::collections::BTreeSet;

use super::hypothesis::{Device, DeviceState, Hypothesis, Status};
use super::port::{Moves, begins, spoils};
use super::seen::{Ended, Exchange, Heard};
use super::service::{Asked, Outcome, Rules};
use super::verdict::{By, Strayed, Verdict};
use crate::scenario::{Attack, FaultKind, Meanwhile, Named, Scenario, SignInPlan, Who};
use crate::wire::{ChallengeName, Operation, Request};

/// Follows a scenario's sign-ins, and what is done between them, as they were seen.
#[derive(Debug)]
pub struct Course<'s> {
    rules: Rules<'s>,
    plans: Vec<SignInPlan>,
    not_offered: &'s BTreeSet<ChallengeName>,
    /// What port and service may hold by now.
    hypotheses: Vec<Hypothesis>,
    /// The sign-in that is going on.
    going: Option<Going>,
    verdicts: Vec<Verdict>,
    /// Why nothing more is judged.
    lost: Option<&'static str>,
}

#[derive(Debug)]
struct Going {
    number: usize,
    /// What the person typed as password, as far as one was typed by now.
    password: Option<String>,
    /// What was typed at first.
    began_with: Option<String>,
    strayed: Option<Strayed>,
    /// Answers that came unaltered and are allowed.
    answers: usize,
}

impl<'s> Course<'s> {
    /// The course of a scenario, before the first sign-in, with a port that does not get past some challenges.
    pub fn new(scenario: &'s Scenario, not_offered: &'s BTreeSet<ChallengeName>) -> Self {
        Self {
            not_offered,
            rules: Rules::of(scenario),
            plans: SignInPlan::all(scenario),
            hypotheses: vec![Hypothesis::first(scenario)],
            going: None,
            verdicts: Vec::new(),
            lost: None,
        }
    }

    /// A sign-in begins, with this password.
    pub fn begin(&mut self, password: Option<&str>) {
        for hypothesis in &mut self.hypotheses {
            hypothesis.begin();
        }
        self.going = Some(Going {
            number: self.verdicts.len(),
            password: password.map(str::to_owned),
            began_with: password.map(str::to_owned),
            strayed: None,
            answers: 0,
        });
    }

    /// The person answers.
    pub fn answer(&mut self, text: &str) {
        if let Some(going) = &mut self.going {
            let names = &self.rules.names;
            let passwords = [
                &names.password,
                &names.new_password,
                &names.other_password,
                &names.wrong_password,
            ];
            if passwords.into_iter().any(|password| password == text) {
                going.password = Some(text.to_owned());
            }
        }
        for hypothesis in &mut self.hypotheses {
            hypothesis.port.is_answered = true;
            hypothesis.port.had_trouble = false;
        }
    }

    /// A request is made, and something is heard in answer.
    pub fn exchange(&mut self, exchange: &Exchange<'_>) {
        if let Some(what) = exchange.meanwhile {
            self.happens(what);
        }
        if exchange.is_of_sign_in() && self.going.is_some() {
            self.begin_again(&exchange.request);
            self.step(exchange);
        } else {
            self.besides(exchange);
        }
    }

    /// Where a port signs in anew to set a new password, it does so by the old one.
    fn begin_again(&mut self, request: &Request) {
        let asks_new_password = |h: &Hypothesis| {
            h.port.heard == Some(Heard::Challenge(ChallengeName::NewPasswordRequired))
        };
        if begins(request)
            && self.hypotheses.iter().any(asks_new_password)
            && let Some(going) = &mut self.going
        {
            going.password.clone_from(&going.began_with);
        }
    }

    /// The sign-in ends; not at all where it broke off without a verdict of the port.
    pub fn end(&mut self, ended: Option<&Ended>) {
        let Some(going) = self.going.take() else {
            return;
        };
        if let Some(reason) = self.lost {
            self.verdicts.push(Verdict::Unjudged(reason));
            return;
        }
        let verdict = match going.strayed {
            Some(strayed) => Verdict::Strayed(strayed),
            None => {
                let moves = self.moves(going.number);
                let fitting: Vec<Hypothesis> = self
                    .hypotheses
                    .iter()
                    .filter(|h| ended.is_some_and(|ended| moves.may_end(&h.port, ended)))
                    .cloned()
                    .collect();
                if fitting.is_empty() {
                    let mut expected: Vec<String> = self
                        .hypotheses
                        .iter()
                        .flat_map(|h| {
                            let requests = moves.requests(&h.port);
                            let requests = requests.into_iter().map(|request| request.to_string());
                            moves.ends(&h.port).into_iter().chain(requests)
                        })
                        .collect();
                    Verdict::Strayed(Strayed {
                        by: By::End,
                        exchange: None,
                        expected: listed(&mut expected),
                        got: ended.map_or("nothing".to_owned(), ToString::to_string),
                    })
                } else {
                    self.hypotheses = fitting;
                    Verdict::Went {
                        answers: going.answers,
                    }
                }
            }
        };
        if matches!(verdict, Verdict::Strayed(_)) {
            self.lost = Some("an earlier sign-in went another way");
        }
        self.verdicts.push(verdict);
    }

    /// What came of the sign-ins so far.
    pub fn into_verdicts(self) -> Vec<Verdict> {
        self.verdicts
    }

    fn moves(&self, number: usize) -> Moves<'_> {
        Moves {
            scenario: self.rules.scenario,
            plan: self.plan(number),
            not_offered: self.not_offered,
        }
    }

    /// The plan of a sign-in. A transcript may hold more of them than its scenario: the last plan stands for them.
    fn plan(&self, number: usize) -> &SignInPlan {
        let plan = self.plans.get(number).or(self.plans.last());
        plan.expect("every scenario has a first sign-in")
    }

    /// Whether an alteration leaves nothing of what the service said.
    fn hides(&self, exchange: &Exchange<'_>) -> bool {
        let fault = self.rules.scenario.fault.as_ref();
        let leaves_it = fault.is_some_and(|fault| {
            matches!(
                fault.kind,
                FaultKind::SrpB(_)
                    | FaultKind::Salt(_)
                    | FaultKind::SecretBlockNotBase64
                    | FaultKind::Without(_)
                    | FaultKind::WithoutToken(_)
            )
        });
        exchange.is_altered && !leaves_it
    }

    fn step(&mut self, exchange: &Exchange<'_>) {
        let Some(going) = &self.going else {
            return;
        };
        if self.lost.is_some() || going.strayed.is_some() {
            return;
        }
        let moves = self.moves(going.number);
        let may_come: Vec<&Hypothesis> = self
            .hypotheses
            .iter()
            .filter(|h| self.may_request(&moves, h, &exchange.request))
            .collect();
        if may_come.is_empty() {
            let mut expected: Vec<String> = self
                .hypotheses
                .iter()
                .flat_map(|h| {
                    let requests = moves.requests(&h.port);
                    let requests = requests.into_iter().map(|request| request.to_string());
                    requests.chain(moves.ends(&h.port))
                })
                .collect();
            return self.stray(
                By::Request,
                exchange,
                listed(&mut expected),
                exchange.request.to_string(),
            );
        }
        let asked = Asked {
            plan: moves.plan,
            password: going.password.as_deref(),
            exchange,
        };
        let hides = self.hides(exchange);
        let outcomes: Vec<Outcome> = may_come
            .into_iter()
            .flat_map(|h| self.outcomes(h, &asked))
            .collect();
        let fitting: Vec<Hypothesis> = outcomes
            .iter()
            .filter(|(answer, _)| hides || answer.fits(&exchange.heard))
            .map(|(_, h)| self.heard(h, exchange))
            .collect();
        if fitting.is_empty() {
            let mut expected: Vec<String> = outcomes
                .iter()
                .map(|(answer, _)| answer.to_string())
                .collect();
            return self.stray(
                By::Answer,
                exchange,
                listed(&mut expected),
                exchange.heard.to_string(),
            );
        }
        self.hypotheses = fitting;
        self.dedup();
        if let Some(going) = &mut self.going {
            going.answers += usize::from(!exchange.is_altered);
        }
    }

    /// Whether a port may make this request, or a client that lies on purpose does.
    fn may_request(&self, moves: &Moves<'_>, h: &Hypothesis, request: &Request) -> bool {
        let is_twice = self.rules.scenario.attack == Some(Attack::SessionTwice)
            && moves.plan.act == 0
            && matches!(request, Request::Respond(_))
            && h.port.last.as_ref() == Some(request);
        is_twice || moves.requests(&h.port).contains(request)
    }

    /// Every answer to a request, which may be one that is made again since the first answer never arrived.
    fn outcomes(&self, h: &Hypothesis, asked: &Asked<'_>) -> Vec<Outcome> {
        let request = &asked.exchange.request;
        let is_again = h.port.last.as_ref() == Some(request);
        let mut outcomes = Vec::new();
        let mut now = h.clone();
        if begins(request) {
            now.port.restarts += usize::from(h.port.last.is_some() && !is_again);
            now.service.device = None;
        }
        now.port.repeats = if is_again { h.port.repeats + 1 } else { 0 };
        now.port.before = self
            .hides(asked.exchange)
            .then(|| Box::new((h.held.clone(), h.service.clone())));
        outcomes.extend(self.rules.answers(&now, asked));
        if self.hides(asked.exchange) {
            // What the service said nobody heard.
            outcomes.extend(self.rules.refuse_any(&now));
        }
        if h.port.is_spoiled {
            // A proof over a value that was spoiled is none.
            outcomes.extend(self.rules.refuse_any(&now));
        }
        if is_again && !begins(request) && !h.port.is_answered {
            // What the first one used up is used up.
            outcomes.extend(self.rules.refuse_any(&now));
            if let Some(before) = &h.port.before {
                let mut fresh = now.clone();
                (fresh.held, fresh.service) = before.as_ref().clone();
                outcomes.extend(self.rules.answers(&fresh, asked));
            }
        }
        outcomes
    }

    /// What a port holds once it has heard an answer.
    fn heard(&self, h: &Hypothesis, exchange: &Exchange<'_>) -> Hypothesis {
        let mut h = h.clone();
        let fault = self.rules.scenario.fault.as_ref();
        h.port.is_spoiled = match (&exchange.heard, fault) {
            (Heard::Challenge(name), Some(fault)) if exchange.is_altered => spoils(fault, name),
            _ => false,
        };
        h.port.is_altered = exchange.is_altered;
        h.port.heard = Some(exchange.heard.clone());
        h.port.last = Some(exchange.request.clone());
        if let Request::Respond(challenge) = &exchange.request {
            h.port.answered.insert(challenge.clone());
        }
        h.port.named_device = exchange
            .parameter(crate::wire::names::key::DEVICE_KEY)
            .is_some();
        h.port.is_answered = false;
        h.port.had_trouble = false;
        if let Heard::Tokens {
            new_device: Some(key),
            ..
        } = &exchange.heard
            && let Some(going) = &self.going
            && let Named::User(who) = self.rules.meant(&h, self.plan(going.number))
        {
            let state = DeviceState::Given;
            h.held.devices.insert(key.clone(), Device { who, state });
        }
        h
    }

    fn stray(&mut self, by: By, exchange: &Exchange<'_>, expected: String, got: String) {
        if let Some(going) = &mut self.going {
            going.strayed = Some(Strayed {
                by,
                exchange: Some(exchange.index),
                expected,
                got,
            });
        }
    }

    /// Something happens at the service by another hand, to the scenario's user.
    fn happens(&mut self, what: Meanwhile) {
        let mut missed = self.hypotheses.clone();
        missed.retain(|h| !h.held.account(Who::Same).is_reached);
        for h in &mut self.hypotheses {
            match what {
                Meanwhile::DevicesForgotten => {
                    h.held.devices.retain(|_, device| device.who != Who::Same);
                }
                Meanwhile::Deleted => {
                    h.held.account_mut(Who::Same).status = Status::Absent;
                    h.held.devices.retain(|_, device| device.who != Who::Same);
                }
                Meanwhile::SignedOut => {}
            }
        }
        self.hypotheses.extend(missed);
        self.dedup();
    }

    /// A request that is no step of a sign-in.
    fn besides(&mut self, exchange: &Exchange<'_>) {
        let has_failed = exchange.heard != Heard::Success || exchange.is_altered;
        for h in &mut self.hypotheses {
            h.port.had_trouble |= has_failed && self.going.is_some();
        }
        let Some(change) = self.change_of(exchange) else {
            return;
        };
        if exchange.heard != Heard::Success && !exchange.is_altered {
            return;
        }
        let before = self.hypotheses.clone();
        self.hypotheses.iter_mut().for_each(change);
        if exchange.operation == Some(Operation::ConfirmForgotPassword) {
            // Whether a reset confirms a sign-up, too, is not established.
            let mut confirmed = self.hypotheses.clone();
            for h in &mut confirmed {
                let account = h.held.account_mut(Who::Same);
                if account.status == Status::Unconfirmed {
                    account.status = Status::Confirmed;
                }
            }
            self.hypotheses.extend(confirmed);
        }
        if exchange.is_altered {
            // Whether it was done nobody heard.
            self.hypotheses.extend(before);
        }
        self.dedup();
    }

    /// What a request changes that the service carries out.
    fn change_of(&self, exchange: &Exchange<'_>) -> Option<Change> {
        let scenario = self.rules.scenario;
        let key = exchange.member("DeviceKey").map(str::to_owned);
        let username = exchange.member("Username").unwrap_or_default();
        let is_same = [
            &self.rules.names.typed,
            &self.rules.names.email,
            &self.rules.names.phone,
            &self.rules.names.internal,
        ]
        .into_iter()
        .any(|name| name == username);
        Some(match exchange.operation.as_ref()? {
            Operation::ConfirmDevice => {
                let is_prompted = scenario
                    .devices
                    .is_some_and(|tracking| tracking.only_remembered_on_user_prompt);
                let state = match is_prompted {
                    true => DeviceState::Confirmed,
                    false => DeviceState::Remembered,
                };
                Box::new(move |h| set_device(h, key.as_deref(), state))
            }
            Operation::UpdateDeviceStatus => {
                let state = match exchange.member("DeviceRememberedStatus") {
                    Some("remembered") => DeviceState::Remembered,
                    _ => DeviceState::Confirmed,
                };
                Box::new(move |h| set_device(h, key.as_deref(), state))
            }
            Operation::ForgetDevice => Box::new(move |h| {
                h.held.devices.retain(|kept, _| Some(kept) != key.as_ref());
            }),
            Operation::ForgotPassword if is_same && self.migrates_on_reset() => Box::new(|h| {
                let account = h.held.account_mut(Who::Same);
                if account.status == Status::InOldDirectory {
                    account.status = Status::ResetRequired;
                }
            }),
            Operation::ConfirmForgotPassword if is_same => Box::new(|h| {
                let account = h.held.account_mut(Who::Same);
                account.has_new_password = true;
                account.failures = 0;
                if matches!(account.status, Status::ResetRequired | Status::Temporary) {
                    account.status = Status::Confirmed;
                }
            }),
            _ => return None,
        })
    }

    /// Whether the old directory hands over a user who resets the password.
    fn migrates_on_reset(&self) -> bool {
        let script = self.rules.scenario.migration.as_ref();
        script.is_some_and(|script| script.throws.is_none())
    }

    fn dedup(&mut self) {
        let mut unique: Vec<Hypothesis> = Vec::new();
        for hypothesis in self.hypotheses.drain(..) {
            if !unique.contains(&hypothesis) {
                unique.push(hypothesis);
            }
        }
        self.hypotheses = unique;
    }
}

fn set_device(h: &mut Hypothesis, key: Option<&str>, state: DeviceState) {
    if let Some(device) = key.and_then(|key| h.held.devices.get_mut(key)) {
        device.state = state;
    }
}

/// What a request that is carried out changes.
type Change = Box<dyn Fn(&mut Hypothesis)>;

/// Each once, in order.
fn listed(texts: &mut Vec<String>) -> String {
    texts.sort();
    texts.dedup();
    match texts.is_empty() {
        true => "no request".to_owned(),
        false => texts.join(" or "),
    }
}
