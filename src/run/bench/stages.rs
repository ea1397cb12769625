//! Where a port's sign-in spends its time.
//!
//! A port shows some of its parts: `srp/A`, `srp/S` and so on. What it does not show is what is left of a larger part:
//! `srp/key` without u, x, S and HKDF; `srp/claim` without A and the key; a whole sign-in without all of that. Each part
//! is taken without the round trip to the shim.
//!
//! Some libraries do much before each function, such as making a helper object that draws an a and computes its A. Then the
//! parts come to more than the whole, and even a mere hash takes long. What the quickest of the functions without a power
//! takes is taken off every part in that case, and told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::figures::{OPENSSL_GENERATOR_POWER, OPENSSL_SHARED_SECRET};

/// Medians in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    /// The port's functions by method name, the round trip included.
    pub port: BTreeMap<String, f64>,
    /// The cheapest call: what a round trip to the shim takes.
    pub round_trip: f64,
    /// The port's whole sign-in by `userSRP`, the round trip included.
    pub sign_in: Option<f64>,
    /// The port's whole sign-in by `userPassword`, the round trip included.
    pub without_srp: Option<f64>,
    /// The reference engine's functions by method name.
    pub reference: BTreeMap<String, f64>,
    /// The fastest engine's functions by method name.
    pub fastest: BTreeMap<String, f64>,
}

/// Where the time goes. Times are in nanoseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Breakdown {
    /// What is taken apart: `sign-in userSRP`, or the largest part that the port shows.
    pub of: String,
    /// How long it takes, without the round trip to the shim.
    pub total: f64,
    /// The round trip to the shim, which is taken off every part.
    pub round_trip: f64,
    /// What the port does before each of its functions, where that explains why the parts exceed the whole; taken off every
    /// part, too. Else zero.
    pub set_up: f64,
    /// How long the same takes without SRP, by `userPassword`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_srp: Option<f64>,
    /// Its parts, in the order of computation; what is left comes last.
    pub stages: Vec<Stage>,
    /// The name of the largest.
    pub dominant: String,
    /// Whether the parts together take clearly longer than the whole: then the port does less in a sign-in than in its parts.
    pub parts_exceed_whole: bool,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// What it is.
    pub name: String,
    /// How long the port takes.
    pub port: f64,
    /// Of a hundred parts of the whole.
    pub percent: f64,
    /// How long the reference engine takes on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<f64>,
    /// How long the fastest engine takes on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fastest: Option<f64>,
    /// About how long OpenSSL would take: the reference's time by a factor that was measured elsewhere, see
    /// `figures`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openssl_about: Option<f64>,
}

impl Breakdown {
    /// Takes a sign-in apart; `None` when the port shows no part of it.
    pub fn of(times: &Times) -> Option<Self> {
        let plain = Self::with_set_up(times, 0.0)?;
        if !plain.parts_exceed_whole {
            return Some(plain);
        }
        let set_up = ["srp/k", "srp/u", "srp/x", "srp/hkdf"]
            .into_iter()
            .filter_map(|method| times.net(method))
            .min_by(f64::total_cmp)
            .filter(|set_up| *set_up > NOTICEABLE * plain.total);
        match set_up {
            Some(set_up) => Self::with_set_up(times, set_up),
            None => Some(plain),
        }
    }

