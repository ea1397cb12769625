//! A port's pure functions beside ours, on the inputs of published vectors.

use super::error::RunError;
use super::event::{Blame, CaseReport, Failure};
use crate::mistakes;
use crate::rules::{Finding, Level};
use crate::srp::{
    self, BigUint, ClaimInput, Credentials, Dialect, PoolId, Salt, Timestamp, parse_base64,
    parse_hex, to_hex,
};
use crate::subject::shim::{ShimError, ShimPort};
use crate::subject::{Intermediates, PrimitiveCall, PrimitiveReply};
use crate::suite::vector::{Case, Kind, VectorFile};

use super::play::PlayError;
use super::requirement::Requirement;

/// Asks the port for every pure function that it offers and the vector has the inputs of.
///
/// # Errors
/// When the port can't be driven any more.
pub async fn compare(
    port: &mut ShimPort,
    file: &VectorFile,
    case: &Case,
    mut report: CaseReport,
) -> Result<CaseReport, RunError> {
    if !is_about_cognito(file) {
        return Ok(
            report.for_no_port("a vector of our own building blocks, or of another SRP dialect")
        );
    }
    if case.negative.is_some() {
        return Ok(report.for_no_port(
            "a published value that comes from a bug: our own computation is checked",
        ));
    }
    let takes_device_password = port.description().capabilities.inject.device_password;
    let questions = match Inputs::of(case) {
        Some(inputs) => inputs.questions(&Dialect::cognito()),
        None => beside_the_proof(case, takes_device_password),
    };
    if questions.is_empty() {
        report.not_applicable =
            Some("the vector lacks an input that every pure function needs".to_owned());
        return Ok(report);
    }
    let offered = port.description().capabilities.primitives.clone();
    let questions: Vec<_> = questions
        .into_iter()
        .filter(|(call, _)| offered.contains(call.method()))
        .collect();
    if questions.is_empty() {
        report.not_applicable =
            Some("the port shows no pure function that the vector has the inputs of".to_owned());
        return Ok(report);
    }
    for (call, expected) in questions {
        let method = call.method();
        let reply = port.primitive(&call).await.map_err(PlayError::from)?;
        match reply {
            PrimitiveReply::Shown { values } => {
                let expected = of_its_own_device(&call, &values).unwrap_or(expected);
                judge(&mut report, method, &expected, &values, case);
            }
            other => fail(
                &mut report,
                method,
                "the function's result".to_owned(),
                format!("{other:?}"),
                None,
            ),
        }
    }
    Ok(report)
}

/// Whether a text can follow the underscore of a pool id (service model, `UserPoolIdType`).
fn is_pool_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// The pure functions that have nothing to do with a password's proof.
fn beside_the_proof(
    case: &Case,
    takes_device_password: bool,
) -> Vec<(PrimitiveCall, Intermediates)> {
    let input = |name: &str| case.inputs.get(name).cloned();
    let hashed = (|| {
        Some(secret_hash(
            input("username")?,
            input("client_id")?,
            input("client_secret")?,
        ))
    })();
    let device = (|| {
        if case.kind != Some(Kind::Device) {
            return None;
        }
        device_verifier(
            input("scope")?,
            input("user")?,
            input("password")?,
            input("salt")?,
            takes_device_password,
        )
    })();
    hashed.into_iter().chain(device).collect()
}

/// The question for a secret hash, and the right answer.
pub(super) fn secret_hash(
    username: String,
    client_id: String,
    client_secret: String,
) -> (PrimitiveCall, Intermediates) {
    let right = srp::secret_hash(&client_secret, &username, &client_id);
    let call = PrimitiveCall::SecretHash {
        username,
        client_id,
        client_secret,
    };
    let expected = Intermediates {
        secret_hash: Some(right),
        ..Intermediates::default()
    };
    (call, expected)
}

