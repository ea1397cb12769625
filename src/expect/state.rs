//! What a service and a port may know of each other between two sign-ins.

use super::expectation::{Final, Path};
use crate::model::MfaMethod;
use crate::scenario::{
    Act, AnswerChoice, Fault, FaultKind, Meanwhile, Mfa, Scenario, SignInAgain, UserKind, Who,
};
use crate::wire::ErrorKind;

/// One possible state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// The scenario's user.
    user: UserKind,
    /// The second factors of that user.
    enrolled: Vec<MfaMethod>,
    /// That user's device, and the other user's.
    devices: [Device; 2],
    /// Whether somebody is signed in, and who.
    signed_in: bool,
    who: Who,
    /// How often that user's sign-ins in a row have failed, and the other user's: no more than begin a lock-out are counted.
    failures: [usize; 2],
}

/// What is known of a user's device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Device {
    /// Nothing.
    None,
    /// Both sides know it; it is not remembered, so it need not be proved.
    Unremembered,
    /// Both sides know it, and it is remembered.
    Remembered,
    /// The port knows it, the service has forgotten it.
    Gone,
}

impl State {
    /// Before the first sign-in.
    pub(super) fn first(scenario: &Scenario) -> Self {
        Self {
            user: scenario.user.clone(),
            enrolled: scenario
                .mfa
                .iter()
                .flat_map(|mfa| mfa.enrolled.clone())
                .collect(),
            devices: [Device::None; 2],
            signed_in: false,
            who: Who::Same,
            failures: [0; 2],
        }
    }

    /// When a sign-in begins: whoever was signed in is forgotten.
    pub(super) fn begins(&self) -> Self {
        Self {
            signed_in: false,
            ..self.clone()
        }
    }

    /// Whether and how somebody can sign in.
    pub(super) fn user_of(&self, who: Who) -> &UserKind {
        match who {
            Who::Same => &self.user,
            Who::Other => &UserKind::Confirmed,
        }
    }

    /// The second factors that somebody has.
    pub(super) fn enrolled_of(&self, who: Who) -> &[MfaMethod] {
        match who {
            Who::Same => &self.enrolled,
            Who::Other => &[],
        }
    }

    /// Somebody's device.
    pub(super) fn device_of(&self, who: Who) -> Device {
        self.devices[index(who)]
    }

    /// Whether so many sign-ins of somebody have failed that a lock-out may have begun.
    pub(super) fn may_be_locked(&self, who: Who) -> bool {
        self.failures[index(who)] >= ATTEMPTS
    }

    /// The state after a sign-in has gone this way.
    pub(super) fn after(&self, scenario: &Scenario, who: Who, path: &Path) -> Self {
        let mut state = self.clone();
        if who == Who::Same && self.user == UserKind::InOldDirectory {
            match &path.end {
                Final::Step("RESET_PASSWORD")
                | Final::ServiceError(ErrorKind::PasswordResetRequired, _) => {
                    state.user = UserKind::ResetRequired;
                }
                Final::Step("DONE") => state.user = UserKind::Confirmed,
                _ => {}
            }
        }
        let failures = &mut state.failures[index(who)];
        if let Final::ServiceError(ErrorKind::NotAuthorized, _) | Final::AnyError = path.end {
            *failures = (*failures + 1).min(ATTEMPTS);
        }
        let is_done = path.end == Final::Step("DONE");
        // What was answered well stays so, however the sign-in ends.
        let well = match is_done {
            true => path.requests.as_slice(),
            false => &path.requests[..path.requests.len().saturating_sub(1)],
        };
        let answered = |challenge: &str| well.iter().any(|r| r.ends_with(challenge));
        if who == Who::Same {
            if answered("NEW_PASSWORD_REQUIRED") {
                state.user = UserKind::Confirmed;
            }
            if answered("MFA_SETUP") {
                state.enrolled = scenario.mfa.iter().filter_map(set_up).collect();
            }
        }
        if !is_done {
            return state;
        }
        state.failures[index(who)] = 0;
        state.signed_in = true;
        state.who = who;
        if let Some(tracking) = scenario.devices {
            let device = &mut state.devices[index(who)];
            if matches!(device, Device::None | Device::Gone) {
                *device = match tracking.only_remembered_on_user_prompt {
                    true => Device::Unremembered,
                    false => Device::Remembered,
                };
            }
        }
        state
    }

    /// Something that is no sign-in is done.
    pub(super) fn acts(&mut self, scenario: &Scenario, act: &Act) {
        let signed_in = self.signed_in;
        let device = &mut self.devices[index(self.who)];
        match act {
            Act::RememberDevice if signed_in && *device == Device::Unremembered => {
                *device = Device::Remembered;
            }
            Act::ForgetDevice if signed_in => *device = Device::None,
            Act::SignOut { .. } => self.signed_in = false,
            Act::ResetPassword(reset)
                if reset.code == AnswerChoice::Right && self.user == UserKind::ResetRequired =>
            {
                self.user = UserKind::Confirmed;
            }
            // The wish for a code brings the user over; the code makes the user confirmed.
            Act::ResetPassword(reset)
                if self.user == UserKind::InOldDirectory && scenario.migrates_on_reset() =>
            {
                self.user = match reset.code {
                    AnswerChoice::Right => UserKind::Confirmed,
                    AnswerChoice::Wrong => UserKind::ResetRequired,
                };
            }
            _ => {}
        }
    }
}

/// The factor that is set up while signing in: no code by SMS, and of the others the one that the person takes.
pub(super) fn set_up(mfa: &Mfa) -> Option<MfaMethod> {
    let can = |method: &MfaMethod| *method != MfaMethod::SmsMfa;
    mfa.choice
        .filter(can)
        .or_else(|| mfa.offered.iter().copied().find(can))
}

impl Scenario {
    /// Whether the old directory hands over a user who resets the password.
    fn migrates_on_reset(&self) -> bool {
        self.migration
            .as_ref()
            .is_some_and(|script| script.throws.is_none())
    }

    /// The same scenario as a further sign-in sees it.
    pub(super) fn as_again(&self, again: &SignInAgain) -> Self {
        let about_devices = |fault: &Fault| {
            matches!(
                fault.kind,
                FaultKind::Meanwhile(Meanwhile::DevicesForgotten) | FaultKind::OtherNotFound
            )
        };
        Self {
            flow: again.flow.or(self.flow),
            name: again.name.unwrap_or(self.name),
            password: again.password,
            codes: Vec::new(),
            // Of the faults only those about devices are about a further sign-in.
            fault: self.fault.clone().filter(about_devices),
            attack: None,
            ..self.clone()
        }
    }
}

fn index(who: Who) -> usize {
    match who {
        Who::Same => 0,
        Who::Other => 1,
    }
}

/// Failed attempts before a lock-out begins (developer guide, authentication flow).
const ATTEMPTS: usize = 5;
