//! Which engines there are, and which one is in use.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use thiserror::Error;

#[cfg(target_arch = "x86_64")]
use super::ifma::Ifma;
use super::portable::Portable;

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
}

impl PartialEq for Engine {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Engine {}

static IN_USE: OnceLock<Engine> = OnceLock::new();

#[cfg(test)]
mod tests {
    use super::*;

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
