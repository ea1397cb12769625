//! Numbers that look random and are the same in every run.

use cognito_conformance::srp::{BigUint, Hash};

/// A number of exactly this many bits, a multiple of 256.
pub fn number(seed: &str, at: usize, bits: u64) -> BigUint {
    let octets: Vec<u8> = (0..bits / 256)
        .flat_map(|block| {
            Hash::Sha256.digest(&[seed.as_bytes(), &[at as u8], &block.to_be_bytes()])
        })
        .collect();
    let mut value = BigUint::from_bytes_be(&octets);
    value.set_bit(bits - 1, true);
    value
}
