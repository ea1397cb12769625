//! Mistakes in the arithmetic of SRP: each turns a right dialect into a wrong one.
//!
//! The first thirteen rows show in one sign-in of 2, 16, 256 or 512 only, or in all. Played through the vectors of
//! `cognito-edge`, each fails on a set of its own, so that the pattern of failures names the mistake.

use std::borrow::Cow;

use crate::srp::{
    BaseRule, BigUint, Dialect, Group, Hash, HkdfPart, HkdfRule, InnerForm, IntForm, KRule,
    KeyRule, SaltForm, URule,
};

/// A known wrong variant of the arithmetic.
#[derive(Clone, Copy, Debug)]
pub struct ArithmeticMistake {
    /// Stable id, `arithmetic.what-is-wrong`.
    pub id: &'static str,
    /// One sentence that says what the wrong variant does.
    pub sentence: &'static str,
    /// Where it happened: repository and issue or commit. Empty where nobody has reported it yet.
    pub seen: &'static [&'static str],
    /// Makes a dialect commit it.
    pub edit: fn(Dialect) -> Dialect,
}

/// The mistake with this id.
pub fn arithmetic(id: &str) -> Option<&'static ArithmeticMistake> {
    ARITHMETIC.iter().find(|mistake| mistake.id == id)
}

