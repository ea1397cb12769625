//! Configuration and precedence.

use crate::expect::{Choice, choices};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::trace::{ExchangeTrace, Trace};
use crate::rules::port::flow::sent_flow;
use crate::rules::rule::{Level, Observation, Party, Rule, Verdict, each};
use crate::rules::source::{ANDROID, FLUTTER, JS, SWIFT, amplify, file, issue, model};
use crate::scenario::{ConfigSource, Scenario};
use crate::wire::AuthFlowType;

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "config.run-time-wins",
        level: Level::Must,
        party: Party::Port,
        sentence: "The flow given to signIn overrides whatever the configuration says.",
        sources: &[
            amplify(
                "Switching authentication flows",
                "introduction",
                "the flow given to signIn takes precedence and overrides the one of the configuration file",
            ),
            file(&SWIFT, "Task/AWSAuthSignInTask.swift"),
        ],
        check: Rule::requires(|case| {
            judged(case, |scenario| {
                let says_something = match &scenario.config {
                    ConfigSource::Direct => false,
                    ConfigSource::Gen1 {
                        flow,
                        migration_enabled,
                    } => flow.is_some() || *migration_enabled == Some(true),
                    ConfigSource::Gen2 { flow } => flow.is_some(),
                };
                scenario.flow.filter(|_| says_something)
            })
        }),
    },
    Rule {
        id: "config.default",
        level: Level::Must,
        party: Party::Port,
        sentence: "Where neither signIn nor the configuration names a flow, it is userSRP.",
        sources: &[
            amplify(
                "Switching authentication flows",
                "introduction",
                "where no flow is given, userSRP is used",
            ),
            file(&SWIFT, "Support/Helpers/ConfigurationHelper.swift"),
        ],
        check: Rule::requires(|case| {
            judged(case, |scenario| {
                let silent = match &scenario.config {
                    ConfigSource::Direct | ConfigSource::Gen2 { flow: None } => true,
                    ConfigSource::Gen1 {
                        flow,
                        migration_enabled,
                    } => flow.is_none() && *migration_enabled != Some(true),
                    ConfigSource::Gen2 { .. } => false,
                };
                (scenario.flow.is_none() && silent).then_some(AuthFlowType::UserSrp)
            })
        }),
    },
    Rule {
        id: "config.gen1",
        level: Level::Must,
        party: Party::Port,
        sentence: "authenticationFlowType of amplifyconfiguration.json chooses the flow when signIn names none.",
        sources: &[
            amplify(
                "Switching authentication flows",
                "introduction",
                "the flow can be configured in amplifyconfiguration.json (so the page of 2024-05)",
            ),
            file(&SWIFT, "Models/AuthFlowType.swift"),
            file(&SWIFT, "Support/Helpers/ConfigurationHelper.swift"),
            issue("aws-amplify/aws-sdk-android#1778"),
            issue("aws-amplify/amplify-swift#3537"),
            issue("aws-amplify/amplify-swift#2382"),
            issue("aws-amplify/amplify-swift#3928"),
        ],
        check: Rule::requires(|case| {
            judged(case, |scenario| match (&scenario.config, scenario.flow) {
                (
                    ConfigSource::Gen1 {
                        flow: Some(_),
                        migration_enabled,
                    },
                    None,
                ) if *migration_enabled != Some(true) => only_flow(scenario),
                _ => None,
            })
        }),
    },
    Rule {
        id: "config.migration-enabled",
        level: Level::Should,
        party: Party::Port,
        sentence: "MigrationEnabled in amplifyconfiguration.json means userPassword when signIn names no flow.",
        sources: &[
            file(&SWIFT, "Support/Helpers/ConfigurationHelper.swift"),
            issue("aws-amplify/amplify-swift#3928"),
        ],
        check: Rule::requires(|case| {
            judged(case, |scenario| match (&scenario.config, scenario.flow) {
                (
                    ConfigSource::Gen1 {
                        migration_enabled: Some(true),
                        ..
                    },
                    None,
                ) => Some(AuthFlowType::UserPassword),
                _ => None,
            })
        }),
    },
    Rule {
        id: "config.unknown-value",
        level: Level::Observed,
        party: Party::Port,
        sentence: "An authenticationFlowType that nobody documents is refused, or silently means userSRP.",
        sources: &[
            file(&SWIFT, "Models/AuthFlowType.swift"),
            issue("aws-amplify/amplify-swift#3537"),
            issue("aws-amplify/amplify-swift#3928"),
        ],
        check: Rule::observes(|case| {
            observed(case, |scenario| match &scenario.config {
                ConfigSource::Gen1 {
                    flow: Some(_),
                    migration_enabled,
                } if *migration_enabled != Some(true) => {
                    choices(scenario.flow, &scenario.config).contains(&Choice::Refusal)
                }
                _ => false,
            })
        }),
    },
    Rule {
        id: "config.legacy-value",
        level: Level::Observed,
        party: Party::Port,
        sentence: "The legacy value CUSTOM_AUTH starts with SRP, without it, or by the presence of a password.",
        sources: &[
            file(&SWIFT, "Models/AuthFlowType.swift"),
            file(&ANDROID, "options/AuthFlowType.java"),
            file(&FLUTTER, "state/machines/sign_in_state_machine.dart"),
            issue("aws-amplify/amplify-swift#2382"),
        ],
        check: Rule::observes(|case| {
            observed(case, |scenario| match &scenario.config {
                ConfigSource::Gen1 {
                    flow: Some(flow),
                    migration_enabled,
                } => flow == "CUSTOM_AUTH" && *migration_enabled != Some(true),
                _ => false,
            })
        }),
    },
    Rule {
        id: "config.gen2",
        level: Level::Observed,
        party: Party::Port,
        sentence: "A flow in amplify_outputs.json, which the page promises and the schema lacks, is followed or ignored.",
        sources: &[
            amplify(
                "Switching authentication flows",
                "introduction",
                "the flow can be configured in amplify_outputs.json",
            ),
            file(&SWIFT, "Support/Helpers/ConfigurationHelper.swift"),
            file(&ANDROID, "AuthConfiguration.kt"),
            file(&JS, "providers/cognito/apis/signIn.ts"),
            file(&FLUTTER, "state/machines/sign_in_state_machine.dart"),
        ],
        check: Rule::observes(|case| {
            observed(case, |scenario| {
                matches!(scenario.config, ConfigSource::Gen2 { flow: Some(_) })
            })
        }),
    },
    Rule {
        id: "config.client-id",
        level: Level::Must,
        party: Party::Port,
        sentence: "Every request names the configured app client.",
        sources: &[
            model(
                "InitiateAuthRequest$ClientId",
                "the app client that the user wants to sign in to",
            ),
            issue("aws-amplify/amplify-js#14819"),
        ],
        check: Rule::requires(client_id),
    },
];

