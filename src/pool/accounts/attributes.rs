//! Attributes: which can be written, how they are told, and which names follow from them.

use serde_json::{Value, json};

use crate::pool::core::Pool;
use crate::pool::state::directory::{Account, verified_flag};
use crate::pool::wire::errors::{self, Answer};
use crate::wire::Parameters;
use crate::wire::names::key::USER_ATTRIBUTES_PREFIX;
use crate::wire::user::Attribute;

/// How a new user is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) struct NewName {
    /// The internal user name.
    pub(in crate::pool) username: String,
    /// The `sub`.
    pub(in crate::pool) sub: String,
    /// The address that stands in for a user name.
    pub(in crate::pool) address: Option<String>,
}

/// Attributes that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pool) struct Changed {
    /// Addresses that are new and not verified, by their attributes.
    pub(in crate::pool) unverified: Vec<&'static str>,
}

/// A list of attributes as a map. Of two of a name, the later one counts.
pub(in crate::pool) fn listed(attributes: Option<&[Attribute]>) -> Parameters {
    attributes
        .unwrap_or_default()
        .iter()
        .map(|attribute| {
            let value = attribute.value.clone().unwrap_or_default();
            (attribute.name.clone(), value)
        })
        .collect()
}

/// Refuses what users may not write themselves.
pub(in crate::pool) fn refuse_unauthorized(given: &Parameters) -> Answer<()> {
    let is_flag = |name: &String| {
        ADDRESSES
            .iter()
            .any(|address| *name == verified_flag(address))
    };
    if given.keys().any(is_flag) {
        return Err(errors::unauthorized_attribute());
    }
    Ok(())
}

/// Refuses values that nobody may write.
pub(in crate::pool) fn refuse_impossible(given: &Parameters) -> Answer<()> {
    if given.contains_key("sub") {
        return Err(errors::immutable_attribute("sub"));
    }
    for address in ADDRESSES {
        let is_wrong = |value: &String| !value.is_empty() && kind_of(value) != Some(address);
        if given.get(address).is_some_and(is_wrong) {
            return Err(errors::bad_address(address));
        }
    }
    Ok(())
}

/// The attribute of this name, if it holds an address that a code can verify.
pub(in crate::pool) fn verifiable(name: &str) -> Answer<&'static str> {
    let mut addresses = ADDRESSES.into_iter();
    addresses
        .find(|address| *address == name)
        .ok_or_else(errors::cannot_be_verified)
}

/// The attribute that such a text can be an address of.
pub(in crate::pool) fn kind_of(text: &str) -> Option<&'static str> {
    if let Some(digits) = text.strip_prefix('+') {
        let is_number = (MOST_DIGITS.contains(&digits.len()))
            && digits.bytes().all(|octet| octet.is_ascii_digit());
        return is_number.then_some("phone_number");
    }
    let (name, host) = text.rsplit_once('@')?;
    (!name.is_empty() && !host.is_empty()).then_some("email")
}

impl Account {
    /// `UserAttributes`, as far as they are wanted, in the order of [`in_service_order`].
    pub(in crate::pool) fn described_attributes(&self, wanted: Option<&[String]>) -> Value {
        let attributes = &self.user.attributes;
        let sub = std::iter::once(("sub", &self.user.sub));
        let others = attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        let told = sub
            .chain(others)
            .filter(|(name, _)| wanted.is_none_or(|wanted| wanted.iter().any(|w| w == name)));
        in_service_order(told.collect(), |(name, _)| (*name).to_owned())
            .into_iter()
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect()
    }
}

