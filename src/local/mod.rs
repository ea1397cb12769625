//! A local Cognito: pools behind an endpoint of their own, for the command `serve` and for the tests of Rust projects.
//!
//! ```
//! use cognito_conformance::local::LocalCognito;
//! use cognito_conformance::model::World;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = World::new("eu-west-1_Tests", "webclient").with_user("ada@example.com", "Passw0rd!");
//! let cognito = LocalCognito::start(world).await?;
//! // What is tested signs in at cognito.endpoint(); here, somebody forgets a password.
//! let forgotten = reqwest::Client::new()
//!     .post(cognito.endpoint())
//!     .header("Content-Type", "application/x-amz-json-1.1")
//!     .header("X-Amz-Target", "AWSCognitoIdentityProviderService.ForgotPassword")
//!     .body(r#"{"ClientId": "webclient", "Username": "ada@example.com"}"#)
//!     .send()
//!     .await?;
//! assert!(forgotten.status().is_success());
//! let code = cognito.message_for("ada@example.com").ok_or("a code was sent")?;
//! assert_eq!(code.len(), 6);
//! # Ok(())
//! # }
//! ```
//!
//! Everything is in memory and gone when the value is dropped, at which the port is free again.
//!
//! | file | answers |
//! |---|---|
//! | [`cognito`] | how it starts, what was sent, how it stops |
//! | `inspection` | what `/_local/` tells |
//! | `gate` | what is refused to pages in browsers |

pub mod cognito;
mod gate;
mod inspection;

pub use cognito::{LocalCognito, LocalCognitoError, LocalSettings};
pub use inspection::{FORBIDDEN, LocalObserver};
