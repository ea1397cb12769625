//! Services that refresh tokens they should not, or not as they should.

use crate::mistakes::mistake::{Edit, Mistake};
use crate::pool::policy::BringsRefreshToken;

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "service.refresh-token-comes-again",
        sentence: "Every refresh brings the refresh token again, although it does not rotate.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.refresh.brings = BringsRefreshToken::Always),
        caught_by: &["service.refresh-tokens"],
    },
    Mistake {
        id: "service.rotated-token-not-given",
        sentence: "Refresh tokens rotate, and the new one is not given.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.refresh.brings = BringsRefreshToken::Never),
        caught_by: &["service.refresh-tokens"],
    },
    Mistake {
        id: "service.refresh-is-a-sign-in",
        sentence: "Refreshed tokens have another auth_time and origin_jti than those of the sign-in.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.refresh.keeps_origin = false),
        caught_by: &["service.refresh-tokens"],
    },
    Mistake {
        id: "service.replaced-refresh-token-good",
        sentence: "A refresh token that was replaced is good for ever.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.refresh.refuses_replaced = false),
        caught_by: &["service.refresh-rotation"],
    },
    Mistake {
        id: "service.revoked-refresh-token-good",
        sentence: "Revoking a refresh token, or signing out everywhere, has no effect on refreshes.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.refresh.refuses_revoked = false),
        caught_by: &["service.refresh-revoked"],
    },
    Mistake {
        id: "service.revoked-access-token-good",
        sentence: "Revoking a refresh token, or signing out everywhere, has no effect on access tokens.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.refresh.ends_access = false),
        caught_by: &["service.sign-out-revokes"],
    },
    Mistake {
        id: "service.any-refresh-token",
        sentence: "A refresh token that looks like one is accepted, although it was never given out.",
        seen: &[
            "floci-io/floci#284",
            "floci-io/floci#2113",
            "faiscadev/fakecloud#2240",
        ],
        edit: Edit::Pool(|policy| policy.refresh.checks_token = false),
        caught_by: &["service.refresh-forged"],
    },
    Mistake {
        id: "service.refresh-without-secret",
        sentence: "A refresh needs no client secret, although the app client has one.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.refresh.demands_secret = false),
        caught_by: &["service.refresh-bound"],
    },
    Mistake {
        id: "service.refresh-on-any-device",
        sentence: "A refresh token of a device is good without the device's key.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.binds_refresh = false),
        caught_by: &["service.refresh-bound"],
    },
    Mistake {
        id: "service.an-hour-for-every-token",
        sentence: "Tokens live an hour, whatever the app client says.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.refresh.lifetimes = false),
        caught_by: &["service.token-life"],
    },
];
