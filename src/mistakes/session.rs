//! `Session`: echoed, and always the newest.

use super::mistake::{Edit, Mistake};
use crate::client::Outgoing;
use crate::wire::{ChallengeName, Operation};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "session.dropped-before-the-proof",
        sentence: "the Session that came with PASSWORD_VERIFIER in a custom flow is not echoed.",
        seen: &[
            "aws-amplify/amplify-android#2335",
            "NabuCasa/pycognito HEAD",
            "qwigo/warrant HEAD",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::PasswordVerifier) {
                    out.members().remove("Session");
                }
            });
        }),
        caught_by: &["outcome.allowed", "outcome.operations"],
    },
    Mistake {
        id: "session.first-one-for-ever",
        sentence: "every answer carries the first Session of the sign-in, also when newer ones have come.",
        seen: &[
            "aws-amplify/amplify-js#5834",
            "aws-amplify/amplify-js#3379",
            "aws-amplify/amplify-swift#3695",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if !out.starts()
                    && let Some(first) = out.sender.sessions.first().cloned()
                {
                    out.members().insert("Session".to_owned(), first.into());
                }
            });
        }),
        caught_by: &["session.echo"],
    },
    Mistake {
        id: "session.lost",
        sentence: "answers to custom challenges carry no Session.",
        seen: &[
            "aws-amplify/amplify-android#3136",
            "aws-amplify/amplify-js#8591",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::CustomChallenge) {
                    out.members().remove("Session");
                }
            });
        }),
        caught_by: &["session.echo"],
    },
    Mistake {
        id: "session.missing-beside-codes",
        sentence: "answers with a code carry no Session.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| without_session(out, CODES));
        }),
        caught_by: &["session.echo"],
    },
    Mistake {
        id: "session.missing-beside-the-new-password",
        sentence: "the answer to NEW_PASSWORD_REQUIRED carries no Session.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing =
                Some(|out| without_session(out, &[ChallengeName::NewPasswordRequired]));
        }),
        caught_by: &["session.echo"],
    },
    Mistake {
        id: "session.missing-beside-choices",
        sentence: "the answer that chooses a factor carries no Session.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| without_session(out, CHOICES));
        }),
        caught_by: &["session.echo"],
    },
    Mistake {
        id: "session.invented",
        sentence: "the answer to PASSWORD_VERIFIER carries a Session although none came.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::PasswordVerifier)
                    && !out.members().contains_key("Session")
                {
                    let invented = "0".repeat(20);
                    out.members().insert("Session".to_owned(), invented.into());
                }
            });
        }),
        caught_by: &["session.echo"],
    },
    Mistake {
        id: "session.never-sent",
        sentence: "no answer carries the Session of the challenge.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::RespondToAuthChallenge {
                    out.members().remove("Session");
                }
            });
        }),
        caught_by: &["session.echo"],
    },
];

/// Challenges that a code answers.
const CODES: &[ChallengeName] = &[
    ChallengeName::SmsMfa,
    ChallengeName::SoftwareTokenMfa,
    ChallengeName::EmailOtp,
    ChallengeName::SmsOtp,
];

/// Challenges that the choice of a factor answers.
const CHOICES: &[ChallengeName] = &[ChallengeName::SelectMfaType, ChallengeName::SelectChallenge];

fn without_session(out: &mut Outgoing<'_>, challenges: &[ChallengeName]) {
    if challenges.iter().any(|challenge| out.answers(challenge)) {
        out.members().remove("Session");
    }
}
