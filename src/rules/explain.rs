//! Which known mistake explains a bad proof.
//!
//! The claim is computed again under each known mistake. With the client's private value known, every mistake of the
//! client can be recomputed; with the pool's alone, those that change what follows from u (the client's `x` and `k` enter
//! `S` through a discrete logarithm that nobody has).

use num_bigint::BigUint;

use crate::mistakes;
use crate::rules::evidence::facts::{Facts, injected_a, private_number};
use crate::rules::evidence::position::Position;
use crate::rules::evidence::trace::is_redacted;
use crate::srp::{self, Claim, ClaimInput, Credentials, Dialect, Salt, parse_base64, parse_hex};
use crate::wire::event::PoolNote;
use crate::wire::names::key;

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
    claim_scope: Option<&'a str>,
    claim_user: Option<&'a str>,
    secret_block: Option<&'a [u8]>,
}

impl ClaimCase {
    /// The claim of a step that answers PASSWORD_VERIFIER; `None` when nothing can be recomputed.
    pub fn of(facts: &Facts, step: &Position<'_>) -> Option<Self> {
        let sent = |name: &str| {
            step.exchange
                .parameter(name)
                .filter(|value| !is_redacted(value))
        };
        let asked = |name: &str| {
            step.challenge_parameter(name)
                .filter(|value| !is_redacted(value))
        };
        let scope = facts.pool_name()?.to_owned();
        let pool_id = facts.pool_id().unwrap_or_default().to_owned();
        let user = asked(key::USER_ID_FOR_SRP)
            .or_else(|| asked(key::USERNAME))?
            .to_owned();
        let big_a = parse_hex(step.latest_a().filter(|a| !is_redacted(a))?).ok()?;
        let (salt, big_b) = (asked(key::SALT)?, parse_hex(asked(key::SRP_B)?).ok()?);
        // An injected value that was not used explains nothing: that it was not is another rule's matter.
        let a = step
            .sign_in
            .and_then(injected_a)
            .or_else(|| facts.published_a().cloned())
            .filter(|a| srp::client_public(&Dialect::cognito(), a).as_ref() == Ok(&big_a));
        let (v, b) = match step.srp_note {
            // The pool's side knows only of the challenge that it sent, not of one that was altered on its way.
            Some(PoolNote::Srp {
                v,
                b,
                real: true,
                salt: noted,
                big_b: sent,
                ..
            }) if noted == salt && parse_hex(sent).as_ref() == Ok(&big_b) => {
                (private_number(v), private_number(b))
            }
            _ => (None, None),
        };
        let secret_block_text = asked(key::SECRET_BLOCK)?.to_owned();
        let right = facts.password();
        let password = match step.sign_in {
            Some(_) => step.password.unwrap_or_default().to_owned(),
            // The verifier of an observed pool's note stands for the right one.
            None if facts.is_observed() => right.unwrap_or_default().to_owned(),
            None => right?.to_owned(),
        };
        let salt = Salt::from_hex(salt).ok()?;
        let credentials = Credentials {
            scope: &scope,
            user: &user,
            password: password.as_bytes(),
        };
        // The verifier knows best which password is right by now.
        let is_right = match &v {
            Some(v) => srp::verifier(&Dialect::cognito(), &credentials, &salt) == *v,
            None => facts.is_right_password(&password),
        };
        let case = Self {
            scope,
            user,
            pool_id,
            typed: facts.typed_in(step.sign_in).unwrap_or_default().to_owned(),
            is_right_password: facts.is_observed() || is_right,
            password,
            salt,
            big_b,
            big_a,
            a,
            v,
            b,
            secret_block: parse_base64(&secret_block_text).ok()?,
            secret_block_text,
            timestamp: sent(key::TIMESTAMP)?.to_owned(),
        };
        (case.a.is_some() || case.b.is_some()).then_some(case)
    }

    /// Whether the client's private value is known. Without it the claim follows from the pool's values, if they are right.
    pub fn knows_a(&self) -> bool {
        self.a.is_some()
    }

    /// The right claim, `None` when it can't be computed.
    pub fn right(&self) -> Option<Claim> {
        self.claim(&Dialect::cognito(), Variant::default())
    }

