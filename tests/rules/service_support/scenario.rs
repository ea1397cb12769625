//! The scenarios in which a wrong service shows.

use cognito_conformance::model::{
    CustomScript, DeviceTracking, ExplicitAuthFlow, FirstFactor, MfaMethod, MigrationScript,
    OnWrongAnswer, Round, TriggerFailure,
};
use cognito_conformance::scenario::{
    Act, Answer, AnswerChoice, Attack, Fault, FaultKind, FetchSession, FirstFactors, Meanwhile,
    Mfa, Password, Reset, Scenario, SignInAgain, UserKind,
};
use cognito_conformance::wire::{AuthFlowType, ChallengeName, Parameters};

/// 2026-09-05, a day of one digit.
const ONE_DIGIT_DAY: i64 = 1_788_566_645;

pub fn by(flow: AuthFlowType) -> Scenario {
    Scenario {
        flow: Some(flow),
        ..Scenario::plain("service-rule", 4711)
    }
}

pub fn srp() -> Scenario {
    by(AuthFlowType::UserSrp)
}

pub fn password() -> Scenario {
    by(AuthFlowType::UserPassword)
}

/// The password is wrong, and is reset by a code, right or wrong, before the next sign-in.
pub fn resetting(user: UserKind, code: AnswerChoice) -> Scenario {
    let reset = Reset {
        code,
        ..Reset::default()
    };
    Scenario {
        user,
        password: Password::Wrong,
        then: vec![
            Act::ResetPassword(reset),
            Act::SignIn(SignInAgain::default()),
        ],
        ..password()
    }
}

/// So many wrong passwords, then the right one, all in one second.
pub fn guessing(times: usize) -> Scenario {
    let wrong = SignInAgain {
        password: Password::Wrong,
        ..SignInAgain::default()
    };
    let mut then = vec![Act::SignIn(wrong); times - 1];
    then.push(Act::SignIn(SignInAgain::default()));
    Scenario {
        password: Password::Wrong,
        then,
        ..password()
    }
}

pub fn custom() -> Scenario {
    Scenario {
        custom: Some(script(2)),
        metadata: map(&[("tenant", "acme")]),
        answers: vec![Answer {
            choice: AnswerChoice::Right,
            metadata: map(&[("step", "one")]),
        }],
        ..by(AuthFlowType::CustomWithoutSrp)
    }
}

pub fn custom_with_srp() -> Scenario {
    Scenario {
        flow: Some(AuthFlowType::CustomWithSrp),
        ..custom()
    }
}

pub fn custom_with_wrong_answer() -> Scenario {
    Scenario {
        answers: vec![Answer {
            choice: AnswerChoice::Wrong,
            metadata: Parameters::new(),
        }],
        ..custom()
    }
}

pub fn custom_with_last_wrong_answer() -> Scenario {
    let script = CustomScript {
        on_wrong_answer: OnWrongAnswer::Fail,
        ..script(2)
    };
    Scenario {
        custom: Some(script),
        ..custom_with_wrong_answer()
    }
}

pub fn right_then_wrong() -> Scenario {
    let mut scenario = custom_with_last_wrong_answer();
    scenario.answers.insert(0, Answer::default());
    scenario
}

pub fn failing(failure: TriggerFailure) -> Scenario {
    let script = CustomScript {
        failure: Some(failure),
        ..script(2)
    };
    Scenario {
        custom: Some(script),
        ..custom()
    }
}

pub fn without_triggers() -> Scenario {
    Scenario {
        custom: None,
        answers: Vec::new(),
        ..custom()
    }
}

pub fn wrong_password(flow: AuthFlowType) -> Scenario {
    Scenario {
        password: Password::Wrong,
        custom: Some(script(1)),
        ..by(flow)
    }
}

pub fn attacked(attack: Attack, scenario: Scenario) -> Scenario {
    Scenario {
        attack: Some(attack),
        clock: Some(ONE_DIGIT_DAY),
        ..scenario
    }
}

/// Exchanges: tokens with a device, `ConfirmDevice`, and then a sign-in in which the device is proved.
pub fn on_a_device() -> Scenario {
    Scenario {
        devices: Some(DeviceTracking::default()),
        then: vec![Act::SignIn(SignInAgain::default())],
        ..password()
    }
}

pub fn on_a_forgotten_device() -> Scenario {
    Scenario {
        fault: Some(Fault {
            act: 1,
            exchange: 0,
            kind: FaultKind::Meanwhile(Meanwhile::DevicesForgotten),
        }),
        ..on_a_device()
    }
}

pub fn on_a_device_by_choice() -> Scenario {
    Scenario {
        devices: Some(DeviceTracking {
            only_remembered_on_user_prompt: true,
            ..DeviceTracking::default()
        }),
        ..on_a_device()
    }
}

