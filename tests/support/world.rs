//! Who is there: one pool, its app clients, and the people who sign in.

use cognito_conformance::model::{
    AppClient, Clock, ExplicitAuthFlow, FirstFactor, Round, User, World,
};

pub const POOL_ID: &str = "us-east-1_TestPool1";
pub const CLIENT: &str = "client1234567890";
pub const OTHER_CLIENT: &str = "other1234567890";
pub const SECRET: &str = "secret0123456789abcdefghij";
pub const ALICE: &str = "11111111-2222-4333-8444-555555555555";
pub const SUB: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
pub const EMAIL: &str = "alice@example.com";
pub const PHONE: &str = "+15555550100";
pub const PASSWORD: &str = "Canary-Passw0rd!";
pub const BOB: &str = "99999999-8888-4777-8666-555555555555";
pub const BOBS_EMAIL: &str = "bob@example.com";
pub const BOBS_PHONE: &str = "+15555550111";
pub const BOBS_PASSWORD: &str = "Bob-Passw0rd!";
/// What a password is changed to.
pub const NEW_PASSWORD: &str = "Another-Passw0rd!";
/// Tue Mar 5 09:07:03 UTC 2024: a day of one digit.
pub const NOW: i64 = 1_709_629_623;
/// RFC 6238 appendix B: the ASCII digits 1 to 0, twice, as base32.
pub const TOTP_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Alice and Bob, who have e-mail addresses, and two app clients, which allow SRP, passwords and custom challenges.
pub fn world() -> World {
    World::new(POOL_ID, CLIENT)
        .with_client(AppClient::new(OTHER_CLIENT))
        .allowing(&[
            ExplicitAuthFlow::AllowUserSrpAuth,
            ExplicitAuthFlow::AllowUserPasswordAuth,
            ExplicitAuthFlow::AllowCustomAuth,
        ])
        .with_users([
            User::new(ALICE, SUB)
                .with_email(EMAIL)
                .with_password(PASSWORD),
            User::new(BOB, BOB)
                .with_email(BOBS_EMAIL)
                .with_password(BOBS_PASSWORD),
        ])
        .with_clock(Clock::Fixed(NOW))
        .with_seed(7)
}

/// The same people with phone numbers, and with one password, so that a test can change who signs in and nothing else; every
/// flow, every first factor, and a custom challenge.
pub fn whole_world() -> World {
    let mut world = World::new(POOL_ID, CLIENT)
        .with_users([
            User::new(ALICE, SUB)
                .with_email(EMAIL)
                .with_phone(PHONE)
                .with_password(PASSWORD),
            User::new(BOB, BOB)
                .with_email(BOBS_EMAIL)
                .with_phone(BOBS_PHONE)
                .with_password(PASSWORD),
        ])
        .with_custom([Round::asking("6 × 7?", "42")])
        .with_clock(Clock::Fixed(NOW))
        .with_seed(7);
    world.pool.first_factors = vec![
        FirstFactor::Password,
        FirstFactor::EmailOtp,
        FirstFactor::SmsOtp,
    ];
    world
}

/// With app clients that don't tell whether somebody exists.
pub fn hiding(mut world: World) -> World {
    for client in &mut world.clients {
        client.prevent_user_existence_errors = true;
    }
    world
}
