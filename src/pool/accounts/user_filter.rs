//! `Filter` of `ListUsers` (service model: `ListUsersRequest.Filter`).

use crate::pool::state::directory::Account;
use crate::pool::wire::errors::{self, Answer};

/// Which users are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) struct Filter {
    attribute: String,
    value: String,
    /// Whether the value is only the beginning.
    is_prefix: bool,
}

impl Filter {
    /// Reads `attribute = "value"` or `attribute ^= "value"`; an empty text filters nothing. In the value, a quotation mark
    /// stands after a backslash.
    pub(in crate::pool) fn parse(text: &str) -> Answer<Option<Self>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let (left, right) = text.split_once('=').ok_or_else(errors::bad_filter)?;
        let (name, is_prefix) = match left.strip_suffix('^') {
            Some(name) => (name, true),
            None => (left, false),
        };
        // The name may stand in quotation marks, too, as AWS's own examples write it.
        let name = name.trim();
        let attribute = quoted(name).unwrap_or_else(|| name.to_owned());
        if !SEARCHABLE.contains(&attribute.as_str()) {
            return Err(errors::bad_filter());
        }
        Ok(Some(Self {
            attribute,
            value: quoted(right.trim()).ok_or_else(errors::bad_filter)?,
            is_prefix,
        }))
    }

    /// Whether a user is among those that are looked for.
    pub(in crate::pool) fn admits(&self, account: &Account) -> bool {
        let user = &account.user;
        let value = match self.attribute.as_str() {
            "username" => Some(user.username.as_str()),
            "sub" => Some(user.sub.as_str()),
            "cognito:user_status" => Some(user.status.as_str()),
            "status" if user.enabled => Some("Enabled"),
            "status" => Some("Disabled"),
            attribute => account.attribute(attribute),
        };
        value.is_some_and(|value| match self.is_prefix {
            true => value.starts_with(&self.value),
            false => value == self.value,
        })
    }
}

/// What stands between quotation marks, and nothing after them.
fn quoted(text: &str) -> Option<String> {
    let mut letters = text.strip_prefix('"')?.chars();
    let mut value = String::new();
    loop {
        match letters.next()? {
            '\\' => value.push(letters.next()?),
            '"' => return letters.next().is_none().then_some(value),
            letter => value.push(letter),
        }
    }
}

/// The attributes that can be searched by (service model: `ListUsersRequest.Filter`).
const SEARCHABLE: [&str; 10] = [
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "cognito:user_status",
    "status",
    "sub",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_an_attribute_an_operator_and_a_quoted_value() {
        let filter = |attribute: &str, value: &str, is_prefix| {
            Some(Filter {
                attribute: attribute.to_owned(),
                value: value.to_owned(),
                is_prefix,
            })
        };
        for (text, expected) in [
            ("", None),
            ("email = \"a@b\"", filter("email", "a@b", false)),
            ("email=\"a=b\"", filter("email", "a=b", false)),
            ("family_name ^= \"Re\"", filter("family_name", "Re", true)),
            ("\"sub\" = \"x\"", filter("sub", "x", false)),
            ("name = \"a \\\"b\\\"\"", filter("name", "a \"b\"", false)),
        ] {
            assert_eq!(Filter::parse(text), Ok(expected), "{text}");
        }
        for text in [
            "email",
            "email = a@b",
            "email = \"a",
            "email = \"a\" and more",
            "custom:tenant = \"a\"",
            "email > \"a\"",
        ] {
            assert_eq!(Filter::parse(text), Err(errors::bad_filter()), "{text}");
        }
    }
}
