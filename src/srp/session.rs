//! The values of a sign-in and their formulas: one code path for every dialect.

use std::fmt;
use std::sync::LazyLock;

use num_bigint::BigUint;
use num_integer::Integer as _;
use num_traits::Zero as _;

use super::dialect::{BaseRule, Dialect, HkdfPart, HkdfRule, InnerForm, KRule, KeyRule, URule};
use super::error::SrpError;
use super::group::Group;
use super::hash::Hash;
use super::hkdf::{hkdf, hkdf_uncounted};
use super::integer::{IntForm, signed_bytes};
use super::modexp::modpow;
use super::salt::Salt;

/// Who signs in, as the dialect hashes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// Pool name (the part of the pool id after the underscore), device group key, or empty outside Cognito.
    pub scope: &'a str,
    /// `USER_ID_FOR_SRP`, device key, or I.
    pub user: &'a str,
    /// The password's octets, UTF-8 in Cognito, never normalised.
    pub password: &'a [u8],
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("scope", &self.scope)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// The private key and the inner hash on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    /// `H(scope ‖ user ‖ ":" ‖ password)`.
    pub inner: Vec<u8>,
    /// `H(salt ‖ inner)` as an integer.
    pub x: BigUint,
}

/// The key and the pseudo-random key on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedKey {
    /// Output of HKDF's extract step (of the last round); `None` where the dialect has no HKDF.
    pub prk: Option<Vec<u8>>,
    /// The key K.
    pub key: Vec<u8>,
}

/// Everything the client computes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSession {
    /// Multiplier.
    pub k: BigUint,
    /// The client's public value A.
    pub a_pub: BigUint,
    /// The server's public value B, as received.
    pub b_pub: BigUint,
    /// Scrambling parameter.
    pub u: BigUint,
    /// The inner hash of x; empty when x was given.
    pub inner: Vec<u8>,
    /// Private key.
    pub x: BigUint,
    /// `g^x`.
    pub v: BigUint,
    /// The shared secret S.
    pub s: BigUint,
    /// Output of HKDF's extract step, where the dialect has one.
    pub prk: Option<Vec<u8>>,
    /// The key K.
    pub key: Vec<u8>,
}

/// Everything the server computes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSession {
    /// Multiplier.
    pub k: BigUint,
    /// The client's public value A, as received.
    pub a_pub: BigUint,
    /// The server's public value B.
    pub b_pub: BigUint,
    /// Scrambling parameter.
    pub u: BigUint,
    /// The verifier.
    pub v: BigUint,
    /// The shared secret S.
    pub s: BigUint,
    /// Output of HKDF's extract step, where the dialect has one.
    pub prk: Option<Vec<u8>>,
    /// The key K.
    pub key: Vec<u8>,
}

/// k. Cognito's, which never changes, is hashed once for the life of the process.
pub fn multiplier(d: &Dialect) -> BigUint {
    let (n, g) = (&d.group.n, &d.group.g);
    match &d.k {
        KRule::Constant(k) => k.clone(),
        KRule::Hash {
            n: IntForm::Signed,
            g: IntForm::Signed,
        } if d.hash == Hash::Sha256 && d.group.is_cognito() => COGNITO_K.clone(),
        KRule::Hash {
            n: n_form,
            g: g_form,
        } => hashed_multiplier(d.hash, &n_form.bytes(n, n), &g_form.bytes(g, n)),
    }
}

/// `A = g^a mod N`.
///
/// # Errors
/// [`SrpError::IllegalA`] when A ≡ 0, which only a composite modulus or a generator it divides allows.
pub fn client_public(d: &Dialect, a: &BigUint) -> Result<BigUint, SrpError> {
    let a_pub = modpow(&d.group.g, a, &d.group.n);
    refuse_a(d, &a_pub)?;
    Ok(a_pub)
}

/// `u = H(A ‖ B)`.
///
/// # Errors
/// [`SrpError::ZeroU`] when it is zero.
pub fn scrambler(d: &Dialect, a_pub: &BigUint, b_pub: &BigUint) -> Result<BigUint, SrpError> {
    let n = &d.group.n;
    let u = match &d.u {
        URule::Hash { a, b, swapped } => {
            let (a, b) = (a.bytes(a_pub, n), b.bytes(b_pub, n));
            let parts: [&[u8]; 2] = if *swapped { [&b, &a] } else { [&a, &b] };
            BigUint::from_bytes_be(&d.hash.digest(&parts))
        }
        URule::Constant(u) => u.clone(),
    };
    if d.checks.u_zero && u.is_zero() {
        return Err(SrpError::ZeroU);
    }
    Ok(u)
}

/// `x = H(salt ‖ H(scope ‖ user ‖ ":" ‖ password))`.
pub fn private_key_x(d: &Dialect, c: &Credentials<'_>, salt: &Salt) -> PrivateKey {
    let text = |text| d.x.charset.octets(text);
    let inner = d.hash.digest(&[
        &text(c.scope.as_bytes()),
        d.x.scope_separator.as_bytes(),
        &text(c.user.as_bytes()),
        d.x.separator.as_bytes(),
        &text(c.password),
    ]);
    let inner_octets = match d.x.inner {
        InnerForm::Octets => inner.clone(),
        InnerForm::HexText => data_encoding::HEXLOWER.encode(&inner).into_bytes(),
        InnerForm::Unsigned => BigUint::from_bytes_be(&inner).to_bytes_be(),
    };
    let salt_octets = salt.hashed(d.x.salt, &d.group.n);
    let parts: [&[u8]; 2] = if d.x.salt_last {
        [&inner_octets, &salt_octets]
    } else {
        [&salt_octets, &inner_octets]
    };
    let x = BigUint::from_bytes_be(&d.hash.digest(&parts));
    PrivateKey { inner, x }
}

