//! What is typed, and which flow it leads to.

use super::axis::{Axis, Need, SOME, Value, is};
use crate::scenario::input::{Password, PasswordText, TypedName};
use crate::scenario::parameters::parameters;
use crate::scenario::types::{ConfigSource, Scenario};
use crate::wire::{AuthFlowType, Parameters};

pub(super) const AXES: &[Axis] = &[
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
            Value::new(
                "gen1",
                10,
                |s| s.config = GEN1,
                |s| matches!(s.config, ConfigSource::Gen1 { .. }),
            ),
            Value::new(
                "gen2",
                3,
                |s| s.config = GEN2,
                |s| matches!(s.config, ConfigSource::Gen2 { .. }),
            ),
        ],
    },
    Axis {
        name: "file-flow",
        about: "the flow that the file names",
        needs: Some(NO_FILE),
        values: &[
            word("none", 4, |s| set_word(s, None), |s| word_of(s).is_none()),
            word(
                "srp",
                3,
                |s| set_word(s, Some("USER_SRP_AUTH")),
                |s| word_of(s) == Some("USER_SRP_AUTH"),
            ),
            word(
                "password",
                1,
                |s| set_word(s, Some("USER_PASSWORD_AUTH")),
                |s| word_of(s) == Some("USER_PASSWORD_AUTH"),
            ),
            word(
                "custom-with-srp",
                1,
                |s| set_word(s, Some("CUSTOM_AUTH_WITH_SRP")),
                |s| word_of(s) == Some("CUSTOM_AUTH_WITH_SRP"),
            )
            .needs(OF_GEN1),
            word(
                "custom-without-srp",
                1,
                |s| set_word(s, Some("CUSTOM_AUTH_WITHOUT_SRP")),
                |s| word_of(s) == Some("CUSTOM_AUTH_WITHOUT_SRP"),
            ),
            word(
                "custom",
                1,
                |s| set_word(s, Some("CUSTOM_AUTH")),
                |s| word_of(s) == Some("CUSTOM_AUTH"),
            )
            .needs(OF_GEN1),
            word(
                "unknown-word",
                1,
                |s| set_word(s, Some("USER_SRP")),
                |s| word_of(s) == Some("USER_SRP"),
            )
            .needs(OF_GEN1)
            .stops(),
        ],
    },
    Axis {
        name: "file-migration",
        about: "what the file says of MigrationEnabled",
        needs: Some(Need {
            any: &[&[("file", &["gen1"])]],
            otherwise: "no file has such a member",
        }),
        values: &[
            Value::new(
                "unsaid",
                6,
                |s| set_migration(s, None),
                |s| migration_of(s).is_none(),
            ),
            Value::new(
                "on",
                3,
                |s| set_migration(s, Some(true)),
                |s| migration_of(s) == Some(true),
            ),
            Value::new(
                "off",
                1,
                |s| set_migration(s, Some(false)),
                |s| migration_of(s) == Some(false),
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
            is!("sub", 1, name = TypedName::Sub).stops(),
            is!("empty", 1, name = TypedName::Empty).stops(),
        ],
    },
    Axis {
        name: "password",
        about: "what is typed as password",
        needs: None,
        values: &[
            is!("right", 20, password = Password::Right),
            is!("wrong", 2, password = Password::Wrong).stops(),
            is!("empty", 1, password = Password::Empty).stops(),
            is!("absent", 1, password = Password::Absent).stops(),
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
];

/// A value of the word for a flow in a file.
const fn word(
    name: &'static str,
    weight: u32,
    set: fn(&mut Scenario),
    holds: fn(&Scenario) -> bool,
) -> Value {
    Value::new(name, weight, set, holds)
}

/// Says the word, where there is a file.
fn set_word(scenario: &mut Scenario, word: Option<&str>) {
    if let ConfigSource::Gen1 { flow, .. } | ConfigSource::Gen2 { flow } = &mut scenario.config {
        *flow = word.map(str::to_owned);
    }
}

fn word_of(scenario: &Scenario) -> Option<&str> {
    match &scenario.config {
        ConfigSource::Gen1 { flow, .. } | ConfigSource::Gen2 { flow } => flow.as_deref(),
        ConfigSource::Direct => None,
    }
}

/// Says it, where the file has such a member.
fn set_migration(scenario: &mut Scenario, enabled: Option<bool>) {
    if let ConfigSource::Gen1 {
        migration_enabled, ..
    } = &mut scenario.config
    {
        *migration_enabled = enabled;
    }
}

fn migration_of(scenario: &Scenario) -> Option<bool> {
    match scenario.config {
        ConfigSource::Gen1 {
            migration_enabled, ..
        } => migration_enabled,
        ConfigSource::Direct | ConfigSource::Gen2 { .. } => None,
    }
}

pub(super) fn tenant() -> Parameters {
    parameters(&[("tenant", "acme")])
}

const GEN1: ConfigSource = ConfigSource::Gen1 {
    flow: None,
    migration_enabled: None,
};
const GEN2: ConfigSource = ConfigSource::Gen2 { flow: None };
const NO_FILE: Need = Need {
    any: &[&[("file", SOME)]],
    otherwise: "there is no file",
};
const OF_GEN1: Need = Need {
    any: &[&[("file", &["gen1"])]],
    otherwise: "the file's format has no such word",
};
