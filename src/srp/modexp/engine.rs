//! Which engines there are, which one is in use, and what each is asked.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use num_bigint::BigUint;
use thiserror::Error;

use super::comb::{self, FixedBase};
#[cfg(target_arch = "x86_64")]
use super::ifma::Ifma;
use super::portable::Portable;
use super::{reference, window};
use crate::srp::group::Group;

/// How many numbers an engine takes side by side.
pub const LANES: usize = 8;

/// The environment variable that names an engine, as `--engine` does.
pub const ENGINE_VARIABLE: &str = "COGNITO_CONFORMANCE_ENGINE";

/// The name of an engine, whether or not this machine can run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EngineName {
    /// num-bigint: the oracle.
    Reference,
    /// Safe Rust for any processor.
    Portable,
    /// AVX-512-IFMA.
    Ifma,
}

impl EngineName {
    /// All of them, the slowest first.
    pub const ALL: [Self; 3] = [Self::Reference, Self::Portable, Self::Ifma];

    /// The name as users write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Portable => "portable",
            Self::Ifma => "ifma",
        }
    }

    /// The engine, if this machine can run it.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`] says what is missing.
    pub fn engine(self) -> Result<Engine, EngineError> {
        match self {
            Self::Reference => Ok(Engine(Kind::Reference)),
            Self::Portable => Ok(Engine(Kind::Portable(Portable))),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma => match Ifma::detect() {
                Some(field) => Ok(Engine(Kind::Ifma(field))),
                None => Err(EngineError::Unavailable {
                    name: self,
                    missing: "this processor, or this system, has no AVX-512-IFMA",
                }),
            },
            #[cfg(not(target_arch = "x86_64"))]
            Self::Ifma => Err(EngineError::Unavailable {
                name: self,
                missing: "it is for x86-64 processors",
            }),
        }
    }
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EngineName {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| EngineError::Unknown {
                got: text.chars().take(40).collect(),
            })
    }
}

/// Why an engine can't be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EngineError {
    /// There is none of this name.
    #[error("expected an engine (reference, portable or ifma), got {got:?}")]
    Unknown {
        /// What was given, cut to 40 characters.
        got: String,
    },
    /// This machine can't run it.
    #[error("the engine {name} can't run here: {missing}")]
    Unavailable {
        /// The engine.
        name: EngineName,
        /// What it needs and does not find.
        missing: &'static str,
    },
    /// Another one is in use already.
    #[error("the engine {in_use} is in use already; it can't become {name}")]
    Late {
        /// The engine that was wanted.
        name: EngineName,
        /// The engine in use.
        in_use: EngineName,
    },
}

/// An engine that runs on this machine.
#[derive(Clone, Copy, Debug)]
pub struct Engine(pub(super) Kind);

/// The engines, the fast ones as the field that they compute in. The one of IFMA exists only where the processor was seen
/// to have it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Reference,
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Ifma(Ifma),
}

/// One power to compute.
#[derive(Clone, Copy, Debug)]
pub struct Power<'a> {
    /// The base, reduced or not.
    pub base: &'a BigUint,
    /// The exponent, of any size.
    pub exponent: &'a BigUint,
}

