//! What is asked beyond the password, and how it is answered.

use super::axis::{Axis, Need, SOME, Value, is};
use super::sign_in::tenant;
use crate::model::{CustomScript, FirstFactor, MfaMethod, OnWrongAnswer, Round, TriggerFailure};
use crate::scenario::factor::{FirstFactors, Mfa};
use crate::scenario::input::{Answer, AnswerChoice};
use crate::scenario::parameters::parameters;
use crate::scenario::types::Scenario;
use crate::wire::{ChallengeName, Parameters};

/// A value of the script, where there is one.
macro_rules! of_script {
    ($name:literal, $weight:literal, $member:ident = $value:expr) => {
        Value::new(
            $name,
            $weight,
            |s| {
                if let Some(script) = &mut s.custom {
                    script.$member = $value;
                }
            },
            |s| match &s.custom {
                Some(script) => script.$member == $value,
                None => CustomScript::default().$member == $value,
            },
        )
    };
}

/// How many rounds there are.
macro_rules! rounds {
    ($name:literal, $weight:literal, $count:literal) => {
        Value::new(
            $name,
            $weight,
            |s| s.custom = Some(rounds($count)),
            |s| {
                s.custom
                    .as_ref()
                    .is_some_and(|script| script.rounds.len() == $count)
            },
        )
    };
}

/// A value of the second factor, where there is one.
macro_rules! of_mfa {
    ($name:literal, $weight:literal, $set:expr, $holds:expr) => {
        Value::new(
            $name,
            $weight,
            |s| {
                if let Some(mfa) = &mut s.mfa {
                    let set: fn(&mut Mfa) = $set;
                    set(mfa);
                }
            },
            |s| {
                let holds: fn(&Mfa) -> bool = $holds;
                holds(s.mfa.as_ref().unwrap_or(&Mfa::default()))
            },
        )
    };
}

/// Which second factors the pool offers.
macro_rules! offered {
    ($name:literal, $weight:literal, $offered:expr) => {
        Value::new(
            $name,
            $weight,
            |s| {
                s.mfa = Some(Mfa {
                    offered: $offered.to_vec(),
                    ..Mfa::default()
                });
            },
            |s| s.mfa.as_ref().is_some_and(|mfa| mfa.offered == $offered),
        )
    };
}

/// Which first factor the person comes to.
macro_rules! first {
    ($name:literal, $weight:literal, $factor:expr) => {
        Value::new(
            $name,
            $weight,
            |s| {
                let factors = s.first_factors.get_or_insert_with(password_only);
                factors.choice = Some($factor);
            },
            |s| first_factor(s) == Some(&$factor),
        )
    };
}

/// Which first factors the pool allows.
macro_rules! allowed {
    ($name:literal, $weight:literal, $allowed:expr) => {
        Value::new(
            $name,
            $weight,
            |s| s.first_factors.get_or_insert_with(password_only).allowed = $allowed.to_vec(),
            |s| s.first_factors.as_ref().unwrap_or(&password_only()).allowed == $allowed,
        )
    };
}

