//! What a port is asked, and what the right answer is: the same inputs in every run, so that figures can be compared.

use super::work::{ALICE, number};
use crate::run::primitives::{Inputs, device_verifier, secret_hash};
use crate::srp::modexp::Engine;
use crate::srp::{
    self, BigUint, ClaimInput, Credentials, Dialect, Salt, SrpError, Timestamp, multiplier,
    parse_base64, private_key_x, scrambler, server_public, to_base64, to_hex, verifier,
};
use crate::subject::{Intermediates, PrimitiveCall};

/// A pure function with its inputs, and what it has to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub call: PrimitiveCall,
    /// What is right.
    pub expected: Intermediates,
}

/// Every pure function of the protocol, in its order. The private value a has `private_bits` bits; a port that takes a
/// device's password and salt is given them.
pub fn questions(private_bits: u64, takes_device_password: bool) -> Vec<Question> {
    let mut questions = inputs(private_bits).questions(&Dialect::cognito());
    questions.push(secret_hash(
        ALICE.user.to_owned(),
        CLIENT_ID.to_owned(),
        CLIENT_SECRET.to_owned(),
    ));
    questions.extend(device_verifier(
        DEVICE.scope.to_owned(),
        DEVICE.user.to_owned(),
        String::from_utf8_lossy(DEVICE.password).into_owned(),
        SALT.to_owned(),
        takes_device_password,
    ));
    questions
        .into_iter()
        .map(|(call, expected)| Question { call, expected })
        .collect()
}

pub(super) fn inputs(private_bits: u64) -> Inputs {
    let dialect = Dialect::cognito();
    let salt = salt();
    let v = verifier(&dialect, &ALICE, &salt);
    Inputs {
        scope: ALICE.scope.to_owned(),
        user: ALICE.user.to_owned(),
        password: String::from_utf8_lossy(ALICE.password).into_owned(),
        salt_text: SALT.to_owned(),
        salt,
        a: number("a", 0, private_bits),
        b_pub: server_public(&dialect, &v, &number("b", 0, 256)),
        secret_block: to_base64(&[0x5a; 1300]),
        timestamp: "Tue Mar 5 09:07:03 UTC 2024".to_owned(),
    }
}

/// Our own computation of the same, by an engine of one's choice.
#[derive(Debug)]
pub(super) struct Oracle {
    dialect: Dialect,
    a: BigUint,
    b_pub: BigUint,
    salt: Salt,
    right: srp::ClientSession,
    secret_block: Vec<u8>,
    timestamp: Timestamp,
}

impl Oracle {
    pub(super) fn new(private_bits: u64) -> Result<Self, SrpError> {
        let Inputs {
            a,
            b_pub,
            salt,
            secret_block,
            ..
        } = inputs(private_bits);
        let dialect = Dialect::cognito();
        let right = srp::client_session(&dialect, &ALICE, &a, &salt, &b_pub)?;
        Ok(Self {
            dialect,
            a,
            b_pub,
            salt,
            right,
            secret_block: parse_base64(&secret_block).unwrap_or_default(),
            timestamp: Timestamp::from_unix(CLOCK),
        })
    }

    /// The last value that a function shows, by its name in the protocol; `None` for a function that there is not.
    pub(super) fn compute(&self, method: &str, engine: Engine) -> Option<(&'static str, String)> {
        let d = &self.dialect;
        Some(match method {
            "srp/k" => ("k", to_hex(&multiplier(d))),
            "srp/A" => ("A", to_hex(&engine.generator_power(&self.a))),
            "srp/u" => ("u", to_hex(&self.u(&self.right.a_pub)?)),
            "srp/x" => ("x", to_hex(&private_key_x(d, &ALICE, &self.salt).x)),
            "srp/S" => ("S", to_hex(&self.s(engine, &self.right.x, &self.right.u))),
            "srp/hkdf" => ("key", hex(&self.key(&self.right.u, &self.right.s))),
            "srp/key" => ("key", hex(&self.whole_key(engine, &self.right.a_pub)?)),
            "srp/claim" => {
                let a_pub = engine.generator_power(&self.a);
                let input = ClaimInput {
                    scope: ALICE.scope,
                    user: ALICE.user,
                    secret_block: &self.secret_block,
                    timestamp: self.timestamp.as_str(),
                };
                let key = self.whole_key(engine, &a_pub)?;
                ("signature", srp::claim(&key, &input).signature_b64())
            }
            "srp/timestamp" => ("timestamp", Timestamp::from_unix(CLOCK).as_str().to_owned()),
            "srp/secretHash" => (
                "secretHash",
                srp::secret_hash(CLIENT_SECRET, ALICE.user, CLIENT_ID),
            ),
            "srp/deviceVerifier" => {
                let x = private_key_x(&Dialect::cognito_device(), &DEVICE, &self.salt).x;
                let verifier = srp::signed_bytes(&engine.generator_power(&x));
                ("verifier", to_base64(&verifier))
            }
            _ => return None,
        })
    }