impl Engine {
    /// The engines that run on this machine, the slowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        EngineName::ALL
            .into_iter()
            .filter_map(|name| name.engine().ok())
    }

    /// The fastest engine of this machine.
    pub fn fastest() -> Self {
        Self::available().last().unwrap_or(Self(Kind::Reference))
    }

    /// The engine in use: the one that was chosen, else the one that [`ENGINE_VARIABLE`] names, else the fastest. It stays
    /// the same for the life of the process.
    ///
    /// A variable that names no engine of this machine is not heeded here: a program checks it with
    /// [`choose`](Self::choose) when it starts, where an error can be told.
    pub fn current() -> Self {
        *IN_USE.get_or_init(|| {
            Self::of_environment()
                .ok()
                .flatten()
                .unwrap_or_else(Self::fastest)
        })
    }

    /// Chooses the engine for the life of the process: this one, else the one that [`ENGINE_VARIABLE`] names, else the
    /// fastest.
    ///
    /// # Errors
    /// There is no such engine, it can't run here, or another one is in use already.
    pub fn choose(wanted: Option<EngineName>) -> Result<Self, EngineError> {
        let engine = match wanted {
            Some(name) => name.engine()?,
            None => Self::of_environment()?.unwrap_or_else(Self::fastest),
        };
        let in_use = *IN_USE.get_or_init(|| engine);
        if in_use.name() == engine.name() {
            Ok(in_use)
        } else {
            Err(EngineError::Late {
                name: engine.name(),
                in_use: in_use.name(),
            })
        }
    }

    fn of_environment() -> Result<Option<Self>, EngineError> {
        match std::env::var_os(ENGINE_VARIABLE) {
            None => Ok(None),
            Some(text) if text.is_empty() => Ok(None),
            Some(text) => {
                let name: EngineName = text.to_string_lossy().parse()?;
                name.engine().map(Some)
            }
        }
    }

    /// Its name.
    pub fn name(self) -> EngineName {
        match self.0 {
            Kind::Reference => EngineName::Reference,
            Kind::Portable(_) => EngineName::Portable,
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(_) => EngineName::Ifma,
        }
    }

    /// `base^exponent mod modulus`, the least non-negative residue, for any base (also one not yet reduced).
    ///
    /// Nothing is congruent modulo zero; an engine answers zero there rather than panic. A base of 2 modulo Cognito's N goes
    /// by a table, see [`generator_power`](Self::generator_power).
    pub fn modpow(self, base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
        count(1);
        if !is_cognito(modulus) {
            return reference::modpow(base, exponent, modulus);
        }
        match self.0 {
            Kind::Reference => reference::modpow(base, exponent, modulus),
            _ if *base == Group::cognito_ref().g => comb::of_generator(self).power(exponent),
            Kind::Portable(field) => window::power(field, &reduced(base, modulus), exponent),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(field) => window::power(field, &reduced(base, modulus), exponent),
        }
    }

    /// [`modpow`](Self::modpow) of many, eight side by side where the engine can. The powers come in their order.
    pub fn modpow_batch(self, powers: &[Power<'_>], modulus: &BigUint) -> Vec<BigUint> {
        count(powers.len());
        let engine = if is_cognito(modulus) {
            self
        } else {
            Self(Kind::Reference)
        };
        match engine.0 {
            Kind::Reference => powers
                .iter()
                .map(|power| reference::modpow(power.base, power.exponent, modulus))
                .collect(),
            Kind::Portable(field) => window::powers(field, powers, modulus),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(field) => window::powers(field, powers, modulus),
        }
    }

    /// [`modpow`](Self::modpow) of one base, in the order of the exponents: from the table where it is Cognito's g, else
    /// eight side by side where the engine can.
    pub fn powers_of(
        self,
        base: &BigUint,
        exponents: &[&BigUint],
        modulus: &BigUint,
    ) -> Vec<BigUint> {
        if *base == Group::cognito_ref().g && is_cognito(modulus) {
            return self.generator_powers(exponents);
        }
        let powers: Vec<Power<'_>> = exponents
            .iter()
            .map(|exponent| Power { base, exponent })
            .collect();
        self.modpow_batch(&powers, modulus)
    }

    /// `2^exponent mod N` in Cognito's group, from a table.
    ///
    /// The table is built the first time, and only as far as the exponents ask: 1 MiB for 1024 bits, 3 MiB for 3072 bits
    /// (see [`FixedBase`]). Longer exponents go without.
    pub fn generator_power(self, exponent: &BigUint) -> BigUint {
        count(1);
        comb::of_generator(self).power(exponent)
    }

    /// [`generator_power`](Self::generator_power) of many, in their order.
    pub fn generator_powers(self, exponents: &[&BigUint]) -> Vec<BigUint> {
        count(exponents.len());
        comb::of_generator(self).powers(exponents)
    }

    /// A table of powers of a base of one's own modulo Cognito's N, for exponents of up to `most_bits` bits.
    pub fn fixed_base(self, base: &BigUint, most_bits: u64) -> FixedBase {
        FixedBase::new(self, base, most_bits)
    }
}

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Engine {}

/// Counts powers for tests: what hides whether a user exists has to cost as many for nobody as for somebody.
#[cfg(test)]
pub(crate) mod counted {
    use std::cell::Cell;

    thread_local!(static POWERS: Cell<usize> = const { Cell::new(0) });

    /// Adds to the powers of this thread.
    pub(super) fn count(powers: usize) {
        POWERS.set(POWERS.get() + powers);
    }

    /// The powers that this thread has made so far.
    pub(crate) fn powers() -> usize {
        POWERS.get()
    }
}

#[cfg(test)]
use counted::count;

#[cfg(not(test))]
fn count(_: usize) {}

/// `base^exponent mod modulus` by the engine in use.
pub fn modpow(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    Engine::current().modpow(base, exponent, modulus)
}

pub(super) fn is_cognito(modulus: &BigUint) -> bool {
    *modulus == Group::cognito_ref().n
}

/// The least residue, without a division where there is nothing to divide.
pub(super) fn reduced(value: &BigUint, modulus: &BigUint) -> BigUint {
    if value < modulus {
        value.clone()
    } else {
        value % modulus
    }
}

static IN_USE: OnceLock<Engine> = OnceLock::new();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_powers_are_right_and_a_zero_modulus_does_not_panic() {
        let int = |n: u32| BigUint::from(n);
        for engine in Engine::available() {
            let name = engine.name();
            for (base, exponent, modulus, power) in [
                (7, 5, 13, 11),
                (20, 0, 13, 1),
                (20, 3, 1, 0),
                (20, 3, 0, 0),
                (6, 3, 8, 0),
            ] {
                let (base_int, exponent_int) = (int(base), int(exponent));
                assert_eq!(
                    engine.modpow(&base_int, &exponent_int, &int(modulus)),
                    int(power),
                    "{name}: {base}^{exponent} mod {modulus}"
                );
                let alone = Power {
                    base: &base_int,
                    exponent: &exponent_int,
                };
                assert_eq!(
                    engine.modpow_batch(&[alone; 9], &int(modulus)),
                    vec![int(power); 9],
                    "{name}: {base}^{exponent} mod {modulus}, nine side by side"
                );
            }
        }
    }

    #[test]
    fn an_engine_has_one_name_and_no_other() {
        for name in EngineName::ALL {
            assert_eq!(name.as_str().parse(), Ok(name), "{name}");
        }
        assert_eq!(
            "openssl".parse::<EngineName>(),
            Err(EngineError::Unknown {
                got: "openssl".to_owned()
            })
        );
    }
}
