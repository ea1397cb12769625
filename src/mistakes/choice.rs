//! `userAuth`: the first factor that is preferred or chosen, and what goes with it.

use super::mistake::{Edit, Mistake};
use crate::wire::names::key;
use crate::wire::{AuthFlowType, ChallengeName, NextStep, Reply};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "choice.preference-lost",
        sentence: "the preferred first factor is not sent, so that the service asks.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| out.remove(key::PREFERRED_CHALLENGE));
        }),
        caught_by: &["choice.preferred-sent"],
    },
    Mistake {
        id: "choice.password-not-sent-with-preference",
        sentence: "PASSWORD is preferred without the password beside it.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.sender.flow == Some(AuthFlowType::UserAuth) && out.starts() {
                    out.remove(key::PASSWORD);
                }
            });
        }),
        caught_by: &["choice.preferred-sent"],
    },
    Mistake {
        id: "choice.factors-not-told",
        sentence: "first factors that the client has no name for are not told to the application.",
        seen: &[
            "aws-amplify/amplify-flutter#6632",
            "aws-amplify/amplify-android#2680",
        ],
        edit: Edit::Reply(|reply| match reply {
            Reply::Step {
                next: NextStep::ContinueSignInWithFirstFactorSelection { mut available },
            } => {
                available.retain(|factor| *factor == ChallengeName::Password);
                Reply::Step {
                    next: NextStep::ContinueSignInWithFirstFactorSelection { available },
                }
            }
            other => other,
        }),
        caught_by: &["choice.factors-surface"],
    },
    Mistake {
        id: "choice.by-another-name",
        sentence: "the chosen first factor goes by the client's own name of it.",
        seen: &["aws-amplify/amplify-android#2680"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::SelectChallenge) {
                    out.change(key::ANSWER, |name| name.to_lowercase().replace('_', ""));
                }
            });
        }),
        caught_by: &["choice.answer"],
    },
    Mistake {
        id: "choice.without-what-it-needs",
        sentence: "a password or SRP is chosen without PASSWORD or SRP_A beside the choice.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::SelectChallenge) {
                    out.remove(key::PASSWORD);
                    out.remove(key::SRP_A);
                }
            });
        }),
        caught_by: &["choice.answer"],
    },
    Mistake {
        id: "choice.password-beside-srp",
        sentence: "in userAuth the password goes in clear beside SRP_A.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.sender.flow == Some(AuthFlowType::UserAuth)
                    && out.get(key::SRP_A).is_some()
                    && let Some(password) = out.sender.password
                {
                    out.set(key::PASSWORD, password);
                }
            });
        }),
        caught_by: &["choice.password-stays"],
    },
];
