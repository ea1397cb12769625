//! Whom a sign-in is about: a user, or nobody behind a name that has to look like one.

/// Whom a sign-in is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) struct Subject {
    /// The internal user name; for an unknown user a UUID that is always the same for the name.
    pub(in crate::pool) id: String,
    /// What was typed.
    pub(in crate::pool) typed: String,
    /// Whether there is such a user.
    pub(in crate::pool) real: bool,
}

impl Subject {
    /// How an answer names the subject, if it does.
    pub(in crate::pool) fn called(&self, name: &str) -> Option<Called> {
        match name {
            _ if name == self.id => Some(Called::ByName),
            _ if name == self.typed => Some(Called::ByAlias),
            _ => None,
        }
    }
}

/// How an answer names its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pool) enum Called {
    /// By the user's name, as the documentation asks.
    ByName,
    /// By what was typed, where that is another.
    ByAlias,
}
