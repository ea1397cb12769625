//! Which known mistake explains a bad proof.
//!
//! The claim is computed again under each known mistake. With the client's private value known, every mistake of the
//! client can be recomputed; with the pool's alone, those that change what follows from u (the client's `x` and `k` enter
//! `S` through a discrete logarithm that nobody has).

use num_bigint::BigUint;

use super::facts::{Facts, injected_a};
use super::srp::srp_note;
use super::trace::{Step, Trace, is_redacted};
use crate::mistakes;
use crate::srp::{self, Claim, ClaimInput, Credentials, Dialect, Salt, parse_base64, parse_hex};
use crate::wire::names::key;
use crate::wire::transcript::PoolNote;

/// Everything that went into a claim.
#[derive(Clone, Debug)]
pub struct ClaimCase {
    scope: String,
    user: String,
    pool_id: String,
    typed: String,
    password: String,
    is_right_password: bool,
    salt: Salt,
    big_b: BigUint,
    big_a: BigUint,
    a: Option<BigUint>,
    v: Option<BigUint>,
    b: Option<BigUint>,
    secret_block: Vec<u8>,
    secret_block_text: String,
    timestamp: String,
}

/// What is different from a right claim.
#[derive(Clone, Copy, Debug, Default)]
struct Variant<'a> {
    scope: Option<&'a str>,
    user: Option<&'a str>,
    password: Option<&'a str>,
    secret_block: Option<&'a [u8]>,
    timestamp: Option<&'a str>,
}

impl ClaimCase {
    /// The claim of a step that answers PASSWORD_VERIFIER; `None` when nothing can be recomputed.
    pub fn of(facts: &Facts, trace: &Trace, step: &Step<'_>) -> Option<Self> {
        let sent = |name: &str| {
            step.exchange
                .parameter(name)
                .filter(|value| !is_redacted(value))
        };
        let asked = |name: &str| {
            step.challenge_parameter(name)
                .filter(|value| !is_redacted(value))
        };
        let scope = facts.pool_name.known()?.clone();
        let pool_id = facts.pool_id.known().cloned().unwrap_or_default();
        let user = asked(key::USER_ID_FOR_SRP)
            .or_else(|| asked(key::USERNAME))?
            .to_owned();
        let a = step
            .sign_in
            .and_then(injected_a)
            .or_else(|| facts.published_a.clone());
        let (v, b) = match srp_note(trace, step) {
            Some(PoolNote::Srp {
                v, b, real: true, ..
            }) => (parse_hex(v).ok(), parse_hex(b).ok()),
            _ => (None, None),
        };
        let secret_block_text = asked(key::SECRET_BLOCK)?.to_owned();
        let right = facts.password.known();
        let password = match step.sign_in {
            Some(call) => call.password.clone().unwrap_or_default(),
            None => right?.clone(),
        };
        let case = Self {
            scope,
            user,
            pool_id,
            typed: facts.typed.known().cloned().unwrap_or_default(),
            is_right_password: right == Some(&password),
            password,
            salt: Salt::from_hex(asked(key::SALT)?).ok()?,
            big_b: parse_hex(asked(key::SRP_B)?).ok()?,
            big_a: parse_hex(
                step.first
                    .parameter(key::SRP_A)
                    .filter(|a| !is_redacted(a))?,
            )
            .ok()?,
            a,
            v,
            b,
            secret_block: parse_base64(&secret_block_text).ok()?,
            secret_block_text,
            timestamp: sent(key::TIMESTAMP)?.to_owned(),
        };
        (case.a.is_some() || case.b.is_some()).then_some(case)
    }

    /// The right claim, `None` when it can't be computed.
    pub fn right(&self) -> Option<Claim> {
        self.claim(&Dialect::cognito(), Variant::default())
    }

    fn claim(&self, dialect: &Dialect, variant: Variant<'_>) -> Option<Claim> {
        let scope = variant.scope.unwrap_or(&self.scope);
        let user = variant.user.unwrap_or(&self.user);
        let key = match (&self.a, &self.v, &self.b) {
            (Some(a), ..) => {
                let password = variant.password.unwrap_or(&self.password).as_bytes();
                let credentials = Credentials {
                    scope,
                    user,
                    password,
                };
                srp::client_session(dialect, &credentials, a, &self.salt, &self.big_b)
                    .ok()?
                    .key
            }
            // The pool's side stands in for the client's as long as both have the same x.
            (None, Some(v), Some(b)) if self.is_right_password && variant.keeps_x() => {
                srp::server_session(dialect, v, b, &self.big_a).ok()?.key
            }
            _ => return None,
        };
        let input = ClaimInput {
            scope,
            user,
            secret_block: variant.secret_block.unwrap_or(&self.secret_block),
            timestamp: variant.timestamp.unwrap_or(&self.timestamp),
        };
        Some(srp::claim(&key, &input))
    }
}

impl Variant<'_> {
    fn keeps_x(&self) -> bool {
        self.scope.is_none() && self.user.is_none() && self.password.is_none()
    }
}

/// The id of the mistake under which the signature comes out as it was sent.
pub fn explain(case: &ClaimCase, signature: &str) -> Option<&'static str> {
    let sent = parse_base64(signature).ok()?;
    let matches = |claim: Option<Claim>| claim.is_some_and(|claim| claim.signature == sent);
    let lower = case.user.to_lowercase();
    let region = case.pool_id.split('_').next().unwrap_or_default();
    let canonical = srp::Timestamp::parse(&case.timestamp)
        .ok()
        .map(|parsed| srp::Timestamp::from_unix(parsed.unix));
    let plain = Variant::default();
    let variants = [
        (
            "identity.full-pool-id",
            Variant {
                scope: Some(&case.pool_id),
                ..plain
            },
        ),
        (
            "identity.region-as-pool-name",
            Variant {
                scope: Some(region),
                ..plain
            },
        ),
        (
            "identity.typed-name-in-x",
            Variant {
                user: Some(&case.typed),
                ..plain
            },
        ),
        (
            "identity.lower-cased-user-id",
            Variant {
                user: Some(&lower),
                ..plain
            },
        ),
        (
            "identity.empty-password",
            Variant {
                password: Some(""),
                ..plain
            },
        ),
        (
            "identity.trimmed-password",
            Variant {
                password: Some(case.password.trim()),
                ..plain
            },
        ),
        (
            "identity.secret-block-not-decoded",
            Variant {
                secret_block: Some(case.secret_block_text.as_bytes()),
                ..plain
            },
        ),
        (
            "timestamp.signed-other-than-sent",
            Variant {
                timestamp: canonical.as_ref().map(srp::Timestamp::as_str),
                ..plain
            },
        ),
    ];
    if let Some((id, _)) = variants
        .into_iter()
        .find(|(_, variant)| matches(case.claim(&Dialect::cognito(), *variant)))
    {
        return Some(id);
    }
    mistakes::all()
        .find(|mistake| match mistake.edit {
            mistakes::Edit::Dialect(edit) => matches(case.claim(&edit(Dialect::cognito()), plain)),
            _ => false,
        })
        .map(|mistake| mistake.id)
}
