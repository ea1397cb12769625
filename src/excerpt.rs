//! How an error quotes what came from outside: never more of it than a person reads.

use std::borrow::Cow;

/// The text itself, or its first 200 characters and how many there are.
pub fn excerpt(text: &str) -> Cow<'_, str> {
    cut(text, QUOTED)
}

/// An [`excerpt`] that is fit for one line of a report: control characters are escaped.
pub fn on_one_line(text: &str) -> String {
    let mut shown = String::new();
    for c in excerpt(text).chars() {
        match c.is_control() {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// The message of a reader or a check, which quotes what it read, and says what it expected, where, and what it got: of what
/// it quotes no more than an [`excerpt`].
pub fn reason(message: &str) -> Cow<'_, str> {
    let marks = AFTER_QUOTE.iter().filter_map(|mark| message.rfind(mark));
    let (quote, rest) = message.split_at(marks.min().unwrap_or(message.len()));
    let (expected, got) = rest.split_at(rest.rfind(GOT).unwrap_or(rest.len()));
    let parts = [excerpt(quote), cut(expected, EXPECTED), excerpt(got)];
    match parts.iter().all(|part| matches!(part, Cow::Borrowed(_))) {
        true => Cow::Borrowed(message),
        false => Cow::Owned(parts.concat()),
    }
}

/// What is wrong with a TOML text, and at which line and column. The line itself is shown unless it is too long.
pub fn toml_reason(error: &toml::de::Error, text: &str) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or(text);
    let begins = before.rfind('\n').map_or(0, |feed| feed + 1);
    let line = text[begins..].split('\n').next().unwrap_or_default();
    let message = reason(error.message());
    if line.chars().nth(QUOTED).is_none() && message.len() == error.message().len() {
        return error.to_string();
    }
    let number = before.matches('\n').count() + 1;
    let column = before[begins..].chars().count() + 1;
    format!("TOML parse error at line {number}, column {column}: {message}")
}

fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            let count = text.chars().count();
            Cow::Owned(format!("{}… ({count} characters)", &text[..end]))
        }
    }
}

/// How many characters of an input are quoted.
const QUOTED: usize = 200;
/// How many may say what was expected: the names of a table's members, say.
const EXPECTED: usize = 2_000;
/// What begins the part of a message that quotes nothing.
const AFTER_QUOTE: [&str; 3] = [", expected ", ": expected ", " at line "];
/// What begins a quote behind it.
const GOT: &str = ", got ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_is_quoted_whole_and_what_is_long_is_counted() {
        let short = "é".repeat(200);
        assert_eq!(excerpt(&short), short);
        let long = "é".repeat(201);
        assert_eq!(excerpt(&long), format!("{short}… (201 characters)"));
    }

    #[test]
    fn control_characters_are_escaped_on_one_line() {
        assert_eq!(on_one_line("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        let long = on_one_line(&"x".repeat(5000));
        assert_eq!(long, format!("{}… (5000 characters)", "x".repeat(200)));
    }

    #[test]
    fn a_reason_keeps_what_was_expected_and_where() {
        let long = "x".repeat(5000);
        let json = format!("unknown field `{long}`, expected `a` or `b` at line 1 column 9");
        let told = reason(&json).into_owned();
        assert!(told.len() < 300, "{told}");
        assert!(told.starts_with("unknown field `xxx"), "{told}");
        let rest = "(5016 characters), expected `a` or `b` at line 1 column 9";
        assert!(told.ends_with(rest), "{told}");
        let bound = format!("users[{long}].name: expected 1 character or more, got {long:?}");
        let told = reason(&bound).into_owned();
        assert!(told.len() < 600, "{told}");
        assert!(
            told.contains(": expected 1 character or more, got \"xxx"),
            "{told}"
        );
        let short = "unknown field `y`, expected `a` or `b` at line 1 column 9";
        assert_eq!(reason(short), short);
    }

    #[test]
    fn a_long_line_of_toml_is_not_shown() {
        let told = |text: &str| {
            let error = toml::from_str::<toml::Table>(text).expect_err("it is wrong");
            toml_reason(&error, text)
        };
        let short = told("a = 1\nb = c d\n");
        assert!(short.contains("2 | b = c d"), "{short}");
        let long = told(&format!("a = 1\nb = {} d\n", "c".repeat(200_000)));
        assert!(long.len() < 400, "{long}");
        assert!(long.contains("line 2, column 5"), "{long}");
    }
}
