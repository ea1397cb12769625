//! What a recording tells of the user, at whichever moment: attributes, factors, a device.
//!
//! It becomes the world's (attributes, factors, where a code went), so that the form of a response is compared and not its
//! content.

use serde_json::Value;

use crate::model::{Device, FirstFactor};
use crate::record::Recording;
use crate::wire::names::key;
use crate::wire::{ChallengeName, ErrorKind, Operation, Parameters};

use super::exchange::{Exchange, owned, parameter, text};
use super::stand_in;

/// What `known` has, and what responses say of the user's attributes. `operation` is that of a response whose request isn't
/// recorded.
pub(super) fn attributes(
    username: &str,
    operation: Option<&Operation>,
    header: &Recording,
    exchanges: &[Exchange],
) -> Parameters {
    let mut told = Parameters::new();
    for exchange in exchanges {
        let body = exchange.response_body();
        // Stand-ins: only what is masked is known of these. An address that is being set up is none of the user's yet.
        let is_set_up = exchange.answered() == Some(ChallengeName::MfaSetup);
        let sent = [delivered(body), challenged(body).filter(|_| !is_set_up)];
        for (attribute, address) in sent.into_iter().flatten() {
            if exchange.operation_or(operation) == Some(Operation::ForgotPassword) {
                told.insert(format!("{attribute}_verified"), "true".to_owned());
            }
            let is_name = address_kind(username) == Some(attribute);
            let address = match is_name {
                true => username.to_owned(),
                false => address,
            };
            told.entry(attribute.to_owned()).or_insert(address);
        }
        // Only a verified address makes a first factor.
        for factor in first_factors(exchange) {
            let (attribute, address) = match factor {
                FirstFactor::Password => continue,
                FirstFactor::EmailOtp => ("email", stand_in::ADDRESS),
                FirstFactor::SmsOtp => ("phone_number", stand_in::NUMBER),
            };
            told.insert(format!("{attribute}_verified"), "true".to_owned());
            told.entry(attribute.to_owned())
                .or_insert_with(|| address.to_owned());
        }
    }
    for exchange in exchanges {
        let body = exchange.response_body();
        let asked = parameter(body, key::USER_ATTRIBUTES)
            .and_then(|text| serde_json::from_str::<Parameters>(&text).ok());
        let missing = required(exchange);
        let asked = asked.unwrap_or_default().into_iter();
        told.extend(asked.filter(|(name, _)| !missing.contains(name)));
        told.extend(listed(body).into_iter().filter(|(name, _)| name != "sub"));
    }
    told.extend(header.known.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix("attribute.")?.to_owned(), value.clone()))
    }));
    told
}

/// The first device that is named without having been given in the recording.
pub(super) fn device(header: &Recording, exchanges: &[Exchange]) -> Option<Device> {
    let mut given = Vec::new();
    for exchange in exchanges {
        if let Some(key) = exchange.device_key()
            && !given.contains(&key)
            && !exchange.is_refused_as(&ErrorKind::ResourceNotFound)
        {
            let group_key = header.known.get("deviceGroupKey").cloned();
            return Some(Device {
                key,
                group_key: group_key.unwrap_or_else(|| "-standinkey".to_owned()),
                name: None,
                password: "stand-in".to_owned(),
                remembered: exchanges.iter().any(proves_device),
            });
        }
        let new = "/AuthenticationResult/NewDeviceMetadata/DeviceKey";
        given.extend(owned(exchange.response_body(), new));
    }
    None
}

/// `UserAttributes` of a response.
pub(super) fn listed(body: &Value) -> Parameters {
    let list = body.get("UserAttributes").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|attribute| Some((owned(attribute, "/Name")?, owned(attribute, "/Value")?)))
        .collect()
}

/// The attribute that a name in the form of an address would be.
pub(super) fn address_kind(name: &str) -> Option<&'static str> {
    if name.starts_with('+') {
        return Some("phone_number");
    }
    name.contains('@').then_some("email")
}

/// Whether an exchange belongs to a device's own round.
pub(super) fn proves_device(exchange: &Exchange) -> bool {
    let about = [exchange.asked(), exchange.answered()];
    about.contains(&Some(ChallengeName::DeviceSrpAuth))
        || about.contains(&Some(ChallengeName::DevicePasswordVerifier))
}

/// The attributes that have to come with a new password, by their bare names.
pub(super) fn required(exchange: &Exchange) -> Vec<String> {
    let text = parameter(exchange.response_body(), key::REQUIRED_ATTRIBUTES);
    let listed = text.and_then(|text| serde_json::from_str::<Vec<String>>(&text).ok());
    listed
        .unwrap_or_default()
        .into_iter()
        .map(|name| name.replace(key::USER_ATTRIBUTES_PREFIX, ""))
        .collect()
}

/// The first factors among which a response lets choose.
pub(super) fn first_factors(exchange: &Exchange) -> Vec<FirstFactor> {
    let body = exchange.response_body();
    let available = body.get("AvailableChallenges").and_then(Value::as_array);
    available
        .into_iter()
        .flatten()
        .filter_map(|name| {
            Some(match ChallengeName::from(name.as_str()?) {
                ChallengeName::EmailOtp => FirstFactor::EmailOtp,
                ChallengeName::SmsOtp => FirstFactor::SmsOtp,
                ChallengeName::Password | ChallengeName::PasswordSrp => FirstFactor::Password,
                _ => return None,
            })
        })
        .collect()
}

/// An address to which a code went, as far as its mask tells.
fn delivered(body: &Value) -> Option<(&'static str, String)> {
    let destination = text(body, "/CodeDeliveryDetails/Destination")?;
    unmasked(
        destination,
        text(body, "/CodeDeliveryDetails/DeliveryMedium")?,
    )
}

fn challenged(body: &Value) -> Option<(&'static str, String)> {
    let destination = parameter(body, key::CODE_DELIVERY_DESTINATION)?;
    unmasked(
        &destination,
        &parameter(body, key::CODE_DELIVERY_DELIVERY_MEDIUM)?,
    )
}

/// An address that is masked like this one.
fn unmasked(masked: &str, medium: &str) -> Option<(&'static str, String)> {
    if medium == "SMS" {
        let digits: Vec<char> = masked.chars().filter(char::is_ascii_digit).collect();
        let last: String = digits[digits.len().saturating_sub(4)..].iter().collect();
        return Some(("phone_number", format!("+1555555{last}")));
    }
    let (name, host) = masked.split_once('@')?;
    let plain = |part: &str| part.replace('*', "");
    Some(("email", format!("{}@{}", plain(name), plain(host))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_made_up_so_that_its_mask_is_the_recorded_one() {
        for (masked, medium, expected) in [
            ("+*******0839", "SMS", ("phone_number", "+15555550839")),
            ("f***@e***", "EMAIL", ("email", "f@e")),
            ("a***@e***.com", "EMAIL", ("email", "a@e.com")),
        ] {
            let (attribute, address) = unmasked(masked, medium).expect("a mask");
            assert_eq!((attribute, address.as_str()), expected, "{masked}");
        }
        assert_eq!(unmasked("nobody", "EMAIL"), None, "no address");
    }
}
