//! Second factors: when one is asked for and which, whether codes are judged rightly, and how one is set up.

use std::collections::{BTreeMap, BTreeSet};

use super::client::refusal;
use super::reason::{Reason, reasons};
use super::scene::{Scene, scenes};
use crate::model::{MfaConfiguration, MfaMethod, UserPool, totp};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::model::fits;
use crate::rules::evidence::trace::{Trace, is_redacted};
use crate::rules::port::{listed, told};
use crate::rules::rule::{Level, Party, Rule, Verdict, concealed, each};
use crate::rules::source::{
    JS, SWIFT, file, guide, issue, kept, measured, model, observed, operation, rfc, seen,
};
use crate::wire::names::key;
use crate::wire::token::{AssociateSoftwareTokenResponse, VerifySoftwareTokenResponse};
use crate::wire::transcript::PoolNote;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Operation, Parameters};

/// Whether a second factor is asked for.
pub(super) const ASKED: Rule = Rule {
    id: "service.factor-asked",
    level: Level::Must,
    party: Party::Service,
    sentence: "After the password, by SRP or in clear, a user who has or needs a second factor gets no tokens before one was \
               shown.",
    sources: &[
        model(
            "CreateUserPoolRequest$MfaConfiguration",
            "ON: all users need a second factor; OPTIONAL: those who have chosen one are asked for it",
        ),
        model("UserPoolMfaType", "OFF, ON or OPTIONAL"),
        guide(
            "user-pool-settings-mfa",
            "Adding MFA to a user pool",
            "where it is required everybody has to complete it to sign in",
        ),
        issue("localstack/localstack#13400"),
        issue("getmoto/moto#6698"),
        issue("getmoto/moto#7129"),
        issue("faiscadev/fakecloud#1961"),
    ],
    check: Rule::requires(asked),
};

/// Which second factor is asked for.
pub(super) const CHOICE: Rule = Rule {
    id: "service.factor-choice",
    level: Level::Must,
    party: Party::Service,
    sentence: "The factor that is asked for is the user's only one, the preferred one or the chosen one; of several others \
               SELECT_MFA_TYPE lists exactly those that the user has.",
    sources: &[
        operation(
            "SetUserMFAPreference",
            "the preferred factor is asked for; of several without a preference the user is asked to choose",
        ),
        model(
            "InitiateAuthResponse$ChallengeName",
            "which challenge is for which factor",
        ),
    ],
    check: Rule::requires(choice),
};

/// How a factor is set up.
pub(super) const SET_UP: Rule = Rule {
    id: "service.factor-set-up",
    level: Level::Must,
    party: Party::Service,
    sentence: "Where a factor is required and the user has none, MFA_SETUP comes; a secret with a new Session, the code made \
               with it and the answer with the latest Session finish it, and nothing less does.",
    sources: &[
        model(
            "InitiateAuthResponse$ChallengeName",
            "MFA_SETUP is for users who have to set a factor up; AssociateSoftwareToken, VerifySoftwareToken and the \
             answer follow, each with the latest Session",
        ),
        model(
            "VerifySoftwareTokenResponse$Session",
            "the Session that answers MFA_SETUP",
        ),
        kept(
            "fixtures/transcripts/amplify-ui/force-change-password-mfa-setup.json",
            "MFA_SETUP with MFAS_CAN_SETUP and a Session",
        ),
        issue("aws-amplify/amplify-js#6461"),
    ],
    check: Rule::requires(set_up),
};

/// How codes are judged.
pub(super) const CODE: Rule = Rule {
    id: "service.factor-code",
    level: Level::Must,
    party: Party::Service,
    sentence: "The right code is accepted, also after wrong ones with the same Session; a wrong one is refused with \
               CodeMismatchException.",
    sources: &[
        seen(
            "wrong-code-again",
            "six wrong codes were refused with CodeMismatchException; the Session stayed good",
        ),
        model(
            "CodeMismatchException",
            "the code is not what the service expected",
        ),
        guide(
            "user-pool-settings-mfa-totp",
            "Sign in with TOTP MFA",
            "a code that is right lets the sign-in go on",
        ),
        observed("wrong-sms-code", "CodeMismatchException"),
        rfc(6238, "4", "how a code follows from secret and time"),
        issue("faiscadev/fakecloud#2240"),
    ],
    check: Rule::requires(code),
};

