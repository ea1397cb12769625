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
        if path.end != Final::Step("DONE") {
            return state;
        }
        state.signed_in = true;
        state.who = who;
        let answered = |challenge: &str| path.requests.iter().any(|r| r.ends_with(challenge));
        if who == Who::Same {
            if answered("NEW_PASSWORD_REQUIRED") {
                state.user = UserKind::Confirmed;
            }
            if answered("MFA_SETUP") {
                state.enrolled = scenario.mfa.iter().filter_map(set_up).collect();
            }
        }
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
    pub(super) fn acts(&mut self, act: &Act) {
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
