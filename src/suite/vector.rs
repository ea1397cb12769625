//! Published vectors: their one format, and the check of every value in them.
//!
//! A case gives inputs and values. A value is *published* by the source, or *derived* by an implementation that shares
//! no code with this one. Every value of every case is computed anew and compared by name. A published value that came
//! from a bug is *negative*: the right value must differ from it, and where the bug is known as a mistake, the mistake
//! must give exactly it.
//!
//! Integers are big-endian hex and compared as numbers; octets are exact lower-case hex; everything else is text.

use std::collections::BTreeMap;

use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use serde::Deserialize;
use thiserror::Error;

use crate::mistakes::arithmetic;
use crate::srp::modexp::modpow;
use crate::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Group, Hash, IntForm, KRule, Mac, PoolId,
    ProofInput, Salt, SrpError, Timestamp, URule, claim, client_public, client_session_with_x,
    derive_key, device_verifier, hkdf, multiplier, parse_base64, parse_hex, private_key_x,
    proof_m1, proof_m2, scrambler, secret_hash, server_public, server_session, signed_bytes,
    signed_bytes_of, to_hex,
};

/// A file of vectors from one source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorFile {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Name of the file without its ending.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// What its cases compute, unless they say otherwise.
    pub kind: Kind,
    /// Where the numbers come from.
    pub sources: Vec<Source>,
    /// Licence of the source; only numbers were taken.
    pub licence: String,
    /// Dialect of its cases, unless they say otherwise.
    #[serde(default)]
    pub dialect: Option<DialectRef>,
    /// What a reader should know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The cases. After reading, each carries its own kind and dialect.
    pub cases: Vec<Case>,
}

/// Where numbers come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `owner/name` on GitHub.
    #[serde(default)]
    pub repository: Option<String>,
    /// An RFC, or a word on where else the numbers come from.
    #[serde(default)]
    pub document: Option<String>,
    /// File inside the repository.
    #[serde(default)]
    pub path: Option<String>,
    /// Section of the document, or test inside the file.
    #[serde(default)]
    pub section: Option<String>,
    /// Revision that was read.
    #[serde(default)]
    pub commit: Option<String>,
    /// Date of that revision.
    #[serde(default)]
    pub date: Option<String>,
    /// Which of the numbers, when not all.
    #[serde(default)]
    pub role: Option<String>,
    /// Names of the values it carries, when not all.
    #[serde(default)]
    pub values: Vec<String>,
}

/// What a case computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An SRP session, or any part of one: k, A, B, u, inner, x, v, S, PRK, K, M1, M2, signature, refusal.
    #[default]
    Srp,
    /// A device verifier.
    Device,
    /// `SECRET_HASH`.
    SecretHash,
    /// A hash of octets.
    Hash,
    /// HKDF.
    Hkdf,
    /// Byte forms of integers, and remainders.
    Encoding,
    /// `TIMESTAMP`.
    Timestamp,
    /// A power modulo a number.
    Modexp,
    /// A group and its k in several forms.
    Group,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Unique in its file.
    pub id: String,
    /// What it computes; always there after reading.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// By which dialect.
    #[serde(default)]
    pub dialect: Option<DialectRef>,
    /// What is given.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// What the source says.
    #[serde(default)]
    pub published: BTreeMap<String, String>,
    /// What an independent implementation says.
    #[serde(default)]
    pub derived: BTreeMap<String, String>,
    /// Which published values come from a bug.
    #[serde(default)]
    pub negative: Option<Negative>,
    /// What makes the case interesting.
    #[serde(default)]
    pub exercises: Vec<String>,
    /// What a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

/// Published values that come from a bug.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Negative {
    /// Names of the values.
    pub values: Vec<String>,
    /// The bug, in one sentence.
    pub reason: String,
    /// What reproduces them, where that is known.
    #[serde(default)]
    pub under: Option<Under>,
}