/// What the challenges about factors say.
pub(super) const PARAMETERS: Rule = Rule {
    id: "service.factor-parameters",
    level: Level::Must,
    party: Party::Service,
    sentence: "Challenges for a code that was sent tell the medium and the masked address; MFAS_CAN_CHOOSE and MFAS_CAN_SETUP \
               are JSON arrays inside a string.",
    sources: &[
        model(
            "InitiateAuthResponse$ChallengeName",
            "MFA_SETUP lists the factors in MFAS_CAN_SETUP",
        ),
        measured(
            "amazon-archives/amazon-cognito-identity-js#236",
            "a challenge with CODE_DELIVERY_DELIVERY_MEDIUM and a masked CODE_DELIVERY_DESTINATION",
        ),
        kept(
            "fixtures/transcripts/amplify-ui/force-change-password-sms-mfa.json",
            "medium and masked number",
        ),
        kept(
            "fixtures/transcripts/amplify-ui/force-change-password-mfa-setup.json",
            "MFAS_CAN_SETUP as JSON inside a string",
        ),
        file(
            &SWIFT,
            "StateMachine/CodeGen/Data/RespondToAuthChallenge.swift",
        ),
        file(&JS, "providers/cognito/utils/signInHelpers.ts"),
    ],
    check: Rule::requires(parameters),
};

/// A scene with what the service knew of factors when the request came.
struct Moment<'a> {
    scene: Scene<'a>,
    /// How far the sign-in had come.
    stand: Stand,
    /// What the user had; `None` where nobody knows.
    enrolment: Option<Enrolment>,
}

/// How far a sign-in has come.
#[derive(Clone, Debug, Default)]
struct Stand {
    /// Whether the password was proved.
    proved: bool,
    /// Whether a second factor was shown.
    shown: bool,
    /// Whether it has ended in tokens, so that no Session of it is good any more.
    over: bool,
    /// Whether a request named a device, which may stand in for a factor.
    names_device: bool,
    /// The latest code that was sent.
    sent: Option<String>,
    /// The latest Session.
    session: Option<String>,
    /// The secret of a set-up.
    secret: Option<Vec<u8>>,
    /// Whether a code that was made with it was taken.
    taken: bool,
}

/// A user's second factors.
#[derive(Clone, Debug)]
struct Enrolment {
    enabled: Vec<MfaMethod>,
    preferred: Option<MfaMethod>,
    /// The secret of time-based codes.
    secret: Option<Vec<u8>>,
    /// The latest step whose code was taken.
    used: Option<u64>,
    has_email: bool,
    has_phone: bool,
}

/// What has to come after the password.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expected {
    Nothing,
    One(ChallengeName),
    Several(BTreeSet<ChallengeName>),
    SetUp,
}

fn moments<'a>(facts: &Facts, trace: &'a Trace) -> Vec<Moment<'a>> {
    let mut enrolments: BTreeMap<String, Enrolment> = BTreeMap::new();
    for user in facts.world.iter().flat_map(|world| &world.users) {
        let has = |name: &str| user.attributes.contains_key(name);
        let secret = user.mfa.totp_secret.as_deref().and_then(totp::secret);
        enrolments.insert(
            user.username.clone(),
            Enrolment {
                enabled: user.mfa.enabled.clone(),
                preferred: user.mfa.preferred,
                secret,
                used: None,
                has_email: has("email")
                    && user.attributes.get("email_verified").map(String::as_str) == Some("true"),
                has_phone: has("phone_number"),
            },
        );
    }
    let mut stand = Stand::default();
    let mut moments = Vec::new();
    for scene in scenes(facts, trace) {
        if scene.is_later {
            continue;
        }
        if scene.exchange.initiate().is_some() {
            stand = Stand::default();
        }
        stand.names_device |= scene.exchange.parameter(key::DEVICE_KEY).is_some();
        let internal = scene.account().and_then(|account| account.internal.clone());
        let enrolment = internal.as_ref().and_then(|name| enrolments.get(name));
        let moment = Moment {
            stand: stand.clone(),
            enrolment: enrolment.cloned(),
            scene,
        };
        if let Some(enrolment) = internal.and_then(|name| enrolments.get_mut(&name)) {
            enrolment.learn(facts, &moment);
        }
        stand.learn(&moment);
        moments.push(moment);
    }
    moments
}

