//! Known wrong variants: they name causes, mutate references and explain.
//!
//! One file a family. What a family's file says of an issue is the fact in our own words; the issue is the source. Where
//! nobody has reported a mistake yet, the list of sources is empty.
//!
//! | file | what goes wrong |
//! |---|---|
//! | [`arithmetic`] | the arithmetic of SRP |
//! | [`identity`] | pool name, user and secret block in x and the claim; written numbers |
//! | [`claim`] | what is signed, and in which form |
//! | [`timestamp`] | format, locale and clock of `TIMESTAMP` |
//! | [`username`] | the typed name and the returned one |
//! | [`secret_hash`] | name, key and place of `SECRET_HASH` |
//! | [`session`] | `Session` lost or stale |
//! | [`custom`] | custom flows |
//! | [`new_password`] | `NEW_PASSWORD_REQUIRED` |
//! | [`flow`] | which flow is started |
//! | [`errors`] | how failures are read and reported |
//! | [`security`] | what gives a password away, or accepts what nobody should |
//! | [`wire`] | the form of a request |
//! | [`device`] | devices: confirming, naming, proving, letting go |
//! | [`factor`] | second factors: codes, choices, set-up |
//! | [`choice`] | first factors in `userAuth` |
//! | [`tokens`] | tokens after the sign-in, and the sign-out |
//! | [`reset`] | password resets, requests by access token, and what tells who exists |
//! | [`service`] | the service's side of sign-ins |
//! | [`service::device`], [`service::factor`], [`service::tokens`], [`service::reset`] | the service's side of those |

pub mod arithmetic;
pub mod choice;
pub mod claim;
pub mod custom;
pub mod device;
pub mod errors;
pub mod factor;
pub mod flow;
pub mod identity;
pub mod mistake;
pub mod new_password;
pub mod reset;
pub mod secret_hash;
pub mod security;
pub mod service;
pub mod session;
pub mod timestamp;
pub mod tokens;
pub mod username;
pub mod wire;

use std::sync::LazyLock;

pub use mistake::{Edit, Mistake, Policies, VerifierForm};

/// Every mistake that some scenario shows, so that a rule has to catch it.
pub fn all() -> impl Iterator<Item = &'static Mistake> {
    every().filter(|mistake| !BEYOND_SCENARIOS.contains(&mistake.id))
}

/// Mistakes that no scenario of today shows, or that rules let pass on purpose because shipped clients differ. They are
/// real all the same, and are proved to change something by tests of their own.
pub fn beyond_scenarios() -> impl Iterator<Item = &'static Mistake> {
    every().filter(|mistake| BEYOND_SCENARIOS.contains(&mistake.id))
}

/// The mistake of that id, whether a scenario shows it or not.
pub fn find(id: &str) -> Option<&'static Mistake> {
    every().find(|mistake| mistake.id == id)
}

fn every() -> impl Iterator<Item = &'static Mistake> {
    ARITHMETIC
        .iter()
        .chain(FAMILIES.iter().flat_map(|family| family.iter()))
}

/// The arithmetic family as edits of the client's dialect.
static ARITHMETIC: LazyLock<Vec<Mistake>> = LazyLock::new(|| {
    arithmetic::ARITHMETIC
        .iter()
        .filter(|mistake| !UNREACHABLE.contains(&mistake.id))
        .map(|mistake| Mistake {
            id: mistake.id,
            sentence: mistake.sentence,
            seen: mistake.seen,
            edit: Edit::Dialect(mistake.edit),
            caught_by: match mistake.id {
                "arithmetic.zero-b-accepted" => &["refusal.b-zero"],
                "arithmetic.generator-5" | "arithmetic.rfc-5054-library" => {
                    &["srp.claim", "srp.a-injected"]
                }
                _ => &["srp.claim"],
            },
        })
        .collect()
});

/// No service can make a client meet these: A ≡ 0 of its own, and a hash of zero.
const UNREACHABLE: &[&str] = &["arithmetic.zero-a-accepted", "arithmetic.zero-u-accepted"];

/// See [`beyond_scenarios`].
const BEYOND_SCENARIOS: &[&str] = &[
    // The pool never sends a salt that begins with a zero octet unasked: correct clients read it in two ways.
    "arithmetic.x-keeps-leading-zeros-of-the-salt",
    // Scenarios have no malformed pool ids and no second configuration.
    "identity.pool-id-without-underscore-taken",
    "flow.ids-of-an-earlier-configuration",
    // Worlds have one app client, and a person who answers at once.
    "service.answer-of-another-client",
    "service.session-for-ever",
    // Neither the service's tolerance of old times nor the life of a secret block is published.
    "service.timestamp-of-any-age",
    "service.secret-block-reusable",
    // The lie of A = 0 does not go as far as the claim that follows from S = 0.
    "service.zero-a-accepted",
    // Shipped clients differ: observed, never failed.
    "device.gone-by-kind-alone",
    "flow.legacy-custom-auth-without-srp",
    "flow.unknown-name-means-srp",
    "tokens.refresh-hash-is-the-secret",
    // The service refuses the claim anyway.
    "security.malformed-block-accepted",
    // Nobody has captured an error without a body.
    "errors.header-not-read",
    // An error counts as passed on when its name is.
    "errors.message-by-one-spelling",
    "errors.text-replaced",
];

const FAMILIES: &[&[Mistake]] = &[
    claim::FAMILY,
    identity::FAMILY,
    timestamp::FAMILY,
    username::FAMILY,
    secret_hash::FAMILY,
    session::FAMILY,
    custom::FAMILY,
    new_password::FAMILY,
    flow::FAMILY,
    errors::FAMILY,
    security::FAMILY,
    wire::FAMILY,
    service::SERVICE,
    device::FAMILY,
    service::device::FAMILY,
    factor::FAMILY,
    choice::FAMILY,
    service::factor::FAMILY,
    tokens::FAMILY,
    service::tokens::FAMILY,
    reset::FAMILY,
    service::reset::FAMILY,
];