/// Every mistake of this family, the rarest-looking ones first.
pub const ARITHMETIC: &[ArithmeticMistake] = &[
    ArithmeticMistake {
        id: "arithmetic.k-over-unsigned-n",
        sentence: "k is hashed over N without its sign octet.",
        seen: &["faiscadev/fakecloud#2389"],
        edit: k_over_unsigned_n,
    },
    ArithmeticMistake {
        id: "arithmetic.k-over-padded-g",
        sentence: "k is hashed over N and g padded to the length of N, as RFC 5054 has it.",
        seen: &["floci-io/floci#912"],
        edit: k_over_padded_g,
    },
    ArithmeticMistake {
        id: "arithmetic.u-over-padded-public-values",
        sentence: "u is hashed over A and B padded to the length of N, as RFC 5054 has it.",
        seen: &["floci-io/floci#912"],
        edit: u_over_padded_public_values,
    },
    ArithmeticMistake {
        id: "arithmetic.u-over-unsigned-public-values",
        sentence: "u is hashed over A and B without their sign octets.",
        seen: &["janestreet/awsm"],
        edit: u_over_unsigned_public_values,
    },
    ArithmeticMistake {
        id: "arithmetic.odd-hex-loses-a-nibble",
        sentence: "A or B with an odd number of hex digits loses a digit before u is hashed.",
        seen: &[],
        edit: odd_hex_loses_a_nibble,
    },
    ArithmeticMistake {
        id: "arithmetic.x-over-raw-salt",
        sentence: "x is hashed over the octets of the salt as received, rather than over the integer's signed form.",
        seen: &["floci-io/floci#912"],
        edit: x_over_raw_salt,
    },
    ArithmeticMistake {
        id: "arithmetic.x-over-unsigned-salt",
        sentence: "x is hashed over the salt without its sign octet.",
        seen: &[],
        edit: x_over_unsigned_salt,
    },
    ArithmeticMistake {
        id: "arithmetic.negative-base-loses-its-sign",
        sentence: "The remainder of the negative B − k·g^x keeps its sign, and the power is taken of its magnitude.",
        seen: &["aws/aws-sdk-net-extensions-cognito#12"],
        edit: negative_base_loses_its_sign,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-input-s-fixed-width",
        sentence: "S enters HKDF padded to the length of N.",
        seen: &[],
        edit: hkdf_input_s_fixed_width,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-input-s-unsigned",
        sentence: "S enters HKDF without its sign octet.",
        seen: &[],
        edit: hkdf_input_s_unsigned,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-salt-raw-hash",
        sentence: "HKDF's salt is the raw hash of A and B, rather than u's signed form.",
        seen: &[],
        edit: hkdf_salt_raw_hash,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-salt-unsigned",
        sentence: "HKDF's salt is u without its sign octet.",
        seen: &[],
        edit: hkdf_salt_unsigned,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-salt-padded-hash-text",
        sentence: "HKDF's salt is the hash's text with a sign octet, so that leading zero octets of u are kept.",
        seen: &["amazon-archives/amazon-cognito-identity-js@1632b6a"],
        edit: hkdf_salt_padded_hash_text,
    },
    ArithmeticMistake {
        id: "arithmetic.x-keeps-leading-zeros-of-the-salt",
        sentence: "x is hashed over the salt's text as received, with a sign octet, so that leading zeros are kept.",
        seen: &["NabuCasa/pycognito"],
        edit: x_keeps_leading_zeros_of_the_salt,
    },
    ArithmeticMistake {
        id: "arithmetic.odd-salt-is-empty",
        sentence: "x is hashed over no salt at all where SALT has an odd number of digits.",
        seen: &[],
        edit: odd_salt_is_empty,
    },
    ArithmeticMistake {
        id: "arithmetic.odd-salt-loses-a-nibble",
        sentence: "x is hashed over SALT without its last digit where SALT has an odd number of digits.",
        seen: &[],
        edit: odd_salt_loses_a_nibble,
    },
    ArithmeticMistake {
        id: "arithmetic.x-over-salt-text",
        sentence: "x is hashed over the salt's hex digits as text.",
        seen: &[],
        edit: x_over_salt_text,
    },
    ArithmeticMistake {
        id: "arithmetic.x-over-inner-hash-text",
        sentence: "x is hashed over the inner hash's hex digits as text.",
        seen: &[],
        edit: x_over_inner_hash_text,
    },
    ArithmeticMistake {
        id: "arithmetic.x-without-colon",
        sentence: "The inner hash has no colon between user and password.",
        seen: &[],
        edit: x_without_colon,
    },
    ArithmeticMistake {
        id: "arithmetic.u-over-hex-text",
        sentence: "u is hashed over the hex digits of A and B as text.",
        seen: &[],
        edit: u_over_hex_text,
    },
    ArithmeticMistake {
        id: "arithmetic.u-swapped",
        sentence: "u is hashed over B and A in the wrong order.",
        seen: &[],
        edit: u_swapped,
    },
    ArithmeticMistake {
        id: "arithmetic.generator-5",
        sentence: "g is 5, as RFC 5054 pairs it with this prime, rather than 2.",
        seen: &["grempe/sirp#6"],
        edit: generator_5,
    },
    ArithmeticMistake {
        id: "arithmetic.k-is-3",
        sentence: "k is 3, as in SRP-6.",
        seen: &[],
        edit: k_is_3,
    },
    ArithmeticMistake {
        id: "arithmetic.base-without-k",
        sentence: "The client subtracts g^x from B and forgets k.",
        seen: &[],
        edit: base_without_k,
    },
    ArithmeticMistake {
        id: "arithmetic.s-as-hex-text",
        sentence: "S enters HKDF as the text of its hex digits.",
        seen: &[],
        edit: s_as_hex_text,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-arguments-swapped",
        sentence: "S is HKDF's salt and u its input.",
        seen: &[],
        edit: hkdf_arguments_swapped,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-without-info",
        sentence: "HKDF's info is empty rather than `Caldera Derived Key`.",
        seen: &[],
        edit: hkdf_without_info,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-without-counter",
        sentence: "HKDF expands over the info alone, without the octet 01 behind it.",
        seen: &[],
        edit: hkdf_without_counter,
    },
    ArithmeticMistake {
        id: "arithmetic.hkdf-applied-twice",
        sentence: "HKDF is applied once more to the key it gave.",
        seen: &["floci-io/floci#912"],
        edit: hkdf_applied_twice,
    },
    ArithmeticMistake {
        id: "arithmetic.key-of-32-octets",
        sentence: "HKDF gives 32 octets rather than 16.",
        seen: &["floci-io/floci#912"],
        edit: key_of_32_octets,
    },
    ArithmeticMistake {
        id: "arithmetic.interleaved-hash-and-empty-salt",
        sentence: "HKDF has no salt and takes the interleaved hash of S (RFC 2945) as its input.",
        seen: &["floci-io/floci#912"],
        edit: interleaved_hash_and_empty_salt,
    },
    ArithmeticMistake {
        id: "arithmetic.plain-hash-of-s",
        sentence: "The key is the hash of S, as in most SRP libraries, rather than HKDF's output.",
        seen: &[],
        edit: plain_hash_of_s,
    },
    ArithmeticMistake {
        id: "arithmetic.rfc-5054-library",
        sentence: "A stock RFC 5054 library is used at its 3072-bit setting: its g, k, u, x and key.",
        seen: &["adam-fowler/swift-srp#5", "grempe/sirp#6"],
        edit: rfc_5054_library,
    },
    ArithmeticMistake {
        id: "arithmetic.zero-b-accepted",
        sentence: "B ≡ 0 (mod N) is accepted.",
        seen: &["NabuCasa/pycognito", "alexrudd/cognito-srp"],
        edit: zero_b_accepted,
    },
    ArithmeticMistake {
        id: "arithmetic.zero-u-accepted",
        sentence: "u = 0 is accepted.",
        seen: &["aws-amplify/amplify-swift", "alexrudd/cognito-srp"],
        edit: zero_u_accepted,
    },
    ArithmeticMistake {
        id: "arithmetic.zero-a-accepted",
        sentence: "A ≡ 0 (mod N) is accepted.",
        seen: &[],
        edit: zero_a_accepted,
    },
];