impl Stand {
    fn learn(&mut self, moment: &Moment<'_>) {
        let scene = &moment.scene;
        let notes = scene.exchange.notes.iter();
        let mut sent = notes.filter_map(|note| match note {
            PoolNote::Sent { purpose, text, .. } if purpose == "sign-in" => Some(text.clone()),
            _ => None,
        });
        self.sent = sent.next_back().or_else(|| self.sent.take());
        if !scene.succeeded() {
            return;
        }
        self.proved |= moment.proves();
        self.shown |= moment.shows_factor();
        self.over |= scene.tokens().is_some();
        if scene.challenge().is_some() {
            self.session = None;
            self.secret = None;
            self.taken = false;
        }
        let session = scene.exchange.answer.as_ref();
        if let Some(session) = session.and_then(|answer| answer.session.clone()) {
            self.session = Some(session);
        }
        match scene.exchange.operation {
            Some(Operation::AssociateSoftwareToken) => {
                let came: Option<AssociateSoftwareTokenResponse> = moment.read();
                self.secret = came.and_then(|came| totp::secret(&came.secret_code));
                self.taken = false;
            }
            Some(Operation::VerifySoftwareToken) => {
                let came: Option<VerifySoftwareTokenResponse> = moment.read();
                self.taken = came.is_some_and(|came| came.status == "SUCCESS");
            }
            _ => {}
        }
    }
}

impl Enrolment {
    fn learn(&mut self, facts: &Facts, moment: &Moment<'_>) {
        let scene = &moment.scene;
        if !scene.succeeded() {
            return;
        }
        let step = facts.clock_of(scene.call).map(totp::step_of);
        if scene.answers(&ChallengeName::SoftwareTokenMfa) {
            let given = scene.exchange.parameter(key::SOFTWARE_TOKEN_MFA_CODE);
            self.used = self.step_of(given.unwrap_or_default(), step).or(self.used);
        }
        if scene.answers(&ChallengeName::MfaSetup)
            && let Some(secret) = moment.stand.secret.clone().filter(|_| moment.stand.taken)
        {
            self.secret = Some(secret);
            // Which of the neighbouring steps the code was of is not looked up: none of them is used again at this instant.
            self.used = step.map(|step| step + 1);
            self.enable(MfaMethod::SoftwareTokenMfa);
        }
        // An address that was brought to MFA_SETUP is proved by its code.
        if scene.answers(&ChallengeName::EmailOtp)
            && !self.enabled.contains(&MfaMethod::EmailOtp)
            && moment.stand.proved
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

    /// What has to come after the password (developer guide: adding MFA).
    fn expected(&self, pool: &UserPool) -> Expected {
        let offered = pool.offered_mfa();
        let ready: Vec<MfaMethod> = offered
            .iter()
            .copied()
            .filter(|method| self.enabled.contains(method) && self.is_ready(*method))
            .collect();
        let name = |method: MfaMethod| ChallengeName::from(method.as_str());
        if let Some(preferred) = self.preferred.filter(|method| ready.contains(method)) {
            return Expected::One(name(preferred));
        }
        match ready.as_slice() {
            [only] => Expected::One(name(*only)),
            [] if pool.mfa == MfaConfiguration::On && !offered.is_empty() => {
                let by_sms = offered.contains(&MfaMethod::SmsMfa) && self.has_phone;
                match by_sms {
                    true => Expected::One(ChallengeName::SmsMfa),
                    false => Expected::SetUp,
                }
            }
            [] => Expected::Nothing,
            several => Expected::Several(several.iter().copied().map(name).collect()),
        }
    }

    fn is_ready(&self, method: MfaMethod) -> bool {
        match method {
            MfaMethod::SmsMfa => self.has_phone,
            MfaMethod::SoftwareTokenMfa => self.secret.is_some(),
            MfaMethod::EmailOtp => self.has_email,
        }
    }
}

impl Moment<'_> {
    /// Whether the request proved the password, or replaced one that was proved.
    fn proves(&self) -> bool {
        let scene = &self.scene;
        let sent = |name: &str| scene.exchange.parameter(name);
        let is_choice = scene
            .challenge()
            .is_some_and(|(_, name)| *name == ChallengeName::SelectChallenge);
        let in_clear = ChallengeName::Password.as_str();
        scene.succeeded()
            && (scene.starts(&AuthFlow::UserPasswordAuth)
                || scene.answers(&ChallengeName::PasswordVerifier)
                || scene.answers(&ChallengeName::NewPasswordRequired)
                || scene.answers(&ChallengeName::Password)
                || scene.answers(&ChallengeName::SelectChallenge)
                    && sent(key::ANSWER) == Some(in_clear)
                || scene.starts(&AuthFlow::UserAuth)
                    && sent(key::PREFERRED_CHALLENGE) == Some(in_clear)
                    && sent(key::PASSWORD).is_some()
                    && !is_choice)
    }

