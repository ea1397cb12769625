//! The form of a request.

use super::mistake::{Edit, Mistake};
use crate::client::Outgoing;
use crate::client::policy::UnknownMembers;
use crate::wire::names::key;

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "wire.plain-json",
        sentence: "the content type is application/json.",
        seen: &["jagregory/cognito-local e67576b is the same slip at the other end"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| set_header(out, "Content-Type", "application/json"));
        }),
        caught_by: &["wire.request-form"],
    },
    Mistake {
        id: "wire.unknown-members-refused",
        sentence: "an answer with a member that the client doesn't know is refused.",
        seen: &["Liftric/cognito-idp#49", "Liftric/cognito-idp#52"],
        edit: Edit::Client(|policy| policy.unknown_members = UnknownMembers::Refused),
        caught_by: &["wire.unknown-members-ignored", "outcome.allowed"],
    },
    Mistake {
        id: "wire.target-without-prefix",
        sentence: "X-Amz-Target names the operation without the service.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let operation = out.operation.as_str().to_owned();
                set_header(out, "X-Amz-Target", &operation);
            });
        }),
        caught_by: &["wire.request-form"],
    },
    Mistake {
        id: "wire.signed",
        sentence: "a sign-in carries an Authorization header, which clients of end users have no keys for.",
        seen: &["getmoto/moto#5133", "getmoto/moto#5099"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let value =
                    "AWS4-HMAC-SHA256 Credential=test/20240305/us-east-1/cognito-idp/aws4_request";
                out.headers
                    .push(("Authorization".to_owned(), value.to_owned()));
            });
        }),
        caught_by: &["wire.request-form"],
    },
    Mistake {
        id: "wire.secret-hash-at-top-level",
        sentence: "the secret hash of a sign-in stands beside the parameters instead of among them.",
        seen: &["aws/aws-sdk-cpp#3246 (a hash that the service doesn't see; cause not settled)"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if let Some(hash) = out.get(key::SECRET_HASH) {
                    out.remove(key::SECRET_HASH);
                    out.members().insert("SecretHash".to_owned(), hash.into());
                }
            });
        }),
        caught_by: &["wire.members", "secret-hash.right"],
    },
    Mistake {
        id: "wire.members-in-camel-case",
        sentence: "the members of a request begin with small letters.",
        seen: &["aws-amplify/amplify-js#6418 is the same slip when reading"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let members = std::mem::take(out.members());
                for (name, value) in members {
                    let mut letters = name.chars();
                    let small: String = letters
                        .next()
                        .map(|first| first.to_ascii_lowercase())
                        .into_iter()
                        .chain(letters)
                        .collect();
                    out.members().insert(small, value);
                }
            });
        }),
        caught_by: &["wire.members", "flow.first-request"],
    },
];

fn set_header(out: &mut Outgoing<'_>, name: &str, value: &str) {
    for (header, text) in out.headers.iter_mut() {
        if header.eq_ignore_ascii_case(name) {
            value.clone_into(text);
        }
    }
}
