//! The choices in which SRP-6a variants differ, as data.

use std::borrow::Cow;

use num_bigint::BigUint;

use super::claim::ClaimRule;
use super::group::Group;
use super::hash::Hash;
use super::hkdf::Mac;
use super::integer::IntForm;

/// One variant of SRP-6a. Every element can be changed on its own, so that a mistake is an edited dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialect {
    /// Name for reports, e.g. `cognito`.
    pub id: Cow<'static, str>,
    /// N and g.
    pub group: Group,
    /// H.
    pub hash: Hash,
    /// How k is made.
    pub k: KRule,
    /// How u is made.
    pub u: URule,
    /// How x is made.
    pub x: XRule,
    /// How the client's base `B − k·g^x` is made and reduced.
    pub base: BaseRule,
    /// How the key is made from u and S.
    pub key: KeyRule,
    /// How M1 and M2 are made. Cognito has neither: its claim is [`claim`](super::claim()).
    pub proof: ProofRule,
    /// How Cognito's claim is made of the key.
    pub claim: ClaimRule,
    /// Which illegal values are refused.
    pub checks: Checks,
}

/// How the multiplier k is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KRule {
    /// `H(N ‖ g)` with these byte forms.
    Hash {
        /// Form of N.
        n: IntForm,
        /// Form of g.
        g: IntForm,
    },
    /// A fixed number: 3 in SRP-6, 1 in SRP-3.
    Constant(BigUint),
}

/// How the scrambling parameter u is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum URule {
    /// `H(A ‖ B)` with these byte forms.
    Hash {
        /// Form of A.
        a: IntForm,
        /// Form of B.
        b: IntForm,
        /// Hash `B ‖ A` instead.
        swapped: bool,
    },
    /// A fixed number. Zero makes the refusal of u = 0 reachable, which no hash ever will.
    Constant(BigUint),
}

/// How the private key x is made: `H(salt ‖ H(scope ‖ user ‖ ":" ‖ password))`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XRule {
    /// Which octets of the salt are hashed.
    pub salt: SaltForm,
    /// In which form the inner hash enters the outer one.
    pub inner: InnerForm,
    /// Between scope and user: empty everywhere.
    pub scope_separator: Cow<'static, str>,
    /// Between user and password: a colon everywhere.
    pub separator: Cow<'static, str>,
    /// Hash the inner hash first and the salt after it.
    pub salt_last: bool,
    /// As which octets scope, user and password are hashed.
    pub charset: Charset,
}

/// As which octets a text is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charset {
    /// UTF-8: right.
    Utf8,
    /// Latin-1, with a question mark for each character that it does not have.
    Latin1,
    /// The lowest octet of each UTF-16 unit, as JavaScript's `binary` strings have it.
    LowOctets,
}

impl Charset {
    /// A text's octets. One that is no UTF-8 stays as it is.
    pub(super) fn octets(self, utf8: &[u8]) -> Cow<'_, [u8]> {
        let Ok(text) = std::str::from_utf8(utf8) else {
            return utf8.into();
        };
        let octets: Vec<u8> = match self {
            Self::Utf8 => return utf8.into(),
            Self::Latin1 => text
                .chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
                .collect(),
            Self::LowOctets => text
                .encode_utf16()
                .map(|unit| unit.to_be_bytes()[1])
                .collect(),
        };
        octets.into()
    }
}

/// Which octets of the salt are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaltForm {
    /// The salt as an integer, in this form.
    Integer(IntForm),
    /// The octets as received.
    Raw,
    /// The octets as received, and a sign octet when the top bit is set (pycognito; differs from Cognito's form when
    /// the salt has leading zeros).
    RawSigned,
    /// The text as received.
    Text,
    /// The octets as received, and none at all where the text has an odd number of digits: what a decoder that refuses it
    /// leaves.
    EmptyWhereOdd,
    /// The octets of the text's whole pairs of digits: a decoder that stops at the odd digit loses it.
    PairsOnly,
}

/// In which form the inner hash enters the outer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InnerForm {
    /// Its octets.
    Octets,
    /// Its lower-case hex digits as text.
    HexText,
    /// As a minimal unsigned integer, so that leading zero octets are lost.
    Unsigned,
}

/// How the client's base `B − k·g^x` is made and reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BaseRule {
    /// The least non-negative residue modulo N: right.
    Residue,
    /// The remainder keeps the sign of the (usually negative) difference, and its magnitude is then used. Wrong S
    /// exactly when the exponent is odd.
    Magnitude,
    /// `B − g^x`: k is forgotten.
    WithoutK,
}

/// How the key is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRule {
    /// HKDF over u and S.
    Hkdf(HkdfRule),
    /// `H(S)` with this byte form.
    Hash(IntForm),
}

