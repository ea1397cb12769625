//! How vectors of eight 64-bit words are read and written.

use std::arch::x86_64::{
    __m512i, _MM_HINT_T0, _mm_prefetch, _mm512_loadu_epi64, _mm512_storeu_epi64,
};

/// Eight words, aligned as a vector.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(in crate::srp::modexp) struct Words(pub(super) [u64; 8]);

impl Words {
    /// Eight zeros.
    pub(super) const ZERO: Self = Self([0; 8]);
}

/// Reads eight words, wherever they lie.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load(from: &[u64; 8]) -> __m512i {
    // SAFETY: the reference is to 64 readable octets, and this load asks for no alignment.
    unsafe { _mm512_loadu_epi64(from.as_ptr().cast()) }
}

/// Writes eight words, wherever they lie.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store(to: &mut [u64; 8], vector: __m512i) {
    // SAFETY: the reference is to 64 writable octets that nothing else refers to, and this store asks for no alignment.
    unsafe { _mm512_storeu_epi64(to.as_mut_ptr().cast(), vector) }
}

/// Asks for words that will be needed soon.
#[inline]
pub(super) fn prefetch(words: &[u64]) {
    for line in words.chunks(8) {
        // SAFETY: every x86-64 processor has the instruction, and it is a hint: it reads nothing and can't fail.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) }
    }
}

/// Eight words from index `at` on.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load_at(words: &[u64], at: usize) -> __m512i {
    load(
        words[at..]
            .first_chunk()
            .expect("at least eight words follow"),
    )
}
