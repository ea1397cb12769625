//! The reference client: the application's side of every flow.
//!
//! Written after amplify-swift's behaviour where that is sane. It reads plain data ([`Policy`], whose default is right),
//! so that a *mistake* edits data and the client stays clean. It dispatches on what the service answers, never on the
//! flow it started: a custom flow may give tokens at once, and SRP may lead to any challenge.
//!
//! | file | answers |
//! |---|---|
//! | `calls` | what an application can call |
//! | `sign_in` | how a sign-in starts |
//! | `challenges` | what the service asks on the way, and how it is answered |
//! | `signed_in` | what can be done once somebody is signed in |
//! | `reset_password` | how a new password is set by a code |
//! | `exchange` | how one request is sent and its answer read |
//! | [`client`](mod@client) | what a client is made of, and what it keeps |
//! | [`devices`] | which devices this client was given, and by which names |
//! | `jwt` | what a token says |
//! | [`attempt`] | what is remembered between the requests of one sign-in |
//! | [`proof`] | what a claim is made of |
//! | [`policy`], [`token_policy`] | which decisions a port may get wrong |
//! | [`outgoing`] | what an edit of a message may see and change |
//! | [`settings`] | where the settings of a call come from |
//! | [`sources`] | where time and randomness come from |
//! | [`transport`], [`http`] | how requests travel |
//! | [`reply`] | how results look to the harness |
//! | [`error`] | what can go wrong |
//!
//! A new `sign_in` replaces what was there, tokens included; an application need not sign out first. Devices stay.

pub mod attempt;
mod calls;
mod challenges;
#[allow(clippy::module_inception)]
// the file is named after the type that it is about, as every other here
pub mod client;
pub mod devices;
pub mod error;
mod exchange;
pub mod http;
mod jwt;
pub mod outgoing;
pub mod policy;
pub mod proof;
pub mod reply;
mod reset_password;
pub mod settings;
mod sign_in;
mod signed_in;
pub mod sources;
pub mod token_policy;
pub mod transport;

pub use attempt::{KeyPair, Pending};
pub use client::Client;
pub use devices::{DeviceRecord, DeviceStore};
pub use error::{AuthError, InvalidServiceResponse};
pub use http::HttpTransport;
pub use outgoing::{Outgoing, Sender};
pub use policy::{
    AfterWrongCode, Confirming, DeviceFlows, DevicePassword, DevicePolicy, FactorPolicy, Filed,
    Gap, Gone, Ids, IllegalB, Input, KeySent, Lie, OddHex, Policy, PoolName, RefreshBy, Rounds,
    SecretBlock, SetUpEnds, TokensNeeded, UnknownChallenge, VerifierOctets, VerifierScope,
    VerifierUser,
};
pub use proof::Proof;
pub use settings::settings_for;
pub use sign_in::SignInRequest;
pub use sources::Sources;
pub use token_policy::{Forgets, TokenPolicy};
pub use transport::{Transport, TransportError};
