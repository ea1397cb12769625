//! M1 and M2: the proofs of SRP's relatives. Cognito has a claim instead, and its server proves nothing back.

use num_bigint::BigUint;

use super::dialect::{Dialect, ProofRule, ProofSecret};
use super::salt::Salt;

/// What a proof is made over.
#[derive(Clone, Copy, Debug)]
pub struct ProofInput<'a> {
    /// I.
    pub user: &'a str,
    /// s.
    pub salt: &'a Salt,
    /// A.
    pub a_pub: &'a BigUint,
    /// B.
    pub b_pub: &'a BigUint,
    /// S; only short proofs over S read it.
    pub s: &'a BigUint,
    /// K.
    pub key: &'a [u8],
}

/// The client's proof; `None` where the dialect has none.
pub fn proof_m1(d: &Dialect, input: &ProofInput<'_>) -> Option<Vec<u8>> {
    let n = &d.group.n;
    match d.proof {
        ProofRule::None => None,
        ProofRule::Short { numbers, secret } => {
            let secret = match secret {
                ProofSecret::Key => input.key.to_vec(),
                ProofSecret::S(form) => form.bytes(input.s, n),
            };
            Some(d.hash.digest(&[
                &numbers.bytes(input.a_pub, n),
                &numbers.bytes(input.b_pub, n),
                &secret,
            ]))
        }
        ProofRule::Long {
            n: n_form,
            g: g_form,
            numbers,
            pad_parts,
        } => {
            let hash_n = d.hash.digest(&[&n_form.bytes(n, n)]);
            let hash_g = d.hash.digest(&[&g_form.bytes(&d.group.g, n)]);
            let xor = hash_n
                .iter()
                .zip(&hash_g)
                .map(|(left, right)| left ^ right)
                .collect();
            let parts = [
                xor,
                d.hash.digest(&[input.user.as_bytes()]),
                input.salt.bytes().to_vec(),
                numbers.bytes(input.a_pub, n),
                numbers.bytes(input.b_pub, n),
                input.key.to_vec(),
            ];
            Some(digest_parts(d, pad_parts, &parts))
        }
    }
}

/// The server's proof, `H(A ‖ M1 ‖ K)`; `None` where the dialect has none.
pub fn proof_m2(d: &Dialect, a_pub: &BigUint, m1: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    let (numbers, pad_parts) = match d.proof {
        ProofRule::None => return None,
        ProofRule::Short { numbers, .. } => (numbers, false),
        ProofRule::Long {
            numbers, pad_parts, ..
        } => (numbers, pad_parts),
    };
    let parts = [numbers.bytes(a_pub, &d.group.n), m1.to_vec(), key.to_vec()];
    Some(digest_parts(d, pad_parts, &parts))
}

fn digest_parts(d: &Dialect, pad: bool, parts: &[Vec<u8>]) -> Vec<u8> {
    let width = if pad { d.group.octets() } else { 0 };
    let padded: Vec<Vec<u8>> = parts
        .iter()
        .map(|part| {
            let mut octets = vec![0; width.saturating_sub(part.len())];
            octets.extend_from_slice(part);
            octets
        })
        .collect();
    d.hash
        .digest(&padded.iter().map(Vec::as_slice).collect::<Vec<_>>())
}
