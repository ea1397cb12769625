//! Comparing what is secret.

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(in crate::pool) fn same_text(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}
