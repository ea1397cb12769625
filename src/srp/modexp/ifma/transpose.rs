//! From eight numbers one after the other to eight numbers side by side, and back.

use std::arch::x86_64::{
    __m512i, _mm512_permutex2var_epi64, _mm512_setr_epi64, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi64,
};
use std::array;

use super::constants::LIMBS;
use super::lanes::Lanes;
use super::single::PADDED;
use super::vector::{Words, load_at, store};

/// Limb i of each number becomes vector i. The numbers have four zero limbs after their own.
#[target_feature(enable = "avx512f")]
pub(super) fn side_by_side(numbers: [&[u64; PADDED]; 8]) -> Lanes {
    let mut lanes = [Words::ZERO; LIMBS];
    for (block, words) in lanes.chunks_mut(8).enumerate() {
        let rows = numbers.map(|number| load_at(number, 8 * block));
        for (words, vector) in words.iter_mut().zip(transposed(rows)) {
            store(&mut words.0, vector);
        }
    }
    lanes
}

/// Number i is made of word i of each vector.
#[target_feature(enable = "avx512f")]
pub(super) fn one_by_one(lanes: &Lanes) -> [[u64; LIMBS]; 8] {
    // Plain reads: who takes lanes apart turns them into integers, which costs far more.
    array::from_fn(|lane| array::from_fn(|limb| lanes[limb].0[lane]))
}

/// The transpose of an 8 × 8 matrix: pairs, then pairs of pairs, then halves change places.
#[inline]
#[target_feature(enable = "avx512f")]
fn transposed(rows: [__m512i; 8]) -> [__m512i; 8] {
    let low_pairs = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    let high_pairs = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    let low_half = _mm512_setr_epi64(0, 1, 2, 3, 8, 9, 10, 11);
    let high_half = _mm512_setr_epi64(4, 5, 6, 7, 12, 13, 14, 15);
    let pair = |at: usize| {
        let (a, b) = (rows[2 * (at / 2)], rows[2 * (at / 2) + 1]);
        if at.is_multiple_of(2) {
            _mm512_unpacklo_epi64(a, b)
        } else {
            _mm512_unpackhi_epi64(a, b)
        }
    };
    let pairs: [__m512i; 8] = array::from_fn(pair);
    // quads[g][c]: for rows 4g to 4g + 3, the columns c and c + 4.
    let quads: [[__m512i; 4]; 2] = array::from_fn(|group| {
        array::from_fn(|column| {
            let (a, b) = (
                pairs[4 * group + column % 2],
                pairs[4 * group + 2 + column % 2],
            );
            let order = if column < 2 { low_pairs } else { high_pairs };
            _mm512_permutex2var_epi64(a, order, b)
        })
    });
    array::from_fn(|column| {
        let order = if column < 4 { low_half } else { high_half };
        _mm512_permutex2var_epi64(quads[0][column % 4], order, quads[1][column % 4])
    })
}
