//! The axes of a scenario: what can be varied by itself, with the values that it takes.
//!
//! A value is set on a scenario and recognised in one. Which pairs of values are possible is [`check_limits`]'s matter, not
//! this list's: values that exclude each other are told apart by what it refuses, or by one undoing the other.
//!
//! [`check_limits`]: Scenario::check_limits

use super::act::{Act, FetchSession, Reset, SignInAgain, Who};
use super::factor::{FirstFactors, Mfa};
use super::fault::{BadHex, ErrorForm, Fault, FaultKind, Meanwhile};
use super::input::{Answer, AnswerChoice, Password, PasswordText, TypedName};
use super::parameters::parameters;
use super::types::{Attack, ConfigSource, Scenario, UserKind};
use crate::model::{
    ByteClass, CustomScript, DeviceTracking, ExplicitAuthFlow, FirstFactor, MfaMethod,
    MigrationScript, OnWrongAnswer, Round, SaltChoice, TriggerFailure,
};
use crate::wire::names::key;
use crate::wire::{AuthFlowType, ChallengeName, Parameters};

/// Something about a scenario that can be varied by itself.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// The axis that needs another value than its plainest before this one means anything, and why.
    pub needs: Option<(&'static str, &'static str)>,
    /// Its values, the plainest first.
    pub values: &'static [Value],
}

