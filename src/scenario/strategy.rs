//! How scenarios are generated.
//!
//! Alternatives stand in the order in which they shrink: the plainest first. Strategies are part of a case's identity
//! (seed and id name a scenario only together with them), so the version of proptest is pinned, and a change here is a
//! change of the suite's version.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Just, Strategy};
use proptest::strategy::BoxedStrategy;
use proptest::{prop_oneof, sample};

use super::act::{Act, SignInAgain};
use super::fault::{BadHex, ErrorForm, Fault, FaultKind};
use super::input::{Answer, AnswerChoice, Password, PasswordText, TypedName};
use super::parameters::{metadata, parameters};
use super::story::{Story, story};
use super::types::{AppClientChoice, Attack, ConfigSource, Scenario, UserKind};
use crate::model::{
    ByteClass, CustomScript, ExplicitAuthFlow, MigrationScript, OnWrongAnswer, Round, SaltChoice,
    SrpValue, Steering, TriggerFailure, Wish,
};
use crate::wire::names::key;
use crate::wire::{AuthFlowType, Parameters};

/// The version of the set of cases. It changes whenever the same seed and id would name another scenario.
pub const SUITE_VERSION: &str = "5";

/// All scenarios. The id and the nonce are the caller's to set.
pub fn scenarios() -> BoxedStrategy<Scenario> {
    (
        route(),
        person(),
        app_client(),
        custom(),
        answers(),
        situation(),
        clock(),
    )
        .prop_map(
            |(
                (flow, config),
                (name, text, metadata),
                client,
                custom,
                answers,
                situation,
                clock,
            )| {
                let plain = Scenario {
                    flow,
                    config,
                    name,
                    password_text: text,
                    metadata,
                    client,
                    custom,
                    answers,
                    clock,
                    ..Scenario::plain("", 0)
                };
                situation.put_into(plain)
            },
        )
        .boxed()
}

fn route() -> impl Strategy<Value = (Option<AuthFlowType>, ConfigSource)> {
    prop_oneof![
        12 => (weighted(0.75, flow()), Just(ConfigSource::Direct)),
        5 => (weighted(0.3, flow()), gen1()),
        2 => (weighted(0.5, flow()), weighted(0.5, gen2_flow()).prop_map(|flow| ConfigSource::Gen2 { flow })),
    ]
}

fn flow() -> impl Strategy<Value = AuthFlowType> {
    sample::select(AuthFlowType::ALL.to_vec())
}

fn gen1() -> impl Strategy<Value = ConfigSource> {
    let words = vec![
        "USER_SRP_AUTH",
        "USER_PASSWORD_AUTH",
        "CUSTOM_AUTH_WITH_SRP",
        "CUSTOM_AUTH_WITHOUT_SRP",
        "CUSTOM_AUTH",
        "USER_SRP",
    ];
    (
        weighted(0.85, sample::select(words)),
        weighted(0.25, proptest::bool::ANY),
    )
        .prop_map(|(flow, migration_enabled)| ConfigSource::Gen1 {
            flow: flow.map(str::to_owned),
            migration_enabled,
        })
}

fn gen2_flow() -> impl Strategy<Value = String> {
    sample::select(vec![
        "USER_SRP_AUTH",
        "USER_PASSWORD_AUTH",
        "CUSTOM_AUTH_WITHOUT_SRP",
    ])
    .prop_map(str::to_owned)
}

fn person() -> impl Strategy<Value = (TypedName, PasswordText, Parameters)> {
    let name = prop_oneof![
        6 => Just(TypedName::Email),
        2 => Just(TypedName::Username),
        1 => Just(TypedName::Phone),
        1 => Just(TypedName::UnicodeUsername),
    ];
    let text = prop_oneof![
        5 => Just(PasswordText::Ascii),
        1 => Just(PasswordText::Symbols),
        1 => Just(PasswordText::Unicode),
        1 => Just(PasswordText::Long),
    ];
    (name, text, metadata())
}