/// The question for a device's verifier, and the right answer if the port takes the password and the salt; `None` when the
/// salt is no hexadecimal number.
pub(super) fn device_verifier(
    device_group_key: String,
    device_key: String,
    password: String,
    salt: String,
    takes_device_password: bool,
) -> Option<(PrimitiveCall, Intermediates)> {
    let octets = Salt::from_hex(&salt).ok()?;
    // What a library makes is the base64 of 40 random octets, and a salt of 16: it can be given nothing else.
    let can_be_made = octets.bytes().len() == 16
        && srp::parse_base64(&password).is_ok_and(|password| password.len() == 40);
    let is_given = takes_device_password && can_be_made;
    let right = srp::device_verifier(&device_group_key, &device_key, &password, &octets);
    let expected = Intermediates {
        device_password: Some(password.clone()),
        salt: Some(right.salt_b64),
        verifier: Some(right.verifier_b64),
        ..Intermediates::default()
    };
    let call = PrimitiveCall::DeviceVerifier {
        device_group_key,
        device_key,
        device_password: Some(password).filter(|_| is_given),
        salt: Some(salt).filter(|_| is_given),
    };
    Some((call, expected))
}

/// The right verifier for a password and a salt that the port chose itself, where it shows both.
pub(super) fn of_its_own_device(
    call: &PrimitiveCall,
    shown: &Intermediates,
) -> Option<Intermediates> {
    let PrimitiveCall::DeviceVerifier {
        device_group_key,
        device_key,
        device_password: None,
        ..
    } = call
    else {
        return None;
    };
    let password = shown.device_password.clone()?;
    let salt = Salt::from_bytes(&parse_base64(shown.salt.as_deref()?).ok()?);
    let right = srp::device_verifier(device_group_key, device_key, &password, &salt);
    Some(Intermediates {
        device_password: Some(password),
        salt: Some(right.salt_b64),
        verifier: Some(right.verifier_b64),
        ..Intermediates::default()
    })
}

/// Compares what was shown; the first value that differs is where the port went wrong.
fn judge(
    report: &mut CaseReport,
    method: &'static str,
    expected: &Intermediates,
    shown: &Intermediates,
    case: &Case,
) {
    let (passed, difference) = compared(expected, shown);
    report.passed += passed;
    if let Some(Difference { name, wanted, got }) = difference {
        let explanation = Inputs::of(case).and_then(|inputs| inputs.explain(method, name, &got));
        fail(
            report,
            method,
            format!("{name} = {wanted}"),
            format!("{name} = {got}"),
            explanation.map(str::to_owned),
        );
    }
}

/// The first value that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Its name in the protocol.
    pub(super) name: &'static str,
    /// What is right.
    pub(super) wanted: String,
    /// What was shown.
    pub(super) got: String,
}

/// How many values are right before the first that differs, and that.
pub(super) fn compared(
    expected: &Intermediates,
    shown: &Intermediates,
) -> (usize, Option<Difference>) {
    let mut passed = 0;
    for (name, got) in shown.entries() {
        let Some((_, wanted)) = expected.entries().find(|(wanted, _)| *wanted == name) else {
            continue;
        };
        if !same(name, wanted, got) {
            let (wanted, got) = (wanted.to_owned(), got.to_owned());
            return (passed, Some(Difference { name, wanted, got }));
        }
        passed += 1;
    }
    (passed, None)
}

/// Numbers are compared as numbers: their case and leading zeros are the port's own affair.
fn same(name: &str, wanted: &str, got: &str) -> bool {
    let is_number = matches!(name, "k" | "A" | "u" | "x" | "S");
    wanted == got
        || (is_number
            && parse_hex(wanted)
                .ok()
                .zip(parse_hex(got).ok())
                .is_some_and(|(a, b)| a == b))
}

fn fail(
    report: &mut CaseReport,
    method: &str,
    expected: String,
    got: String,
    explained_by: Option<String>,
) {
    let name = method.strip_prefix("srp/").unwrap_or(method);
    report.failures.push(Failure {
        requirement: Requirement::Primitive(name.to_owned()),
        level: Level::Must,
        blames: Blame::Port,
        finding: Finding::new(None, expected, got)
            .explained_by(explained_by)
            .proved(),
        known: None,
    });
}

/// Whether a vector file says something about Cognito that a port's pure functions can be asked.
fn is_about_cognito(file: &VectorFile) -> bool {
    file.id.starts_with("cognito-")
        && !matches!(file.kind, Kind::Encoding | Kind::Hash | Kind::Hkdf)
}

