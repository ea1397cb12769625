//! What a refresh token stands for, and what becomes of it.

use std::collections::{BTreeMap, VecDeque};

use super::ledger::{Digest, digest};

/// A sign-in that can be refreshed.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// Whose.
    pub(super) username: String,
    /// By which client.
    pub(super) client: String,
    /// On which device, where devices are tracked.
    pub(super) device: Option<String>,
    /// `auth_time`, which survives refresh.
    pub(super) auth_time: i64,
    /// After which second the refresh token is too old.
    pub(super) expires: i64,
    /// Whether it was revoked, or the user signed out everywhere.
    pub(super) revoked: bool,
    /// The refresh token.
    token: Digest,
    /// The refresh tokens before it, and after which second each is no good any more, the latest last.
    replaced: VecDeque<(Digest, i64)>,
}

/// How a refresh token stands to its grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the latest one, or one that was replaced just now.
    Good,
    /// It was replaced longer ago than the grace period.
    Replaced,
}

/// Grants by `origin_jti`, the oldest forgotten when there are too many.
#[derive(Clone, Debug, Default)]
pub(super) struct Grants {
    grants: BTreeMap<String, Grant>,
    order: VecDeque<String>,
}

impl Grant {
    /// A grant whose refresh token is this text.
    pub(super) fn new(
        username: String,
        client: String,
        device: Option<String>,
        auth_time: i64,
        expires: i64,
        token: &str,
    ) -> Self {
        Self {
            username,
            client,
            device,
            auth_time,
            expires,
            revoked: false,
            token: digest(token),
            replaced: VecDeque::new(),
        }
    }

    /// How this text stands to the grant; `None` where it has nothing to do with it.
    pub(super) fn standing(&self, token: &str, now: i64) -> Option<Standing> {
        let token = digest(token);
        if token == self.token {
            return Some(Standing::Good);
        }
        let (_, until) = self.replaced.iter().find(|(before, _)| *before == token)?;
        Some(if now <= *until {
            Standing::Good
        } else {
            Standing::Replaced
        })
    }

    /// Takes another refresh token; the one before is good until `until`.
    pub(super) fn rotate(&mut self, token: &str, until: i64) {
        if self.replaced.len() >= MOST_REPLACED {
            self.replaced.pop_front();
        }
        self.replaced.push_back((self.token, until));
        self.token = digest(token);
    }
}

impl Grants {
    /// Adds a grant.
    pub(super) fn add(&mut self, origin_jti: String, grant: Grant) {
        if self.order.len() >= MOST_GRANTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.grants.remove(&oldest);
        }
        self.order.push_back(origin_jti.clone());
        self.grants.insert(origin_jti, grant);
    }

    /// The grant of this `origin_jti`.
    pub(super) fn get(&self, origin_jti: &str) -> Option<&Grant> {
        self.grants.get(origin_jti)
    }

    /// As [`get`](Self::get), to change it.
    pub(super) fn get_mut(&mut self, origin_jti: &str) -> Option<&mut Grant> {
        self.grants.get_mut(origin_jti)
    }

    /// Revokes everything of a user.
    pub(super) fn revoke_all(&mut self, username: &str) {
        for grant in self.grants.values_mut() {
            if grant.username == username {
                grant.revoked = true;
            }
        }
    }
}

/// An older one is as good as unknown.
const MOST_REPLACED: usize = 16;
/// A day of sign-ins at one a second.
const MOST_GRANTS: usize = 100_000;
