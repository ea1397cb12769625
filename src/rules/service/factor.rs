//! Second factors: when one is asked for and which, whether codes are judged rightly, and how one is set up.

use std::collections::BTreeSet;

use super::reason::{Reason, reasons, refusal};
use crate::expect::factor::{Factor, FactorWorld, second_factor};
use crate::model::{MfaConfiguration, MfaMethod, UserPool, totp};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::factors::{Enrolment, FactorView};
use crate::rules::evidence::factors::{listed, told};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::model::fits;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, concealed, each};
use crate::rules::source::{
    JS, SWIFT, file, guide, issue, kept, measured, model, observed, operation, rfc, seen,
};
use crate::wire::names::key;
use crate::wire::token::{AssociateSoftwareTokenResponse, VerifySoftwareTokenResponse};
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

impl Enrolment {
    /// The second factor that has to come after the password, of a user who names no device that stands in for one.
    fn needed(&self, pool: &UserPool) -> Factor {
        let ready: Vec<MfaMethod> = self
            .enabled
            .iter()
            .copied()
            .filter(|method| self.is_ready(*method))
            .collect();
        second_factor(&FactorWorld {
            offered: pool.offered_mfa(),
            is_required: pool.mfa == MfaConfiguration::On,
            enrolled: &ready,
            preferred: self.preferred,
            has_phone: self.has_phone,
            device_stands_in: false,
        })
    }

    fn is_ready(&self, method: MfaMethod) -> bool {
        match method {
            MfaMethod::SmsMfa => self.has_phone,
            MfaMethod::SoftwareTokenMfa => self.secret.is_some(),
            MfaMethod::EmailOtp => self.has_email,
        }
    }
}

impl FactorView<'_, '_> {
    /// What has to come after the password, where it can be known.
    fn expected(&self, facts: &Facts) -> Option<Factor> {
        let pool = &facts.world()?.pool;
        let tracking = pool.devices;
        let stands_in = tracking.is_some_and(|tracking| tracking.challenge_required_on_new_device);
        if stands_in && self.progress.names_device {
            return None;
        }
        Some(self.enrolment?.needed(pool))
    }

    /// Whether this answer comes right after the password, in a flow where a factor has its place there. Where it stands
    /// among custom challenges is not established.
    fn is_after_password(&self) -> bool {
        self.view.is_clean && self.proves() && self.view.flow() != Some(&AuthFlow::CustomAuth)
    }

    /// Whether there is any reason to refuse the request but for what it answers.
    fn has_reasons(&self, facts: &Facts) -> bool {
        reasons(facts, self.view)
            .is_none_or(|reasons| reasons.iter().any(|reason| *reason != Reason::OtherFlow))
    }
}

fn asked(case: &Case<'_>) -> Verdict {
    each(
        case.factor_views(),
        "no tokens were given to a user with a second factor after a password",
        |state| {
            let scene = state.view;
            scene.tokens()?;
            let is_proved = state.progress.proved || state.proves();
            if scene.is_refresh() || !is_proved || scene.flow() == Some(&AuthFlow::CustomAuth) {
                return None;
            }
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let expected = state.expected(case.facts)?;
            if expected == Factor::Nothing {
                return None;
            }
            // What was enrolled just now was shown, too.
            Some(if state.progress.shown || state.shows_factor() {
                Verdict::Pass
            } else {
                Verdict::fail(scene.index(), expected.to_string(), "tokens")
            })
        },
    )
}

fn choice(case: &Case<'_>) -> Verdict {
    each(
        case.factor_views(),
        "no second factor was asked for",
        |state| {
            if state.view.answers(&ChallengeName::SelectMfaType) && state.view.is_clean {
                return of_choice(case.facts, &state);
            }
            let (answer, name) = state.view.challenge()?;
            if !state.is_after_password() || !is_second_factor(name) {
                return None;
            }
            let expected = state.expected(case.facts)?;
            let is_right = match &expected {
                Factor::Nothing => false,
                Factor::One(_) => expected.challenge().as_ref() == Some(name),
                Factor::SetUp => return None,
                Factor::Choice(among) => {
                    let text = answer
                        .challenge_parameters
                        .as_ref()
                        .and_then(|given| given.get(key::MFAS_CAN_CHOOSE));
                    // How the list is written is another rule's matter.
                    let list = text.and_then(|text| listed(text));
                    *name == ChallengeName::SelectMfaType
                        && list.as_ref().is_none_or(|list| *list == challenges(among))
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
                Verdict::fail(state.view.index(), expected.to_string(), got)
            })
        },
    )
}