/// Puts what has a name into the order in which the service lists attributes.
///
/// It is that of a hash table of Java's (captured: `UserAttributes` of 2023-08-signup-srp-getuser and
/// amplify-ui/fetch-user-attributes-unverified-email, the fourteen `requiredAttributes` of
/// amplify-ui/force-change-password-with-attributes): by buckets, of which there is a power of two, at least 16, so that three
/// quarters are enough for all. Of two in one bucket the one comes first that stands later in OpenID Connect's list of claims
/// (inferred from the three such pairs that were captured).
pub(in crate::pool) fn in_service_order<T>(
    mut listed: Vec<T>,
    name: impl Fn(&T) -> String,
) -> Vec<T> {
    let mut buckets = 16;
    while listed.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    listed.sort_by_cached_key(|item| {
        let name = name(item);
        let bare = name.strip_prefix(USER_ATTRIBUTES_PREFIX).unwrap_or(&name);
        let place = CLAIMS.iter().position(|claim| *claim == bare);
        (
            java_hash(&name) as usize & (buckets - 1),
            std::cmp::Reverse(place.unwrap_or(CLAIMS.len())),
        )
    });
    listed
}

/// `String.hashCode`, with its upper half mixed into the lower one as `HashMap` does it.
fn java_hash(text: &str) -> u32 {
    let hash = text.encode_utf16().fold(0_u32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(u32::from(unit))
    });
    hash ^ (hash >> 16)
}

impl Pool {
    /// How a new user of this typed name is called. An address that stands in for a user name becomes an attribute.
    pub(in crate::pool) fn name_of_new_user(
        &mut self,
        typed: &str,
        attributes: &mut Parameters,
    ) -> Answer<NewName> {
        let pool = &self.world.pool;
        let kind = kind_of(typed);
        let sub = self.random.uuid();
        if pool.has_user_names() {
            if let Some(kind) = kind.filter(|kind| pool.is_alias_attribute(kind)) {
                return Err(errors::username_looks_like(kind));
            }
            return Ok(NewName {
                username: typed.to_owned(),
                sub,
                address: None,
            });
        }
        let kind = kind
            .filter(|kind| pool.is_username_attribute(kind))
            .ok_or_else(|| {
                let by = |attribute| pool.is_username_attribute(attribute);
                errors::username_is_no_address(by("email"), by("phone_number"))
            })?;
        attributes.insert(kind.to_owned(), typed.to_owned());
        Ok(NewName {
            username: sub.clone(),
            sub,
            address: Some(typed.to_owned()),
        })
    }

    /// Refuses attributes that lack a required one.
    pub(in crate::pool) fn refuse_incomplete(&self, attributes: &Parameters) -> Answer<()> {
        for required in &self.world.pool.required_attributes {
            if attributes.get(required).is_none_or(String::is_empty) {
                return Err(errors::attribute_required(required));
            }
        }
        Ok(())
    }

    /// Refuses attributes by which a user would be found who is somebody else.
    pub(in crate::pool) fn refuse_taken_names(
        &self,
        username: &str,
        attributes: &Parameters,
    ) -> Answer<()> {
        for (attribute, name) in self.names_in(attributes) {
            let owner = self.directory.find(&name);
            if owner.is_some_and(|owner| owner.user.username != username) {
                return Err(errors::alias_exists(attribute));
            }
        }
        Ok(())
    }

    /// Lets a user be found by every name that follows from the attributes, whoever had it.
    pub(in crate::pool) fn take_names(&mut self, username: &str) {
        let Some(account) = self.directory.find(username) else {
            return;
        };
        let names = self.names_in(&account.user.attributes.clone());
        for (_, name) in names {
            self.directory.give_alias(&name, username);
        }
    }

