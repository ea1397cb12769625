//! A case's values, computed and compared.

use super::error::VectorError;
use super::format::{Case, Under};
use super::outcome::{Check, Origin};
use super::values::Values;

/// Computes every value of a case and compares it.
///
/// # Errors
/// When the case itself is faulty: an input that doesn't parse, a dialect or mistake that doesn't exist.
pub fn check(case: &Case) -> Result<Vec<Check>, VectorError> {
    let right = Values::compute(case, &Under::default())?;
    let negative = case.negative.as_ref();
    let bug = match negative.and_then(|negative| negative.under.as_ref()) {
        Some(under) => Some(Values::compute(case, under)?),
        None => None,
    };
    let mut checks = Vec::new();
    for (name, expected) in &case.published {
        if negative.is_some_and(|negative| negative.values.contains(name)) {
            checks.extend(right.refute(name, expected));
            if let Some(bug) = &bug {
                checks.extend(
                    bug.compare(name, expected, Origin::Published)
                        .into_iter()
                        .map(|check| Check {
                            name: format!("{} with the bug", check.name),
                            ..check
                        }),
                );
            }
        } else {
            checks.extend(right.compare(name, expected, Origin::Published));
        }
    }
    for (name, expected) in &case.derived {
        checks.extend(right.compare(name, expected, Origin::Derived));
    }
    Ok(checks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::vector::format::{DialectRef, Negative};
    use crate::suite::vector::outcome::Outcome;

    fn case(published: &[(&str, &str)]) -> Case {
        let map = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|&(name, value)| (name.into(), value.into()))
                .collect()
        };
        Case {
            id: "made".into(),
            kind: None,
            dialect: Some(DialectRef {
                name: "cognito".into(),
                group: None,
                n: None,
                g: None,
                hash: None,
            }),
            inputs: map(&[("A", "aff001"), ("B", "bff002")]),
            published: map(published),
            derived: map(&[]),
            negative: None,
            exercises: Vec::new(),
            note: None,
        }
    }

    const U: &str = "1c3e2e616cd39a68b10c71ac12ce400798579792df1464e5519ff41446095a57";

    #[test]
    fn a_right_value_matches_and_a_wrong_one_says_what_was_expected_and_got() {
        assert_eq!(
            check(&case(&[("u", U)])).unwrap()[0].outcome,
            Outcome::Match,
            "right"
        );
        assert_eq!(
            check(&case(&[("u", "1")])).unwrap()[0].outcome,
            Outcome::Mismatch {
                expected: "1".into(),
                got: U.into()
            },
            "wrong"
        );
    }

    #[test]
    fn a_value_that_nothing_leads_to_is_no_success() {
        let checks = check(&case(&[("S", "1")])).unwrap();
        assert_eq!(
            checks[0].outcome,
            Outcome::NotComputed {
                expected: "1".into()
            }
        );
        assert!(!checks[0].outcome.holds());
    }

    #[test]
    fn a_negative_value_that_is_right_after_all_is_no_success() {
        let negative = |value| {
            let mut case = case(&[("u", value)]);
            case.negative = Some(Negative {
                values: vec!["u".into()],
                reason: "made up".into(),
                under: None,
            });
            check(&case).unwrap()[0].outcome.clone()
        };
        assert_eq!(
            negative("1"),
            Outcome::NegativeConfirmed,
            "differs from the right value"
        );
        assert_eq!(
            negative(U),
            Outcome::NegativeRefuted { got: U.into() },
            "is the right value"
        );
    }

    #[test]
    fn a_faulty_case_is_an_error_that_names_the_input() {
        let mut faulty = case(&[("u", U)]);
        faulty.inputs.insert("A".into(), "0x1".into());
        let error = check(&faulty).unwrap_err();
        assert!(
            matches!(&error, VectorError::Input { input, .. } if input == "A"),
            "{error}"
        );
        let mut unknown = case(&[("u", U)]);
        unknown.dialect = None;
        let error = check(&unknown).unwrap_err();
        assert!(
            matches!(&error, VectorError::Input { input, .. } if input == "dialect"),
            "{error}"
        );
    }
}
