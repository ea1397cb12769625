//! What is done after the first sign-in: what in which place, and how.
//!
//! How is said of the first and of the last act of a kind, wherever they stand: were it said of each place, as many axes would be
//! about one thing.

use super::axis::{Axis, Condition, Need, SOME, Value};
use super::sign_in::tenant;
use crate::scenario::act::{Act, FetchSession, Reset, SignInAgain, Who};
use crate::scenario::input::{AnswerChoice, Password, TypedName};
use crate::wire::{AuthFlowType, Parameters};

/// What is done in one place.
macro_rules! act {
    ($name:literal, $at:literal, $nothing:literal, $needs:expr) => {
        Axis {
            name: $name,
            about: "what is done after the first sign-in, in this place",
            needs: $needs,
            values: &[
                Value::new("nothing", $nothing, |_| {}, |s| s.then.len() <= $at),
                Value::new(
                    "sign-in",
                    34,
                    |s| s.then.push(Act::SignIn(SignInAgain::default())),
                    |s| matches!(s.then.get($at), Some(Act::SignIn(_))),
                ),
                Value::new(
                    "session",
                    46,
                    |s| s.then.push(Act::FetchSession(FetchSession::default())),
                    |s| matches!(s.then.get($at), Some(Act::FetchSession(_))),
                ),
                Value::new(
                    "sign-out",
                    26,
                    |s| s.then.push(Act::sign_out(false)),
                    |s| matches!(s.then.get($at), Some(Act::SignOut { .. })),
                ),
                Value::new(
                    "remember-device",
                    7,
                    |s| s.then.push(Act::RememberDevice),
                    |s| matches!(s.then.get($at), Some(Act::RememberDevice)),
                ),
                Value::new(
                    "forget-device",
                    5,
                    |s| s.then.push(Act::ForgetDevice),
                    |s| matches!(s.then.get($at), Some(Act::ForgetDevice)),
                ),
                Value::new(
                    "reset-password",
                    9,
                    |s| s.then.push(Act::ResetPassword(Reset::default())),
                    |s| matches!(s.then.get($at), Some(Act::ResetPassword(_))),
                ),
            ],
        }
    };
}

/// A value of an act that a function finds, and of nothing else where there is none.
macro_rules! of_act {
    ($find:ident, $name:literal, $weight:literal, $member:ident = $value:expr) => {
        Value::new(
            $name,
            $weight,
            |s| {
                if let Some(act) = $find(&mut s.then) {
                    act.$member = $value;
                }
            },
            |s| {
                let mut acts = s.then.clone();
                let act = $find(&mut acts).cloned().unwrap_or_default();
                act.$member == $value
            },
        )
    };
}

/// Whether a sign-out that a function finds is one everywhere.
macro_rules! of_sign_out {
    ($find:ident, $name:literal, $weight:literal, $value:literal) => {
        Value::new(
            $name,
            $weight,
            |s| {
                if let Some(global) = $find(&mut s.then) {
                    *global = $value;
                }
            },
            |s| $find(&mut s.then.clone()).is_some_and(|global| *global) == $value,
        )
    };
}

/// How somebody signs in again: the axes of one such sign-in.
macro_rules! sign_in_again {
    ($find:ident, $needs:expr, $which:literal, $who:literal, $flow:literal, $as:literal, $password:literal, $after:literal) => {
        [
            Axis {
                name: $who,
                about: concat!("who signs in again, ", $which),
                needs: Some($needs),
                values: &[
                    of_act!($find, "same", 6, who = Who::Same),
                    of_act!($find, "other", 1, who = Who::Other),
                ],
            },
            Axis {
                name: $flow,
                about: concat!("the run-time option of the further sign-in, ", $which),
                needs: Some($needs),
                values: &[
                    of_act!($find, "same", 18, flow = None),
                    of_act!($find, "userSRP", 2, flow = Some(AuthFlowType::UserSrp)),
                    of_act!(
                        $find,
                        "userPassword",
                        3,
                        flow = Some(AuthFlowType::UserPassword)
                    ),
                    of_act!(
                        $find,
                        "customWithSRP",
                        1,
                        flow = Some(AuthFlowType::CustomWithSrp)
                    ),
                    of_act!(
                        $find,
                        "customWithoutSRP",
                        1,
                        flow = Some(AuthFlowType::CustomWithoutSrp)
                    ),
                    of_act!($find, "userAuth", 1, flow = Some(AuthFlowType::UserAuth)),
                ],
            },
            Axis {
                name: $as,
                about: concat!("under which name, ", $which),
                needs: Some($needs),
                values: &[
                    of_act!($find, "same", 10, name = None),
                    of_act!($find, "phone", 2, name = Some(TypedName::Phone)),
                    of_act!($find, "email", 1, name = Some(TypedName::Email)),
                ],
            },
            Axis {
                name: $password,
                about: concat!("with which password, ", $which),
                needs: Some($needs),
                values: &[
                    of_act!($find, "right", 10, password = Password::Right),
                    of_act!($find, "wrong", 1, password = Password::Wrong).stops(),
                    of_act!($find, "absent", 1, password = Password::Absent).stops(),
                ],
            },
            Axis {
                name: $after,
                about: concat!("how much later, ", $which),
                needs: Some($needs),
                values: &[
                    of_act!($find, "at-once", 12, after = 0),
                    of_act!($find, "after-an-hour", 1, after = 3700),
                ],
            },
        ]
    };
}

