//! What of a world the service would not have let be set up.

use crate::model::{AppClient, SaltChoice, World};
use crate::pool::error::PoolError;
use crate::pool::wire::shape::is_word;
use crate::srp::{PoolId, Salt, parse_hex};

/// Checks everything but users, which the directory checks.
pub(in crate::pool) fn check(world: &World) -> Result<PoolId, PoolError> {
    let id = PoolId::parse(&world.pool.id)?;
    if id.region() != world.pool.region {
        return Err(PoolError::Region {
            expected: id.region().to_owned(),
            got: world.pool.region.clone(),
        });
    }
    for (index, client) in world.clients.iter().enumerate() {
        check_client(client)?;
        if world.clients[..index]
            .iter()
            .any(|other| other.id == client.id)
        {
            return Err(PoolError::Twice {
                at: "clients[].id",
                name: client.id.clone(),
            });
        }
    }
    let steering = &world.steering;
    if let Some(SaltChoice::Dictated(hex)) = &steering.salt {
        Salt::from_hex(hex).map_err(|source| PoolError::Steering {
            what: "salt",
            source,
        })?;
    }
    if let Some(hex) = &steering.b {
        parse_hex(hex).map_err(|source| PoolError::Steering { what: "b", source })?;
    }
    steering.check()?;
    Ok(id)
}

fn check_client(client: &AppClient) -> Result<(), PoolError> {
    let out_of_bounds = |member: &str, expected, got: &str| PoolError::OutOfBounds {
        at: format!("clients[{:?}].{member}", client.id),
        expected,
        got: got.to_owned(),
    };
    if !is_word(&client.id) || client.id.len() > 128 {
        return Err(out_of_bounds("id", "1 to 128 of [A-Za-z0-9_+]", &client.id));
    }
    if let Some(secret) = &client.secret
        && (!is_word(secret) || !(24..=64).contains(&secret.len()))
    {
        return Err(out_of_bounds(
            "secret",
            "24 to 64 of [A-Za-z0-9_+]",
            &format!("{} characters", secret.chars().count()),
        ));
    }
    if !(3..=15).contains(&client.auth_session_validity) {
        return Err(out_of_bounds(
            "auth_session_validity",
            "3 to 15 minutes",
            &client.auth_session_validity.to_string(),
        ));
    }
    let flows = &client.explicit_auth_flows;
    let legacy = flows.iter().find(|flow| flow.is_legacy());
    let modern = flows.iter().find(|flow| !flow.is_legacy());
    if let (Some(legacy), Some(modern)) = (legacy, modern) {
        return Err(PoolError::MixedFlows {
            client: client.id.clone(),
            legacy: *legacy,
            modern: *modern,
        });
    }
    Ok(())
}
