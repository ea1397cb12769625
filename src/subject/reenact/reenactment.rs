//! How a recording is re-enacted.

use crate::client;
use crate::pool;
use crate::record::{Origin, Transcript};

use super::compare::Ledger;
use super::error::ReenactError;
use super::exchange::exchanges;
use super::known::Known;
use super::report::Reenactment;
use super::{of_client, of_pool, world};

/// Re-enacts a recording from both ends.
///
/// # Errors
/// When the recording can't be re-enacted at all.
pub async fn reenact(recording: &Transcript) -> Result<Reenactment, ReenactError> {
    reenact_with(
        recording,
        &client::Policy::default(),
        &pool::Policy::default(),
    )
    .await
}

/// Re-enacts a recording with references that may commit mistakes: shows which mistakes a recording rules out.
///
/// # Errors
/// When the recording can't be re-enacted at all.
pub async fn reenact_with(
    recording: &Transcript,
    client: &client::Policy,
    pool: &pool::Policy,
) -> Result<Reenactment, ReenactError> {
    let Origin::Recorded(header) = &recording.origin else {
        return Err(ReenactError::NotRecorded {
            id: recording.id.clone(),
        });
    };
    let exchanges = exchanges(recording);
    let known = Known::read(header, &exchanges)?;
    let world = world::of(&known, header, &exchanges)?;
    let mut ledger = Ledger::new(&header.incomparable);
    of_client::compare(&known, &world, &exchanges, client, &mut ledger).await?;
    let (substituted, led) =
        of_pool::compare(&known, &world, &exchanges, pool, &mut ledger).await?;
    let mut reenactment = ledger.close();
    reenactment.substituted = substituted;
    reenactment.led = led;
    Ok(reenactment)
}
