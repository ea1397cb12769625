//! Powers of one base, from a table (Lim and Lee, *More Flexible Exponentiation with Precomputation*, 1994).
//!
//! A table serves `TEETH · COLUMNS` bits of the exponent: tooth i covers the bits `COLUMNS·i … COLUMNS·(i+1) − 1` of its
//! stretch, and entry d holds the product of the base's powers at the beginnings of the teeth that d names. All tables go
//! through their columns together, so that an exponent costs one product a column and table, and `COLUMNS − 1` squarings
//! however many tables there are. Where eight products side by side cost less than eight in a row, the columns of a single
//! power are multiplied up eight at a time before they are squared together.
//!
//! A table may serve two bases: the exponent of the second then stands above that of the first, as one number, and some
//! teeth are powers of the one and some of the other (see [`FixedPair`](super::FixedPair)).
//!
//! | table | products + squarings | size with entries of 512 octets |
//! |---|---|---|
//! | 256 bits: 2 tables | 32 + 15 | 256 KiB |
//! | 1024 bits: 8 tables | 128 + 15 | 1 MiB |
//! | 3072 bits: 24 tables | 384 + 15 | 3 MiB |

use std::array;
use std::fmt;
use std::sync::OnceLock;

use num_bigint::BigUint;

use super::engine::{Engine, EngineName, Kind};
use super::field::{Field, LANES, digit};
#[cfg(target_arch = "x86_64")]
use super::ifma::Ifma;
use super::portable::Portable;
use super::{reference, window};
use crate::srp::group::Group;

/// Powers of a base modulo Cognito's N.
///
/// The reference engine keeps no table. The others build theirs as far as exponents ask for it, once.
pub struct FixedBase(Table);

enum Table {
    Reference(Base),
    Portable(Comb<Portable>),
    #[cfg(target_arch = "x86_64")]
    Ifma(Comb<Ifma>),
}

/// What a table holds the powers of. The bases are below N.
pub(super) enum Base {
    /// One base.
    One(BigUint),
    /// Two bases: the exponent of the second takes the bits from `at` on, a multiple of [`TOOTH`].
    Two {
        first: BigUint,
        second: BigUint,
        at: u64,
    },
}

impl Base {
    /// The power, without a table: by another way to compute a power of one base.
    fn power(&self, exponent: &BigUint, power: impl Fn(&BigUint, &BigUint) -> BigUint) -> BigUint {
        match self {
            Self::One(base) => power(base, exponent),
            Self::Two { first, second, at } => {
                let high = exponent >> *at;
                let low = exponent - (&high << *at);
                power(first, &low) * power(second, &high) % &Group::cognito_ref().n
            }
        }
    }

    /// The base whose exponent begins at this bit.
    fn beginning_at(&self, bit: u64) -> Option<&BigUint> {
        match self {
            Self::One(base) | Self::Two { first: base, .. } if bit == 0 => Some(base),
            Self::Two { second, at, .. } if bit == *at => Some(second),
            _ => None,
        }
    }
}

macro_rules! with_comb {
    ($table:expr, $base:ident => $reference:expr, $comb:ident => $fast:expr) => {
        match $table {
            Table::Reference($base) => $reference,
            Table::Portable($comb) => $fast,
            #[cfg(target_arch = "x86_64")]
            Table::Ifma($comb) => $fast,
        }
    };
}

impl FixedBase {
    /// A table for exponents of up to `most_bits` bits; longer ones go without it. The base may be any number.
    pub fn new(engine: Engine, base: &BigUint, most_bits: u64) -> Self {
        Self::of(engine, Base::One(base % &Group::cognito_ref().n), most_bits)
    }

    pub(super) fn of(engine: Engine, base: Base, most_bits: u64) -> Self {
        Self(match engine.0 {
            Kind::Reference => Table::Reference(base),
            Kind::Portable(field) => Table::Portable(Comb::new(field, base, most_bits)),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(field) => Table::Ifma(Comb::new(field, base, most_bits)),
        })
    }

    /// `base^exponent`.
    pub fn power(&self, exponent: &BigUint) -> BigUint {
        with_comb!(&self.0,
            base => base.power(exponent, by_reference),
            comb => comb.power(exponent))
    }