/// One value of an axis.
#[derive(Clone, Copy)]
pub struct Value {
    /// Its name, unique on its axis.
    pub name: &'static str,
    /// How often the free strategy draws it, in relation to the other values of the axis.
    pub weight: u32,
    /// Sets it.
    pub set: fn(&mut Scenario),
    /// Whether a scenario has it.
    pub holds: fn(&Scenario) -> bool,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A value that is one member of the scenario.
macro_rules! is {
    ($name:literal, $weight:literal, $($member:ident).+ = $value:expr) => {
        Value {
            name: $name,
            weight: $weight,
            set: |s| s.$($member).+ = $value,
            holds: |s| s.$($member).+ == $value,
        }
    };
}

/// A value of the second factor, where there is one.
macro_rules! of_mfa {
    ($name:literal, $weight:literal, $set:expr, $holds:expr) => {
        Value {
            name: $name,
            weight: $weight,
            set: |s| {
                if let Some(mfa) = &mut s.mfa {
                    let set: fn(&mut Mfa) = $set;
                    set(mfa);
                }
            },
            holds: |s| {
                let holds: fn(&Mfa) -> bool = $holds;
                holds(s.mfa.as_ref().unwrap_or(&Mfa::default()))
            },
        }
    };
}

/// A value that is about what is done after the first sign-in, at one place.
macro_rules! act {
    ($at:literal, $name:literal, $weight:literal, $act:expr) => {
        Value {
            name: $name,
            weight: $weight,
            set: |s| s.then.push($act),
            holds: |s| s.then.get($at).is_some_and(|act| *act == $act),
        }
    };
}

/// What is done at one place after the first sign-in.
macro_rules! acts {
    ($name:literal, $at:literal, $nothing:literal, $needs:expr) => {
        Axis {
            name: $name,
            about: "what is done after the first sign-in, in this place",
            needs: $needs,
            values: &[
                Value {
                    name: "nothing",
                    weight: $nothing,
                    set: |_| {},
                    holds: |s| s.then.len() <= $at,
                },
                act!($at, "sign-in", 14, again(|_| {})),
                act!($at, "other-signs-in", 3, again(|a| a.who = Who::Other)),
                act!(
                    $at,
                    "sign-in-by-srp",
                    2,
                    again(|a| a.flow = Some(AuthFlowType::UserSrp))
                ),
                act!(
                    $at,
                    "sign-in-by-password",
                    2,
                    again(|a| a.flow = Some(AuthFlowType::UserPassword))
                ),
                act!(
                    $at,
                    "sign-in-custom-with-srp",
                    1,
                    again(|a| a.flow = Some(AuthFlowType::CustomWithSrp))
                ),
                act!(
                    $at,
                    "sign-in-custom-without-srp",
                    1,
                    again(|a| a.flow = Some(AuthFlowType::CustomWithoutSrp))
                ),
                act!(
                    $at,
                    "sign-in-by-choice",
                    1,
                    again(|a| a.flow = Some(AuthFlowType::UserAuth))
                ),
                act!(
                    $at,
                    "sign-in-wrongly",
                    2,
                    again(|a| a.password = Password::Wrong)
                ),
                act!(
                    $at,
                    "sign-in-without-password",
                    1,
                    again(|a| a.password = Password::Absent)
                ),
                act!(
                    $at,
                    "sign-in-by-phone",
                    2,
                    again(|a| a.name = Some(TypedName::Phone))
                ),
                act!(
                    $at,
                    "sign-in-by-email",
                    1,
                    again(|a| a.name = Some(TypedName::Email))
                ),
                act!($at, "sign-in-later", 1, again(|a| a.after = 3700)),
                act!(
                    $at,
                    "other-signs-in-by-password",
                    1,
                    again(|a| {
                        a.who = Who::Other;
                        a.flow = Some(AuthFlowType::UserPassword);
                    })
                ),
                act!($at, "session", 2, fetch(|_| {})),
                act!($at, "session-forced", 16, fetch(|f| f.force = true)),
                act!(
                    $at,
                    "session-forced-with-metadata",
                    3,
                    fetch(|f| {
                        f.force = true;
                        f.metadata = tenant();
                    })
                ),
                act!($at, "session-a-little-later", 1, fetch(|f| f.after = 400)),
                act!(
                    $at,
                    "session-forced-later",
                    14,
                    fetch(|f| {
                        f.after = 400;
                        f.force = true;
                    })
                ),
                act!($at, "session-later", 10, fetch(|f| f.after = 3700)),
                act!($at, "sign-out", 12, Act::sign_out(false)),
                act!($at, "sign-out-everywhere", 14, Act::sign_out(true)),
                act!($at, "remember-device", 7, Act::RememberDevice),
                act!($at, "forget-device", 5, Act::ForgetDevice),
                act!(
                    $at,
                    "reset-password",
                    6,
                    Act::ResetPassword(Reset::default())
                ),
                act!(
                    $at,
                    "reset-password-with-metadata",
                    2,
                    Act::ResetPassword(Reset {
                        metadata: tenant(),
                        ..Reset::default()
                    })
                ),
                act!(
                    $at,
                    "reset-password-wrongly",
                    1,
                    Act::ResetPassword(Reset {
                        code: AnswerChoice::Wrong,
                        ..Reset::default()
                    })
                ),
            ],
        }
    };
}

/// A value that alters an answer, or the service before it.
macro_rules! fault {
    ($name:literal, $weight:literal, $kind:expr) => {
        Value {
            name: $name,
            weight: $weight,
            set: |s| s.fault = Some(Fault::new(0, $kind)),
            holds: |s| s.fault.as_ref().is_some_and(|fault| fault.kind == $kind),
        }
    };
}

/// A number of the fault, where there is one.
macro_rules! of_fault {
    ($name:literal, $weight:literal, $member:ident = $value:literal) => {
        Value {
            name: $name,
            weight: $weight,
            set: |s| {
                if let Some(fault) = &mut s.fault {
                    fault.$member = $value;
                }
            },
            holds: |s| s.fault.as_ref().map_or(0, |fault| fault.$member) == $value,
        }
    };
}

/// How the person comes to a first factor.
macro_rules! first {
    ($name:literal, $weight:literal, $preferred:expr, $choice:expr) => {
        Value {
            name: $name,
            weight: $weight,
            set: |s| {
                let factors = s.first_factors.get_or_insert_with(password_only);
                factors.preferred = $preferred;
                factors.choice = $choice;
                if *factors == password_only() {
                    s.first_factors = None;
                }
            },
            holds: |s| {
                let of = s.first_factors.as_ref();
                of.and_then(|of| of.preferred.clone()) == $preferred
                    && of.and_then(|of| of.choice.clone()) == $choice
            },
        }
    };
}

/// Which first factors the pool allows.
macro_rules! allowed {
    ($name:literal, $weight:literal, $allowed:expr) => {
        Value {
            name: $name,
            weight: $weight,
            set: |s| {
                s.first_factors.get_or_insert_with(password_only).allowed = $allowed.to_vec();
                if s.first_factors == Some(password_only()) {
                    s.first_factors = None;
                }
            },
            holds: |s| s.first_factors.as_ref().unwrap_or(&password_only()).allowed == $allowed,
        }
    };
}

/// Every axis. Those whose values need another axis' come after it.
pub static AXES: &[Axis] = &[
    Axis {
        name: "flow",
        about: "the run-time option of signIn",
        needs: None,
        values: &[
            is!("none", 5, flow = None),
            is!("userSRP", 5, flow = Some(AuthFlowType::UserSrp)),
            is!("userPassword", 3, flow = Some(AuthFlowType::UserPassword)),
            is!("customWithSRP", 2, flow = Some(AuthFlowType::CustomWithSrp)),
            is!(
                "customWithoutSRP",
                2,
                flow = Some(AuthFlowType::CustomWithoutSrp)
            ),
            is!("userAuth", 4, flow = Some(AuthFlowType::UserAuth)),
        ],
    },
    Axis {
        name: "file",
        about: "where the port takes its settings from",
        needs: None,
        values: &[
            is!("none", 10, config = ConfigSource::Direct),
            is!("gen1", 1, config = gen1(None, None)),
            is!("gen1-srp", 1, config = gen1(Some("USER_SRP_AUTH"), None)),
            is!(
                "gen1-password",
                1,
                config = gen1(Some("USER_PASSWORD_AUTH"), None)
            ),
            is!(
                "gen1-custom-with-srp",
                1,
                config = gen1(Some("CUSTOM_AUTH_WITH_SRP"), None)
            ),
            is!(
                "gen1-custom-without-srp",
                1,
                config = gen1(Some("CUSTOM_AUTH_WITHOUT_SRP"), None)
            ),
            is!("gen1-custom", 1, config = gen1(Some("CUSTOM_AUTH"), None)),
            is!(
                "gen1-unknown-word",
                1,
                config = gen1(Some("USER_SRP"), None)
            ),
            is!(
                "gen1-migration",
                3,
                config = gen1(Some("USER_SRP_AUTH"), Some(true))
            ),
            is!("gen1-no-migration", 1, config = gen1(None, Some(false))),
            is!("gen2", 1, config = gen2(None)),
            is!(
                "gen2-password",
                1,
                config = gen2(Some("USER_PASSWORD_AUTH"))
            ),
        ],
    },
    Axis {
        name: "name",
        about: "what is typed as name",
        needs: None,
        values: &[
            is!("email", 12, name = TypedName::Email),
            is!("phone", 2, name = TypedName::Phone),
            is!("username", 3, name = TypedName::Username),
            is!("unicode-username", 1, name = TypedName::UnicodeUsername),
            is!("sub", 1, name = TypedName::Sub),
            is!("empty", 1, name = TypedName::Empty),
        ],
    },
    Axis {
        name: "password",
        about: "what is typed as password",
        needs: None,
        values: &[
            is!("right", 20, password = Password::Right),
            is!("wrong", 2, password = Password::Wrong),
            is!("empty", 1, password = Password::Empty),
            is!("absent", 1, password = Password::Absent),
        ],
    },
    Axis {
        name: "password-text",
        about: "what the right password is made of",
        needs: None,
        values: &[
            is!("ascii", 4, password_text = PasswordText::Ascii),
            is!("symbols", 1, password_text = PasswordText::Symbols),
            is!("unicode", 1, password_text = PasswordText::Unicode),
            is!("long", 1, password_text = PasswordText::Long),
        ],
    },
    Axis {
        name: "metadata",
        about: "ClientMetadata of signIn",
        needs: None,
        values: &[
            is!("none", 2, metadata = Parameters::new()),
            is!("some", 1, metadata = tenant()),
        ],
    },
    Axis {
        name: "client-secret",
        about: "whether the app client has a secret",
        needs: None,
        values: &[
            is!("none", 1, client.secret = false),
            is!("some", 1, client.secret = true),
        ],
    },
    Axis {
        name: "existence",
        about: "PreventUserExistenceErrors",
        needs: None,
        values: &[
            is!("told", 1, client.prevent_user_existence_errors = false),
            is!("hidden", 1, client.prevent_user_existence_errors = true),
        ],
    },
    Axis {
        name: "allowed-flows",
        about: "ExplicitAuthFlows",
        needs: None,
        values: &[
            is!("all", 24, client.explicit_auth_flows = None),
            is!("empty", 1, client.explicit_auth_flows = Some(Vec::new())),
            is!(
                "srp",
                1,
                client.explicit_auth_flows = Some(vec![
                    ExplicitAuthFlow::AllowUserSrpAuth,
                    ExplicitAuthFlow::AllowRefreshTokenAuth
                ])
            ),
            is!(
                "password",
                1,
                client.explicit_auth_flows = Some(vec![
                    ExplicitAuthFlow::AllowUserPasswordAuth,
                    ExplicitAuthFlow::AllowRefreshTokenAuth
                ])
            ),
            is!(
                "custom",
                1,
                client.explicit_auth_flows = Some(vec![
                    ExplicitAuthFlow::AllowCustomAuth,
                    ExplicitAuthFlow::AllowRefreshTokenAuth
                ])
            ),
            is!(
                "legacy-password",
                1,
                client.explicit_auth_flows = Some(vec![ExplicitAuthFlow::UserPasswordAuth])
            ),
            is!(
                "legacy-custom-only",
                1,
                client.explicit_auth_flows = Some(vec![ExplicitAuthFlow::CustomAuthFlowOnly])
            ),
        ],
    },
    Axis {
        name: "rotation",
        about: "RefreshTokenRotation",
        needs: None,
        values: &[
            is!("off", 1, client.rotates_refresh_tokens = false),
            is!("on", 2, client.rotates_refresh_tokens = true),
        ],
    },
    Axis {
        name: "access-token-life",
        about: "AccessTokenValidity",
        needs: None,
        values: &[
            is!("an-hour", 4, client.access_token_minutes = None),
            is!("five-minutes", 1, client.access_token_minutes = Some(5)),
        ],
    },
    Axis {
        name: "id-token-life",
        about: "IdTokenValidity",
        needs: None,
        values: &[
            is!("an-hour", 4, client.id_token_minutes = None),
            is!("five-minutes", 1, client.id_token_minutes = Some(5)),
        ],
    },
    Axis {
        name: "user",
        about: "the user who signs in",
        needs: None,
        values: &[
            is!("confirmed", 18, user = UserKind::Confirmed),
            is!("temporary-password", 6, user = temporary(&[])),
            is!("temporary-and-lacks-name", 2, user = temporary(&["name"])),
            is!("unconfirmed", 1, user = UserKind::Unconfirmed),
            is!("disabled", 5, user = UserKind::Disabled),
            is!("reset-required", 2, user = UserKind::ResetRequired),
            is!("unknown", 1, user = UserKind::Unknown),
            is!("in-old-directory", 4, user = UserKind::InOldDirectory),
        ],
    },
    Axis {
        name: "migration",
        about: "the User Migration trigger",
        needs: None,
        values: &[
            is!("none", 1, migration = None),
            is!(
                "confirms",
                3,
                migration = Some(migration(Some("CONFIRMED"), None))
            ),
            is!(
                "asks-for-reset",
                1,
                migration = Some(migration(Some("RESET_REQUIRED"), None))
            ),
            is!("says-no-status", 1, migration = Some(migration(None, None))),
            is!(
                "throws",
                1,
                migration = Some(migration(None, Some("directory is down")))
            ),
        ],
    },
    Axis {
        name: "custom",
        about: "what the challenge triggers do",
        needs: None,
        values: &[
            is!("none", 1, custom = None),
            is!("no-round", 1, custom = Some(rounds(0))),
            is!("one-round", 6, custom = Some(rounds(1))),
            is!("two-rounds", 2, custom = Some(rounds(2))),
            is!(
                "one-round-and-fails",
                2,
                custom = Some(CustomScript {
                    on_wrong_answer: OnWrongAnswer::Fail,
                    ..rounds(1)
                })
            ),
            is!(
                "skips-password",
                1,
                custom = Some(CustomScript {
                    skips_password: true,
                    ..rounds(1)
                })
            ),
            is!(
                "define-throws",
                1,
                custom = Some(failing(TriggerFailure::DefineThrows("no more".to_owned())))
            ),
            is!(
                "create-throws",
                1,
                custom = Some(failing(TriggerFailure::CreateThrows(
                    "no question".to_owned()
                )))
            ),
            is!(
                "verify-throws",
                1,
                custom = Some(failing(TriggerFailure::VerifyThrows(
                    "cannot say".to_owned()
                )))
            ),
            is!(
                "define-returns-nonsense",
                1,
                custom = Some(failing(TriggerFailure::DefineReturnsNonsense))
            ),
        ],
    },
    Axis {
        name: "answers",
        about: "the answers to custom challenges, and the metadata with them",
        needs: None,
        values: &[
            is!("right", 3, answers = Vec::new()),
            is!(
                "right-with-metadata",
                1,
                answers = vec![answer(AnswerChoice::Right, tenant())]
            ),
            is!(
                "wrong-then-right",
                1,
                answers = vec![answer(AnswerChoice::Wrong, Parameters::new())]
            ),
        ],
    },
    Axis {
        name: "first-factors",
        about: "AllowedFirstAuthFactors",
        needs: None,
        values: &[
            allowed!("password", 2, [FirstFactor::Password]),
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
        about: "how the person comes to a first factor, and to which",
        needs: None,
        values: &[
            first!("first-of-the-list", 2, None, None),
            first!("chooses-password", 1, None, Some(ChallengeName::Password)),
            first!("chooses-srp", 1, None, Some(ChallengeName::PasswordSrp)),
            first!("chooses-email", 1, None, Some(ChallengeName::EmailOtp)),
            first!("chooses-sms", 1, None, Some(ChallengeName::SmsOtp)),
            first!("prefers-password", 1, Some(ChallengeName::Password), None),
            first!("prefers-srp", 1, Some(ChallengeName::PasswordSrp), None),
            first!("prefers-email", 1, Some(ChallengeName::EmailOtp), None),
            first!("prefers-sms", 1, Some(ChallengeName::SmsOtp), None),
        ],
    },
    Axis {
        name: "mfa-offered",
        about: "the second factors that the pool offers",
        needs: None,
        values: &[
            is!("none", 1, mfa = None),
            offered(
                "sms",
                1,
                |s| offer(s, &[MfaMethod::SmsMfa]),
                |s| offers(s, &[MfaMethod::SmsMfa]),
            ),
            offered(
                "totp",
                2,
                |s| offer(s, &[MfaMethod::SoftwareTokenMfa]),
                |s| offers(s, &[MfaMethod::SoftwareTokenMfa]),
            ),
            offered(
                "email",
                1,
                |s| offer(s, &[MfaMethod::EmailOtp]),
                |s| offers(s, &[MfaMethod::EmailOtp]),
            ),
            offered(
                "totp-and-email",
                1,
                |s| offer(s, &TOTP_AND_EMAIL),
                |s| offers(s, &TOTP_AND_EMAIL),
            ),
            offered(
                "all",
                2,
                |s| offer(s, &MfaMethod::ALL),
                |s| offers(s, &MfaMethod::ALL),
            ),
        ],
    },
    Axis {
        name: "mfa-required",
        about: "whether everybody needs a second factor",
        needs: Some(("mfa-offered", NO_FACTOR)),
        values: &[
            of_mfa!("no", 1, |mfa| mfa.required = false, |mfa| !mfa.required),
            of_mfa!("yes", 2, |mfa| mfa.required = true, |mfa| mfa.required),
        ],
    },
    Axis {
        name: "mfa-enrolled",
        about: "which of the offered factors the user has",
        needs: Some(("mfa-offered", NO_FACTOR)),
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
            ),
        ],
    },
    Axis {
        name: "mfa-choice",
        about: "which factor the user prefers, or chooses",
        needs: Some(("mfa-enrolled", NOTHING_TO_CHOOSE)),
        values: &[
            of_mfa!("unsaid", 2, |_| {}, |mfa| mfa.preferred.is_none()
                && mfa.choice.is_none()),
            of_mfa!(
                "prefers-the-last",
                1,
                |mfa| mfa.preferred = mfa.enrolled.last().copied(),
                |mfa| mfa.preferred.is_some()
            ),
            of_mfa!(
                "chooses-the-last",
                2,
                |mfa| mfa.choice = last_choice(mfa),
                |mfa| mfa.choice.is_some()
            ),
        ],
    },
    Axis {
        name: "codes",
        about: "the codes that the person gives in the first sign-in",
        needs: None,
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
    Axis {
        name: "devices",
        about: "device tracking",
        needs: None,
        values: &[
            is!("none", 3, devices = None),
            is!("always", 2, devices = Some(tracking(false, false))),
            is!("on-prompt", 1, devices = Some(tracking(false, true))),
            is!(
                "in-place-of-a-factor",
                1,
                devices = Some(tracking(true, false))
            ),
            is!(
                "in-place-of-a-factor-on-prompt",
                1,
                devices = Some(tracking(true, true))
            ),
        ],
    },
    Axis {
        name: "salt",
        about: "the form of the user's salt",
        needs: None,
        values: &[
            is!("any", 5, steering.salt = None),
            is!(
                "top",
                1,
                steering.salt = Some(SaltChoice::Class(ByteClass::Top))
            ),
            is!(
                "nib",
                1,
                steering.salt = Some(SaltChoice::Class(ByteClass::ZeroNibble))
            ),
        ],
    },
    Axis {
        name: "clock",
        about: "the instant of the first sign-in, where it can be set",
        needs: None,
        values: &[
            is!("plain", 3, clock = None),
            is!("one-digit-day", 1, clock = Some(1_777_971_787)),
            is!("midnight-of-a-leap-day", 1, clock = Some(1_835_395_200)),
            is!("end-of-a-year", 1, clock = Some(1_798_761_599)),
        ],
    },
    acts!("act-1", 0, 6, None),
    acts!("act-2", 1, 6, Some(("act-1", NO_ACT))),
    acts!("act-3", 2, 12, Some(("act-2", NO_ACT))),
    acts!("act-4", 3, 24, Some(("act-3", NO_ACT))),
    acts!("act-5", 4, 40, Some(("act-4", NO_ACT))),
    Axis {
        name: "attack",
        about: "a lie of the client, for services",
        needs: None,
        values: &[
            is!("none", 600, attack = None),
            is!("padded-day", 8, attack = Some(Attack::PaddedDay)),
            is!("wrong-weekday", 8, attack = Some(Attack::WrongWeekday)),
            is!(
                "unparsable-timestamp",
                10,
                attack = Some(Attack::UnparsableTimestamp)
            ),
            is!(
                "altered-signature",
                4,
                attack = Some(Attack::AlteredSignature)
            ),
            is!(
                "altered-secret-block",
                24,
                attack = Some(Attack::AlteredSecretBlock)
            ),
            is!(
                "other-users-name",
                22,
                attack = Some(Attack::OtherUsersName)
            ),
            is!(
                "wrong-secret-hash",
                15,
                attack = Some(Attack::WrongSecretHash)
            ),
            is!(
                "missing-secret-hash",
                13,
                attack = Some(Attack::MissingSecretHash)
            ),
            is!("zero-a", 4, attack = Some(Attack::ZeroA)),
            is!("a-is-n", 4, attack = Some(Attack::AIsN)),
            is!("session-twice", 2, attack = Some(Attack::SessionTwice)),
            is!("foreign-session", 10, attack = Some(Attack::ForeignSession)),
            is!(
                "missing-password",
                4,
                attack = Some(Attack::MissingPassword)
            ),
            is!(
                "first-refresh-token",
                40,
                attack = Some(Attack::FirstRefreshToken)
            ),
            is!(
                "forged-refresh-token",
                32,
                attack = Some(Attack::ForgedRefreshToken)
            ),
            is!(
                "refresh-without-secret",
                18,
                attack = Some(Attack::RefreshWithoutSecret)
            ),
            is!(
                "refresh-without-device",
                20,
                attack = Some(Attack::RefreshWithoutDevice)
            ),
            is!(
                "signed-out-tokens",
                48,
                attack = Some(Attack::SignedOutTokens)
            ),
        ],
    },
    Axis {
        name: "fault",
        about: "what happens to an answer of the service, or at the service before it",
        needs: None,
        values: &[
            is!("none", 16, fault = None),
            fault!("server-error", 24, FaultKind::ServerError),
            fault!("dropped", 28, FaultKind::Dropped),
            fault!("truncated", 8, FaultKind::Truncated),
            fault!("empty-object", 6, FaultKind::EmptyObject),
            fault!("unknown-challenge", 34, FaultKind::UnknownChallenge),
            fault!("other-not-found", 1, FaultKind::OtherNotFound),
            fault!("error", 14, FaultKind::Error(ErrorForm::Usual)),
            fault!(
                "error-namespaced",
                8,
                FaultKind::Error(ErrorForm::Namespaced)
            ),
            fault!("error-in-body", 4, FaultKind::Error(ErrorForm::BodyOnly)),
            fault!(
                "error-in-header",
                6,
                FaultKind::Error(ErrorForm::HeaderOnly)
            ),
            fault!(
                "error-capital",
                4,
                FaultKind::Error(ErrorForm::CapitalMessage)
            ),
            fault!(
                "devices-forgotten",
                40,
                FaultKind::Meanwhile(Meanwhile::DevicesForgotten)
            ),
            fault!("signed-out", 3, FaultKind::Meanwhile(Meanwhile::SignedOut)),
            fault!("deleted", 3, FaultKind::Meanwhile(Meanwhile::Deleted)),
            fault!("unknown-member", 20, FaultKind::UnknownMember),
            fault!("b-zero", 46, FaultKind::SrpB(BadHex::Zero)),
            fault!("b-n", 8, FaultKind::SrpB(BadHex::N)),
            fault!("b-two-n", 2, FaultKind::SrpB(BadHex::TwoN)),
            fault!("b-empty", 2, FaultKind::SrpB(BadHex::Empty)),
            fault!("b-not-hex", 14, FaultKind::SrpB(BadHex::NotHex)),
            fault!("b-negative", 2, FaultKind::SrpB(BadHex::Negative)),
            fault!("salt-empty", 1, FaultKind::Salt(BadHex::Empty)),
            fault!("salt-not-hex", 1, FaultKind::Salt(BadHex::NotHex)),
            fault!("salt-negative", 1, FaultKind::Salt(BadHex::Negative)),
            fault!("block-not-base64", 6, FaultKind::SecretBlockNotBase64),
            fault!("without-salt", 2, FaultKind::Without(key::SALT.to_owned())),
            fault!("without-b", 12, FaultKind::Without(key::SRP_B.to_owned())),
            fault!(
                "without-block",
                9,
                FaultKind::Without(key::SECRET_BLOCK.to_owned())
            ),
            fault!(
                "without-user-id",
                1,
                FaultKind::Without(key::USER_ID_FOR_SRP.to_owned())
            ),
            fault!(
                "without-username",
                1,
                FaultKind::Without(key::USERNAME.to_owned())
            ),
            fault!(
                "without-id-token",
                6,
                FaultKind::WithoutToken("IdToken".to_owned())
            ),
            fault!(
                "without-access-token",
                30,
                FaultKind::WithoutToken("AccessToken".to_owned())
            ),
            fault!(
                "without-refresh-token",
                6,
                FaultKind::WithoutToken("RefreshToken".to_owned())
            ),
        ],
    },
    Axis {
        name: "fault-act",
        about: "during which act the fault comes: 0 is the first sign-in",
        needs: Some(("fault", NO_FAULT)),
        values: &[
            of_fault!("0", 8, act = 0),
            of_fault!("1", 6, act = 1),
            of_fault!("2", 5, act = 2),
            of_fault!("3", 2, act = 3),
            of_fault!("4", 1, act = 4),
            of_fault!("5", 1, act = 5),
        ],
    },
    Axis {
        name: "fault-request",
        about: "which request of the act it meets, counted from 0",
        needs: Some(("fault", NO_FAULT)),
        values: &[
            of_fault!("0", 16, exchange = 0),
            of_fault!("1", 5, exchange = 1),
            of_fault!("2", 2, exchange = 2),
            of_fault!("3", 1, exchange = 3),
            of_fault!("4", 1, exchange = 4),
        ],
    },
];

/// Two values of two axes.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Of the axis that comes first.
    pub first: (&'static Axis, &'static Value),
    /// Of the axis that comes later.
    pub second: (&'static Axis, &'static Value),
}

