//! On what it was measured.

use std::io::Read as _;
use std::num::NonZeroUsize;

use serde::Serialize;

/// The machine, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// The processor's name, where the system tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// How many processors the program may use.
    pub processors: usize,
    /// The instruction set, e.g. `x86_64`.
    pub architecture: &'static str,
    /// The operating system, e.g. `linux`.
    pub system: &'static str,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        Self {
            processor: processor(),
            processors: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            architecture: std::env::consts::ARCH,
            system: std::env::consts::OS,
        }
    }
}

/// Linux tells it in a file; elsewhere nobody is asked.
fn processor() -> Option<String> {
    let mut text = String::new();
    std::fs::File::open("/proc/cpuinfo")
        .ok()?
        .take(MOST_OCTETS)
        .read_to_string(&mut text)
        .ok()?;
    named(&text)
}

fn named(text: &str) -> Option<String> {
    let (_, name) = text
        .lines()
        .find(|line| line.starts_with("model name"))?
        .split_once(':')?;
    Some(name.trim().chars().take(80).collect())
}

/// The first processor's entry is well within this.
const MOST_OCTETS: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_s_name_is_the_first_one_s() {
        let text = "processor\t: 0\nmodel name\t: Fast One\nprocessor\t: 1\nmodel name\t: Other\n";
        assert_eq!(named(text).as_deref(), Some("Fast One"));
        assert_eq!(named("processor\t: 0\n"), None, "where none is told");
    }
}
