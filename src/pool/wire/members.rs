//! Reading the members of a request that stay JSON.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A request's members that are there, but these.
pub(in crate::pool) fn without(members: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let kept = members
        .iter()
        .filter(|(name, value)| !value.is_null() && !names.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A member that is there.
pub(in crate::pool) fn present<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

/// A member that is a string.
pub(in crate::pool) fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

/// A member of a type of the model.
pub(in crate::pool) fn read<T: DeserializeOwned>(
    members: &Map<String, Value>,
    name: &str,
) -> Option<T> {
    serde_json::from_value(present(members, name)?.clone()).ok()
}

/// The entries of a JSON object.
pub(in crate::pool) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}
