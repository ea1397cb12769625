//! Searches for private values whose public results begin as one wants, so that what is rare happens in the first sign-in.
//!
//! Nothing is computed anew that a neighbour has computed:
//!
//! | wanted | how candidates follow one another | cost of a candidate |
//! |---|---|---|
//! | A | `g^(a+1) = g·g^a`: for g = 2 a doubling modulo N | a shift and a subtraction |
//! | B | the same for `g^b`, and `B = k·v + g^b` | two additions |
//! | u | `u = H(A ‖ B)` | a hash |
//! | odd `a + u·x` | as u, and the last bits of a and x | a hash |
//! | S | `S = (A·v^u)^b = v^(u·b) · A^b` from one table of v and A | 48 products, 15 squarings, eight lanes |
//!
//! Of several wishes the cheap ones come first, and S is computed only where they hold. b is short where S is wished for,
//! since it lengthens `u·b`; no client can tell.
//!
//! | file | answers |
//! |---|---|
//! | `lead` | how a number begins, and how many tries that takes |
//! | `powers` | what `g^e`, `g^(e+1)` … are |
//! | `private` | which a gives an A that begins so |
//! | `challenge` | which b gives B, u, S and a parity that are so |
//! | `secrets` | what S is for many b |

mod challenge;
mod lead;
mod powers;
mod private;
mod secrets;

pub use challenge::{Candidate, Exponent, Found, Search, Wanted};
pub use lead::Lead;
pub use private::{FoundPrivate, search_private};
