//! Text for people: wrapped to a width that fits beside something else, calm in colour, and harmless.
//!
//! Much of what a report shows was written by strangers: a port's messages, a transcript from somewhere. A terminal obeys
//! control characters, so none of them reaches it: see [`harmless`].

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

/// The longest line, in characters. Lines that are made to be copied (`replay …`) are never broken.
pub const WIDTH: usize = 100;

/// A heading.
pub const HEADING: Style = Style::new().bold();
/// What is right.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What wants attention and is no verdict.
pub const NOTE: Style = AnsiColor::Yellow.on_default().bold();
/// What stands beside the matter.
pub const QUIET: Style = Style::new().dimmed();
/// What is as usual.
pub const PLAIN: Style = Style::new();

/// A place to write text for people.
#[derive(Debug)]
pub struct Page<W> {
    out: W,
}

impl<W: Write> Page<W> {
    /// A page on `out`. Styles are written as ANSI sequences; a stream that must not have them takes them out.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// The stream beneath.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// An empty line.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// A heading.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        self.styled(0, HEADING, text)
    }

    /// A paragraph, indented and wrapped.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn styled(&mut self, indent: usize, style: Style, text: &str) -> io::Result<()> {
        for line in wrapped(&harmless(text), WIDTH.saturating_sub(indent)) {
            writeln!(self.out, "{:indent$}{style}{line}{style:#}", "")?;
        }
        Ok(())
    }

    /// A paragraph without style.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn text(&mut self, indent: usize, text: &str) -> io::Result<()> {
        self.styled(indent, PLAIN, text)
    }

    /// A line that is made to be copied: never wrapped.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn verbatim(&mut self, indent: usize, text: &str) -> io::Result<()> {
        writeln!(self.out, "{:indent$}{}", "", harmless(text))
    }

    /// A line of a table: styled, and never wrapped.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn preformatted(&mut self, indent: usize, style: Style, text: &str) -> io::Result<()> {
        let text = harmless(text);
        writeln!(self.out, "{:indent$}{style}{text}{style:#}", "")
    }

    /// A label and what it stands for; further lines stand below the first.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn entry(
        &mut self,
        indent: usize,
        label: &str,
        label_width: usize,
        text: &str,
    ) -> io::Result<()> {
        let label = harmless(label);
        let column = indent + label_width + 2;
        let mut begun = format!("{:indent$}{QUIET}{label:label_width$}{QUIET:#}  ", "");
        if label.chars().count() > label_width {
            writeln!(self.out, "{:indent$}{QUIET}{label}{QUIET:#}", "")?;
            begun = format!("{:column$}", "");
        }
        for line in wrapped(&harmless(text), WIDTH.saturating_sub(column)) {
            writeln!(self.out, "{begun}{line}")?;
            begun = format!("{:column$}", "");
        }
        Ok(())
    }

    /// A label whose matter stands on the lines below.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn label(&mut self, indent: usize, label: &str) -> io::Result<()> {
        self.styled(indent, QUIET, label)
    }

    /// Entries below each other, their labels in one column.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn entries(&mut self, indent: usize, entries: &[(String, String)]) -> io::Result<()> {
        let longest = entries
            .iter()
            .map(|(label, _)| label.chars().count())
            .filter(|&length| length <= WIDEST_LABEL)
            .max();
        for (label, text) in entries {
            self.entry(indent, label, longest.unwrap_or(0), text)?;
        }
        Ok(())
    }

    /// Hands on what was written so far.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The text in lines of at most `width` characters, broken at spaces; a word that is longer is cut. At least one line.
///
/// A no-break space becomes a space at which no line is broken.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(NARROWEST);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split(' ') {
            let mut word: Vec<char> = word.chars().collect();
            if length > 0 && length + 1 + word.len() > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            while word.len() > width {
                let rest = word.split_off(width);
                lines.push(word.into_iter().collect());
                word = rest;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            length += word.len();
            line.extend(word);
        }
        lines.push(line);
    }
    for line in &mut lines {
        *line = line.replace('\u{a0}', " ");
    }
    lines
}

/// The text with every character escaped that a terminal would obey or that would reorder what is read: controls, and the
/// marks of bidirectional text. Line feeds stay.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let obeyed = c.is_control() && c != '\n';
        let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if obeyed || reorders {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// The same on one line.
pub fn one_line(text: &str) -> String {
    harmless(&text.replace('\n', "\\n"))
}

/// A number with its thousands apart: `12,345`.
pub fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How many of what: `1 case`, `2 cases`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// A span of time: `340 ms`, `12.3 s`, `3 min 4 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

const WIDEST_LABEL: usize = 44;
const NARROWEST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_and_long_words_are_cut() {
        assert_eq!(
            wrapped("aaaa bbbb cccc dddd eeee ffff", 20),
            ["aaaa bbbb cccc dddd", "eeee ffff"]
        );
        let hex = "0123456789".repeat(5);
        let lines = wrapped(&format!("is {hex} end"), 20);
        assert!(
            lines.iter().all(|line| line.chars().count() <= 20),
            "{lines:?}"
        );
        assert_eq!(lines.join("").replace(' ', ""), format!("is{hex}end"));
        assert_eq!(
            wrapped("aaaa bbbb cccc dddd\u{a0}5", 20),
            ["aaaa bbbb cccc", "dddd 5"]
        );
    }

    #[test]
    fn a_terminal_is_never_obeyed() {
        let hostile = "\u{1b}]0;owned\u{7}\u{9b}2J\rline\u{202e}kcab";
        let shown = harmless(hostile);
        assert_eq!(
            shown,
            "\\u{1b}]0;owned\\u{7}\\u{9b}2J\\u{d}line\\u{202e}kcab"
        );
        assert_eq!(
            harmless("Straße\n\u{1f511}"),
            "Straße\n\u{1f511}",
            "text stays"
        );
        assert_eq!(one_line("a\nb"), "a\\nb");
    }

    #[test]
    fn an_entry_keeps_its_column() {
        let mut page = Page::new(Vec::new());
        page.entry(2, "label", 8, &"word ".repeat(30))
            .expect("memory");
        let text = String::from_utf8(page.into_inner()).expect("UTF-8");
        let bare = anstream::adapter::strip_str(&text).to_string();
        for (at, line) in bare.lines().enumerate() {
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert!(
                line[if at == 0 { 12 } else { 0 }..]
                    .trim_start()
                    .starts_with("word")
            );
            assert_eq!(line.find("word"), Some(12), "{line}");
        }
    }

    #[test]
    fn numbers_and_spans_read_easily() {
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "case", "cases"), "1 case");
        assert_eq!(duration(340), "340 ms");
        assert_eq!(duration(12_345), "12.3 s");
        assert_eq!(duration(184_000), "3 min 4 s");
    }
}
