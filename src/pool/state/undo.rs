//! What a request has changed, taken back.
//!
//! A request may have to wait for a function outside of this program. It is then answered once more, from the beginning, when
//! the function has spoken, and others are served meanwhile: the pool has to be as it was. What changed is written down and
//! put back, so that this costs as much as the request touched, however many users there are.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::RangeBounds;

/// State whose changes can be taken back.
pub(in crate::pool) trait Undo {
    /// Takes this step.
    fn undo(&mut self, step: Step);
}

/// What is to be done about changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pool) enum Step {
    /// From here on they are written down.
    Begin,
    /// They stay.
    Keep,
    /// Everything is as it was at the beginning.
    TakeBack,
}

/// A map whose changes can be taken back.
#[derive(Clone, Debug)]
pub(in crate::pool) struct UndoMap<K, V> {
    entries: BTreeMap<K, V>,
    /// What was there before each change, the first change first, while changes are written down.
    before: Option<Vec<(K, Option<V>)>>,
}

impl<K, V> Default for UndoMap<K, V> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            before: None,
        }
    }
}

impl<K: Ord + Clone, V: Clone> UndoMap<K, V> {
    /// What stands under a key.
    pub(in crate::pool) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.entries.get(key)
    }

    /// As [`get`](Self::get), to change it.
    pub(in crate::pool) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        if let Some(before) = &mut self.before {
            let (key, value) = self.entries.get_key_value(key)?;
            before.push((key.clone(), Some(value.clone())));
        }
        self.entries.get_mut(key)
    }

    /// Whether something stands under a key.
    pub(in crate::pool) fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.entries.contains_key(key)
    }

    /// Puts a value under a key, and returns the one that was there.
    pub(in crate::pool) fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(before) = &mut self.before {
            before.push((key.clone(), self.entries.get(&key).cloned()));
        }
        self.entries.insert(key, value)
    }

    /// Removes what stands under a key.
    pub(in crate::pool) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let (key, value) = self.entries.remove_entry(key)?;
        if let Some(before) = &mut self.before {
            before.push((key, Some(value.clone())));
        }
        Some(value)
    }

    /// How many entries there are.
    pub(in crate::pool) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All keys and values, in the order of the keys.
    pub(in crate::pool) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.iter()
    }

    /// Keys within bounds and their values, in order.
    pub(in crate::pool) fn range<Q>(
        &self,
        bounds: impl RangeBounds<Q>,
    ) -> impl DoubleEndedIterator<Item = (&K, &V)>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.entries.range(bounds)
    }
}

impl<K: Ord + Clone, V: Clone> Undo for UndoMap<K, V> {
    fn undo(&mut self, step: Step) {
        let before = match step {
            Step::Begin => self.before.replace(Vec::new()),
            Step::Keep | Step::TakeBack => self.before.take(),
        };
        if step != Step::TakeBack {
            return;
        }
        for (key, value) in before.into_iter().flatten().rev() {
            match value {
                Some(value) => self.entries.insert(key, value),
                None => self.entries.remove(&key),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> UndoMap<&'static str, u8> {
        let mut map = UndoMap::default();
        map.insert("a", 1);
        map.insert("b", 2);
        map
    }

    #[test]
    fn everything_that_was_changed_can_be_taken_back() {
        let mut changed = map();
        changed.undo(Step::Begin);
        assert_eq!(changed.insert("a", 3), Some(1), "another value");
        *changed.get_mut("a").expect("it is there") += 1;
        assert_eq!(changed.insert("c", 5), None, "a new key");
        assert_eq!(changed.remove("b"), Some(2), "a key that is gone");
        assert_eq!(changed.remove("b"), None, "gone already");
        assert_eq!(changed.insert("b", 6), None, "and is there again");
        let entries: Vec<_> = changed.iter().map(|(key, value)| (*key, *value)).collect();
        assert_eq!(entries, [("a", 4), ("b", 6), ("c", 5)], "meanwhile");
        changed.undo(Step::TakeBack);
        assert_eq!(changed.entries, map().entries, "taken back");
    }

    #[test]
    fn what_is_kept_cannot_be_taken_back() {
        let mut changed = map();
        changed.undo(Step::Begin);
        changed.insert("a", 3);
        changed.undo(Step::Keep);
        changed.undo(Step::TakeBack);
        assert_eq!(changed.get("a"), Some(&3), "kept");
        changed.insert("a", 4);
        changed.undo(Step::TakeBack);
        assert_eq!(changed.get("a"), Some(&4), "not written down");
    }
}
