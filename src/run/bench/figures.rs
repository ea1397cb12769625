//! What was measured of powers elsewhere: a table by language, and its source.
//!
//! **Source of all figures here:** `base^e mod N` for Cognito's N, a base as wide as N and an exponent of 1024 bits, if
//! nothing else is said; measured on 2026-11-22 on an AMD EPYC (Zen 4), all candidates of a process interleaved, medians,
//! each result compared with num-bigint's. What counts is the factor to num-bigint 0.5.1 (5,129 µs there): a measurement here
//! scales it by what num-bigint takes on this machine. On another kind of processor the factors differ, so that everything
//! made of them is told as "about".
//!
//! A language without an entry gets no figure: nothing was measured in it.

/// Ways to compute powers in one language.
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// Words by which the port's description of its language is recognised, in lower case.
    words: &'static [&'static str],
    pub(super) ways: &'static [Way],
}

/// One way to compute powers.
pub(super) struct Way {
    pub(super) what: &'static str,
    pub(super) figure: &'static str,
    /// Microseconds, on the machine above.
    microseconds: f64,
}

impl Way {
    /// How much of num-bigint's time it takes.
    pub(super) fn factor(&self) -> f64 {
        self.microseconds / NUM_BIGINT
    }
}

/// What is known of a language, as a port describes its own.
pub(super) fn entry(language: &str) -> Option<&'static Entry> {
    let language = language.to_lowercase();
    let words: Vec<_> = language
        .split(|c: char| !(c.is_alphanumeric() || c == '+' || c == '#'))
        .collect();
    ENTRIES
        .iter()
        .find(|entry| entry.words.iter().any(|word| words.contains(word)))
}

/// num-bigint 0.5.1 on the machine above, in microseconds.
const NUM_BIGINT: f64 = 5_129.0;

/// What OpenSSL 3.0.19 (`BN_mod_exp`) takes of num-bigint's time for g^a with 1024 bits: 1,671 of 5,116 µs.
pub(super) const OPENSSL_GENERATOR_POWER: f64 = 1_671.0 / 5_116.0;

/// The same for S: g^x with 256 bits and a power of 1024 bits, 433 + 2,011 of 1,319 + 5,129 µs.
pub(super) const OPENSSL_SHARED_SECRET: f64 = (433.0 + 2_011.0) / (1_319.0 + 5_129.0);

/// What a client step with an a of 256 bits takes of one with 1024 bits, with num-bigint.
pub(super) const SHORT_PRIVATE_VALUE: f64 = 5_346.0 / 11_755.0;

/// What g^a by a table takes of the same without, with num-bigint.
pub(super) const TABLE: f64 = 770.0 / 5_116.0;

const ENTRIES: &[Entry] = &[
    Entry {
        name: "JavaScript",
        words: &["javascript", "typescript", "node", "deno", "bun"],
        ways: &[
            Way {
                what: "on Node, a Diffie-Hellman object of node:crypto: made from N and g, it gives g^a by setPrivateKey(a) \
                       and generateKeys(), and base^e by setPrivateKey(e) and computeSecret(base), at OpenSSL's speed",
                figure: "Node 20: 2,160 µs, 40 times as fast as jsbn",
                microseconds: 2_160.0,
            },
            Way {
                what: "where there is no node:crypto, the engine's own BigInt with windows of 5 bits",
                figure: "Node 20: 12,500 µs, 7 times as fast as jsbn",
                microseconds: 12_500.0,
            },
        ],
    },
    Entry {
        name: "Python",
        words: &["python", "cpython"],
        ways: &[
            Way {
                what: "gmpy2.powmod",
                figure: "gmpy2 2.3.2 (GMP 6.3.0): 2,669 µs",
                microseconds: 2_669.0,
            },
            Way {
                what: "pow(base, e, n) with three arguments, which is C already",
                figure: "CPython 3.11: 22,390 µs",
                microseconds: 22_390.0,
            },
        ],
    },
    Entry {
        name: "Java",
        words: &["java", "kotlin", "scala", "jvm"],
        ways: &[Way {
            what: "java.math.BigInteger.modPow, once it is warm (measured on a server's JVM; there is no figure for Android)",
            figure: "Java 17: 3,393 µs",
            microseconds: 3_393.0,
        }],
    },
    Entry {
        name: "Rust",
        words: &["rust"],
        ways: &[
            Way {
                what: "OpenSSL or AWS-LC through their bindings (BN_mod_exp_mont)",
                figure: "OpenSSL 3.0.19: 1,973 µs; AWS-LC: 1,981 µs",
                microseconds: 1_973.0,
            },
            Way {
                what: "GMP through rug",
                figure: "rug 1.30 as it builds itself: 2,679 µs",
                microseconds: 2_679.0,
            },
            Way {
                what: "crypto-bigint, which takes constant time",
                figure: "crypto-bigint 0.7.10 FixedMonty: 5,105 µs",
                microseconds: 5_105.0,
            },
        ],
    },
    Entry {
        name: "C and C++",
        words: &["c", "c++"],
        ways: &[
            Way {
                what: "OpenSSL's BN_mod_exp_mont",
                figure: "OpenSSL 3.0.19: 1,973 µs",
                microseconds: 1_973.0,
            },
            Way {
                what: "GMP's mpz_powm; a build for one's own processor is faster than a distribution's",
                figure: "GMP 6.3.0 built for the machine: 1,901 µs; Debian's 6.2.1: 2,748 µs",
                microseconds: 2_748.0,
            },
        ],
    },
];

/// For every other language.
pub(super) const ANY: &[Way] = &[Way {
    what: "a native library for the powers, where the language can call one; in this language itself nothing was measured",
    figure: "OpenSSL 3.0.19 (BN_mod_exp_mont) in C: 1,973 µs",
    microseconds: 1_973.0,
}];
