//! How scenarios are generated that go on after the password: factors, devices, tokens, a new password.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy};
use proptest::{prop_oneof, sample};

use super::act::{Act, FetchSession, Reset, SignInAgain, Who};
use super::factor::{Codes, FirstFactors, Mfa};
use super::fault::{ErrorForm, Fault, FaultKind, Meanwhile};
use super::input::{AnswerChoice, Password, TypedName};
use super::parameters::metadata;
use super::types::{ConfigSource, Scenario, UserKind};
use crate::model::{DeviceTracking, FirstFactor, MfaMethod};
use crate::wire::{AuthFlowType, ChallengeName};

/// What a scenario is about beyond the password, and what is done after the first sign-in.
#[derive(Clone, Debug)]
pub(super) struct Story {
    user: Option<UserKind>,
    password: Password,
    flow: Option<AuthFlowType>,
    mfa: Option<Mfa>,
    first_factors: Option<FirstFactors>,
    codes: Codes,
    devices: Option<DeviceTracking>,
    tokens: Tokens,
    then: Vec<Act>,
    fault: Option<Fault>,
}

/// What the app client says of tokens.
#[derive(Clone, Copy, Debug, Default)]
struct Tokens {
    rotate: bool,
    access_minutes: Option<u32>,
    id_minutes: Option<u32>,
}

impl Story {
    fn plain() -> Self {
        Self {
            user: None,
            password: Password::Right,
            flow: None,
            mfa: None,
            first_factors: None,
            codes: Codes::new(),
            devices: None,
            tokens: Tokens::default(),
            then: Vec::new(),
            fault: None,
        }
    }

    /// Makes it the scenario's. What would keep the sign-in from getting that far is taken out.
    pub(super) fn put_into(self, scenario: &mut Scenario) {
        if let Some(flow) = self.flow {
            scenario.flow = Some(flow);
            scenario.config = ConfigSource::Direct;
        }
        if let Some(user) = self.user {
            scenario.user = user;
        }
        if let Some(script) = &mut scenario.custom {
            script.failure = None;
        } else if scenario.flow.is_some_and(AuthFlowType::is_custom) {
            scenario.flow = Some(AuthFlowType::UserSrp);
        }
        scenario.password = self.password;
        scenario.mfa = self.mfa;
        scenario.first_factors = self.first_factors;
        scenario.codes = self.codes;
        scenario.devices = self.devices;
        scenario.client.explicit_auth_flows = None;
        scenario.client.rotates_refresh_tokens = self.tokens.rotate;
        scenario.client.access_token_minutes = self.tokens.access_minutes;
        scenario.client.id_token_minutes = self.tokens.id_minutes;
        scenario.then = self.then;
        scenario.fault = self.fault;
    }
}

pub(super) fn story() -> impl Strategy<Value = Story> {
    prop_oneof![
        10 => of_factors(),
        12 => of_devices(),
        10 => of_tokens(),
        5 => of_reset(),
        6 => of_choice(),
    ]
}

fn of_factors() -> impl Strategy<Value = Story> {
    use MfaMethod::{EmailOtp, SmsMfa, SoftwareTokenMfa};
    let having = |offered: &[MfaMethod], enrolled: &[MfaMethod]| Mfa {
        offered: offered.to_vec(),
        enrolled: enrolled.to_vec(),
        ..Mfa::default()
    };
    let several = [SmsMfa, SoftwareTokenMfa];
    let one = sample::select(vec![
        having(&[SoftwareTokenMfa], &[SoftwareTokenMfa]),
        having(&[SmsMfa], &[SmsMfa]),
        having(&[EmailOtp], &[EmailOtp]),
        having(&MfaMethod::ALL, &[SoftwareTokenMfa]),
        having(&[SoftwareTokenMfa], &[]),
    ]);
    let choice = sample::select(several.to_vec());
    let chosen = choice.clone().prop_map(move |choice| Mfa {
        choice: Some(choice),
        ..having(&several, &several)
    });
    let preferred = choice.prop_map(move |preferred| Mfa {
        preferred: Some(preferred),
        ..having(&several, &several)
    });
    let setting_up = prop_oneof![
        2 => Just(having(&[SoftwareTokenMfa], &[])),
        1 => sample::select(vec![SoftwareTokenMfa, EmailOtp]).prop_map(move |choice| Mfa {
            choice: Some(choice),
            ..having(&[SoftwareTokenMfa, EmailOtp], &[])
        }),
    ]
    .prop_map(|mfa| Mfa {
        required: true,
        ..mfa
    });
    let mfa = prop_oneof![4 => one, 2 => chosen, 1 => preferred, 3 => setting_up];
    let temporary = weighted(
        0.2,
        Just(UserKind::TemporaryPassword {
            missing_attributes: Vec::new(),
        }),
    );
    (mfa, codes(), temporary, weighted(0.25, Just(again()))).prop_map(|(mfa, codes, user, then)| {
        Story {
            user,
            mfa: Some(mfa),
            codes,
            then: then.into_iter().collect(),
            ..Story::plain()
        }
    })
}