fn app_client() -> impl Strategy<Value = AppClientChoice> {
    (
        weighted(0.35, Just(())),
        weighted(0.35, Just(())),
        weighted(0.15, switches()),
    )
        .prop_map(|(secret, hidden, explicit_auth_flows)| AppClientChoice {
            secret: secret.is_some(),
            prevent_user_existence_errors: hidden.is_some(),
            explicit_auth_flows,
            ..AppClientChoice::default()
        })
}

fn switches() -> impl Strategy<Value = Vec<ExplicitAuthFlow>> {
    use ExplicitAuthFlow as Flow;
    sample::select(vec![
        vec![],
        vec![Flow::AllowUserSrpAuth, Flow::AllowRefreshTokenAuth],
        vec![Flow::AllowUserPasswordAuth, Flow::AllowRefreshTokenAuth],
        vec![Flow::AllowCustomAuth, Flow::AllowRefreshTokenAuth],
        vec![Flow::UserPasswordAuth],
        vec![Flow::CustomAuthFlowOnly],
    ])
}

fn custom() -> impl Strategy<Value = Option<CustomScript>> {
    let wrong = prop_oneof![2 => Just(OnWrongAnswer::Again), 1 => Just(OnWrongAnswer::Fail)];
    let rounds = prop_oneof![
        8 => vec(round(), 0..=3),
        1 => vec(round(), 10..=10),
    ];
    let failure = sample::select(vec![
        TriggerFailure::DefineThrows("no more".to_owned()),
        TriggerFailure::CreateThrows("out of questions".to_owned()),
        TriggerFailure::VerifyThrows("cannot say".to_owned()),
        TriggerFailure::DefineReturnsNonsense,
    ]);
    let script = (
        rounds,
        wrong,
        weighted(0.1, Just(())),
        weighted(0.08, failure),
    )
        .prop_map(|(rounds, on_wrong_answer, skips, failure)| CustomScript {
            rounds,
            on_wrong_answer,
            skips_password: skips.is_some(),
            failure,
        });
    weighted(0.95, script)
}

fn round() -> impl Strategy<Value = Round> {
    let public = sample::select(vec![
        parameters(&[("question", "What is 3 + 4?")]),
        parameters(&[
            ("captchaUrl", "https://captcha.example/q/1.png"),
            ("type", "CAPTCHA"),
        ]),
        parameters(&[("prompt", "Straße \"1\"? \u{1f511}"), ("empty", "")]),
        Parameters::new(),
    ]);
    let answer = sample::select(vec![
        "7",
        "  two words ",
        "Ünïcode \u{1f511}",
        "{\"json\":[1]}",
        "0000123",
    ]);
    let metadata = weighted(0.5, Just("ROUND".to_owned()));
    (public, answer, metadata).prop_map(|(public, answer, metadata)| Round {
        public,
        private: parameters(&[("answer", answer), ("hint", "private-canary-91c2")]),
        metadata,
        answer: answer.to_owned(),
    })
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let choice = prop_oneof![3 => Just(AnswerChoice::Right), 1 => Just(AnswerChoice::Wrong)];
    vec(
        (choice, metadata()).prop_map(|(choice, metadata)| Answer { choice, metadata }),
        0..=4,
    )
}

/// The one special thing about a scenario, beyond its flow, person and client.
#[derive(Clone, Debug)]
enum Situation {
    Plain,
    Password(Password),
    User(UserKind),
    Migration(MigrationScript, Password, bool),
    Steered(Steering),
    Fault(Fault),
    Attack(Attack),
    Name(TypedName),
    Story(Story),
}