    /// Many powers, in their order, eight side by side where the engine can.
    pub fn powers(&self, exponents: &[&BigUint]) -> Vec<BigUint> {
        with_comb!(&self.0,
            base => exponents.iter().map(|exponent| base.power(exponent, by_reference)).collect(),
            comb => comb.powers(exponents))
    }
}

impl fmt::Debug for FixedBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedBase").finish_non_exhaustive()
    }
}

/// The table of g for an engine, which lives as long as the process.
pub(super) fn of_generator(engine: Engine) -> &'static FixedBase {
    static TABLES: [OnceLock<FixedBase>; EngineName::ALL.len()] =
        [const { OnceLock::new() }; EngineName::ALL.len()];
    TABLES[engine.name() as usize]
        .get_or_init(|| FixedBase::new(engine, &Group::cognito_ref().g, GENERATOR_BITS))
}

fn by_reference(base: &BigUint, exponent: &BigUint) -> BigUint {
    reference::modpow(base, exponent, &Group::cognito_ref().n)
}

/// A comb over a field.
struct Comb<F: Field> {
    field: F,
    base: Base,
    tables: Box<[OnceLock<Stretch<F>>]>,
}

/// One table, and the base's power at the beginning of the next.
struct Stretch<F: Field> {
    entries: Box<[F::Entry]>,
    next: F::Element,
}

impl<F: Field> Comb<F> {
    fn new(field: F, base: Base, most_bits: u64) -> Self {
        let count = most_bits.div_ceil(STRETCH);
        Self {
            field,
            base,
            tables: (0..count).map(|_| OnceLock::new()).collect(),
        }
    }

    fn power(&self, exponent: &BigUint) -> BigUint {
        if self.is_beyond(exponent) {
            return self.base.power(exponent, |base, exponent| {
                window::power(self.field, base, exponent)
            });
        }
        self.field.leave(&self.element(exponent))
    }

    fn powers(&self, exponents: &[&BigUint]) -> Vec<BigUint> {
        let mut results = Vec::with_capacity(exponents.len());
        for group in exponents.chunks(LANES) {
            match <&[&BigUint; LANES]>::try_from(group) {
                Ok(group) if !group.iter().any(|exponent| self.is_beyond(exponent)) => {
                    let powers = self.field.scatter(&self.lanes(*group));
                    results.extend(powers.iter().map(|power| self.field.leave(power)));
                }
                _ => results.extend(group.iter().map(|exponent| self.power(exponent))),
            }
        }
        results
    }

    /// Eight powers side by side; no exponent may be longer than the table serves.
    fn lanes(&self, exponents: [&BigUint; LANES]) -> F::Lanes {
        let words = exponents.map(BigUint::to_u64_digits);
        let bits = exponents
            .map(BigUint::bits)
            .into_iter()
            .max()
            .unwrap_or_default();
        let tables = self.tables_for(bits);
        let entries = |column, at: usize| {
            words
                .each_ref()
                .map(|words| &tables[at][tooth_digit(words, at as u64, column)])
        };
        let factors: Vec<(u32, [&F::Entry; LANES])> = (0..COLUMNS)
            .rev()
            .flat_map(|column| (0..tables.len()).map(move |at| (column, at)))
            .map(|(column, at)| (column, entries(column, at)))
            .collect();
        let one = self.field.one();
        let (mut power, mut reached) = (self.field.gather([&one; LANES]), COLUMNS - 1);
        for (at, (column, factor)) in factors.iter().enumerate() {
            if let Some((_, soon)) = factors.get(at + 1) {
                soon.iter().for_each(|entry| self.field.expect_entry(entry));
            }
            if reached != *column {
                self.field.square_lanes(&mut power, reached - column);
            }
            self.field.multiply_lanes_by(&mut power, *factor);
            reached = *column;
        }
        power
    }

    fn element(&self, exponent: &BigUint) -> F::Element {
        let words = exponent.to_u64_digits();
        let tables = self.tables_for(exponent.bits());
        let columns = if tables.is_empty() {
            return self.field.one();
        } else if F::LANES_PAY {
            self.columns_side_by_side(&words, &tables)
        } else {
            self.columns_one_by_one(&words, &tables)
        };
        let mut columns = columns.into_iter().rev();
        let mut power = columns.next().unwrap_or_else(|| self.field.one());
        for column in columns {
            self.field.square(&mut power, 1);
            self.field.multiply(&mut power, &column);
        }
        power
    }

