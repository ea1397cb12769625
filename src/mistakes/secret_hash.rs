//! `SECRET_HASH`: over which name, on which requests, with which key.

use super::mistake::{Edit, Mistake};
use crate::client::Outgoing;
use crate::srp::secret_hash;
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
];

fn remove_from_answer(out: &mut Outgoing<'_>, challenge: &ChallengeName) {
    if out.answers(challenge) {
        out.remove(key::SECRET_HASH);
    }
}
