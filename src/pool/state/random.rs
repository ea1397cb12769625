//! Everything random about a pool: a stream for what differs each time, a keyed hash for what has to be stable.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::srp::{BigUint, hmac_sha256};

/// The random source of one pool. Two sources of one seed give the same values in the same order.
#[derive(Clone)]
pub(in crate::pool) struct PoolRandom {
    seed: u64,
    stream: ChaCha20Rng,
}

impl PoolRandom {
    /// The source of this seed.
    pub(in crate::pool) fn new(seed: u64) -> Self {
        Self {
            seed,
            stream: ChaCha20Rng::seed_from_u64(seed),
        }
    }

    /// A source of its own for one request, which gives other values than this one does from now on. What is stable is the same.
    pub(in crate::pool) fn fork(&mut self) -> Self {
        let mut seed = [0; 32];
        self.stream.fill_bytes(&mut seed);
        Self {
            seed: self.seed,
            stream: ChaCha20Rng::from_seed(seed),
        }
    }

    /// `count` octets that differ each time.
    pub(in crate::pool) fn octets(&mut self, count: usize) -> Vec<u8> {
        let mut octets = vec![0; count];
        self.stream.fill_bytes(&mut octets);
        octets
    }

    /// A number of `count` octets that differs each time.
    pub(in crate::pool) fn number(&mut self, count: usize) -> BigUint {
        BigUint::from_bytes_be(&self.octets(count))
    }

    /// A UUID that differs each time.
    pub(in crate::pool) fn uuid(&mut self) -> String {
        let mut octets = [0; 16];
        self.stream.fill_bytes(&mut octets);
        uuid_of(octets)
    }

    /// A code of six digits.
    pub(in crate::pool) fn six_digits(&mut self) -> String {
        format!("{:06}", self.stream.next_u32() % 1_000_000)
    }

    /// `count` letters and digits that differ each time, as the names of pools have them.
    pub(in crate::pool) fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        self.octets(count)
            .into_iter()
            .map(|octet| char::from(LETTERS[usize::from(octet) % LETTERS.len()]))
            .collect()
    }

    /// 32 octets that are always the same for this seed, purpose and name (RFC 5054 section 2.5.1.3 wants simulated
    /// salts made so; real salts and ids are made alike, so that nothing tells them apart).
    pub(in crate::pool) fn stable(&self, purpose: &str, name: &str) -> Vec<u8> {
        hmac_sha256(
            &self.seed.to_be_bytes(),
            &[purpose.as_bytes(), &[0], name.as_bytes()],
        )
    }

    /// A UUID that is always the same for this seed, purpose and name.
    pub(in crate::pool) fn stable_uuid(&self, purpose: &str, name: &str) -> String {
        let mut octets = [0; 16];
        octets.copy_from_slice(&self.stable(purpose, name)[..16]);
        uuid_of(octets)
    }
}

impl fmt::Debug for PoolRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolRandom")
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

fn uuid_of(octets: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(octets)
        .into_uuid()
        .to_string()
}