/// The inputs of Cognito's SRP, e.g. of a vector.
pub(super) struct Inputs {
    /// The pool's name, or the device group key.
    pub(super) scope: String,
    /// `USER_ID_FOR_SRP`, or the device key.
    pub(super) user: String,
    /// The password.
    pub(super) password: String,
    /// `SALT` as the service would send it.
    pub(super) salt_text: String,
    /// The same.
    pub(super) salt: Salt,
    /// The client's private value.
    pub(super) a: BigUint,
    /// The service's public value.
    pub(super) b_pub: BigUint,
    /// `SECRET_BLOCK`, base64.
    pub(super) secret_block: String,
    /// `TIMESTAMP`.
    pub(super) timestamp: String,
}

impl Inputs {
    fn of(case: &Case) -> Option<Self> {
        let value = |name: &str| {
            [&case.inputs, &case.published, &case.derived]
                .into_iter()
                .find_map(|values| values.get(name))
                .cloned()
        };
        let scope = match (value("scope"), value("pool_id")) {
            (Some(scope), _) => scope,
            (None, Some(id)) => PoolId::parse(&id).ok()?.name().to_owned(),
            (None, None) => return None,
        };
        let salt_text = value("salt")?;
        Some(Self {
            scope,
            user: value("user")?,
            password: value("password")?,
            salt: Salt::from_hex(&salt_text).ok()?,
            // The service never sends needless zeros; what a port makes of them is no vector's matter.
            salt_text: to_hex(&parse_hex(&salt_text).ok()?),
            a: parse_hex(&value("a")?).ok()?,
            b_pub: parse_hex(&value("B")?).ok()?,
            secret_block: value("secret_block").unwrap_or_else(|| "c2VjcmV0IGJsb2Nr".to_owned()),
            timestamp: value("timestamp")
                .unwrap_or_else(|| "Tue Mar 5 09:07:03 UTC 2024".to_owned()),
        })
    }

