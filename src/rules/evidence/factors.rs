//! Second factors, as the service knew them when each request of a sign-in came.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::model::{MfaMethod, User, totp};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::ServiceView;
use crate::wire::event::PoolNote;
use crate::wire::names::key;
use crate::wire::token::{AssociateSoftwareTokenResponse, VerifySoftwareTokenResponse};
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Operation};

/// An exchange of a sign-in with what the service knew of factors when the request came.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct FactorView<'c, 't> {
    /// The exchange.
    pub(in crate::rules) view: &'c ServiceView<'t>,
    /// How far the sign-in had come.
    pub(in crate::rules) progress: &'c FactorProgress<'t>,
    /// What the user had; `None` where nobody knows.
    pub(in crate::rules) enrolment: Option<&'c Enrolment>,
}

/// What the service knew of factors when one request came.
#[derive(Clone, Debug)]
pub(super) struct FactorState<'t> {
    progress: FactorProgress<'t>,
    enrolment: Option<Rc<Enrolment>>,
}

/// How far a sign-in has come.
#[derive(Clone, Debug, Default)]
pub(in crate::rules) struct FactorProgress<'t> {
    /// Whether the password was proved.
    pub(in crate::rules) proved: bool,
    /// Whether a second factor was shown.
    pub(in crate::rules) shown: bool,
    /// Whether it has ended in tokens, so that no Session of it is good any more.
    pub(in crate::rules) over: bool,
    /// Whether a request named a device, which may stand in for a factor.
    pub(in crate::rules) names_device: bool,
    /// The latest code that was sent.
    pub(in crate::rules) sent: Option<&'t str>,
    /// The latest Session.
    pub(in crate::rules) session: Option<&'t str>,
    /// The secret of a set-up.
    pub(in crate::rules) secret: Option<Vec<u8>>,
    /// Whether a code that was made with it was taken.
    pub(in crate::rules) taken: bool,
}

/// A user's second factors.
#[derive(Clone, Debug)]
pub(in crate::rules) struct Enrolment {
    /// Those that the user has.
    pub(in crate::rules) enabled: Vec<MfaMethod>,
    /// The one that is preferred.
    pub(in crate::rules) preferred: Option<MfaMethod>,
    /// The secret of time-based codes.
    pub(in crate::rules) secret: Option<Vec<u8>>,
    /// The latest step whose code was taken.
    pub(in crate::rules) used: Option<u64>,
    /// Whether there is an address that a code can be mailed to.
    pub(in crate::rules) has_email: bool,
    /// Whether there is a number that a code can be sent to.
    pub(in crate::rules) has_phone: bool,
}

/// What the service knew of factors when the request of each view came, in their order; `None` for what was called after a
/// sign-in.
pub(super) fn factor_states<'t>(
    facts: &Facts,
    views: &[ServiceView<'t>],
) -> Vec<Option<FactorState<'t>>> {
    let users = facts.world().into_iter().flat_map(|world| &world.users);
    let mut enrolments: BTreeMap<&str, Rc<Enrolment>> = users
        .map(|user| (user.username.as_str(), Rc::new(Enrolment::of(user))))
        .collect();
    let mut progress = FactorProgress::default();
    let of_view = |view: &ServiceView<'t>| {
        if view.is_later {
            return None;
        }
        if view.exchange.initiate().is_some() {
            progress = FactorProgress::default();
        }
        progress.names_device |= view.exchange.parameter(key::DEVICE_KEY).is_some();
        let internal = view.account().and_then(|a| a.internal.as_deref());
        let enrolment = internal.and_then(|name| enrolments.get_mut(name));
        let known = FactorState {
            progress: progress.clone(),
            enrolment: enrolment.as_deref().cloned(),
        };
        let state = FactorView::new(view, &known);
        if let Some(enrolment) = enrolment {
            Rc::make_mut(enrolment).learn(facts, &state);
        }
        if let Some(name) = internal.filter(|_| state.is_set_up_left_open()) {
            enrolments.remove(name);
        }
        progress.learn(&state);
        Some(known)
    };
    views.iter().map(of_view).collect()
}

impl<'c, 't> FactorView<'c, 't> {
    /// An exchange, and what was known when its request came.
    pub(super) fn new(view: &'c ServiceView<'t>, state: &'c FactorState<'t>) -> Self {
        Self {
            view,
            progress: &state.progress,
            enrolment: state.enrolment.as_deref(),
        }
    }

    /// Whether the request proved the password, or replaced one that was proved.
    pub(in crate::rules) fn proves(&self) -> bool {
        let view = self.view;
        let sent = |name: &str| view.exchange.parameter(name);
        let is_choice = view
            .challenge()
            .is_some_and(|(_, name)| *name == ChallengeName::SelectChallenge);
        let in_clear = ChallengeName::Password.as_str();
        view.succeeded()
            && (view.starts(&AuthFlow::UserPasswordAuth)
                || view.answers(&ChallengeName::PasswordVerifier)
                || view.answers(&ChallengeName::NewPasswordRequired)
                || view.answers(&ChallengeName::Password)
                || view.answers(&ChallengeName::SelectChallenge)
                    && sent(key::ANSWER) == Some(in_clear)
                || view.starts(&AuthFlow::UserAuth)
                    && sent(key::PREFERRED_CHALLENGE) == Some(in_clear)
                    && sent(key::PASSWORD).is_some()
                    && !is_choice)
    }

