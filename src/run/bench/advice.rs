//! What could make a port faster, by figures that were measured elsewhere.

use serde::Serialize;

use super::figures::{ANY, SHORT_PRIVATE_VALUE, TABLE, entry};
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

fn suggestion(what: &'static str, figure: &'static str, total: f64, saved: f64) -> Suggestion {
    let total_about = (total - saved).max(f64::MIN_POSITIVE);
    Suggestion {
        what,
        figure,
        total_about,
        times_as_fast: total / total_about,
    }
}

/// Less is within what was measured elsewhere and scaled.
const WORTH_IT: f64 = 1.15;

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
