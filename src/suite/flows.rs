//! Which flows a scenario leads to, against those that a port offers.
//!
//! A flow comes from the run-time option, from a configuration file, or is the default. Where a word in a file is read in more
//! than one way, a port reads it in the way that it offers.

use crate::expect::{Choice, choices};
use crate::scenario::{Act, ConfigSource, Scenario, SignInPlan};
use crate::subject::Capabilities;
use crate::wire::AuthFlowType;
use crate::wire::call::ConfigurationFormat;

/// Has a scenario ask for flows that are offered alone, by the option or by a file.
pub(super) fn fit(scenario: &mut Scenario, offered: &Capabilities) {
    let format = match scenario.config {
        ConfigSource::Direct => None,
        ConfigSource::Gen1 { .. } => Some(ConfigurationFormat::Gen1),
        ConfigSource::Gen2 { .. } => Some(ConfigurationFormat::Gen2),
    };
    if format.is_some_and(|format| !offered.configuration_formats.contains(&format)) {
        scenario.config = ConfigSource::Direct;
    }
    let fit = |flow: &mut Option<AuthFlowType>| {
        flow.take_if(|flow| !offered.flows.contains(flow));
    };
    fit(&mut scenario.flow);
    if offered_readings(scenario.flow, &scenario.config, offered).is_empty() {
        lead_to_another(scenario, offered);
    }
    for act in &mut scenario.then {
        // Whatever is left out of a further sign-in is as in the first.
        if let Act::SignIn(again) = act {
            fit(&mut again.flow);
        }
    }
}

/// The flow that a port lacks for one of the sign-ins, as a reason.
pub(super) fn lacked(scenario: &Scenario, offered: &Capabilities) -> Option<String> {
    let plans = SignInPlan::all(scenario);
    let flow = plans
        .iter()
        .map(|plan| plan.flow)
        .find(|flow| offered_readings(*flow, &scenario.config, offered).is_empty())?;
    let names: Vec<String> = readings(flow, &scenario.config)
        .map(|flow| flow.to_string())
        .collect();
    let from = match (flow, &scenario.config) {
        (Some(_), _) | (None, ConfigSource::Direct) => "",
        (None, _) => ", to which the configuration file leads",
    };
    Some(format!("the flow {}{from}", names.join(" or ")))
}

/// The flows by which a port may sign in, in one sign-in or another.
pub(super) fn possible(scenario: &Scenario, offered: &Capabilities) -> Vec<AuthFlowType> {
    let plans = SignInPlan::all(scenario);
    let flows = plans
        .iter()
        .flat_map(|plan| offered_readings(plan.flow, &scenario.config, offered));
    flows.collect()
}

fn offered_readings(
    option: Option<AuthFlowType>,
    config: &ConfigSource,
    offered: &Capabilities,
) -> Vec<AuthFlowType> {
    readings(option, config)
        .filter(|flow| offered.flows.contains(flow))
        .collect()
}

fn readings(
    option: Option<AuthFlowType>,
    config: &ConfigSource,
) -> impl Iterator<Item = AuthFlowType> {
    let choices = choices(option, config).into_iter();
    choices.filter_map(|choice| match choice {
        Choice::Flow(flow) => Some(flow),
        Choice::Refusal => None,
    })
}

/// Leads a scenario without a run-time option to a flow that is offered: by its file where that has a word for one, else by the
/// option.
fn lead_to_another(scenario: &mut Scenario, offered: &Capabilities) {
    let by_file = offered
        .flows
        .iter()
        .find_map(|flow| word(*flow).filter(|_| scenario.config != ConfigSource::Direct));
    match (&mut scenario.config, by_file) {
        (
            ConfigSource::Gen1 {
                flow,
                migration_enabled,
            },
            Some(word),
        ) => {
            *flow = Some(word.to_owned());
            migration_enabled.take_if(|enabled| *enabled);
        }
        (ConfigSource::Gen2 { flow }, Some(word)) => *flow = Some(word.to_owned()),
        _ => scenario.flow = offered.flows.first().copied(),
    }
}