    /// Whether the request showed a second factor, and the service took it.
    fn shows_factor(&self) -> bool {
        let scene = &self.scene;
        let by_code = [
            ChallengeName::SmsMfa,
            ChallengeName::SoftwareTokenMfa,
            ChallengeName::EmailOtp,
        ];
        self.stand.proved
            && scene.succeeded()
            && (by_code.iter().any(|name| scene.answers(name))
                || scene.answers(&ChallengeName::MfaSetup) && self.stand.taken)
    }

    /// What has to come after the password, where it can be known.
    fn expected(&self, facts: &Facts) -> Option<Expected> {
        let pool = &facts.world.as_ref()?.pool;
        let tracking = pool.devices;
        let stands_in = tracking.is_some_and(|tracking| tracking.challenge_required_on_new_device);
        if stands_in && self.stand.names_device {
            return None;
        }
        Some(self.enrolment.as_ref()?.expected(pool))
    }

    /// Whether this answer comes right after the password, in a flow where a factor has its place there. Where it stands
    /// among custom challenges is not established.
    fn is_after_password(&self) -> bool {
        self.scene.is_clean && self.proves() && self.scene.flow() != Some(&AuthFlow::CustomAuth)
    }

    /// Whether there is any reason to refuse the request but for what it answers.
    fn has_reasons(&self, facts: &Facts) -> bool {
        reasons(facts, &self.scene)
            .is_none_or(|reasons| reasons.iter().any(|reason| *reason != Reason::OtherFlow))
    }

    /// The answer of an operation that has a shape of its own.
    fn read<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        let response = self.scene.exchange.response.as_ref()?;
        serde_json::from_slice(response.body.as_bytes()).ok()
    }

    /// A member of the request.
    fn member(&self, name: &str) -> Option<&str> {
        self.scene.exchange.body.as_ref()?.get(name)?.as_str()
    }
}

fn asked(facts: &Facts, trace: &Trace) -> Verdict {
    each(
        moments(facts, trace),
        "no tokens were given to a user with a second factor after a password",
        |moment| {
            let scene = &moment.scene;
            scene.tokens()?;
            let is_proved = moment.stand.proved || moment.proves();
            if scene.is_refresh() || !is_proved || scene.flow() == Some(&AuthFlow::CustomAuth) {
                return None;
            }
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let expected = moment.expected(facts)?;
            if expected == Expected::Nothing {
                return None;
            }
            // What was enrolled just now was shown, too.
            Some(if moment.stand.shown || moment.shows_factor() {
                Verdict::Pass
            } else {
                Verdict::fail(scene.index(), expected.to_string(), "tokens")
            })
        },
    )
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("no second factor"),
            Self::One(name) => write!(f, "the challenge {name}"),
            Self::Several(names) => write!(f, "SELECT_MFA_TYPE with {}", told(names)),
            Self::SetUp => f.write_str("the challenge MFA_SETUP"),
        }
    }
}

