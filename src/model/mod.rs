//! Plain data that describes a world: pool, app client, users, triggers, clock, steering.
//!
//! Both the scenario that dictates a world and the pool that enacts it speak in these types; so will a configuration file
//! that describes a local pool.

pub mod app_client;
pub mod clock;
pub mod pool;
pub mod steering;
pub mod trigger;
pub mod user;
pub mod world;

pub use app_client::{AppClient, ExplicitAuthFlow};
pub use clock::Clock;
pub use pool::UserPool;
pub use steering::{ByteClass, SaltChoice, SrpValue, Steering, Wish};
pub use trigger::{CustomScript, MigrationScript, OnWrongAnswer, Round, TriggerFailure, Triggers};
pub use user::{User, UserStatus};
pub use world::World;