/// `v = g^x mod N`.
pub fn verifier(d: &Dialect, c: &Credentials<'_>, salt: &Salt) -> BigUint {
    modpow(&d.group.g, &private_key_x(d, c, salt).x, &d.group.n)
}

/// `B = (k·v + g^b) mod N`.
pub fn server_public(d: &Dialect, v: &BigUint, b: &BigUint) -> BigUint {
    blinded(d, v, modpow(&d.group.g, b, &d.group.n))
}

/// The key from u and S.
pub fn derive_key(d: &Dialect, u: &BigUint, s: &BigUint) -> DerivedKey {
    let n = &d.group.n;
    match &d.key {
        KeyRule::Hash(form) => DerivedKey {
            prk: None,
            key: d.hash.digest(&[&form.bytes(s, n)]),
        },
        KeyRule::Hkdf(rule) => {
            let salt = hkdf_part(d, rule.salt, u, s);
            let mut ikm = hkdf_part(d, rule.ikm, u, s);
            let HkdfRule {
                mac,
                info,
                length,
                counted,
                rounds,
                ..
            } = rule;
            let mut prk = None;
            for _ in 0..*rounds {
                let output = match counted {
                    true => hkdf(*mac, &salt, &ikm, info, *length),
                    false => hkdf_uncounted(*mac, &salt, &ikm, info, *length),
                };
                prk = Some(output.prk);
                ikm = output.okm;
            }
            DerivedKey { prk, key: ikm }
        }
    }
}

/// B from `g^b`.
pub(super) fn blinded(d: &Dialect, v: &BigUint, power: BigUint) -> BigUint {
    residue(multiplier(d) * v + power, &d.group.n)
}

/// The client's base: `B − k·v` in a right dialect.
pub(super) fn unblinded(d: &Dialect, k: &BigUint, v: &BigUint, b_pub: &BigUint) -> BigUint {
    let n = &d.group.n;
    let subtrahend = if d.base == BaseRule::WithoutK {
        v.clone()
    } else {
        k * v
    };
    if *b_pub >= subtrahend {
        return residue(b_pub - subtrahend, n);
    }
    let magnitude = residue(subtrahend - b_pub, n);
    if d.base == BaseRule::Magnitude || magnitude.is_zero() {
        magnitude
    } else {
        n - magnitude
    }
}

pub(super) fn refuse_a(d: &Dialect, a_pub: &BigUint) -> Result<(), SrpError> {
    match multiple_of(a_pub, &d.group.n) {
        Some(quotient) if d.checks.a_zero => Err(SrpError::IllegalA { quotient }),
        _ => Ok(()),
    }
}

pub(super) fn refuse_b(d: &Dialect, b_pub: &BigUint) -> Result<(), SrpError> {
    match multiple_of(b_pub, &d.group.n) {
        Some(quotient) if d.checks.b_zero => Err(SrpError::IllegalB { quotient }),
        _ => Ok(()),
    }
}

/// The least non-negative residue, without a division where there is nothing to divide; zero for modulus zero.
pub(super) fn residue(value: BigUint, n: &BigUint) -> BigUint {
    if n.is_zero() {
        BigUint::ZERO
    } else if value < *n {
        value
    } else {
        value % n
    }
}

fn hashed_multiplier(hash: Hash, n: &[u8], g: &[u8]) -> BigUint {
    BigUint::from_bytes_be(&hash.digest(&[n, g]))
}

fn multiple_of(value: &BigUint, n: &BigUint) -> Option<BigUint> {
    if value < n || n.is_zero() {
        return value.is_zero().then_some(BigUint::ZERO);
    }
    let (quotient, rest) = value.div_rem(n);
    rest.is_zero().then_some(quotient)
}

fn hkdf_part(d: &Dialect, part: HkdfPart, u: &BigUint, s: &BigUint) -> Vec<u8> {
    match part {
        HkdfPart::Empty => Vec::new(),
        HkdfPart::U(form) => form.bytes(u, &d.group.n),
        HkdfPart::S(form) => form.bytes(s, &d.group.n),
        HkdfPart::InterleavedS => interleaved(d, s),
    }
}

/// RFC 2945 section 3.1: the octets at even and at odd places are hashed apart and the two hashes interleaved.
fn interleaved(d: &Dialect, s: &BigUint) -> Vec<u8> {
    let bytes = s.to_bytes_be();
    let even_length = &bytes[bytes.len() % 2..];
    let half = |odd: usize| -> Vec<u8> {
        let octets: Vec<u8> = even_length.iter().skip(odd).step_by(2).copied().collect();
        d.hash.digest(&[&octets])
    };
    half(0)
        .into_iter()
        .zip(half(1))
        .flat_map(|(even, odd)| [even, odd])
        .collect()
}

static COGNITO_K: LazyLock<BigUint> = LazyLock::new(|| {
    let Group { n, g, .. } = Group::cognito_ref();
    hashed_multiplier(Hash::Sha256, &signed_bytes(n), &signed_bytes(g))
});
