//! The name of a machine, as a URL has it.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A name such as `cognito` or `pc.example`, in lower case: no scheme, no port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct HostName(String);

impl HostName {
    /// Whether a text is this name, whatever its case. A dot at its end, which stands for the root of all names, counts for
    /// nothing.
    pub fn is(&self, text: &str) -> bool {
        text.strip_suffix('.')
            .unwrap_or(text)
            .eq_ignore_ascii_case(&self.0)
    }
}

impl FromStr for HostName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
        };
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.len() <= LONGEST && name.split('.').all(is_label) {
            return Ok(Self(name.to_ascii_lowercase()));
        }
        Err(
            "expected the name of a machine, such as cognito or pc.example, without a scheme and a port"
                .to_owned(),
        )
    }
}

impl TryFrom<String> for HostName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the domain name system takes (RFC 1035 2.3.4, without the length octets).
const LONGEST: usize = 253;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_any_case_and_with_a_dot_at_its_end() {
        let name: HostName = "PC.Example.".parse().expect("it is a name");
        for same in ["pc.example", "PC.EXAMPLE", "pc.example."] {
            assert!(name.is(same), "{same}");
        }
        for other in [
            "example",
            "a.pc.example",
            "pc.example.org",
            "pc.example..",
            "",
        ] {
            assert!(!name.is(other), "{other}");
        }
    }

    #[test]
    fn what_is_more_than_a_name_is_none() {
        for text in [
            "",
            ".",
            "a..b",
            "http://cognito",
            "cognito:9229",
            "*.example",
            "a b",
            "[::1]",
        ] {
            assert!(text.parse::<HostName>().is_err(), "{text}");
        }
        assert!(
            "under_score-1".parse::<HostName>().is_ok(),
            "as containers are named"
        );
    }
}