fn codes() -> impl Strategy<Value = Codes> {
    let choice = prop_oneof![1 => Just(AnswerChoice::Right), 1 => Just(AnswerChoice::Wrong)];
    prop_oneof![2 => Just(Codes::new()), 1 => vec(choice, 1..=2)]
}

fn again() -> Act {
    Act::SignIn(SignInAgain::default())
}

fn again_with(change: impl FnOnce(&mut SignInAgain)) -> Act {
    let mut again = SignInAgain::default();
    change(&mut again);
    Act::SignIn(again)
}

fn refresh() -> Act {
    Act::FetchSession(FetchSession {
        force: true,
        ..FetchSession::default()
    })
}

fn of_devices() -> impl Strategy<Value = Story> {
    let tracking = (proptest::bool::weighted(0.3), proptest::bool::weighted(0.3)).prop_map(
        |(challenge_required_on_new_device, only_remembered_on_user_prompt)| DeviceTracking {
            challenge_required_on_new_device,
            only_remembered_on_user_prompt,
        },
    );
    let by_alias = again_with(|again| again.name = Some(TypedName::Phone));
    let other = again_with(|again| again.who = Who::Other);
    let by = |flow| again_with(|again| again.flow = Some(flow));
    let then = sample::select(vec![
        vec![again()],
        vec![Act::RememberDevice, again()],
        vec![Act::ForgetDevice, again()],
        vec![Act::sign_out(false), again()],
        vec![by_alias],
        vec![other, again()],
        vec![refresh()],
        vec![again(), refresh()],
        vec![by(AuthFlowType::UserPassword)],
        vec![by(AuthFlowType::UserSrp)],
    ]);
    // A code by e-mail or SMS: a person has but two time-based codes at one instant.
    let mfa = sample::select(vec![MfaMethod::SmsMfa, MfaMethod::EmailOtp]).prop_map(|method| Mfa {
        offered: vec![method],
        enrolled: vec![method],
        ..Mfa::default()
    });
    let forgotten = (0_usize..4).prop_map(|exchange| Fault {
        act: 1,
        exchange,
        kind: FaultKind::Meanwhile(Meanwhile::DevicesForgotten),
    });
    prop_oneof![
        3 => (tracking.clone(), then, weighted(0.3, mfa)).prop_map(|(tracking, then, mfa)| Story {
            mfa,
            devices: Some(tracking),
            then,
            ..Story::plain()
        }),
        1 => (tracking, forgotten).prop_map(|(tracking, fault)| Story {
            devices: Some(tracking),
            then: vec![again(), again()],
            fault: Some(fault),
            ..Story::plain()
        }),
    ]
}

