//! OpenSSL of the system, through openssl-sys.
#![allow(
    unsafe_code,
    reason = "it is a library in C; the crate itself has none of this"
)]

use std::ffi::{CStr, c_int};
use std::ptr::{self, NonNull};

use num_bigint::BigUint;

use super::bignum::{Function, bignum_library};
use super::library::Library;

/// The version of the library that was found at run time.
pub fn version() -> String {
    // SAFETY: The function gives a text that lives as long as the program, for any argument.
    let text = unsafe { CStr::from_ptr(ffi::OpenSSL_version(openssl_sys::OPENSSL_VERSION)) };
    text.to_string_lossy().into_owned()
}

bignum_library!(OpenSsl, "OpenSSL", ffi);

/// openssl-sys, and what it leaves out.
mod ffi {
    use std::ffi::c_int;

    pub use openssl_sys::{
        BIGNUM, BN_CTX, BN_CTX_free, BN_CTX_new, BN_add, BN_bin2bn, BN_bn2bin, BN_free, BN_mod_add,
        BN_mod_exp, BN_mod_mul, BN_mod_sub, BN_mul, BN_new, BN_num_bits, OpenSSL_version,
    };

    /// `BN_MONT_CTX`.
    #[repr(C)]
    pub struct BN_MONT_CTX {
        _opaque: [u8; 0],
    }

    // SAFETY: As in openssl/bn.h, from 1.1.0 to 3.x.
    unsafe extern "C" {
        pub fn BN_MONT_CTX_new() -> *mut BN_MONT_CTX;
        pub fn BN_MONT_CTX_free(mont: *mut BN_MONT_CTX);
        pub fn BN_MONT_CTX_set(mont: *mut BN_MONT_CTX, n: *const BIGNUM, ctx: *mut BN_CTX)
        -> c_int;
        pub fn BN_mod_exp_mont(
            r: *mut BIGNUM,
            a: *const BIGNUM,
            p: *const BIGNUM,
            m: *const BIGNUM,
            ctx: *mut BN_CTX,
            mont: *mut BN_MONT_CTX,
        ) -> c_int;
        pub fn BN_mod_exp_mont_consttime(
            r: *mut BIGNUM,
            a: *const BIGNUM,
            p: *const BIGNUM,
            m: *const BIGNUM,
            ctx: *mut BN_CTX,
            mont: *mut BN_MONT_CTX,
        ) -> c_int;
    }
}
