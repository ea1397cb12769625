//! What the pool has handed out and may be shown again: Sessions and secret blocks.

use std::collections::VecDeque;

use sha2::{Digest as _, Sha256};

use super::undo::{Step, Undo, UndoMap};

/// Entries by the text that clients show, the oldest forgotten when its time is over or there are too many. The texts
/// themselves are long and are not kept: a digest stands for each.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Ledger<T> {
    entries: UndoMap<Digest, Entry<T>>,
    /// The oldest first, with the second after which nobody can tell an entry from one that was never there.
    order: VecDeque<(Digest, i64)>,
    /// What was done to the order, while it is written down.
    moves: Option<Vec<Move>>,
}

/// What stands for a text: the first half of its SHA-256, which nobody can find a second text for.
pub(in crate::pool) type Digest = [u8; 16];

/// The digest of a text.
pub(in crate::pool) fn digest(text: &str) -> Digest {
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    digest
}

/// An entry, and what became of it.
#[derive(Clone, Debug)]
pub(in crate::pool) enum Entry<T> {
    /// Good. Apart, so that what is used up takes no room.
    Live(Box<T>),
    /// Answered.
    Used,
    /// Spoilt by an error.
    Void,
}

/// A change of the order.
#[derive(Clone, Copy, Debug)]
enum Move {
    /// One more at the end.
    Added,
    /// The first is gone, which was this.
    Forgotten(Digest, i64),
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self {
            entries: UndoMap::default(),
            order: VecDeque::new(),
            moves: None,
        }
    }
}

impl<T: Clone> Ledger<T> {
    /// Adds an entry at the second `now`, which may be forgotten after the second `until`.
    pub(in crate::pool) fn add(&mut self, text: &str, value: T, now: i64, until: i64) -> Digest {
        let text = digest(text);
        while let Some((oldest, until)) = self.order.front().copied()
            && (until < now || self.order.len() >= MOST_ENTRIES)
        {
            self.entries.remove(&oldest);
            self.order.pop_front();
            self.note(Move::Forgotten(oldest, until));
        }
        self.order.push_back((text, until));
        self.note(Move::Added);
        self.entries.insert(text, Entry::Live(Box::new(value)));
        text
    }

    /// The entry of this text.
    pub(in crate::pool) fn get(&self, text: &str) -> Option<&Entry<T>> {
        self.entries.get(&digest(text))
    }

    /// Marks an entry as answered.
    pub(in crate::pool) fn mark_used(&mut self, text: &str) {
        self.mark(text, Entry::Used);
    }

    /// Marks an entry as spoilt.
    pub(in crate::pool) fn mark_void(&mut self, text: &str) {
        self.mark(text, Entry::Void);
    }

    fn mark(&mut self, text: &str, state: Entry<T>) {
        let text = digest(text);
        if self.entries.contains_key(&text) {
            self.entries.insert(text, state);
        }
    }

    fn note(&mut self, change: Move) {
        if let Some(moves) = &mut self.moves {
            moves.push(change);
        }
    }
}

impl<T: Clone> Undo for Ledger<T> {
    fn undo(&mut self, step: Step) {
        self.entries.undo(step);
        let moves = match step {
            Step::Begin => self.moves.replace(Vec::new()),
            Step::Keep | Step::TakeBack => self.moves.take(),
        };
        if step != Step::TakeBack {
            return;
        }
        for change in moves.into_iter().flatten().rev() {
            match change {
                Move::Added => {
                    self.order.pop_back();
                }
                Move::Forgotten(oldest, until) => self.order.push_front((oldest, until)),
            }
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

    #[test]
    fn what_was_added_marked_and_forgotten_can_be_taken_back() {
        let mut ledger = Ledger::default();
        ledger.add("a", 'a', 0, 10);
        ledger.add("b", 'b', 5, 15);
        ledger.undo(Step::Begin);
        ledger.add("c", 'c', 11, 21);
        ledger.mark_used("b");
        assert!(ledger.get("a").is_none(), "forgotten meanwhile");
        ledger.undo(Step::TakeBack);
        assert!(
            matches!(ledger.get("a"), Some(Entry::Live(a)) if **a == 'a'),
            "a"
        );
        assert!(
            matches!(ledger.get("b"), Some(Entry::Live(b)) if **b == 'b'),
            "b"
        );
        assert!(ledger.get("c").is_none(), "c was never there");
        let order: Vec<i64> = ledger.order.iter().map(|(_, until)| *until).collect();
        assert_eq!(order, [10, 15], "the order of forgetting");
    }
}
