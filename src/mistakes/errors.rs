//! How failures are read and reported.

use super::mistake::{Edit, Mistake};
use crate::wire::{ErrorKind, HttpResponse, NextStep, PortError, Reply, ServiceError};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "errors.namespace-not-cut",
        sentence: "an error whose type has a namespace in front is not recognised, and its text is lost with it.",
        seen: &[
            "supertokens/supertokens-core#1149",
            "jagregory/cognito-local 8ecaf40",
        ],
        edit: Edit::Client(|policy| {
            policy.read_error = |response| {
                let error = ServiceError::from_response(response)?;
                let has_namespace = member(response, "__type").is_some_and(|raw| raw.contains('#'));
                Some(if has_namespace { unknown() } else { error })
            };
        }),
        caught_by: &["error.forms"],
    },
    Mistake {
        id: "errors.colon-not-cut",
        sentence: "an error is not recognised because of the colon behind its type in the x-amzn-ErrorType header.",
        seen: &["aws-amplify/amplify-swift#3344 shows the colon"],
        edit: Edit::Client(|policy| {
            policy.read_error = |response| {
                let error = ServiceError::from_response(response)?;
                let has_colon = response
                    .header("x-amzn-errortype")
                    .is_some_and(|raw| raw.ends_with(':'));
                Some(if has_colon { unknown() } else { error })
            };
        }),
        caught_by: &["outcome.error-named", "error.forms"],
    },
    Mistake {
        id: "errors.header-not-read",
        sentence: "an error whose type stands in the header only is not recognised.",
        seen: &["supertokens/supertokens-core#1149"],
        edit: Edit::Client(|policy| {
            policy.read_error = |response| {
                member(response, "__type")?;
                ServiceError::from_response(response)
            };
        }),
        caught_by: &["error.forms", "outcome.error-named"],
    },
    Mistake {
        id: "errors.body-not-read",
        sentence: "an error whose type stands in the body only is not recognised.",
        seen: &["supertokens/supertokens-core#1149"],
        edit: Edit::Client(|policy| {
            policy.read_error = |response| {
                response.header("x-amzn-errortype")?;
                ServiceError::from_response(response)
            };
        }),
        caught_by: &["error.forms"],
    },
    Mistake {
        id: "errors.message-by-one-spelling",
        sentence: "an error's text is read from message only, and is lost when the member is spelt Message.",
        seen: &["supertokens/supertokens-core#1149"],
        edit: Edit::Client(|policy| {
            policy.read_error = |response| {
                let error = ServiceError::from_response(response)?;
                let message = member(response, "message");
                Some(ServiceError::new(error.kind, message.unwrap_or_default()))
            };
        }),
        caught_by: &["error.forms"],
    },
    Mistake {
        id: "errors.all-generic",
        sentence: "every error of the service reaches the application as one generic error.",
        seen: &[
            "aws-amplify/amplify-flutter#669",
            "aws-amplify/amplify-android#2567",
            "aws-amplify/amplify-swift ed7fbf943",
        ],
        edit: Edit::Reply(|reply| {
            renamed(
                reply,
                |name| name.ends_with("Exception"),
                "AuthException",
                "Sign in failed.",
            )
        }),
        caught_by: &["outcome.error-named"],
    },
    Mistake {
        id: "errors.not-found-for-unconfirmed",
        sentence: "an unconfirmed user is reported as a user who doesn't exist.",
        seen: &["aws-amplify/aws-sdk-ios#1495"],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ConfirmSignUp,
            } => failed("UserNotFoundException", "User does not exist."),
            other => other,
        }),
        caught_by: &["outcome.error-named"],
    },
    Mistake {
        id: "errors.reset-required-unknown",
        sentence: "a password that has to be reset is reported as an unknown error.",
        seen: &[
            "supertokens/supertokens-core#1149",
            "aws-amplify/amplify-js#9714",
        ],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ResetPassword,
            } => failed("UnknownException", "Failed to parse response as awsJson1_1"),
            other => other,
        }),
        caught_by: &["outcome.error-named"],
    },
    Mistake {
        id: "errors.text-replaced",
        sentence: "every NotAuthorizedException has the text of a wrong password.",
        seen: &["aws-amplify/amplify-ui-swift-authenticator#96"],
        edit: Edit::Reply(|reply| match reply {
            Reply::Error { error } if error.name == "NotAuthorizedException" => {
                failed(&error.name, WRONG_PASSWORD)
            }
            other => other,
        }),
        caught_by: &["outcome.error-named", "outcome.allowed"],
    },
    Mistake {
        id: "errors.challenge-is-a-failure",
        sentence: "a challenge is reported as a failed sign-in, since only tokens count as success.",
        seen: &["pmill/aws-cognito#3"],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step { next } if next.awaits_answer() => {
                failed("AuthenticationFailed", "No authentication result.")
            }
            other => other,
        }),
        caught_by: &["outcome.allowed"],
    },
    Mistake {
        id: "errors.failure-is-done",
        sentence: "a refused sign-in is reported as done.",
        seen: &[],
        edit: Edit::Reply(|reply| match reply {
            Reply::Error { error } if error.name == "NotAuthorizedException" => Reply::Step {
                next: NextStep::Done,
            },
            other => other,
        }),
        caught_by: &["outcome.done-means-tokens", "outcome.allowed"],
    },
    Mistake {
        id: "errors.network-is-a-wrong-password",
        sentence: "a lost connection is reported as a wrong password.",
        seen: &[
            "aws-amplify/amplify-flutter#2967",
            "aws-amplify/aws-sdk-android#922",
            "aws-amplify/amplify-js#13718",
        ],
        edit: Edit::Reply(|reply| {
            renamed(
                reply,
                |name| name == "Network",
                "NotAuthorizedException",
                WRONG_PASSWORD,
            )
        }),
        caught_by: &["error.network"],
    },
    Mistake {
        id: "errors.retry-storm",
        sentence: "a request that the service refuses is repeated twenty times at once.",
        seen: &["aws-amplify/amplify-flutter 976033fc4a"],
        edit: Edit::Client(|policy| {
            policy.retries = 20;
            policy.retries_from_status = 400;
        }),
        caught_by: &["outcome.operations", "flow.one-initiate"],
    },
    Mistake {
        id: "errors.crash-on-negative-salt",
        sentence: "a minus sign in SALT ends the process.",
        seen: &[
            "aws-amplify/amplify-js#4430",
            "qwigo/warrant#165",
            "NabuCasa/pycognito#14",
            "aws/aws-sdk-net-extensions-cognito#48",
        ],
        edit: Edit::Reply(|reply| crashed(reply, "minus sign")),
        caught_by: &["refusal.malformed-challenge"],
    },
    Mistake {
        id: "errors.crash-on-malformed-number",
        sentence: "a SALT or SRP_B that is no number ends the process.",
        seen: &["alexrudd/cognito-srp HEAD"],
        edit: Edit::Reply(|reply| crashed(reply, "expected a hex digit")),
        caught_by: &["refusal.malformed-challenge"],
    },
];

fn member(response: &HttpResponse, name: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(response.body.as_bytes()).ok()?;
    body.get(name)?.as_str().map(str::to_owned)
}

/// What a client makes of an error that it can't read.
fn unknown() -> ServiceError {
    let kind = ErrorKind::Other("UnknownException".to_owned());
    ServiceError::new(kind, "Failed to parse response as awsJson1_1")
}

fn failed(name: &str, message: &str) -> Reply {
    Reply::Error {
        error: PortError {
            name: name.to_owned(),
            message: message.to_owned(),
        },
    }
}

fn renamed(reply: Reply, of: fn(&str) -> bool, name: &str, message: &str) -> Reply {
    match reply {
        Reply::Error { error } if of(&error.name) => failed(name, message),
        other => other,
    }
}

/// A crash in place of the reference client's error that says `what`.
fn crashed(reply: Reply, what: &str) -> Reply {
    match reply {
        Reply::Error { error } if error.message.contains(what) => Reply::Crash {
            detail: "exit status 1: ValueError: invalid literal for int() with base 16".to_owned(),
        },
        other => other,
    }
}

const WRONG_PASSWORD: &str = "Incorrect username or password.";
