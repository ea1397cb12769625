//! Workers, budgets, shrinking: plays cases and emits events.
//!
//! | file | answers |
//! |---|---|
//! | [`event`] | what a run tells those who report |
//! | [`requirement`] | what a case can break |
//! | [`check`](mod@check) | how a whole check goes |
//! | [`selftest`](mod@selftest) | how every rule is proved able to fail |
//! | [`innocence`](mod@innocence) | whether nobody who is right is accused |
//! | `coverage` | what a check has met of what can be |
//! | `steps` | which steps its plays took |
//! | `audition` | what is found out about a port before anything is judged |
//! | [`replay`](mod@replay) | how one scenario is played again |
//! | [`watch`] | how an application is judged while it signs in to a local pool |
//! | [`bench`](mod@bench) | how engines and ports are measured |
//! | [`play`] | what happens when a port plays a scenario |
//! | [`case`] | what comes of one case |
//! | [`primitives`] | what a port's pure functions are compared with |
//! | [`search`] | what comes of a failing case that is looked into: again, smaller, intermittent, by which mistake |
//! | [`witness`] | whether right references conform in a scenario |
//! | [`worker`] | what to check, and what one worker owns |
//! | [`workers`] | how cases are spread over threads |
//! | [`known`] | which findings are expected |
//! | [`error`] | why a run can't go on |

mod audition;
pub mod bench;
pub mod case;
pub mod check;
mod coverage;
pub mod error;
pub mod event;
pub mod innocence;
pub mod known;
mod ownership;
pub mod play;
pub mod primitives;
mod randomness;
pub mod replay;
pub mod requirement;
pub mod search;
pub mod selftest;
mod steps;
pub mod watch;
pub mod witness;
pub mod worker;
pub mod workers;

pub use bench::{BenchEvent, BenchOptions, BenchSummary, PortCommand};
pub use check::check;
pub use error::RunError;
pub use event::RunEvent;
pub use innocence::{Innocence, InnocenceOptions, Progressed, Space, innocence};
pub use known::{Known, KnownError};
pub use play::{PlayError, Played, Prepared, Theatre};
pub use replay::{Replayed, replay};
pub use requirement::{Recorded, Requirement, ShimDuty};
pub use selftest::{Accusation, Matrix, MatrixRow, SelftestEvent, SelftestOptions, selftest};
pub use watch::{Watch, WatchSummary};
pub use worker::{CheckOptions, Manners, SubjectChoice};
