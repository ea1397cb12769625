//! Who signs in to which pool, and how values are written: what goes into x and the claim beside the password.

use super::mistake::{Edit, Mistake};
use crate::client::{Input, OddHex, PoolName};
use crate::srp::{Charset, Dialect};
use crate::wire::ChallengeName;
use crate::wire::names::key;

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "identity.whole-pool-id",
        sentence: "x and the claim are made over the whole pool id instead of the part after the underscore.",
        seen: &["floci-io/floci#358", "floci-io/floci#310"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let id = out.sender.settings.user_pool_id.clone();
                out.reclaim(|proof| {
                    proof.scope.clone_from(&id);
                    proof.claim_scope = id;
                });
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.whole-pool-id-in-the-claim",
        sentence: "the claim is made over the whole pool id, although x is made over the pool name.",
        seen: &["floci-io/floci#358"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let id = out.sender.settings.user_pool_id.clone();
                out.reclaim(|proof| proof.claim_scope = id);
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.whole-pool-id-in-x",
        sentence: "x is made over the whole pool id, although the claim is made over the pool name.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let id = out.sender.settings.user_pool_id.clone();
                if out.answers(&ChallengeName::PasswordVerifier) {
                    out.reclaim(|proof| proof.scope = id);
                }
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.region-for-pool-name",
        sentence: "the pool id is cut on the wrong side, so that x and the claim are made over the region.",
        seen: &["floci-io/floci#358 names it among the variants to try"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let id = out.sender.settings.user_pool_id.as_str();
                let region = id.split('_').next().unwrap_or(id).to_owned();
                out.reclaim(|proof| {
                    proof.scope.clone_from(&region);
                    proof.claim_scope = region;
                });
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.pool-id-without-underscore-taken",
        sentence: "a pool id without an underscore is taken whole as pool name instead of being refused.",
        seen: &[
            "awslabs/aws-sdk-android-samples#75",
            "aws-amplify/aws-sdk-ios#1020",
        ],
        edit: Edit::Client(|policy| policy.pool_name = PoolName::WholeWithoutUnderscore),
        caught_by: &["refusal.pool-id"],
    },
    Mistake {
        id: "identity.undefined-password",
        sentence: "a password that was not given is hashed as the word undefined.",
        seen: &["amazon-cognito-identity-js 6.3.21, seen by this harness"],
        edit: Edit::Client(|policy| {
            policy.input = Input::Unchecked;
            policy.outgoing = Some(|out| {
                if out.sender.password.unwrap_or_default().is_empty() {
                    out.reclaim(|proof| proof.password = "undefined".to_owned());
                }
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.none-password",
        sentence: "a password that was not given is hashed as the word None.",
        seen: &["NabuCasa/pycognito 2024.5.1, seen by this harness"],
        edit: Edit::Client(|policy| {
            policy.input = Input::Unchecked;
            policy.outgoing = Some(|out| {
                if out.sender.password.unwrap_or_default().is_empty() {
                    out.reclaim(|proof| proof.password = "None".to_owned());
                }
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.latin-1-in-x",
        sentence: "x is hashed over user and password in Latin-1 instead of UTF-8.",
        seen: &[],
        edit: Edit::Dialect(|d| hashed_in(d, Charset::Latin1)),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.low-octets-in-x",
        sentence: "x is hashed over the lowest octet of each character of user and password instead of UTF-8.",
        seen: &[],
        edit: Edit::Dialect(|d| hashed_in(d, Charset::LowOctets)),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.odd-hex-refused",
        sentence: "SALT and SRP_B are decoded by pairs of digits, so that an odd number of digits is an error.",
        seen: &["aws-amplify/amplify-swift#2588 shows such numbers from the service's other end"],
        edit: Edit::Client(|policy| policy.odd_hex = OddHex::Refused),
        caught_by: &["outcome.allowed", "outcome.operations"],
    },
    Mistake {
        id: "identity.secret-block-written-anew",
        sentence: "SECRET_BLOCK is decoded and written anew by another base64, instead of being returned as it came.",
        seen: &[
            "aws-amplify/amplify-js#12189",
            "aws-amplify/amplify-js#12120",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                out.change(key::PASSWORD_CLAIM_SECRET_BLOCK, |block| {
                    block
                        .replace('+', "-")
                        .replace('/', "_")
                        .trim_end_matches('=')
                        .to_owned()
                });
            });
        }),
        caught_by: &["srp.secret-block"],
    },
    Mistake {
        id: "identity.secret-block-as-text",
        sentence: "the claim is made over the base64 text of SECRET_BLOCK instead of the octets it stands for.",
        seen: &["simonmcallister0210/cognito-srp-helper#34 asks for vectors against such slips"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::PasswordVerifier)
                    && let Some(block) = out.get(key::PASSWORD_CLAIM_SECRET_BLOCK)
                {
                    out.reclaim(|proof| proof.secret_block = block.into_bytes());
                }
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "identity.srp-a-with-prefix",
        sentence: "SRP_A is written with 0x in front.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                out.change(key::SRP_A, |text| format!("0x{text}"));
            });
        }),
        caught_by: &["srp.a-in-range", "srp.a-injected"],
    },
    Mistake {
        id: "identity.srp-a-in-decimal",
        sentence: "SRP_A is written in decimal digits.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if let Some(keys) = out.sender.keys {
                    let decimal = keys.a_pub.to_string();
                    out.change(key::SRP_A, |_| decimal);
                }
            });
        }),
        caught_by: &["srp.a-in-range", "srp.a-injected"],
    },
];

fn hashed_in(mut dialect: Dialect, charset: Charset) -> Dialect {
    dialect.x.charset = charset;
    dialect
}
