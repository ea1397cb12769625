//! The libraries that people would otherwise use, each behind the same trait.
//!
//! | file | answers |
//! |---|---|
//! | `library` | what a library is asked |
//! | `all` | which there are, and in which versions |
//! | `bignum` | how `BIGNUM` is used, OpenSSL's and AWS-LC's |
//! | `openssl`, `aws_lc`, `gmp`, `crypto_bigint`, `num_bigint` | the libraries |

mod all;
mod aws_lc;
mod bignum;
mod crypto_bigint;
mod gmp;
mod library;
mod num_bigint;
mod openssl;

pub use self::all::{Libraries, Visit, versions};
pub use self::library::Library;