    /// The known mistake that gives this wrong value.
    pub(super) fn explain(&self, method: &str, name: &str, got: &str) -> Option<&'static str> {
        mistakes::all()
            .find(|mistake| {
                let mistakes::Edit::Dialect(edit) = mistake.edit else {
                    return false;
                };
                let questions = self.questions(&edit(Dialect::cognito()));
                let wrong = questions
                    .iter()
                    .find(|(call, _)| call.method() == method)
                    .map(|(_, values)| values);
                wrong.is_some_and(|values| {
                    values
                        .entries()
                        .any(|(shown, value)| shown == name && same(name, value, got))
                })
            })
            .map(|mistake| mistake.id)
    }

    /// Every pure function with these inputs, and its right result under a dialect.
    pub(super) fn questions(&self, dialect: &Dialect) -> Vec<(PrimitiveCall, Intermediates)> {
        let credentials = Credentials {
            scope: &self.scope,
            user: &self.user,
            password: self.password.as_bytes(),
        };
        let Ok(session) =
            srp::client_session(dialect, &credentials, &self.a, &self.salt, &self.b_pub)
        else {
            return Vec::new();
        };
        // The inputs that a caller computes first are always the right ones: only the function itself may differ.
        let right = srp::client_session(
            &Dialect::cognito(),
            &credentials,
            &self.a,
            &self.salt,
            &self.b_pub,
        );
        let Ok(right) = right else { return Vec::new() };
        let hex = |octets: &[u8]| data_encoding::HEXLOWER.encode(octets);
        let (a, big_a, big_b) = (to_hex(&self.a), to_hex(&right.a_pub), to_hex(&self.b_pub));
        let (scope, user) = (self.scope.clone(), self.user.clone());
        let (password, salt) = (self.password.clone(), self.salt_text.clone());
        let s = srp::client_session_with_x(dialect, &right.x, &self.a, &self.b_pub).ok();
        let derived = srp::derive_key(dialect, &right.u, &right.s);
        let u = srp::scrambler(dialect, &right.a_pub, &self.b_pub).ok();
        let signed = parse_base64(&self.secret_block).ok().map(|secret_block| {
            let input = ClaimInput {
                scope: &self.scope,
                user: &self.user,
                secret_block: &secret_block,
                timestamp: &self.timestamp,
            };
            srp::claim_by(&dialect.claim, &session.key, &input)
        });
        let mut questions = vec![
            (
                PrimitiveCall::K {},
                Intermediates {
                    k: Some(to_hex(&session.k)),
                    ..Intermediates::default()
                },
            ),
            (
                PrimitiveCall::A { a: a.clone() },
                Intermediates {
                    big_a: Some(to_hex(&session.a_pub)),
                    ..Intermediates::default()
                },
            ),
            (
                PrimitiveCall::U {
                    big_a: big_a.clone(),
                    big_b: big_b.clone(),
                },
                Intermediates {
                    u: u.map(|u| to_hex(&u)),
                    ..Intermediates::default()
                },
            ),
            (
                PrimitiveCall::X {
                    pool_name: scope.clone(),
                    user_id: user.clone(),
                    password: password.clone(),
                    salt: salt.clone(),
                },
                Intermediates {
                    inner: Some(hex(&session.inner)),
                    x: Some(to_hex(&session.x)),
                    ..Intermediates::default()
                },
            ),
            (
                PrimitiveCall::S {
                    a: a.clone(),
                    big_a: big_a.clone(),
                    big_b: big_b.clone(),
                    u: to_hex(&right.u),
                    x: to_hex(&right.x),
                },
                Intermediates {
                    big_s: s.map(|s| to_hex(&s.s)),
                    ..Intermediates::default()
                },
            ),
            (
                PrimitiveCall::Hkdf {
                    big_s: to_hex(&right.s),
                    u: to_hex(&right.u),
                },
                Intermediates {
                    prk: derived.prk.as_deref().map(hex),
                    key: Some(hex(&derived.key)),
                    ..Intermediates::default()
                },
            ),
            (
                PrimitiveCall::Key {
                    a: a.clone(),
                    big_a,
                    big_b: big_b.clone(),
                    pool_name: scope.clone(),
                    user_id: user.clone(),
                    password: password.clone(),
                    salt: salt.clone(),
                },
                self.all(&session, None),
            ),
        ];
        // A library takes a pool id, and the service names no pool like some of the vectors do; it draws its own a, of no more
        // bits than any that shipped.
        let names_a_pool = is_pool_name(&self.scope);
        let is_drawable = self.a.bits() <= 1024;
        questions.retain(|(call, _)| match call {
            PrimitiveCall::A { .. } => is_drawable,
            PrimitiveCall::X { .. } | PrimitiveCall::Key { .. } => names_a_pool,
            _ => true,
        });
        if let Some(claim) = signed.filter(|_| names_a_pool && is_drawable) {
            questions.push((
                PrimitiveCall::Claim {
                    a,
                    big_b,
                    pool_name: scope,
                    user_id: user,
                    password,
                    salt,
                    secret_block: self.secret_block.clone(),
                    timestamp: self.timestamp.clone(),
                },
                self.all(&session, Some(&claim)),
            ));
        }
        if let Ok(parsed) = Timestamp::parse(&self.timestamp) {
            questions.push((
                PrimitiveCall::Timestamp { clock: parsed.unix },
                Intermediates {
                    timestamp: Some(Timestamp::from_unix(parsed.unix).as_str().to_owned()),
                    ..Intermediates::default()
                },
            ));
        }
        questions
    }

    fn all(&self, session: &srp::ClientSession, claim: Option<&srp::Claim>) -> Intermediates {
        let hex = |octets: &[u8]| data_encoding::HEXLOWER.encode(octets);
        Intermediates {
            k: Some(to_hex(&session.k)),
            big_a: Some(to_hex(&session.a_pub)),
            u: Some(to_hex(&session.u)),
            inner: Some(hex(&session.inner)),
            x: Some(to_hex(&session.x)),
            big_s: Some(to_hex(&session.s)),
            prk: session.prk.as_deref().map(hex),
            key: Some(hex(&session.key)),
            message: claim.map(|claim| srp::to_base64(&claim.message)),
            signature: claim.map(srp::Claim::signature_b64),
            timestamp: claim.map(|_| self.timestamp.clone()),
            ..Intermediates::default()
        }
    }
}

impl From<ShimError> for RunError {
    fn from(error: ShimError) -> Self {
        PlayError::from(error).into()
    }
}
