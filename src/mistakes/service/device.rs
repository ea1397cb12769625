//! Mistakes of services about devices.

use crate::mistakes::mistake::{Edit, Mistake};
use crate::pool::policy::{DeviceMissing, DeviceScope, DevicesAsked, DevicesGiven};

/// The family. Of emulators nobody has reported these yet, since hardly any tracks devices.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "service.device-never-given",
        sentence: "no device is given although the pool tracks them.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.given = DevicesGiven::ToNobody),
        caught_by: &["service.device-offered"],
    },
    Mistake {
        id: "service.device-given-again",
        sentence: "a sign-in that names a known device is given another one.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.given = DevicesGiven::ToEverybody),
        caught_by: &["service.device-offered"],
    },
    Mistake {
        id: "service.device-never-asked",
        sentence: "a remembered device need not be proved.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.asked = DevicesAsked::None),
        caught_by: &["service.device-challenge"],
    },
    Mistake {
        id: "service.device-asked-unremembered",
        sentence: "a device that is not remembered has to be proved.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.asked = DevicesAsked::Confirmed),
        caught_by: &["service.device-challenge"],
    },
    Mistake {
        id: "service.device-claim-over-pool-name",
        sentence: "the device's claim is checked over the pool's name, as a user's.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.scope = DeviceScope::PoolName),
        caught_by: &["service.device-proof"],
    },
    Mistake {
        id: "service.device-salt-of-its-own",
        sentence: "the device's challenge has another salt than the one that was confirmed.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.keeps_salt = false),
        caught_by: &["service.device-parameters"],
    },
    Mistake {
        id: "service.device-missing-in-other-words",
        sentence: "a device that does not exist is told in words that no client looks for.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.missing = DeviceMissing::InOtherWords),
        caught_by: &["service.device-unknown"],
    },
    Mistake {
        id: "service.device-missing-ignored",
        sentence: "a device that does not exist is taken for none.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.missing = DeviceMissing::Ignored),
        caught_by: &["service.device-unknown"],
    },
    Mistake {
        id: "service.device-prompt-not-told",
        sentence: "ConfirmDevice never says that the person has to be asked.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.devices.tells_of_confirmation = false),
        caught_by: &["service.device-remembered-status"],
    },
    Mistake {
        id: "service.device-never-refreshed",
        sentence: "the tokens of a sign-in on a device can't be refreshed, although the device is named.",
        seen: &["aws/aws-sdk-java#2841, of sessions that an administrator began"],
        edit: Edit::Pool(|policy| policy.devices.refreshes = false),
        caught_by: &["service.device-refresh-bound"],
    },
];
