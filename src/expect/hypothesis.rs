//! What port and service may hold at one moment.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::Heard;
use crate::model::MfaMethod;
use crate::scenario::{Scenario, UserKind, Who};
use crate::wire::{AuthFlowType, ChallengeName, Request};

/// One possibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hypothesis {
    /// What the service holds beyond the sign-in that is going on.
    pub(super) held: Held,
    /// What the service holds of the sign-in that is going on.
    pub(super) service: Service,
    /// What the port has heard in it.
    pub(super) port: Port,
}

/// What the service holds of users and devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    same: Account,
    other: Account,
    /// By their keys.
    pub(super) devices: BTreeMap<String, Device>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// Whether and how the user can sign in.
    pub(super) status: Status,
    /// The second factors.
    pub(super) enrolled: Vec<MfaMethod>,
    /// Whether the password is the one that the person chose since.
    pub(super) has_new_password: bool,
    /// Whether there is a phone number.
    pub(super) has_phone: bool,
    /// How often sign-ins in a row have failed: no more than begin a lock-out are counted.
    pub(super) failures: usize,
    /// Whether an administrator is sure to reach the user under the name that the scenario gives: one who was migrated may have
    /// another.
    pub(super) is_reached: bool,
}

/// Whether and how a user can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// In good order.
    Confirmed,
    /// With a temporary password.
    Temporary,
    /// Not confirmed.
    Unconfirmed,
    /// Disabled.
    Disabled,
    /// Has to reset the password.
    ResetRequired,
    /// Not in the pool, but in the old directory.
    InOldDirectory,
    /// Not there.
    Absent,
}

/// A device of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Device {
    /// Whose.
    pub(super) who: Who,
    /// What the service knows of it.
    pub(super) state: DeviceState,
}

/// What the service knows of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceState {
    /// Its key was given; whether such a one is known when it is named is not established.
    Given,
    /// It is confirmed.
    Confirmed,
    /// It is confirmed and remembered, so that it has to be proved.
    Remembered,
}

/// What the service holds of a sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Service {
    /// The flow that was begun.
    pub(super) flow: Option<AuthFlowType>,
    /// What it waits for.
    pub(super) waits: Waits,
    /// Whether the user was there when it began: nobody is led through the challenges, too.
    pub(super) is_real: bool,
    /// Whether the password was proved or given.
    pub(super) password_done: bool,
    /// Whether a second factor was shown, or none was needed when it was time.
    pub(super) factor_done: bool,
    /// Custom rounds that were answered rightly.
    pub(super) rounds: usize,
    /// Whether the triggers are satisfied.
    pub(super) triggers_done: bool,
    /// Whether the device was proved.
    pub(super) device_done: bool,
    /// The device that was named.
    pub(super) device: Option<String>,
}

/// What the service waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Waits {
    /// For nothing that it knows.
    #[default]
    Nothing,
    /// For the answer to a challenge that says everything.
    Challenge(ChallengeName),
    /// For a code.
    Code {
        /// The challenge.
        challenge: ChallengeName,
        /// What the code is for.
        purpose: CodeFor,
    },
}

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeFor {
    /// A first factor.
    First,
    /// A second factor.
    Second,
    /// An e-mail address that is set up as second factor.
    SetUp,
}

/// What the port has heard in a sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Port {
    /// The latest answer; none before the first.
    pub(super) heard: Option<Heard>,
    /// Whether a value in it was spoiled on the way.
    pub(super) is_spoiled: bool,
    /// Whether it was altered at all.
    pub(super) is_altered: bool,
    /// The request that it answered.
    pub(super) last: Option<Request>,
    /// The challenges that were answered so far.
    pub(super) answered: BTreeSet<ChallengeName>,
    /// Whether a device was named in that request.
    pub(super) named_device: bool,
    /// Whether the person has answered since.
    pub(super) is_answered: bool,
    /// Whether a request that is no step of the sign-in has failed since.
    pub(super) had_trouble: bool,
    /// How often the latest request was repeated.
    pub(super) repeats: usize,
    /// How often the sign-in has started over.
    pub(super) restarts: usize,
    /// What the service held before an answer that did not arrive: a repeated request may meet it as if nothing had been.
    pub(super) before: Option<Box<(Held, Service)>>,
}

impl Hypothesis {
    /// Before the first sign-in.
    pub(super) fn first(scenario: &Scenario) -> Self {
        let confirmed = Account {
            status: Status::Confirmed,
            enrolled: Vec::new(),
            has_new_password: false,
            has_phone: false,
            failures: 0,
            is_reached: true,
        };
        let status = match scenario.user {
            UserKind::Confirmed => Status::Confirmed,
            UserKind::Unconfirmed => Status::Unconfirmed,
            UserKind::Disabled => Status::Disabled,
            UserKind::ResetRequired => Status::ResetRequired,
            UserKind::TemporaryPassword { .. } => Status::Temporary,
            UserKind::Unknown => Status::Absent,
            UserKind::InOldDirectory => Status::InOldDirectory,
        };
        let is_there = !matches!(status, Status::Absent | Status::InOldDirectory);
        let same = Account {
            status,
            enrolled: match (&scenario.mfa, is_there) {
                (Some(mfa), true) => mfa.enrolled.clone(),
                _ => Vec::new(),
            },
            has_phone: is_there,
            is_reached: is_there,
            ..confirmed.clone()
        };
        Self {
            held: Held {
                same,
                other: confirmed,
                devices: BTreeMap::new(),
            },
            service: Service::default(),
            port: Port::default(),
        }
    }

    /// When a sign-in begins: of the one before nothing is left.
    pub(super) fn begin(&mut self) {
        self.service = Service::default();
        self.port = Port::default();
    }
}

impl Held {
    pub(super) fn account(&self, who: Who) -> &Account {
        match who {
            Who::Same => &self.same,
            Who::Other => &self.other,
        }
    }

    pub(super) fn account_mut(&mut self, who: Who) -> &mut Account {
        match who {
            Who::Same => &mut self.same,
            Who::Other => &mut self.other,
        }
    }
}

impl Account {
    /// Counts a failed attempt.
    pub(super) fn fail(&mut self) {
        self.failures = (self.failures + 1).min(ATTEMPTS);
    }

    /// Whether so many attempts have failed that a lock-out may have begun.
    pub(super) fn may_be_locked(&self) -> bool {
        self.failures >= ATTEMPTS
    }
}

impl Waits {
    /// The challenge whose answer is awaited.
    pub(super) fn challenge(&self) -> Option<&ChallengeName> {
        match self {
            Self::Nothing => None,
            Self::Challenge(name)
            | Self::Code {
                challenge: name, ..
            } => Some(name),
        }
    }
}

/// Failed attempts before a lock-out begins (developer guide, authentication flow).
const ATTEMPTS: usize = 5;