/// k over N without its sign octet.
pub fn k_over_unsigned_n(mut d: Dialect) -> Dialect {
    d.k = KRule::Hash {
        n: IntForm::Unsigned,
        g: IntForm::Unsigned,
    };
    d
}

/// k over N and PAD(g).
pub fn k_over_padded_g(mut d: Dialect) -> Dialect {
    d.k = KRule::Hash {
        n: IntForm::Padded,
        g: IntForm::Padded,
    };
    d
}

/// u over PAD(A) and PAD(B).
pub fn u_over_padded_public_values(d: Dialect) -> Dialect {
    u_over(d, IntForm::Padded)
}

/// u over A and B without sign octets.
pub fn u_over_unsigned_public_values(d: Dialect) -> Dialect {
    u_over(d, IntForm::Unsigned)
}

/// u over A and B that lose a digit when their number is odd.
pub fn odd_hex_loses_a_nibble(d: Dialect) -> Dialect {
    u_over(d, IntForm::DropOddNibble)
}

/// u over the hex digits of A and B as text.
pub fn u_over_hex_text(d: Dialect) -> Dialect {
    u_over(d, IntForm::HexText)
}

/// u over B and A.
pub fn u_swapped(mut d: Dialect) -> Dialect {
    if let URule::Hash { swapped, .. } = &mut d.u {
        *swapped = true;
    }
    d
}

/// x over the salt's octets as received.
pub fn x_over_raw_salt(mut d: Dialect) -> Dialect {
    d.x.salt = SaltForm::Raw;
    d
}

/// x over the salt without its sign octet.
pub fn x_over_unsigned_salt(mut d: Dialect) -> Dialect {
    d.x.salt = SaltForm::Integer(IntForm::Unsigned);
    d
}

/// x over the salt's text as received, with a sign octet.
pub fn x_keeps_leading_zeros_of_the_salt(mut d: Dialect) -> Dialect {
    d.x.salt = SaltForm::RawSigned;
    d
}

/// x over no salt where its text has an odd number of digits.
pub fn odd_salt_is_empty(mut d: Dialect) -> Dialect {
    d.x.salt = SaltForm::EmptyWhereOdd;
    d
}

/// x over the whole pairs of digits of the salt's text.
pub fn odd_salt_loses_a_nibble(mut d: Dialect) -> Dialect {
    d.x.salt = SaltForm::PairsOnly;
    d
}

/// x over the salt's hex digits as text.
pub fn x_over_salt_text(mut d: Dialect) -> Dialect {
    d.x.salt = SaltForm::Text;
    d
}

/// x over the inner hash's hex digits as text.
pub fn x_over_inner_hash_text(mut d: Dialect) -> Dialect {
    d.x.inner = InnerForm::HexText;
    d
}

/// The inner hash without a colon.
pub fn x_without_colon(mut d: Dialect) -> Dialect {
    d.x.separator = Cow::Borrowed("");
    d
}

/// The power of the magnitude of a negative base.
pub fn negative_base_loses_its_sign(mut d: Dialect) -> Dialect {
    d.base = BaseRule::Magnitude;
    d
}

/// `B − g^x`.
pub fn base_without_k(mut d: Dialect) -> Dialect {
    d.base = BaseRule::WithoutK;
    d
}

/// g = 5.
pub fn generator_5(mut d: Dialect) -> Dialect {
    d.group.g = BigUint::from(5_u32);
    d
}

/// k = 3.
pub fn k_is_3(mut d: Dialect) -> Dialect {
    d.k = KRule::Constant(BigUint::from(3_u32));
    d
}

