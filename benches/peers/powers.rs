//! Powers: g^a and base^e.

use std::hint::black_box;

use cognito_conformance::run::bench::measure::Candidate;
use cognito_conformance::srp::modexp::{Engine, EngineName, LANES, Power};
use cognito_conformance::srp::{BigUint, Group};

use crate::libraries::{Libraries, Library, Visit};
use crate::support::number;
use crate::workload::{Effort, Workload, engine_name};

/// Which powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// g^a, g = 2.
    Generator,
    /// base^e, for bases as wide as N.
    AnyBase,
}

impl Formula {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Generator, Self::AnyBase];

    /// The name of the workload with exponents of this many bits.
    pub fn workload(self, bits: u64) -> String {
        let formula = match self {
            Self::Generator => "g^a",
            Self::AnyBase => "base^e",
        };
        format!("{formula} {bits}")
    }
}

/// Widths of exponents.
pub const BITS: [u64; 3] = [256, 1024, 3072];

/// Measures powers by everybody, after their results were compared with num-bigint's.
pub fn measure(libraries: &Libraries, formula: Formula, bits: u64, effort: &Effort) -> Workload {
    let name = formula.workload(bits);
    let powers = Powers::new(formula, bits);
    let mut candidates = Candidates {
        of: &powers,
        formula,
        all: Vec::new(),
    };
    libraries.each(&mut candidates);
    let mut all = candidates.all;
    for engine in Engine::available() {
        powers.add(engine, &mut all);
    }
    Workload::measure(name, all, &effort.plan)
}

/// Eight powers, and what they are.
struct Powers {
    n: BigUint,
    bases: Vec<BigUint>,
    exponents: Vec<BigUint>,
    expected: Vec<BigUint>,
}

impl Powers {
    fn new(formula: Formula, bits: u64) -> Self {
        let Group { n, g, .. } = Group::cognito();
        let bases: Vec<BigUint> = (0..LANES)
            .map(|at| match formula {
                Formula::Generator => g.clone(),
                Formula::AnyBase => number("base", at, 3072) % &n,
            })
            .collect();
        let exponents: Vec<BigUint> = (0..LANES).map(|at| number("exponent", at, bits)).collect();
        let pairs = bases.iter().zip(&exponents);
        Self {
            expected: pairs.map(|(base, e)| base.modpow(e, &n)).collect(),
            n,
            bases,
            exponents,
        }
    }

    /// An engine, one at a time and, where that is another thing, side by side.
    fn add<'a>(&'a self, engine: Engine, all: &mut Vec<Candidate<'a, String>>) {
        let alone = move |at: usize| engine.modpow(&self.bases[at], &self.exponents[at], &self.n);
        let name = engine_name(engine.name(), false);
        let results: Vec<BigUint> = (0..LANES).map(alone).collect();
        assert_eq!(results, self.expected, "{name}");
        all.push(Candidate::new(name, 1, in_turn(alone)));
        if engine.name() == EngineName::Reference {
            return;
        }

        let bases: Vec<&BigUint> = self.bases.iter().collect();
        let exponents: Vec<&BigUint> = self.exponents.iter().collect();
        let is_one_base = bases.windows(2).all(|pair| pair[0] == pair[1]);
        let together = move || {
            if is_one_base {
                return engine.powers_of(bases[0], black_box(&exponents), &self.n);
            }
            let pairs = bases.iter().zip(&exponents);
            let powers: Vec<Power<'_>> = pairs
                .map(|(base, exponent)| Power { base, exponent })
                .collect();
            engine.modpow_batch(black_box(&powers), &self.n)
        };
        let name = engine_name(engine.name(), true);
        assert_eq!(together(), self.expected, "{name}");
        let work = move || {
            black_box(together());
        };
        all.push(Candidate::new(name, LANES as u32, work));
    }
}

struct Candidates<'a> {
    of: &'a Powers,
    formula: Formula,
    all: Vec<Candidate<'a, String>>,
}

impl<'a> Visit<'a> for Candidates<'a> {
    fn visit<L: Library>(&mut self, library: &'a L) {
        let convert = |numbers: &[BigUint]| -> Vec<L::Number> {
            numbers
                .iter()
                .map(|number| library.convert(number))
                .collect()
        };
        let (bases, exponents) = (convert(&self.of.bases), convert(&self.of.exponents));
        let formula = self.formula;
        let power = move |at: usize| match formula {
            Formula::Generator => library.power_of_g(black_box(&exponents[at])),
            Formula::AnyBase => library.power(black_box(&bases[at]), black_box(&exponents[at])),
        };
        for (at, expected) in self.of.expected.iter().enumerate() {
            let octets = library.write(&power(at));
            let name = library.name();
            assert_eq!(octets, expected.to_bytes_be(), "{name}, power {at}");
        }
        self.all
            .push(Candidate::new(library.name(), 1, in_turn(power)));
    }
}

/// Work that goes through the eight inputs.
pub fn in_turn<T>(work: impl Fn(usize) -> T) -> impl FnMut() {
    let mut at = 0;
    move || {
        black_box(work(at));
        at = (at + 1) % LANES;
    }
}
