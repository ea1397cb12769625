//! What a scenario means for one sign-in: who signs in, and what that person types.
//!
//! It is derived once for each sign-in. The person, the call and the expectations read it, so that nobody reads the first
//! sign-in's values for a later one.

use super::act::Who;
use super::factor::Codes;
use super::input::{Password, TypedName};
use super::names::Names;
use super::types::{ConfigSource, Scenario};
use crate::wire::AuthFlowType;

/// One sign-in of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInPlan {
    /// Which of the scenario's acts it is: 0 is the first sign-in.
    pub act: usize,
    /// Who signs in.
    pub who: Who,
    /// What is typed as name.
    pub username: String,
    /// Whom that name means to the service.
    pub named: Named,
    /// What is typed as password.
    pub password: Password,
    /// The run-time option.
    pub flow: Option<AuthFlowType>,
    /// The codes that the person gives; what is missing is given rightly.
    pub codes: Codes,
    /// Seconds that have passed since the act before.
    pub after: u32,
}

/// Whom a typed name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// One of the scenario's two users.
    User(Who),
    /// Nobody: the `sub` is no name to sign in with.
    Sub,
    /// Nothing was typed.
    Nobody,
}

impl SignInPlan {
    /// The plan of the first sign-in.
    pub fn first(scenario: &Scenario) -> Self {
        let names = Names::of(scenario);
        Self {
            act: 0,
            who: Who::Same,
            username: names.typed,
            named: match scenario.name {
                TypedName::Sub => Named::Sub,
                TypedName::Empty => Named::Nobody,
                TypedName::Email
                | TypedName::Phone
                | TypedName::Username
                | TypedName::UnicodeUsername => Named::User(Who::Same),
            },
            password: scenario.password,
            flow: scenario.flow,
            codes: scenario.codes.clone(),
            after: 0,
        }
    }

    /// The plans of all sign-ins, in order.
    pub fn all(scenario: &Scenario) -> Vec<Self> {
        let later = (1..=scenario.then.len()).filter_map(|act| Self::of(scenario, act));
        std::iter::once(Self::first(scenario))
            .chain(later)
            .collect()
    }

    /// The plan of an act, if it is a sign-in.
    pub fn of(scenario: &Scenario, act: usize) -> Option<Self> {
        let Some(before) = act.checked_sub(1) else {
            return Some(Self::first(scenario));
        };
        let again = scenario.then.get(before)?.sign_in()?;
        let first = Self::first(scenario);
        let names = Names::of(scenario);
        let (username, named) = match (again.who, again.name) {
            (Who::Other, _) => (names.other_typed().to_owned(), Named::User(Who::Other)),
            (Who::Same, None) => (first.username, first.named),
            (Who::Same, Some(name)) => {
                let typed = names.typed_as(Some(name)).to_owned();
                let named = match typed == first.username {
                    true => first.named,
                    false => Named::User(Who::Same),
                };
                (typed, named)
            }
        };
        Some(Self {
            act,
            who: again.who,
            username,
            named,
            password: again.password,
            flow: again.flow.or(scenario.flow),
            codes: Codes::new(),
            after: again.after,
        })
    }

    /// Whether every reading of option and configuration leads to `customWithoutSRP`, which has no use for a password.
    pub fn surely_needs_no_password(&self, config: &ConfigSource) -> bool {
        match (self.flow, config) {
            (Some(flow), _) => flow == AuthFlowType::CustomWithoutSrp,
            (
                None,
                ConfigSource::Gen1 {
                    flow,
                    migration_enabled,
                },
            ) => {
                flow.as_deref() == Some("CUSTOM_AUTH_WITHOUT_SRP")
                    && *migration_enabled != Some(true)
            }
            (None, _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::act::{Act, SignInAgain};
    use super::*;

    fn with(then: SignInAgain) -> Scenario {
        Scenario {
            name: TypedName::Sub,
            password: Password::Wrong,
            codes: vec![Default::default()],
            then: vec![Act::ForgetDevice, Act::SignIn(then)],
            ..Scenario::plain("t", 1)
        }
    }

    #[test]
    fn each_sign_in_has_a_plan_of_its_own() {
        let scenario = with(SignInAgain {
            who: Who::Other,
            ..SignInAgain::default()
        });
        let plans = SignInPlan::all(&scenario);
        let [first, second] = plans.as_slice() else {
            panic!("two sign-ins: {plans:?}");
        };
        assert_eq!(first.named, Named::Sub, "the sub is nobody's name");
        assert_eq!(second.act, 2, "the act after the forgotten device");
        assert_eq!(
            second.named,
            Named::User(Who::Other),
            "the other's own name"
        );
        assert_eq!(second.password, Password::Right, "as the act says");
        assert!(second.codes.is_empty(), "codes are the first sign-in's");
    }

    #[test]
    fn an_alias_means_the_user_even_where_the_first_name_meant_nobody() {
        let scenario = with(SignInAgain {
            name: Some(TypedName::Phone),
            ..SignInAgain::default()
        });
        let plan = SignInPlan::of(&scenario, 2).expect("a sign-in");
        assert_eq!(plan.named, Named::User(Who::Same));
        assert_eq!(plan.username, Names::of(&scenario).phone);
    }
}
