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
