//! Which paths the service allows (developer guide: authentication flow, triggers, user existence errors).

use super::altered::alter;
use super::expectation::{Expectation, Final, Path};
use super::flow::{Choice, choices};
use super::state::{Device, State, set_up};
use crate::model::{ExplicitAuthFlow, FirstFactor, MfaMethod, OnWrongAnswer, TriggerFailure};
use crate::scenario::fault::OTHER_NOT_FOUND;
use crate::scenario::{
    Act, AnswerChoice, Attack, FaultKind, Meanwhile, Password, Scenario, TypedName, UserKind, Who,
};
use crate::wire::{AuthFlowType, ChallengeName, ErrorKind};

/// Whether this model knows what the scenario allows. What the service tells users who can't sign in once they may choose a
/// first factor is not known well enough.
pub fn is_modelled(scenario: &Scenario) -> bool {
    let chooses = scenario.flow == Some(AuthFlowType::UserAuth);
    let is_plain = scenario.user == UserKind::Confirmed
        && scenario.attack.is_none()
        && scenario.fault.is_none()
        && scenario.client.explicit_auth_flows.is_none()
        && !matches!(scenario.name, TypedName::Sub | TypedName::Empty)
        && !matches!(scenario.password, Password::Empty | Password::Absent);
    !chooses || is_plain
}

/// Why this model does not know what the scenario allows, if it doesn't.
pub fn not_modelled(scenario: &Scenario) -> Option<&'static str> {
    (!is_modelled(scenario)).then_some("userAuth of somebody special")
}

/// What the scenario allows, if it [is modelled](is_modelled).
pub fn expect(scenario: &Scenario) -> Expectation {
    let mut states = vec![State::first(scenario)];
    let mut sign_ins = Vec::new();
    let plays = (0..=scenario.then.len()).map(|number| match number.checked_sub(1) {
        None => (number, None),
        Some(at) => (number, Some(&scenario.then[at])),
    });
    for (number, act) in plays {
        match act {
            None => {
                let (paths, after) = sign_in(scenario, number, Who::Same, false, &states);
                sign_ins.push(paths);
                states = after;
            }
            Some(Act::SignIn(again)) => {
                let played = scenario.as_again(again);
                let is_renamed = again.name.is_some_and(|name| name != scenario.name);
                let (paths, after) = sign_in(&played, number, again.who, is_renamed, &states);
                sign_ins.push(paths);
                states = after;
            }
            Some(act) => {
                states
                    .iter_mut()
                    .for_each(|state| state.acts(scenario, act));
            }
        }
    }
    Expectation { sign_ins }
}

/// The paths of one sign-in from any of these states, and the states in which it may leave things.
fn sign_in(
    scenario: &Scenario,
    number: usize,
    who: Who,
    is_renamed: bool,
    states: &[State],
) -> (Vec<Path>, Vec<State>) {
    let mut paths = Vec::new();
    let mut after: Vec<State> = Vec::new();
    for state in states {
        let before = state.begins();
        for choice in choices(scenario) {
            let found = match choice {
                Choice::Refusal => vec![Path::new(&[], Final::OwnError)],
                Choice::Flow(flow) => Way {
                    scenario,
                    number,
                    flow,
                    user: state.user_of(who),
                    device: state.device_of(who),
                    enrolled: state.enrolled_of(who),
                    is_renamed,
                    is_named_late: false,
                    may_be_locked: state.may_be_locked(who),
                }
                .paths(),
            };
            let found = if number == 0 {
                alter(scenario, found)
            } else {
                found
            };
            for path in &found {
                let next = before.after(scenario, who, path);
                if !after.contains(&next) {
                    after.push(next);
                }
            }
            paths.extend(found);
        }
    }
    (dedup(paths), after)
}

/// One sign-in by one flow of one user.
#[derive(Clone, Copy)]
struct Way<'a> {
    scenario: &'a Scenario,
    /// Which of the scenario's acts it is.
    number: usize,
    flow: AuthFlowType,
    user: &'a UserKind,
    /// The device that the port has of the user.
    device: Device,
    /// The second factors that the user has.
    enrolled: &'a [MfaMethod],
    /// Whether the name that is typed is not the one under which the port knows the user.
    is_renamed: bool,
    /// Whether the device is named only once the service has named the user: too late to stand in for a second factor.
    is_named_late: bool,
    /// Whether failed attempts may have locked the user out; for how long is the service's affair.
    may_be_locked: bool,
}

