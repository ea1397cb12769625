//! Any port.

use super::capabilities::Description;
use super::reference::ReferencePort;
use super::shim::{ShimError, ShimPort};
use crate::wire::{Call, Reply};

/// A client implementation under test.
#[derive(Debug)]
pub enum Port {
    /// Our own client, right or mutated.
    Reference(Box<ReferencePort>),
    /// A program behind a shim.
    Shim(Box<ShimPort>),
}

impl Port {
    /// Who it is, and what it offers.
    pub fn description(&self) -> &Description {
        match self {
            Self::Reference(port) => port.description(),
            Self::Shim(port) => port.description(),
        }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// When the port's process can't be started any more, or the harness itself broke the shim protocol. Whatever a port
    /// does in a call is its reply.
    pub async fn call(&mut self, call: &Call) -> Result<Reply, ShimError> {
        match self {
            Self::Reference(port) => Ok(port.call(call).await),
            Self::Shim(port) => port.call(call).await,
        }
    }

    /// The end of the port's error output since the last call of this, cut to its newest part.
    pub fn take_stderr(&mut self) -> String {
        match self {
            Self::Reference(_) => String::new(),
            Self::Shim(port) => port.take_stderr(),
        }
    }
}
