//! Whatever is under test.
