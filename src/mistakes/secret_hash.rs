//! `SECRET_HASH`: over which name, on which requests, with which key.

use data_encoding::{BASE64URL, HEXLOWER};

use super::mistake::{Edit, Mistake};
use crate::client::Outgoing;
use crate::srp::{hmac_sha256, secret_hash, to_base64};
use crate::wire::names::key;
use crate::wire::{ChallengeName, Operation};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "secret-hash.typed-name-in-answers",
        sentence: "answers carry the secret hash over the typed name, although their USERNAME is the returned one.",
        seen: &[
            "alexrudd/cognito-srp#1",
            "alexrudd/cognito-srp#7",
            "qwigo/warrant#74",
            "aws-amplify/aws-sdk-android#511",
            "furaiev/amazon-cognito-identity-dart-2#211",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let typed = out.sender.typed_name.to_owned();
                out.rehash(&typed);
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-at-the-start",
        sentence: "InitiateAuth carries no secret hash although the app client has a secret.",
        seen: &["aws-amplify/amplify-android#2504"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.starts() {
                    out.remove(key::SECRET_HASH);
                }
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-password-verifier",
        sentence: "the answer to PASSWORD_VERIFIER carries no secret hash.",
        seen: &["aws-samples/aws-cognito-java-desktop-app#3"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| remove_from_answer(out, &ChallengeName::PasswordVerifier));
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-custom-challenge",
        sentence: "the answer to CUSTOM_CHALLENGE carries no secret hash.",
        seen: &["aws-amplify/amplify-flutter c38556d92d"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| remove_from_answer(out, &ChallengeName::CustomChallenge));
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-new-password",
        sentence: "the answer to NEW_PASSWORD_REQUIRED carries no secret hash.",
        seen: &[
            "furaiev/amazon-cognito-identity-dart-2 332c1fb",
            "aws-amplify/aws-sdk-android#2265",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing =
                Some(|out| remove_from_answer(out, &ChallengeName::NewPasswordRequired));
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.missing-on-reset",
        sentence: "password resets carry no secret hash.",
        seen: &[
            "aws-amplify/amplify-swift#2528",
            "furaiev/amazon-cognito-identity-dart-2#98",
            "aws/aws-sdk-net-extensions-cognito#13",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if matches!(
                    out.operation,
                    Operation::ForgotPassword | Operation::ConfirmForgotPassword
                ) {
                    let name = out.secret_hash_key();
                    out.remove(name);
                }
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.the-secret-itself",
        sentence: "the client secret itself stands where the secret hash belongs.",
        seen: &[
            "furaiev/amazon-cognito-identity-dart-2#213",
            "aws-amplify/aws-sdk-android HEAD (refresh)",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if let Some(secret) = out.sender.settings.client_secret.clone() {
                    out.change(key::SECRET_HASH, |_| secret);
                }
            });
        }),
        caught_by: &["secret-hash.not-the-secret", "secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.client-id-first",
        sentence: "the secret hash is made over the client id in front of the name.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                hashed_otherwise(out, |secret, name, client_id| {
                    to_base64(&hmac_sha256(secret, &[client_id, name]))
                });
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.over-the-name-alone",
        sentence: "the secret hash is made over the name without the client id.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                hashed_otherwise(out, |secret, name, _| {
                    to_base64(&hmac_sha256(secret, &[name]))
                });
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.key-and-message-swapped",
        sentence: "the secret hash has the name and the client id as its key and the secret as its message.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                hashed_otherwise(out, |secret, name, client_id| {
                    to_base64(&hmac_sha256(&[name, client_id].concat(), &[secret]))
                });
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.in-hexadecimal",
        sentence: "the secret hash is written in hexadecimal digits instead of base64.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                hashed_otherwise(out, |secret, name, client_id| {
                    HEXLOWER.encode(&hmac_sha256(secret, &[name, client_id]))
                });
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.in-base64url",
        sentence: "the secret hash is written in the alphabet of base64 for URLs.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                hashed_otherwise(out, |secret, name, client_id| {
                    BASE64URL.encode(&hmac_sha256(secret, &[name, client_id]))
                });
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.empty-name",
        sentence: "the secret hash is made before the name is known, over an empty name.",
        seen: &["aws/aws-sdk-net-extensions-cognito d9469af"],
        edit: Edit::Client(|policy| policy.outgoing = Some(|out| out.rehash(""))),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.null-as-name",
        sentence: "the secret hash is made over the word null, since the internal name isn't known yet.",
        seen: &["aws-amplify/aws-sdk-android#583"],
        edit: Edit::Client(|policy| policy.outgoing = Some(|out| out.rehash("null"))),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.without-a-secret",
        sentence: "a secret hash is sent although the app client has no secret.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.sender.settings.client_secret.is_none()
                    && let Some(name) = out.get(key::USERNAME)
                {
                    let hash = secret_hash("", &name, &out.sender.settings.client_id);
                    out.set(key::SECRET_HASH, hash);
                }
            });
        }),
        caught_by: &["secret-hash.only-with-secret"],
    },
    Mistake {
        id: "secret-hash.missing-in-answers",
        sentence: "no answer to a challenge carries a secret hash.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::RespondToAuthChallenge {
                    out.remove(key::SECRET_HASH);
                }
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "secret-hash.never-sent",
        sentence: "no request carries a secret hash although the app client has a secret.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let name = out.secret_hash_key();
                out.remove(name);
            });
        }),
        caught_by: &["secret-hash.right"],
    },
];

fn remove_from_answer(out: &mut Outgoing<'_>, challenge: &ChallengeName) {
    if out.answers(challenge) {
        out.remove(key::SECRET_HASH);
    }
}

/// Makes the secret hash that a message carries in another way: of the secret, the message's name and the client id.
fn hashed_otherwise(out: &mut Outgoing<'_>, made: fn(&[u8], &[u8], &[u8]) -> String) {
    let name = match out.operation {
        Operation::InitiateAuth | Operation::RespondToAuthChallenge => key::USERNAME,
        _ => "Username",
    };
    let (Some(secret), Some(name)) = (out.sender.settings.client_secret.clone(), out.get(name))
    else {
        return;
    };
    let client_id = out.sender.settings.client_id.clone();
    let hash = made(secret.as_bytes(), name.as_bytes(), client_id.as_bytes());
    out.change(out.secret_hash_key(), |_| hash);
}