    fn with_set_up(times: &Times, set_up: f64) -> Option<Self> {
        let net = |method: &str| Some((times.net(method)? - set_up).max(0.0));
        let mut stages = Vec::new();
        let mut hidden_in_key = Vec::new();
        let mut hidden_in_claim = Vec::new();
        for &(method, name, openssl) in PARTS {
            match net(method) {
                Some(port) => stages.push(times.stage(method, name, port, openssl)),
                None if method == "srp/A" => hidden_in_claim.push(name),
                None => hidden_in_key.push(name),
            }
        }
        let a = net("srp/A").unwrap_or(0.0);
        let mut key = sum(&stages) - a;
        if let Some(whole) = net("srp/key") {
            if !hidden_in_key.is_empty() {
                stages.push(rest(&hidden_in_key, whole - key));
            }
            key = key.max(whole);
        } else {
            hidden_in_claim.append(&mut hidden_in_key);
        }
        // A claim is a whole sign-in but for the network: what comes before it belongs to it.
        let claim = times.net("srp/claim");
        if let Some(whole) = claim {
            hidden_in_claim.push("the signature, and what is around it");
            stages.push(rest(&hidden_in_claim, whole - a - key));
        }
        if stages.is_empty() {
            return None;
        }
        let parts = sum(&stages);
        let sign_in = times
            .sign_in
            .map(|gross| (gross - times.round_trip).max(0.0));
        let (of, total) = match (sign_in, claim) {
            (Some(whole), _) => (SIGN_IN, whole),
            (None, Some(whole)) => ("srp/claim", whole),
            (None, None) => ("the parts that the port shows", parts),
        };
        if sign_in.is_some() {
            stages.push(rest(
                &["HTTP, JSON, tokens, and the pool's own work"],
                total - parts,
            ));
        }
        let whole = total.max(parts).max(f64::MIN_POSITIVE);
        for stage in &mut stages {
            stage.percent = 100.0 * stage.port / whole;
        }
        let dominant = stages
            .iter()
            .max_by(|a, b| a.port.total_cmp(&b.port))
            .map(|stage| stage.name.clone())?;
        let without_srp = times
            .without_srp
            .map(|gross| (gross - times.round_trip).max(0.0));
        Some(Self {
            of: of.to_owned(),
            total,
            round_trip: times.round_trip,
            set_up,
            without_srp,
            stages,
            dominant,
            parts_exceed_whole: parts > CLEARLY * total,
        })
    }

    /// The port's time for powers, and the reference's for the same; `None` unless the port shows both A and S.
    pub fn powers(&self) -> Option<(f64, f64)> {
        let of = |name: &str| self.stages.iter().find(|stage| stage.name == name);
        let (a, s) = (of(GENERATOR_POWER)?, of(SHARED_SECRET)?);
        Some((a.port + s.port, a.reference? + s.reference?))
    }

    /// The port's time for A.
    pub fn generator_power(&self) -> Option<f64> {
        let stage = self
            .stages
            .iter()
            .find(|stage| stage.name == GENERATOR_POWER)?;
        Some(stage.port)
    }
}

impl Times {
    /// A function without the round trip.
    fn net(&self, method: &str) -> Option<f64> {
        Some((self.port.get(method)? - self.round_trip).max(0.0))
    }

    fn stage(&self, method: &str, name: &str, port: f64, openssl: Option<f64>) -> Stage {
        let reference = self.reference.get(method).copied();
        Stage {
            name: name.to_owned(),
            port,
            percent: 0.0,
            reference,
            fastest: self.fastest.get(method).copied(),
            openssl_about: reference.zip(openssl).map(|(time, factor)| time * factor),
        }
    }
}

fn sum(stages: &[Stage]) -> f64 {
    stages.iter().map(|stage| stage.port).sum()
}

fn rest(names: &[&str], port: f64) -> Stage {
    Stage {
        name: names.join(", "),
        port: port.max(0.0),
        percent: 0.0,
        reference: None,
        fastest: None,
        openssl_about: None,
    }
}

/// What the whole sign-in is called.
pub const SIGN_IN: &str = "sign-in userSRP";
const GENERATOR_POWER: &str = "A = g^a";
const SHARED_SECRET: &str = "S = (B - k g^x)^(a + u x)";

/// A part, what it is called, and what OpenSSL takes of the reference's time.
type Part = (&'static str, &'static str, Option<f64>);

/// The parts that a port may show, in the order of computation. All but A are parts of the key.
const PARTS: &[Part] = &[
    ("srp/A", GENERATOR_POWER, Some(OPENSSL_GENERATOR_POWER)),
    ("srp/u", "u", None),
    ("srp/x", "x", None),
    ("srp/S", SHARED_SECRET, Some(OPENSSL_SHARED_SECRET)),
    ("srp/hkdf", "HKDF", None),
];

/// Parts that are measured apart from the whole differ by some per cent for no reason.
const CLEARLY: f64 = 1.15;

/// A set-up that takes less of the whole explains nothing.
const NOTICEABLE: f64 = 0.05;

#[cfg(test)]
mod tests {
    use super::*;

    fn times(port: &[(&str, f64)], sign_in: Option<f64>) -> Times {
        Times {
            port: port
                .iter()
                .map(|(method, time)| ((*method).to_owned(), *time))
                .collect(),
            round_trip: 10.0,
            sign_in,
            without_srp: Some(60.0),
            reference: [("srp/A".to_owned(), 30.6), ("srp/S".to_owned(), 26.4)].into(),
            fastest: [("srp/S".to_owned(), 2.0)].into(),
        }
    }

