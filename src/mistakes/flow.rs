//! Which flow is started, and what decides it.

use super::mistake::{Edit, Mistake};
use crate::client::{Ids, Outgoing};
use crate::config::{UnknownFlow, effective_flow};
use crate::wire::{AuthFlow, AuthFlowType};

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "flow.password-flow-sends-srp",
        sentence: "userPassword starts SRP, so that the migration trigger never runs.",
        seen: &[
            "aws-amplify/aws-sdk-android#2286",
            "aws-amplify/amplify-flutter#442",
        ],
        edit: Edit::Client(|policy| {
            policy.choose_flow = |run_time, settings| match effective_flow(run_time, settings) {
                AuthFlowType::UserPassword => AuthFlowType::UserSrp,
                flow => flow,
            };
        }),
        caught_by: &["flow.first-request"],
    },
    Mistake {
        id: "flow.password-flow-says-custom",
        sentence: "AuthFlow is CUSTOM_AUTH whatever flow is chosen.",
        seen: &["aws-amplify/amplify-js#419"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.starts() {
                    set_flow(out, &AuthFlow::CustomAuth);
                }
            });
        }),
        caught_by: &["flow.first-request"],
    },
    Mistake {
        id: "flow.password-flow-of-administrators",
        sentence: "userPassword starts the administrators' password flow.",
        seen: &["soto-project/soto-cognito-authentication-kit#11"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.starts() && out.sender.flow == Some(AuthFlowType::UserPassword) {
                    set_flow(out, &AuthFlow::AdminNoSrpAuth);
                }
            });
        }),
        caught_by: &["flow.first-request"],
    },
    Mistake {
        id: "flow.password-left-out",
        sentence: "userPassword sends no PASSWORD.",
        seen: &["aws-amplify/amplify-js#2634 asks why the trigger sees no password"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.starts() {
                    out.remove(crate::wire::names::key::PASSWORD);
                }
            });
        }),
        caught_by: &["flow.password-parameters"],
    },
    Mistake {
        id: "flow.file-ignored",
        sentence: "the flow that the configuration file names is ignored.",
        seen: &[
            "aws-amplify/aws-sdk-android#1778",
            "aws-amplify/aws-sdk-android#2349",
        ],
        edit: Edit::Client(|policy| {
            policy.choose_flow = |run_time, settings| {
                let mut settings = settings.clone();
                settings.flow = None;
                effective_flow(run_time, &settings)
            };
        }),
        caught_by: &["config.gen1", "flow.first-request"],
    },
    Mistake {
        id: "flow.run-time-option-ignored",
        sentence: "the flow given at run time is ignored.",
        seen: &[
            "aws-amplify/amplify-flutter#1491",
            "aws-amplify/amplify-android#2109",
        ],
        edit: Edit::Client(|policy| {
            policy.choose_flow = |_, settings| effective_flow(None, settings);
        }),
        caught_by: &["config.run-time-wins", "flow.first-request"],
    },
    Mistake {
        id: "flow.migration-switch-ignored",
        sentence: "MigrationEnabled is ignored.",
        seen: &["aws-amplify/amplify-swift#3928 is about its precedence"],
        edit: Edit::Client(|policy| {
            policy.choose_flow = |run_time, settings| {
                let mut settings = settings.clone();
                settings.migration_enabled = false;
                effective_flow(run_time, &settings)
            };
        }),
        caught_by: &["config.migration-enabled", "flow.first-request"],
    },
    Mistake {
        id: "flow.migration-switch-beats-run-time",
        sentence: "MigrationEnabled beats the flow given at run time.",
        seen: &["aws-amplify/amplify-swift#3928"],
        edit: Edit::Client(|policy| {
            policy.choose_flow = |run_time, settings| {
                if settings.migration_enabled {
                    AuthFlowType::UserPassword
                } else {
                    effective_flow(run_time, settings)
                }
            };
        }),
        caught_by: &["config.run-time-wins", "flow.first-request"],
    },
    Mistake {
        id: "flow.always-custom",
        sentence: "without a run-time option every sign-in is a custom one.",
        seen: &["aws-amplify/amplify-js#7462"],
        edit: Edit::Client(|policy| {
            policy.choose_flow = |run_time, _| run_time.unwrap_or(AuthFlowType::CustomWithoutSrp);
        }),
        caught_by: &["config.default", "flow.first-request"],
    },
    Mistake {
        id: "flow.legacy-custom-auth-without-srp",
        sentence: "the legacy name CUSTOM_AUTH means customWithoutSRP.",
        seen: &[
            "aws-amplify/amplify-android HEAD",
            "aws-amplify/amplify-swift#2382",
            "aws-amplify/amplify-swift#2608",
        ],
        edit: Edit::Client(|policy| {
            policy.reading.legacy_custom_auth = AuthFlowType::CustomWithoutSrp;
        }),
        caught_by: &["config.gen1"],
    },
    Mistake {
        id: "flow.unknown-name-means-srp",
        sentence: "a flow name that is not known means userSRP in silence.",
        seen: &["aws-amplify/amplify-swift#3537"],
        edit: Edit::Client(|policy| policy.reading.unknown_flow = UnknownFlow::Ignored),
        caught_by: &["config.unknown-value"],
    },
    Mistake {
        id: "flow.without-srp-not-known",
        sentence: "CUSTOM_AUTH_WITHOUT_SRP in the configuration file is not known and means userSRP.",
        seen: &["aws-amplify/amplify-swift#3537"],
        edit: Edit::Client(|policy| {
            policy.reading.unknown_flow = UnknownFlow::Ignored;
            policy.reading.names = &[
                ("USER_SRP_AUTH", AuthFlowType::UserSrp),
                ("USER_PASSWORD_AUTH", AuthFlowType::UserPassword),
                ("CUSTOM_AUTH_WITH_SRP", AuthFlowType::CustomWithSrp),
            ];
        }),
        caught_by: &["outcome.allowed"],
    },
    Mistake {
        id: "flow.password-name-not-known",
        sentence: "USER_PASSWORD_AUTH in the configuration file is not known and means userSRP.",
        seen: &["aws-amplify/amplify-swift#3928"],
        edit: Edit::Client(|policy| {
            policy.reading.unknown_flow = UnknownFlow::Ignored;
            policy.reading.names = &[
                ("USER_SRP_AUTH", AuthFlowType::UserSrp),
                ("CUSTOM_AUTH_WITH_SRP", AuthFlowType::CustomWithSrp),
                ("CUSTOM_AUTH_WITHOUT_SRP", AuthFlowType::CustomWithoutSrp),
            ];
        }),
        caught_by: &["config.gen1", "flow.first-request"],
    },
    Mistake {
        id: "flow.ids-of-an-earlier-configuration",
        sentence: "pool and client ids of an earlier configuration stay in use after another file is given.",
        seen: &["aws-amplify/amplify-js#14819"],
        edit: Edit::Client(|policy| policy.ids = Ids::OfTheCall),
        caught_by: &["config.client-id"],
    },
    Mistake {
        id: "flow.another-client-id",
        sentence: "the pool id is sent as ClientId.",
        seen: &["aws-amplify/aws-sdk-ios#1075 is a pool id pasted into another field"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let id = out.sender.settings.user_pool_id.clone();
                out.members().insert("ClientId".to_owned(), id.into());
            });
        }),
        caught_by: &["config.client-id"],
    },
];

fn set_flow(out: &mut Outgoing<'_>, flow: &AuthFlow) {
    out.members()
        .insert("AuthFlow".to_owned(), flow.as_str().into());
}
