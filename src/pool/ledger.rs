//! What the pool has handed out and may be shown again: Sessions and secret blocks.

use std::collections::{HashMap, VecDeque};

use sha2::{Digest as _, Sha256};

/// Entries by the text that clients show, the oldest forgotten when its time is over or there are too many. The texts
/// themselves are long and are not kept: a digest stands for each.
#[derive(Clone, Debug)]
pub(super) struct Ledger<T> {
    entries: HashMap<Digest, Entry<T>>,
    /// The oldest first, with the second after which nobody can tell an entry from one that was never there.
    order: VecDeque<(Digest, i64)>,
}

/// What stands for a text: the first half of its SHA-256, which nobody can find a second text for.
pub(super) type Digest = [u8; 16];

/// The digest of a text.
pub(super) fn digest(text: &str) -> Digest {
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    digest
}

/// An entry, and what became of it.
#[derive(Clone, Debug)]
pub(super) enum Entry<T> {
    /// Good. Apart, so that what is used up takes no room.
    Live(Box<T>),
    /// Answered.
    Used,
    /// Spoilt by an error.
    Void,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<T> Ledger<T> {
    /// Adds an entry at the second `now`, which may be forgotten after the second `until`.
    pub(super) fn add(&mut self, text: &str, value: T, now: i64, until: i64) -> Digest {
        let text = digest(text);
        while let Some((oldest, until)) = self.order.front()
            && (*until < now || self.order.len() >= MOST_ENTRIES)
        {
            self.entries.remove(oldest);
            self.order.pop_front();
        }
        self.order.push_back((text, until));
        self.entries.insert(text, Entry::Live(Box::new(value)));
        text
    }

    /// The entry of this text.
    pub(super) fn get(&self, text: &str) -> Option<&Entry<T>> {
        self.entries.get(&digest(text))
    }

    /// Marks an entry as answered.
    pub(super) fn mark_used(&mut self, text: &str) {
        self.mark(text, Entry::Used);
    }

    /// Marks an entry as spoilt.
    pub(super) fn mark_void(&mut self, text: &str) {
        self.mark(text, Entry::Void);
    }

    fn mark(&mut self, text: &str, state: Entry<T>) {
        if let Some(entry) = self.entries.get_mut(&digest(text)) {
            *entry = state;
        }
    }
}

/// More than the sign-ins that can be under way within the life of a Session.
const MOST_ENTRIES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_does_not_grow_without_end() {
        let mut ledger = Ledger::default();
        for n in 0..=MOST_ENTRIES {
            ledger.add(&n.to_string(), n, 0, i64::MAX);
        }
        assert!(ledger.get("0").is_none(), "the oldest is forgotten");
        assert!(
            matches!(ledger.get("1"), Some(Entry::Live(one)) if **one == 1),
            "the next is kept"
        );
        assert_eq!(ledger.entries.len(), MOST_ENTRIES, "entries");
    }

    #[test]
    fn an_entry_whose_time_is_over_makes_room() {
        let mut ledger = Ledger::default();
        ledger.add("a", 'a', 0, 10);
        ledger.add("b", 'b', 5, 15);
        ledger.add("c", 'c', 10, 20);
        assert!(ledger.get("a").is_some(), "in its last second");
        ledger.add("d", 'd', 11, 21);
        assert!(ledger.get("a").is_none(), "a second later");
        assert!(ledger.get("b").is_some(), "the next has time left");
        assert_eq!(ledger.entries.len(), 3, "entries");
    }
}
