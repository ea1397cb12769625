//! A scenario in one line: what is special about it, and nothing else.

use std::fmt;

use super::act::{Act, SignInAgain, Who};
use super::factor::{FirstFactors, Mfa};
use super::input::{AnswerChoice, Password, PasswordText, TypedName};
use super::types::{ConfigSource, Scenario, UserKind};
use crate::model::{FirstFactor, MfaMethod, OnWrongAnswer, SaltChoice};

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
        if self.client.rotates_refresh_tokens {
            say("refresh tokens rotate".to_owned());
        }
        if let Some(minutes) = self.client.access_token_minutes {
            say(format!("access tokens last {minutes} min"));
        }
        if let Some(minutes) = self.client.id_token_minutes {
            say(format!("id tokens last {minutes} min"));
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
                    let choice = answer.choice.as_str();
                    if answer.metadata.is_empty() {
                        choice.to_owned()
                    } else {
                        format!("{choice} with metadata")
                    }
                })
                .collect();
            say(format!("answers: {}", answers.join(", ")));
        }
        if let Some(mfa) = &self.mfa {
            say(mfa.to_string());
        }
        if let Some(factors) = &self.first_factors {
            say(factors.to_string());
        }
        if self.codes.contains(&AnswerChoice::Wrong) {
            let codes: Vec<_> = self.codes.iter().map(|choice| choice.as_str()).collect();
            say(format!("codes: {}", codes.join(", ")));
        }
        if let Some(tracking) = self.devices {
            let opt_in = if tracking.only_remembered_on_user_prompt {
                ", remembered only when asked"
            } else {
                ""
            };
            let replaces = if tracking.challenge_required_on_new_device {
                ", a device stands in for the second factor"
            } else {
                ""
            };
            say(format!("devices are tracked{opt_in}{replaces}"));
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
        for act in &self.then {
            say(format!("then {act}"));
        }
        traits
    }
}

impl fmt::Display for Mfa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |methods: &[MfaMethod]| {
            let names: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
            match names.as_slice() {
                [] => "none".to_owned(),
                names => names.join(" and "),
            }
        };
        let required = if self.required {
            "required"
        } else {
            "optional"
        };
        // An empty list means that the pool offers every factor.
        let offered = match self.offered.as_slice() {
            [] => "all".to_owned(),
            offered => names(offered),
        };
        write!(
            f,
            "second factor {required} ({offered} offered), the user has {}",
            names(&self.enrolled)
        )?;
        if let Some(preferred) = self.preferred {
            write!(f, ", prefers {}", preferred.as_str())?;
        }
        if let Some(choice) = self.choice {
            write!(f, ", takes {}", choice.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Display for FirstFactors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed: Vec<_> = self
            .allowed
            .iter()
            .map(|factor: &FirstFactor| factor.as_str())
            .collect();
        write!(f, "first factors {}", allowed.join(", "))?;
        if let Some(preferred) = &self.preferred {
            write!(f, ", signIn prefers {preferred}")?;
        }
        if let Some(choice) = &self.choice {
            write!(f, ", the person takes {choice}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(again) => write!(f, "{again}")?,
            Self::FetchSession(fetch) if fetch.force => f.write_str("tokens are refreshed")?,
            Self::FetchSession(_) => f.write_str("tokens are fetched")?,
            Self::SignOut { global, put_in } => {
                f.write_str(if *put_in {
                    "is signed out"
                } else {
                    "signs out"
                })?;
                if *global {
                    f.write_str(" everywhere")?;
                }
                if *put_in {
                    f.write_str(" by the harness")?;
                }
            }
            Self::RememberDevice => f.write_str("has the device remembered")?,
            Self::ForgetDevice => f.write_str("has the device forgotten")?,
            Self::ResetPassword(reset) => {
                write!(f, "resets the password with a {} code", reset.code.as_str())?;
            }
        }
        match self.after() {
            0 => Ok(()),
            seconds => write!(f, " {seconds} s later"),
        }
    }
}

impl fmt::Display for SignInAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.who {
            Who::Same => "signs in again",
            Who::Other => "another user signs in",
        })?;
        if let Some(flow) = self.flow {
            write!(f, " by {flow}")?;
        }
        match self.name {
            Some(TypedName::Email) => f.write_str(" by e-mail address")?,
            Some(TypedName::Phone) => f.write_str(" by phone number")?,
            _ => {}
        }
        match self.password {
            Password::Right => Ok(()),
            Password::Wrong => f.write_str(" with a wrong password"),
            Password::Empty => f.write_str(" with an empty password"),
            Password::Absent => f.write_str(" without a password"),
        }
    }
}
