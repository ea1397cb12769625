//! Plain data that describes a world: pool, app client, users, triggers, clock, steering.