    /// Changes attributes; an empty value removes one. A changed address is unverified unless the change says otherwise, and
    /// names follow: an address that stands in for the user name at once, an alias once it is verified (developer guide,
    /// customizing sign-in attributes).
    pub(in crate::pool) fn change_attributes(
        &mut self,
        username: &str,
        given: Parameters,
    ) -> Answer<Changed> {
        let now = self.now();
        let account = self
            .directory
            .find(username)
            .ok_or_else(errors::no_such_user)?;
        let before = account.user.attributes.clone();
        let mut after = before.clone();
        let mut changed = Changed::default();
        let (mut lost, mut moved) = (Vec::new(), Vec::new());
        for (name, value) in &given {
            if !value.is_empty() {
                after.insert(name.clone(), value.clone());
            } else if self.world.pool.required_attributes.contains(name) {
                return Err(errors::attribute_required(name));
            } else {
                after.remove(name);
            }
        }
        for attribute in NAMES {
            let (old, new) = (before.get(attribute), after.get(attribute).cloned());
            if old == new.as_ref() {
                continue;
            }
            if ADDRESSES.contains(&attribute) {
                let flag = verified_flag(attribute);
                if new.is_none() {
                    after.remove(&flag);
                } else if !given.contains_key(&flag) {
                    after.insert(flag.clone(), "false".to_owned());
                }
                if new.is_some() && after.get(&flag).map(String::as_str) != Some("true") {
                    changed.unverified.push(attribute);
                }
            }
            let Some(old) = old.filter(|old| self.directory.owner_of(old) == Some(username)) else {
                continue;
            };
            lost.push(old.clone());
            if let Some(new) = new.filter(|_| self.world.pool.is_username_attribute(attribute)) {
                let owner = self.directory.find(&new);
                if owner.is_some_and(|owner| owner.user.username != username) {
                    return Err(errors::alias_exists(attribute));
                }
                moved.push(new);
            }
        }
        self.refuse_taken_names(username, &after)?;

        for name in lost {
            self.directory.remove_alias(&name, username);
        }
        if let Some(account) = self.directory.find_mut(username) {
            account.user.attributes = after;
            account.modified = now;
        }
        for name in moved {
            self.directory.give_alias(&name, username);
        }
        self.take_names(username);
        Ok(changed)
    }

    /// The names that follow from attributes: verified addresses, and `preferred_username` as it is.
    fn names_in(&self, attributes: &Parameters) -> Vec<(&'static str, String)> {
        let pool = &self.world.pool;
        NAMES
            .into_iter()
            .filter(|attribute| {
                let flag = attributes.get(&verified_flag(attribute));
                let is_verified =
                    !ADDRESSES.contains(attribute) || flag.is_some_and(|flag| flag == "true");
                let is_name =
                    pool.is_username_attribute(attribute) || pool.is_alias_attribute(attribute);
                is_name && is_verified
            })
            .filter_map(|attribute| Some((attribute, attributes.get(attribute)?.clone())))
            .filter(|(_, name)| !name.is_empty())
            .collect()
    }
}

/// Attributes that hold addresses.
pub(in crate::pool) const ADDRESSES: [&str; 2] = ["email", "phone_number"];
/// Attributes that can be names.
const NAMES: [&str; 3] = ["email", "phone_number", "preferred_username"];
/// Of a phone number, after its plus sign (E.164, and a shortest one that is inferred).
const MOST_DIGITS: std::ops::RangeInclusive<usize> = 2..=15;

/// The claims of a user, in the order of OpenID Connect Core 1.0, section 5.1.
const CLAIMS: [&str; 20] = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_listed_in_the_order_that_was_recorded() {
        let bare = [
            "sub",
            "address",
            "email_verified",
            "name",
            "phone_number_verified",
            "email",
        ];
        let required = [
            "gender",
            "given_name",
            "nickname",
            "middle_name",
            "name",
            "zoneinfo",
            "profile",
            "family_name",
            "phone_number",
            "website",
            "preferred_username",
            "locale",
            "picture",
            "address",
        ];
        let prefixed = required.map(|name| format!("{USER_ATTRIBUTES_PREFIX}{name}"));
        for recorded in [bare.map(str::to_owned).to_vec(), prefixed.to_vec()] {
            let mut shuffled = recorded.clone();
            shuffled.sort_unstable();
            let listed = in_service_order(shuffled, String::clone);
            assert_eq!(listed, recorded, "{} of them", recorded.len());
        }
    }

    #[test]
    fn an_address_is_told_by_its_form() {
        for (text, expected) in [
            ("a@b.example", Some("email")),
            ("+15555550100", Some("phone_number")),
            ("alice", None),
            ("@b", None),
            ("a@", None),
            ("+1555-5550100", None),
            ("15555550100", None),
        ] {
            assert_eq!(kind_of(text), expected, "{text}");
        }
    }
}
