//! What goes wrong on the way, and lies for services.

use super::axis::{Axis, Condition, Need, SOME, Value, is};
use crate::scenario::fault::{BadHex, ErrorForm, Fault, FaultKind, Meanwhile};
use crate::scenario::types::Attack;
use crate::wire::names::key;

/// A lie.
macro_rules! lie {
    ($name:literal, $weight:literal, $attack:ident) => {
        is!($name, $weight, attack = Some(Attack::$attack)).stops()
    };
}

/// A kind of fault.
macro_rules! fault {
    ($name:literal, $weight:literal, $pattern:pat, $kind:expr) => {
        Value::new(
            $name,
            $weight,
            |s| s.fault = Some(Fault::new(0, $kind)),
            |s| matches!(s.fault.as_ref().map(|fault| &fault.kind), Some($pattern)),
        )
    };
}

/// A detail of a kind of fault, where it is of that kind.
macro_rules! detail {
    ($name:literal, $weight:literal, $of:pat, $pattern:pat, $kind:expr) => {
        Value::new(
            $name,
            $weight,
            |s| {
                if let Some(fault) = &mut s.fault
                    && matches!(fault.kind, $of)
                {
                    fault.kind = $kind;
                }
            },
            |s| matches!(s.fault.as_ref().map(|fault| &fault.kind), Some($pattern)),
        )
    };
}

/// A detail that is one of the kind's own values.
macro_rules! one_of {
    ($name:literal, $weight:literal, $kind:ident, $value:path) => {
        detail!(
            $name,
            $weight,
            FaultKind::$kind(_),
            FaultKind::$kind($value),
            FaultKind::$kind($value)
        )
    };
}

/// A detail that is a name.
macro_rules! named {
    ($name:literal, $weight:literal, $kind:ident, $value:expr) => {
        Value::new(
            $name,
            $weight,
            |s| {
                if let Some(fault) = &mut s.fault
                    && matches!(fault.kind, FaultKind::$kind(_))
                {
                    fault.kind = FaultKind::$kind($value.to_owned());
                }
            },
            |s| {
                s.fault
                    .as_ref()
                    .is_some_and(|fault| fault.kind == FaultKind::$kind($value.to_owned()))
            },
        )
    };
}

/// The plainest detail, which a kind of fault begins with and all others have, too.
macro_rules! plainest {
    ($name:literal, $weight:literal, $kind:ident, $value:expr) => {
        Value::new(
            $name,
            $weight,
            |_| {},
            |s| match s.fault.as_ref().map(|fault| &fault.kind) {
                Some(FaultKind::$kind(value)) => *value == $value,
                _ => true,
            },
        )
    };
}

/// A number of the fault, where there is one.
macro_rules! of_fault {
    ($name:literal, $weight:literal, $member:ident = $value:literal) => {
        Value::new(
            $name,
            $weight,
            |s| {
                if let Some(fault) = &mut s.fault {
                    fault.$member = $value;
                }
            },
            |s| s.fault.as_ref().map_or(0, |fault| fault.$member) == $value,
        )
    };
}

