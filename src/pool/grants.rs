//! What a refresh token stands for, and what becomes of it.
//!
//! There is one for each sign-in until it is the oldest of very many, so each is small, and they stand in one block: what
//! lives that long among what a request needs for a moment would keep the memory of all those requests from being used again.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::ledger::{Digest, digest};

/// A sign-in that can be refreshed.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// Who signed in, by which client, on which device.
    pub(super) holder: Arc<Holder>,
    /// `auth_time`, which survives refresh.
    pub(super) auth_time: i64,
    /// After which second the refresh token is too old.
    pub(super) expires: i64,
    /// Whether it was revoked, or the user signed out everywhere.
    pub(super) revoked: bool,
    /// What stands for its `origin_jti`.
    key: Digest,
    /// The refresh token.
    token: Digest,
    /// The refresh tokens before it, and after which second each is no good any more, the latest last.
    replaced: Vec<(Digest, i64)>,
}

/// Whose a grant is. All grants of the same share one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Holder {
    /// The user, by the internal name.
    pub(super) username: String,
    /// The app client.
    pub(super) client: String,
    /// The device, where devices are tracked.
    pub(super) device: Option<String>,
}

/// How a refresh token stands to its grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the latest one, or one that was replaced just now.
    Good,
    /// It was replaced longer ago than the grace period.
    Replaced,
}

/// Grants by `origin_jti`, for which a digest stands, the oldest forgotten when there are too many.
#[derive(Clone, Debug, Default)]
pub(super) struct Grants {
    /// The oldest first.
    grants: VecDeque<Grant>,
    /// Where each stands, counted from the first that there ever was.
    places: HashMap<Digest, usize>,
    /// How many of the oldest were forgotten.
    forgotten: usize,
    /// How many grants each holder has.
    holders: BTreeMap<Arc<Holder>, usize>,
}

impl Grant {
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
            self.replaced.remove(0);
        }
        self.replaced.push((self.token, until));
        self.token = digest(token);
    }
}

impl Grants {
    /// Adds the grant of a sign-in at `auth_time`, whose refresh token is `token` and good until `expires`.
    pub(super) fn add(
        &mut self,
        origin_jti: &str,
        holder: Holder,
        auth_time: i64,
        expires: i64,
        token: &str,
    ) {
        if self.grants.len() >= MOST_GRANTS {
            self.forget_oldest();
        }
        let holder = match self.holders.get_key_value(&holder) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::new(holder),
        };
        *self.holders.entry(Arc::clone(&holder)).or_default() += 1;
        let key = digest(origin_jti);
        self.places.insert(key, self.forgotten + self.grants.len());
        self.grants.push_back(Grant {
            holder,
            auth_time,
            expires,
            revoked: false,
            key,
            token: digest(token),
            replaced: Vec::new(),
        });
    }

    /// The grant of this `origin_jti`.
    pub(super) fn get(&self, origin_jti: &str) -> Option<&Grant> {
        self.grants.get(self.place(origin_jti)?)
    }

    /// As [`get`](Self::get), to change it.
    pub(super) fn get_mut(&mut self, origin_jti: &str) -> Option<&mut Grant> {
        let place = self.place(origin_jti)?;
        self.grants.get_mut(place)
    }

    /// Revokes everything of a user.
    pub(super) fn revoke_all(&mut self, username: &str) {
        for grant in &mut self.grants {
            if grant.holder.username == username {
                grant.revoked = true;
            }
        }
    }

    fn place(&self, origin_jti: &str) -> Option<usize> {
        let place = self.places.get(&digest(origin_jti))?;
        place.checked_sub(self.forgotten)
    }

    fn forget_oldest(&mut self) {
        let Some(grant) = self.grants.pop_front() else {
            return;
        };
        self.places.remove(&grant.key);
        self.forgotten += 1;
        if let Some(count) = self.holders.get_mut(&grant.holder) {
            *count -= 1;
            if *count == 0 {
                self.holders.remove(&grant.holder);
            }
        }
    }
}

/// An older one is as good as unknown.
const MOST_REPLACED: usize = 16;
/// A day of sign-ins at one a second.
const MOST_GRANTS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(username: &str) -> Holder {
        Holder {
            username: username.to_owned(),
            client: "client".to_owned(),
            device: None,
        }
    }

    #[test]
    fn grants_and_their_holders_do_not_grow_without_end() {
        let mut grants = Grants::default();
        grants.add("first", holder("ada"), 0, 1, "token");
        for n in 0..MOST_GRANTS {
            grants.add(&n.to_string(), holder("bob"), 0, 1, "token");
        }
        assert!(grants.get("first").is_none(), "the oldest is forgotten");
        assert!(grants.get("0").is_some(), "the next is kept");
        assert_eq!(grants.grants.len(), MOST_GRANTS, "grants");
        assert_eq!(grants.places.len(), MOST_GRANTS, "their places");
        let last = (MOST_GRANTS - 1).to_string();
        let latest = grants.get(&last).map(|grant| grant.key);
        assert_eq!(latest, Some(digest(&last)), "the latest is found");
        assert_eq!(grants.holders.len(), 1, "holders: nobody holds ada's");
    }

    #[test]
    fn everything_of_a_user_is_revoked_and_nothing_of_another() {
        let mut grants = Grants::default();
        for (at, username) in ["ada", "bob", "ada"].into_iter().enumerate() {
            grants.add(&at.to_string(), holder(username), 0, 1, "token");
        }
        grants.revoke_all("ada");
        let revoked = ["0", "1", "2"].map(|key| grants.get(key).is_some_and(|g| g.revoked));
        assert_eq!(revoked, [true, false, true], "revoked");
    }
}