fn of_tokens() -> impl Strategy<Value = Story> {
    let fetch = |after: u32| {
        Act::FetchSession(FetchSession {
            after,
            ..FetchSession::default()
        })
    };
    let with_metadata = metadata().prop_map(|metadata| {
        Act::FetchSession(FetchSession {
            force: true,
            metadata,
            ..FetchSession::default()
        })
    });
    let act = prop_oneof![
        4 => Just(refresh()),
        1 => with_metadata,
        2 => Just(fetch(0)),
        2 => sample::select(vec![400, 3700]).prop_map(fetch),
        1 => Just(Act::sign_out(false)),
        1 => Just(Act::sign_out(true)),
    ];
    let tokens = prop_oneof![
        3 => Just(Tokens::default()),
        2 => Just(Tokens { rotate: true, ..Tokens::default() }),
        1 => Just(Tokens { access_minutes: Some(5), ..Tokens::default() }),
        1 => Just(Tokens { id_minutes: Some(5), ..Tokens::default() }),
    ];
    let trouble = prop_oneof![
        2 => sample::select(vec![
            FaultKind::ServerError,
            FaultKind::Dropped,
            FaultKind::Truncated,
            FaultKind::EmptyObject,
            FaultKind::Error(ErrorForm::Usual),
        ]),
        1 => sample::select(vec!["AccessToken", "IdToken"])
            .prop_map(|name| FaultKind::WithoutToken(name.to_owned())),
        2 => sample::select(vec![Meanwhile::SignedOut, Meanwhile::Deleted])
            .prop_map(FaultKind::Meanwhile),
    ];
    let fault = (1_usize..=2, trouble).prop_map(|(act, kind)| Fault {
        act,
        exchange: 0,
        kind,
    });
    let devices = weighted(0.3, Just(DeviceTracking::default()));
    (vec(act, 1..=4), tokens, devices, weighted(0.3, fault)).prop_map(
        |(then, tokens, devices, fault)| Story {
            devices,
            tokens,
            then,
            fault,
            ..Story::plain()
        },
    )
}

fn of_reset() -> impl Strategy<Value = Story> {
    let user = prop_oneof![
        3 => Just(UserKind::Confirmed),
        2 => Just(UserKind::ResetRequired),
        2 => Just(UserKind::Unknown),
        1 => Just(UserKind::Disabled),
    ];
    let code = prop_oneof![
        2 => Just(vec![AnswerChoice::Right]),
        1 => Just(vec![AnswerChoice::Wrong]),
        1 => Just(vec![AnswerChoice::Wrong, AnswerChoice::Right]),
    ];
    let flow = sample::select(vec![AuthFlowType::UserSrp, AuthFlowType::UserPassword]);
    (user, code, metadata(), flow).prop_map(|(user, codes, metadata, flow)| {
        let mut then: Vec<Act> = codes
            .into_iter()
            .map(|code| {
                Act::ResetPassword(Reset {
                    code,
                    metadata: metadata.clone(),
                })
            })
            .collect();
        then.push(again());
        Story {
            password: match user {
                UserKind::Confirmed => Password::Wrong,
                _ => Password::Right,
            },
            user: Some(user),
            flow: Some(flow),
            then,
            ..Story::plain()
        }
    })
}

fn of_choice() -> impl Strategy<Value = Story> {
    use ChallengeName::{EmailOtp, Password as InClear, PasswordSrp, SmsOtp};
    use FirstFactor as Allowed;
    let chosen = sample::select(vec![
        (vec![Allowed::Password], PasswordSrp),
        (vec![Allowed::Password], InClear),
        (vec![Allowed::Password, Allowed::EmailOtp], EmailOtp),
        (vec![Allowed::Password, Allowed::SmsOtp], SmsOtp),
        (
            vec![Allowed::Password, Allowed::EmailOtp, Allowed::SmsOtp],
            PasswordSrp,
        ),
    ]);
    let password = prop_oneof![4 => Just(Password::Right), 1 => Just(Password::Wrong)];
    (chosen, proptest::bool::ANY, codes(), password).prop_map(
        |((allowed, factor), is_preferred, codes, password)| Story {
            user: Some(UserKind::Confirmed),
            flow: Some(AuthFlowType::UserAuth),
            password,
            first_factors: Some(FirstFactors {
                allowed,
                preferred: is_preferred.then(|| factor.clone()),
                choice: (!is_preferred).then_some(factor),
            }),
            codes,
            ..Story::plain()
        },
    )
}
