//! Plain data that describes a world: pool, app client, users, triggers, clock, steering; and how well facts are known.
//!
//! Both the scenario that dictates a world and the pool that enacts it speak in these types; so does the file that describes
//! a local Cognito.

pub mod app_client;
pub mod clock;
pub mod host_name;
pub mod local;
pub mod pool;
pub mod steering;
pub mod strength;
pub mod totp;
pub mod trigger;
pub mod user;
pub mod world;

pub use app_client::{AppClient, ExplicitAuthFlow};
pub use clock::Clock;
pub use host_name::HostName;
pub use local::{Local, LocalError, LocalIssuer};
pub use pool::{
    DeviceTracking, FirstFactor, MfaConfiguration, MfaMethod, PasswordPolicy, UserPool,
};
pub use steering::{ByteClass, SaltChoice, SrpValue, Steering, Wish};
pub use strength::Strength;
pub use trigger::{
    BuiltIn, CustomScript, FixedAnswer, Function, MigrationScript, OnWrongAnswer, Round,
    TriggerFailure, TriggerName, Triggers,
};
pub use user::{Device, User, UserMfa, UserStatus};
pub use world::World;