/// What reproduces a value that comes from a bug.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Under {
    /// Id of an arithmetic mistake that edits the dialect.
    #[serde(default)]
    pub mistake: Option<String>,
    /// Inputs as the bug has them.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
}

/// A dialect by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialectRef {
    /// `cognito`, `srptools` …
    pub name: String,
    /// A group by name, where the dialect leaves it open.
    #[serde(default)]
    pub group: Option<String>,
    /// The modulus in hex, for a group without a name.
    #[serde(default, rename = "N")]
    pub n: Option<String>,
    /// The generator in hex, beside `n`.
    #[serde(default)]
    pub g: Option<String>,
    /// A hash by name, where the dialect leaves it open.
    #[serde(default)]
    pub hash: Option<String>,
}

/// One value, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Name of the value: `u`, `S`, `K` …; with the side in brackets where both sides compute it.
    pub name: String,
    /// Who says it.
    pub origin: Origin,
    /// How it came out.
    pub outcome: Outcome,
}

/// Who says a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The source.
    Published,
    /// An independent implementation.
    Derived,
}

/// How a value came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The computed value is the expected one.
    Match,
    /// It is another.
    Mismatch {
        /// The value in the file.
        expected: String,
        /// The computed value.
        got: String,
    },
    /// A value from a bug is indeed not the right one.
    NegativeConfirmed,
    /// A value from a bug is, against expectation, the right one.
    NegativeRefuted {
        /// The value.
        got: String,
    },
    /// Nothing in the case leads to this value: the case or the checker is wrong.
    NotComputed {
        /// The value in the file.
        expected: String,
    },
}

impl Outcome {
    /// Whether the check holds.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Match | Self::NegativeConfirmed)
    }
}

/// Why vectors can't be read or computed. Each is a fault of a file, never of a port.
#[derive(Debug, Error)]
pub enum VectorError {
    /// A file is not in the format.
    #[error("vector file {file}: {source}")]
    Format {
        /// Name of the file.
        file: &'static str,
        /// What serde says.
        source: serde_json::Error,
    },
    /// A file has another schema.
    #[error("vector file {file}: expected schema {SCHEMA}, got {got:?}")]
    Schema {
        /// Name of the file.
        file: &'static str,
        /// What it says.
        got: String,
    },
    /// An input has no meaning.
    #[error("case {case}: input {input}: {reason}")]
    Input {
        /// Id of the case.
        case: String,
        /// Name of the input.
        input: String,
        /// What is wrong.
        reason: String,
    },
}

/// Every file of vectors. They are part of the program, so that it runs anywhere.
///
/// # Errors
/// When a file is not in the format.
pub fn all() -> Result<Vec<VectorFile>, VectorError> {
    FILES.iter().map(|(file, text)| read(file, text)).collect()
}

/// Computes every value of a case and compares it.
///
/// # Errors
/// When the case itself is faulty: an input that doesn't parse, a dialect or mistake that doesn't exist.
pub fn check(case: &Case) -> Result<Vec<Check>, VectorError> {
    let right = Values::compute(case, &Under::default())?;
    let negative = case.negative.as_ref();
    let bug = match negative.and_then(|negative| negative.under.as_ref()) {
        Some(under) => Some(Values::compute(case, under)?),
        None => None,
    };
    let mut checks = Vec::new();
    for (name, expected) in &case.published {
        if negative.is_some_and(|negative| negative.values.contains(name)) {
            checks.extend(right.refute(name, expected));
            if let Some(bug) = &bug {
                checks.extend(
                    bug.compare(name, expected, Origin::Published)
                        .into_iter()
                        .map(|check| Check {
                            name: format!("{} with the bug", check.name),
                            ..check
                        }),
                );
            }
        } else {
            checks.extend(right.compare(name, expected, Origin::Published));
        }
    }
    for (name, expected) in &case.derived {
        checks.extend(right.compare(name, expected, Origin::Derived));
    }
    Ok(checks)
}

