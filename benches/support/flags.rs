//! The flags of the benchmarks that criterion does not run.

use std::env;

/// Whether a few rounds are enough, to see that they run.
pub fn is_test() -> bool {
    env::args().any(|argument| argument == "--test")
}

/// The number behind a flag, if the flag is given.
///
/// # Panics
/// When no number stands there.
pub fn number_after(flag: &str) -> Option<usize> {
    let mut behind = env::args().skip_while(|argument| argument != flag);
    behind.next()?;
    let number = behind.next().and_then(|number| number.parse().ok());
    Some(number.unwrap_or_else(|| panic!("{flag} takes a number")))
}
