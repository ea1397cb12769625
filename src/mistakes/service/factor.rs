//! Mistakes of services about factors: which one is asked for, whether codes are compared, what is told.

use crate::mistakes::mistake::{Edit, Mistake};
use crate::pool::policy::DeliveryTold;
use crate::wire::ErrorKind;

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "service.no-factor-after-srp",
        sentence: "After SRP no second factor is asked for, although one is after a password in clear.",
        seen: &["localstack/localstack#13400", "faiscadev/fakecloud#1961"],
        edit: Edit::Pool(|policy| policy.factors.asked_after_srp = false),
        caught_by: &["service.factor-asked"],
    },
    Mistake {
        id: "service.no-factor-after-password",
        sentence: "After a password in clear no second factor is asked for.",
        seen: &["getmoto/moto#6698", "getmoto/moto#7129"],
        edit: Edit::Pool(|policy| policy.factors.asked_after_password = false),
        caught_by: &["service.factor-asked"],
    },
    Mistake {
        id: "service.factor-never-set-up",
        sentence: "Where a second factor is required and the user has none, tokens come all the same.",
        seen: &["faiscadev/fakecloud#2240"],
        edit: Edit::Pool(|policy| policy.factors.sets_up = false),
        caught_by: &["service.factor-set-up", "service.factor-asked"],
    },
    Mistake {
        id: "service.factor-preference-ignored",
        sentence: "A user who prefers one of several second factors is asked to choose.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.honours_preference = false),
        caught_by: &["service.factor-choice"],
    },
    Mistake {
        id: "service.first-of-several-factors",
        sentence: "Of several second factors the first is asked for, without a choice.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.offers_choice = false),
        caught_by: &["service.factor-choice"],
    },
    Mistake {
        id: "service.any-code",
        sentence: "Any code is accepted.",
        seen: &["faiscadev/fakecloud#2240"],
        edit: Edit::Pool(|policy| policy.factors.checks_codes = false),
        caught_by: &["service.factor-code"],
    },
    Mistake {
        id: "service.any-code-at-set-up",
        sentence: "VerifySoftwareToken accepts any code.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.checks_set_up_code = false),
        caught_by: &["service.factor-set-up"],
    },
    Mistake {
        id: "service.wrong-code-not-authorized",
        sentence: "A wrong code is refused with NotAuthorizedException.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.wrong_code = ErrorKind::NotAuthorized),
        caught_by: &["service.factor-code"],
    },
    Mistake {
        id: "service.wrong-code-ends-session",
        sentence: "After a wrong code the Session is no good any more.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.session_survives_wrong_code = false),
        caught_by: &["service.factor-code"],
    },
    Mistake {
        id: "service.code-delivery-untold",
        sentence: "A challenge for a code does not say where the code went.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.delivery_told = DeliveryTold::Nothing),
        caught_by: &["service.factor-parameters"],
    },
    Mistake {
        id: "service.code-address-in-clear",
        sentence: "A challenge for a code tells the whole address to whoever knows the password.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.delivery_told = DeliveryTold::InClear),
        caught_by: &["service.factor-parameters"],
    },
    Mistake {
        id: "service.factors-not-json",
        sentence: "Lists of second factors are names with commas between them.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.lists_are_json = false),
        caught_by: &["service.factor-parameters"],
    },
    Mistake {
        id: "service.choice-of-everything",
        sentence: "SELECT_CHALLENGE lists every first factor, whatever the pool allows.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.lists_what_is_allowed = false),
        caught_by: &["service.choice-available"],
    },
    Mistake {
        id: "service.preferred-challenge-ignored",
        sentence: "PREFERRED_CHALLENGE is ignored: SELECT_CHALLENGE comes each time.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.factors.honours_preferred_challenge = false),
        caught_by: &["service.choice-followed"],
    },
];
