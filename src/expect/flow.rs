//! Which flow an option and a configuration lead to (Amplify documentation: Switching authentication flows).

use crate::scenario::ConfigSource;
use crate::wire::AuthFlowType;

/// What a port may make of option and configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It signs in by this flow.
    Flow(AuthFlowType),
    /// It refuses the configuration.
    Refusal,
}

/// The allowed choices. More than one where shipped clients differ.
pub fn choices(option: Option<AuthFlowType>, config: &ConfigSource) -> Vec<Choice> {
    let configured = configured(config);
    let mut choices: Vec<Choice> = configured
        .iter()
        .map(|configured| match configured {
            Configured::Flow(flow) => Choice::Flow(option.unwrap_or(*flow)),
            Configured::Nothing => Choice::Flow(option.unwrap_or_default()),
            Configured::Refusal => Choice::Refusal,
        })
        .collect();
    choices.dedup();
    choices
}

#[derive(Clone, Copy)]
enum Configured {
    Nothing,
    Flow(AuthFlowType),
    Refusal,
}

fn configured(config: &ConfigSource) -> Vec<Configured> {
    match config {
        ConfigSource::Direct => vec![Configured::Nothing],
        // MigrationEnabled beats authenticationFlowType in Amplify Swift; a reader that checks the whole file first may
        // still refuse a word it does not know.
        ConfigSource::Gen1 {
            flow,
            migration_enabled: Some(true),
        } => {
            let mut found = vec![Configured::Flow(AuthFlowType::UserPassword)];
            if flow.as_deref().is_some_and(|flow| named(flow).is_empty()) {
                found.push(Configured::Refusal);
            }
            found
        }
        ConfigSource::Gen1 { flow: None, .. } | ConfigSource::Gen2 { flow: None } => {
            vec![Configured::Nothing]
        }
        ConfigSource::Gen1 {
            flow: Some(flow), ..
        } => {
            let flows = named(flow);
            if flows.is_empty() {
                // Amplify Swift silently takes userSRP; a port that refuses helps its user more. OBSERVED.
                return vec![Configured::Nothing, Configured::Refusal];
            }
            flows.into_iter().map(Configured::Flow).collect()
        }
        // The real schema has no such member, so a port may ignore it or, reading strictly, refuse it. OBSERVED.
        ConfigSource::Gen2 { flow: Some(flow) } => {
            let mut found: Vec<_> = named(flow).into_iter().map(Configured::Flow).collect();
            found.extend([Configured::Nothing, Configured::Refusal]);
            found
        }
    }
}

fn named(text: &str) -> Vec<AuthFlowType> {
    match text {
        "USER_SRP_AUTH" => vec![AuthFlowType::UserSrp],
        "USER_PASSWORD_AUTH" => vec![AuthFlowType::UserPassword],
        "CUSTOM_AUTH_WITH_SRP" => vec![AuthFlowType::CustomWithSrp],
        "CUSTOM_AUTH_WITHOUT_SRP" => vec![AuthFlowType::CustomWithoutSrp],
        // With SRP in Amplify Swift, without in Amplify Android, by the presence of a password in Flutter.
        "CUSTOM_AUTH" => vec![AuthFlowType::CustomWithSrp, AuthFlowType::CustomWithoutSrp],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(flow: Option<AuthFlowType>, config: ConfigSource) -> Vec<Choice> {
        choices(flow, &config)
    }

    fn gen1(flow: &str, migration_enabled: Option<bool>) -> ConfigSource {
        ConfigSource::Gen1 {
            flow: Some(flow.to_owned()),
            migration_enabled,
        }
    }

    #[test]
    fn nothing_said_is_user_srp() {
        assert_eq!(
            with(None, ConfigSource::Direct),
            [Choice::Flow(AuthFlowType::UserSrp)]
        );
    }

    #[test]
    fn the_run_time_option_beats_everything_in_the_file() {
        let found = with(
            Some(AuthFlowType::CustomWithoutSrp),
            gen1("USER_SRP_AUTH", Some(true)),
        );
        assert_eq!(found, [Choice::Flow(AuthFlowType::CustomWithoutSrp)]);
    }

    #[test]
    fn migration_enabled_beats_the_configured_flow() {
        let found = with(None, gen1("USER_SRP_AUTH", Some(true)));
        assert_eq!(found, [Choice::Flow(AuthFlowType::UserPassword)]);
    }

    #[test]
    fn an_unknown_word_may_be_refused_or_mean_the_default() {
        let found = with(None, gen1("USER_SRP", None));
        assert_eq!(
            found,
            [Choice::Flow(AuthFlowType::UserSrp), Choice::Refusal]
        );
    }
}
