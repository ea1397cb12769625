//! Triggers, scripted: what the functions of a pool's owner would answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The triggers of a pool. An absent one is not configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Triggers {
    /// Define, Create and Verify Auth Challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomScript>,
    /// User Migration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migration: Option<MigrationScript>,
    /// Pre Authentication: the error it throws, if it is configured to deny.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_authentication_denies: Option<String>,
    /// Functions that answer for themselves. Where there is one, it goes before a script of the same trigger.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<TriggerName, Function>,
    /// `LambdaConfig`, as a set-up operation gave it. An ARN does nothing by itself: who holds the pools finds its function.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lambda_arns: BTreeMap<TriggerName, String>,
}

impl Triggers {
    /// Checks that ARNs name functions.
    ///
    /// # Errors
    /// Which one does not, and what is expected of it.
    pub fn check_arns(arns: &BTreeMap<TriggerName, String>) -> Result<(), String> {
        match arns
            .iter()
            .find(|(_, arn)| Function::name_in(arn).is_none())
        {
            None => Ok(()),
            Some((trigger, _)) => Err(format!(
                "LambdaConfig.{}: expected arn:<partition>:lambda:<region>:<account>:function:<name>, where a name and a \
                 qualifier behind it consist of letters, digits, _ and -",
                trigger.as_str()
            )),
        }
    }
}

/// A trigger (`LambdaConfig`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerName {
    /// May refuse a sign-up, or confirm it at once.
    PreSignUp,
    /// Hears of a confirmed sign-up or password reset.
    PostConfirmation,
    /// May refuse a sign-in before the password is looked at.
    PreAuthentication,
    /// Hears of a sign-in.
    PostAuthentication,
    /// Knows the users of an old directory.
    UserMigration,
    /// Says what comes next in a custom sign-in.
    DefineAuthChallenge,
    /// Makes a custom challenge.
    CreateAuthChallenge,
    /// Judges the answer to a custom challenge.
    VerifyAuthChallengeResponse,
    /// Changes the claims of the id token.
    PreTokenGeneration,
}

impl TriggerName {
    /// All of them, in the order of the service model.
    pub const ALL: [Self; 9] = [
        Self::PreSignUp,
        Self::PostConfirmation,
        Self::PreAuthentication,
        Self::PostAuthentication,
        Self::UserMigration,
        Self::DefineAuthChallenge,
        Self::CreateAuthChallenge,
        Self::VerifyAuthChallengeResponse,
        Self::PreTokenGeneration,
    ];

    /// The member of `LambdaConfig`, which error messages name, too.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreSignUp => "PreSignUp",
            Self::PostConfirmation => "PostConfirmation",
            Self::PreAuthentication => "PreAuthentication",
            Self::PostAuthentication => "PostAuthentication",
            Self::UserMigration => "UserMigration",
            Self::DefineAuthChallenge => "DefineAuthChallenge",
            Self::CreateAuthChallenge => "CreateAuthChallenge",
            Self::VerifyAuthChallengeResponse => "VerifyAuthChallengeResponse",
            Self::PreTokenGeneration => "PreTokenGeneration",
        }
    }
}

/// What answers for a trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Function {
    /// Always the same `response`.
    Respond(serde_json::Value),
    /// Throws this message.
    Throw(String),
    /// A command that reads the event on its standard input and prints the event with its response.
    Command(Vec<String>),
    /// A function behind HTTP, in the form of the Lambda Runtime Interface Emulator: the event is posted to this URL, and the
    /// answer's body is the event with its response. A URL without a path gets
    /// `/2015-03-31/functions/function/invocations`.
    Http(String),
    /// A function that is part of this program.
    BuiltIn(BuiltIn),
}

impl Function {
    /// Whether it is outside of this program, so that it has to be waited for.
    pub fn is_outside(&self) -> bool {
        matches!(self, Self::Command(_) | Self::Http(_))
    }

    /// Whether Lambda could give a function or one of its qualifiers this name: letters, digits, `_` and `-`, and nothing that
    /// would mean something else in a URL.
    pub fn is_name(text: &str) -> bool {
        let is_part = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-');
        !text.is_empty() && text.bytes().all(is_part)
    }

    /// The name in an ARN: `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]`. `None` where it is no ARN of a
    /// function, or one of its parts is no [name](Self::is_name).
    pub fn name_in(arn: &str) -> Option<&str> {
        let mut parts = arn.split(':').skip(5);
        let (kind, name) = (parts.next()?, parts.next()?);
        let qualifier = parts.next();
        let is_function = kind == "function" && Self::is_name(name);
        let is_whole = qualifier.is_none_or(Self::is_name) && parts.next().is_none();
        (is_function && is_whole).then_some(name)
    }
}

