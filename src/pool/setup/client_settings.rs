//! Settings of an app client: of the API to the model, and back.

use serde_json::{Map, Value, json};

use crate::model::{AppClient, ExplicitAuthFlow};
use crate::pool::state::setup::Settings;
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::members::{object, present, read, text, without};

/// The client that a request of `CreateUserPoolClient` or `UpdateUserPoolClient` describes; what it does not name is as in
/// `base`.
pub(in crate::pool) fn client_of(
    members: &Map<String, Value>,
    base: AppClient,
) -> Answer<AppClient> {
    let mut client = base;
    if let Some(name) = text(members, "ClientName") {
        client.name = Some(name.to_owned());
    }
    client.explicit_auth_flows = flows(members)?;
    client.prevent_user_existence_errors =
        text(members, "PreventUserExistenceErrors") == Some("ENABLED");
    if let Some(minutes) = read(members, "AuthSessionValidity") {
        client.auth_session_validity = minutes;
    }
    for (token, minutes) in [
        (&ACCESS, &mut client.access_token_minutes),
        (&ID, &mut client.id_token_minutes),
        (&REFRESH, &mut client.refresh_token_minutes),
    ] {
        if let Some(stated) = token.minutes(members)? {
            *minutes = stated;
        }
    }
    let rotation = present(members, "RefreshTokenRotation");
    client.rotation_grace_seconds = rotation
        .filter(|rotation| rotation["Feature"] == json!("ENABLED"))
        .map(|rotation| {
            let grace = rotation["RetryGracePeriodSeconds"].as_u64().unwrap_or(0);
            u8::try_from(grace).unwrap_or(u8::MAX)
        });
    if let Some(revokes) = read(members, "EnableTokenRevocation") {
        client.token_revocation = revokes;
    }
    Ok(client)
}

/// What a description repeats of a request about a client.
pub(in crate::pool) fn client_members(members: &Map<String, Value>) -> Map<String, Value> {
    let elsewhere = ["UserPoolId", "ClientId", "GenerateSecret", "ClientSecret"];
    without(members, &elsewhere)
}

/// The service's description (`UserPoolClientType`).
pub(in crate::pool) fn described_client(
    client: &AppClient,
    pool: &str,
    settings: &Settings,
) -> Value {
    let members = &settings.members;
    let mut described = members.clone();
    described.extend(object(json!({
        "UserPoolId": pool,
        "ClientId": client.id,
        "ClientName": client.name.as_ref().unwrap_or(&client.id),
        "CreationDate": settings.created,
        "LastModifiedDate": settings.modified,
        "AuthSessionValidity": client.auth_session_validity,
        "EnableTokenRevocation": client.token_revocation,
        "PreventUserExistenceErrors": match client.prevent_user_existence_errors {
            true => "ENABLED",
            false => "LEGACY",
        },
    })));
    if let Some(secret) = &client.secret {
        described.insert("ClientSecret".to_owned(), json!(secret));
    }
    if !client.explicit_auth_flows.is_empty() {
        described
            .entry("ExplicitAuthFlows")
            .or_insert_with(|| json!(client.explicit_auth_flows));
    }
    if let Some(grace) = client.rotation_grace_seconds {
        let rotation = json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": grace });
        described.insert("RefreshTokenRotation".to_owned(), rotation);
    }
    let mut units = Map::new();
    for (token, minutes) in [
        (&ACCESS, client.access_token_minutes),
        (&ID, client.id_token_minutes),
        (&REFRESH, client.refresh_token_minutes),
    ] {
        let (value, unit) = token.described(members, minutes);
        described.insert(token.member.to_owned(), json!(value));
        units.insert(token.unit_member.to_owned(), json!(unit));
    }
    described.insert("TokenValidityUnits".to_owned(), Value::Object(units));
    for name in [
        "AllowedOAuthFlowsUserPoolClient",
        "EnablePropagateAdditionalUserContextData",
    ] {
        described.entry(name).or_insert(json!(false));
    }
    Value::Object(described)
}

/// Legacy names and `ALLOW_*` names are not mixed. Names of flows that this pool doesn't offer are passed over.
fn flows(members: &Map<String, Value>) -> Answer<Vec<ExplicitAuthFlow>> {
    let names: Vec<Value> = read(members, "ExplicitAuthFlows").unwrap_or_default();
    let is_modern = |name: &Value| name.as_str().is_some_and(|name| name.starts_with("ALLOW_"));
    if names.iter().any(is_modern) && !names.iter().all(is_modern) {
        return Err(errors::mixed_flows());
    }
    Ok(names
        .into_iter()
        .filter_map(|name| serde_json::from_value(name).ok())
        .collect())
}

/// How long one kind of token can be good.
struct Validity {
    /// The member that says how many.
    member: &'static str,
    /// The member of `TokenValidityUnits` that says of what.
    unit_member: &'static str,
    /// The unit where none is named.
    unit: &'static str,
    /// In seconds.
    bounds: std::ops::RangeInclusive<u64>,
}

impl Validity {
    /// The minutes that a request states. Zero means the default, which the service model allows for refresh tokens. Seconds
    /// that are no whole minutes are rounded down.
    fn minutes(&self, members: &Map<String, Value>) -> Answer<Option<u32>> {
        let stated = members.get(self.member).and_then(Value::as_u64);
        let Some(count) = stated.filter(|count| *count > 0) else {
            return Ok(None);
        };
        let seconds = count.saturating_mul(seconds_of(self.stated_unit(members)));
        if !self.bounds.contains(&seconds) {
            return Err(errors::bad_validity());
        }
        Ok(u32::try_from(seconds / 60).ok())
    }

    /// The number and its unit, as they were stated, else in the unit that is the default, else in minutes.
    fn described(&self, members: &Map<String, Value>, minutes: u32) -> (u64, &str) {
        let stated = members.get(self.member).and_then(Value::as_u64);
        if let Some(count) = stated.filter(|count| *count > 0) {
            let unit = UNITS
                .into_iter()
                .find(|(unit, _)| *unit == self.stated_unit(members));
            return (count, unit.map_or(self.unit, |(unit, _)| unit));
        }
        let seconds = 60 * u64::from(minutes);
        let unit = seconds_of(self.unit);
        if seconds % unit == 0 {
            (seconds / unit, self.unit)
        } else {
            (u64::from(minutes), "minutes")
        }
    }

    fn stated_unit<'a>(&'a self, members: &'a Map<String, Value>) -> &'a str {
        members
            .get("TokenValidityUnits")
            .and_then(|units| units[self.unit_member].as_str())
            .unwrap_or(self.unit)
    }
}

fn seconds_of(unit: &str) -> u64 {
    let known = UNITS.into_iter().find(|(name, _)| *name == unit);
    known.map_or(1, |(_, seconds)| seconds)
}

const UNITS: [(&str, u64); 4] = [
    ("seconds", 1),
    ("minutes", 60),
    ("hours", 60 * 60),
    ("days", 24 * 60 * 60),
];
/// Five minutes to a day (developer guide, quotas).
const SHORT: std::ops::RangeInclusive<u64> = 300..=86_400;
const ACCESS: Validity = Validity {
    member: "AccessTokenValidity",
    unit_member: "AccessToken",
    unit: "hours",
    bounds: SHORT,
};
const ID: Validity = Validity {
    member: "IdTokenValidity",
    unit_member: "IdToken",
    unit: "hours",
    bounds: SHORT,
};
/// An hour to ten years (developer guide, quotas).
const REFRESH: Validity = Validity {
    member: "RefreshTokenValidity",
    unit_member: "RefreshToken",
    unit: "days",
    bounds: 3600..=315_360_000,
};