impl Situation {
    fn put_into(self, mut scenario: Scenario) -> Scenario {
        match self {
            Self::Plain => {}
            Self::Password(password) => scenario.password = password,
            Self::User(user) => scenario.user = user,
            Self::Migration(script, password, again_by_srp) => {
                scenario.user = UserKind::InOldDirectory;
                scenario.migration = Some(script);
                scenario.password = password;
                if again_by_srp {
                    scenario.then = vec![again_by(AuthFlowType::UserSrp)];
                }
            }
            Self::Steered(steering) => {
                // Nothing is steered where no round of SRP takes place: what else could hinder one is left to scenarios of
                // its own.
                let has_srp = match scenario.flow {
                    Some(AuthFlowType::CustomWithSrp) => scenario.custom.is_some(),
                    Some(flow) => flow.has_srp(),
                    None => true,
                };
                scenario.config = ConfigSource::Direct;
                if !has_srp {
                    scenario.flow = Some(AuthFlowType::UserSrp);
                }
                if let Some(script) = &mut scenario.custom {
                    script.skips_password = false;
                    script.failure = None;
                }
                scenario.client.explicit_auth_flows = None;
                scenario.steering = steering;
            }
            Self::Fault(fault) => scenario.fault = Some(fault),
            Self::Attack(attack) => scenario.attack = Some(attack),
            Self::Name(name) => scenario.name = name,
            Self::Story(story) => story.put_into(&mut scenario),
        }
        scenario
    }
}

/// A further sign-in by this flow.
fn again_by(flow: AuthFlowType) -> Act {
    Act::SignIn(SignInAgain {
        flow: Some(flow),
        ..SignInAgain::default()
    })
}

fn situation() -> impl Strategy<Value = Situation> {
    prop_oneof![
        24 => Just(Situation::Plain),
        8 => prop_oneof![
            4 => Just(Password::Wrong),
            1 => Just(Password::Absent),
            1 => Just(Password::Empty),
        ].prop_map(Situation::Password),
        12 => user().prop_map(Situation::User),
        7 => migration(),
        14 => steering().prop_map(Situation::Steered),
        14 => fault().prop_map(Situation::Fault),
        9 => sample::select(Attack::ALL.to_vec()).prop_map(Situation::Attack),
        2 => sample::select(vec![TypedName::Empty, TypedName::Sub]).prop_map(Situation::Name),
        40 => story().prop_map(Situation::Story),
    ]
}

fn user() -> impl Strategy<Value = UserKind> {
    let attributes = sample::select(vec![vec![], vec!["name"], vec!["name", "family_name"]]);
    prop_oneof![
        4 => attributes.prop_map(|names| UserKind::TemporaryPassword {
            missing_attributes: names.into_iter().map(str::to_owned).collect(),
        }),
        2 => Just(UserKind::Unknown),
        1 => Just(UserKind::Unconfirmed),
        1 => Just(UserKind::ResetRequired),
        1 => Just(UserKind::Disabled),
    ]
}

fn migration() -> impl Strategy<Value = Situation> {
    let status = prop_oneof![
        3 => Just(Some("CONFIRMED".to_owned())),
        1 => Just(None),
        1 => Just(Some("RESET_REQUIRED".to_owned())),
    ];
    let password = prop_oneof![4 => Just(Password::Right), 1 => Just(Password::Wrong)];
    (
        status,
        weighted(0.5, Just("SUPPRESS".to_owned())),
        weighted(0.12, Just("directory is down".to_owned())),
        password,
        proptest::bool::ANY,
    )
        .prop_map(
            |(final_user_status, message_action, throws, password, again)| {
                let script = MigrationScript {
                    directory: Default::default(),
                    attributes: Default::default(),
                    final_user_status,
                    message_action,
                    force_alias_creation: false,
                    throws,
                };
                Situation::Migration(script, password, again)
            },
        )
}