fn choice(facts: &Facts, trace: &Trace) -> Verdict {
    each(
        moments(facts, trace),
        "no second factor was asked for",
        |moment| {
            if moment.scene.answers(&ChallengeName::SelectMfaType) && moment.scene.is_clean {
                return of_choice(facts, &moment);
            }
            let (answer, name) = moment.scene.challenge()?;
            if !moment.is_after_password() || !is_second_factor(name) {
                return None;
            }
            let expected = moment.expected(facts)?;
            let is_right = match &expected {
                Expected::Nothing => false,
                Expected::One(expected) => name == expected,
                Expected::SetUp => return None,
                Expected::Several(several) => {
                    let text = answer
                        .challenge_parameters
                        .as_ref()
                        .and_then(|given| given.get(key::MFAS_CAN_CHOOSE));
                    // How the list is written is another rule's matter.
                    let list = text.and_then(|text| listed(text));
                    *name == ChallengeName::SelectMfaType
                        && list.as_ref().is_none_or(|list| list == several)
                }
            };
            Some(if is_right {
                Verdict::Pass
            } else {
                let list = answer.challenge_parameters.as_ref();
                let list = list.and_then(|given| given.get(key::MFAS_CAN_CHOOSE));
                let got = match list {
                    Some(list) => format!("{name} with {list}"),
                    None => format!("the challenge {name}"),
                };
                Verdict::fail(moment.scene.index(), expected.to_string(), got)
            })
        },
    )
}

fn is_second_factor(name: &ChallengeName) -> bool {
    matches!(
        name,
        ChallengeName::SmsMfa
            | ChallengeName::SoftwareTokenMfa
            | ChallengeName::EmailOtp
            | ChallengeName::SelectMfaType
            | ChallengeName::MfaSetup
    )
}

/// What came of the choice.
fn of_choice(facts: &Facts, moment: &Moment<'_>) -> Option<Verdict> {
    let scene = &moment.scene;
    let list = listed(scene.asked_parameter(key::MFAS_CAN_CHOOSE)?)?;
    let chosen = match scene.exchange.parameter(key::ANSWER)? {
        "EMAIL_MFA" => ChallengeName::EmailOtp,
        name => ChallengeName::from(name),
    };
    if !list.contains(&chosen) {
        return Some(refusal(
            scene,
            format!("a refusal of {chosen}, which was not listed"),
            true,
            |_, _| true,
        ));
    }
    if moment.has_reasons(facts) {
        return Some(Verdict::NotApplicable(
            "there are other reasons to refuse the choice",
        ));
    }
    let is_asked = scene.challenge().is_some_and(|(_, name)| *name == chosen);
    Some(if is_asked {
        Verdict::Pass
    } else {
        Verdict::fail(
            scene.index(),
            format!("the challenge {chosen}"),
            scene.told(),
        )
    })
}

fn set_up(facts: &Facts, trace: &Trace) -> Verdict {
    each(
        moments(facts, trace),
        "no factor had to be set up",
        |moment| {
            let scene = &moment.scene;
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            if moment.is_after_password() && moment.expected(facts) == Some(Expected::SetUp) {
                return comes_to_set_up(facts, &moment);
            }
            match scene.exchange.operation {
                Some(Operation::AssociateSoftwareToken) => of_secret(&moment),
                Some(Operation::VerifySoftwareToken) => of_first_code(facts, &moment),
                _ if scene.answers(&ChallengeName::MfaSetup) => of_finish(facts, &moment),
                _ => None,
            }
        },
    )
}

fn comes_to_set_up(facts: &Facts, moment: &Moment<'_>) -> Option<Verdict> {
    let scene = &moment.scene;
    let offered = facts.world.as_ref()?.pool.offered_mfa();
    let offered: BTreeSet<ChallengeName> = offered
        .iter()
        .map(|method| ChallengeName::from(method.as_str()))
        .collect();
    let challenge = scene.challenge();
    if challenge.is_some_and(|(_, name)| *name == ChallengeName::NewPasswordRequired) {
        return None;
    }
    let Some((answer, _)) = challenge.filter(|(_, name)| **name == ChallengeName::MfaSetup) else {
        return Some(Verdict::fail(
            scene.index(),
            Expected::SetUp.to_string(),
            scene.told(),
        ));
    };
    let given = answer.challenge_parameters.as_ref();
    // How the list is written is another rule's matter.
    let list = listed(given?.get(key::MFAS_CAN_SETUP)?)?;
    Some(if list.is_subset(&offered) {
        Verdict::Pass
    } else {
        Verdict::fail(scene.index(), told(&offered), told(&list))
    })
}