impl DialectRef {
    /// The dialect itself; `None` when there is none of that name, or its group or hash is missing or unknown.
    pub fn resolve(&self) -> Option<Dialect> {
        let hash = || Hash::by_name(self.hash.as_deref()?);
        Some(match self.name.as_str() {
            "cognito" => Dialect::cognito(),
            "cognito-device" => Dialect::cognito_device(),
            "rfc5054-sha1" => Dialect::rfc5054_sha1(),
            "mozilla-onepw" => Dialect::mozilla_onepw(),
            "apple-homekit" => Dialect::apple_homekit(),
            "esp-idf" => Dialect::esp_idf(),
            "srp-net" => Dialect::srp_net(),
            "srp-net-srp6" => Dialect::srp_net_srp6(),
            "swift-srp" => Dialect::swift_srp(),
            "botan" => Dialect::botan(self.group()?, hash()?),
            "srptools" => Dialect::srptools(self.group()?, hash()?),
            "sirp" => Dialect::sirp(self.group()?),
            "srp-rb" => Dialect::srp_rb(self.group()?),
            "spider-gazelle" => Dialect::spider_gazelle(self.group()?),
            "1password" => Dialect::one_password(self.group()?),
            _ => return None,
        })
    }

    fn group(&self) -> Option<Group> {
        match (&self.group, &self.n, &self.g) {
            (Some(name), None, None) => group_by_name(name),
            (None, Some(n), Some(g)) => Some(Group {
                id: "unnamed".into(),
                n: parse_hex(n).ok()?,
                g: parse_hex(g).ok()?,
            }),
            _ => None,
        }
    }
}

fn read(file: &'static str, text: &str) -> Result<VectorFile, VectorError> {
    let mut parsed: VectorFile =
        serde_json::from_str(text).map_err(|source| VectorError::Format { file, source })?;
    if parsed.schema != SCHEMA {
        return Err(VectorError::Schema {
            file,
            got: parsed.schema,
        });
    }
    for case in &mut parsed.cases {
        case.kind.get_or_insert(parsed.kind);
        if case.dialect.is_none() {
            case.dialect.clone_from(&parsed.dialect);
        }
    }
    Ok(parsed)
}

fn group_by_name(name: &str) -> Option<Group> {
    match name {
        "cognito" => Some(Group::cognito()),
        other => Group::rfc5054(other.strip_prefix("rfc5054-")?.parse().ok()?),
    }
}

/// A computed value, in the form in which it is compared.
enum Value {
    Int(BigUint),
    Octets(Vec<u8>),
    Text(String),
}