    /// Whether the request showed a second factor, and the service took it.
    pub(in crate::rules) fn shows_factor(&self) -> bool {
        let view = self.view;
        let by_code = [
            ChallengeName::SmsMfa,
            ChallengeName::SoftwareTokenMfa,
            ChallengeName::EmailOtp,
        ];
        self.progress.proved
            && view.succeeded()
            && (by_code.iter().any(|name| view.answers(name))
                || view.answers(&ChallengeName::MfaSetup) && self.progress.taken)
    }
}

impl FactorView<'_, '_> {
    /// Whether a request finished a set-up and was refused all the same, by a trigger for example: whether the factor was
    /// enabled by then nobody can say.
    fn is_set_up_left_open(&self) -> bool {
        let view = self.view;
        let has_mail = self
            .enrolment
            .is_some_and(|enrolment| enrolment.enabled.contains(&MfaMethod::EmailOtp));
        let finishes = view.answers(&ChallengeName::MfaSetup) && self.progress.taken
            || view.answers(&ChallengeName::EmailOtp) && self.progress.proved && !has_mail;
        let error = view.exchange.error.as_ref();
        finishes
            && !view.succeeded()
            && error.is_none_or(|error| error.kind != ErrorKind::CodeMismatch)
    }
}

impl<'t> FactorProgress<'t> {
    fn learn(&mut self, state: &FactorView<'_, 't>) {
        let view = state.view;
        let notes = view.exchange.notes.iter();
        let mut sent = notes.filter_map(|note| match note {
            PoolNote::Sent { purpose, text, .. } if purpose == "sign-in" => Some(text.as_str()),
            _ => None,
        });
        self.sent = sent.next_back().or(self.sent);
        if !view.succeeded() {
            return;
        }
        self.proved |= state.proves();
        self.shown |= state.shows_factor();
        self.over |= view.tokens().is_some();
        if view.challenge().is_some() {
            self.session = None;
            self.secret = None;
            self.taken = false;
        }
        let answer = view.exchange.answer.as_ref();
        let session = answer.and_then(|answer| answer.session.as_deref());
        self.session = session.or(self.session);
        match view.exchange.operation {
            Some(Operation::AssociateSoftwareToken) => {
                let came: Option<AssociateSoftwareTokenResponse> = view.exchange.read_answer();
                self.secret = came.and_then(|came| totp::secret(&came.secret_code));
                self.taken = false;
            }
            Some(Operation::VerifySoftwareToken) => {
                let came: Option<VerifySoftwareTokenResponse> = view.exchange.read_answer();
                self.taken = came.is_some_and(|came| came.status == "SUCCESS");
            }
            _ => {}
        }
    }
}

impl Enrolment {
    fn of(user: &User) -> Self {
        let has = |name: &str| user.attributes.contains_key(name);
        Self {
            enabled: user.mfa.enabled.clone(),
            preferred: user.mfa.preferred,
            secret: user.mfa.totp_secret.as_deref().and_then(totp::secret),
            used: None,
            has_email: has("email")
                && user.attributes.get("email_verified").map(String::as_str) == Some("true"),
            has_phone: has("phone_number"),
        }
    }

    fn learn(&mut self, facts: &Facts, state: &FactorView<'_, '_>) {
        let view = state.view;
        if !view.succeeded() {
            return;
        }
        let step = facts.clock_of(view.call).map(totp::step_of);
        if view.answers(&ChallengeName::SoftwareTokenMfa) {
            let given = view.exchange.parameter(key::SOFTWARE_TOKEN_MFA_CODE);
            self.used = self.step_of(given.unwrap_or_default(), step).or(self.used);
        }
        if view.answers(&ChallengeName::MfaSetup)
            && let Some(secret) = state
                .progress
                .secret
                .clone()
                .filter(|_| state.progress.taken)
        {
            self.secret = Some(secret);
            // Which of the neighbouring steps the code was of is not looked up: none of them is used again at this instant.
            self.used = step.map(|step| step + 1);
            self.enable(MfaMethod::SoftwareTokenMfa);
        }
        // An address that was brought to MFA_SETUP is proved by its code.
        if view.answers(&ChallengeName::EmailOtp)
            && !self.enabled.contains(&MfaMethod::EmailOtp)
            && state.progress.proved
        {
            self.has_email = true;
            self.enable(MfaMethod::EmailOtp);
        }
    }

    fn enable(&mut self, method: MfaMethod) {
        if !self.enabled.contains(&method) {
            self.enabled.push(method);
        }
    }

    /// The step near `now` whose code this is.
    fn step_of(&self, code: &str, now: Option<u64>) -> Option<u64> {
        let (secret, now) = (self.secret.as_ref()?, now?);
        [now, now.saturating_sub(1), now + 1]
            .into_iter()
            .find(|step| totp::code_at(secret, *step) == code)
    }
}

/// A list of factors: a JSON array inside a string.
pub(in crate::rules) fn listed(text: &str) -> Option<BTreeSet<ChallengeName>> {
    let listed: BTreeSet<ChallengeName> = serde_json::from_str(text).ok()?;
    (!listed.is_empty()).then_some(listed)
}

/// Names, for people.
pub(in crate::rules) fn told<'a>(names: impl IntoIterator<Item = &'a ChallengeName>) -> String {
    let names: Vec<&str> = names.into_iter().map(ChallengeName::as_str).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}