impl Pair {
    /// Every pair, possible or not.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |axis: &'static Axis| axis.values.iter().map(move |value| (axis, value));
        AXES.iter().enumerate().flat_map(move |(at, axis)| {
            let later = AXES[at + 1..].iter().flat_map(of);
            of(axis).flat_map(move |first| later.clone().map(move |second| Self { first, second }))
        })
    }

    /// The plainest scenario that has both, or why there is none.
    ///
    /// # Errors
    /// What excludes them: a limit, or an axis that has to have another value first.
    pub fn scenario(&self) -> Result<Scenario, String> {
        let mut scenario = Scenario::plain("", 0);
        for axis in AXES {
            if axis.name == self.first.0.name {
                (self.first.1.set)(&mut scenario);
            } else if axis.name == self.second.0.name {
                (self.second.1.set)(&mut scenario);
            } else if [self.first, self.second]
                .iter()
                .any(|(needing, value)| !is_plainest(needing, value) && needing.needs_axis(axis))
            {
                (axis.values[1].set)(&mut scenario);
            }
        }
        scenario.check_limits().map_err(|error| error.to_string())?;
        for (axis, value) in [self.first, self.second] {
            if !(value.holds)(&scenario) {
                let reason = axis
                    .needs
                    .map_or("the other value leaves no room for it", |needs| needs.1);
                return Err(format!("{}={}: {reason}", axis.name, value.name));
            }
        }
        Ok(scenario)
    }
}