impl Value {
    fn is(&self, expected: &str) -> bool {
        match self {
            Self::Int(value) => parse_hex(expected).is_ok_and(|expected| expected == *value),
            Self::Octets(bytes) => hex(bytes) == expected,
            Self::Text(text) => text == expected,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Int(value) => to_hex(value),
            Self::Octets(bytes) => hex(bytes),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Which side of the protocol computed a value; empty where only one can.
type Side = &'static str;

/// Everything that follows from the inputs of a case.
#[derive(Default)]
struct Values(BTreeMap<String, Vec<(Side, Value)>>);

impl Values {
    fn compute(case: &Case, under: &Under) -> Result<Self, VectorError> {
        let inputs = Inputs { case, under };
        let mut values = Self::default();
        match case.kind.unwrap_or_default() {
            Kind::Srp => values.srp(&inputs)?,
            Kind::Device => values.device(&inputs)?,
            Kind::SecretHash => {
                let hash = secret_hash(
                    inputs.need("client_secret")?,
                    inputs.need("username")?,
                    inputs.need("client_id")?,
                );
                values.text("secret_hash_b64", hash);
            }
            Kind::Hash => {
                let hash = inputs.hash()?;
                values.octets("digest", hash.digest(&[&inputs.need_octets("message")?]));
            }
            Kind::Hkdf => values.hkdf(&inputs)?,
            Kind::Encoding => values.encoding(&inputs)?,
            Kind::Timestamp => {
                let unix = inputs.number("unix")?;
                let timestamp = Timestamp::from_unix(unix);
                let parsed = Timestamp::parse(timestamp.as_str())
                    .map_err(|error| inputs.fault("unix", error.to_string()))?;
                values.text(
                    "canonical",
                    (parsed.canonical && parsed.unix == unix).to_string(),
                );
                values.text("timestamp", timestamp.as_str().to_owned());
            }
            Kind::Modexp => {
                let modulus = inputs.need_int("mod")?;
                let base = residue(&inputs.need_signed("base")?, &modulus);
                values.int("r", modpow(&base, &inputs.need_int("exp")?, &modulus));
            }
            Kind::Group => values.group(&inputs)?,
        }
        Ok(values)
    }

    /// Every part of a session that the inputs lead to. A value that is given stands in for its computation, so that a
    /// case may begin anywhere.
    fn srp(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let mut d = inputs.dialect()?;
        if let Some(k) = inputs.int("k")? {
            d.k = KRule::Constant(k);
        }
        self.int("k", multiplier(&d));

        let scope = match (inputs.get("scope"), inputs.get("pool_id")) {
            (None, Some(id)) => {
                let id = PoolId::parse(id)
                    .map_err(|error| inputs.fault("pool_id", error.to_string()))?;
                self.text("scope", id.name().to_owned());
                id.name().to_owned()
            }
            (scope, _) => scope.unwrap_or_default().to_owned(),
        };
        let user = inputs.get("user");
        let salt = inputs.salt()?;
        let mut x = inputs.int("x")?;
        if let (Some(user), Some(password)) = (user, inputs.password()?) {
            let credentials = Credentials {
                scope: &scope,
                user,
                password: &password,
            };
            // Without a salt there is no x, but there is an inner hash.
            let any_salt = Salt::from_bytes(&[]);
            let made = private_key_x(&d, &credentials, salt.as_ref().unwrap_or(&any_salt));
            self.octets("inner", made.inner);
            if salt.is_some() {
                self.int("x", made.x.clone());
                x = Some(made.x);
            }
        }
        let v = match (&x, inputs.int("v")?) {
            (Some(x), None) => Some(modpow(&d.group.g, x, &d.group.n)),
            (_, given) => given,
        };
        if let Some(v) = &v {
            self.int("v", v.clone());
            self.digits("v", v);
        }

        let (a, b) = (inputs.int("a")?, inputs.int("b")?);
        let mut a_pub = inputs.int("A")?;
        if let Some(a) = &a {
            let made =
                client_public(&d, a).map_err(|error| inputs.fault("a", error.to_string()))?;
            self.int("A", made.clone());
            a_pub.get_or_insert(made);
        }
        let mut b_pub = inputs.int("B")?;
        if let (Some(v), Some(b)) = (&v, &b) {
            let made = server_public(&d, v, b);
            self.int("B", made.clone());
            self.text(
                "B_wire_octets",
                IntForm::Padded.bytes(&made, &d.group.n).len().to_string(),
            );
            b_pub.get_or_insert(made);
        }
        for (name, value) in [("A", &a_pub), ("B", &b_pub)] {
            if let Some(value) = value {
                self.digits(name, value);
                self.lead(name, value, &d.group.n);
            }
        }
        self.refusals(&d, a_pub.as_ref(), b_pub.as_ref());

        let mut u = inputs.int("u")?;
        if let (None, Some(a_pub), Some(b_pub)) = (&u, &a_pub, &b_pub) {
            let made = scrambler(&d, a_pub, b_pub)
                .map_err(|error| inputs.fault("A", error.to_string()))?;
            self.int("u", made.clone());
            self.0.entry("u_lead".into()).or_default().push((
                "",
                Value::Octets(IntForm::Fixed(32).bytes(&made, &made)[..2].to_vec()),
            ));
            u = Some(made);
        }
        // From here on u is given: a case may hash an A that is not g^a.
        let given_u = Dialect {
            u: u.clone().map_or_else(|| d.u.clone(), URule::Constant),
            ..d.clone()
        };
        let mut s = inputs.int("S")?;
        let mut key = inputs.octets("K")?;
        if let (Some(_), Some(x), Some(a), Some(b_pub)) = (&u, &x, &a, &b_pub)
            && let Ok(client) = client_session_with_x(&given_u, x, a, b_pub)
        {
            let parity = if (a + &client.u * x).is_odd() {
                "odd"
            } else {
                "even"
            };
            self.text("parity", parity.to_owned());
            self.secret("client", &client.s, client.prk, &client.key, &d.group.n);
            s = Some(client.s);
            key = Some(client.key);
        }
        if let (Some(_), Some(v), Some(b), Some(a_pub)) = (&u, &v, &b, &a_pub)
            && let Ok(server) = server_session(&given_u, v, b, a_pub)
        {
            self.secret("server", &server.s, server.prk, &server.key, &d.group.n);
            s = Some(server.s);
            key = Some(server.key);
        }
        if let (None, Some(s), Some(u)) = (&key, &s, &u) {
            let derived = derive_key(&d, u, s);
            self.octets("K", derived.key.clone());
            key = Some(derived.key);
        }

        let Some(key) = key else { return Ok(()) };
        let mut m1 = inputs.octets("M1")?;
        if let (Some(a_pub), Some(b_pub)) = (&a_pub, &b_pub) {
            // Dialects that hash neither user nor salt publish proofs without them.
            let none = Salt::from_bytes(&[]);
            let zero = BigUint::ZERO;
            let proof = ProofInput {
                user: user.unwrap_or_default(),
                salt: salt.as_ref().unwrap_or(&none),
                a_pub,
                b_pub,
                s: s.as_ref().unwrap_or(&zero),
                key: &key,
            };
            if let Some(made) = proof_m1(&d, &proof) {
                self.octets("M1", made.clone());
                m1.get_or_insert(made);
            }
        }
        if let (Some(a_pub), Some(m1)) = (&a_pub, &m1)
            && let Some(m2) = proof_m2(&d, a_pub, m1, &key)
        {
            self.octets("M2", m2);
        }
        if let (Some(user), Some(block), Some(timestamp)) =
            (user, inputs.get("secret_block"), inputs.get("timestamp"))
        {
            let block = parse_base64(block)
                .map_err(|error| inputs.fault("secret_block", error.to_string()))?;
            let input = ClaimInput {
                scope: &scope,
                user,
                secret_block: &block,
                timestamp,
            };
            self.text("signature_b64", claim(&key, &input).signature_b64());
        }
        Ok(())
    }

    /// What each side refuses, tried with a secret that doesn't matter.
    fn refusals(&mut self, d: &Dialect, a_pub: Option<&BigUint>, b_pub: Option<&BigUint>) {
        let secret = BigUint::from(2_u32);
        let refused = b_pub
            .and_then(|b_pub| client_session_with_x(d, &secret, &secret, b_pub).err())
            .or_else(|| a_pub.and_then(|a_pub| server_session(d, &secret, &secret, a_pub).err()));
        match refused {
            Some(SrpError::IllegalA { quotient }) => self.refused("A", quotient),
            Some(SrpError::IllegalB { quotient }) => self.refused("B", quotient),
            Some(SrpError::ZeroU) | None => {}
        }
    }

    fn refused(&mut self, name: &str, quotient: BigUint) {
        self.text("refused", name.to_owned());
        self.int("quotient", quotient);
    }

    fn secret(&mut self, side: Side, s: &BigUint, prk: Option<Vec<u8>>, key: &[u8], n: &BigUint) {
        let mut push = |name: &str, value| {
            self.0
                .entry(name.to_owned())
                .or_default()
                .push((side, value));
        };
        push("S", Value::Int(s.clone()));
        push("S_octets", Value::Text(signed_bytes(s).len().to_string()));
        push(
            "S_text_sha256",
            Value::Octets(Hash::Sha256.digest(&[to_hex(s).as_bytes()])),
        );
        push("S_lead", Value::Octets(first_two(s, n)));
        push("K", Value::Octets(key.to_vec()));
        if let Some(prk) = prk {
            push("prk", Value::Octets(prk));
        }
    }

    fn device(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let salt = inputs
            .salt()?
            .ok_or_else(|| inputs.fault("salt", "is missing".to_owned()))?;
        let made = device_verifier(
            inputs.need("scope")?,
            inputs.need("user")?,
            inputs.need("password")?,
            &salt,
        );
        let octets = signed_bytes(&made.v);
        self.text("verifier_octets", octets.len().to_string());
        self.octets("verifier_sha256", Hash::Sha256.digest(&[&octets]));
        self.text("salt_b64", made.salt_b64);
        self.text("verifier_b64", made.verifier_b64);
        self.int("x", made.x);
        self.int("v", made.v);
        Ok(())
    }

    fn hkdf(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let mac = match inputs.get("hash") {
            None | Some("SHA-256") => Mac::Sha256,
            Some("SHA-1") => Mac::Sha1,
            Some("SHA-512") => Mac::Sha512,
            Some(other) => return Err(inputs.fault("hash", format!("no HMAC over {other}"))),
        };
        let length = usize::try_from(inputs.number("length")?)
            .map_err(|error| inputs.fault("length", error.to_string()))?;
        let (salt, ikm, info) = (
            inputs.need_octets("salt")?,
            inputs.need_octets("ikm")?,
            inputs.need_octets("info")?,
        );
        let output = hkdf(mac, &salt, &ikm, &info, length);
        self.octets("prk", output.prk);
        self.octets("okm", output.okm);
        Ok(())
    }

    fn encoding(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        if let Some(dividend) = inputs.decimal("dividend")? {
            let divisor = inputs.decimal("divisor")?.unwrap_or_default();
            self.text(
                "remainder",
                residue(&dividend, divisor.magnitude()).to_string(),
            );
            return Ok(());
        }
        let number = match (inputs.decimal("decimal")?, inputs.int("hex")?) {
            (Some(number), _) => number,
            (None, Some(number)) => {
                self.text("decimal", number.to_string());
                BigInt::from(number)
            }
            (None, None) => return Err(inputs.fault("decimal", "is missing".to_owned())),
        };
        let octets = signed_bytes_of(&number);
        let without_sign = if number.sign() == Sign::Minus {
            octets.clone()
        } else {
            IntForm::Unsigned.bytes(number.magnitude(), &BigUint::ZERO)
        };
        self.octets("octets", octets);
        self.octets("octets_as_unsigned", without_sign);
        Ok(())
    }

    fn group(&mut self, inputs: &Inputs<'_>) -> Result<(), VectorError> {
        let name = inputs.need("group")?;
        let group = group_by_name(name)
            .ok_or_else(|| inputs.fault("group", format!("{name} is unknown")))?;
        self.int("N", group.n.clone());
        self.int("g", group.g.clone());
        self.text("bits", group.n.bits().to_string());
        // N is a safe prime 2q + 1: g generates either everything or the subgroup of order q.
        let q = (&group.n - 1_u8) >> 1_u8;
        let in_subgroup = modpow(&group.g, &q, &group.n) == BigUint::from(1_u8);
        self.text(
            "generates",
            if in_subgroup {
                "subgroup of order q"
            } else {
                "full group"
            }
            .to_owned(),
        );
        for (hash_name, hash) in [
            ("SHA-1", Hash::Sha1),
            ("SHA-256", Hash::Sha256),
            ("SHA-512", Hash::Sha512),
        ] {
            for (form_name, form) in [
                ("PAD", IntForm::Padded),
                ("MIN", IntForm::Unsigned),
                ("SIGNED", IntForm::Signed),
            ] {
                let mut d = Dialect::rfc5054(group.clone(), hash);
                d.k = KRule::Hash { n: form, g: form };
                self.int(&format!("k {hash_name} {form_name}"), multiplier(&d));
            }
        }
        Ok(())
    }

    fn digits(&mut self, name: &str, value: &BigUint) {
        let text = to_hex(value);
        self.octets(
            &format!("{name}_text_sha256"),
            Hash::Sha256.digest(&[text.as_bytes()]),
        );
        self.text(&format!("{name}_digits"), text.len().to_string());
    }

    fn lead(&mut self, name: &str, value: &BigUint, n: &BigUint) {
        self.octets(&format!("{name}_lead"), first_two(value, n));
    }

    fn int(&mut self, name: &str, value: BigUint) {
        self.0
            .entry(name.to_owned())
            .or_default()
            .push(("", Value::Int(value)));
    }

    fn octets(&mut self, name: &str, value: Vec<u8>) {
        self.0
            .entry(name.to_owned())
            .or_default()
            .push(("", Value::Octets(value)));
    }

    fn text(&mut self, name: &str, value: String) {
        self.0
            .entry(name.to_owned())
            .or_default()
            .push(("", Value::Text(value)));
    }

    fn compare(&self, name: &str, expected: &str, origin: Origin) -> Vec<Check> {
        self.each(name, expected, origin, |value| {
            if value.is(expected) {
                Outcome::Match
            } else {
                Outcome::Mismatch {
                    expected: expected.to_owned(),
                    got: value.text(),
                }
            }
        })
    }

    fn refute(&self, name: &str, expected: &str) -> Vec<Check> {
        self.each(name, expected, Origin::Published, |value| {
            if value.is(expected) {
                Outcome::NegativeRefuted { got: value.text() }
            } else {
                Outcome::NegativeConfirmed
            }
        })
    }

    fn each(
        &self,
        name: &str,
        expected: &str,
        origin: Origin,
        judge: impl Fn(&Value) -> Outcome,
    ) -> Vec<Check> {
        let computed = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        if computed.is_empty() {
            let outcome = Outcome::NotComputed {
                expected: expected.to_owned(),
            };
            return vec![Check {
                name: name.to_owned(),
                origin,
                outcome,
            }];
        }
        computed
            .iter()
            .map(|(side, value)| Check {
                name: if side.is_empty() {
                    name.to_owned()
                } else {
                    format!("{name} ({side})")
                },
                origin,
                outcome: judge(value),
            })
            .collect()
    }
}

/// The inputs of a case, as a bug would have them where there is one.
struct Inputs<'a> {
    case: &'a Case,
    under: &'a Under,
}

impl<'a> Inputs<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.under
            .inputs
            .get(name)
            .or_else(|| self.case.inputs.get(name))
            .map(String::as_str)
    }