/// Custom challenges that need no functions of one's own: each answers Define, Create and Verify Auth Challenge. After a wrong
/// answer they ask again; the third wrong answer ends the sign-in. Where the flow begins with SRP the password comes first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BuiltIn {
    /// A question with one right answer.
    FixedAnswer(FixedAnswer),
    /// Six digits, sent to the user's e-mail address or phone number: the medium is in `medium`, the way it was sent in
    /// `destination`.
    SentCode,
    /// A small sum in words, as a CAPTCHA would ask for it.
    Sum,
}

/// A question with one right answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedAnswer {
    /// The right answer.
    pub answer: String,
    /// How many times it has to be given.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub rounds: usize,
    /// The public parameter `question`, if there is to be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
}

fn one() -> usize {
    1
}

fn is_one(rounds: &usize) -> bool {
    *rounds == one()
}

/// What Define, Create and Verify Auth Challenge do in one sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CustomScript {
    /// The custom rounds, in order. After the last right answer Define issues tokens; with none it issues them at once
    /// (after the password, where the flow has one).
    pub rounds: Vec<Round>,
    /// What Define does after a wrong answer.
    pub on_wrong_answer: OnWrongAnswer,
    /// Define skips PASSWORD_VERIFIER although the flow started with SRP_A, and goes to the first round.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skips_password: bool,
    /// How one of the triggers fails, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<TriggerFailure>,
}

/// One custom challenge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Round {
    /// `publicChallengeParameters`: what the client is told.
    pub public: BTreeMap<String, String>,
    /// `privateChallengeParameters`: what only Verify is told; never on the wire.
    pub private: BTreeMap<String, String>,
    /// `challengeMetadata`: what Define sees in the session array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// The one right answer.
    pub answer: String,
}

impl Round {
    /// A question that the client is told, and its one right answer, which only Verify is told.
    pub fn asking(question: &str, answer: &str) -> Self {
        Self {
            public: [("question".to_owned(), question.to_owned())].into(),
            private: [("answer".to_owned(), answer.to_owned())].into(),
            metadata: None,
            answer: answer.to_owned(),
        }
    }
}

/// What Define does after a wrong answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnWrongAnswer {
    /// The same round again, with a new Session.
    #[default]
    Again,
    /// `failAuthentication`.
    Fail,
}

/// How a trigger fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TriggerFailure {
    /// Define throws this message.
    DefineThrows(String),
    /// Create throws this message.
    CreateThrows(String),
    /// Verify throws this message.
    VerifyThrows(String),
    /// Define returns something that is not the event.
    DefineReturnsNonsense,
}

/// What User Migration does when an unknown user signs in with a password, or resets one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrationScript {
    /// The old directory: name as typed → password there.
    pub directory: BTreeMap<String, String>,
    /// `userAttributes` of its response.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// `finalUserStatus`: `CONFIRMED`, anything else or absent means RESET_REQUIRED.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_user_status: Option<String>,
    /// `messageAction`: `SUPPRESS` or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_action: Option<String>,
    /// `forceAliasCreation`.
    #[serde(default)]
    pub force_alias_creation: bool,
    /// What it throws for anyone, in place of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throws: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_function_is_found_in_its_arn_and_in_nothing_else() {
        let arn = |rest: &str| format!("arn:aws:lambda:eu-west-1:000000000000:{rest}");
        for (rest, name) in [
            ("function:my-function_2", Some("my-function_2")),
            ("function:my-function:live", Some("my-function")),
            ("function:", None),
            ("function:a:", None),
            ("function:a:b:c", None),
            ("function:../../x", None),
            ("function:a/b", None),
            ("function:a?b", None),
            ("function:a%2Fb", None),
            ("function:é", None),
            ("function:a:b/c", None),
            ("layer:a", None),
        ] {
            assert_eq!(Function::name_in(&arn(rest)), name, "{rest}");
        }
        for text in ["", "my-function", "arn:aws:lambda:function:a"] {
            assert_eq!(Function::name_in(text), None, "{text}");
        }
    }

    #[test]
    fn an_arn_that_names_no_function_is_refused_with_its_trigger() {
        let arns = BTreeMap::from([(TriggerName::PreSignUp, "arn:aws:sns:x:1:topic".to_owned())]);
        let refusal = Triggers::check_arns(&arns).expect_err("it is no function");
        assert!(refusal.starts_with("LambdaConfig.PreSignUp: "), "{refusal}");
        assert_eq!(Triggers::check_arns(&BTreeMap::new()), Ok(()), "none");
    }
}
