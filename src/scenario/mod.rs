//! All that determines one sign-in, as plain data, and its generators.
