//! What the scenario says of the service, and the answers it may give.

use std::fmt;

use super::hypothesis::{Hypothesis, Status};
use super::seen::{Exchange, Heard};
use crate::model::{Clock, ExplicitAuthFlow, MfaMethod};
use crate::scenario::{Attack, Named, Names, Scenario, SignInPlan, UserKind, Who};
use crate::wire::{AuthFlowType, ChallengeName, ErrorKind};

/// An answer that the service may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// This challenge.
    Challenge(ChallengeName),
    /// Tokens.
    Tokens,
    /// This error. The text is compared where the sources agree on it.
    Error(ErrorKind, Option<&'static str>),
    /// Some error.
    AnyError,
}

/// An answer, and what holds after it.
pub(super) type Outcome = (Answer, Hypothesis);

/// What the scenario says of the service.
#[derive(Debug)]
pub(super) struct Rules<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) names: Names,
    /// The second factors that the pool offers.
    pub(super) offered: Vec<MfaMethod>,
}

/// One request as it is answered: who signs in, and with which password.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) plan: &'a SignInPlan,
    /// What the person typed as password, as far as one was typed by now.
    pub(super) password: Option<&'a str>,
    pub(super) exchange: &'a Exchange<'a>,
}

impl<'s> Rules<'s> {
    pub(super) fn of(scenario: &'s Scenario) -> Self {
        let pool = scenario.world(Clock::Fixed(0)).pool;
        Self {
            scenario,
            names: Names::of(scenario),
            offered: pool.offered_mfa().to_vec(),
        }
    }

    /// The lie of the client in this sign-in: it is told in the first.
    pub(super) fn attack(&self, plan: &SignInPlan) -> Option<Attack> {
        self.scenario.attack.filter(|_| plan.act == 0)
    }

    /// Whom the typed name means. Of a user who comes from the old directory the pool knows the name under which that was
    /// asked, and the e-mail address.
    pub(super) fn meant(&self, h: &Hypothesis, plan: &SignInPlan) -> Named {
        if self.scenario.user != UserKind::InOldDirectory || plan.who == Who::Other {
            return plan.named;
        }
        let is_there = h.held.account(Who::Same).status != Status::InOldDirectory;
        let is_first = plan.username == self.names.typed;
        match plan.named {
            Named::Nobody => Named::Nobody,
            Named::User(_) | Named::Sub if is_first => Named::User(Who::Same),
            Named::User(who) if is_there && plan.username == self.names.email => Named::User(who),
            Named::User(_) | Named::Sub => Named::Sub,
        }
    }

    /// Why a user's status stops the sign-in, if it does. Under a client that hides existence a status is not told, either.
    pub(super) fn stop_of(&self, h: &Hypothesis, who: Who) -> Option<Vec<Outcome>> {
        let kind = match h.held.account(who).status {
            Status::Unconfirmed => ErrorKind::UserNotConfirmed,
            Status::Disabled => ErrorKind::NotAuthorized,
            Status::ResetRequired => ErrorKind::PasswordResetRequired,
            _ => return None,
        };
        let mut outcomes = self.refuse(h, who, kind, None);
        if self.scenario.client.prevent_user_existence_errors {
            outcomes.extend(self.refuse(h, who, ErrorKind::NotAuthorized, None));
        }
        Some(outcomes)
    }

    pub(super) fn is_right(&self, h: &Hypothesis, typed: Option<&str>, who: Who) -> bool {
        let right = match (who, h.held.account(who).has_new_password) {
            (Who::Same, false) => &self.names.password,
            (Who::Same, true) => &self.names.new_password,
            (Who::Other, _) => &self.names.other_password,
        };
        typed == Some(right.as_str())
    }

    pub(super) fn is_custom(&self, h: &Hypothesis) -> bool {
        h.service.flow.is_some_and(AuthFlowType::is_custom)
    }

    pub(super) fn is_allowed(&self, flow: AuthFlowType) -> bool {
        use ExplicitAuthFlow as Allowed;
        let Some(list) = &self.scenario.client.explicit_auth_flows else {
            return true;
        };
        let names_new = list.iter().any(|flow| !flow.is_legacy());
        let only_custom = list.contains(&Allowed::CustomAuthFlowOnly);
        match flow {
            AuthFlowType::UserSrp if names_new => list.contains(&Allowed::AllowUserSrpAuth),
            AuthFlowType::UserSrp => !only_custom,
            AuthFlowType::UserPassword => {
                list.contains(&Allowed::UserPasswordAuth)
                    || list.contains(&Allowed::AllowUserPasswordAuth)
            }
            AuthFlowType::CustomWithSrp | AuthFlowType::CustomWithoutSrp => {
                !names_new || list.contains(&Allowed::AllowCustomAuth)
            }
            AuthFlowType::UserAuth => list.contains(&Allowed::AllowUserAuth),
        }
    }

    /// A refusal that counts as a failed attempt.
    pub(super) fn refuse(
        &self,
        h: &Hypothesis,
        who: Who,
        kind: ErrorKind,
        text: Option<&'static str>,
    ) -> Vec<Outcome> {
        let mut h = h.clone();
        if kind == ErrorKind::NotAuthorized {
            h.held.account_mut(who).fail();
        }
        self.refuse_with(&h, kind, text)
    }

    /// A refusal. What a request has used up may be gone, or not: an answer that is repeated finds out.
    pub(super) fn refuse_with(
        &self,
        h: &Hypothesis,
        kind: ErrorKind,
        text: Option<&'static str>,
    ) -> Vec<Outcome> {
        vec![(Answer::Error(kind, text), h.clone())]
    }

    /// A refusal of which the facts don't say how it reads.
    pub(super) fn refuse_any(&self, h: &Hypothesis) -> Vec<Outcome> {
        vec![(Answer::AnyError, h.clone())]
    }
}

impl Answer {
    /// Whether this is what the port heard, where nothing was altered.
    pub(super) fn fits(&self, heard: &Heard) -> bool {
        match (self, heard) {
            (Self::Challenge(name), Heard::Challenge(got)) => name == got,
            (Self::Tokens, Heard::Tokens { .. }) | (Self::AnyError, Heard::Error(_)) => true,
            (Self::Error(kind, text), Heard::Error(got)) => {
                *kind == got.kind && text.is_none_or(|text| text == got.message)
            }
            _ => false,
        }
    }

    pub(super) fn is_error(&self) -> bool {
        matches!(self, Self::Error(..) | Self::AnyError)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Challenge(name) => write!(f, "the challenge {name}"),
            Self::Tokens => f.write_str("tokens"),
            Self::Error(kind, None) => write!(f, "{kind}"),
            Self::Error(kind, Some(text)) => write!(f, "{kind} {text:?}"),
            Self::AnyError => f.write_str("an error"),
        }
    }
}

/// The text for a wrong password, a wrong proof and `failAuthentication` alike (captured, aws-amplify/amplify-swift#3344).
pub(super) const GENERIC: &str = "Incorrect username or password.";
/// The text for a device that the service does not know (aws-amplify/amplify-js, `retryOnResourceNotFoundException`).
pub(super) const NO_DEVICE: &str = "Device does not exist.";
