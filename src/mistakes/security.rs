//! What gives a password away, or accepts what nobody should.

use data_encoding::BASE64;

use super::mistake::{Edit, Mistake};
use crate::client::{IllegalB, Input, SecretBlock, TokensNeeded, UnknownChallenge};
use crate::srp::BigUint;
use crate::wire::names::key;

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "security.b-unchecked",
        sentence: "a B that is a multiple of N is used, so that S is known to whoever sent it.",
        seen: &["NabuCasa/pycognito HEAD", "alexrudd/cognito-srp HEAD"],
        edit: Edit::Client(|policy| policy.illegal_b = IllegalB::Used),
        caught_by: &["refusal.b-zero"],
    },
    Mistake {
        id: "security.b-checked-for-zero-only",
        sentence: "a B of 0 is refused, and a B of N is not.",
        seen: &["simonmcallister0210/cognito-srp-helper HEAD"],
        edit: Edit::Client(|policy| policy.illegal_b = IllegalB::OnlyZeroRefused),
        caught_by: &["refusal.b-zero"],
    },
    Mistake {
        id: "security.a-of-16-bits",
        sentence: "the private value a has 16 bits.",
        seen: &["aws/aws-sdk-net#834", "aws/aws-sdk-net#887"],
        edit: Edit::Client(|policy| policy.private_value = |a| a % (1_u32 << 16)),
        caught_by: &["srp.a-not-small", "srp.a-injected"],
    },
    Mistake {
        id: "security.a-cut-short",
        sentence: "of the private value a few octets are used only.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.private_value = |a| a % (BigUint::from(1_u8) << 32_u32);
        }),
        caught_by: &["srp.a-injected"],
    },
    Mistake {
        id: "security.a-below-the-modulus-bits",
        sentence: "the private value a is so small that A is a power of two that was never reduced.",
        seen: &["aws/aws-sdk-net#834"],
        edit: Edit::Client(|policy| policy.private_value = |a| a % (1_u32 << 11)),
        caught_by: &["srp.a-not-small"],
    },
    Mistake {
        id: "security.a-always-the-same",
        sentence: "the private value a is the same at every sign-in.",
        seen: &["aws/aws-sdk-net#887"],
        edit: Edit::Client(|policy| {
            policy.private_value = |_| (BigUint::from(1_u8) << 1023_u32) + 1_u8;
        }),
        caught_by: &["srp.a-injected"],
    },
    Mistake {
        id: "security.a-of-zero-sent",
        sentence: "an SRP_A of 0 is sent without a look at it.",
        seen: &[
            "aws-amplify/amplify-swift HEAD (A is not checked)",
            "aws/aws-sdk-net-extensions-cognito HEAD (A is not checked)",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| out.change(key::SRP_A, |_| "0".to_owned()));
        }),
        caught_by: &["srp.a-in-range"],
    },
    Mistake {
        id: "security.password-in-metadata",
        sentence: "ClientMetadata carries the password, also under SRP.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if let Some(password) = out.sender.password.map(str::to_owned) {
                    out.add_metadata("password", password);
                }
            });
        }),
        caught_by: &["secrecy.wire"],
    },
    Mistake {
        id: "security.password-in-context-data",
        sentence: "UserContextData carries the password in base64, also under SRP.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if let Some(password) = out.sender.password {
                    let payload = serde_json::json!({"password": password}).to_string();
                    let data =
                        serde_json::json!({"EncodedData": BASE64.encode(payload.as_bytes())});
                    out.members().insert("UserContextData".to_owned(), data);
                }
            });
        }),
        caught_by: &["secrecy.wire"],
    },
    Mistake {
        id: "security.password-beside-srp",
        sentence: "PASSWORD goes beside SRP_A.",
        seen: &["aws-amplify/amplify-js#2634 and others expect it for migration"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.starts()
                    && out.sender.keys.is_some()
                    && let Some(password) = out.sender.password.map(str::to_owned)
                {
                    out.set(key::PASSWORD, password);
                }
            });
        }),
        caught_by: &[
            "secrecy.wire",
            "flow.srp-parameters",
            "flow.custom-srp-parameters",
        ],
    },
    Mistake {
        id: "security.request-in-error-text",
        sentence: "an error's text quotes the whole request, password included.",
        seen: &[
            "aws/aws-sdk-ruby#2122",
            "aws/aws-sdk-java-v2#1333",
            "aws-amplify/amplify-swift#3470",
        ],
        edit: Edit::Client(|policy| {
            policy.error_text =
                Some(|error, request| format!("{} (request: {request})", error.message));
        }),
        caught_by: &["secrecy.replies"],
    },
    Mistake {
        id: "security.done-without-tokens",
        sentence: "a sign-in counts as done although tokens are missing.",
        seen: &["aws-amplify/amplify-js HEAD keeps whatever tokens come"],
        edit: Edit::Client(|policy| policy.tokens_needed = TokensNeeded::None),
        caught_by: &["outcome.done-means-tokens"],
    },
    Mistake {
        id: "security.malformed-block-accepted",
        sentence: "a SECRET_BLOCK that is no base64 is decoded as far as it goes.",
        seen: &["aws-amplify/amplify-js HEAD decodes leniently"],
        edit: Edit::Client(|policy| policy.secret_block = SecretBlock::Lenient),
        caught_by: &["refusal.malformed-challenge"],
    },
    Mistake {
        id: "security.unknown-challenge-is-done",
        sentence: "a challenge that isn't known counts as the end of the sign-in.",
        seen: &["aws/aws-sdk-net-extensions-cognito#127 goes by what a challenge is not"],
        edit: Edit::Client(|policy| policy.unknown_challenge = UnknownChallenge::TakenForDone),
        caught_by: &["refusal.unknown-challenge", "outcome.done-means-tokens"],
    },
    Mistake {
        id: "security.unknown-challenge-is-custom",
        sentence: "a challenge that isn't known is shown as a custom challenge.",
        seen: &["aws/aws-sdk-net-extensions-cognito#127"],
        edit: Edit::Client(|policy| policy.unknown_challenge = UnknownChallenge::TakenForCustom),
        caught_by: &["outcome.step-matches-challenge"],
    },
    Mistake {
        id: "security.input-not-checked",
        sentence: "an empty name is sent to the service instead of being refused.",
        seen: &["aws-amplify/amplify-swift#1360"],
        edit: Edit::Client(|policy| policy.input = Input::Unchecked),
        caught_by: &["refusal.bad-input"],
    },
    Mistake {
        id: "security.refreshes-at-once",
        sentence: "tokens are refreshed as soon as they have come.",
        seen: &["aws-amplify/amplify-js#5747"],
        edit: Edit::Client(|policy| policy.refreshes_at_once = true),
        caught_by: &["flow.nothing-after-end", "flow.one-initiate"],
    },
];
