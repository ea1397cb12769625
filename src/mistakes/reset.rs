//! Password resets, requests by access token, and what tells who exists: mistakes of ports.

use super::mistake::{Edit, Mistake};
use crate::client::policy::Resetting;
use crate::wire::{ErrorKind, NextStep, Operation, PortError, Reply};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "reset.name-in-lower-case",
        sentence: "resets name the user in lower case, whatever was typed.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if is_reset(out.operation) {
                    out.change("Username", str::to_lowercase);
                    let name = out.get("Username").unwrap_or_default();
                    out.rehash(&name);
                }
            });
        }),
        caught_by: &["reset.request", "reset.confirm-request"],
    },
    Mistake {
        id: "reset.code-as-a-number",
        sentence: "the code of a reset goes as a number, which has lost its leading zeros.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let code = out.get("ConfirmationCode");
                if let Some(code) = code.and_then(|code| code.parse::<u64>().ok()) {
                    out.members()
                        .insert("ConfirmationCode".to_owned(), code.into());
                }
            });
        }),
        caught_by: &["call.request-members", "reset.confirm-request"],
    },
    Mistake {
        id: "reset.password-under-another-key",
        sentence: "the new password of a reset goes under NewPassword instead of Password.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::ConfirmForgotPassword
                    && let Some(password) = out.members().remove("Password")
                {
                    out.members().insert("NewPassword".to_owned(), password);
                }
            });
        }),
        caught_by: &["call.request-members", "reset.confirm-request"],
    },
    Mistake {
        id: "reset.hash-under-the-name-of-sign-ins",
        sentence: "the secret hash of a reset goes under SECRET_HASH, as in a sign-in, instead of SecretHash.",
        seen: &["aws-amplify/amplify-swift#2528 lacks the hash outside of sign-ins"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if is_reset(out.operation)
                    && let Some(hash) = out.members().remove("SecretHash")
                {
                    out.members().insert("SECRET_HASH".to_owned(), hash);
                }
            });
        }),
        caught_by: &["call.request-members", "secret-hash.right"],
    },
    Mistake {
        id: "reset.the-secret-itself",
        sentence: "the client secret itself stands where the secret hash of a reset belongs.",
        seen: &["furaiev/amazon-cognito-identity-dart-2#213 does so in a refresh"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if let Some(secret) = out.sender.settings.client_secret.clone()
                    && is_reset(out.operation)
                {
                    out.change("SecretHash", |_| secret);
                }
            });
        }),
        caught_by: &["secret-hash.not-the-secret", "secret-hash.right"],
    },
    Mistake {
        id: "reset.metadata-dropped",
        sentence: "the metadata given to resetPassword is not sent.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::ForgotPassword {
                    out.members().remove("ClientMetadata");
                }
            });
        }),
        caught_by: &["reset.metadata"],
    },
    Mistake {
        id: "reset.password-in-metadata",
        sentence: "the new password stands in ClientMetadata, too, for a trigger's sake.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::ConfirmForgotPassword
                    && let Some(password) = out.get("Password")
                {
                    out.add_metadata("password", password);
                }
            });
        }),
        caught_by: &["secrecy.later-calls"],
    },
    Mistake {
        id: "reset.asks-anew-before-the-answer",
        sentence: "another code is asked for before the one in hand is given, which makes that useless.",
        seen: &["aws-amplify/amplify-js#3066 does so in a sign-in"],
        edit: Edit::Client(|policy| policy.resetting = Resetting::AfterAskingAnew),
        caught_by: &["reset.one-request"],
    },
    Mistake {
        id: "reset.delivery-not-told",
        sentence: "the application is not told where the code went.",
        seen: &[],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ConfirmResetPasswordWithCode { .. },
            } => Reply::Step {
                next: NextStep::ConfirmResetPasswordWithCode { delivery: None },
            },
            other => other,
        }),
        caught_by: &["reset.delivery"],
    },
    Mistake {
        id: "reset.taken-for-done",
        sentence: "a reset counts as done as soon as the code was sent.",
        seen: &[],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ConfirmResetPasswordWithCode { .. },
            } => Reply::Step {
                next: NextStep::Done,
            },
            other => other,
        }),
        caught_by: &["reset.step"],
    },
    Mistake {
        id: "reset.refusal-taken-for-done",
        sentence: "a wrong code of a reset is not reported, so that the old password still holds.",
        seen: &[],
        edit: Edit::Reply(|reply| match reply {
            Reply::Error { error } if error.name == "CodeMismatchException" => Reply::Empty,
            other => other,
        }),
        caught_by: &["reset.refusal-told"],
    },
    Mistake {
        id: "reset.wrong-code-unnamed",
        sentence: "a wrong code reaches the application as a generic error.",
        seen: &[
            "aws-amplify/amplify-flutter#669",
            "aws-amplify/amplify-android#2567",
            "aws-amplify/amplify-android#1370",
        ],
        edit: Edit::Reply(|reply| match reply {
            Reply::Error { error } if error.name == "CodeMismatchException" => Reply::Error {
                error: PortError {
                    name: "AuthException".to_owned(),
                    message: "An unknown error occurred.".to_owned(),
                },
            },
            other => other,
        }),
        caught_by: &["reset.error-named"],
    },
    Mistake {
        id: "call.token-type-in-front",
        sentence: "AccessToken carries Bearer in front of the token, as an Authorization header would.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if !out.starts() {
                    out.change("AccessToken", |token| format!("Bearer {token}"));
                }
            });
        }),
        caught_by: &["call.access-token"],
    },
    Mistake {
        id: "call.pool-id-sent-along",
        sentence: "requests by access token name the pool, too, as administrators' requests do.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.members().contains_key("AccessToken") {
                    let pool = out.sender.settings.user_pool_id.clone();
                    out.members().insert("UserPoolId".to_owned(), pool.into());
                }
            });
        }),
        caught_by: &["call.request-members"],
    },
    Mistake {
        id: "existence.told-by-the-device",
        sentence: "a refused name is said not to exist, unless a device is kept for it.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.error_text = Some(|error, body| {
                let is_refused = error.kind == ErrorKind::NotAuthorized;
                match (is_refused, body.contains("\"DEVICE_KEY\"")) {
                    (false, _) => error.message.clone(),
                    (true, true) => "The password is wrong.".to_owned(),
                    (true, false) => "There is no such user.".to_owned(),
                }
            });
        }),
        caught_by: &["existence.not-told-apart"],
    },
];

fn is_reset(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::ForgotPassword | Operation::ConfirmForgotPassword
    )
}
