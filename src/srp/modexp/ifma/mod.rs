//! The engine for x86-64 with AVX-512-IFMA: 60 limbs of 52 bits, Montgomery form with R = 2^3120.
//!
//! One instruction multiplies eight pairs of 52-bit limbs and adds the low or the high halves of the products to eight
//! 64-bit columns. A column takes hundreds of them before its carries have to be looked at.
//!
//! R is 2^48 times as large as N can hold. So a product of numbers below 5N comes out below 5N again without any
//! subtraction, and numbers stay in that range until they leave.
//!
//! N is added in multiples `M = c·N ≡ −1 (mod 2^(52k))`. Then the k lowest limbs of what is to be reduced *are* the digits q
//! by which M has to be added, all k of them at once, and the sum is `q·(M + 1)/2^(52k)` added k limbs further up. A step of
//! k digits at limb p adds less than `2^(52(p + 2k))·N`, so that steps have to get shorter towards limb 60: every list of
//! steps keeps p + 2k ≤ 60, but for the last digits, where N itself is added (c = 1, since N ≡ −1 (mod 2^52)).
//!
//! | file | answers |
//! |---|---|
//! | `engine` | how the kernels make a [`Field`](super::field::Field), and on which machines |
//! | `constants` | the multiples of N |
//! | `vector` | how vectors are read and written |
//! | `single` | one number, its limbs across vectors |
//! | `lanes` | eight numbers side by side, limb by limb |
//! | `transpose` | from the one to the other |
//!
//! All `unsafe` of the crate is in this folder: reading and writing vectors and fetching them ahead (`vector`), and entering a kernel after the
//! processor was seen to have its instructions (`engine`). The arithmetic itself has none.
#![allow(
    unsafe_code,
    reason = "vector loads, stores and prefetches, and calls of functions that need instructions beyond the target's"
)]

mod constants;
mod engine;
mod lanes;
mod single;
mod transpose;
mod vector;

pub(super) use engine::Ifma;