    fn whole_key(&self, engine: Engine, a_pub: &BigUint) -> Option<Vec<u8>> {
        let u = self.u(a_pub)?;
        let x = private_key_x(&self.dialect, &ALICE, &self.salt).x;
        let s = self.s(engine, &x, &u);
        Some(self.key(&u, &s))
    }

    fn u(&self, a_pub: &BigUint) -> Option<BigUint> {
        scrambler(&self.dialect, a_pub, &self.b_pub).ok()
    }

    fn s(&self, engine: Engine, x: &BigUint, u: &BigUint) -> BigUint {
        let n = &self.dialect.group.n;
        let v = engine.generator_power(x);
        let base = (&self.b_pub + n - multiplier(&self.dialect) * v % n) % n;
        engine.modpow(&base, &(&self.a + u * x), n)
    }

    fn key(&self, u: &BigUint, s: &BigUint) -> Vec<u8> {
        srp::derive_key(&self.dialect, u, s).key
    }
}

/// Whether a function's time depends on the engine.
pub(super) fn has_powers(method: &str) -> bool {
    matches!(
        method,
        "srp/A" | "srp/S" | "srp/key" | "srp/claim" | "srp/deviceVerifier"
    )
}

fn salt() -> Salt {
    Salt::from_bytes(&[
        0x3a, 0x91, 0x0c, 0x5e, 0x77, 0x28, 0xd4, 0x1b, 0x66, 0xf0, 0x8e, 0x02, 0xb9, 0x4d, 0xe7,
        0x13,
    ])
}

fn hex(octets: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(octets)
}

/// The octets of [`salt`].
const SALT: &str = "3a910c5e7728d41b66f08e02b94de713";
const CLIENT_ID: &str = "1h57kf5cpq17m0eml12example";
const CLIENT_SECRET: &str = "secretsecretsecretsecretsecretsecretsecretsecretsec";
const DEVICE: Credentials<'static> = Credentials {
    scope: "-aBcDeFgHi",
    user: "us-east-1_0f8fad5b-d9cb-469f-a165-70867728950e",
    password: b"device-password-0123456789",
};
/// The moment of the inputs' timestamp.
const CLOCK: i64 = 1_709_629_623;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oracle_gives_what_the_questions_expect_by_every_engine() {
        for bits in [256, 1024] {
            let oracle = Oracle::new(bits).expect("the inputs are legal");
            let questions = questions(bits, true);
            assert_eq!(
                questions.len(),
                PrimitiveCall::METHODS.len(),
                "every function is asked"
            );
            for Question { call, expected } in &questions {
                for engine in Engine::available() {
                    let (name, value) = oracle
                        .compute(call.method(), engine)
                        .expect("it is a function of the protocol");
                    let right = expected.entries().find(|(entry, _)| *entry == name);
                    assert_eq!(
                        right,
                        Some((name, value.as_str())),
                        "{} by {}",
                        call.method(),
                        engine.name()
                    );
                }
            }
        }
    }

    #[test]
    fn the_salt_is_written_as_it_is() {
        assert_eq!(Salt::from_hex(SALT).expect("it is hexadecimal"), salt());
    }
}