    /// Whether the step's signature is the right claim.
    pub fn is_proved_by(&self, step: &Position<'_>) -> bool {
        let sent = step.exchange.parameter(key::PASSWORD_CLAIM_SIGNATURE);
        let sent = sent.and_then(|sent| parse_base64(sent).ok());
        sent.is_some_and(|sent| self.right().is_some_and(|right| right.signature == sent))
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
            scope: variant.claim_scope.unwrap_or(&self.scope),
            user: variant.claim_user.unwrap_or(&self.user),
            secret_block: variant.secret_block.unwrap_or(&self.secret_block),
            timestamp: &self.timestamp,
        };
        Some(srp::claim_by(&dialect.claim, &key, &input))
    }
}

impl Variant<'_> {
    fn keeps_x(&self) -> bool {
        self.scope.is_none() && self.user.is_none() && self.password.is_none()
    }
}

/// The ids of the mistakes under which the signature comes out as it was sent. Several give the same where the values of
/// one sign-in don't tell them apart.
pub fn explain(case: &ClaimCase, signature: &str) -> Vec<&'static str> {
    let Ok(sent) = parse_base64(signature) else {
        return Vec::new();
    };
    let matches = |claim: Option<Claim>| claim.is_some_and(|claim| claim.signature == sent);
    let identities = case.identities();
    let identities = identities
        .iter()
        .filter(|(_, variant)| matches(case.claim(&Dialect::cognito(), *variant)))
        .map(|(id, _)| *id);
    let dialects = mistakes::all().filter(|mistake| match mistake.edit {
        mistakes::Edit::Dialect(edit) => {
            matches(case.claim(&edit(Dialect::cognito()), Variant::default()))
        }
        _ => false,
    });
    identities
        .chain(dialects.map(|mistake| mistake.id))
        .collect()
}

impl ClaimCase {
    /// Mistakes about who signs in to what, each with the claim it leads to. Their ids are those of `mistakes`.
    fn identities(&self) -> [(&'static str, Variant<'_>); 11] {
        let region = self.pool_id.split('_').next().unwrap_or_default();
        let plain = Variant::default();
        let pool = |name| Variant {
            scope: Some(name),
            claim_scope: Some(name),
            ..plain
        };
        let password = |text| Variant {
            password: Some(text),
            ..plain
        };
        [
            ("identity.whole-pool-id", pool(&self.pool_id)),
            (
                "identity.whole-pool-id-in-the-claim",
                Variant {
                    claim_scope: Some(&self.pool_id),
                    ..plain
                },
            ),
            (
                "identity.whole-pool-id-in-x",
                Variant {
                    scope: Some(&self.pool_id),
                    ..plain
                },
            ),
            ("identity.region-for-pool-name", pool(region)),
            (
                "username.typed-alias-in-x",
                Variant {
                    user: Some(&self.typed),
                    claim_user: Some(&self.typed),
                    ..plain
                },
            ),
            (
                "username.typed-alias-in-x-alone",
                Variant {
                    user: Some(&self.typed),
                    ..plain
                },
            ),
            (
                "username.typed-alias-in-the-claim",
                Variant {
                    claim_user: Some(&self.typed),
                    ..plain
                },
            ),
            ("custom.empty-password-in-x", password("")),
            ("identity.undefined-password", password("undefined")),
            ("identity.none-password", password("None")),
            (
                "identity.secret-block-as-text",
                Variant {
                    secret_block: Some(self.secret_block_text.as_bytes()),
                    ..plain
                },
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_explanation_is_a_mistake_of_the_list() {
        let case = ClaimCase {
            scope: String::new(),
            user: String::new(),
            pool_id: String::new(),
            typed: String::new(),
            password: String::new(),
            is_right_password: true,
            salt: Salt::from_bytes(&[1]),
            big_b: BigUint::from(1_u8),
            big_a: BigUint::from(1_u8),
            a: None,
            v: None,
            b: None,
            secret_block: Vec::new(),
            secret_block_text: String::new(),
            timestamp: String::new(),
        };
        for (id, _) in case.identities() {
            assert!(mistakes::find(id).is_some(), "{id}");
        }
    }
}
