//! What a port may do after what it heard.

use std::collections::BTreeSet;

use super::flow::{Choice, choices};
use super::hypothesis::Port;
use super::seen::{Ended, Heard};
use super::service::NO_DEVICE;
use crate::scenario::fault::FAULT_ERROR;
use crate::scenario::{Fault, FaultKind, Named, Password, Scenario, SignInPlan};
use crate::wire::names::key;
use crate::wire::{
    AuthFlow, AuthFlowType, ChallengeName, ErrorKind, NextStep, Request, ServiceError,
};

/// What the scenario says of the port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moves<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) plan: &'a SignInPlan,
    /// The challenges that the port does not get past, and says so.
    pub(super) not_offered: &'a BTreeSet<ChallengeName>,
}

/// The most often that a port may repeat a request whose answer looked like a passing trouble.
const MOST_REPEATS: usize = 4;
/// The most often that a sign-in may start over, since its device is none.
const MOST_RESTARTS: usize = 2;

impl Moves<'_> {
    /// The requests that may come.
    pub(super) fn requests(&self, port: &Port) -> Vec<Request> {
        let Some(heard) = &port.heard else {
            return self.first_requests();
        };
        match heard {
            Heard::Challenge(name) if !answers_by_itself(name) && !port.is_answered => Vec::new(),
            // A port may know more than it says, and ask the person.
            Heard::Challenge(name)
                if !self.is_known(name)
                    && (answers_by_itself(name) || matches!(name, ChallengeName::Other(_))) =>
            {
                Vec::new()
            }
            Heard::Challenge(_) if self.is_surely_refused(port) => Vec::new(),
            Heard::Challenge(name) => {
                let mut requests = vec![Request::Respond(name.clone())];
                // A shipped client sets a new password in a second sign-in: a rule of its own tells it.
                if *name == ChallengeName::NewPasswordRequired && port.restarts < MOST_RESTARTS {
                    requests.extend(self.first_requests());
                }
                requests
            }
            Heard::Error(error) => self.after_error(port, error),
            Heard::Nonsense => repeated(port),
            Heard::Tokens { .. } | Heard::Success => Vec::new(),
        }
    }

    /// Whether the sign-in may end so.
    pub(super) fn may_end(&self, port: &Port, ended: &Ended) -> bool {
        if port.had_trouble && *ended != Ended::Step(NextStep::Done) {
            return true;
        }
        let is_error = matches!(ended, Ended::OwnError | Ended::ServiceError(_));
        match &port.heard {
            None => *ended == Ended::OwnError && self.may_refuse_at_once(),
            Some(Heard::Challenge(name)) => match ended {
                // Nor is it wrong to name a step that the port does not say it gets past.
                Ended::Step(step) => {
                    !port.is_answered && !answers_by_itself(name) && step.awaits_answer()
                }
                Ended::OwnError => {
                    port.is_spoiled
                        || !self.is_known(name)
                        || port.is_answered && self.may_refuse_answer(name)
                        || *name == ChallengeName::MfaSetup && !self.can_set_up()
                }
                Ended::ServiceError(_) => false,
            },
            Some(Heard::Tokens { is_complete, .. }) => {
                *ended == Ended::Step(NextStep::Done) || is_error && !is_complete
            }
            Some(Heard::Error(error)) => match ended {
                Ended::Step(NextStep::ConfirmSignUp) => error.kind == ErrorKind::UserNotConfirmed,
                Ended::Step(NextStep::ResetPassword) => {
                    error.kind == ErrorKind::PasswordResetRequired
                }
                Ended::Step(_) => false,
                // After a wrong code the person gives another, and the port goes on with it.
                Ended::ServiceError(_) | Ended::OwnError => {
                    !port.is_answered || !is_about_a_code(error)
                }
            },
            Some(Heard::Nonsense) => is_error,
            Some(Heard::Success) => false,
        }
    }

    /// How the sign-in may end, for findings.
    pub(super) fn ends(&self, port: &Port) -> Vec<String> {
        let own = "an error of the port's own".to_owned();
        let mut ends = Vec::new();
        match &port.heard {
            None if self.may_refuse_at_once() => ends.push(own),
            Some(Heard::Challenge(name)) if port.is_spoiled || !self.is_known(name) => {
                ends.push(own);
            }
            Some(Heard::Challenge(name)) if !answers_by_itself(name) && !port.is_answered => {
                ends.push(format!("the step of {name}"));
            }
            Some(Heard::Tokens { .. }) => ends.push("DONE".to_owned()),
            Some(Heard::Error(error)) if !port.is_answered => {
                ends.push(format!("the service's {error}"));
            }
            Some(Heard::Nonsense) => ends.push(own),
            _ => {}
        }
        ends
    }

    fn first_requests(&self) -> Vec<Request> {
        let mut requests = Vec::new();
        for choice in choices(self.plan.flow, &self.scenario.config) {
            if let Choice::Flow(flow) = choice {
                let request = Request::Initiate(flow.auth_flow());
                if !requests.contains(&request) {
                    requests.push(request);
                }
            }
        }
        requests
    }

    /// Whether a port may refuse the call without any request.
    fn may_refuse_at_once(&self) -> bool {
        let gives_none = matches!(self.plan.password, Password::Empty | Password::Absent);
        self.plan.named == Named::Nobody
            || choices(self.plan.flow, &self.scenario.config)
                .into_iter()
                .any(|choice| match choice {
                    Choice::Refusal => true,
                    // Amplify Swift goes on with an empty password in userSRP; others refuse at once.
                    Choice::Flow(
                        AuthFlowType::UserSrp
                        | AuthFlowType::UserPassword
                        | AuthFlowType::CustomWithSrp,
                    ) => gives_none,
                    // Ignored by Amplify Swift and Android, refused by Amplify JS and Flutter.
                    Choice::Flow(AuthFlowType::CustomWithoutSrp) => {
                        !gives_none && !self.plan.surely_needs_no_password(&self.scenario.config)
                            || self.plan.password == Password::Wrong
                    }
                    Choice::Flow(AuthFlowType::UserAuth) => gives_none && self.prefers_password(),
                })
    }

    fn prefers_password(&self) -> bool {
        let factors = self.scenario.first_factors.as_ref();
        matches!(
            factors.and_then(|factors| factors.preferred.as_ref()),
            Some(ChallengeName::Password | ChallengeName::PasswordSrp)
        )
    }

    /// Whether a port may refuse what the person answers: a choice that is not offered.
    fn may_refuse_answer(&self, challenge: &ChallengeName) -> bool {
        let mfa = self.scenario.mfa.as_ref();
        match challenge {
            ChallengeName::SelectMfaType | ChallengeName::MfaSetup => {
                mfa.is_some_and(|mfa| mfa.choice.is_some())
            }
            ChallengeName::SelectChallenge => {
                let factors = self.scenario.first_factors.as_ref();
                factors.is_some_and(|factors| factors.choice.is_some())
            }
            _ => false,
        }
    }

    /// Whether some factor can be set up while signing in: a code by SMS can't.
    fn can_set_up(&self) -> bool {
        use crate::model::MfaMethod;
        self.scenario.mfa.as_ref().is_some_and(|mfa| {
            mfa.offered.is_empty()
                || mfa
                    .offered
                    .iter()
                    .any(|method| *method != MfaMethod::SmsMfa)
        })
    }

    fn after_error(&self, port: &Port, error: &ServiceError) -> Vec<Request> {
        let mut requests = Vec::new();
        let is_not_found = error.kind == ErrorKind::ResourceNotFound;
        // By the text, or, as shipped clients do it, by the error's kind alone.
        if is_not_found && (port.named_device || error.message == NO_DEVICE) {
            if port.restarts < MOST_RESTARTS {
                requests.extend(self.first_requests());
            }
            requests.extend(repeated(port));
            // Shipped clients repeat an answer whose Session is used up (amplify-swift, -flutter, -js).
            requests.extend(port.answered.iter().cloned().map(Request::Respond));
        }
        if is_about_a_code(error) && port.is_answered {
            requests.extend(port.last.clone());
        }
        if port.is_altered && error.kind == ErrorKind::from(FAULT_ERROR) {
            requests.extend(repeated(port));
        }
        // The client that lies by sending everything twice does so whatever the first brings.
        requests
    }

    /// Whether the port can go on with a challenge, as it says.
    fn is_known(&self, challenge: &ChallengeName) -> bool {
        !matches!(challenge, ChallengeName::Other(_)) && !self.not_offered.contains(challenge)
    }

    /// Whether what was spoiled can't be gone on with.
    fn is_surely_refused(&self, port: &Port) -> bool {
        port.is_spoiled
            && self
                .scenario
                .fault
                .as_ref()
                .is_some_and(|fault| stops(&fault.kind))
    }
}

