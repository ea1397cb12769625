//! Which devices this client was given, and by which names their users are known.

use std::collections::BTreeMap;
use std::fmt;

/// A device as its client keeps it. It holds the device's password, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceRecord {
    /// `DeviceKey`.
    pub key: String,
    /// `DeviceGroupKey`, which comes only once.
    pub group_key: String,
    /// The password that this client chose for it.
    pub password: String,
}

/// The devices of everybody who ever signed in, by pool and internal user name, and the names that lead there.
///
/// A sign-in begins with a typed name and learns the internal one on its way, or only from the access token. So both lead to
/// the device: an alias that was used before does from the first request on, and one that was not does as soon as the
/// service names the user (aws-amplify/amplify-swift#2694). Devices of two users never mix (aws-amplify/amplify-js#12209).
#[derive(Clone, Default)]
pub struct DeviceStore {
    records: BTreeMap<Place, DeviceRecord>,
    owners: BTreeMap<Place, String>,
}

/// A pool's id and a name.
type Place = (String, String);

impl DeviceStore {
    /// The device of whom `name` stands for.
    pub fn find(&self, pool: &str, name: &str) -> Option<&DeviceRecord> {
        self.records.get(&place(pool, self.owner(pool, name)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Keeps a device, in place of the one that its owner had.
    pub fn keep(&mut self, pool: &str, owner: &str, record: DeviceRecord) {
        self.records.insert(place(pool, owner), record);
    }

    /// Makes a name lead to an owner.
    pub fn link(&mut self, pool: &str, name: &str, owner: &str) {
        if name == owner {
            self.owners.remove(&place(pool, name));
        } else {
            self.owners.insert(place(pool, name), owner.to_owned());
        }
    }

    /// Makes a name lead nowhere but to itself.
    pub(super) fn unlink(&mut self, pool: &str, name: &str) {
        self.owners.remove(&place(pool, name));
    }

    /// Forgets the device of whom `name` stands for, if it is this one.
    pub(super) fn forget(&mut self, pool: &str, name: &str, key: &str) {
        let place = place(pool, self.owner(pool, name));
        if self
            .records
            .get(&place)
            .is_some_and(|record| record.key == key)
        {
            self.records.remove(&place);
        }
    }

    fn owner<'a>(&'a self, pool: &str, name: &'a str) -> &'a str {
        self.owners
            .get(&place(pool, name))
            .map_or(name, String::as_str)
    }
}

impl fmt::Debug for DeviceStore {
    /// How many there are: everything else is secret or a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceStore")
            .field("devices", &self.records.len())
            .finish_non_exhaustive()
    }
}

fn place(pool: &str, name: &str) -> Place {
    (pool.to_owned(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(key: &str) -> DeviceRecord {
        DeviceRecord {
            key: key.to_owned(),
            group_key: "-group".to_owned(),
            password: "password".to_owned(),
        }
    }

    fn found(store: &DeviceStore, pool: &str, name: &str) -> Option<String> {
        store.find(pool, name).map(|record| record.key.clone())
    }

    #[test]
    fn every_name_of_a_user_leads_to_the_same_device() {
        let mut store = DeviceStore::default();
        store.keep("p", "alice", device("1"));
        assert_eq!(found(&store, "p", "a@b"), None, "a name that is not known");
        store.link("p", "a@b", "alice");
        assert_eq!(found(&store, "p", "a@b").as_deref(), Some("1"), "alias");
        assert_eq!(found(&store, "p", "alice").as_deref(), Some("1"), "name");
        assert_eq!(found(&store, "q", "alice"), None, "another pool");
        store.keep("p", "alice", device("2"));
        assert_eq!(found(&store, "p", "a@b").as_deref(), Some("2"), "replaced");
    }

    #[test]
    fn an_alias_that_changes_hands_takes_no_device_along() {
        let mut store = DeviceStore::default();
        store.keep("p", "alice", device("1"));
        store.link("p", "a@b", "alice");
        store.link("p", "a@b", "bob");
        assert_eq!(found(&store, "p", "a@b"), None, "Bob has none");
        assert_eq!(found(&store, "p", "alice").as_deref(), Some("1"), "Alice");
        store.unlink("p", "a@b");
        assert_eq!(found(&store, "p", "a@b"), None, "nobody's name");
    }

    #[test]
    fn only_the_device_that_is_named_is_forgotten() {
        let mut store = DeviceStore::default();
        store.keep("p", "alice", device("1"));
        store.link("p", "a@b", "alice");
        store.forget("p", "a@b", "another");
        assert_eq!(store.len(), 1, "another key");
        store.forget("p", "a@b", "1");
        assert!(store.is_empty(), "this key, by an alias");
    }
}
