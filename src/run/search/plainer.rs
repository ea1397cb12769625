//! The scenarios that are one step plainer: large steps first, then each field by itself.

use crate::model::{CustomScript, DeviceTracking, MfaMethod, OnWrongAnswer, Round};
use crate::scenario::{
    Act, Answer, AnswerChoice, AppClientChoice, ConfigSource, FetchSession, Password, PasswordText,
    Reset, Scenario, SignInAgain, TypedName, UserKind,
};

/// Every scenario that is one step plainer, the largest step first. Some of them describe no possible world; whoever plays
/// them finds out.
pub fn plainer(scenario: &Scenario) -> Vec<Scenario> {
    let mut steps = Steps {
        from: scenario,
        candidates: Vec::new(),
    };
    disturbances(&mut steps);
    steering(&mut steps);
    acts(&mut steps);
    second_factor(&mut steps);
    devices(&mut steps);
    codes(&mut steps);
    first_factors(&mut steps);
    user(&mut steps);
    route(&mut steps);
    custom(&mut steps);
    answers(&mut steps);
    app_client(&mut steps);
    person(&mut steps);
    steps.candidates
}

/// The candidates so far. A step that changes nothing is none.
struct Steps<'a> {
    from: &'a Scenario,
    candidates: Vec<Scenario>,
}

impl Steps<'_> {
    fn step(&mut self, change: impl FnOnce(&mut Scenario)) {
        let mut candidate = self.from.clone();
        change(&mut candidate);
        if candidate != *self.from {
            self.candidates.push(candidate);
        }
    }

    /// One step for each element of a list, which takes it out: the last first.
    fn without_each<T>(&mut self, list: impl Fn(&mut Scenario) -> Option<&mut Vec<T>>) {
        let length = list(&mut self.from.clone()).map_or(0, |list| list.len());
        for at in (0..length).rev() {
            self.step(|s| {
                if let Some(list) = list(s) {
                    list.remove(at);
                }
            });
        }
    }
}

/// What alters answers, and lies.
fn disturbances(steps: &mut Steps<'_>) {
    steps.step(|s| s.attack = None);
    steps.step(|s| s.fault = None);
    steps.step(|s| {
        if let Some(fault) = &mut s.fault {
            (fault.act, fault.exchange) = (0, 0);
        }
    });
    steps.step(|s| {
        if let Some(fault) = &mut s.fault {
            fault.act = 0;
        }
    });
    steps.step(|s| {
        if let Some(fault) = &mut s.fault {
            fault.exchange = 0;
        }
    });
}

fn steering(steps: &mut Steps<'_>) {
    steps.step(|s| s.steering = Default::default());
    steps.step(|s| s.steering.reach.clear());
    steps.without_each(|s| Some(&mut s.steering.reach));
    steps.step(|s| s.steering.salt = None);
    steps.step(|s| s.steering.b = None);
}

/// What is done after the first sign-in.
fn acts(steps: &mut Steps<'_>) {
    steps.step(|s| s.then.clear());
    for at in (0..steps.from.then.len()).rev() {
        steps.step(|s| without_act(s, at));
        match &steps.from.then[at] {
            Act::SignIn(_) => sign_in_again(steps, at),
            Act::FetchSession(_) => fetch_session(steps, at),
            Act::ResetPassword(_) => reset_password(steps, at),
            Act::SignOut { put_in, .. } => steps.step(|s| {
                s.then[at] = Act::SignOut {
                    global: false,
                    put_in: *put_in,
                };
            }),
            Act::RememberDevice | Act::ForgetDevice => {}
        }
    }
}

fn without_act(scenario: &mut Scenario, at: usize) {
    scenario.then.remove(at);
    // A fault of an act stays with it, or goes with it.
    scenario.fault.take_if(|fault| fault.act == at + 1);
    if let Some(fault) = scenario.fault.as_mut().filter(|fault| fault.act > at + 1) {
        fault.act -= 1;
    }
}

fn sign_in_again(steps: &mut Steps<'_>, at: usize) {
    let mut with = |change: fn(&mut SignInAgain)| {
        steps.step(|s| {
            if let Act::SignIn(again) = &mut s.then[at] {
                change(again);
            }
        });
    };
    with(|again| *again = SignInAgain::default());
    with(|again| again.who = Default::default());
    with(|again| again.name = None);
    with(|again| again.flow = None);
    with(|again| again.password = Password::default());
    with(|again| again.after = 0);
}