const DONE: Final = Final::Step("DONE");

impl Way<'_> {
    fn paths(&self) -> Vec<Path> {
        let start = vec![format!("InitiateAuth {}", self.flow.auth_flow())];
        let refused_here = Path::new(&[], Final::OwnError);
        if self.scenario.name == TypedName::Empty {
            // Refusing it before any request is better (SHOULD); sending it gets the service's refusal.
            return vec![refused_here, Path::new(&start, Final::AnyError)];
        }
        let mut paths = self.with_device(&start);
        if self.may_be_locked {
            let refused = Final::ServiceError(ErrorKind::NotAuthorized, None);
            paths.push(Path::new(&start, refused.clone()));
            if self.flow.has_srp() {
                paths.push(Path::new(&self.then(&start, "PASSWORD_VERIFIER"), refused));
            }
        }
        if self.needs_password()
            && matches!(self.scenario.password, Password::Empty | Password::Absent)
        {
            // Amplify Swift goes on with an empty password in userSRP; others refuse at once.
            paths.push(refused_here);
        } else if self.flow == AuthFlowType::CustomWithoutSrp && self.gives_password() {
            // Ignored by Amplify Swift and Android, refused by Amplify JS and Flutter.
            paths.push(refused_here);
        }
        if self.flow.is_custom() && self.without_password() && self.flow.has_srp() {
            // Without a password some ports start the custom flow without SRP.
            paths.extend(
                Way {
                    flow: AuthFlowType::CustomWithoutSrp,
                    ..*self
                }
                .paths_from(&start),
            );
        }
        paths
    }

    /// What the device makes of it: one that the service has forgotten is refused once, wherever it is named first, and then
    /// the port goes on without it, from the beginning or from there.
    fn with_device(&self, start: &[String]) -> Vec<Path> {
        let without = Way {
            device: Device::None,
            ..*self
        };
        let Some(earliest) = self.forgotten_from() else {
            let mut paths = self.paths_from(start);
            if self.is_renamed {
                // Until the service names the user, the port can't know which device is the user's.
                paths.extend(without.paths_from(start));
                let named_late = Way {
                    is_named_late: true,
                    ..*self
                };
                paths.extend(named_late.paths_from(start));
            }
            return paths;
        };
        let known = Way {
            device: match self.device {
                Device::Gone => Device::Unremembered,
                other => other,
            },
            ..*self
        };
        let plain = without.paths_from(start);
        let mut paths = Vec::new();
        for path in known.paths_from(start) {
            for refused in earliest..path.requests.len() {
                let up_to = &path.requests[..=refused];
                for plain in &plain {
                    let again =
                        |rest: &[String]| Path::new(&[up_to, rest].concat(), plain.end.clone());
                    paths.push(again(&plain.requests));
                    if let Some(rest) = plain.requests.get(refused..) {
                        paths.push(again(rest));
                    }
                }
            }
            // Something else was not found: then the port gives up, or, where it goes by the error's kind alone, goes on as
            // if it were the device.
            if self.finds_something_else_missing()
                && let Some(up_to) = path.requests.get(..=earliest)
            {
                let end = Final::ServiceError(ErrorKind::ResourceNotFound, Some(OTHER_NOT_FOUND));
                paths.push(Path::new(up_to, end));
                // The service has taken the request that was answered so: what it used up is used up.
                if let Some(last) = up_to.last() {
                    let twice = [up_to, std::slice::from_ref(last)].concat();
                    paths.push(Path::new(&twice, Final::AnyError));
                }
            }
            if earliest >= path.requests.len() {
                paths.push(path);
            }
        }
        if self.is_renamed || self.device == Device::None {
            paths.extend(plain);
        }
        paths
    }

    /// From which request on the service does not know the device that the port knows.
    fn forgotten_from(&self) -> Option<usize> {
        if self.device == Device::Gone {
            return Some(0);
        }
        let fault = self.scenario.fault.as_ref()?;
        let is_now = fault.act == self.number
            && fault.kind == FaultKind::Meanwhile(Meanwhile::DevicesForgotten)
            && self.device != Device::None;
        (is_now || self.finds_something_else_missing()).then_some(fault.exchange)
    }

    /// Whether a request is answered like one that names a forgotten device, for another reason.
    fn finds_something_else_missing(&self) -> bool {
        self.scenario
            .fault
            .as_ref()
            .is_some_and(|fault| fault.act == self.number && fault.kind == FaultKind::OtherNotFound)
    }

    fn needs_password(&self) -> bool {
        match self.flow {
            AuthFlowType::CustomWithoutSrp => false,
            AuthFlowType::UserAuth => self.scenario.first_factors.as_ref().is_some_and(|factors| {
                matches!(
                    factors.preferred,
                    Some(ChallengeName::Password | ChallengeName::PasswordSrp)
                )
            }),
            AuthFlowType::UserSrp | AuthFlowType::UserPassword | AuthFlowType::CustomWithSrp => {
                true
            }
        }
    }

    fn gives_password(&self) -> bool {
        match self.scenario.password {
            Password::Absent | Password::Empty => false,
            Password::Right => !self.scenario.surely_without_password(),
            Password::Wrong => true,
        }
    }

    fn without_password(&self) -> bool {
        matches!(self.scenario.password, Password::Absent | Password::Empty)
    }

    /// Everything from the first request on, in the order in which the service is known to check.
    fn paths_from(&self, start: &[String]) -> Vec<Path> {
        let fails = |kind: ErrorKind| vec![Path::new(start, Final::ServiceError(kind, None))];
        if self.flow == AuthFlowType::UserPassword && self.without_password() {
            return fails(ErrorKind::InvalidParameter);
        }
        if self.flow == AuthFlowType::UserPassword
            && self.scenario.attack == Some(Attack::MissingPassword)
        {
            return fails(ErrorKind::InvalidParameter);
        }
        if !self.is_allowed() {
            return fails(ErrorKind::InvalidParameter);
        }
        if self.scenario.client.secret
            && matches!(
                self.scenario.attack,
                Some(Attack::WrongSecretHash | Attack::MissingSecretHash)
            )
        {
            return fails(ErrorKind::NotAuthorized);
        }
        if self.flow.is_custom() && self.scenario.custom.is_none() {
            return fails(ErrorKind::InvalidParameter);
        }
        if self.flow.has_srp() && matches!(self.scenario.attack, Some(Attack::ZeroA | Attack::AIsN))
        {
            // Which error, and at which step, is not established.
            let verifier = self.then(start, "PASSWORD_VERIFIER");
            return vec![
                Path::new(start, Final::AnyError),
                Path::new(&verifier, Final::AnyError),
            ];
        }
        if self.scenario.name == TypedName::Sub {
            return Way {
                user: &UserKind::Unknown,
                ..*self
            }
            .of_unknown(start);
        }
        match self.user {
            UserKind::InOldDirectory => self.of_old_directory(start),
            UserKind::Unknown => self.of_unknown(start),
            UserKind::Confirmed | UserKind::TemporaryPassword { .. } => self.of_known(start),
            UserKind::Unconfirmed => self.stopped(
                start,
                Final::Step("CONFIRM_SIGN_UP"),
                ErrorKind::UserNotConfirmed,
            ),
            UserKind::Disabled => self.stopped_with(
                start,
                vec![Final::ServiceError(ErrorKind::NotAuthorized, None)],
            ),
            UserKind::ResetRequired => self.stopped(
                start,
                Final::Step("RESET_PASSWORD"),
                ErrorKind::PasswordResetRequired,
            ),
        }
    }

    fn is_allowed(&self) -> bool {
        use ExplicitAuthFlow as Allowed;
        let Some(list) = &self.scenario.client.explicit_auth_flows else {
            return true;
        };
        let legacy = list.iter().any(|flow| flow.is_legacy());
        let only_custom = list.contains(&Allowed::CustomAuthFlowOnly);
        match self.flow {
            AuthFlowType::UserSrp => {
                list.is_empty()
                    || (legacy && !only_custom)
                    || list.contains(&Allowed::AllowUserSrpAuth)
            }
            AuthFlowType::UserPassword => {
                list.contains(&Allowed::UserPasswordAuth)
                    || list.contains(&Allowed::AllowUserPasswordAuth)
            }
            AuthFlowType::CustomWithSrp | AuthFlowType::CustomWithoutSrp => {
                list.is_empty() || legacy || list.contains(&Allowed::AllowCustomAuth)
            }
            AuthFlowType::UserAuth => list.contains(&Allowed::AllowUserAuth),
        }
    }

    /// A user whose status stops the sign-in, at the first request or only after the proof: in the SRP flows the moment is
    /// only inferred.
    fn stopped(&self, start: &[String], step: Final, kind: ErrorKind) -> Vec<Path> {
        self.stopped_with(start, vec![step, Final::ServiceError(kind, None)])
    }

    fn stopped_with(&self, start: &[String], mut ends: Vec<Final>) -> Vec<Path> {
        if self.scenario.client.prevent_user_existence_errors {
            ends.push(Final::ServiceError(ErrorKind::NotAuthorized, None));
        }
        let mut paths: Vec<Path> = ends
            .iter()
            .map(|end| Path::new(start, end.clone()))
            .collect();
        if self.flow.has_srp() {
            let verifier = self.then(start, "PASSWORD_VERIFIER");
            ends.push(Final::ServiceError(ErrorKind::NotAuthorized, None));
            if matches!(self.scenario.attack, Some(Attack::UnparsableTimestamp)) {
                ends.push(Final::ServiceError(ErrorKind::InvalidParameter, None));
            }
            paths.extend(ends.iter().map(|end| Path::new(&verifier, end.clone())));
        }
        if self.flow.is_custom() {
            // Whether a trigger is asked before the status is looked at is not established.
            paths.push(Path::new(start, Final::AnyError));
            for path in self.rounds(start, true) {
                paths.extend(ends.iter().map(|end| Path {
                    end: end.clone(),
                    ..path.clone()
                }));
                // A trigger may fail before.
                if path.end != DONE {
                    paths.push(path);
                }
            }
        }
        paths
    }

    fn of_old_directory(&self, start: &[String]) -> Vec<Path> {
        let Some(script) = &self.scenario.migration else {
            return self.of_unknown(start);
        };
        if self.flow != AuthFlowType::UserPassword {
            return self.of_unknown(start);
        }
        let end = if script.throws.is_some() {
            Final::ServiceError(ErrorKind::UserLambdaValidation, None)
        } else if self.scenario.password != Password::Right {
            return self.of_unknown(start);
        } else if script.final_user_status.as_deref() == Some("CONFIRMED") {
            DONE
        } else {
            return vec![
                Path::new(start, Final::Step("RESET_PASSWORD")),
                Path::new(
                    start,
                    Final::ServiceError(ErrorKind::PasswordResetRequired, None),
                ),
            ];
        };
        vec![Path::new(start, end)]
    }

    fn of_unknown(&self, start: &[String]) -> Vec<Path> {
        if !self.scenario.client.prevent_user_existence_errors {
            return vec![Path::new(
                start,
                Final::ServiceError(ErrorKind::UserNotFound, Some("User does not exist.")),
            )];
        }
        let generic = Final::ServiceError(ErrorKind::NotAuthorized, Some(GENERIC));
        match self.flow {
            AuthFlowType::UserPassword => vec![Path::new(start, generic)],
            AuthFlowType::UserSrp => {
                let verifier = self.then(start, "PASSWORD_VERIFIER");
                let mut paths = vec![Path::new(&verifier, generic)];
                if self.scenario.attack == Some(Attack::UnparsableTimestamp) {
                    paths.push(Path::new(
                        &verifier,
                        Final::ServiceError(ErrorKind::InvalidParameter, None),
                    ));
                }
                paths
            }
            // The triggers run with userNotFound; whatever they say, there is nobody to give tokens to.
            AuthFlowType::CustomWithSrp | AuthFlowType::CustomWithoutSrp => self
                .rounds(start, false)
                .into_iter()
                .map(|path| match path.end {
                    Final::Step(_) => Path {
                        end: generic.clone(),
                        ..path
                    },
                    _ => path,
                })
                .collect(),
            AuthFlowType::UserAuth => self.chosen(start),
        }
    }

    fn of_known(&self, start: &[String]) -> Vec<Path> {
        match self.flow {
            AuthFlowType::UserPassword => {
                if self.scenario.password != Password::Right {
                    return vec![Path::new(
                        start,
                        Final::ServiceError(ErrorKind::NotAuthorized, Some(GENERIC)),
                    )];
                }
                self.complete(self.then_new_password(Path::new(start, DONE)))
            }
            AuthFlowType::UserSrp => {
                let verifier = self.then(start, "PASSWORD_VERIFIER");
                match self.proof_fails() {
                    Some(end) => vec![Path::new(&verifier, end)],
                    None => self.complete(self.then_new_password(Path::new(&verifier, DONE))),
                }
            }
            AuthFlowType::CustomWithSrp | AuthFlowType::CustomWithoutSrp => {
                let paths = self.rounds(start, true);
                if !self.has_temporary_password() {
                    return self.complete(paths);
                }
                // Where a temporary password stands among custom rounds is not established: nowhere, after the proof, or
                // at the end.
                self.complete(
                    paths
                        .into_iter()
                        .flat_map(|path| self.with_new_password_anywhere(path))
                        .collect(),
                )
            }
            AuthFlowType::UserAuth => self.chosen(start),
        }
    }

    /// `USER_AUTH`: the factor that is preferred, or the one that the person chooses of those that are listed.
    fn chosen(&self, start: &[String]) -> Vec<Path> {
        let factors = self.scenario.first_factors.clone().unwrap_or_default();
        let available: Vec<ChallengeName> = match factors.allowed.as_slice() {
            [] => [FirstFactor::Password].iter(),
            allowed => allowed.iter(),
        }
        .flat_map(|factor| match factor {
            FirstFactor::Password => vec![ChallengeName::Password, ChallengeName::PasswordSrp],
            FirstFactor::EmailOtp => vec![ChallengeName::EmailOtp],
            FirstFactor::SmsOtp => vec![ChallengeName::SmsOtp],
        })
        .collect();
        if let Some(preferred) = factors.preferred.filter(|name| available.contains(name)) {
            return self.by_first_factor(start, &preferred);
        }
        let select = self.then(start, "SELECT_CHALLENGE");
        let chosen = match factors.choice {
            Some(choice) => vec![choice],
            None => available,
        };
        chosen
            .iter()
            .flat_map(|factor| self.by_first_factor(&select, factor))
            .collect()
    }

    fn by_first_factor(&self, so_far: &[String], factor: &ChallengeName) -> Vec<Path> {
        let generic = || Final::ServiceError(ErrorKind::NotAuthorized, Some(GENERIC));
        let is_wrong = self.scenario.password != Password::Right;
        match factor {
            ChallengeName::Password if is_wrong => vec![Path::new(so_far, generic())],
            ChallengeName::Password => self.complete(vec![Path::new(so_far, DONE)]),
            ChallengeName::PasswordSrp => {
                let verifier = self.then(so_far, "PASSWORD_VERIFIER");
                match is_wrong {
                    true => vec![Path::new(&verifier, generic())],
                    false => self.complete(vec![Path::new(&verifier, DONE)]),
                }
            }
            code => {
                let mut requests = so_far.to_vec();
                requests.extend(self.code(code.as_str()));
                self.with_device_rounds(Path::new(&requests, DONE))
            }
        }
    }

    /// What comes after the password, or among and after custom rounds: a second factor, and the device.
    fn complete(&self, paths: Vec<Path>) -> Vec<Path> {
        let mut complete = Vec::new();
        for path in paths {
            let factor = self.second_factor();
            if path.end != DONE {
                complete.extend(self.cut_short(&path, &factor));
                complete.push(path);
                continue;
            }
            if factor.is_empty() {
                complete.extend(self.with_device_rounds(path));
                continue;
            }
            let end = path.requests.len();
            // Where a second factor stands among custom rounds is not established: right after the proof, or later, and
            // whether one is asked where no password was.
            let proof = proof_of(&path);
            let places: Vec<usize> = match (self.flow.is_custom(), proof) {
                (false, _) => vec![end],
                (true, Some(proof)) => (proof + 1..=end).collect(),
                (true, None) => {
                    complete.extend(self.with_device_rounds(path.clone()));
                    vec![end]
                }
            };
            for place in places {
                let (before, after) = path.requests.split_at(place);
                let requests = [before, &factor, after].concat();
                complete.extend(self.with_device_rounds(Path::new(&requests, DONE)));
            }
        }
        complete
    }

    /// Custom rounds that end badly, with the second factor after the proof and before the end.
    fn cut_short(&self, path: &Path, factor: &[String]) -> Vec<Path> {
        let Some(proof) = proof_of(path).filter(|_| self.flow.is_custom() && !factor.is_empty())
        else {
            return Vec::new();
        };
        (proof + 1..path.requests.len())
            .map(|place| {
                let (before, after) = path.requests.split_at(place);
                Path::new(&[before, factor, after].concat(), path.end.clone())
            })
            .collect()
    }

    /// The rounds that prove the device, where it is remembered.
    fn with_device_rounds(&self, path: Path) -> Vec<Path> {
        if self.device != Device::Remembered {
            return vec![path];
        }
        let asked = self.then(&path.requests, "DEVICE_SRP_AUTH");
        let proved = self.then(&asked, "DEVICE_PASSWORD_VERIFIER");
        vec![Path::new(&proved, path.end)]
    }

    /// The requests of the second factor (developer guide: adding MFA).
    fn second_factor(&self) -> Vec<String> {
        let Some(mfa) = &self.scenario.mfa else {
            return Vec::new();
        };
        let stands_in = self
            .scenario
            .devices
            .is_some_and(|tracking| tracking.challenge_required_on_new_device);
        if stands_in && self.device == Device::Remembered && !self.is_named_late {
            return Vec::new();
        }
        let answer = |challenge: &str| vec![format!("RespondToAuthChallenge {challenge}")];
        match (self.enrolled, mfa.preferred) {
            ([], _) if !mfa.required => Vec::new(),
            ([], _) => {
                let mut requests = answer("MFA_SETUP");
                // The code of a time-based set-up is shown by another operation.
                if set_up(mfa) == Some(MfaMethod::EmailOtp) {
                    requests.extend(self.code("EMAIL_OTP"));
                }
                requests
            }
            ([only], _) => self.code(only.as_str()),
            (_, Some(preferred)) => self.code(preferred.as_str()),
            (several, None) => {
                let mut requests = answer("SELECT_MFA_TYPE");
                let chosen = mfa.choice.unwrap_or(several[0]);
                requests.extend(self.code(chosen.as_str()));
                requests
            }
        }
    }

    /// A code, given wrongly as often as the scenario says and then rightly, with the same challenge pending all the while.
    fn code(&self, challenge: &str) -> Vec<String> {
        let wrong = self
            .scenario
            .codes
            .iter()
            .take_while(|choice| **choice == AnswerChoice::Wrong)
            .count();
        vec![format!("RespondToAuthChallenge {challenge}"); wrong + 1]
    }

    /// What a lie, or a wrong password, makes of the proof.
    fn proof_fails(&self) -> Option<Final> {
        let generic = Some(Final::ServiceError(ErrorKind::NotAuthorized, Some(GENERIC)));
        match self.scenario.attack {
            Some(Attack::PaddedDay) if self.scenario.has_one_digit_day() => return generic,
            Some(
                Attack::WrongWeekday
                | Attack::AlteredSignature
                | Attack::AlteredSecretBlock
                | Attack::OtherUsersName,
            ) => return generic,
            Some(Attack::UnparsableTimestamp) => {
                return Some(Final::ServiceError(ErrorKind::InvalidParameter, None));
            }
            _ => {}
        }
        (self.scenario.password != Password::Right).then_some(())?;
        generic
    }

    fn has_temporary_password(&self) -> bool {
        matches!(self.user, UserKind::TemporaryPassword { .. })
    }

    fn then_new_password(&self, path: Path) -> Vec<Path> {
        if !self.has_temporary_password() {
            return vec![path];
        }
        let requests = self.then(&path.requests, "NEW_PASSWORD_REQUIRED");
        let end = match self.scenario.attack {
            Some(Attack::ForeignSession) => Final::ServiceError(ErrorKind::NotAuthorized, None),
            Some(Attack::OtherUsersName) => Final::ServiceError(ErrorKind::NotAuthorized, None),
            _ => path.end,
        };
        vec![Path::new(&requests, end)]
    }

    fn with_new_password_anywhere(&self, path: Path) -> Vec<Path> {
        let mut paths = vec![path.clone()];
        let question = "RespondToAuthChallenge NEW_PASSWORD_REQUIRED".to_owned();
        for at in 1..=path.requests.len() {
            let mut requests = path.requests.clone();
            requests.insert(at, question.clone());
            paths.push(Path {
                requests,
                ..path.clone()
            });
        }
        paths
    }

    /// The custom rounds, after the password where the flow has one.
    fn rounds(&self, start: &[String], real: bool) -> Vec<Path> {
        let Some(script) = &self.scenario.custom else {
            return vec![Path::new(
                start,
                Final::ServiceError(ErrorKind::InvalidParameter, None),
            )];
        };
        let mut requests = start.to_vec();
        match &script.failure {
            Some(TriggerFailure::DefineThrows(_)) => {
                return failed(&requests, ErrorKind::UserLambdaValidation);
            }
            Some(TriggerFailure::DefineReturnsNonsense) => {
                return failed(&requests, ErrorKind::InvalidLambdaResponse);
            }
            _ => {}
        }
        if self.flow.has_srp() && !script.skips_password {
            requests = self.then(&requests, "PASSWORD_VERIFIER");
            if self.scenario.attack == Some(Attack::ForeignSession) {
                return failed(&requests, ErrorKind::NotAuthorized);
            }
            if let Some(end) = self.proof_fails() {
                return vec![Path::new(&requests, end)];
            }
            if !real {
                return vec![Path::new(
                    &requests,
                    Final::ServiceError(ErrorKind::NotAuthorized, Some(GENERIC)),
                )];
            }
        }
        let mut answers = self.scenario.answers.iter();
        let mut right = 0;
        while right < script.rounds.len() {
            if matches!(script.failure, Some(TriggerFailure::CreateThrows(_))) {
                return failed(&requests, ErrorKind::UserLambdaValidation);
            }
            requests = self.then(&requests, "CUSTOM_CHALLENGE");
            match self.scenario.attack {
                Some(Attack::ForeignSession | Attack::OtherUsersName) => {
                    return failed(&requests, ErrorKind::NotAuthorized);
                }
                // The second use of the Session is refused, whatever the first brought.
                Some(Attack::SessionTwice) => {
                    let twice = self.then(&requests, "CUSTOM_CHALLENGE");
                    return vec![
                        Path::new(&twice, Final::AnyError),
                        Path::new(
                            &requests,
                            Final::ServiceError(ErrorKind::NotAuthorized, None),
                        ),
                    ];
                }
                _ => {}
            }
            if matches!(script.failure, Some(TriggerFailure::VerifyThrows(_))) {
                return failed(&requests, ErrorKind::UserLambdaValidation);
            }
            match answers
                .next()
                .map_or(AnswerChoice::Right, |answer| answer.choice)
            {
                AnswerChoice::Right => right += 1,
                AnswerChoice::Wrong if script.on_wrong_answer == OnWrongAnswer::Fail => {
                    return vec![Path::new(
                        &requests,
                        Final::ServiceError(ErrorKind::NotAuthorized, Some(GENERIC)),
                    )];
                }
                AnswerChoice::Wrong => {}
            }
        }
        vec![Path::new(&requests, DONE)]
    }

    fn then(&self, requests: &[String], challenge: &str) -> Vec<String> {
        let mut requests = requests.to_vec();
        requests.push(format!("RespondToAuthChallenge {challenge}"));
        requests
    }
}

/// Where in a path the password is proved.
fn proof_of(path: &Path) -> Option<usize> {
    path.requests
        .iter()
        .position(|request| request.ends_with(" PASSWORD_VERIFIER"))
}

fn failed(requests: &[String], kind: ErrorKind) -> Vec<Path> {
    vec![Path::new(requests, Final::ServiceError(kind, None))]
}

fn dedup(paths: Vec<Path>) -> Vec<Path> {
    let mut unique: Vec<Path> = Vec::new();
    for path in paths {
        if !unique.contains(&path) {
            unique.push(path);
        }
    }
    unique
}

impl Scenario {
    /// Whether the day of the month of its instant has one digit.
    pub fn has_one_digit_day(&self) -> bool {
        time::OffsetDateTime::from_unix_timestamp(self.instant())
            .is_ok_and(|instant| instant.day() < 10)
    }
}

/// The text for a wrong password, a wrong proof and `failAuthentication` alike.
const GENERIC: &str = "Incorrect username or password.";