/// Whether a request of the set-up shows the Session that came last.
fn is_current(moment: &Moment<'_>) -> bool {
    let session = moment.stand.session.as_deref();
    !moment.stand.over && session.is_some() && moment.member("Session") == session
}

fn of_secret(moment: &Moment<'_>) -> Option<Verdict> {
    let scene = &moment.scene;
    let asks = scene.asked?.answer.as_ref()?.challenge_name.as_ref();
    if asks != Some(&ChallengeName::MfaSetup) || !is_current(moment) {
        return None;
    }
    let expected = "a SecretCode in base32, and a Session";
    if !scene.succeeded() {
        return Some(Verdict::fail(scene.index(), expected, scene.told()));
    }
    let came: AssociateSoftwareTokenResponse = moment.read()?;
    let is_secret =
        fits("SecretCodeType", &came.secret_code) && totp::secret(&came.secret_code).is_some();
    Some(if is_secret && came.session.is_some() {
        Verdict::Pass
    } else {
        let with = match came.session {
            Some(_) => "with",
            None => "without",
        };
        let got = format!("{}, {with} a Session", concealed(&came.secret_code));
        Verdict::fail(scene.index(), expected, got)
    })
}

fn of_first_code(facts: &Facts, moment: &Moment<'_>) -> Option<Verdict> {
    let scene = &moment.scene;
    let secret = moment.stand.secret.as_ref()?;
    if !is_current(moment) {
        return None;
    }
    let Some(now) = facts.clock_of(scene.call) else {
        return Some(Verdict::NotApplicable("the service's clock is not known"));
    };
    let code = moment.member("UserCode")?;
    Some(match judged(secret, code, now) {
        Judged::Wrong => refusal(
            scene,
            "EnableSoftwareTokenMFAException for a wrong code",
            false,
            |kind, _| {
                matches!(
                    kind,
                    ErrorKind::EnableSoftwareTokenMFA | ErrorKind::CodeMismatch
                )
            },
        ),
        Judged::Near => Verdict::NotApplicable(
            "whether the code of a neighbouring step will do is not established",
        ),
        Judged::Right => {
            let came = Some(()).filter(|()| scene.succeeded());
            let came: Option<VerifySoftwareTokenResponse> = came.and_then(|()| moment.read());
            let is_done =
                came.is_some_and(|came| came.status == "SUCCESS" && came.session.is_some());
            if is_done {
                Verdict::Pass
            } else {
                Verdict::fail(
                    scene.index(),
                    "the status SUCCESS and a Session for the right code",
                    scene.told(),
                )
            }
        }
    })
}

fn of_finish(facts: &Facts, moment: &Moment<'_>) -> Option<Verdict> {
    let scene = &moment.scene;
    // Of addresses the guide says nothing.
    if scene.exchange.parameter(key::EMAIL).is_some() || moment.stand.over {
        return None;
    }
    if !moment.stand.taken {
        return Some(refusal(
            scene,
            "a refusal, as no code was taken yet",
            true,
            |_, _| true,
        ));
    }
    let others = reasons(facts, scene)?
        .into_iter()
        .any(|reason| !matches!(reason, Reason::OtherFlow | Reason::Session));
    if others || !is_current(moment) {
        return None;
    }
    Some(if scene.succeeded() {
        Verdict::Pass
    } else {
        Verdict::fail(scene.index(), "the set-up finished", scene.told())
    })
}

/// What a time-based code is.
enum Judged {
    Right,
    /// That of the step before or after.
    Near,
    Wrong,
}

fn judged(secret: &[u8], code: &str, now: i64) -> Judged {
    let step = totp::step_of(now);
    let is = |step: u64| totp::code_at(secret, step) == code;
    match (is(step), is(step.saturating_sub(1)) || is(step + 1)) {
        (true, _) => Judged::Right,
        (false, true) => Judged::Near,
        (false, false) => Judged::Wrong,
    }
}

