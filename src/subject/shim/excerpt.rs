//! How much is shown of what a shim wrote.

/// Outside text, made fit for one line of a report: escaped and cut short.
pub(super) fn cut(text: &str) -> String {
    let mut kept: String = text
        .chars()
        .take(SHOWN)
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        kept.push_str(&format!("… ({} octets)", text.len()));
    }
    kept
}

/// How many characters of outside text a report shows.
const SHOWN: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_unprintable_text_is_cut_and_escaped() {
        assert_eq!(cut("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        let long = cut(&"x".repeat(5000));
        assert_eq!(long, format!("{}… (5000 octets)", "x".repeat(200)));
    }
}
