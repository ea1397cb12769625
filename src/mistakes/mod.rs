//! Known wrong variants: they name causes, mutate references and explain.
//!
//! One file a family. What a family's file says of an issue is the fact in our own words; the issue is the source. Where
//! nobody has reported a mistake yet, the list of sources is empty.
//!
//! | file | what goes wrong |
//! |---|---|
//! | [`arithmetic`] | the arithmetic of SRP |
//! | [`identity`] | pool name, user and secret block in x and the claim; written numbers |
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
//! | [`service`] | the service's side of all of that |

pub mod arithmetic;
pub mod custom;
pub mod errors;
pub mod flow;
pub mod identity;
pub mod mistake;
pub mod new_password;
pub mod secret_hash;
pub mod security;
pub mod service;
pub mod session;
pub mod timestamp;
pub mod username;
pub mod wire;

use std::sync::LazyLock;

pub use mistake::{Edit, Mistake};

/// Every mistake of every family.
pub fn all() -> impl Iterator<Item = &'static Mistake> {
    ARITHMETIC
        .iter()
        .chain(FAMILIES.iter().flat_map(|family| family.iter()))
}

/// The mistake of that id.
pub fn find(id: &str) -> Option<&'static Mistake> {
    all().find(|mistake| mistake.id == id)
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

const FAMILIES: &[&[Mistake]] = &[
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
];