pub(super) const AXES: &[Axis] = &[
    Axis {
        name: "attack",
        about: "a lie of the client, for services",
        needs: None,
        values: &[
            is!("none", 600, attack = None),
            lie!("padded-day", 8, PaddedDay),
            lie!("wrong-weekday", 8, WrongWeekday),
            lie!("unparsable-timestamp", 10, UnparsableTimestamp),
            lie!("altered-signature", 4, AlteredSignature),
            lie!("altered-secret-block", 24, AlteredSecretBlock),
            lie!("other-users-name", 22, OtherUsersName),
            lie!("wrong-secret-hash", 15, WrongSecretHash),
            lie!("missing-secret-hash", 13, MissingSecretHash),
            lie!("zero-a", 4, ZeroA),
            lie!("a-is-n", 4, AIsN),
            lie!("session-twice", 2, SessionTwice),
            lie!("foreign-session", 10, ForeignSession),
            lie!("missing-password", 4, MissingPassword),
            lie!("first-refresh-token", 40, FirstRefreshToken),
            lie!("forged-refresh-token", 32, ForgedRefreshToken),
            lie!("refresh-without-secret", 18, RefreshWithoutSecret),
            lie!("refresh-without-device", 20, RefreshWithoutDevice),
            lie!("signed-out-tokens", 48, SignedOutTokens),
        ],
    },
    Axis {
        name: "fault",
        about: "what happens to an answer of the service, or at the service before it",
        needs: None,
        values: &[
            is!("none", 16, fault = None),
            fault!(
                "server-error",
                24,
                FaultKind::ServerError,
                FaultKind::ServerError
            )
            .stops(),
            fault!("dropped", 28, FaultKind::Dropped, FaultKind::Dropped).stops(),
            fault!("truncated", 8, FaultKind::Truncated, FaultKind::Truncated).stops(),
            fault!(
                "empty-object",
                6,
                FaultKind::EmptyObject,
                FaultKind::EmptyObject
            )
            .stops(),
            fault!(
                "unknown-challenge",
                34,
                FaultKind::UnknownChallenge,
                FaultKind::UnknownChallenge
            )
            .stops(),
            fault!(
                "other-not-found",
                1,
                FaultKind::OtherNotFound,
                FaultKind::OtherNotFound
            )
            .stops(),
            fault!(
                "error",
                36,
                FaultKind::Error(_),
                FaultKind::Error(ErrorForm::Usual)
            )
            .stops(),
            fault!(
                "meanwhile",
                46,
                FaultKind::Meanwhile(_),
                FaultKind::Meanwhile(Meanwhile::DevicesForgotten)
            ),
            fault!(
                "unknown-member",
                20,
                FaultKind::UnknownMember,
                FaultKind::UnknownMember
            ),
            fault!(
                "bad-b",
                74,
                FaultKind::SrpB(_),
                FaultKind::SrpB(BadHex::Zero)
            )
            .stops(),
            fault!(
                "bad-salt",
                3,
                FaultKind::Salt(_),
                FaultKind::Salt(BadHex::Empty)
            )
            .stops(),
            fault!(
                "block-not-base64",
                6,
                FaultKind::SecretBlockNotBase64,
                FaultKind::SecretBlockNotBase64
            )
            .stops(),
            fault!(
                "without-parameter",
                25,
                FaultKind::Without(_),
                FaultKind::Without(key::SALT.to_owned())
            )
            .stops(),
            fault!(
                "without-token",
                42,
                FaultKind::WithoutToken(_),
                FaultKind::WithoutToken(ACCESS.to_owned())
            )
            .stops(),
        ],
    },
    Axis {
        name: "fault-error",
        about: "the form in which the error comes",
        needs: Some(of_kind(&[&[("fault", &["error"])]])),
        values: &[
            plainest!("usual", 14, Error, ErrorForm::Usual),
            one_of!("namespaced", 8, Error, ErrorForm::Namespaced),
            one_of!("in-body", 4, Error, ErrorForm::BodyOnly),
            one_of!("in-header", 6, Error, ErrorForm::HeaderOnly),
            one_of!("capital", 4, Error, ErrorForm::CapitalMessage),
        ],
    },
    Axis {
        name: "fault-meanwhile",
        about: "what happens at the service before the request",
        needs: Some(of_kind(&[&[("fault", &["meanwhile"])]])),
        values: &[
            plainest!(
                "devices-forgotten",
                40,
                Meanwhile,
                Meanwhile::DevicesForgotten
            ),
            one_of!("signed-out", 3, Meanwhile, Meanwhile::SignedOut).stops(),
            one_of!("deleted", 3, Meanwhile, Meanwhile::Deleted).stops(),
        ],
    },
    Axis {
        name: "fault-b",
        about: "what SRP_B is replaced by",
        needs: Some(of_kind(&[&[("fault", &["bad-b"])]])),
        values: &[
            plainest!("zero", 46, SrpB, BadHex::Zero),
            one_of!("n", 8, SrpB, BadHex::N),
            one_of!("two-n", 2, SrpB, BadHex::TwoN),
            one_of!("empty", 2, SrpB, BadHex::Empty),
            one_of!("not-hex", 14, SrpB, BadHex::NotHex),
            one_of!("negative", 2, SrpB, BadHex::Negative),
        ],
    },
    Axis {
        name: "fault-salt",
        about: "what SALT is replaced by",
        needs: Some(of_kind(&[&[("fault", &["bad-salt"])]])),
        values: &[
            plainest!("empty", 1, Salt, BadHex::Empty),
            one_of!("not-hex", 1, Salt, BadHex::NotHex),
            one_of!("negative", 1, Salt, BadHex::Negative),
        ],
    },
    Axis {
        name: "fault-parameter",
        about: "the challenge parameter that is missing",
        needs: Some(of_kind(&[&[("fault", &["without-parameter"])]])),
        values: &[
            plainest!("salt", 2, Without, key::SALT),
            named!("b", 12, Without, key::SRP_B),
            named!("block", 9, Without, key::SECRET_BLOCK),
            named!("user-id", 1, Without, key::USER_ID_FOR_SRP),
            named!("username", 1, Without, key::USERNAME),
        ],
    },
    Axis {
        name: "fault-token",
        about: "the token that is missing",
        needs: Some(of_kind(&[&[("fault", &["without-token"])]])),
        values: &[
            plainest!("access", 30, WithoutToken, ACCESS),
            named!("id", 6, WithoutToken, "IdToken"),
            named!("refresh", 6, WithoutToken, "RefreshToken"),
        ],
    },
    Axis {
        name: "fault-act",
        about: "during which act the fault comes: 0 is the first sign-in",
        needs: Some(NO_FAULT),
        values: &[
            of_fault!("0", 8, act = 0),
            of_fault!("1", 6, act = 1).needs(done(&[&[("act-1", SOME)]])),
            of_fault!("2", 5, act = 2).needs(done(&[&[("act-2", SOME)]])),
            of_fault!("3", 2, act = 3).needs(done(&[&[("act-3", SOME)]])),
            of_fault!("4", 1, act = 4).needs(done(&[&[("act-4", SOME)]])),
            of_fault!("5", 1, act = 5).needs(done(&[&[("act-5", SOME)]])),
        ],
    },
    Axis {
        name: "fault-request",
        about: "which request of the act it meets, counted from 0",
        needs: Some(NO_FAULT),
        values: &[
            of_fault!("0", 16, exchange = 0),
            of_fault!("1", 5, exchange = 1),
            of_fault!("2", 2, exchange = 2),
            of_fault!("3", 1, exchange = 3),
            of_fault!("4", 1, exchange = 4),
        ],
    },
];

const fn of_kind(any: &'static [Condition]) -> Need {
    Need {
        any,
        otherwise: "the fault is of another kind",
    }
}

const fn done(any: &'static [Condition]) -> Need {
    Need {
        any,
        otherwise: "nothing is done in that place",
    }
}

const NO_FAULT: Need = Need {
    any: &[&[("fault", SOME)]],
    otherwise: "there is no fault",
};
const ACCESS: &str = "AccessToken";
