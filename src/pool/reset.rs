//! `ForgotPassword` and `ConfirmForgotPassword`.

use super::directory::Account;
use super::errors::{self, Answer};
use super::migration::Occasion;
use super::pool::Pool;
use super::subject::Subject;
use crate::model::{AppClient, UserStatus};
use crate::wire::message::{
    CodeDeliveryDetails, ConfirmForgotPassword, ForgotPassword, ForgotPasswordResponse,
};

/// A code that was sent.
#[derive(Clone, Debug)]
pub(super) struct ResetCode {
    /// Six digits.
    pub(super) code: String,
    /// After which second it is too old.
    expires: i64,
}

impl Pool {
    /// Sends a code. An unknown user is looked for in the old directory first.
    pub(super) fn forgot_password(
        &mut self,
        request: &ForgotPassword,
    ) -> Answer<ForgotPasswordResponse> {
        let client = self.client(&request.client_id)?;
        let typed = &request.username;
        self.check_secret_hash(&client, typed, request.secret_hash.as_ref())?;
        if self.policy.migration.on_reset && self.directory.find(typed).is_none() {
            let metadata = request.client_metadata.as_ref();
            self.migrate(&client, typed, Occasion::ForgotPassword, metadata)?;
        }
        let Some(subject) = self.known(typed) else {
            if self.hides_existence(&client) {
                return Ok(delivered(self.simulated_delivery(typed)));
            }
            return Err(errors::no_such_combination());
        };
        if let Some(account) = self.directory.find(&subject.id) {
            if !account.user.enabled && self.policy.users.refuses_disabled {
                return Err(errors::disabled());
            }
            if account.user.status == UserStatus::ForceChangePassword {
                return Err(errors::cannot_reset_in_state());
            }
        }
        let delivery = self
            .directory
            .find(&subject.id)
            .and_then(verified_address)
            .ok_or_else(errors::no_verified_address)?;
        let code = ResetCode {
            code: self.random.six_digits(),
            expires: self.now().saturating_add(CODE_SECONDS),
        };
        self.codes.insert(subject.id, code);
        Ok(delivered(delivery))
    }

    /// Sets a new password.
    pub(super) fn confirm_forgot_password(
        &mut self,
        request: &ConfirmForgotPassword,
    ) -> Answer<()> {
        let client = self.client(&request.client_id)?;
        let typed = &request.username;
        self.check_secret_hash(&client, typed, request.secret_hash.as_ref())?;
        let subject = self.code_owner(&client, typed)?;
        match self.codes.get(&subject.id) {
            None => return Err(errors::code_expired()),
            Some(sent) if self.now() > sent.expires => return Err(errors::code_expired()),
            Some(sent) if sent.code != request.confirmation_code => {
                return Err(errors::code_mismatch());
            }
            Some(_) => {}
        }
        self.refuse_password(&request.password)?;
        self.codes.remove(&subject.id);
        if let Some(account) = self.directory.find_mut(&subject.id) {
            account.user.password = Some(request.password.clone());
            account.user.status = UserStatus::Confirmed;
            account.passwords += 1;
            account.imported = false;
        }
        self.lockouts.forget(&subject.id);
        self.note_status(&subject.id);
        Ok(())
    }

    fn code_owner(&self, client: &AppClient, typed: &str) -> Answer<Subject> {
        match self.known(typed) {
            Some(subject) => Ok(subject),
            None if self.hides_existence(client) => Err(errors::code_expired()),
            None => Err(errors::no_such_combination()),
        }
    }

    /// Where a code to nobody would have gone: always the same for a name.
    fn simulated_delivery(&self, typed: &str) -> CodeDeliveryDetails {
        if let Some(phone) = typed.strip_prefix('+') {
            return by_sms(phone);
        }
        if typed.contains('@') {
            return by_email(typed);
        }
        let letters = self.random.stable("delivery", typed);
        let letter = |at: usize| char::from(b'a' + letters[at] % 26);
        by_email(&format!("{}@{}", letter(0), letter(1)))
    }
}

fn verified_address(account: &Account) -> Option<CodeDeliveryDetails> {
    let attributes = &account.user.attributes;
    let verified = |name: &str| {
        let address = attributes.get(name)?;
        let marked = attributes
            .get(&format!("{name}_verified"))
            .is_some_and(|value| value == "true");
        // An alias is a verified address by definition.
        (marked || account.user.aliases.contains(address)).then_some(address)
    };
    verified("email")
        .map(|email| by_email(email))
        .or_else(|| verified("phone_number").map(|phone| by_sms(phone)))
}

fn delivered(code_delivery_details: CodeDeliveryDetails) -> ForgotPasswordResponse {
    ForgotPasswordResponse {
        code_delivery_details,
    }
}

/// `f***@e***` (captured, floci-io/floci).
fn by_email(address: &str) -> CodeDeliveryDetails {
    let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    CodeDeliveryDetails {
        attribute_name: "email".to_owned(),
        delivery_medium: "EMAIL".to_owned(),
        destination: format!("{}***@{}***", first(name), first(host)),
    }
}

/// `+*******4444` (captured, aws-amplify/amplify-ui).
fn by_sms(number: &str) -> CodeDeliveryDetails {
    let last: Vec<char> = number.chars().rev().take(4).collect();
    CodeDeliveryDetails {
        attribute_name: "phone_number".to_owned(),
        delivery_medium: "SMS".to_owned(),
        destination: format!("+*******{}", last.iter().rev().collect::<String>()),
    }
}

/// How long the service's codes are good.
const CODE_SECONDS: i64 = 3600;