/// The challenges that ask for these factors.
fn challenges(factors: &BTreeSet<MfaMethod>) -> BTreeSet<ChallengeName> {
    let name = |method: &MfaMethod| ChallengeName::from(method.as_str());
    factors.iter().map(name).collect()
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
fn of_choice(facts: &Facts, state: &FactorView<'_, '_>) -> Option<Verdict> {
    let scene = state.view;
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
    if state.has_reasons(facts) {
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

fn set_up(case: &Case<'_>) -> Verdict {
    each(case.factor_views(), "no factor had to be set up", |state| {
        let scene = state.view;
        if !scene.is_clean {
            return Some(Verdict::NotApplicable("an answer was altered"));
        }
        if state.is_after_password() && state.expected(case.facts) == Some(Factor::SetUp) {
            return comes_to_set_up(case.facts, &state);
        }
        match scene.exchange.operation {
            Some(Operation::AssociateSoftwareToken) => of_secret(&state),
            Some(Operation::VerifySoftwareToken) => of_first_code(case.facts, &state),
            _ if scene.answers(&ChallengeName::MfaSetup) => of_finish(case.facts, &state),
            _ => None,
        }
    })
}

fn comes_to_set_up(facts: &Facts, state: &FactorView<'_, '_>) -> Option<Verdict> {
    let scene = state.view;
    let offered = facts.world()?.pool.offered_mfa();
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
            Factor::SetUp.to_string(),
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
fn is_current(state: &FactorView<'_, '_>) -> bool {
    let session = state.progress.session;
    !state.progress.over && session.is_some() && state.view.exchange.member("Session") == session
}

fn of_secret(state: &FactorView<'_, '_>) -> Option<Verdict> {
    let scene = state.view;
    let asks = scene.asked?.answer.as_ref()?.challenge_name.as_ref();
    if asks != Some(&ChallengeName::MfaSetup) || !is_current(state) {
        return None;
    }
    let expected = "a SecretCode in base32, and a Session";
    if !scene.succeeded() {
        return Some(Verdict::fail(scene.index(), expected, scene.told()));
    }
    let came: AssociateSoftwareTokenResponse = state.view.exchange.read_answer()?;
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

fn of_first_code(facts: &Facts, state: &FactorView<'_, '_>) -> Option<Verdict> {
    let scene = state.view;
    let secret = state.progress.secret.as_ref()?;
    if !is_current(state) {
        return None;
    }
    let Some(now) = facts.clock_of(scene.call) else {
        return Some(Verdict::NotApplicable("the service's clock is not known"));
    };
    let code = state.view.exchange.member("UserCode")?;
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
            let came: Option<VerifySoftwareTokenResponse> =
                came.and_then(|()| state.view.exchange.read_answer());
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

fn of_finish(facts: &Facts, state: &FactorView<'_, '_>) -> Option<Verdict> {
    let scene = state.view;
    // Of addresses the guide says nothing.
    if scene.exchange.parameter(key::EMAIL).is_some() || state.progress.over {
        return None;
    }
    if !state.progress.taken {
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
    if others || !is_current(state) {
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

fn code(case: &Case<'_>) -> Verdict {
    each(case.factor_views(), "no code was given", |state| {
        let scene = state.view;
        let request = scene.exchange.respond()?;
        let given = scene
            .exchange
            .parameter(request.challenge_name.code_key()?)?;
        let asked = scene.asked?.answer.as_ref()?.challenge_name.as_ref()?;
        if *asked != request.challenge_name || !scene.continues() || state.progress.over {
            return None;
        }
        if !scene.is_clean {
            return Some(Verdict::NotApplicable("an answer was altered"));
        }
        let is_time_based = request.challenge_name == ChallengeName::SoftwareTokenMfa;
        let judged = if is_time_based {
            let enrolment = state.enrolment;
            let secret = enrolment.and_then(|enrolment| enrolment.secret.as_ref());
            let (Some(secret), Some(now)) = (secret, case.facts.clock_of(scene.call)) else {
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
            let Some(sent) = state.progress.sent else {
                return Some(Verdict::NotApplicable("nobody saw the code that was sent"));
            };
            match sent == given {
                true => Judged::Right,
                false => Judged::Wrong,
            }
        };
        let has_reasons = state.has_reasons(case.facts);
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

fn parameters(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
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