fn fetch_session(steps: &mut Steps<'_>, at: usize) {
    let mut with = |change: fn(&mut FetchSession)| {
        steps.step(|s| {
            if let Act::FetchSession(fetch) = &mut s.then[at] {
                change(fetch);
            }
        });
    };
    with(|fetch| *fetch = FetchSession::default());
    with(|fetch| fetch.force = false);
    with(|fetch| fetch.metadata.clear());
    with(|fetch| fetch.after = 0);
}

fn reset_password(steps: &mut Steps<'_>, at: usize) {
    let mut with = |change: fn(&mut Reset)| {
        steps.step(|s| {
            if let Act::ResetPassword(reset) = &mut s.then[at] {
                change(reset);
            }
        });
    };
    with(|reset| *reset = Reset::default());
    with(|reset| reset.code = AnswerChoice::default());
    with(|reset| reset.metadata.clear());
}

fn second_factor(steps: &mut Steps<'_>) {
    steps.step(|s| s.mfa = None);
    let Some(mfa) = &steps.from.mfa else { return };
    // One that the user has goes together with the pool's offer of it, and with who prefers it.
    for method in MfaMethod::ALL {
        let is_known = mfa.offered.contains(&method) && mfa.enrolled.contains(&method);
        if is_known {
            steps.step(|s| without_method(s, method));
        }
    }
    steps.step(|s| {
        if let Some(mfa) = &mut s.mfa {
            mfa.required = false;
        }
    });
    steps.step(|s| {
        if let Some(mfa) = &mut s.mfa {
            mfa.preferred = None;
        }
    });
    steps.step(|s| {
        if let Some(mfa) = &mut s.mfa {
            mfa.choice = None;
        }
    });
    steps.without_each(|s| s.mfa.as_mut().map(|mfa| &mut mfa.enrolled));
    steps.without_each(|s| s.mfa.as_mut().map(|mfa| &mut mfa.offered));
}

fn without_method(scenario: &mut Scenario, method: MfaMethod) {
    let Some(mfa) = &mut scenario.mfa else { return };
    mfa.offered.retain(|offered| *offered != method);
    mfa.enrolled.retain(|enrolled| *enrolled != method);
    mfa.preferred.take_if(|preferred| *preferred == method);
    mfa.choice.take_if(|choice| *choice == method);
}

fn devices(steps: &mut Steps<'_>) {
    steps.step(|s| s.devices = None);
    let mut with = |change: fn(&mut DeviceTracking)| {
        steps.step(|s| {
            if let Some(devices) = &mut s.devices {
                change(devices);
            }
        });
    };
    with(|devices| *devices = DeviceTracking::default());
    with(|devices| devices.challenge_required_on_new_device = false);
    with(|devices| devices.only_remembered_on_user_prompt = false);
}

fn codes(steps: &mut Steps<'_>) {
    steps.step(|s| s.codes.clear());
    steps.without_each(|s| Some(&mut s.codes));
    for at in (0..steps.from.codes.len()).rev() {
        steps.step(|s| s.codes[at] = AnswerChoice::default());
    }
}

fn first_factors(steps: &mut Steps<'_>) {
    steps.step(|s| s.first_factors = None);
    steps.without_each(|s| s.first_factors.as_mut().map(|factors| &mut factors.allowed));
    steps.step(|s| {
        if let Some(factors) = &mut s.first_factors {
            factors.preferred = None;
        }
    });
    steps.step(|s| {
        if let Some(factors) = &mut s.first_factors {
            factors.choice = None;
        }
    });
}

/// The user, and the old directory from which they may come.
fn user(steps: &mut Steps<'_>) {
    steps.step(|s| {
        s.migration = None;
        if s.user == UserKind::InOldDirectory {
            s.user = UserKind::Confirmed;
        }
    });
    steps.step(|s| s.migration = None);
    steps.step(|s| s.user = UserKind::Confirmed);
    steps.step(|s| {
        if let UserKind::TemporaryPassword { missing_attributes } = &mut s.user {
            missing_attributes.clear();
        }
    });
    steps.without_each(|s| match &mut s.user {
        UserKind::TemporaryPassword { missing_attributes } => Some(missing_attributes),
        _ => None,
    });
    migration(steps);
}

