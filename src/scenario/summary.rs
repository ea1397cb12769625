//! A scenario in one line: what is special about it, and nothing else.

use std::fmt;

use super::types::{
    AnswerChoice, ConfigSource, Password, PasswordText, Scenario, TypedName, UserKind,
};
use crate::model::{OnWrongAnswer, SaltChoice};

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let traits = self.traits();
        if traits.is_empty() {
            return f.write_str("the plainest sign-in: userSRP by default, right password");
        }
        f.write_str(&traits.join(", "))
    }
}

impl Scenario {
    /// What differs from the plainest sign-in, a short phrase each.
    pub fn traits(&self) -> Vec<String> {
        let mut traits = Vec::new();
        let mut say = |text: String| traits.push(text);
        if let Some(flow) = self.flow {
            say(format!("signIn asks for {flow}"));
        }
        match &self.config {
            ConfigSource::Direct => {}
            ConfigSource::Gen1 {
                flow,
                migration_enabled,
            } => {
                let flow = flow.as_ref().map_or("no flow".to_owned(), |flow| {
                    format!("authenticationFlowType {flow:?}")
                });
                let migration = migration_enabled.map_or(String::new(), |enabled| {
                    format!(" and MigrationEnabled {enabled}")
                });
                say(format!("amplifyconfiguration.json with {flow}{migration}"));
            }
            ConfigSource::Gen2 { flow } => say(match flow {
                Some(flow) => {
                    format!("amplify_outputs.json with authentication_flow_type {flow:?}")
                }
                None => "amplify_outputs.json".to_owned(),
            }),
        }
        match self.name {
            TypedName::Email => {}
            TypedName::Phone => say("phone number as name".to_owned()),
            TypedName::Username => say("plain user name, no aliases".to_owned()),
            TypedName::UnicodeUsername => say("user name outside ASCII, no aliases".to_owned()),
            TypedName::Sub => say("sub as name".to_owned()),
            TypedName::Empty => say("empty name".to_owned()),
        }
        match self.password {
            Password::Right => {}
            Password::Wrong => say("wrong password".to_owned()),
            Password::Empty => say("empty password".to_owned()),
            Password::Absent => say("no password given".to_owned()),
        }
        match self.password_text {
            PasswordText::Ascii => {}
            PasswordText::Symbols => say("password of symbols".to_owned()),
            PasswordText::Unicode => say("password outside ASCII".to_owned()),
            PasswordText::Long => say("password of 120 characters".to_owned()),
        }
        if !self.metadata.is_empty() {
            say("metadata with signIn".to_owned());
        }
        if self.client.secret {
            say("client secret".to_owned());
        }
        if self.client.prevent_user_existence_errors {
            say("user existence hidden".to_owned());
        }
        if let Some(flows) = &self.client.explicit_auth_flows {
            say(format!("client allows {flows:?}"));
        }
        match &self.user {
            UserKind::Confirmed => {}
            UserKind::Unconfirmed => say("unconfirmed user".to_owned()),
            UserKind::Disabled => say("disabled user".to_owned()),
            UserKind::ResetRequired => say("user who must reset the password".to_owned()),
            UserKind::TemporaryPassword { missing_attributes } if missing_attributes.is_empty() => {
                say("temporary password".to_owned());
            }
            UserKind::TemporaryPassword { missing_attributes } => {
                say(format!(
                    "temporary password, attributes wanted: {}",
                    missing_attributes.join(", ")
                ));
            }
            UserKind::Unknown => say("unknown user".to_owned()),
            UserKind::InOldDirectory => say("user only in the old directory".to_owned()),
        }
        if let Some(script) = &self.custom {
            let again = match script.on_wrong_answer {
                OnWrongAnswer::Again => "",
                OnWrongAnswer::Fail => ", a wrong answer ends it",
            };
            let skips = if script.skips_password {
                ", password skipped"
            } else {
                ""
            };
            let failure = script
                .failure
                .as_ref()
                .map_or(String::new(), |failure| format!(", {failure:?}"));
            say(format!(
                "{} custom round(s){again}{skips}{failure}",
                script.rounds.len()
            ));
        }
        if let Some(script) = &self.migration {
            let status = script.final_user_status.as_deref().unwrap_or("none");
            let throws = if script.throws.is_some() {
                ", throws"
            } else {
                ""
            };
            say(format!("migration with finalUserStatus {status}{throws}"));
        }
        if !self.answers.is_empty() {
            let answers: Vec<_> = self
                .answers
                .iter()
                .map(|answer| {
                    let choice = match answer.choice {
                        AnswerChoice::Right => "right",
                        AnswerChoice::Wrong => "wrong",
                    };
                    if answer.metadata.is_empty() {
                        choice.to_owned()
                    } else {
                        format!("{choice} with metadata")
                    }
                })
                .collect();
            say(format!("answers: {}", answers.join(", ")));
        }
        for wish in &self.steering.reach {
            say(wish.to_string().replace(':', " = "));
        }
        match &self.steering.salt {
            None => {}
            Some(SaltChoice::Class(class)) => say(format!("salt = {class}")),
            Some(SaltChoice::Dictated(_)) => say("dictated salt".to_owned()),
        }
        if self.steering.b.is_some() {
            say("dictated b".to_owned());
        }
        if let Some(fault) = &self.fault {
            say(fault.to_string());
        }
        if let Some(attack) = self.attack {
            say(format!("client lies: {attack:?}"));
        }
        if let Some(clock) = self.clock {
            let instant = time::OffsetDateTime::from_unix_timestamp(clock)
                .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
            let (date, time) = (instant.date(), instant.time());
            say(format!(
                "at {date} {:02}:{:02}:{:02} UTC",
                time.hour(),
                time.minute(),
                time.second()
            ));
        }
        if self.again_by_srp {
            say("then again by userSRP".to_owned());
        }
        traits
    }
}
