//! What a port may get wrong once somebody is signed in, as data.

use super::error::AuthError;

/// The client's decisions about tokens: when they are refreshed, which are kept, and what becomes of them at the end. The
/// default is right.
#[derive(Clone, Copy, Debug)]
pub struct TokenPolicy {
    /// Whether a refresh is due, given the seconds that the access token and the id token have left; `None` for one that
    /// can't be read.
    pub due: fn(Option<i64>, Option<i64>) -> bool,
    /// Whether `forceRefresh` is honoured.
    pub honours_force: bool,
    /// Which refresh token is kept, given the one before and the one that came.
    pub kept_refresh_token: fn(Option<String>, Option<String>) -> Option<String>,
    /// Whether a refresh without id token or access token is refused.
    pub refuses_incomplete: bool,
    /// Whether the tokens that a refresh brought replace the old ones.
    pub keeps_answer: bool,
    /// Whether the tokens are given up when a refresh ends in this error.
    pub gives_up: fn(&AuthError) -> bool,
    /// Whether the application is told that a refresh failed.
    pub tells_failure: bool,
    /// Whether a sign-out everywhere is asked of the service.
    pub signs_out_everywhere: bool,
    /// Whether a sign-out revokes the refresh token.
    pub revokes: bool,
    /// When a sign-out forgets what is kept here.
    pub forgets: Forgets,
}

impl Default for TokenPolicy {
    fn default() -> Self {
        Self {
            due: |access, id| !lasts(access) || !lasts(id),
            honours_force: true,
            // Without rotation none comes, and the old one stays good.
            kept_refresh_token: |before, came| came.or(before),
            refuses_incomplete: true,
            keeps_answer: true,
            gives_up: |_| false,
            tells_failure: true,
            signs_out_everywhere: true,
            revokes: true,
            forgets: Forgets::InAnyCase,
        }
    }
}

/// When a sign-out forgets what is kept here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgets {
    /// Whatever the service says.
    InAnyCase,
    /// Only once the service has agreed.
    OnSuccess,
    /// Never.
    Never,
}

/// Whether a token with so many seconds left is good enough; one that can't be read is not.
pub(crate) fn lasts(left: Option<i64>) -> bool {
    left.is_some_and(|left| left >= LEAST_SECONDS)
}

/// What a token has to be good for still, in seconds (amplify-swift's `AmplifyCredentials+CognitoSession`).
const LEAST_SECONDS: i64 = 120;
