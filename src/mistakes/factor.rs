//! Second factors: challenges without a branch, codes and choices that travel wrongly, set-ups that are not finished.

use super::mistake::{Edit, Mistake};
use crate::client::{AfterWrongCode, Gap, Outgoing, SetUpEnds};
use crate::wire::names::key;
use crate::wire::{ChallengeName, CodeDelivery, NextStep, Operation, Reply};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "factor.totp-unknown",
        sentence: "SOFTWARE_TOKEN_MFA is a challenge that the client does not know.",
        seen: &["aws-amplify/amplify-swift#2572"],
        edit: Edit::Client(|policy| {
            policy.factors.gaps = gap(ChallengeName::SoftwareTokenMfa, None);
        }),
        caught_by: &["factor.challenge-known", "outcome.allowed"],
    },
    Mistake {
        id: "factor.sms-otp-unknown",
        sentence: "SMS_OTP, chosen as the first factor, is a challenge that the client does not know.",
        seen: &["aws-amplify/amplify-flutter#6632"],
        edit: Edit::Client(|policy| policy.factors.gaps = gap(ChallengeName::SmsOtp, None)),
        caught_by: &["factor.challenge-known"],
    },
    Mistake {
        id: "factor.set-up-after-new-password-unknown",
        sentence: "MFA_SETUP is not expected after a new password.",
        seen: &["aws-amplify/amplify-js#732", "aws-amplify/amplify-js#6292"],
        edit: Edit::Client(|policy| {
            policy.factors.gaps = gap(
                ChallengeName::MfaSetup,
                Some(ChallengeName::NewPasswordRequired),
            );
        }),
        caught_by: &["factor.challenge-known"],
    },
    Mistake {
        id: "factor.custom-challenge-after-it-unknown",
        sentence: "CUSTOM_CHALLENGE is not expected after a second factor.",
        seen: &["aws-amplify/amplify-js#3876 and #12887 are the same gap in the other order"],
        edit: Edit::Client(|policy| {
            policy.factors.gaps = gap(
                ChallengeName::CustomChallenge,
                Some(ChallengeName::SoftwareTokenMfa),
            );
        }),
        caught_by: &["factor.challenge-known"],
    },
    Mistake {
        id: "factor.code-as-answer",
        sentence: "every code goes under ANSWER.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let name = out.sender.challenge.and_then(|asked| asked.name.code_key());
                if let Some(name) = name {
                    rename(out, name, key::ANSWER);
                }
            });
        }),
        caught_by: &["factor.code-key"],
    },
    Mistake {
        id: "factor.code-under-the-key-of-sms",
        sentence: "every code goes under SMS_MFA_CODE, whatever challenge it answers.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let name = out.sender.challenge.and_then(|asked| asked.name.code_key());
                if let Some(name) = name {
                    rename(out, name, key::SMS_MFA_CODE);
                }
            });
        }),
        caught_by: &["factor.code-key"],
    },
    Mistake {
        id: "factor.code-as-a-number",
        sentence: "codes are read as numbers, so that leading zeros are lost.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let is_set_up = *out.operation == Operation::VerifySoftwareToken;
                let name = match out.sender.challenge.and_then(|asked| asked.name.code_key()) {
                    _ if is_set_up => "UserCode",
                    Some(name) => name,
                    None => return,
                };
                out.change(name, |code| {
                    let number = code.trim_start_matches('0');
                    if number.is_empty() { "0" } else { number }.to_owned()
                });
            });
        }),
        caught_by: &["factor.code-verbatim"],
    },
    Mistake {
        id: "factor.choice-under-another-challenge",
        sentence: "the choice among second factors is sent as an answer to SOFTWARE_TOKEN_MFA, whose name is hard-coded.",
        seen: &["furaiev/amazon-cognito-identity-dart-2#71"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::SelectMfaType) {
                    let name = ChallengeName::SoftwareTokenMfa.as_str();
                    out.members()
                        .insert("ChallengeName".to_owned(), name.into());
                }
            });
        }),
        caught_by: &["factor.choice-sent", "flow.answers-pending"],
    },
    Mistake {
        id: "factor.choice-by-another-name",
        sentence: "the chosen second factor goes by the application's name of it, SMS or TOTP.",
        seen: &["aws-amplify/amplify-android#2680"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::SelectMfaType) {
                    out.change(key::ANSWER, |name| match name {
                        "SMS_MFA" => "SMS".to_owned(),
                        "SOFTWARE_TOKEN_MFA" => "TOTP".to_owned(),
                        _ => "EMAIL".to_owned(),
                    });
                }
            });
        }),
        caught_by: &["factor.choice-sent"],
    },
    Mistake {
        id: "factor.choices-not-told",
        sentence: "the application is asked to choose a second factor and not told among which.",
        seen: &["aws-amplify/amplify-js#6418"],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ContinueSignInWithMfaSelection { .. },
            } => Reply::Step {
                next: NextStep::ContinueSignInWithMfaSelection {
                    allowed: Vec::new(),
                },
            },
            other => other,
        }),
        caught_by: &["factor.choices-surface"],
    },
    Mistake {
        id: "factor.set-up-choices-cut",
        sentence: "of the factors that can be set up the application is told the first.",
        seen: &[],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ContinueSignInWithMfaSetupSelection { mut allowed },
            } => {
                allowed.truncate(1);
                Reply::Step {
                    next: NextStep::ContinueSignInWithMfaSetupSelection { allowed },
                }
            }
            other => other,
        }),
        caught_by: &["factor.choices-surface"],
    },
    Mistake {
        id: "factor.delivery-not-told",
        sentence: "the application is not told where a code went, since the parameters are looked up under another name.",
        seen: &["aws-amplify/amplify-js#6418"],
        edit: Edit::Reply(|reply| with_delivery(reply, |_| None)),
        caught_by: &["factor.delivery-surfaces"],
    },
    Mistake {
        id: "factor.medium-as-address",
        sentence: "the application is told the medium in place of the address that a code went to.",
        seen: &[],
        edit: Edit::Reply(|reply| {
            with_delivery(reply, |delivery| {
                delivery.map(|delivery| CodeDelivery {
                    destination: delivery.delivery_medium.clone(),
                    ..delivery
                })
            })
        }),
        caught_by: &["factor.delivery-surfaces"],
    },
    Mistake {
        id: "factor.wrong-code-ends-it",
        sentence: "after a wrong code there is no sign-in any more, so that the right one can't be given.",
        seen: &[
            "aws-amplify/amplify-android#2212",
            "aws-amplify/amplify-swift#2615",
            "aws-amplify/amplify-flutter#2468",
            "aws-amplify/amplify-flutter#4490",
        ],
        edit: Edit::Client(|policy| {
            policy.factors.after_wrong_code = AfterWrongCode::EndsSignIn;
        }),
        caught_by: &["factor.retry-keeps-session", "outcome.operations"],
    },
    Mistake {
        id: "factor.wrong-code-loses-session",
        sentence: "after a wrong code the next one is sent without the Session.",
        seen: &["aws-amplify/amplify-android#3136"],
        edit: Edit::Client(|policy| {
            policy.factors.after_wrong_code = AfterWrongCode::LosesSession;
        }),
        caught_by: &["factor.retry-keeps-session", "session.echo"],
    },
    Mistake {
        id: "factor.mismatch-unnamed",
        sentence: "a wrong code reaches the application as an error of no particular kind.",
        seen: &[
            "aws-amplify/amplify-flutter#669",
            "aws-amplify/amplify-flutter#4532",
            "aws-amplify/amplify-android#2567",
        ],
        edit: Edit::Reply(|reply| match reply {
            Reply::Error { mut error }
                if error.name.contains("CodeMismatch")
                    || error.name.contains("EnableSoftwareTokenMFA") =>
            {
                error.name = "AuthException".to_owned();
                error.message = "Sign-in failed.".to_owned();
                Reply::Error { error }
            }
            other => other,
        }),
        caught_by: &["factor.mismatch-told"],
    },
    Mistake {
        id: "factor.set-up-with-the-first-session",
        sentence: "VerifySoftwareToken carries the Session of MFA_SETUP, although AssociateSoftwareToken has brought another.",
        seen: &["aws-amplify/amplify-js#6461"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::VerifySoftwareToken
                    && let Some(session) =
                        out.sender.challenge.and_then(|asked| asked.session.clone())
                {
                    out.members().insert("Session".to_owned(), session.into());
                }
            });
        }),
        caught_by: &["factor.set-up-sessions"],
    },
    Mistake {
        id: "factor.set-up-without-session",
        sentence: "MFA_SETUP is answered without the Session of VerifySoftwareToken.",
        seen: &["amazon-archives/amazon-cognito-identity-js#627"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::MfaSetup) {
                    out.members().remove("Session");
                }
            });
        }),
        caught_by: &["factor.set-up-sessions", "session.echo"],
    },
    Mistake {
        id: "factor.set-up-not-finished",
        sentence: "once VerifySoftwareToken has taken the code, MFA_SETUP is left unanswered.",
        seen: &["aws-amplify/amplify-js#732"],
        edit: Edit::Client(|policy| policy.factors.set_up_ends = SetUpEnds::WithCode),
        caught_by: &["factor.set-up-finished", "outcome.done-means-tokens"],
    },
    Mistake {
        id: "factor.secret-in-small-letters",
        sentence: "the application is told the secret of time-based codes in small letters, which some makers of codes can't read.",
        seen: &[],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ContinueSignInWithTotpSetup { shared_secret },
            } => Reply::Step {
                next: NextStep::ContinueSignInWithTotpSetup {
                    shared_secret: shared_secret.to_lowercase(),
                },
            },
            other => other,
        }),
        caught_by: &["factor.set-up-secret-surfaces"],
    },
    Mistake {
        id: "secret-hash.missing-on-sms-mfa",
        sentence: "the answer to SMS_MFA carries no secret hash.",
        seen: &["furaiev/amazon-cognito-identity-dart-2 fbe8e0f"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| without_hash(out, &ChallengeName::SmsMfa));
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-totp",
        sentence: "the answer to SOFTWARE_TOKEN_MFA carries no secret hash.",
        seen: &["aws-amplify/amplify-flutter c38556d92d"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| without_hash(out, &ChallengeName::SoftwareTokenMfa));
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-email-otp",
        sentence: "the answer to EMAIL_OTP carries no secret hash.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| without_hash(out, &ChallengeName::EmailOtp));
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-select-mfa-type",
        sentence: "the answer to SELECT_MFA_TYPE carries no secret hash.",
        seen: &["aws-amplify/amplify-flutter c38556d92d"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| without_hash(out, &ChallengeName::SelectMfaType));
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-mfa-setup",
        sentence: "the answer to MFA_SETUP carries no secret hash.",
        seen: &["aws-amplify/amplify-flutter c38556d92d"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| without_hash(out, &ChallengeName::MfaSetup));
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-select-challenge",
        sentence: "the answer to SELECT_CHALLENGE carries no secret hash.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| without_hash(out, &ChallengeName::SelectChallenge));
        }),
        caught_by: &["secret-hash.right"],
    },
];

fn gap(challenge: ChallengeName, after: Option<ChallengeName>) -> Vec<Gap> {
    vec![Gap { challenge, after }]
}

fn rename(out: &mut Outgoing<'_>, from: &str, to: &str) {
    if let Some(text) = out.get(from) {
        out.remove(from);
        out.set(to, text);
    }
}

fn without_hash(out: &mut Outgoing<'_>, challenge: &ChallengeName) {
    if out.answers(challenge) {
        out.remove(key::SECRET_HASH);
    }
}

fn with_delivery(reply: Reply, edit: fn(Option<CodeDelivery>) -> Option<CodeDelivery>) -> Reply {
    match reply {
        Reply::Step {
            next: NextStep::ConfirmSignInWithSmsCode { delivery },
        } => Reply::Step {
            next: NextStep::ConfirmSignInWithSmsCode {
                delivery: edit(delivery),
            },
        },
        Reply::Step {
            next: NextStep::ConfirmSignInWithEmailCode { delivery },
        } => Reply::Step {
            next: NextStep::ConfirmSignInWithEmailCode {
                delivery: edit(delivery),
            },
        },
        other => other,
    }
}