fn migration(steps: &mut Steps<'_>) {
    let mut with = |change: fn(&mut crate::model::MigrationScript)| {
        steps.step(|s| {
            if let Some(script) = &mut s.migration {
                change(script);
            }
        });
    };
    with(|script| script.throws = None);
    with(|script| script.directory.clear());
    with(|script| script.attributes.clear());
    with(|script| script.final_user_status = None);
    with(|script| script.message_action = None);
    with(|script| script.force_alias_creation = false);
}

/// Which flow, and where the settings are from.
fn route(steps: &mut Steps<'_>) {
    steps.step(|s| s.config = ConfigSource::Direct);
    steps.step(|s| match &mut s.config {
        ConfigSource::Gen1 { flow, .. } | ConfigSource::Gen2 { flow } => *flow = None,
        ConfigSource::Direct => {}
    });
    steps.step(|s| {
        if let ConfigSource::Gen1 {
            migration_enabled, ..
        } = &mut s.config
        {
            *migration_enabled = None;
        }
    });
    steps.step(|s| s.flow = None);
    steps.step(|s| s.clock = None);
}

fn custom(steps: &mut Steps<'_>) {
    steps.step(|s| s.custom = None);
    steps.without_each(|s| s.custom.as_mut().map(|script| &mut script.rounds));
    let mut with = |change: fn(&mut CustomScript)| {
        steps.step(|s| {
            if let Some(script) = &mut s.custom {
                change(script);
            }
        });
    };
    with(|script| script.failure = None);
    with(|script| script.skips_password = false);
    with(|script| script.on_wrong_answer = OnWrongAnswer::default());
    let rounds = steps.from.custom.as_ref();
    for at in (0..rounds.map_or(0, |script| script.rounds.len())).rev() {
        round(steps, at);
    }
}

fn round(steps: &mut Steps<'_>, at: usize) {
    let mut with = |change: fn(&mut Round)| {
        steps.step(|s| {
            if let Some(script) = &mut s.custom {
                change(&mut script.rounds[at]);
            }
        });
    };
    with(|round| {
        *round = Round {
            answer: PLAIN_ANSWER.to_owned(),
            ..Round::default()
        };
    });
    with(|round| round.public.clear());
    with(|round| round.private.clear());
    with(|round| round.metadata = None);
    with(|round| PLAIN_ANSWER.clone_into(&mut round.answer));
}

/// What the person answers to custom challenges.
fn answers(steps: &mut Steps<'_>) {
    steps.step(|s| s.answers.clear());
    steps.without_each(|s| Some(&mut s.answers));
    for at in (0..steps.from.answers.len()).rev() {
        steps.step(|s| s.answers[at] = Answer::default());
        steps.step(|s| s.answers[at].metadata.clear());
        steps.step(|s| s.answers[at].choice = AnswerChoice::default());
    }
}

fn app_client(steps: &mut Steps<'_>) {
    let mut with = |change: fn(&mut AppClientChoice)| steps.step(|s| change(&mut s.client));
    with(|client| *client = AppClientChoice::default());
    with(|client| client.secret = false);
    with(|client| client.prevent_user_existence_errors = false);
    with(|client| client.rotates_refresh_tokens = false);
    with(|client| client.id_token_minutes = None);
    with(|client| client.access_token_minutes = None);
    with(|client| client.explicit_auth_flows = None);
    steps.without_each(|s| s.client.explicit_auth_flows.as_mut());
}

/// What the person types, and what the application gives with it.
fn person(steps: &mut Steps<'_>) {
    steps.step(|s| s.metadata.clear());
    steps.step(|s| s.password = Password::default());
    steps.step(|s| s.password_text = PasswordText::default());
    steps.step(|s| s.name = TypedName::default());
}

