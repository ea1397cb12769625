//! Whom a sign-in is about: a user, or nobody behind a name that has to look like one.

/// Whom a sign-in is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    /// The internal user name; for an unknown user a UUID that is always the same for the name.
    pub(super) id: String,
    /// What was typed.
    pub(super) typed: String,
    /// Whether there is such a user.
    pub(super) real: bool,
}

impl Subject {
    /// Whether an answer may name the subject so: by internal name, or, where `typed` allows it, by what was typed.
    pub(super) fn is_called(&self, name: &str, typed: bool) -> bool {
        name == self.id || (typed && name == self.typed)
    }
}
