//! What the pool, its client and its user are like.

use super::axis::{Axis, Need, Value, is};
use crate::model::{ByteClass, DeviceTracking, ExplicitAuthFlow, MigrationScript, SaltChoice};
use crate::scenario::types::{Scenario, UserKind};

pub(super) const AXES: &[Axis] = &[
    Axis {
        name: "client-secret",
        about: "whether the app client has a secret",
        needs: None,
        values: &[
            is!("none", 1, client.secret = false),
            is!("some", 1, client.secret = true),
        ],
    },
    Axis {
        name: "existence",
        about: "PreventUserExistenceErrors",
        needs: None,
        values: &[
            is!("told", 1, client.prevent_user_existence_errors = false),
            is!("hidden", 1, client.prevent_user_existence_errors = true),
        ],
    },
    Axis {
        name: "allowed-flows",
        about: "ExplicitAuthFlows",
        needs: None,
        values: &[
            is!("all", 24, client.explicit_auth_flows = None),
            is!("empty", 1, client.explicit_auth_flows = Some(Vec::new())).stops(),
            is!(
                "srp",
                1,
                client.explicit_auth_flows = Some(vec![
                    ExplicitAuthFlow::AllowUserSrpAuth,
                    ExplicitAuthFlow::AllowRefreshTokenAuth
                ])
            )
            .stops(),
            is!(
                "password",
                1,
                client.explicit_auth_flows = Some(vec![
                    ExplicitAuthFlow::AllowUserPasswordAuth,
                    ExplicitAuthFlow::AllowRefreshTokenAuth
                ])
            )
            .stops(),
            is!(
                "custom",
                1,
                client.explicit_auth_flows = Some(vec![
                    ExplicitAuthFlow::AllowCustomAuth,
                    ExplicitAuthFlow::AllowRefreshTokenAuth
                ])
            )
            .stops(),
            is!(
                "legacy-password",
                1,
                client.explicit_auth_flows = Some(vec![ExplicitAuthFlow::UserPasswordAuth])
            )
            .stops(),
            is!(
                "legacy-custom-only",
                1,
                client.explicit_auth_flows = Some(vec![ExplicitAuthFlow::CustomAuthFlowOnly])
            )
            .stops(),
        ],
    },
    Axis {
        name: "rotation",
        about: "RefreshTokenRotation",
        needs: None,
        values: &[
            is!("off", 1, client.rotates_refresh_tokens = false),
            is!("on", 2, client.rotates_refresh_tokens = true),
        ],
    },
    Axis {
        name: "access-token-life",
        about: "AccessTokenValidity",
        needs: None,
        values: &[
            is!("an-hour", 4, client.access_token_minutes = None),
            is!("five-minutes", 1, client.access_token_minutes = Some(5)),
        ],
    },
    Axis {
        name: "id-token-life",
        about: "IdTokenValidity",
        needs: None,
        values: &[
            is!("an-hour", 4, client.id_token_minutes = None),
            is!("five-minutes", 1, client.id_token_minutes = Some(5)),
        ],
    },
    Axis {
        name: "user",
        about: "the user who signs in",
        needs: None,
        values: &[
            is!("confirmed", 18, user = UserKind::Confirmed),
            is!("temporary-password", 6, user = temporary(&[])),
            is!("temporary-and-lacks-name", 2, user = temporary(&["name"])),
            is!("unconfirmed", 1, user = UserKind::Unconfirmed).stops(),
            is!("disabled", 5, user = UserKind::Disabled).stops(),
            is!("reset-required", 2, user = UserKind::ResetRequired).stops(),
            is!("unknown", 1, user = UserKind::Unknown).stops(),
            is!("in-old-directory", 4, user = UserKind::InOldDirectory),
        ],
    },
    Axis {
        name: "migration",
        about: "the User Migration trigger",
        needs: None,
        values: &[
            is!("none", 1, migration = None),
            is!(
                "confirms",
                3,
                migration = Some(migration(Some("CONFIRMED"), None))
            ),
            is!(
                "asks-for-reset",
                1,
                migration = Some(migration(Some("RESET_REQUIRED"), None))
            )
            .needs(NOBODY_TO_MIGRATE)
            .stops(),
            is!("says-no-status", 1, migration = Some(migration(None, None))),
            is!(
                "throws",
                1,
                migration = Some(migration(None, Some("directory is down")))
            )
            .needs(NOBODY_TO_MIGRATE)
            .stops(),
        ],
    },
    Axis {
        name: "devices",
        about: "whether devices are tracked",
        needs: None,
        values: &[
            is!("none", 3, devices = None),
            Value::new(
                "tracked",
                5,
                |s| s.devices = Some(DeviceTracking::default()),
                |s| s.devices.is_some(),
            ),
        ],
    },
    Axis {
        name: "device-challenge",
        about: "whether a known device takes the place of a second factor",
        needs: Some(NO_DEVICES),
        values: &[
            Value::new(
                "no",
                3,
                |s| {
                    track(s, |devices| {
                        devices.challenge_required_on_new_device = false;
                    });
                },
                |s| !tracks(s, |devices| devices.challenge_required_on_new_device),
            ),
            Value::new(
                "yes",
                2,
                |s| track(s, |devices| devices.challenge_required_on_new_device = true),
                |s| tracks(s, |devices| devices.challenge_required_on_new_device),
            ),
        ],
    },
    Axis {
        name: "device-prompt",
        about: "whether devices are remembered when the person says so alone",
        needs: Some(NO_DEVICES),
        values: &[
            Value::new(
                "no",
                3,
                |s| track(s, |devices| devices.only_remembered_on_user_prompt = false),
                |s| !tracks(s, |devices| devices.only_remembered_on_user_prompt),
            ),
            Value::new(
                "yes",
                2,
                |s| track(s, |devices| devices.only_remembered_on_user_prompt = true),
                |s| tracks(s, |devices| devices.only_remembered_on_user_prompt),
            ),
        ],
    },
    Axis {
        name: "salt",
        about: "the form of the user's salt",
        needs: None,
        values: &[
            is!("any", 5, steering.salt = None),
            is!(
                "top",
                1,
                steering.salt = Some(SaltChoice::Class(ByteClass::Top))
            ),
            is!(
                "nib",
                1,
                steering.salt = Some(SaltChoice::Class(ByteClass::ZeroNibble))
            ),
        ],
    },
    Axis {
        name: "clock",
        about: "the instant of the first sign-in, where it can be set",
        needs: None,
        values: &[
            is!("plain", 3, clock = None),
            is!("one-digit-day", 1, clock = Some(1_777_971_787)),
            is!("midnight-of-a-leap-day", 1, clock = Some(1_835_395_200)),
            is!("end-of-a-year", 1, clock = Some(1_798_761_599)),
        ],
    },
];

fn temporary(missing: &[&str]) -> UserKind {
    UserKind::TemporaryPassword {
        missing_attributes: missing.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn migration(status: Option<&str>, throws: Option<&str>) -> MigrationScript {
    MigrationScript {
        directory: Default::default(),
        attributes: Default::default(),
        final_user_status: status.map(str::to_owned),
        message_action: Some("SUPPRESS".to_owned()),
        force_alias_creation: false,
        throws: throws.map(str::to_owned),
    }
}

/// Changes how devices are tracked, where they are.
fn track(scenario: &mut Scenario, change: fn(&mut DeviceTracking)) {
    if let Some(devices) = &mut scenario.devices {
        change(devices);
    }
}

fn tracks(scenario: &Scenario, holds: fn(&DeviceTracking) -> bool) -> bool {
    scenario.devices.as_ref().is_some_and(holds)
}

const NOBODY_TO_MIGRATE: Need = Need {
    any: &[&[("user", &["in-old-directory"])]],
    otherwise: "the user is in the pool",
};
const NO_DEVICES: Need = Need {
    any: &[&[("devices", &["tracked"])]],
    otherwise: "devices are not tracked",
};
