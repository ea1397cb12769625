//! What a refresh token stands for, and what becomes of it.
//!
//! There is one for each sign-in until it is the oldest of very many, so each is small, and they stand in one block: what
//! lives that long among what a request needs for a moment would keep the memory of all those requests from being used again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::ledger::{Digest, digest};
use super::undo::{Step, Undo};
use crate::pool::wire::errors::{self, Answer};

/// How long tokens are good, and who may refresh them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshPolicy {
    /// A refresh token has to be one that was given out, to the last digit.
    pub checks_token: bool,
    /// A refresh token that was replaced is refused after the grace period.
    pub refuses_replaced: bool,
    /// A refresh token that was revoked is refused.
    pub refuses_revoked: bool,
    /// A client with a secret has to show it.
    pub demands_secret: bool,
    /// When a refresh brings a new refresh token.
    pub brings: BringsRefreshToken,
    /// `auth_time` and `origin_jti` survive a refresh.
    pub keeps_origin: bool,
    /// Id and access token live as long as the app client says.
    pub lifetimes: bool,
    /// The access tokens of a sign-in that was revoked are refused.
    pub ends_access: bool,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            checks_token: true,
            refuses_replaced: true,
            refuses_revoked: true,
            demands_secret: true,
            brings: BringsRefreshToken::ByRotation,
            keeps_origin: true,
            lifetimes: true,
            ends_access: true,
        }
    }
}

/// When a refresh brings a new refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BringsRefreshToken {
    /// Where they rotate: right.
    ByRotation,
    /// Always: where they don't rotate, the same one again.
    Always,
    /// Never.
    Never,
}

/// A sign-in that can be refreshed.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Grant {
    /// Who signed in, by which client, on which device.
    pub(in crate::pool) holder: Arc<Holder>,
    /// `auth_time`, which survives refresh.
    pub(in crate::pool) auth_time: i64,
    /// After which second the refresh token is too old.
    expires: i64,
    /// Whether it was revoked by itself.
    revoked: bool,
    /// What stands for its `origin_jti`.
    key: Digest,
    /// The refresh token.
    token: Digest,
    /// The refresh tokens before it, and after which second each is no good any more, the latest last.
    replaced: Vec<(Digest, i64)>,
}

/// Whose a grant is. All grants of the same share one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::pool) struct Holder {
    /// The user, by the internal name.
    pub(in crate::pool) username: String,
    /// The app client.
    pub(in crate::pool) client: String,
    /// The device, where devices are tracked.
    pub(in crate::pool) device: Option<String>,
}

/// How a refresh token stands to its grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is the latest one, or one that was replaced just now.
    Good,
    /// It was replaced longer ago than the grace period.
    Replaced,
}

/// Grants by `origin_jti`, for which a digest stands, the oldest forgotten when there are too many.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Grants {
    policy: RefreshPolicy,
    /// The oldest first.
    grants: VecDeque<Grant>,
    /// Where each stands, counted from the first that there ever was.
    places: BTreeMap<Digest, usize>,
    /// How many of the oldest were forgotten.
    forgotten: usize,
    /// How many grants each holder has.
    holders: BTreeMap<Arc<Holder>, usize>,
    /// Up to which place everything of a user is revoked, of users who have grants.
    revoked_before: BTreeMap<String, usize>,
    /// What was done, while it is written down.
    changes: Option<Vec<Change>>,
}

/// A change of the grants.
#[derive(Clone, Debug)]
enum Change {
    /// One more at the end.
    Added,
    /// The first is gone, which was this.
    Forgotten(Box<Grant>),
    /// At this place there was this one.
    Replaced(usize, Box<Grant>),
    /// Of this user, everything before this place was revoked.
    RevokedAll(String, Option<usize>),
}

impl Grant {
    /// How this text stands to the grant; `None` where it has nothing to do with it.
    fn standing(&self, token: &str, now: i64) -> Option<Standing> {
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
}

impl Grants {
    /// Nobody has signed in yet.
    pub(in crate::pool) fn new(policy: RefreshPolicy) -> Self {
        Self {
            policy,
            grants: VecDeque::new(),
            places: BTreeMap::new(),
            forgotten: 0,
            holders: BTreeMap::new(),
            revoked_before: BTreeMap::new(),
            changes: None,
        }
    }

    /// What is decided about them.
    pub(in crate::pool) fn policy(&self) -> &RefreshPolicy {
        &self.policy
    }

    /// Adds the grant of a sign-in at `auth_time`, whose refresh token is `token` and good until `expires`.
    pub(in crate::pool) fn add(
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
        let grant = Grant {
            holder: match self.holders.get_key_value(&holder) {
                Some((known, _)) => Arc::clone(known),
                None => Arc::new(holder),
            },
            auth_time,
            expires,
            revoked: false,
            key: digest(origin_jti),
            token: digest(token),
            replaced: Vec::new(),
        };
        let place = self.next_place();
        self.count(&grant, place);
        self.grants.push_back(grant);
        self.note(|| Change::Added);
    }