impl Axis {
    /// The value of this name.
    pub fn value(&self, name: &str) -> Option<&'static Value> {
        self.values.iter().find(|value| value.name == name)
    }

    /// Whether it needs another axis to have a value that is not the plainest, directly or by way of a third.
    fn needs_axis(&self, other: &Self) -> bool {
        let needed = self
            .needs
            .and_then(|(name, _)| AXES.iter().find(|axis| axis.name == name));
        needed.is_some_and(|needed| needed.name == other.name || needed.needs_axis(other))
    }
}

fn is_plainest(axis: &Axis, value: &Value) -> bool {
    axis.values
        .first()
        .is_some_and(|first| first.name == value.name)
}

const fn offered(
    name: &'static str,
    weight: u32,
    set: fn(&mut Scenario),
    holds: fn(&Scenario) -> bool,
) -> Value {
    Value {
        name,
        weight,
        set,
        holds,
    }
}

fn offer(scenario: &mut Scenario, offered: &[MfaMethod]) {
    scenario.mfa = Some(Mfa {
        offered: offered.to_vec(),
        ..Mfa::default()
    });
}

fn offers(scenario: &Scenario, offered: &[MfaMethod]) -> bool {
    let mfa = scenario.mfa.as_ref();
    mfa.is_some_and(|mfa| mfa.offered == offered)
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

fn gen1(flow: Option<&str>, migration_enabled: Option<bool>) -> ConfigSource {
    ConfigSource::Gen1 {
        flow: flow.map(str::to_owned),
        migration_enabled,
    }
}

fn gen2(flow: Option<&str>) -> ConfigSource {
    ConfigSource::Gen2 {
        flow: flow.map(str::to_owned),
    }
}

fn temporary(missing: &[&str]) -> UserKind {
    UserKind::TemporaryPassword {
        missing_attributes: missing.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn migration(status: Option<&str>, throws: Option<&str>) -> MigrationScript {
    MigrationScript {
        directory: Default::default(),
        attributes: Default::default(),
        final_user_status: status.map(str::to_owned),
        message_action: Some("SUPPRESS".to_owned()),
        force_alias_creation: false,
        throws: throws.map(str::to_owned),
    }
}

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

fn failing(failure: TriggerFailure) -> CustomScript {
    CustomScript {
        failure: Some(failure),
        ..rounds(1)
    }
}

fn answer(choice: AnswerChoice, metadata: Parameters) -> Answer {
    Answer { choice, metadata }
}

fn tracking(
    challenge_required_on_new_device: bool,
    only_remembered_on_user_prompt: bool,
) -> DeviceTracking {
    DeviceTracking {
        challenge_required_on_new_device,
        only_remembered_on_user_prompt,
    }
}

fn again(change: fn(&mut SignInAgain)) -> Act {
    let mut again = SignInAgain::default();
    change(&mut again);
    Act::SignIn(again)
}

fn fetch(change: fn(&mut FetchSession)) -> Act {
    let mut fetch = FetchSession::default();
    change(&mut fetch);
    Act::FetchSession(fetch)
}

fn tenant() -> Parameters {
    parameters(&[("tenant", "acme")])
}

const NO_FACTOR: &str = "the pool offers no second factor";
const NOTHING_TO_CHOOSE: &str = "the user has no second factor";
const NO_FAULT: &str = "there is no fault";
const NO_ACT: &str = "nothing is done in the place before";
const TOTP_AND_EMAIL: [MfaMethod; 2] = [MfaMethod::SoftwareTokenMfa, MfaMethod::EmailOtp];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A scenario in which every value of an axis can be set.
    fn base(axis: &Axis) -> Scenario {
        let acts = axis.name.strip_prefix("act-").map_or(0, |number| {
            number.parse::<usize>().expect("the place of an act") - 1
        });
        Scenario {
            mfa: axis.name.starts_with("mfa-").then(|| Mfa {
                offered: MfaMethod::ALL.to_vec(),
                enrolled: match axis.name {
                    "mfa-choice" => MfaMethod::ALL.to_vec(),
                    _ => Vec::new(),
                },
                ..Mfa::default()
            }),
            fault: axis
                .name
                .starts_with("fault-")
                .then(|| Fault::new(0, FaultKind::Dropped)),
            then: vec![Act::sign_out(false); acts],
            ..Scenario::plain("t", 1)
        }
    }

    #[test]
    fn a_value_that_is_set_is_the_only_one_of_its_axis_that_holds() {
        for axis in AXES {
            let mut names = BTreeSet::new();
            for value in axis.values {
                assert!(
                    names.insert(value.name),
                    "{}: {} twice",
                    axis.name,
                    value.name
                );
                let mut scenario = base(axis);
                (value.set)(&mut scenario);
                let held: Vec<_> = axis
                    .values
                    .iter()
                    .filter(|other| (other.holds)(&scenario))
                    .map(|other| other.name)
                    .collect();
                assert_eq!(held, [value.name], "{}", axis.name);
                assert!(
                    scenario.check_limits().is_ok(),
                    "{}: {}",
                    axis.name,
                    value.name
                );
            }
        }
    }

    #[test]
    fn a_pair_is_a_scenario_that_has_both_or_a_reason_why_there_is_none() {
        let mut possible = 0;
        let mut reasons = BTreeSet::new();
        for pair in Pair::all() {
            match pair.scenario() {
                Ok(_) => possible += 1,
                Err(reason) => {
                    reasons.insert(reason);
                }
            }
        }
        assert!(possible > 15_000, "{possible} pairs are possible");
        let expected = "mfa-required=yes: the pool offers no second factor";
        assert!(reasons.contains(expected), "{reasons:#?}");
    }

    #[test]
    fn the_plainest_scenario_has_the_plainest_value_of_every_axis() {
        let plain = Scenario::plain("t", 1);
        for axis in AXES {
            let plainest = axis.values.first().expect("an axis has values");
            assert!((plainest.holds)(&plain), "{}: {}", axis.name, plainest.name);
        }
    }
}