fn only_flow(scenario: &Scenario) -> Option<AuthFlowType> {
    match choices(scenario.flow, &scenario.config).as_slice() {
        [Choice::Flow(flow)] => Some(*flow),
        _ => None,
    }
}

fn first<'a>(trace: &'a Trace<'_>) -> Option<&'a ExchangeTrace<'a>> {
    trace.sign_ins.first()?.exchanges().next()
}

fn judged(case: &Case<'_>, wanted: fn(&Scenario) -> Option<AuthFlowType>) -> Verdict {
    let Some(flow) = case.facts.scenario().and_then(wanted) else {
        return Verdict::NotApplicable("the scenario's configuration does not decide this");
    };
    let Some(first) = first(case.trace) else {
        return Verdict::NotApplicable("no request was made");
    };
    let sent = sent_flow(first);
    // Without a password some ports start a custom flow without SRP.
    let matches = sent == Some(flow)
        || (flow == AuthFlowType::CustomWithSrp && sent.is_some_and(AuthFlowType::is_custom));
    if matches {
        return Verdict::Pass;
    }
    Verdict::fail(
        Some(first.index),
        flow.as_str(),
        sent.map_or_else(|| first.words(), |flow| flow.to_string()),
    )
}

fn observed(case: &Case<'_>, applies: fn(&Scenario) -> bool) -> Observation {
    match case.facts.scenario() {
        Some(scenario) if scenario.flow.is_none() && applies(scenario) => {}
        _ => {
            return Observation::NotApplicable("the scenario's configuration does not decide this");
        }
    }
    Observation::Seen(match first(case.trace) {
        None => "refused".to_owned(),
        Some(first) => sent_flow(first).map_or_else(|| first.words(), |flow| flow.to_string()),
    })
}

fn client_id(case: &Case<'_>) -> Verdict {
    let Some(wanted) = case.facts.client_id() else {
        return Verdict::NotApplicable("the app client is not known");
    };
    each(case.positions(), "no request was made", |step| {
        let got = step.exchange.client_id()?;
        Some(if got == wanted {
            Verdict::Pass
        } else {
            Verdict::fail(Some(step.exchange.index), wanted, got)
        })
    })
}
