//! AWS-LC, which the crate has anyway for RS256, through aws-lc-sys.
#![allow(
    unsafe_code,
    reason = "it is a library in C; the crate itself has none of this"
)]

use std::ffi::c_int;
use std::ptr::{self, NonNull};

use aws_lc_sys as ffi;
use num_bigint::BigUint;

use super::bignum::{Function, bignum_library};
use super::library::Library;

/// Version of the library.
pub fn version() -> String {
    let text = ffi::AWSLC_VERSION_NUMBER_STRING;
    String::from_utf8_lossy(text)
        .trim_end_matches('\0')
        .to_owned()
}

bignum_library!(AwsLc, "AWS-LC", ffi);