    /// The grant behind a refresh token that this client may use at the second `now`, as far as grants know.
    pub(in crate::pool) fn refreshable(
        &self,
        origin_jti: &str,
        client: &str,
        token: &str,
        now: i64,
    ) -> Answer<Grant> {
        let (place, grant) = self
            .find(origin_jti)
            .filter(|(_, grant)| grant.holder.client == client)
            .ok_or_else(errors::invalid_refresh_token)?;
        let policy = &self.policy;
        let standing = grant
            .standing(token, now)
            .or((!policy.checks_token).then_some(Standing::Good))
            .ok_or_else(errors::invalid_refresh_token)?;
        if self.has_revoked(place, grant) && policy.refuses_revoked {
            return Err(errors::revoked_refresh_token());
        }
        if standing == Standing::Replaced && policy.refuses_replaced {
            return Err(errors::reused_refresh_token());
        }
        if now > grant.expires {
            return Err(errors::expired_refresh_token());
        }
        Ok(grant.clone())
    }

    /// Whether the access tokens of a sign-in are refused, since it was revoked, or is forgotten.
    pub(in crate::pool) fn ends_access(&self, origin_jti: &str) -> bool {
        let found = self.find(origin_jti);
        self.policy.ends_access && found.is_none_or(|(place, grant)| self.has_revoked(place, grant))
    }

    /// Takes another refresh token; the one before is good until the second `until`, in which it still is.
    pub(in crate::pool) fn rotate(&mut self, origin_jti: &str, token: &str, until: i64) {
        self.change(origin_jti, |grant| {
            if grant.replaced.len() >= MOST_REPLACED {
                grant.replaced.remove(0);
            }
            grant.replaced.push((grant.token, until));
            grant.token = digest(token);
        });
    }

    /// Revokes the sign-in of a refresh token, if it is one of this client's.
    pub(in crate::pool) fn revoke(
        &mut self,
        origin_jti: &str,
        client: &str,
        token: &str,
        now: i64,
    ) {
        let is_its = self.find(origin_jti).is_some_and(|(_, grant)| {
            grant.holder.client == client && grant.standing(token, now).is_some()
        });
        if is_its {
            self.change(origin_jti, |grant| grant.revoked = true);
        }
    }

    /// Revokes everything of a user that there is so far.
    pub(in crate::pool) fn revoke_all(&mut self, username: &str) {
        if self.holds_any(username) {
            let place = self.next_place();
            let before = self.revoked_before.insert(username.to_owned(), place);
            self.note(|| Change::RevokedAll(username.to_owned(), before));
        }
    }

    fn find(&self, origin_jti: &str) -> Option<(usize, &Grant)> {
        let place = *self.places.get(&digest(origin_jti))?;
        let grant = self.grants.get(place.checked_sub(self.forgotten)?)?;
        Some((place, grant))
    }

    fn has_revoked(&self, place: usize, grant: &Grant) -> bool {
        let before = self.revoked_before.get(&grant.holder.username);
        grant.revoked || before.is_some_and(|before| place < *before)
    }

    fn change(&mut self, origin_jti: &str, change: impl FnOnce(&mut Grant)) {
        let Some((place, grant)) = self.find(origin_jti) else {
            return;
        };
        let before = self.changes.is_some().then(|| Box::new(grant.clone()));
        if let Some(grant) = self.grants.get_mut(place - self.forgotten) {
            change(grant);
        }
        if let Some(before) = before {
            self.note(|| Change::Replaced(place, before));
        }
    }

    fn forget_oldest(&mut self) {
        let Some(grant) = self.grants.pop_front() else {
            return;
        };
        self.uncount(&grant);
        self.forgotten += 1;
        self.note(|| Change::Forgotten(Box::new(grant)));
    }

    fn next_place(&self) -> usize {
        self.forgotten + self.grants.len()
    }

    fn count(&mut self, grant: &Grant, place: usize) {
        *self.holders.entry(Arc::clone(&grant.holder)).or_default() += 1;
        self.places.insert(grant.key, place);
    }

    fn uncount(&mut self, grant: &Grant) {
        self.places.remove(&grant.key);
        if let Some(count) = self.holders.get_mut(&grant.holder) {
            *count -= 1;
            if *count == 0 {
                self.holders.remove(&grant.holder);
            }
        }
        let username = &grant.holder.username;
        if !self.holds_any(username)
            && let Some(before) = self.revoked_before.remove(username)
        {
            self.note(|| Change::RevokedAll(username.clone(), Some(before)));
        }
    }

    /// Whether a user has a grant.
    fn holds_any(&self, username: &str) -> bool {
        let first = Holder {
            username: username.to_owned(),
            client: String::new(),
            device: None,
        };
        let mut holders = self.holders.range::<Holder, _>(&first..);
        holders
            .next()
            .is_some_and(|(holder, _)| holder.username == username)
    }