    fn need(&self, name: &str) -> Result<&'a str, VectorError> {
        self.get(name)
            .ok_or_else(|| self.fault(name, "is missing".to_owned()))
    }

    fn int(&self, name: &str) -> Result<Option<BigUint>, VectorError> {
        self.get(name)
            .map(parse_hex)
            .transpose()
            .map_err(|error| self.fault(name, error.to_string()))
    }

    fn need_int(&self, name: &str) -> Result<BigUint, VectorError> {
        self.int(name)?
            .ok_or_else(|| self.fault(name, "is missing".to_owned()))
    }

    fn need_signed(&self, name: &str) -> Result<BigInt, VectorError> {
        let text = self.need(name)?;
        let (sign, digits) = text
            .strip_prefix('-')
            .map_or((Sign::Plus, text), |digits| (Sign::Minus, digits));
        let magnitude = parse_hex(digits).map_err(|error| self.fault(name, error.to_string()))?;
        Ok(BigInt::from_biguint(sign, magnitude))
    }

    fn decimal(&self, name: &str) -> Result<Option<BigInt>, VectorError> {
        self.get(name)
            .map(str::parse)
            .transpose()
            .map_err(|error: num_bigint::ParseBigIntError| self.fault(name, error.to_string()))
    }

    fn number(&self, name: &str) -> Result<i64, VectorError> {
        self.need(name)?
            .parse()
            .map_err(|error: std::num::ParseIntError| self.fault(name, error.to_string()))
    }

    fn octets(&self, name: &str) -> Result<Option<Vec<u8>>, VectorError> {
        self.get(name)
            .map(|text| data_encoding::HEXLOWER.decode(text.as_bytes()))
            .transpose()
            .map_err(|error| self.fault(name, error.to_string()))
    }

    fn need_octets(&self, name: &str) -> Result<Vec<u8>, VectorError> {
        self.octets(name)?
            .ok_or_else(|| self.fault(name, "is missing".to_owned()))
    }

    fn salt(&self) -> Result<Option<Salt>, VectorError> {
        self.get("salt")
            .map(Salt::from_hex)
            .transpose()
            .map_err(|error| self.fault("salt", error.to_string()))
    }

    fn password(&self) -> Result<Option<Vec<u8>>, VectorError> {
        match self.get("password") {
            Some(text) => Ok(Some(text.as_bytes().to_vec())),
            None => self.octets("password_hex"),
        }
    }

    fn hash(&self) -> Result<Hash, VectorError> {
        let name = self.need("hash")?;
        Hash::by_name(name).ok_or_else(|| self.fault("hash", format!("{name} is unknown")))
    }

    fn dialect(&self) -> Result<Dialect, VectorError> {
        let dialect = self
            .case
            .dialect
            .as_ref()
            .and_then(DialectRef::resolve)
            .ok_or_else(|| self.fault("dialect", format!("{:?} is unknown", self.case.dialect)))?;
        match &self.under.mistake {
            None => Ok(dialect),
            Some(id) => {
                let mistake = arithmetic::arithmetic(id)
                    .ok_or_else(|| self.fault("mistake", format!("{id} is unknown")))?;
                Ok((mistake.edit)(dialect))
            }
        }
    }

    fn fault(&self, input: &str, reason: String) -> VectorError {
        VectorError::Input {
            case: self.case.id.clone(),
            input: input.to_owned(),
            reason,
        }
    }
}