fn code(facts: &Facts, trace: &Trace) -> Verdict {
    each(moments(facts, trace), "no code was given", |moment| {
        let scene = &moment.scene;
        let request = scene.exchange.respond()?;
        let given = scene
            .exchange
            .parameter(request.challenge_name.code_key()?)?;
        let asked = scene.asked?.answer.as_ref()?.challenge_name.as_ref()?;
        if *asked != request.challenge_name || !scene.continues() || moment.stand.over {
            return None;
        }
        if !scene.is_clean {
            return Some(Verdict::NotApplicable("an answer was altered"));
        }
        let is_time_based = request.challenge_name == ChallengeName::SoftwareTokenMfa;
        let judged = if is_time_based {
            let enrolment = moment.enrolment.as_ref();
            let secret = enrolment.and_then(|enrolment| enrolment.secret.as_ref());
            let (Some(secret), Some(now)) = (secret, facts.clock_of(scene.call)) else {
                return Some(Verdict::NotApplicable(
                    "the secret or the service's clock is not known",
                ));
            };
            let judged = judged(secret, given, now);
            let used = enrolment.and_then(|enrolment| enrolment.used);
            let is_used = used.is_some_and(|used| totp::step_of(now) <= used);
            match judged {
                Judged::Right if is_used => Judged::Near,
                judged => judged,
            }
        } else {
            let Some(sent) = &moment.stand.sent else {
                return Some(Verdict::NotApplicable("nobody saw the code that was sent"));
            };
            match sent == given {
                true => Judged::Right,
                false => Judged::Wrong,
            }
        };
        let has_reasons = moment.has_reasons(facts);
        Some(match judged {
            Judged::Wrong => refusal(
                scene,
                "CodeMismatchException for a wrong code",
                has_reasons,
                |kind, _| *kind == ErrorKind::CodeMismatch,
            ),
            Judged::Near => Verdict::NotApplicable(
                "whether the code of a neighbouring or used step will do is not looked at",
            ),
            Judged::Right if has_reasons => {
                Verdict::NotApplicable("there are other reasons to refuse the code")
            }
            Judged::Right if scene.error().is_some() => {
                Verdict::fail(scene.index(), "the right code accepted", scene.told())
            }
            Judged::Right => Verdict::Pass,
        })
    })
}

fn parameters(facts: &Facts, trace: &Trace) -> Verdict {
    each(
        scenes(facts, trace),
        "no challenge about a factor was asked",
        |scene| {
            let (answer, name) = scene.challenge()?;
            let none = Parameters::new();
            let given = answer.challenge_parameters.as_ref().unwrap_or(&none);
            let at = scene.index();
            let medium = match name {
                ChallengeName::SmsMfa | ChallengeName::SmsOtp => "SMS",
                ChallengeName::EmailOtp => "EMAIL",
                ChallengeName::SelectMfaType => {
                    return Some(is_list(at, given, key::MFAS_CAN_CHOOSE));
                }
                ChallengeName::MfaSetup => return Some(is_list(at, given, key::MFAS_CAN_SETUP)),
                _ => return None,
            };
            let sent = given.get(key::CODE_DELIVERY_DELIVERY_MEDIUM);
            if sent.map(String::as_str) != Some(medium) {
                return Some(Verdict::fail(
                    at,
                    format!("CODE_DELIVERY_DELIVERY_MEDIUM = {medium}"),
                    sent.map_or("none", String::as_str),
                ));
            }
            Some(match given.get(key::CODE_DELIVERY_DESTINATION) {
                Some(address) if is_redacted(address) => {
                    Verdict::NotApplicable("the address is redacted")
                }
                Some(address) if address.contains('*') => Verdict::Pass,
                Some(address) => Verdict::fail(
                    at,
                    "CODE_DELIVERY_DESTINATION with a masked address",
                    address,
                ),
                None => Verdict::fail(at, "CODE_DELIVERY_DESTINATION", "none"),
            })
        },
    )
}

fn is_list(at: Option<usize>, given: &Parameters, name: &str) -> Verdict {
    match given.get(name) {
        Some(text) if is_redacted(text) => Verdict::NotApplicable("the list is redacted"),
        Some(text) if listed(text).is_some() => Verdict::Pass,
        Some(text) => Verdict::fail(at, format!("{name}: a JSON array inside a string"), text),
        None => Verdict::fail(at, name, "none"),
    }
}