    fn note(&mut self, change: impl FnOnce() -> Change) {
        if let Some(changes) = &mut self.changes {
            changes.push(change());
        }
    }
}

impl Undo for Grants {
    fn undo(&mut self, step: Step) {
        let changes = match step {
            Step::Begin => self.changes.replace(Vec::new()),
            Step::Keep | Step::TakeBack => self.changes.take(),
        };
        if step != Step::TakeBack {
            return;
        }
        for change in changes.into_iter().flatten().rev() {
            match change {
                Change::Added => {
                    if let Some(grant) = self.grants.pop_back() {
                        self.uncount(&grant);
                    }
                }
                Change::Forgotten(grant) => {
                    self.forgotten -= 1;
                    self.count(&grant, self.forgotten);
                    self.grants.push_front(*grant);
                }
                Change::Replaced(place, before) => {
                    if let Some(grant) = self.grants.get_mut(place - self.forgotten) {
                        *grant = *before;
                    }
                }
                Change::RevokedAll(username, Some(before)) => {
                    self.revoked_before.insert(username, before);
                }
                Change::RevokedAll(username, None) => {
                    self.revoked_before.remove(&username);
                }
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

    fn grants() -> Grants {
        Grants::new(RefreshPolicy::default())
    }

    /// Whether the sign-in of this `origin_jti` can be refreshed at second 0.
    fn is_good(grants: &Grants, origin_jti: &str) -> bool {
        let found = grants.refreshable(origin_jti, "client", "token", 0);
        found.is_ok()
    }

    #[test]
    fn grants_and_their_holders_do_not_grow_without_end() {
        let mut grants = grants();
        grants.add("first", holder("ada"), 0, 1, "token");
        grants.revoke_all("ada");
        for n in 0..MOST_GRANTS {
            grants.add(&n.to_string(), holder("bob"), 0, 1, "token");
        }
        assert!(grants.find("first").is_none(), "the oldest is forgotten");
        assert!(is_good(&grants, "0"), "the next is kept");
        assert_eq!(grants.grants.len(), MOST_GRANTS, "grants");
        assert_eq!(grants.places.len(), MOST_GRANTS, "their places");
        let last = (MOST_GRANTS - 1).to_string();
        let latest = grants.find(&last).map(|(_, grant)| grant.key);
        assert_eq!(latest, Some(digest(&last)), "the latest is found");
        assert_eq!(grants.holders.len(), 1, "holders: nobody holds ada's");
        assert_eq!(
            grants.revoked_before.len(),
            0,
            "users who signed out: ada is forgotten"
        );
    }

    #[test]
    fn everything_of_a_user_is_revoked_and_nothing_of_another_or_of_later() {
        let mut grants = grants();
        for (at, username) in ["ada", "bob", "ada"].into_iter().enumerate() {
            grants.add(&at.to_string(), holder(username), 0, 1, "token");
        }
        grants.revoke_all("ada");
        grants.add("3", holder("ada"), 0, 1, "token");
        let good = ["0", "1", "2", "3"].map(|key| is_good(&grants, key));
        assert_eq!(good, [false, true, false, true], "good");
        let ended = ["0", "1", "2", "3"].map(|key| grants.ends_access(key));
        assert_eq!(ended, [true, false, true, false], "access ended");
    }

    #[test]
    fn a_token_that_was_replaced_is_good_for_its_grace_and_no_longer() {
        let mut grants = grants();
        grants.add("jti", holder("ada"), 0, 100, "token");
        grants.rotate("jti", "second", 10);
        let found = |grants: &Grants, token: &str, now| {
            let found = grants.refreshable("jti", "client", token, now);
            found.map(|_| ()).map_err(|error| error.message)
        };
        let reused = Err(errors::reused_refresh_token().message);
        assert_eq!(found(&grants, "token", 10), Ok(()), "in its grace");
        assert_eq!(found(&grants, "token", 11), reused, "after its grace");
        assert_eq!(found(&grants, "second", 11), Ok(()), "the latest");
    }

    #[test]
    fn whatever_was_done_can_be_taken_back() {
        let mut grants = grants();
        grants.add("0", holder("ada"), 0, 1, "token");
        grants.add("1", holder("bob"), 0, 1, "token");
        let before = format!("{grants:?}");
        grants.undo(Step::Begin);
        grants.rotate("1", "another", 5);
        grants.revoke_all("bob");
        grants.forget_oldest();
        grants.add("2", holder("eve"), 0, 1, "token");
        grants.revoke_all("eve");
        grants.revoke("2", "client", "token", 0);
        let good = ["0", "1", "2"].map(|key| is_good(&grants, key));
        assert_eq!(good, [false; 3], "meanwhile none is good");
        grants.undo(Step::TakeBack);
        let good = ["0", "1", "2"].map(|key| is_good(&grants, key));
        assert_eq!(good, [true, true, false], "taken back");
        assert_eq!(
            format!("{grants:?}").len(),
            before.len(),
            "nothing is left over"
        );
    }
}