fn residue(value: &BigInt, modulus: &BigUint) -> BigUint {
    if *modulus == BigUint::ZERO {
        return BigUint::ZERO;
    }
    value
        .mod_floor(&BigInt::from(modulus.clone()))
        .magnitude()
        .clone()
}

fn first_two(value: &BigUint, n: &BigUint) -> Vec<u8> {
    IntForm::Padded
        .bytes(value, n)
        .into_iter()
        .take(2)
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// The format of the files.
pub const SCHEMA: &str = "cognito-conformance-vectors/1";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../fixtures/vectors/", $name, ".json")))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "cognito-made",
    "cognito-edge",
    "cognito-alexrudd-go",
    "cognito-amplify-android",
    "cognito-amplify-swift",
    "cognito-awsm-ocaml-unpadded",
    "cognito-hkdf-caldera",
    "cognito-identity-js-6-3-20",
    "cognito-identity-js-signature",
    "cognito-inner-hashes",
    "cognito-lyeith-eventbus",
    "cognito-net-known-claim",
    "cognito-rust-deadbeef",
    "cognito-secret-hash",
    "cognito-signed-octets",
    "cognito-sjmeverett",
    "cognito-srp-helper-npm",
    "cognito-timestamp",
    "modexp-boringssl",
    "rfc5054-appendix-b",
    "rfc5054-groups",
    "srp6a-1password",
    "srp6a-apple-hap",
    "srp6a-botan",
    "srp6a-espidf",
    "srp6a-mozilla-picl",
    "srp6a-srpnet",
    "srp6a-srptools-54",
    "srp6a-srptools-context",
    "srp6a-stanford-demo-family",
    "srp6a-swift-srp-proofs",
];