    /// What a column's entries multiply to, for each column.
    fn columns_one_by_one(&self, words: &[u64], tables: &[&[F::Entry]]) -> Vec<F::Element> {
        (0..COLUMNS)
            .map(|column| {
                let mut entries = tables
                    .iter()
                    .enumerate()
                    .map(|(at, table)| (tooth_digit(words, at as u64, column), table))
                    .filter(|(digit, _)| *digit != 0)
                    .map(|(digit, table)| &table[digit]);
                let Some(first) = entries.next() else {
                    return self.field.one();
                };
                let mut product = self.field.element(first);
                entries.for_each(|entry| self.field.multiply_by(&mut product, entry));
                product
            })
            .collect()
    }

    /// The same, eight columns side by side: a single power has that much to do at once.
    fn columns_side_by_side(&self, words: &[u64], tables: &[&[F::Entry]]) -> Vec<F::Element> {
        let mut columns = Vec::with_capacity(COLUMNS as usize);
        for first in (0..COLUMNS).step_by(LANES) {
            let entries = |at: usize| -> [&F::Entry; LANES] {
                array::from_fn(|lane| {
                    &tables[at][tooth_digit(words, at as u64, first + lane as u32)]
                })
            };
            let begin = entries(0).map(|entry| self.field.element(entry));
            let mut products = self.field.gather(begin.each_ref());
            for at in 1..tables.len() {
                if at + 1 < tables.len() {
                    let soon = entries(at + 1).into_iter();
                    soon.for_each(|entry| self.field.expect_entry(entry));
                }
                self.field.multiply_lanes_by(&mut products, entries(at));
            }
            columns.extend(self.field.scatter(&products));
        }
        columns
    }

    fn is_beyond(&self, exponent: &BigUint) -> bool {
        exponent.bits() > self.tables.len() as u64 * STRETCH
    }

    /// The tables that serve this many bits, built if they are not yet.
    fn tables_for(&self, bits: u64) -> Vec<&[F::Entry]> {
        let count = bits.div_ceil(STRETCH) as usize;
        let mut tables: Vec<&[F::Entry]> = Vec::with_capacity(count);
        let mut start: Option<&F::Element> = None;
        for (at, table) in (0..).zip(self.tables.iter().take(count)) {
            let stretch = table.get_or_init(|| self.stretch(at, start));
            tables.push(&stretch.entries);
            start = Some(&stretch.next);
        }
        tables
    }

    /// The table of that number. `start` is what the one before it left off with.
    fn stretch(&self, number: u64, start: Option<&F::Element>) -> Stretch<F> {
        let mut entries = vec![self.field.one()];
        let mut tooth = start.cloned().unwrap_or_else(|| self.field.one());
        for bit in (number * STRETCH..(number + 1) * STRETCH).step_by(COLUMNS as usize) {
            if let Some(base) = self.base.beginning_at(bit) {
                tooth = self.field.enter(base);
            }
            for at in 0..entries.len() {
                let mut entry = entries[at].clone();
                self.field.multiply(&mut entry, &tooth);
                entries.push(entry);
            }
            self.field.square(&mut tooth, COLUMNS);
        }
        Stretch {
            entries: entries
                .iter()
                .map(|entry| self.field.entry(entry))
                .collect(),
            next: tooth,
        }
    }
}

/// Which teeth of a table's column are set in an exponent.
fn tooth_digit(words: &[u64], table: u64, column: u32) -> usize {
    (0..TEETH).fold(0, |digit_so_far, tooth| {
        let bit = table * STRETCH + u64::from(COLUMNS * tooth + column);
        digit_so_far | digit(words, bit, 1) << tooth
    })
}

/// Teeth of a table: 2^8 entries.
const TEETH: u32 = 8;
/// Columns of a table.
const COLUMNS: u32 = 16;
/// Bits of the exponent that a tooth serves.
pub(super) const TOOTH: u64 = COLUMNS as u64;
/// Bits of the exponent that a table serves.
const STRETCH: u64 = (TEETH * COLUMNS) as u64;
/// The longest exponent of g that tables serve: the width of N.
const GENERATOR_BITS: u64 = 3072;