pub(super) const AXES: &[Axis] = &[
    Axis {
        name: "custom",
        about: "the challenge triggers, and how many rounds they make",
        needs: None,
        values: &[
            is!("none", 1, custom = None),
            rounds!("one-round", 10, 1),
            rounds!("two-rounds", 3, 2),
            rounds!("no-round", 1, 0),
        ],
    },
    Axis {
        name: "custom-on-wrong",
        about: "what follows a wrong answer",
        needs: Some(NO_ROUND),
        values: &[
            of_script!("again", 3, on_wrong_answer = OnWrongAnswer::Again),
            of_script!("fail", 1, on_wrong_answer = OnWrongAnswer::Fail),
        ],
    },
    Axis {
        name: "custom-skips-password",
        about: "whether Define goes on without asking for the password",
        needs: Some(Need {
            any: &[
                &[("custom", SOME), ("flow", &["customWithSRP"])],
                &[
                    ("custom", SOME),
                    ("flow", &["none"]),
                    ("file-flow", &["custom-with-srp", "custom"]),
                ],
            ],
            otherwise: "no custom flow begins with the password",
        }),
        values: &[
            of_script!("no", 8, skips_password = false),
            of_script!("yes", 1, skips_password = true),
        ],
    },
    Axis {
        name: "custom-failure",
        about: "how a challenge trigger fails",
        needs: Some(NO_ROUND),
        values: &[
            of_script!("none", 12, failure = None),
            of_script!(
                "define-throws",
                1,
                failure = Some(TriggerFailure::DefineThrows("no more".to_owned()))
            )
            .stops(),
            of_script!(
                "create-throws",
                1,
                failure = Some(TriggerFailure::CreateThrows("no question".to_owned()))
            )
            .stops(),
            of_script!(
                "verify-throws",
                1,
                failure = Some(TriggerFailure::VerifyThrows("cannot say".to_owned()))
            )
            .stops(),
            of_script!(
                "define-returns-nonsense",
                1,
                failure = Some(TriggerFailure::DefineReturnsNonsense)
            )
            .stops(),
        ],
    },
    Axis {
        name: "answers",
        about: "the answers to custom challenges",
        needs: Some(NO_ROUND),
        values: &[
            Value::new(
                "right",
                4,
                |s| change_answer(s, |answer| answer.choice = AnswerChoice::Right),
                |s| first_answer(s).choice == AnswerChoice::Right,
            ),
            Value::new(
                "wrong-then-right",
                1,
                |s| change_answer(s, |answer| answer.choice = AnswerChoice::Wrong),
                |s| first_answer(s).choice == AnswerChoice::Wrong,
            ),
        ],
    },
    Axis {
        name: "answer-metadata",
        about: "ClientMetadata of the first answer",
        needs: Some(NO_ROUND),
        values: &[
            Value::new(
                "none",
                3,
                |s| change_answer(s, |answer| answer.metadata = Parameters::new()),
                |s| first_answer(s).metadata.is_empty(),
            ),
            Value::new(
                "some",
                1,
                |s| change_answer(s, |answer| answer.metadata = tenant()),
                |s| !first_answer(s).metadata.is_empty(),
            ),
        ],
    },
    Axis {
        name: "first-factors",
        about: "AllowedFirstAuthFactors",
        needs: None,
        values: &[
            Value::new(
                "password",
                2,
                |s| {
                    if let Some(of) = &mut s.first_factors {
                        of.allowed = vec![FirstFactor::Password];
                    }
                },
                |s| {
                    s.first_factors.as_ref().unwrap_or(&password_only()).allowed
                        == [FirstFactor::Password]
                },
            ),
            allowed!(
                "password-and-email",
                2,
                [FirstFactor::Password, FirstFactor::EmailOtp]
            ),
            allowed!(
                "password-and-sms",
                1,
                [FirstFactor::Password, FirstFactor::SmsOtp]
            ),
            allowed!(
                "all",
                2,
                [
                    FirstFactor::Password,
                    FirstFactor::EmailOtp,
                    FirstFactor::SmsOtp
                ]
            ),
        ],
    },
    Axis {
        name: "first-factor",
        about: "which first factor the person comes to",
        needs: Some(NO_CHOICE),
        values: &[
            Value::new(
                "first-of-the-list",
                2,
                |_| {},
                |s| first_factor(s).is_none(),
            ),
            first!("password", 2, ChallengeName::Password),
            first!("srp", 2, ChallengeName::PasswordSrp),
            first!("email", 2, ChallengeName::EmailOtp),
            first!("sms", 2, ChallengeName::SmsOtp),
        ],
    },
    Axis {
        name: "first-factor-by",
        about: "how the person comes to it",
        needs: Some(Need {
            any: &[&[("first-factor", SOME)]],
            otherwise: "the person comes to the first of the list",
        }),
        values: &[
            Value::new(
                "choice",
                1,
                |_| {},
                |s| {
                    s.first_factors
                        .as_ref()
                        .is_none_or(|of| of.preferred.is_none())
                },
            ),
            Value::new(
                "preference",
                1,
                |s| {
                    if let Some(of) = &mut s.first_factors {
                        of.preferred = of.choice.take();
                    }
                },
                |s| {
                    s.first_factors
                        .as_ref()
                        .is_some_and(|of| of.preferred.is_some())
                },
            ),
        ],
    },
    Axis {
        name: "mfa-offered",
        about: "the second factors that the pool offers",
        needs: None,
        values: &[
            is!("none", 1, mfa = None),
            offered!("sms", 1, [MfaMethod::SmsMfa]),
            offered!("totp", 2, [MfaMethod::SoftwareTokenMfa]),
            offered!("email", 1, [MfaMethod::EmailOtp]),
            offered!(
                "totp-and-email",
                1,
                [MfaMethod::SoftwareTokenMfa, MfaMethod::EmailOtp]
            ),
            offered!("all", 2, MfaMethod::ALL),
        ],
    },
    Axis {
        name: "mfa-required",
        about: "whether everybody needs a second factor",
        needs: Some(NO_FACTOR),
        values: &[
            of_mfa!("no", 1, |mfa| mfa.required = false, |mfa| !mfa.required),
            of_mfa!("yes", 2, |mfa| mfa.required = true, |mfa| mfa.required),
        ],
    },
    Axis {
        name: "mfa-enrolled",
        about: "which of the offered factors the user has",
        needs: Some(NO_FACTOR),
        values: &[
            of_mfa!("none", 4, |mfa| mfa.enrolled.clear(), |mfa| mfa
                .enrolled
                .is_empty()),
            of_mfa!(
                "the-first",
                2,
                |mfa| mfa.enrolled = mfa.offered[..1].to_vec(),
                |mfa| mfa.enrolled.len() == 1
            ),
            of_mfa!(
                "all",
                3,
                |mfa| mfa.enrolled.clone_from(&mfa.offered),
                |mfa| mfa.enrolled.len() > 1 && mfa.enrolled == mfa.offered
            )
            .needs(Need {
                any: &[&[("mfa-offered", &["totp-and-email", "all"])]],
                otherwise: "one factor is all that the pool offers",
            }),
        ],
    },
    Axis {
        name: "mfa-choice",
        about: "which factor the user prefers, or chooses",
        needs: None,
        values: &[
            of_mfa!("unsaid", 2, |_| {}, |mfa| mfa.preferred.is_none()
                && mfa.choice.is_none()),
            of_mfa!(
                "prefers-the-last",
                1,
                |mfa| mfa.preferred = mfa.enrolled.last().copied(),
                |mfa| mfa.preferred.is_some()
            )
            .needs(NOTHING_TO_PREFER),
            of_mfa!(
                "chooses-the-last",
                2,
                |mfa| mfa.choice = last_choice(mfa),
                |mfa| mfa.choice.is_some()
            )
            .needs(NOTHING_TO_CHOOSE),
        ],
    },
    Axis {
        name: "codes",
        about: "the codes that the person gives in the first sign-in",
        needs: Some(Need {
            any: &[
                &[("mfa-enrolled", SOME)],
                &[("mfa-required", &["yes"])],
                &[("flow", &["userAuth"]), ("first-factor", &["email", "sms"])],
            ],
            otherwise: "no code is asked for",
        }),
        values: &[
            is!("right", 1, codes = Vec::new()),
            is!("wrong-then-right", 1, codes = vec![AnswerChoice::Wrong]),
            is!(
                "right-then-wrong",
                1,
                codes = vec![AnswerChoice::Right, AnswerChoice::Wrong]
            ),
        ],
    },
];

