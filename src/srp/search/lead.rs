//! How a number begins.

use std::ops::RangeInclusive;

use num_bigint::BigUint;

/// Bounds on the first two octets of a number that is written with its full width, big-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead(RangeInclusive<u16>);

impl Lead {
    /// The first two octets, as one number, lie within these bounds.
    pub const fn new(octets: RangeInclusive<u16>) -> Self {
        Self(octets)
    }

    /// Whether the number begins so when it is written with `width` octets. A number that is wider does not.
    pub fn admits(&self, value: &BigUint, width: usize) -> bool {
        let spare_bits = 8 * width.saturating_sub(OCTETS) as u64;
        // Copies no more than the octets that are looked at.
        u16::try_from(value >> spare_bits).is_ok_and(|octets| self.0.contains(&octets))
    }

    /// How many numbers have to be drawn, on average, until one begins so.
    pub fn expected_tries(&self) -> f64 {
        let admitted = (u32::from(*self.0.end()) + 1).saturating_sub((*self.0.start()).into());
        f64::from(u32::from(u16::MAX) + 1) / f64::from(admitted)
    }
}

/// Octets that are looked at.
const OCTETS: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_looked_at_with_its_full_width() {
        let lead = Lead::new(0x0080..=0x00ff);
        let int = |hex: &[u8]| BigUint::from_bytes_be(hex);
        assert!(lead.admits(&int(&[0x80, 0, 0]), 4), "the lowest");
        assert!(lead.admits(&int(&[0xff, 0xff, 0xff]), 4), "the highest");
        assert!(!lead.admits(&int(&[0x7f, 0xff, 0xff]), 4), "just below");
        assert!(!lead.admits(&int(&[1, 0, 0, 0]), 4), "just above");
        assert!(!lead.admits(&int(&[0x80, 0, 0]), 3), "another width");
        assert!(!lead.admits(&int(&[1, 0, 0x80, 0, 0]), 4), "too wide");
        assert!(Lead::new(0..=0).admits(&BigUint::ZERO, 4), "zero");
    }

    #[test]
    fn the_fewer_are_admitted_the_more_tries_it_takes() {
        assert_eq!(Lead::new(0x8000..=0xffff).expected_tries(), 2.0);
        assert_eq!(Lead::new(0..=0).expected_tries(), 65_536.0);
        assert_eq!(Lead::new(0..=u16::MAX).expected_tries(), 1.0);
    }
}