/// The word for a flow in a configuration file.
fn word(flow: AuthFlowType) -> Option<&'static str> {
    match flow {
        AuthFlowType::UserSrp => Some("USER_SRP_AUTH"),
        AuthFlowType::UserPassword => Some("USER_PASSWORD_AUTH"),
        AuthFlowType::CustomWithSrp => Some("CUSTOM_AUTH_WITH_SRP"),
        AuthFlowType::CustomWithoutSrp => Some("CUSTOM_AUTH_WITHOUT_SRP"),
        AuthFlowType::UserAuth => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::SignInAgain;

    fn offering(flows: &[AuthFlowType]) -> Capabilities {
        Capabilities {
            flows: flows.iter().copied().collect(),
            ..Capabilities::everything()
        }
    }

    fn by_file(config: ConfigSource) -> Scenario {
        Scenario {
            config,
            ..Scenario::plain("t", 1)
        }
    }

    fn gen1(flow: Option<&str>, migration_enabled: Option<bool>) -> Scenario {
        by_file(ConfigSource::Gen1 {
            flow: flow.map(str::to_owned),
            migration_enabled,
        })
    }

    fn gen2(flow: Option<&str>) -> Scenario {
        by_file(ConfigSource::Gen2 {
            flow: flow.map(str::to_owned),
        })
    }

    #[test]
    fn a_flow_of_a_file_is_lacked_like_one_of_the_option() {
        use AuthFlowType::{CustomWithSrp, CustomWithoutSrp, UserPassword, UserSrp};
        let file = |flows: &str| {
            Some(format!(
                "the flow {flows}, to which the configuration file leads"
            ))
        };
        let cases = [
            (gen1(Some("USER_PASSWORD_AUTH"), None), UserPassword, None),
            (
                gen1(Some("USER_PASSWORD_AUTH"), None),
                UserSrp,
                file("userPassword"),
            ),
            (gen1(Some("CUSTOM_AUTH"), None), CustomWithSrp, None),
            (gen1(Some("CUSTOM_AUTH"), None), CustomWithoutSrp, None),
            (
                gen1(Some("CUSTOM_AUTH"), None),
                UserSrp,
                file("customWithSRP or customWithoutSRP"),
            ),
            (
                gen1(Some("USER_SRP_AUTH"), Some(true)),
                UserSrp,
                file("userPassword"),
            ),
            (gen1(Some("USER_SRP_AUTH"), Some(true)), UserPassword, None),
            // A word that nobody knows is read as nothing, or refused.
            (gen1(Some("USER_SRP"), None), UserSrp, None),
            (gen1(Some("USER_SRP"), None), UserPassword, file("userSRP")),
            (gen1(None, None), UserPassword, file("userSRP")),
            // The member is none of the real schema's, so that it may be ignored.
            (gen2(Some("USER_PASSWORD_AUTH")), UserSrp, None),
            (gen2(Some("USER_PASSWORD_AUTH")), UserPassword, None),
            (
                gen2(Some("USER_PASSWORD_AUTH")),
                CustomWithSrp,
                file("userPassword or userSRP"),
            ),
            (
                Scenario::plain("t", 1),
                UserPassword,
                Some("the flow userSRP".to_owned()),
            ),
        ];
        for (scenario, offered, reason) in cases {
            let lacked = lacked(&scenario, &offering(&[offered]));
            assert_eq!(lacked, reason, "{offered}: {scenario}");
        }
    }

    #[test]
    fn the_option_wins_over_the_file_and_each_sign_in_has_its_own() {
        let offered = offering(&[AuthFlowType::UserSrp]);
        let mut scenario = gen1(Some("USER_PASSWORD_AUTH"), None);
        scenario.flow = Some(AuthFlowType::UserSrp);
        assert_eq!(lacked(&scenario, &offered), None, "the option is offered");
        scenario.then.push(Act::SignIn(SignInAgain {
            flow: Some(AuthFlowType::UserPassword),
            ..SignInAgain::default()
        }));
        let reason = lacked(&scenario, &offered);
        assert_eq!(reason.as_deref(), Some("the flow userPassword"), "again");
    }

    #[test]
    fn a_scenario_is_led_to_a_flow_that_is_offered_by_its_own_file() {
        let offered = offering(&[AuthFlowType::UserPassword]);
        for before in [gen1(Some("CUSTOM_AUTH"), None), gen1(None, Some(false))] {
            let mut fitted = before.clone();
            fit(&mut fitted, &offered);
            assert_eq!(lacked(&fitted, &offered), None, "{before}: {fitted}");
            assert_eq!(fitted.flow, None, "{before}: the file says it");
        }
        let mut migrating = gen1(None, Some(true));
        fit(&mut migrating, &offering(&[AuthFlowType::UserSrp]));
        assert_eq!(migrating, gen1(Some("USER_SRP_AUTH"), None));
        let by_choice = offering(&[AuthFlowType::UserAuth]);
        let mut wordless = gen1(Some("USER_SRP_AUTH"), None);
        fit(&mut wordless, &by_choice);
        assert_eq!(
            wordless.flow,
            Some(AuthFlowType::UserAuth),
            "no file has it"
        );
        let mut right = gen1(Some("USER_PASSWORD_AUTH"), None);
        fit(&mut right, &offered);
        assert_eq!(right, gen1(Some("USER_PASSWORD_AUTH"), None), "left alone");
    }
}
