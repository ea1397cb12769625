//! Tokens.

/// Whether tokens are really signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenSigning {
    /// RS256 with the embedded test keys.
    #[default]
    Real,
    /// A placeholder as third part: signing is what a password sign-in spends its time on, and bulk runs read claims only.
    Lazy,
}
