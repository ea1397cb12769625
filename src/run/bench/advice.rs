//! What could make a port faster: a table by language, with figures and their source.
//!
//! **Source of all figures here:** `base^e mod N` for Cognito's N, a base as wide as N and an exponent of 1024 bits, if
//! nothing else is said; measured on 2026-11-22 on an AMD EPYC (Zen 4), all candidates of a process interleaved, medians,
//! each result compared with num-bigint's. What counts is the factor to num-bigint 0.5.1 (5,129 µs there): a measurement here
//! scales it by what num-bigint takes on this machine. On another kind of processor the factors differ, so that everything
//! made of them is told as "about".
//!
//! A language without an entry gets no figure: nothing was measured in it.

use serde::Serialize;

use super::stages::Breakdown;

/// What could make the port faster.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// The language of the table's entry; `None` when there is none for the port's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'static str>,
    /// What could be done, the best first. Empty when the port is as fast as the best that is known.
    pub suggestions: Vec<Suggestion>,
}

/// One thing that could be done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// What.
    pub what: &'static str,
    /// What was measured, and with which version.
    pub figure: &'static str,
    /// About how long the whole would take on this machine, in nanoseconds.
    pub total_about: f64,
    /// How many times as fast as now that is.
    pub times_as_fast: f64,
}

impl Advice {
    /// Advice for a port in `language`, whose sign-in was taken apart; `None` when it shows too little of its powers.
    pub fn of(language: &str, breakdown: &Breakdown, private_bits: u64) -> Option<Self> {
        let (powers, reference) = breakdown.powers()?;
        // Parts may exceed the whole, see there.
        let total = breakdown.total.max(powers);
        let entry = entry(language);
        let ways = entry.map_or(ANY, |entry| entry.ways);
        let mut suggestions: Vec<_> = ways
            .iter()
            .map(|way| {
                suggestion(
                    way.what,
                    way.figure,
                    total,
                    powers - way.factor() * reference,
                )
            })
            .collect();
        suggestions.sort_by(|a, b| a.total_about.total_cmp(&b.total_about));
        if private_bits == 1024 {
            let saved = powers * (1.0 - SHORT_PRIVATE_VALUE);
            suggestions.push(suggestion(
                "a private value a of 256 bits in place of 1024: RFC 5054 asks for no more (section 2.5.4)",
                "a client step with num-bigint: 5,346 µs in place of 11,755 µs",
                total,
                saved,
            ));
        }
        if let Some(a) = breakdown.generator_power() {
            suggestions.push(suggestion(
                "a table of powers of g, made once, for A = g^a (Lim and Lee's comb, 1.3 MiB)",
                "g^a with num-bigint, a of 1024 bits: 770 µs in place of 5,116 µs",
                total,
                a * (1.0 - TABLE),
            ));
        }
        suggestions.retain(|suggestion| suggestion.times_as_fast >= WORTH_IT);
        Some(Self {
            language: entry.map(|entry| entry.name),
            suggestions,
        })
    }
}

/// Ways to compute powers in one language.
struct Entry {
    name: &'static str,
    /// Words by which the port's description of its language is recognised, in lower case.
    words: &'static [&'static str],
    ways: &'static [Way],
}

/// One way to compute powers.
struct Way {
    what: &'static str,
    figure: &'static str,
    /// Microseconds, on the machine above.
    microseconds: f64,
}

impl Way {
    fn factor(&self) -> f64 {
        self.microseconds / NUM_BIGINT
    }
}

fn entry(language: &str) -> Option<&'static Entry> {
    let language = language.to_lowercase();
    let words: Vec<_> = language
        .split(|c: char| !(c.is_alphanumeric() || c == '+' || c == '#'))
        .collect();
    ENTRIES
        .iter()
        .find(|entry| entry.words.iter().any(|word| words.contains(word)))
}

fn suggestion(what: &'static str, figure: &'static str, total: f64, saved: f64) -> Suggestion {
    let total_about = (total - saved).max(f64::MIN_POSITIVE);
    Suggestion {
        what,
        figure,
        total_about,
        times_as_fast: total / total_about,
    }
}

/// num-bigint 0.5.1 on the machine above, in microseconds.
const NUM_BIGINT: f64 = 5_129.0;

