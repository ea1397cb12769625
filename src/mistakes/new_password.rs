//! `NEW_PASSWORD_REQUIRED`: the shape of its answer and what the application is told.

use serde_json::{Map, Value};

use super::mistake::{Edit, Mistake};
use crate::wire::names::key;
use crate::wire::{ChallengeName, NextStep, Reply};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "new-password.attributes-as-one-value",
        sentence: "attributes go as one JSON value instead of one userAttributes. key each.",
        seen: &["aws/aws-sdk-js#1290"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if !out.answers(&ChallengeName::NewPasswordRequired) {
                    return;
                }
                let mut attributes = Map::new();
                out.parameters().retain(|name, value| {
                    let attribute = name.strip_prefix(key::USER_ATTRIBUTES_PREFIX);
                    if let Some(attribute) = attribute {
                        attributes.insert(attribute.to_owned(), value.take());
                    }
                    attribute.is_none()
                });
                if !attributes.is_empty() {
                    out.set(key::USER_ATTRIBUTES, Value::Object(attributes).to_string());
                }
            });
        }),
        caught_by: &["new-password.shape"],
    },
    Mistake {
        id: "new-password.attributes-not-sent",
        sentence: "attributes are not sent with the new password.",
        seen: &[
            "aws-amplify/amplify-swift#1786",
            "aws-amplify/amplify-android#683",
            "aws-amplify/aws-sdk-ios#1672",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                out.parameters()
                    .retain(|name, _| !name.starts_with(key::USER_ATTRIBUTES_PREFIX));
            });
        }),
        caught_by: &["new-password.shape"],
    },
    Mistake {
        id: "new-password.under-another-key",
        sentence: "the new password goes under ANSWER.",
        seen: &["NabuCasa/pycognito#13"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if let Some(password) = out.get(key::NEW_PASSWORD) {
                    out.remove(key::NEW_PASSWORD);
                    out.set(key::ANSWER, password);
                }
            });
        }),
        caught_by: &["new-password.shape"],
    },
    Mistake {
        id: "new-password.as-password",
        sentence: "the new password goes under PASSWORD.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if let Some(password) = out.get(key::NEW_PASSWORD) {
                    out.remove(key::NEW_PASSWORD);
                    out.set(key::PASSWORD, password);
                }
            });
        }),
        caught_by: &["new-password.shape"],
    },
    Mistake {
        id: "new-password.attributes-without-prefix",
        sentence: "attributes go under their bare names, without userAttributes. in front.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if !out.answers(&ChallengeName::NewPasswordRequired) {
                    return;
                }
                let all = std::mem::take(out.parameters());
                let bare = all.into_iter().map(|(name, value)| {
                    let bare = name.strip_prefix(key::USER_ATTRIBUTES_PREFIX);
                    (bare.map(str::to_owned).unwrap_or(name), value)
                });
                *out.parameters() = bare.collect();
            });
        }),
        caught_by: &["new-password.shape"],
    },
    Mistake {
        id: "new-password.prefix-left-in",
        sentence: "the application is told the missing attributes with their userAttributes. prefix.",
        seen: &[],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ConfirmSignInWithNewPassword { missing_attributes },
            } => Reply::Step {
                next: NextStep::ConfirmSignInWithNewPassword {
                    missing_attributes: missing_attributes
                        .into_iter()
                        .map(|name| format!("{}{name}", key::USER_ATTRIBUTES_PREFIX))
                        .collect(),
                },
            },
            other => other,
        }),
        caught_by: &["new-password.attributes-surface"],
    },
    Mistake {
        id: "new-password.attributes-not-told",
        sentence: "the application is not told which attributes are missing.",
        seen: &["aws-amplify/amplify-android#576"],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ConfirmSignInWithNewPassword { .. },
            } => Reply::Step {
                next: NextStep::ConfirmSignInWithNewPassword {
                    missing_attributes: Vec::new(),
                },
            },
            other => other,
        }),
        caught_by: &["new-password.attributes-surface"],
    },
    Mistake {
        id: "new-password.taken-for-custom",
        sentence: "NEW_PASSWORD_REQUIRED is shown as a custom challenge.",
        seen: &[
            "aws/aws-sdk-net-extensions-cognito#127 is the same confusion of two other challenges",
        ],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ConfirmSignInWithNewPassword { .. },
            } => Reply::Step {
                next: NextStep::ConfirmSignInWithCustomChallenge {
                    parameters: Default::default(),
                },
            },
            other => other,
        }),
        caught_by: &["outcome.step-matches-challenge", "outcome.allowed"],
    },
];