/// Mostly one wish. The longer a search takes, the rarer it is, so that searches don't become most of a run: S, whose tries
/// cost most, seldom begins with a zero octet and never with two.
fn steering() -> impl Strategy<Value = Steering> {
    let salt = sample::select(vec![
        ByteClass::Top,
        ByteClass::ZeroNibble,
        ByteClass::Plain,
    ])
    .prop_map(|class| Steering {
        salt: Some(SaltChoice::Class(class)),
        ..Steering::default()
    });
    let common = || vec![ByteClass::Top, ByteClass::ZeroNibble];
    let shorter = || vec![ByteClass::ZeroLow, ByteClass::ZeroHigh];
    let either = || [common(), shorter()].concat();
    let begins = |values: Vec<SrpValue>, classes: Vec<ByteClass>| {
        (sample::select(values), sample::select(classes))
            .prop_map(|(value, class)| vec![Wish::Begins(value, class)])
    };
    let of_b = prop_oneof![
        14 => begins(vec![SrpValue::B, SrpValue::U], either()),
        5 => begins(vec![SrpValue::S], common()),
        1 => begins(vec![SrpValue::S], shorter()),
    ];
    let of_a = prop_oneof![
        3 => begins(vec![SrpValue::A], either()),
        1 => Just(vec![Wish::OddExponent]),
    ];
    let both = sample::select(vec![
        [
            Wish::Begins(SrpValue::B, ByteClass::ZeroNibble),
            Wish::Begins(SrpValue::U, ByteClass::Top),
        ],
        [
            Wish::Begins(SrpValue::B, ByteClass::ZeroNibble),
            Wish::Begins(SrpValue::S, ByteClass::Top),
        ],
        [
            Wish::Begins(SrpValue::U, ByteClass::ZeroNibble),
            Wish::Begins(SrpValue::S, ByteClass::Top),
        ],
        [
            Wish::Begins(SrpValue::B, ByteClass::ZeroLow),
            Wish::Begins(SrpValue::U, ByteClass::Top),
        ],
        [Wish::Begins(SrpValue::B, ByteClass::Top), Wish::OddExponent],
    ])
    .prop_map(Vec::from);
    let rarest = prop_oneof![
        2 => begins(vec![SrpValue::B, SrpValue::A], vec![ByteClass::ZeroZero]),
        1 => begins(vec![SrpValue::U], vec![ByteClass::ZeroZero]),
    ];
    let reach =
        prop_oneof![20 => of_b, 4 => of_a, 4 => both, 1 => rarest].prop_map(|reach| Steering {
            reach,
            ..Steering::default()
        });
    prop_oneof![1 => salt, 4 => reach]
}

fn fault() -> impl Strategy<Value = Fault> {
    let bad = || {
        sample::select(vec![
            BadHex::Zero,
            BadHex::N,
            BadHex::TwoN,
            BadHex::Empty,
            BadHex::NotHex,
            BadHex::Negative,
        ])
    };
    let first = prop_oneof![
        4 => bad().prop_map(FaultKind::SrpB),
        2 => sample::select(vec![BadHex::Empty, BadHex::NotHex, BadHex::Negative]).prop_map(FaultKind::Salt),
        1 => Just(FaultKind::SecretBlockNotBase64),
        2 => sample::select(vec![key::SALT, key::SRP_B, key::SECRET_BLOCK, key::USER_ID_FOR_SRP, key::USERNAME])
            .prop_map(|name| FaultKind::Without(name.to_owned())),
    ]
    .prop_map(|kind| Fault::new(0, kind));
    let any = prop_oneof![
        2 => sample::select(ErrorForm::ALL.to_vec()).prop_map(FaultKind::Error),
        1 => Just(FaultKind::UnknownChallenge),
        1 => Just(FaultKind::EmptyObject),
        1 => Just(FaultKind::ServerError),
        1 => Just(FaultKind::Truncated),
        1 => Just(FaultKind::Dropped),
        1 => Just(FaultKind::UnknownMember),
        1 => sample::select(vec!["IdToken", "AccessToken", "RefreshToken"])
            .prop_map(|name| FaultKind::WithoutToken(name.to_owned())),
    ];
    prop_oneof![
        1 => first,
        1 => (0_usize..=2, any).prop_map(|(exchange, kind)| Fault::new(exchange, kind)),
    ]
}

fn clock() -> impl Strategy<Value = Option<i64>> {
    let instants = vec![
        1_777_971_787, // 2026-05-05 09:03:07: one digit each of day, hour, minute and second; May reads alike in full
        1_788_566_645, // 2026-09-05 00:04:05: day of one digit just after midnight, an hour that some write 24 or 12
        1_802_703_845, // 2027-02-15 15:04:05: afternoon
        1_798_761_599, // 2026-12-31 23:59:59: other years east of here
        1_835_395_200, // 2028-02-29 00:00:00: leap day, midnight
        1_792_324_800, // 2026-10-18 12:00:00: noon
    ];
    weighted(0.6, sample::select(instants))
}
