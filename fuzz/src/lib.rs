//! What the targets share: changes of JSON that keep it JSON, and what holds of every text that a person reads.
#![forbid(unsafe_code)]

use std::fmt::Display;

use cognito_conformance::model::{Function, World};
use serde_json::{Map, Value, json};

/// A message of the program is shorter than that, whatever it is about.
const LONGEST: usize = 3_000;

/// Stops where an error is so long that nobody reads it: it quotes too much of its input.
///
/// # Panics
/// Then.
pub fn assert_short(error: &impl Display) {
    let text = error.to_string();
    let begins: String = text.chars().take(300).collect();
    assert!(
        text.len() <= LONGEST,
        "an error of {} octets: {begins}",
        text.len()
    );
}

/// Stops where a page would have a terminal do more than write letters in colours.
///
/// # Panics
/// Then.
pub fn assert_harmless(page: &str) {
    let mut chars = page.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            let style: String = chars.by_ref().take_while(|c| *c != 'm').collect();
            let is_style = style.starts_with('[')
                && style[1..].chars().all(|c| c.is_ascii_digit() || c == ';');
            assert!(is_style, "a sequence that is no style: {style:?}");
            continue;
        }
        let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(
            !reorders && (!c.is_control() || c == '\n'),
            "{c:?} on a page"
        );
    }
}

/// Takes everything out of a world that would start a program or ask another machine.
pub fn confine(world: &mut World) {
    world
        .triggers
        .functions
        .retain(|_, function| !function.is_outside());
}

/// The same of a file's functions.
pub fn confined(function: &Function) -> bool {
    !function.is_outside()
}

/// Changes one thing in a JSON text, so that it stays one: most changes of octets are refused by the first parser. Now and
/// then, and where the text is no JSON, `of_octets` changes it as libFuzzer does.
pub fn mutate_json(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    of_octets: fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    let mut dice = Dice(u64::from(seed) ^ 0x9e37_79b9_7f4a_7c15);
    if dice.below(6) == 0 {
        return of_octets(data, size, max_size);
    }
    let Ok(mut document) = serde_json::from_slice::<Value>(&data[..size]) else {
        return of_octets(data, size, max_size);
    };
    for _ in 0..=dice.below(3) {
        change(&mut document, &mut dice, of_octets);
    }
    let written = document.to_string();
    if written.len() > max_size.min(data.len()) {
        return of_octets(data, size, max_size);
    }
    data[..written.len()].copy_from_slice(written.as_bytes());
    written.len()
}

fn change(document: &mut Value, dice: &mut Dice, of_octets: fn(&mut [u8], usize, usize) -> usize) {
    let count = count(document);
    let from = nth(document, &mut dice.below(count)).map(|value| value.clone());
    let Some(place) = nth(document, &mut dice.below(count)) else {
        return;
    };
    match dice.below(8) {
        // What stands elsewhere.
        0 | 1 => *place = from.unwrap_or_default(),
        2 => *place = odd(dice),
        _ => match place {
            Value::Object(members) => change_members(members, from, dice),
            Value::Array(items) => change_items(items, from, dice),
            Value::String(text) => change_text(text, dice, of_octets),
            Value::Number(number) => {
                let before = number.as_i64().unwrap_or_default();
                let steps = [-1, 1, 60, -86_400, 1 << 31, i64::MAX];
                *place = json!(before.wrapping_add(steps[dice.below(steps.len())]));
            }
            Value::Bool(is) => *is = !*is,
            Value::Null => *place = from.unwrap_or_default(),
        },
    }
}

fn change_members(members: &mut Map<String, Value>, from: Option<Value>, dice: &mut Dice) {
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = names.get(dice.below(names.len().max(1))) else {
        members.insert("x".to_owned(), from.unwrap_or_default());
        return;
    };
    let other = &names[dice.below(names.len())];
    match dice.below(3) {
        0 => drop(members.remove(name)),
        1 => {
            let value = members.remove(name).unwrap_or_default();
            members.insert(format!("{name}{}", dice.below(3)), value);
        }
        _ => {
            let value = members.get(name).cloned().unwrap_or_default();
            members.insert(other.clone(), value);
        }
    }
}

fn change_items(items: &mut Vec<Value>, from: Option<Value>, dice: &mut Dice) {
    if items.is_empty() {
        items.extend(from);
        return;
    }
    let (at, to) = (dice.below(items.len()), dice.below(items.len()));
    match dice.below(5) {
        0 => drop(items.remove(at)),
        1 => items.insert(to, items[at].clone()),
        2 => items.swap(at, to),
        3 => items.truncate(at),
        _ => items.extend(from),
    }
}

fn change_text(
    text: &mut String,
    dice: &mut Dice,
    of_octets: fn(&mut [u8], usize, usize) -> usize,
) {
    // Bodies are JSON themselves.
    if let Ok(mut inner) = serde_json::from_str::<Value>(text)
        && (inner.is_object() || inner.is_array())
    {
        change(&mut inner, dice, of_octets);
        *text = inner.to_string();
        return;
    }
    match dice.below(4) {
        0 => *text = text.repeat(2 + dice.below(3)),
        1 => text.truncate(text.floor_char_boundary(dice.below(text.len() + 1))),
        _ => {
            let mut octets = vec![0; text.len() + 16];
            octets[..text.len()].copy_from_slice(text.as_bytes());
            let most = octets.len();
            let size = of_octets(&mut octets, text.len(), most);
            *text = String::from_utf8_lossy(&octets[..size]).into_owned();
        }
    }
}

/// Values that somebody may not have thought of.
fn odd(dice: &mut Dice) -> Value {
    let values = [
        json!(null),
        json!(""),
        json!("\u{202e}\u{1b}[2J\r\n"),
        json!("f".repeat(5_000)),
        json!("-1"),
        json!("[redacted: session, 18446744073709551616 characters]"),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!([]),
        json!({}),
        json!(true),
    ];
    values[dice.below(values.len())].clone()
}

/// How many values a document has, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// The value of that number, counted as [`count`] counts.
fn nth<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Value::Object(members) => members.values_mut().find_map(|member| nth(member, left)),
        _ => None,
    }
}

/// Numbers that follow from a seed, so that a change can be made again (splitmix64).
struct Dice(u64);

impl Dice {
    /// A number below this one; 0 where it is 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = (z ^ (z >> 31)) as usize;
        z % bound.max(1)
    }
}
