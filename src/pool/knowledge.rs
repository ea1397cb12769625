//! What a pool knows of a request beyond its exchange, for whoever watches.

use std::fmt;

use crate::pool::core::Pool;
use crate::pool::dispatch::Asked;
use crate::wire::Operation;

/// What a pool knows of a request beyond its exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowledge {
    /// Seconds since 1970-01-01T00:00:00Z, by the pool's clock, when it had answered.
    pub at: i64,
    /// Of a request that starts a sign-in, what is behind the names in it.
    pub sign_in: Option<SignInKnowledge>,
}

/// What a pool knows of who signs in, and by which app client.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SignInKnowledge {
    /// The app client's secret, if it has one.
    pub client_secret: Option<String>,
    /// Seconds for which a Session is good.
    pub session_seconds: i64,
    /// The right password; `None` where nobody has the name, or no password.
    pub password: Option<String>,
}

/// Neither secret nor password.
impl fmt::Debug for SignInKnowledge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInKnowledge")
            .field("session_seconds", &self.session_seconds)
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// What it knows of a request that it has just answered.
    pub(in crate::pool) fn knowledge_of(&self, asked: &Asked) -> Knowledge {
        let starts = asked.operation == Operation::InitiateAuth;
        Knowledge {
            at: self.now(),
            sign_in: starts.then(|| self.knowledge_of_sign_in(asked)).flatten(),
        }
    }

    fn knowledge_of_sign_in(&self, asked: &Asked) -> Option<SignInKnowledge> {
        let members = &asked.members;
        let client = self.client(members.get("ClientId")?.as_str()?).ok()?;
        let name = members
            .get("AuthParameters")
            .and_then(|parameters| parameters.get("USERNAME")?.as_str());
        Some(SignInKnowledge {
            client_secret: client.secret,
            session_seconds: 60 * i64::from(client.auth_session_validity),
            password: name
                .and_then(|name| self.directory.find(name))
                .and_then(|account| account.user.password.clone()),
        })
    }
}
