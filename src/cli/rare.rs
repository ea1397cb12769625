//! Rare values: what each class is, how often it happens by chance, and how it is made to happen.

use std::io::{self, Write};

use crate::model::steering::tries_allowed;
use crate::model::{ByteClass, SrpValue, Wish};
use crate::report::Page;
use crate::report::page::number;

/// A class of rare values, of one value or of any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rare {
    /// How a value begins.
    Begins(Option<String>, ByteClass),
    /// The parity of the client's exponent.
    OddExponent,
}

impl Rare {
    /// Every class, of no value in particular.
    pub fn all() -> impl Iterator<Item = Self> {
        ByteClass::ALL
            .into_iter()
            .map(|class| Self::Begins(None, class))
            .chain([Self::OddExponent])
    }

    /// `top`, `B = top`, `B:top` as reports write it, `u 00lo`, `exponent:odd`.
    pub fn find(asked: &str) -> Option<Self> {
        let words: Vec<_> = asked
            .split([' ', '=', ':'])
            .filter(|word| !word.is_empty())
            .collect();
        let (value, class) = match words.as_slice() {
            ["odd"] | ["exponent", "odd"] => return Some(Self::OddExponent),
            [class] => (None, class),
            [value, class] => (Some(steered().find(|known| known == value)?), class),
            _ => return None,
        };
        let class = ByteClass::ALL
            .into_iter()
            .find(|known| known.to_string() == **class)?;
        Some(Self::Begins(value, class))
    }

    /// Its name: `top`, `B = top`, `exponent = odd`.
    pub fn name(&self) -> String {
        match self {
            Self::Begins(None, class) => class.to_string(),
            Self::Begins(Some(value), class) => format!("{value} = {class}"),
            Self::OddExponent => "exponent = odd".to_owned(),
        }
    }

    /// How many values have to be tried, on average.
    pub fn expected_tries(&self) -> f64 {
        match self {
            Self::Begins(_, class) => class.expected_tries(),
            Self::OddExponent => Wish::OddExponent.expected_tries(),
        }
    }

    /// What it is and how many tries it takes, in one line.
    pub fn summary(&self) -> String {
        let tries = told(self.expected_tries());
        format!("{tries} tries on average: {}", self.what())
    }

    /// All there is to say.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write<W: Write>(&self, page: &mut Page<W>) -> io::Result<()> {
        let expected = self.expected_tries();
        let often = told(expected);
        page.heading(&format!("{} (a class of rare values)", self.name()))?;
        let what = match self {
            Self::Begins(value, _) => {
                let subject = value.as_deref().unwrap_or("a value");
                format!(
                    "Written with its full width, {subject} begins so: {}.",
                    self.what()
                )
            }
            Self::OddExponent => format!("The client raises its base to a + u·x: {}.", self.what()),
        };
        page.text(
            2,
            &format!("{what} By chance this happens in one of {often}."),
        )?;
        page.text(2, self.harm())?;
        page.gap()?;
        page.entry(2, "steering", LABEL, self.how())?;
        if !self.is_of_the_salt() {
            let most = usize::try_from(tries_allowed(expected)).unwrap_or(usize::MAX);
            let tries = format!("{often} on average, given up after {}", number(most));
            page.entry(2, "tries", LABEL, &tries)?;
        }
        match self {
            Self::Begins(..) => page.entry(
                2,
                "full width",
                LABEL,
                "N's for A, B and S, the hash's for u, 16 octets for a salt",
            ),
            Self::OddExponent => Ok(()),
        }
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Begins(_, class) => match class {
                ByteClass::Top => "the first octet is 0x80 or above",
                ByteClass::ZeroNibble => "the first hexadecimal digit is 0, the first octet is not",
                ByteClass::ZeroLow => "the first octet is 00, the second 0x01 to 0x7f",
                ByteClass::ZeroHigh => "the first octet is 00, the second 0x80 or above",
                ByteClass::ZeroZero => "the first two octets are 00",
                ByteClass::Plain => "the first octet lies between 0x10 and 0x7f",
            },
            Self::OddExponent => "that number is odd",
        }
    }

    fn harm(&self) -> &'static str {
        match self {
            Self::Begins(_, class) => match class {
                ByteClass::Top => {
                    "Its signed form begins with an octet 00; a port that leaves it out hashes another number of octets."
                }
                ByteClass::ZeroNibble => {
                    "Written without leading zeros it has an odd number of digits; a port that decodes pairs loses one."
                }
                ByteClass::ZeroLow => {
                    "It is shorter by one octet; a port that pads it, or keeps the zeros, hashes another text."
                }
                ByteClass::ZeroHigh => {
                    "It is shorter by one octet and needs a sign octet, so that a port may be right by accident."
                }
                ByteClass::ZeroZero => {
                    "It is shorter by two octets or more; a port that takes one zero octet away, and no more, hashes another text."
                }
                ByteClass::Plain => {
                    "Nothing is special about it: what the others are compared with."
                }
            },
            Self::OddExponent => {
                "A port whose remainder keeps the sign of a negative base, and that uses its magnitude, is wrong then and only then."
            }
        }
    }

    fn how(&self) -> &'static str {
        match self {
            Self::Begins(Some(value), _) if value == SALT => "The pool chooses the salt.",
            Self::Begins(Some(value), _) if *value == SrpValue::A.to_string() => {
                "The harness chooses a, for a port that takes an injected one (inject: a). For others it is reported as not reached."
            }
            Self::Begins(Some(_), _) => {
                "The pool chooses b after it has seen A, until the class is reached."
            }
            Self::Begins(None, _) => {
                "Of B, u and S the pool reaches it by choosing b after it has seen A; the salt it chooses outright. Of A the harness reaches it where a port takes an injected a."
            }
            Self::OddExponent => {
                "The harness chooses an odd a, for a port that takes an injected one (inject: a), and the pool a b that makes u·x even. For others it is reported as not reached."
            }
        }
    }

    fn is_of_the_salt(&self) -> bool {
        matches!(self, Self::Begins(Some(value), _) if value == SALT)
    }
}

/// The values that have classes.
fn steered() -> impl Iterator<Item = String> {
    let values = SrpValue::ALL.into_iter().map(|value| value.to_string());
    values.chain([SALT.to_owned()])
}

/// A number of tries: whole, or with one digit behind the point where that says more.
fn told(tries: f64) -> String {
    let whole = tries.round();
    if whole < 10.0 && (tries - whole).abs() > 0.05 {
        return format!("{tries:.1}");
    }
    number(whole as usize)
}

const SALT: &str = "salt";
const LABEL: usize = 10;
