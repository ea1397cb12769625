//! Password resets and lock-outs: mistakes of services.

use crate::mistakes::mistake::{Edit, Mistake};
use crate::wire::ErrorKind;

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "service.reset-by-any-code",
        sentence: "Any code sets a new password.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.resets.checks_code = false),
        caught_by: &["service.reset-code"],
    },
    Mistake {
        id: "service.reset-code-expired",
        sentence: "A wrong code is called ExpiredCodeException, so that people ask for another.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.resets.wrong_code = ErrorKind::ExpiredCode),
        caught_by: &["service.reset-code"],
    },
    Mistake {
        id: "service.reset-without-effect",
        sentence: "A reset succeeds, and the old password stays.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.resets.sets_password = false),
        caught_by: &["service.reset-settles"],
    },
    Mistake {
        id: "service.reset-required-for-ever",
        sentence: "A user who had to reset the password has to after the reset, too.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.resets.confirms = false),
        caught_by: &["service.reset-settles"],
    },
    Mistake {
        id: "service.reset-delivery-untold",
        sentence: "ForgotPassword does not say where the code went.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.resets.tells_delivery = false),
        caught_by: &["service.reset-delivery"],
    },
    Mistake {
        id: "service.reset-address-in-clear",
        sentence: "ForgotPassword tells whoever asks the user's whole address.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.resets.masks_destination = false),
        caught_by: &["service.reset-delivery"],
    },
    Mistake {
        id: "service.existence-told-by-resets",
        sentence: "PreventUserExistenceErrors is honoured at sign-in, and resets tell who exists.",
        seen: &["ministackorg/ministack#1574 did not honour it anywhere"],
        edit: Edit::Pool(|policy| policy.resets.hides_existence = false),
        caught_by: &["service.reset-existence"],
    },
    Mistake {
        id: "service.reset-of-nobody",
        sentence: "A reset of nobody's password gets a delivery, although the client hides nothing.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.resets.tells_existence = false),
        caught_by: &["service.reset-existence"],
    },
    Mistake {
        id: "service.reset-of-the-disabled",
        sentence: "A user who is disabled or has a temporary password gets a code for a new one.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.resets.refuses_by_status = false),
        caught_by: &["service.reset-status"],
    },
    Mistake {
        id: "service.reset-metadata-dropped",
        sentence: "Metadata of ForgotPassword does not reach UserMigration.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.metadata.resets_reach_migration = false),
        caught_by: &["service.metadata-routing"],
    },
    Mistake {
        id: "service.never-locked-out",
        sentence: "Failed attempts never lock a user out, so that passwords can be guessed.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.lockouts.locks_out = false),
        caught_by: &["service.lock-out"],
    },
    Mistake {
        id: "service.locked-out-after-three",
        sentence: "Three failed attempts lock a user out.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.lockouts.attempts = 3),
        caught_by: &["service.lock-out"],
    },
];
