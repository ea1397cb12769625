//! What a library of big integers is asked, so that the steps of a sign-in are written once for all of them.

use num_bigint::BigUint;

/// Arithmetic modulo Cognito's N, as a port on one library would write it.
///
/// Numbers are the library's own, and every result that is said to be modulo N is its least non-negative residue.
pub trait Library {
    /// The library's integer.
    type Number: 'static;

    /// The library and the function that makes its powers.
    fn name(&self) -> String;

    /// A number from its octets, big-endian.
    fn read(&self, octets: &[u8]) -> Self::Number;

    /// The octets of a number, big-endian, without leading zeros.
    fn write(&self, number: &Self::Number) -> Vec<u8>;

    /// `base^exponent mod N` for a base below N.
    fn power(&self, base: &Self::Number, exponent: &Self::Number) -> Self::Number;

    /// `g^exponent mod N`, in the way that the library offers for it.
    fn power_of_g(&self, exponent: &Self::Number) -> Self::Number;

    /// `a·b mod N`.
    fn product(&self, a: &Self::Number, b: &Self::Number) -> Self::Number;

    /// `a + b mod N`.
    fn sum(&self, a: &Self::Number, b: &Self::Number) -> Self::Number;

    /// `a − b mod N`.
    fn difference(&self, a: &Self::Number, b: &Self::Number) -> Self::Number;

    /// `a + u·x`, not reduced.
    fn exponent(&self, a: &Self::Number, u: &Self::Number, x: &Self::Number) -> Self::Number;

    /// A number of num-bigint's as one of this library's.
    fn convert(&self, number: &BigUint) -> Self::Number {
        self.read(&number.to_bytes_be())
    }
}