const PLAIN_ANSWER: &str = "7";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;
    use crate::model::{
        ByteClass, ExplicitAuthFlow, FirstFactor, MigrationScript, SaltChoice, SrpValue, Steering,
        TriggerFailure, Wish,
    };
    use crate::scenario::{
        Attack, Fault, FaultKind, FirstFactors, Mfa, Who, types::SCENARIO_SCHEMA,
    };
    use crate::wire::{AuthFlowType, ChallengeName, Parameters};

    #[test]
    fn each_field_of_a_scenario_can_be_made_plain_by_itself() {
        let mut stuck = Vec::new();
        for scenario in [of_everything(), of_the_other_kinds()] {
            let whole = serde_json::to_value(&scenario).unwrap();
            let candidates: Vec<Value> = plainer(&scenario)
                .iter()
                .map(|candidate| serde_json::to_value(candidate).unwrap())
                .collect();
            for place in places(&whole) {
                let is_plain = candidates
                    .iter()
                    .any(|candidate| differ_only_at(&whole, candidate, &place));
                if !is_plain && !ESSENCE.contains(&place.join(".").as_str()) {
                    stuck.push(place.join("."));
                }
            }
        }
        stuck.dedup();
        assert_eq!(stuck, Vec::<String>::new(), "fields that never shrink");
    }

    #[test]
    fn steps_lead_from_everything_to_the_plainest_scenario() {
        for mut scenario in [of_everything(), of_the_other_kinds()] {
            let plain = Scenario::plain(scenario.id.clone(), scenario.nonce);
            let mut steps = 0;
            // The smallest step each time, so that no large one hides a missing small one.
            while let Some(next) = plainer(&scenario).pop() {
                assert_ne!(next, scenario, "a step changes something");
                scenario = next;
                steps += 1;
                assert!(steps < 200, "the steps go on for ever: {scenario}");
            }
            assert_eq!(scenario, plain, "nothing is left");
        }
    }

    #[test]
    fn the_plainest_scenario_has_no_plainer_one() {
        assert_eq!(plainer(&Scenario::plain("x", 7)), Vec::new());
    }

    /// What is no trait but the matter itself.
    const ESSENCE: &[&str] = &[
        "schema",
        "id",
        "nonce",
        "fault.kind",
        // A fault goes with its act.
        "then.0",
    ];

    const ATOMS: &[&str] = &["class", "without", "defineThrows", "tenant"];

    const VARIANTS: &[&str] = &[
        "gen1",
        "gen2",
        "temporaryPassword",
        "signIn",
        "fetchSession",
        "signOut",
        "resetPassword",
    ];

    /// Every field is named here, so that a new one can't be forgotten.
    fn of_everything() -> Scenario {
        let parameters = || Parameters::from([("tenant".to_owned(), "acme".to_owned())]);
        let round = |answer: &str| Round {
            public: BTreeMap::from([("question".to_owned(), "What?".to_owned())]),
            private: BTreeMap::from([("answer".to_owned(), answer.to_owned())]),
            metadata: Some("ROUND".to_owned()),
            answer: answer.to_owned(),
        };
        Scenario {
            schema: SCENARIO_SCHEMA.to_owned(),
            id: "x".to_owned(),
            nonce: 7,
            flow: Some(AuthFlowType::CustomWithSrp),
            config: ConfigSource::Gen1 {
                flow: Some("USER_SRP_AUTH".to_owned()),
                migration_enabled: Some(true),
            },
            name: TypedName::Phone,
            password: Password::Wrong,
            password_text: PasswordText::Unicode,
            metadata: parameters(),
            client: AppClientChoice {
                secret: true,
                prevent_user_existence_errors: true,
                explicit_auth_flows: Some(vec![ExplicitAuthFlow::AllowUserSrpAuth]),
                rotates_refresh_tokens: true,
                id_token_minutes: Some(5),
                access_token_minutes: Some(5),
            },
            user: UserKind::TemporaryPassword {
                missing_attributes: vec!["name".to_owned()],
            },
            custom: Some(CustomScript {
                rounds: vec![round("1"), round("2")],
                on_wrong_answer: OnWrongAnswer::Fail,
                skips_password: true,
                failure: Some(TriggerFailure::DefineThrows("no".to_owned())),
            }),
            migration: Some(MigrationScript {
                directory: BTreeMap::from([("alice".to_owned(), "secret".to_owned())]),
                attributes: BTreeMap::from([("email".to_owned(), "a@b".to_owned())]),
                final_user_status: Some("CONFIRMED".to_owned()),
                message_action: Some("SUPPRESS".to_owned()),
                force_alias_creation: true,
                throws: Some("no".to_owned()),
            }),
            answers: vec![Answer {
                choice: AnswerChoice::Wrong,
                metadata: parameters(),
            }],
            mfa: Some(Mfa {
                required: true,
                offered: MfaMethod::ALL.to_vec(),
                enrolled: MfaMethod::ALL.to_vec(),
                preferred: Some(MfaMethod::SmsMfa),
                choice: Some(MfaMethod::EmailOtp),
            }),
            first_factors: Some(FirstFactors {
                allowed: vec![
                    FirstFactor::Password,
                    FirstFactor::EmailOtp,
                    FirstFactor::SmsOtp,
                ],
                preferred: Some(ChallengeName::EmailOtp),
                choice: Some(ChallengeName::EmailOtp),
            }),
            codes: vec![
                AnswerChoice::Wrong,
                AnswerChoice::Right,
                AnswerChoice::Wrong,
            ],
            devices: Some(DeviceTracking {
                challenge_required_on_new_device: true,
                only_remembered_on_user_prompt: true,
            }),
            steering: Steering {
                salt: Some(SaltChoice::Class(ByteClass::Top)),
                b: Some("07".to_owned()),
                reach: vec![Wish::OddExponent, Wish::Begins(SrpValue::B, ByteClass::Top)],
            },
            fault: Some(Fault {
                act: 1,
                exchange: 1,
                kind: FaultKind::Without("SALT".to_owned()),
            }),
            attack: Some(Attack::ZeroA),
            clock: Some(1_788_566_645),
            then: vec![
                Act::SignIn(SignInAgain {
                    who: Who::Other,
                    name: Some(TypedName::Phone),
                    flow: Some(AuthFlowType::UserPassword),
                    password: Password::Wrong,
                    after: 60,
                }),
                Act::FetchSession(FetchSession {
                    force: true,
                    metadata: parameters(),
                    after: 60,
                }),
                Act::sign_out(true),
                Act::ResetPassword(Reset {
                    code: AnswerChoice::Wrong,
                    metadata: parameters(),
                }),
                Act::RememberDevice,
                Act::ForgetDevice,
            ],
        }
    }

    fn of_the_other_kinds() -> Scenario {
        Scenario {
            config: ConfigSource::Gen2 {
                flow: Some("USER_SRP_AUTH".to_owned()),
            },
            user: UserKind::InOldDirectory,
            ..of_everything()
        }
    }

    /// The path of every member and element, at any depth. The word that names a variant is no place of its own.
    fn places(value: &Value) -> Vec<Vec<String>> {
        let is_atom = |value: &Value| match value {
            Value::Object(members) => members.keys().any(|name| ATOMS.contains(&name.as_str())),
            // A wish.
            Value::Array(elements) => elements.len() == 2 && elements.iter().all(Value::is_string),
            _ => false,
        };
        let mut found = Vec::new();
        let children: Vec<(String, &Value)> = match value {
            _ if is_atom(value) => Vec::new(),
            Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), v)).collect(),
            Value::Array(elements) => (0..).map(|n: usize| n.to_string()).zip(elements).collect(),
            _ => Vec::new(),
        };
        for (name, child) in children {
            if !VARIANTS.contains(&name.as_str()) {
                found.push(vec![name.clone()]);
            }
            for mut place in places(child) {
                place.insert(0, name.clone());
                found.push(place);
            }
        }
        found
    }

    /// Whether a candidate is the whole but for one place: another value there, or none.
    fn differ_only_at(whole: &Value, candidate: &Value, place: &[String]) -> bool {
        let without = |value: &Value| {
            let mut value = value.clone();
            take(&mut value, place);
            value
        };
        whole != candidate && without(whole) == without(candidate)
            || takes_element(whole, candidate, place)
    }

    /// Whether a candidate is the whole with one element of a list taken out.
    fn takes_element(whole: &Value, candidate: &Value, place: &[String]) -> bool {
        let mut value = whole.clone();
        take(&mut value, place) && value == *candidate
    }

    fn take(value: &mut Value, place: &[String]) -> bool {
        let Some((last, path)) = place.split_last() else {
            return false;
        };
        let mut at = value;
        for name in path {
            let next = match at {
                Value::Object(members) => members.get_mut(name),
                Value::Array(elements) => {
                    name.parse::<usize>().ok().and_then(|n| elements.get_mut(n))
                }
                _ => None,
            };
            let Some(next) = next else { return false };
            at = next;
        }
        match at {
            Value::Object(members) => members.remove(last).is_some(),
            Value::Array(elements) => match last.parse::<usize>() {
                Ok(n) if n < elements.len() => {
                    elements.remove(n);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }
}