/// The arguments of HKDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HkdfRule {
    /// The hash under the HMAC.
    pub mac: Mac,
    /// HKDF's salt: u in Cognito.
    pub salt: HkdfPart,
    /// HKDF's input keying material: S in Cognito.
    pub ikm: HkdfPart,
    /// HKDF's info: `Caldera Derived Key` in Cognito.
    pub info: Cow<'static, [u8]>,
    /// Octets of output: 16 in Cognito.
    pub length: usize,
    /// Whether each block of the output has its number behind the info, as the RFC says.
    pub counted: bool,
    /// How often the derivation runs, each time over the key before: once in Cognito.
    pub rounds: u8,
}

/// What is handed to HKDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HkdfPart {
    /// No octets; HMAC makes it a key of zeros.
    Empty,
    /// u in this form.
    U(IntForm),
    /// S in this form.
    S(IntForm),
    /// The interleaved hash of S (RFC 2945 section 3.1).
    InterleavedS,
}

/// How M1 and M2 are made. M2 is `H(A ‖ M1 ‖ K)` in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofRule {
    /// The variant has no such proofs.
    None,
    /// `H(H(N) xor H(g) ‖ H(I) ‖ s ‖ A ‖ B ‖ K)` (RFC 2945).
    Long {
        /// Form of N inside the xor.
        n: IntForm,
        /// Form of g inside the xor.
        g: IntForm,
        /// Form of A and B.
        numbers: IntForm,
        /// Every part, also hashes, salt and K, is left-padded to the length of N.
        pad_parts: bool,
    },
    /// `H(A ‖ B ‖ K)` or `H(A ‖ B ‖ S)`.
    Short {
        /// Form of A and B.
        numbers: IntForm,
        /// What comes last.
        secret: ProofSecret,
    },
}

/// What a short proof hashes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofSecret {
    /// The key K.
    Key,
    /// S in this form.
    S(IntForm),
}

/// Which illegal values are refused. All of them by default; a port that lacks a check is modelled by switching it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checks {
    /// The server refuses A ≡ 0; the client refuses to send one.
    pub a_zero: bool,
    /// The client refuses B ≡ 0.
    pub b_zero: bool,
    /// Both refuse u = 0.
    pub u_zero: bool,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            a_zero: true,
            b_zero: true,
            u_zero: true,
        }
    }
}

impl Dialect {
    /// Amazon Cognito, user round: scope = pool name, user = `USER_ID_FOR_SRP`.
    pub fn cognito() -> Self {
        Self {
            id: Cow::Borrowed("cognito"),
            group: Group::cognito(),
            hash: Hash::Sha256,
            k: KRule::Hash {
                n: IntForm::Signed,
                g: IntForm::Signed,
            },
            u: URule::Hash {
                a: IntForm::Signed,
                b: IntForm::Signed,
                swapped: false,
            },
            x: XRule {
                salt: SaltForm::Integer(IntForm::Signed),
                inner: InnerForm::Octets,
                scope_separator: Cow::Borrowed(""),
                separator: Cow::Borrowed(":"),
                salt_last: false,
                charset: Charset::Utf8,
            },
            base: BaseRule::Residue,
            key: KeyRule::Hkdf(HkdfRule {
                mac: Mac::Sha256,
                salt: HkdfPart::U(IntForm::Signed),
                ikm: HkdfPart::S(IntForm::Signed),
                info: Cow::Borrowed(COGNITO_INFO),
                length: 16,
                counted: true,
                rounds: 1,
            }),
            proof: ProofRule::None,
            claim: ClaimRule::default(),
            checks: Checks::default(),
        }
    }

    /// Amazon Cognito, device round: the same arithmetic with scope = device group key, user = device key.
    pub fn cognito_device() -> Self {
        Self {
            id: Cow::Borrowed("cognito-device"),
            ..Self::cognito()
        }
    }

    /// SRP-6a as RFC 5054 pads it (`PAD` in k and u, octets as they are elsewhere), with K = H(S) and the M1 and M2 that
    /// most libraries add (RFC 2945).
    pub fn rfc5054(group: Group, hash: Hash) -> Self {
        Self {
            id: Cow::Owned(format!("{}-{hash:?}", group.id).to_lowercase()),
            group,
            hash,
            k: KRule::Hash {
                n: IntForm::Unsigned,
                g: IntForm::Padded,
            },
            u: URule::Hash {
                a: IntForm::Padded,
                b: IntForm::Padded,
                swapped: false,
            },
            x: XRule {
                salt: SaltForm::Raw,
                inner: InnerForm::Octets,
                scope_separator: Cow::Borrowed(""),
                separator: Cow::Borrowed(":"),
                salt_last: false,
                charset: Charset::Utf8,
            },
            base: BaseRule::Residue,
            key: KeyRule::Hash(IntForm::Unsigned),
            proof: ProofRule::Long {
                n: IntForm::Unsigned,
                g: IntForm::Unsigned,
                numbers: IntForm::Unsigned,
                pad_parts: false,
            },
            claim: ClaimRule::default(),
            checks: Checks::default(),
        }
    }

