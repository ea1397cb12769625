//! Which paths the service allows (developer guide: authentication flow, triggers, user existence errors).

use super::altered::alter;
use super::expectation::{Expectation, Final, Path};
use super::flow::{Choice, choices};
use crate::model::{ExplicitAuthFlow, OnWrongAnswer, TriggerFailure};
use crate::scenario::{AnswerChoice, Attack, Password, Scenario, TypedName, UserKind};
use crate::wire::{AuthFlowType, ErrorKind};

/// Whether this model knows what the scenario allows. It doesn't know what a person chooses in `userAuth`.
pub fn is_modelled(scenario: &Scenario) -> bool {
    scenario.flow != Some(AuthFlowType::UserAuth)
}

/// What the scenario allows, if it [is modelled](is_modelled).
pub fn expect(scenario: &Scenario) -> Expectation {
    let mut first = Vec::new();
    for choice in choices(scenario) {
        match choice {
            Choice::Refusal => first.push(Path::new(&[], Final::OwnError)),
            Choice::Flow(flow) => first.extend(Way::new(scenario, flow, &scenario.user).paths()),
        }
    }
    let first = dedup(alter(scenario, first));
    let mut sign_ins = vec![first];
    if scenario.again_by_srp {
        sign_ins.push(second(scenario, &sign_ins[0]));
    }
    Expectation { sign_ins }
}

/// The second sign-in, by `userSRP`, of a user who may have been migrated by the first.
fn second(scenario: &Scenario, first: &[Path]) -> Vec<Path> {
    let ends_in = |step: &str| {
        first.iter().any(|path| match &path.end {
            Final::Step(name) => *name == step,
            _ => false,
        })
    };
    let mut users = Vec::new();
    if ends_in("DONE") {
        users.push(UserKind::Confirmed);
    }
    if ends_in("RESET_PASSWORD") {
        users.push(UserKind::ResetRequired);
    }
    if users.is_empty() || first.iter().any(|path| !matches!(path.end, Final::Step(_))) {
        users.push(scenario.user.clone());
    }
    let again = Scenario {
        flow: Some(AuthFlowType::UserSrp),
        fault: None,
        attack: None,
        ..scenario.clone()
    };
    let mut paths: Vec<Path> = Vec::new();
    for choice in choices(&again) {
        match choice {
            Choice::Refusal => paths.push(Path::new(&[], Final::OwnError)),
            Choice::Flow(flow) => {
                paths.extend(
                    users
                        .iter()
                        .flat_map(|user| Way::new(&again, flow, user).paths()),
                );
            }
        }
    }
    dedup(paths)
}

/// One sign-in by one flow of one user.
struct Way<'a> {
    scenario: &'a Scenario,
    flow: AuthFlowType,
    user: &'a UserKind,
}

const DONE: Final = Final::Step("DONE");
/// Where the person chooses, [`is_modelled`] says so and nobody asks for paths.
const NOT_MODELLED: Vec<Path> = Vec::new();

impl<'a> Way<'a> {
    fn new(scenario: &'a Scenario, flow: AuthFlowType, user: &'a UserKind) -> Self {
        Self {
            scenario,
            flow,
            user,
        }
    }

    fn paths(&self) -> Vec<Path> {
        let start = vec![format!("InitiateAuth {}", self.flow.auth_flow())];
        let refused_here = Path::new(&[], Final::OwnError);
        if self.scenario.name == TypedName::Empty {
            // Refusing it before any request is better (SHOULD); sending it gets the service's refusal.
            return vec![refused_here, Path::new(&start, Final::AnyError)];
        }
        let mut paths = self.paths_from(&start);
        if self.needs_password()
            && matches!(self.scenario.password, Password::Empty | Password::Absent)
        {
            // Amplify Swift goes on with an empty password in userSRP; others refuse at once.
            paths.push(refused_here);
        } else if !self.needs_password() && self.gives_password() {
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

    fn needs_password(&self) -> bool {
        self.flow != AuthFlowType::CustomWithoutSrp
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
            return self.flow != AuthFlowType::UserAuth;
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
            paths.extend(self.rounds(start, true).into_iter().flat_map(|path| {
                ends.iter()
                    .map(move |end| Path {
                        end: end.clone(),
                        ..path.clone()
                    })
                    .collect::<Vec<_>>()
            }));
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
            AuthFlowType::UserAuth => NOT_MODELLED,
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
                self.then_new_password(Path::new(start, DONE))
            }
            AuthFlowType::UserSrp => {
                let verifier = self.then(start, "PASSWORD_VERIFIER");
                match self.proof_fails() {
                    Some(end) => vec![Path::new(&verifier, end)],
                    None => self.then_new_password(Path::new(&verifier, DONE)),
                }
            }
            AuthFlowType::CustomWithSrp | AuthFlowType::CustomWithoutSrp => {
                let paths = self.rounds(start, true);
                if !self.has_temporary_password() {
                    return paths;
                }
                // Where a temporary password stands among custom rounds is not established: nowhere, after the proof, or
                // at the end.
                paths
                    .into_iter()
                    .flat_map(|path| self.with_new_password_anywhere(path))
                    .collect()
            }
            AuthFlowType::UserAuth => NOT_MODELLED,
        }
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