    fn parts(breakdown: &Breakdown) -> Vec<(&str, f64, f64)> {
        breakdown
            .stages
            .iter()
            .map(|stage| (stage.name.as_str(), stage.port, stage.percent.round()))
            .collect()
    }

    #[test]
    fn a_sign_in_falls_into_its_parts_and_a_rest_without_the_round_trips() {
        let shown = [
            ("srp/A", 110.0),
            ("srp/u", 11.0),
            ("srp/S", 260.0),
            ("srp/key", 281.0),
            ("srp/claim", 401.0),
        ];
        let breakdown = Breakdown::of(&times(&shown, Some(510.0))).expect("there are parts");
        assert_eq!(breakdown.of, SIGN_IN);
        assert_eq!(breakdown.total, 500.0);
        assert_eq!(
            parts(&breakdown),
            [
                (GENERATOR_POWER, 100.0, 20.0),
                ("u", 1.0, 0.0),
                (SHARED_SECRET, 250.0, 50.0),
                ("x, HKDF", 20.0, 4.0),
                ("the signature, and what is around it", 20.0, 4.0),
                ("HTTP, JSON, tokens, and the pool's own work", 109.0, 22.0),
            ]
        );
        assert_eq!(breakdown.dominant, SHARED_SECRET);
        assert!(!breakdown.parts_exceed_whole, "they fit in");
        assert_eq!(breakdown.set_up, 0.0, "nothing to explain");
        assert_eq!(breakdown.without_srp, Some(50.0));
        assert_eq!(breakdown.powers(), Some((350.0, 57.0)));
        assert_eq!(
            breakdown.stages[2].fastest,
            Some(2.0),
            "the fastest engine's S"
        );
        assert_eq!(
            breakdown.stages[0].openssl_about.map(f64::round),
            Some(10.0),
            "about a third of the reference"
        );
    }

    #[test]
    fn what_a_port_does_not_show_is_in_the_next_larger_part() {
        let breakdown = Breakdown::of(&times(&[("srp/claim", 110.0)], None)).expect("one part");
        assert_eq!(
            (breakdown.of.as_str(), breakdown.total),
            ("srp/claim", 100.0)
        );
        let name =
            "A = g^a, u, x, S = (B - k g^x)^(a + u x), HKDF, the signature, and what is around it";
        assert_eq!(parts(&breakdown), [(name, 100.0, 100.0)]);
        assert_eq!(breakdown.powers(), None, "nobody knows");
        assert_eq!(
            Breakdown::of(&times(&[], Some(1.0))),
            None,
            "no part at all"
        );
    }

    #[test]
    fn what_comes_before_each_function_is_taken_off_when_the_parts_exceed_the_whole() {
        // As amazon-cognito-identity-js does it: every helper object computes an A of its own.
        let shown = [
            ("srp/A", 183.0),
            ("srp/u", 96.0),
            ("srp/S", 206.0),
            ("srp/key", 207.0),
            ("srp/claim", 210.0),
        ];
        let breakdown = Breakdown::of(&times(&shown, Some(220.0))).expect("there are parts");
        assert_eq!(breakdown.set_up, 86.0, "what u takes");
        assert_eq!(
            parts(&breakdown),
            [
                (GENERATOR_POWER, 87.0, 41.0),
                ("u", 0.0, 0.0),
                (SHARED_SECRET, 110.0, 52.0),
                ("x, HKDF", 1.0, 0.0),
                ("the signature, and what is around it", 2.0, 1.0),
                ("HTTP, JSON, tokens, and the pool's own work", 10.0, 5.0),
            ]
        );
        assert!(!breakdown.parts_exceed_whole, "that explains it");
    }

    #[test]
    fn parts_that_exceed_the_whole_are_told_and_shares_still_make_a_hundred() {
        let shown = [("srp/A", 110.0), ("srp/S", 310.0)];
        let breakdown = Breakdown::of(&times(&shown, Some(210.0))).expect("two parts");
        assert!(breakdown.parts_exceed_whole);
        let sum: f64 = breakdown.stages.iter().map(|stage| stage.percent).sum();
        assert!((sum - 100.0).abs() < 1e-9, "{sum}");
    }
}
