//! How a port writes JSON: many texts say the same.

use serde_json::Value;

/// One of the ways to write a value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Writing {
    /// Members from last to first.
    pub reversed: bool,
    /// Blanks around every token.
    pub spaced: bool,
    /// A line for each member and element.
    pub in_lines: bool,
    /// What is not ASCII, and every solidus, as an escape.
    pub escaped: bool,
}

impl Writing {
    /// The text of a value.
    pub fn write(self, value: &Value) -> String {
        self.at(value, 0)
    }

    fn at(self, value: &Value, depth: usize) -> String {
        match value {
            Value::Object(members) => {
                let mut items: Vec<_> = members
                    .iter()
                    .map(|(name, value)| {
                        let between = if self.spaced { "\t : " } else { ":" };
                        format!(
                            "{}{between}{}",
                            self.string(name),
                            self.at(value, depth + 1)
                        )
                    })
                    .collect();
                if self.reversed {
                    items.reverse();
                }
                self.enclose('{', &items, '}', depth)
            }
            Value::Array(elements) => {
                let items: Vec<_> = elements
                    .iter()
                    .map(|element| self.at(element, depth + 1))
                    .collect();
                self.enclose('[', &items, ']', depth)
            }
            Value::String(text) => self.string(text),
            other => other.to_string(),
        }
    }

    fn enclose(self, open: char, items: &[String], close: char, depth: usize) -> String {
        let comma = if self.spaced { " ,  " } else { "," };
        if self.in_lines && !items.is_empty() {
            let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
            let items = items.join(&format!(",\n{inner}"));
            return format!("{open}\n{inner}{items}\n{outer}{close}");
        }
        let edge = if self.spaced { " " } else { "" };
        format!("{open}{edge}{}{edge}{close}", items.join(comma))
    }

    fn string(self, text: &str) -> String {
        let plain = Value::from(text).to_string();
        if !self.escaped {
            return plain;
        }
        let mut escaped = String::new();
        for character in plain.chars() {
            match character {
                '/' => escaped.push_str("\\/"),
                character if character.is_ascii() => escaped.push(character),
                character => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        escaped.push_str(&format!("\\u{unit:04X}"));
                    }
                }
            }
        }
        escaped
    }
}

#[test]
fn every_way_to_write_json_is_read_as_the_same_value() {
    let value = serde_json::json!({"b": ["ä/\u{1F600}", 1, {}, []], "a": {"x": null, "y": "\"\n"}});
    for number in 0..16_u8 {
        let writing = Writing {
            reversed: number & 1 != 0,
            spaced: number & 2 != 0,
            in_lines: number & 4 != 0,
            escaped: number & 8 != 0,
        };
        let text = writing.write(&value);
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, value, "{writing:?}: {text}");
        assert_eq!(text.is_ascii(), writing.escaped, "{writing:?}: {text}");
        assert_eq!(text.contains('\n'), writing.in_lines, "{writing:?}: {text}");
    }
}
