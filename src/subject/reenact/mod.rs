//! Re-enactment: a recording of the service checks our references, not only the rules.
//!
//! Its responses drive the client, which has to send the recorded requests. Its requests drive a pool in a matching
//! world, which has to give the recorded responses: the same members, types and texts, and the same values wherever
//! nothing random, sealed or signed goes into them.
//!
//! **Nothing is passed over in silence.** What can't be compared is listed in the recording, each with its reason, and
//! the list is strict: an entry without which the comparison would succeed, or that asks for more than it needs, is
//! reported as [`needless`](Reenactment::needless). What had to be exchanged so that the pool could read a recorded
//! request at all is reported as [`substituted`](Reenactment::substituted): the secret block and the Session, which are
//! sealed by whoever made them, codes, tokens and keys of devices, and the claim, which depends on B. The claim is made from
//! the pool's own b and v, so that it needs neither the private a nor the password, which are hardly ever published. What
//! has to have come before an exchange and isn't recorded is done, and reported as [`led`](Reenactment::led).
//!
//! What is compared:
//!
//! - of a request the method, the path, every recorded header and the whole body. Headers beyond the recorded ones are
//!   not judged, since sources print a selection;
//! - of a response the status, every recorded header and the whole body;
//! - of a call's last response what the client tells the application;
//! - of a response whose request isn't recorded what the client makes of it, and, where `known` tells how the service
//!   came to it, the pool's response to a request made accordingly, after a sign-in of our client at our pool where the
//!   request is part of one.
//!
//! | file | answers |
//! |---|---|
//! | `reenactment` | how a recording is re-enacted |
//! | [`report`], [`error`] | what comes out, and why nothing does |
//! | `exchange` | which request and which response belong together |
//! | `told` | what a recording tells of the user |
//! | `stand_in` | what stands in for what nothing is known of |
//! | `known` | what is known of the recorded world |
//! | `world`, `script` | what was there, and what its triggers did |
//! | `lead` | what came before that isn't recorded |
//! | `of_client`, `outcome` | what the client sends, and what it tells the application |
//! | `of_pool`, `given` | what the pool answers, and what it gave in place of what the service gave |
//! | `compare` | where two messages differ |

mod compare;
pub mod error;
mod exchange;
mod given;
mod known;
mod lead;
mod of_client;
mod of_pool;
mod outcome;
mod reenactment;
pub mod report;
mod script;
mod stand_in;
mod told;
mod world;

pub use error::ReenactError;
pub use reenactment::{reenact, reenact_with};
pub use report::{Difference, Led, Reenactment, Substituted};