/// How tokens are fetched: the axes of one such call.
macro_rules! session {
    ($find:ident, $needs:expr, $which:literal, $force:literal, $metadata:literal, $after:literal) => {
        [
            Axis {
                name: $force,
                about: concat!("forceRefresh of fetchAuthSession, ", $which),
                needs: Some($needs),
                values: &[
                    of_act!($find, "no", 1, force = false),
                    of_act!($find, "yes", 3, force = true),
                ],
            },
            Axis {
                name: $metadata,
                about: concat!("ClientMetadata of fetchAuthSession, ", $which),
                needs: Some($needs),
                values: &[
                    of_act!($find, "none", 6, metadata = Parameters::new()),
                    of_act!($find, "some", 1, metadata = tenant()),
                ],
            },
            Axis {
                name: $after,
                about: concat!("how much later tokens are fetched, ", $which),
                needs: Some($needs),
                values: &[
                    of_act!($find, "at-once", 3, after = 0),
                    of_act!($find, "after-six-minutes", 2, after = 400),
                    of_act!($find, "after-an-hour", 1, after = 3700),
                ],
            },
        ]
    };
}

pub(super) const AXES: &[Axis] = &{
    let [next_who, next_flow, next_as, next_password, next_after] = sign_in_again!(
        next_sign_in,
        NO_SIGN_IN,
        "the first time",
        "next-who",
        "next-flow",
        "next-as",
        "next-password",
        "next-after"
    );
    let [last_who, last_flow, last_as, last_password, last_after] = sign_in_again!(
        last_sign_in,
        NO_SECOND_SIGN_IN,
        "the last time of several",
        "last-who",
        "last-flow",
        "last-as",
        "last-password",
        "last-after"
    );
    let [force, metadata, after] = session!(
        session,
        NO_SESSION,
        "the first time",
        "session-force",
        "session-metadata",
        "session-after"
    );
    let [last_force, last_metadata, last_session_after] = session!(
        last_session,
        NO_SECOND_SESSION,
        "the last time of several",
        "last-session-force",
        "last-session-metadata",
        "last-session-after"
    );
    [
        act!("act-1", 0, 6, None),
        act!("act-2", 1, 6, Some(after_act(&[&[("act-1", SOME)]]))),
        act!("act-3", 2, 12, Some(after_act(&[&[("act-2", SOME)]]))),
        act!("act-4", 3, 24, Some(after_act(&[&[("act-3", SOME)]]))),
        act!("act-5", 4, 40, Some(after_act(&[&[("act-4", SOME)]]))),
        next_who,
        next_flow,
        next_as,
        next_password,
        next_after,
        last_who,
        last_flow,
        last_as,
        last_password,
        last_after,
        force,
        metadata,
        after,
        last_force,
        last_metadata,
        last_session_after,
        Axis {
            name: "sign-out-everywhere",
            about: "whether the first sign-out is one everywhere",
            needs: Some(NO_SIGN_OUT),
            values: &[
                of_sign_out!(sign_out, "no", 6, false),
                of_sign_out!(sign_out, "yes", 7, true),
            ],
        },
        Axis {
            name: "last-sign-out-everywhere",
            about: "whether the last of several sign-outs is one everywhere",
            needs: Some(NO_SECOND_SIGN_OUT),
            values: &[
                of_sign_out!(last_sign_out, "no", 6, false),
                of_sign_out!(last_sign_out, "yes", 7, true),
            ],
        },
        Axis {
            name: "reset-metadata",
            about: "ClientMetadata of the first resetPassword",
            needs: Some(NO_RESET),
            values: &[
                of_act!(reset, "none", 6, metadata = Parameters::new()),
                of_act!(reset, "some", 2, metadata = tenant()),
            ],
        },
        Axis {
            name: "reset-code",
            about: "the code that is given to set a new password, the first time",
            needs: Some(NO_RESET),
            values: &[
                of_act!(reset, "right", 8, code = AnswerChoice::Right),
                of_act!(reset, "wrong", 1, code = AnswerChoice::Wrong).stops(),
            ],
        },
    ]
};

