//! Hash functions of the SRP family.

use blake2::{Blake2b, Blake2s256};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use shake::Shake256;
use shake::digest::{ExtendableOutput as _, Update as _, XofReader as _};

/// A hash function. Cognito uses SHA-256 throughout; the others are its relatives'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1 (RFC 5054).
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512 (HomeKit).
    Sha512,
    /// BLAKE2b with 28 octets of output.
    Blake2b224,
    /// BLAKE2b with 32 octets of output.
    Blake2b256,
    /// BLAKE2b with 48 octets of output.
    Blake2b384,
    /// BLAKE2b with 64 octets of output.
    Blake2b512,
    /// BLAKE2s with 32 octets of output.
    Blake2s256,
    /// SHAKE-256 with this many *bits* of output, rounded down to octets.
    Shake256(u16),
}

impl Hash {
    /// Hashes the parts as one message.
    pub fn digest(&self, parts: &[&[u8]]) -> Vec<u8> {
        match *self {
            Self::Sha1 => whole::<Sha1>(parts),
            Self::Sha256 => whole::<Sha256>(parts),
            Self::Sha384 => whole::<Sha384>(parts),
            Self::Sha512 => whole::<Sha512>(parts),
            Self::Blake2b224 => whole::<Blake2b<blake2::digest::consts::U28>>(parts),
            Self::Blake2b256 => whole::<Blake2b<blake2::digest::consts::U32>>(parts),
            Self::Blake2b384 => whole::<Blake2b<blake2::digest::consts::U48>>(parts),
            Self::Blake2b512 => whole::<Blake2b<blake2::digest::consts::U64>>(parts),
            Self::Blake2s256 => whole::<Blake2s256>(parts),
            Self::Shake256(bits) => {
                let mut state = Shake256::default();
                for part in parts {
                    state.update(part);
                }
                let mut out = vec![0; usize::from(bits / 8)];
                state.finalize_xof().read(&mut out);
                out
            }
        }
    }

    /// How many octets it gives.
    pub fn octets(&self) -> usize {
        match *self {
            Self::Sha1 => 20,
            Self::Blake2b224 => 28,
            Self::Sha256 | Self::Blake2b256 | Self::Blake2s256 => 32,
            Self::Sha384 | Self::Blake2b384 => 48,
            Self::Sha512 | Self::Blake2b512 => 64,
            Self::Shake256(bits) => usize::from(bits / 8),
        }
    }

    /// The function with this name, as vector files spell it (`SHA-256`, `sha256`, `BLAKE2b(224)`, `blake2b-224`,
    /// `SHAKE-256(896)`); `None` if there is none.
    pub fn by_name(name: &str) -> Option<Self> {
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        Some(match plain.as_str() {
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            "blake2b224" => Self::Blake2b224,
            "blake2b256" => Self::Blake2b256,
            "blake2b384" => Self::Blake2b384,
            "blake2b512" => Self::Blake2b512,
            "blake2s256" => Self::Blake2s256,
            other => Self::Shake256(other.strip_prefix("shake256")?.parse().ok()?),
        })
    }
}

fn whole<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut state = D::new();
    for part in parts {
        Digest::update(&mut state, part);
    }
    state.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_hashed_as_one_message() {
        for hash in [
            Hash::Sha1,
            Hash::Sha256,
            Hash::Blake2b224,
            Hash::Blake2s256,
            Hash::Shake256(896),
        ] {
            assert_eq!(
                hash.digest(&[b"ab", b"", b"c"]),
                hash.digest(&[b"abc"]),
                "{hash:?}"
            );
        }
    }

    #[test]
    fn the_number_of_octets_is_that_of_a_digest() {
        for hash in [
            Hash::Sha1,
            Hash::Sha256,
            Hash::Sha384,
            Hash::Sha512,
            Hash::Blake2b224,
            Hash::Blake2b256,
            Hash::Blake2b384,
            Hash::Blake2b512,
            Hash::Blake2s256,
            Hash::Shake256(900),
        ] {
            assert_eq!(hash.octets(), hash.digest(&[]).len(), "{hash:?}");
        }
    }

    #[test]
    fn names_of_vector_files_are_known() {
        assert_eq!(Hash::by_name("SHA-1"), Some(Hash::Sha1));
        assert_eq!(Hash::by_name("blake2b-384"), Some(Hash::Blake2b384));
        assert_eq!(Hash::by_name("BLAKE2b(512)"), Some(Hash::Blake2b512));
        assert_eq!(Hash::by_name("SHAKE-256(896)"), Some(Hash::Shake256(896)));
        assert_eq!(Hash::by_name("md5"), None);
    }
}