/// Exchanges: tokens with a device, `ConfirmDevice`, and a refresh.
pub fn refreshed_on_a_device() -> Scenario {
    let refresh = FetchSession {
        force: true,
        ..FetchSession::default()
    };
    Scenario {
        then: vec![Act::FetchSession(refresh)],
        ..on_a_device()
    }
}

pub fn with_secret(mut scenario: Scenario) -> Scenario {
    scenario.client.secret = true;
    scenario
}

pub fn hiding(mut scenario: Scenario) -> Scenario {
    scenario.client.prevent_user_existence_errors = true;
    scenario
}

pub fn of(user: UserKind, scenario: Scenario) -> Scenario {
    Scenario { user, ..scenario }
}

pub fn temporary(scenario: Scenario) -> Scenario {
    let user = UserKind::TemporaryPassword {
        missing_attributes: vec!["name".to_owned()],
    };
    of(user, scenario)
}

pub fn allowing(flow: ExplicitAuthFlow, mut scenario: Scenario) -> Scenario {
    scenario.client.explicit_auth_flows = Some(vec![flow]);
    scenario
}

pub fn twice(scenario: Scenario) -> Scenario {
    Scenario {
        then: vec![Act::SignIn(SignInAgain {
            flow: Some(AuthFlowType::UserSrp),
            ..SignInAgain::default()
        })],
        ..scenario
    }
}

pub fn migrating(status: Option<&str>, scenario: Scenario) -> Scenario {
    Scenario {
        user: UserKind::InOldDirectory,
        migration: Some(MigrationScript {
            directory: Default::default(),
            attributes: Default::default(),
            final_user_status: status.map(str::to_owned),
            message_action: None,
            force_alias_creation: false,
            throws: None,
        }),
        metadata: map(&[("tenant", "acme")]),
        ..scenario
    }
}

pub fn throwing_migration() -> Scenario {
    let mut scenario = migrating(None, password());
    if let Some(script) = &mut scenario.migration {
        script.throws = Some("directory is down".to_owned());
    }
    scenario
}

pub fn with_factor(method: MfaMethod, scenario: Scenario) -> Scenario {
    Scenario {
        mfa: Some(Mfa {
            offered: vec![method],
            enrolled: vec![method],
            ..Mfa::default()
        }),
        ..scenario
    }
}

pub fn with_factors(preferred: Option<MfaMethod>, scenario: Scenario) -> Scenario {
    let both = vec![MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa];
    Scenario {
        mfa: Some(Mfa {
            offered: both.clone(),
            enrolled: both,
            preferred,
            ..Mfa::default()
        }),
        ..scenario
    }
}

pub fn needing_factor(scenario: Scenario) -> Scenario {
    Scenario {
        mfa: Some(Mfa {
            required: true,
            offered: vec![MfaMethod::SoftwareTokenMfa],
            ..Mfa::default()
        }),
        ..scenario
    }
}

pub fn after_wrong_code(scenario: Scenario) -> Scenario {
    Scenario {
        codes: vec![AnswerChoice::Wrong],
        ..scenario
    }
}

pub fn choosing(preferred: Option<ChallengeName>) -> Scenario {
    Scenario {
        first_factors: Some(FirstFactors {
            allowed: vec![FirstFactor::Password],
            preferred,
            choice: Some(ChallengeName::PasswordSrp),
        }),
        ..by(AuthFlowType::UserAuth)
    }
}

fn script(rounds: usize) -> CustomScript {
    let round = |number: usize| Round {
        public: map(&[("question", &format!("What is {number}?"))]),
        private: map(&[("expected", &format!("kept-for-verify-{number}"))]),
        metadata: Some(format!("ROUND_{number}")),
        answer: format!("answer number {number}"),
    };
    CustomScript {
        rounds: (1..=rounds).map(round).collect(),
        ..CustomScript::default()
    }
}

fn map(pairs: &[(&str, &str)]) -> Parameters {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub fn rotating(scenario: Scenario) -> Scenario {
    let mut scenario = scenario;
    scenario.client.rotates_refresh_tokens = true;
    scenario
}

pub fn short_lived(scenario: Scenario) -> Scenario {
    let mut scenario = scenario;
    scenario.client.access_token_minutes = Some(5);
    scenario
}

pub fn tracking_devices(scenario: Scenario) -> Scenario {
    Scenario {
        devices: Some(DeviceTracking::default()),
        ..scenario
    }
}

/// Two refreshes, each a while after what was before.
pub fn refreshing(scenario: Scenario) -> Scenario {
    Scenario {
        then: vec![refresh(), refresh()],
        ..scenario
    }
}

/// A sign-out, and what nobody who has signed out does any more.
pub fn signing_out(scenario: Scenario) -> Scenario {
    Scenario {
        then: vec![Act::sign_out(false), refresh(), Act::sign_out(true)],
        ..scenario
    }
}

fn refresh() -> Act {
    Act::FetchSession(FetchSession {
        force: true,
        after: 10,
        ..FetchSession::default()
    })
}