const fn after_act(any: &'static [Condition]) -> Need {
    Need {
        any,
        otherwise: "nothing is done in the place before",
    }
}

fn sign_ins(acts: &mut [Act]) -> impl DoubleEndedIterator<Item = &mut SignInAgain> {
    acts.iter_mut().filter_map(|act| match act {
        Act::SignIn(again) => Some(again),
        _ => None,
    })
}

fn sessions(acts: &mut [Act]) -> impl DoubleEndedIterator<Item = &mut FetchSession> {
    acts.iter_mut().filter_map(|act| match act {
        Act::FetchSession(fetch) => Some(fetch),
        _ => None,
    })
}

/// The first further sign-in.
fn next_sign_in(acts: &mut [Act]) -> Option<&mut SignInAgain> {
    sign_ins(acts).next()
}

/// The last of several.
fn last_sign_in(acts: &mut [Act]) -> Option<&mut SignInAgain> {
    sign_ins(acts).skip(1).last()
}

fn session(acts: &mut [Act]) -> Option<&mut FetchSession> {
    sessions(acts).next()
}

fn last_session(acts: &mut [Act]) -> Option<&mut FetchSession> {
    sessions(acts).skip(1).last()
}

fn reset(acts: &mut [Act]) -> Option<&mut Reset> {
    acts.iter_mut().find_map(|act| match act {
        Act::ResetPassword(reset) => Some(reset),
        _ => None,
    })
}

fn sign_outs(acts: &mut [Act]) -> impl DoubleEndedIterator<Item = &mut bool> {
    acts.iter_mut().filter_map(|act| match act {
        Act::SignOut { global, .. } => Some(global),
        _ => None,
    })
}

/// Whether the first sign-out is one everywhere.
fn sign_out(acts: &mut [Act]) -> Option<&mut bool> {
    sign_outs(acts).next()
}

fn last_sign_out(acts: &mut [Act]) -> Option<&mut bool> {
    sign_outs(acts).skip(1).last()
}

/// In one of the places stands an act of this kind.
macro_rules! done {
    ($kind:literal) => {
        &[
            &[("act-1", &[$kind])],
            &[("act-2", &[$kind])],
            &[("act-3", &[$kind])],
            &[("act-4", &[$kind])],
            &[("act-5", &[$kind])],
        ]
    };
}

/// In two of the places stand acts of this kind.
macro_rules! done_twice {
    ($kind:literal) => {
        &[
            &[("act-1", &[$kind]), ("act-2", &[$kind])],
            &[("act-1", &[$kind]), ("act-3", &[$kind])],
            &[("act-2", &[$kind]), ("act-3", &[$kind])],
            &[("act-1", &[$kind]), ("act-4", &[$kind])],
            &[("act-2", &[$kind]), ("act-4", &[$kind])],
            &[("act-3", &[$kind]), ("act-4", &[$kind])],
            &[("act-1", &[$kind]), ("act-5", &[$kind])],
            &[("act-2", &[$kind]), ("act-5", &[$kind])],
            &[("act-3", &[$kind]), ("act-5", &[$kind])],
            &[("act-4", &[$kind]), ("act-5", &[$kind])],
        ]
    };
}

const NO_SIGN_IN: Need = Need {
    any: done!("sign-in"),
    otherwise: "nobody signs in again",
};
const NO_SECOND_SIGN_IN: Need = Need {
    any: done_twice!("sign-in"),
    otherwise: "nobody signs in again twice",
};
const NO_SESSION: Need = Need {
    any: done!("session"),
    otherwise: "no tokens are fetched",
};
const NO_SECOND_SESSION: Need = Need {
    any: done_twice!("session"),
    otherwise: "no tokens are fetched twice",
};
const NO_SIGN_OUT: Need = Need {
    any: done!("sign-out"),
    otherwise: "nobody signs out",
};
const NO_SECOND_SIGN_OUT: Need = Need {
    any: done_twice!("sign-out"),
    otherwise: "nobody signs out twice",
};
const NO_RESET: Need = Need {
    any: done!("reset-password"),
    otherwise: "no password is reset",
};
