//! HKDF (RFC 5869) and the HMAC beneath it.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The hash under an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mac {
    /// HMAC-SHA-1.
    Sha1,
    /// HMAC-SHA-256: Cognito's.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Mac {
    /// The authentication code of the parts taken as one message.
    pub fn code(&self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        // A macro rather than a generic function: the bounds hmac asks of a hash are longer than the body.
        macro_rules! code {
            ($hash:ty) => {{
                let mut state =
                    Hmac::<$hash>::new_from_slice(key).expect("HMAC takes a key of any length");
                for part in parts {
                    state.update(part);
                }
                state.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Self::Sha1 => code!(Sha1),
            Self::Sha256 => code!(Sha256),
            Self::Sha512 => code!(Sha512),
        }
    }
}

/// What HKDF gives: the pseudo-random key of *extract* and the output of *expand*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hkdf {
    /// `HMAC(salt, ikm)`.
    pub prk: Vec<u8>,
    /// The derived key.
    pub okm: Vec<u8>,
}

/// HKDF (RFC 5869) with `length` octets of output; at most 255 blocks, as the RFC allows.
pub fn hkdf(mac: Mac, salt: &[u8], ikm: &[u8], info: &[u8], length: usize) -> Hkdf {
    let prk = mac.code(salt, &[ikm]);
    let mut okm = Vec::with_capacity(length.min(255 * prk.len()));
    let mut block = Vec::new();
    for counter in 1..=255_u8 {
        if okm.len() >= length {
            break;
        }
        block = mac.code(&prk, &[&block, info, &[counter]]);
        okm.extend_from_slice(&block);
    }
    okm.truncate(length);
    Hkdf { prk, okm }
}

/// What is left of HKDF where the number of the block is forgotten: one block at most.
pub fn hkdf_uncounted(mac: Mac, salt: &[u8], ikm: &[u8], info: &[u8], length: usize) -> Hkdf {
    let prk = mac.code(salt, &[ikm]);
    let mut okm = mac.code(&prk, &[info]);
    okm.truncate(length);
    Hkdf { prk, okm }
}

/// HMAC-SHA-256 of the parts taken as one message.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    Mac::Sha256.code(key, parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_case_of_rfc_5869_holds() {
        let okm = hkdf(
            Mac::Sha256,
            &(0..=12).collect::<Vec<u8>>(),
            &[0x0b; 22],
            &(0xf0..=0xf9).collect::<Vec<u8>>(),
            42,
        );
        assert_eq!(
            data_encoding::HEXLOWER.encode(&okm.prk),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "PRK"
        );
        assert_eq!(
            data_encoding::HEXLOWER.encode(&okm.okm),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            "OKM"
        );
    }
}