fn rounds(count: usize) -> CustomScript {
    let round = |number: usize| Round {
        public: parameters(&[("question", "What is 3 + 4?")]),
        private: parameters(&[("answer", "7"), ("hint", "private-canary-91c2")]),
        metadata: Some(format!("ROUND-{number}")),
        answer: "7".to_owned(),
    };
    CustomScript {
        rounds: (0..count).map(round).collect(),
        ..CustomScript::default()
    }
}

/// Changes the first answer. One that is as any is left out.
fn change_answer(scenario: &mut Scenario, change: fn(&mut Answer)) {
    let mut answer = first_answer(scenario);
    change(&mut answer);
    scenario.answers = match answer == Answer::default() {
        true => Vec::new(),
        false => vec![answer],
    };
}

fn first_answer(scenario: &Scenario) -> Answer {
    scenario.answers.first().cloned().unwrap_or_default()
}

/// The last of the factors that the person can choose: of those to set up, where the user has none.
fn last_choice(mfa: &Mfa) -> Option<MfaMethod> {
    let can_be_set_up = |method: &&MfaMethod| **method != MfaMethod::SmsMfa;
    match mfa.enrolled.last() {
        Some(last) => Some(*last),
        None => mfa.offered.iter().rfind(can_be_set_up).copied(),
    }
}

fn password_only() -> FirstFactors {
    FirstFactors {
        allowed: vec![FirstFactor::Password],
        ..FirstFactors::default()
    }
}

/// The factor that the person chooses or prefers.
fn first_factor(scenario: &Scenario) -> Option<&ChallengeName> {
    let factors = scenario.first_factors.as_ref()?;
    factors.preferred.as_ref().or(factors.choice.as_ref())
}

const NO_ROUND: Need = Need {
    any: &[
        &[
            ("custom", &["one-round", "two-rounds"]),
            ("flow", &["customWithSRP", "customWithoutSRP"]),
        ],
        &[
            ("custom", &["one-round", "two-rounds"]),
            ("flow", &["none"]),
            (
                "file-flow",
                &["custom-with-srp", "custom-without-srp", "custom"],
            ),
        ],
    ],
    otherwise: "there is no round of a custom challenge",
};
const NO_CHOICE: Need = Need {
    any: &[&[("flow", &["userAuth"])]],
    otherwise: "no first factor is chosen in this flow",
};
const NO_FACTOR: Need = Need {
    any: &[&[("mfa-offered", SOME)]],
    otherwise: "the pool offers no second factor",
};
const NOTHING_TO_PREFER: Need = Need {
    any: &[&[("mfa-enrolled", SOME)]],
    otherwise: "the user has no second factor",
};
const NOTHING_TO_CHOOSE: Need = Need {
    any: &[
        &[("mfa-enrolled", SOME)],
        &[
            ("mfa-required", &["yes"]),
            ("mfa-offered", &["totp", "email", "totp-and-email", "all"]),
        ],
    ],
    otherwise: "there is no second factor to choose",
};