/// What OpenSSL 3.0.19 (`BN_mod_exp`) takes of num-bigint's time for g^a with 1024 bits: 1,671 of 5,116 µs.
pub const OPENSSL_GENERATOR_POWER: f64 = 1_671.0 / 5_116.0;

/// The same for S: g^x with 256 bits and a power of 1024 bits, 433 + 2,011 of 1,319 + 5,129 µs.
pub const OPENSSL_SHARED_SECRET: f64 = (433.0 + 2_011.0) / (1_319.0 + 5_129.0);

/// What a client step with an a of 256 bits takes of one with 1024 bits, with num-bigint.
const SHORT_PRIVATE_VALUE: f64 = 5_346.0 / 11_755.0;

/// What g^a by a table takes of the same without, with num-bigint.
const TABLE: f64 = 770.0 / 5_116.0;

/// Less is within what was measured elsewhere and scaled.
const WORTH_IT: f64 = 1.15;

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
const ANY: &[Way] = &[Way {
    what: "a native library for the powers, where the language can call one; in this language itself nothing was measured",
    figure: "OpenSSL 3.0.19 (BN_mod_exp_mont) in C: 1,973 µs",
    microseconds: 1_973.0,
}];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::bench::stages::Times;

    fn breakdown(a: f64, s: f64) -> Breakdown {
        let times = Times {
            port: [("srp/A".to_owned(), a), ("srp/S".to_owned(), s)].into(),
            round_trip: 0.0,
            sign_in: Some(a + s + 5.0e6),
            reference: [("srp/A".to_owned(), 5.0e6), ("srp/S".to_owned(), 6.0e6)].into(),
            ..Times::default()
        };
        Breakdown::of(&times).expect("there are parts")
    }

    #[test]
    fn a_slow_port_in_javascript_learns_of_node_s_diffie_hellman() {
        let slow = breakdown(90.0e6, 110.0e6);
        let advice =
            Advice::of("JavaScript (Node v20.1.0)", &slow, 1024).expect("A and S are shown");
        assert_eq!(advice.language, Some("JavaScript"));
        let best = &advice.suggestions[0];
        assert!(best.what.contains("setPrivateKey"), "{}", best.what);
        // 5 ms beside the powers, and 0.42 of the reference's 11 ms.
        assert_eq!((best.total_about / 1e5).round(), 96.0);
        assert_eq!(best.times_as_fast.round(), 21.0);
        assert_eq!(
            advice.suggestions.len(),
            4,
            "two ways, a shorter a, a table"
        );
    }

    #[test]
    fn a_port_at_openssl_s_speed_is_told_only_what_its_formulas_could_save() {
        let fast = breakdown(1.7e6, 2.3e6);
        let advice = Advice::of("TypeScript", &fast, 256).expect("A and S are shown");
        assert_eq!(advice.language, Some("JavaScript"), "the same table");
        let whats: Vec<_> = advice.suggestions.iter().map(|each| each.what).collect();
        assert_eq!(whats.len(), 1, "{whats:?}");
        assert!(whats[0].starts_with("a table"), "{whats:?}");
    }

    #[test]
    fn a_language_without_figures_gets_none_of_its_own() {
        for language in ["Dart", "Swift", "C#", "Go", "Klingon", ""] {
            let advice =
                Advice::of(language, &breakdown(90.0e6, 110.0e6), 1024).expect("A and S are shown");
            assert_eq!(advice.language, None, "{language}");
            assert_eq!(advice.suggestions[0].what, ANY[0].what, "{language}");
        }
        for (language, name) in [
            ("C", "C and C++"),
            ("c++17", "none"),
            ("Kotlin/JVM", "Java"),
        ] {
            let found = entry(language).map_or("none", |entry| entry.name);
            assert_eq!(found, name, "{language}");
        }
    }

    #[test]
    fn a_port_that_hides_its_powers_gets_no_advice() {
        let times = Times {
            port: [("srp/claim".to_owned(), 9.0e6)].into(),
            ..Times::default()
        };
        let hidden = Breakdown::of(&times).expect("one part");
        assert_eq!(Advice::of("Python", &hidden, 1024), None);
    }
}
