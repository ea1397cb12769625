//! Where time and randomness come from.

use std::collections::VecDeque;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::model::Clock;
use crate::srp::{BigUint, Salt};

/// A clock: seconds since 1970-01-01T00:00:00Z.
pub type ReadClock = Box<dyn FnMut() -> i64 + Send>;

/// A random source: fills the octets it is given.
pub type FillRandom = Box<dyn FnMut(&mut [u8]) + Send>;

/// Where time and randomness come from. Tests and replays inject both.
pub struct Sources {
    /// The clock; read when a sign-in starts and when a claim is signed.
    pub clock: ReadClock,
    /// The random source; every private value a is drawn from it unless one is injected.
    pub random: FillRandom,
    /// Injected private values, used in order before any is drawn.
    pub private_values: VecDeque<BigUint>,
    /// An injected password and salt for the next device that is confirmed, in place of drawn ones.
    pub device: Option<(String, Salt)>,
}

impl Sources {
    /// The machine's clock, and a generator seeded by the operating system.
    pub fn system() -> Self {
        let mut random = ChaCha20Rng::from_os_rng();
        Self {
            clock: Box::new(|| Clock::Wall.now()),
            random: Box::new(move |octets| random.fill_bytes(octets)),
            private_values: VecDeque::new(),
            device: None,
        }
    }

    /// A clock that stands still at `now`, and a generator with this seed: two clients with equal ones send equal octets.
    pub fn fixed(now: i64, seed: u64) -> Self {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        Self {
            clock: Box::new(move || now),
            random: Box::new(move |octets| random.fill_bytes(octets)),
            private_values: VecDeque::new(),
            device: None,
        }
    }
}

/// Octets of a device's salt.
pub(super) const SALT_OCTETS: usize = 16;