/// S padded to the length of N.
pub fn hkdf_input_s_fixed_width(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| rule.ikm = HkdfPart::S(IntForm::Padded))
}

/// S without its sign octet.
pub fn hkdf_input_s_unsigned(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| rule.ikm = HkdfPart::S(IntForm::Unsigned))
}

/// S as the text of its hex digits.
pub fn s_as_hex_text(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| rule.ikm = HkdfPart::S(IntForm::HexText))
}

/// The raw hash as HKDF's salt.
pub fn hkdf_salt_raw_hash(d: Dialect) -> Dialect {
    let octets = hash_octets(&d);
    hkdf_over(d, |rule| rule.salt = HkdfPart::U(IntForm::Fixed(octets)))
}

/// u without its sign octet as HKDF's salt.
pub fn hkdf_salt_unsigned(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| rule.salt = HkdfPart::U(IntForm::Unsigned))
}

/// The hash's text with a sign octet as HKDF's salt.
pub fn hkdf_salt_padded_hash_text(d: Dialect) -> Dialect {
    let octets = hash_octets(&d);
    hkdf_over(d, |rule| {
        rule.salt = HkdfPart::U(IntForm::FixedSigned(octets));
    })
}

/// HKDF's salt and input change places.
pub fn hkdf_arguments_swapped(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| std::mem::swap(&mut rule.salt, &mut rule.ikm))
}

/// HKDF without info.
pub fn hkdf_without_info(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| rule.info = Cow::Borrowed(b""))
}

/// HKDF's expand step by hand, and the number of the block forgotten.
pub fn hkdf_without_counter(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| rule.counted = false)
}

/// HKDF over its own output.
pub fn hkdf_applied_twice(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| rule.rounds = 2)
}

/// A key of 32 octets.
pub fn key_of_32_octets(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| rule.length = 32)
}

/// HKDF without salt over the interleaved hash of S.
pub fn interleaved_hash_and_empty_salt(d: Dialect) -> Dialect {
    hkdf_over(d, |rule| {
        rule.salt = HkdfPart::Empty;
        rule.ikm = HkdfPart::InterleavedS;
    })
}

/// The key is H(S).
pub fn plain_hash_of_s(mut d: Dialect) -> Dialect {
    d.key = KeyRule::Hash(IntForm::Unsigned);
    d
}

/// Everything as RFC 5054 has it at 3072 bits.
pub fn rfc_5054_library(d: Dialect) -> Dialect {
    let Some(group) = Group::rfc5054(3072) else {
        return d;
    };
    Dialect {
        checks: d.checks,
        ..Dialect::rfc5054(group, Hash::Sha256)
    }
    .named("rfc5054-library")
}

/// B ≡ 0 is accepted.
pub fn zero_b_accepted(mut d: Dialect) -> Dialect {
    d.checks.b_zero = false;
    d
}

/// u = 0 is accepted.
pub fn zero_u_accepted(mut d: Dialect) -> Dialect {
    d.checks.u_zero = false;
    d
}

/// A ≡ 0 is accepted.
pub fn zero_a_accepted(mut d: Dialect) -> Dialect {
    d.checks.a_zero = false;
    d
}

fn u_over(mut d: Dialect, form: IntForm) -> Dialect {
    if let URule::Hash { a, b, .. } = &mut d.u {
        *a = form;
        *b = form;
    }
    d
}

fn hkdf_over(mut d: Dialect, edit: impl FnOnce(&mut HkdfRule)) -> Dialect {
    if let KeyRule::Hkdf(rule) = &mut d.key {
        edit(rule);
    }
    d
}

fn hash_octets(d: &Dialect) -> usize {
    d.hash.digest(&[]).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_changes_the_dialect_and_has_an_id_of_its_own() {
        let right = Dialect::cognito();
        for (index, mistake) in ARITHMETIC.iter().enumerate() {
            let wrong = (mistake.edit)(right.clone());
            assert_ne!(wrong, right, "{} changes nothing", mistake.id);
            assert!(
                mistake.id.starts_with("arithmetic."),
                "{} names its family",
                mistake.id
            );
            for other in &ARITHMETIC[index + 1..] {
                assert_ne!(mistake.id, other.id, "two mistakes have one id");
                assert_ne!(
                    wrong,
                    (other.edit)(right.clone()),
                    "{} and {} are one mistake",
                    mistake.id,
                    other.id
                );
            }
        }
    }
}
