//! The name as typed and the name as returned. Invisible where the two coincide.

use super::mistake::{Edit, Mistake};
use crate::client::Outgoing;
use crate::wire::ChallengeName;
use crate::wire::names::key;

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "username.typed-alias-in-x",
        sentence: "x and the claim are made over the typed e-mail address or phone number instead of USER_ID_FOR_SRP.",
        seen: &[
            "simonmcallister0210/cognito-srp-helper#26",
            "simonmcallister0210/cognito-srp-helper#29",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let typed = out.sender.typed_name.to_owned();
                out.reclaim(|proof| {
                    proof.user.clone_from(&typed);
                    proof.claim_user = typed;
                });
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "username.typed-alias-in-x-alone",
        sentence: "x is made over the typed e-mail address or phone number, although the claim is made over the returned name.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let typed = out.sender.typed_name.to_owned();
                if out.answers(&ChallengeName::PasswordVerifier) {
                    out.reclaim(|proof| proof.user = typed);
                }
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "username.typed-alias-in-the-claim",
        sentence: "the claim names the typed alias, although x is made over USER_ID_FOR_SRP.",
        seen: &["simonmcallister0210/cognito-srp-helper#29"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let typed = out.sender.typed_name.to_owned();
                out.reclaim(|proof| proof.claim_user = typed);
            });
        }),
        caught_by: &["srp.claim"],
    },
    Mistake {
        id: "username.typed-name-in-answers",
        sentence: "answers to challenges carry the typed name instead of the one the challenge returned.",
        seen: &["NabuCasa/pycognito#23", "aws-amplify/amplify-js#12364"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if !out.starts() {
                    let typed = out.sender.typed_name.to_owned();
                    rename(out, &typed);
                }
            });
        }),
        caught_by: &[
            "name.returned-in-answers",
            "name.returned-where-a-device-follows",
        ],
    },
    Mistake {
        id: "username.lower-cased",
        sentence: "the typed name is sent in lower case, which finds nobody in a case-sensitive pool.",
        seen: &[
            "aws-amplify/amplify-js#2189",
            "aws-amplify/amplify-js#3949",
            "aws-amplify/aws-sdk-android#1332",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.starts() {
                    let lower = out.sender.typed_name.to_lowercase();
                    rename(out, &lower);
                }
            });
        }),
        caught_by: &["name.typed-first"],
    },
    Mistake {
        id: "username.percent-encoded",
        sentence: "the typed name is percent-encoded before it is sent.",
        seen: &[
            "aws-amplify/amplify-js#12299",
            "furaiev/amazon-cognito-identity-dart-2 08e43d6",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.starts() {
                    let encoded = out
                        .sender
                        .typed_name
                        .replace('%', "%25")
                        .replace('@', "%40")
                        .replace('+', "%2B");
                    rename(out, &encoded);
                }
            });
        }),
        caught_by: &["name.typed-first"],
    },
    Mistake {
        id: "username.missing",
        sentence: "InitiateAuth carries no USERNAME.",
        seen: &["aws-amplify/amplify-swift#1360"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.starts() {
                    out.remove(key::USERNAME);
                }
            });
        }),
        caught_by: &["name.typed-first", "wire.members"],
    },
    Mistake {
        id: "username.missing-in-answers",
        sentence: "answers to challenges carry no USERNAME.",
        seen: &["aws-amplify/amplify-swift#1360 is the same loss at the first request"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if !out.starts() {
                    out.remove(key::USERNAME);
                }
            });
        }),
        caught_by: &["name.returned-in-answers"],
    },
];

/// Another name, with the secret hash over it: the mistake is the name alone.
fn rename(out: &mut Outgoing<'_>, name: &str) {
    out.change(key::USERNAME, |_| name.to_owned());
    out.rehash(name);
}
