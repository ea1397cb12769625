//! Custom flows: how they start, how answers travel, how they end.

use super::mistake::{Edit, Mistake};
use crate::client::{Confirming, Input, Rounds};
use crate::config::effective_flow;
use crate::wire::names::key;
use crate::wire::{AuthFlowType, ChallengeName, NextStep, Reply};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "custom.srp-without-being-asked",
        sentence: "customWithoutSRP starts with SRP_A all the same.",
        seen: &[
            "aws-amplify/amplify-flutter#2393",
            "aws-amplify/amplify-swift#1134",
            "aws-amplify/aws-sdk-android#2097",
        ],
        edit: Edit::Client(|policy| {
            policy.input = Input::Unchecked;
            policy.choose_flow = |run_time, settings| match effective_flow(run_time, settings) {
                AuthFlowType::CustomWithoutSrp => AuthFlowType::CustomWithSrp,
                flow => flow,
            };
        }),
        caught_by: &["flow.custom-parameters", "flow.first-request"],
    },
    Mistake {
        id: "custom.no-srp-although-asked",
        sentence: "customWithSRP starts without SRP_A.",
        seen: &["aws-amplify/amplify-js#1291"],
        edit: Edit::Client(|policy| {
            policy.choose_flow = |run_time, settings| match effective_flow(run_time, settings) {
                AuthFlowType::CustomWithSrp => AuthFlowType::CustomWithoutSrp,
                flow => flow,
            };
        }),
        caught_by: &["flow.custom-srp-parameters"],
    },
    Mistake {
        id: "custom.challenge-name-missing",
        sentence: "customWithSRP sends SRP_A without CHALLENGE_NAME.",
        seen: &["aws-amplify/amplify-js#1291"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| out.remove(key::CHALLENGE_NAME));
        }),
        caught_by: &["flow.custom-srp-parameters"],
    },
    Mistake {
        id: "custom.empty-password-in-x",
        sentence: "the SRP helper of the custom flow is made with an empty password.",
        seen: &["aws-amplify/amplify-android#2031"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.sender.flow == Some(AuthFlowType::CustomWithSrp) {
                    out.reclaim(|proof| proof.password.clear());
                }
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "custom.answer-trimmed",
        sentence: "white space around the person's answer is taken away.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| out.change(key::ANSWER, |text| text.trim().to_owned()));
        }),
        caught_by: &["custom.answer-verbatim"],
    },
    Mistake {
        id: "custom.answer-lower-cased",
        sentence: "the person's answer is sent in lower case.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| out.change(key::ANSWER, str::to_lowercase));
        }),
        caught_by: &["custom.answer-verbatim"],
    },
    Mistake {
        id: "custom.parameters-lost",
        sentence: "the application is not told the challenge's public parameters.",
        seen: &["aws-amplify/amplify-swift#1201"],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ConfirmSignInWithCustomChallenge { .. },
            } => Reply::Step {
                next: NextStep::ConfirmSignInWithCustomChallenge {
                    parameters: Default::default(),
                },
            },
            other => other,
        }),
        caught_by: &["custom.parameters-surface"],
    },
    Mistake {
        id: "custom.metadata-on-the-first-request-only",
        sentence: "ClientMetadata goes with InitiateAuth only, so that the challenge triggers see none.",
        seen: &[
            "aws-amplify/amplify-swift#2986",
            "aws-amplify/amplify-flutter 8d87ea871b",
            "aws/aws-sdk-net-extensions-cognito 1db9448",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if !out.starts() {
                    out.members().remove("ClientMetadata");
                }
            });
        }),
        caught_by: &["metadata.answers"],
    },
    Mistake {
        id: "custom.metadata-not-with-the-proof",
        sentence: "ClientMetadata does not go with the answer to PASSWORD_VERIFIER.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::PasswordVerifier) {
                    out.members().remove("ClientMetadata");
                }
            });
        }),
        caught_by: &["metadata.answers"],
    },
    Mistake {
        id: "custom.metadata-never-sent",
        sentence: "ClientMetadata goes with no request at all.",
        seen: &["aws-amplify/amplify-js#6941"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                out.members().remove("ClientMetadata");
            });
        }),
        caught_by: &["metadata.initiate", "metadata.answers"],
    },
    Mistake {
        id: "custom.answer-sent-twice",
        sentence: "one answer is sent twice with one Session.",
        seen: &["aws-amplify/amplify-js#10959"],
        edit: Edit::Client(|policy| policy.confirming = Confirming::Twice),
        caught_by: &["outcome.operations", "session.echo"],
    },
    Mistake {
        id: "custom.restarted-before-the-answer",
        sentence: "the sign-in is started anew between question and answer, so that the answer belongs to another question.",
        seen: &["aws-amplify/amplify-js#3066"],
        edit: Edit::Client(|policy| policy.confirming = Confirming::AfterStartingAnew),
        caught_by: &["flow.one-initiate", "flow.one-initiate-for-new-password"],
    },
    Mistake {
        id: "custom.tokens-after-the-proof-not-recognised",
        sentence: "tokens right after PASSWORD_VERIFIER in a custom flow are not recognised as the end.",
        seen: &[
            "aws-amplify/amplify-android#2331",
            "aws-amplify/amplify-android#2566",
        ],
        edit: Edit::Client(|policy| policy.tokens_may_follow_the_proof = false),
        caught_by: &["outcome.allowed"],
    },
    Mistake {
        id: "custom.second-round-not-recognised",
        sentence: "a custom challenge right after a custom challenge leaves the client's state as it was, and the sign-in ends in an error.",
        seen: &["aws-amplify/amplify-android#2459"],
        edit: Edit::Client(|policy| policy.rounds = Rounds::One),
        caught_by: &["outcome.allowed"],
    },
    Mistake {
        id: "custom.answer-under-another-challenge",
        sentence: "the answer names a challenge that is not the pending one.",
        seen: &["furaiev/amazon-cognito-identity-dart-2#71"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::CustomChallenge) {
                    let name = ChallengeName::SmsMfa.as_str();
                    out.members()
                        .insert("ChallengeName".to_owned(), name.into());
                }
            });
        }),
        caught_by: &["flow.answers-pending"],
    },
    Mistake {
        id: "custom.answer-under-another-key",
        sentence: "the answer goes under the challenge's name instead of ANSWER.",
        seen: &["aws-amplify/amplify-js#6418 is the same slip when reading"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::CustomChallenge)
                    && let Some(answer) = out.get(key::ANSWER)
                {
                    out.remove(key::ANSWER);
                    out.set("CUSTOM_CHALLENGE", answer);
                }
            });
        }),
        caught_by: &["custom.answer-verbatim"],
    },
];
