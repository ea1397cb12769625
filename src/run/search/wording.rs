//! What texts and requests say, whatever is drawn anew in each play.

use serde_json::Value;

use crate::wire::HttpRequest;

/// A text without its long words, which are values that are drawn anew in each play: keys, tokens, signatures.
pub(super) fn without_drawn(text: &str) -> String {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let mut shown = String::new();
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if is_of_word(c) {
            word.push(c);
            continue;
        }
        let has_digit = word.contains(|c: char| c.is_ascii_digit());
        shown.push_str(match word.len() >= LONG && has_digit {
            true => "…",
            false => &word,
        });
        word.clear();
        shown.push(c);
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// Of which operation a request is, and which challenge it answers.
pub(super) fn name_of(request: &HttpRequest) -> String {
    let target = request.header("x-amz-target").unwrap_or_default();
    let body: Value = serde_json::from_slice(request.body.as_bytes()).unwrap_or_default();
    let challenge = body.get("ChallengeName").and_then(Value::as_str);
    format!("{target} {}", challenge.unwrap_or_default())
}

/// The length from which on a word with a digit is a drawn value.
const LONG: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_values_are_left_out_and_words_stay() {
        let text = without_drawn("DEVICE_KEY = us-east-1_c61cd02c-676f-465d after InitiateAuth");
        assert_eq!(text, "DEVICE_KEY = … after InitiateAuth");
        assert_eq!(
            without_drawn("an answer to PASSWORD_VERIFIER"),
            "an answer to PASSWORD_VERIFIER"
        );
    }
}
