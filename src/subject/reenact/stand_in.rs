//! What stands in for what nothing is known of.

/// The name of the user.
pub(super) const NAME: &str = "stand-in";
/// The password of the user.
pub(super) const PASSWORD: &str = "Stand-in-password-1";
/// The `sub` of the user.
pub(super) const SUB: &str = "00000000-0000-4000-8000-000000000001";
/// The user's e-mail address.
pub(super) const ADDRESS: &str = "stand-in@example.com";
/// The user's phone number.
pub(super) const NUMBER: &str = "+15555550100";
/// The base32 secret of time-based codes of a user who has one from before.
pub(super) const TOTP_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// Unix seconds.
pub(super) const NOW: i64 = 1_700_000_000;