/// Whether a fault spoils a value of a challenge.
pub(super) fn spoils(fault: &Fault, challenge: &ChallengeName) -> bool {
    match &fault.kind {
        FaultKind::SrpB(_) | FaultKind::Salt(_) | FaultKind::SecretBlockNotBase64 => true,
        FaultKind::Without(name) => {
            name == key::USERNAME
                || name == key::USER_ID_FOR_SRP
                || matches!(
                    challenge,
                    ChallengeName::PasswordVerifier | ChallengeName::DevicePasswordVerifier
                )
        }
        _ => false,
    }
}

/// Whether nobody can go on with a challenge that was spoiled so. Going on with a B of 0 has a rule of its own; a claim over no
/// salt or no B is of no use and does no harm, and each of the two names stands in for the other.
fn stops(fault: &FaultKind) -> bool {
    matches!(fault, FaultKind::Without(name) if name == key::SECRET_BLOCK)
}

/// Whether another code can be given after an error.
fn is_about_a_code(error: &ServiceError) -> bool {
    matches!(error.kind, ErrorKind::CodeMismatch | ErrorKind::ExpiredCode)
}

fn repeated(port: &Port) -> Vec<Request> {
    match port.repeats < MOST_REPEATS {
        true => port.last.iter().cloned().collect(),
        false => Vec::new(),
    }
}

/// Whether a port answers a challenge without asking the person.
pub(super) fn answers_by_itself(challenge: &ChallengeName) -> bool {
    matches!(
        challenge,
        ChallengeName::PasswordVerifier
            | ChallengeName::DeviceSrpAuth
            | ChallengeName::DevicePasswordVerifier
    )
}

/// Whether a request begins a sign-in.
pub(super) fn begins(request: &Request) -> bool {
    matches!(
        request,
        Request::Initiate(
            AuthFlow::UserSrpAuth
                | AuthFlow::UserPasswordAuth
                | AuthFlow::CustomAuth
                | AuthFlow::UserAuth
        )
    )
}