    /// RFC 5054 appendix B: 1024 bits, SHA-1.
    pub fn rfc5054_sha1() -> Self {
        Self::rfc5054(known_group(1024), Hash::Sha1).named("rfc5054-sha1")
    }

    /// Mozilla's onepw (PICL): 2048 bits, SHA-256, K = H(PAD(S)), M1 = H(PAD(A) ‖ PAD(B) ‖ PAD(S)).
    pub fn mozilla_onepw() -> Self {
        Self {
            key: KeyRule::Hash(IntForm::Padded),
            proof: ProofRule::Short {
                numbers: IntForm::Padded,
                secret: ProofSecret::S(IntForm::Padded),
            },
            ..Self::rfc5054(known_group(2048), Hash::Sha256).named("mozilla-onepw")
        }
    }

    /// Apple's HomeKit accessory protocol: 3072 bits, g = 5, SHA-512.
    pub fn apple_homekit() -> Self {
        Self::rfc5054(known_group(3072), Hash::Sha512).named("apple-homekit")
    }

    /// Espressif's ESP-IDF (Wi-Fi provisioning): the numbers of HomeKit.
    pub fn esp_idf() -> Self {
        Self::rfc5054(known_group(3072), Hash::Sha512).named("esp-idf")
    }

    /// Botan: S itself is the key material; the vectors publish no proof.
    pub fn botan(group: Group, hash: Hash) -> Self {
        Self {
            proof: ProofRule::None,
            ..Self::rfc5054(group, hash)
        }
        .prefixed("botan")
    }

    /// srptools (Python).
    pub fn srptools(group: Group, hash: Hash) -> Self {
        Self::rfc5054(group, hash).prefixed("srptools")
    }

    /// SRP.NET: 2048 bits, SHA-256.
    pub fn srp_net() -> Self {
        Self::rfc5054(known_group(2048), Hash::Sha256).named("srp-net")
    }

    /// SRP.NET's SRP-6: as [`srp_net`](Self::srp_net) with k = 3.
    pub fn srp_net_srp6() -> Self {
        Self {
            k: KRule::Constant(BigUint::from(3_u32)),
            ..Self::srp_net().named("srp-net-srp6")
        }
    }

    /// The Ruby library SIRP and what it shares with Stanford's demo: M1 = H(A ‖ B ‖ K).
    pub fn sirp(group: Group) -> Self {
        Self {
            proof: ProofRule::Short {
                numbers: IntForm::Unsigned,
                secret: ProofSecret::Key,
            },
            ..Self::rfc5054(group, Hash::Sha1)
        }
        .prefixed("sirp")
    }

    /// The Ruby library srp-rb: proofs over parts padded to N, and hex of odd length packed from the left.
    pub fn srp_rb(group: Group) -> Self {
        Self {
            proof: ProofRule::Long {
                n: IntForm::LeftPacked,
                g: IntForm::LeftPacked,
                numbers: IntForm::Padded,
                pad_parts: true,
            },
            ..Self::rfc5054(group, Hash::Sha1)
        }
        .prefixed("srp-rb")
    }

    /// The Crystal library of spider-gazelle: proofs over parts padded to N.
    pub fn spider_gazelle(group: Group) -> Self {
        Self {
            proof: ProofRule::Long {
                n: IntForm::Unsigned,
                g: IntForm::Unsigned,
                numbers: IntForm::Padded,
                pad_parts: true,
            },
            ..Self::rfc5054(group, Hash::Sha1)
        }
        .prefixed("spider-gazelle")
    }

    /// 1Password: u and K over hex *text*; x comes from a slow derivation outside SRP.
    pub fn one_password(group: Group) -> Self {
        Self {
            u: URule::Hash {
                a: IntForm::HexText,
                b: IntForm::HexText,
                swapped: false,
            },
            key: KeyRule::Hash(IntForm::HexText),
            proof: ProofRule::None,
            ..Self::rfc5054(group, Hash::Sha256)
        }
        .prefixed("1password")
    }

    /// swift-srp: 1024 bits, SHA-1; g is padded inside the xor of M1.
    pub fn swift_srp() -> Self {
        Self {
            proof: ProofRule::Long {
                n: IntForm::Unsigned,
                g: IntForm::Padded,
                numbers: IntForm::Unsigned,
                pad_parts: false,
            },
            ..Self::rfc5054(known_group(1024), Hash::Sha1).named("swift-srp")
        }
    }

    /// The same dialect under another name.
    pub fn named(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.id = id.into();
        self
    }

    fn prefixed(mut self, prefix: &str) -> Self {
        self.id = Cow::Owned(format!("{prefix}-{}", self.id));
        self
    }
}

fn known_group(bits: u32) -> Group {
    Group::rfc5054(bits).expect("the callers name sizes that RFC 5054 lists")
}

/// HKDF's info in Cognito.
const COGNITO_INFO: &[u8] = b"Caldera Derived Key";
