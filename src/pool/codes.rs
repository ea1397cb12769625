//! Codes: where they go, and what becomes of them.

use super::directory::Account;
use super::errors::{self, Answer};
use super::pool::Pool;
use super::subject::Subject;
use crate::wire::PoolNote;
use crate::wire::message::CodeDeliveryDetails;

/// An address that a code goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    /// `EMAIL` or `SMS`.
    medium: &'static str,
    /// The attribute that holds the address.
    attribute: &'static str,
    /// The address.
    address: String,
}

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A factor of a sign-in.
    SignIn,
    /// To confirm a sign-up.
    SignUp,
    /// To verify an address that was changed.
    VerifyAttribute,
    /// To set a new password.
    ResetPassword,
    /// A temporary password.
    Invitation,
    /// The answer to a custom challenge.
    CustomChallenge,
}

impl Purpose {
    /// How long a code is good outside of a sign-in (developer guide, quotas).
    fn seconds(self) -> i64 {
        match self {
            Self::SignUp | Self::VerifyAttribute => 24 * 60 * 60,
            Self::SignIn | Self::ResetPassword | Self::Invitation | Self::CustomChallenge => {
                60 * 60
            }
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
            Self::VerifyAttribute => "verify-attribute",
            Self::ResetPassword => "reset-password",
            Self::Invitation => "invitation",
            Self::CustomChallenge => "custom-challenge",
        }
    }
}

/// A code that was sent and waits for an answer outside of a sign-in.
#[derive(Clone, Debug)]
pub(super) struct SentCode {
    /// Six digits.
    pub(super) code: String,
    /// The attribute that held the address: it is verified by the code.
    pub(super) attribute: &'static str,
    /// The address that it was sent to.
    pub(super) address: String,
    /// After which second it is too old.
    pub(super) expires: i64,
}

impl Delivery {
    /// By e-mail.
    pub(super) fn email(address: &str) -> Self {
        Self {
            medium: "EMAIL",
            attribute: "email",
            address: address.to_owned(),
        }
    }

    /// By SMS.
    pub(super) fn sms(number: &str) -> Self {
        Self {
            medium: "SMS",
            attribute: "phone_number",
            address: number.to_owned(),
        }
    }

    /// The address.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// To the address that this attribute of an account holds.
    pub(super) fn of_attribute(account: &Account, attribute: &str) -> Option<Self> {
        let address = account.attribute(attribute)?;
        match attribute {
            "email" => Some(Self::email(address)),
            "phone_number" => Some(Self::sms(address)),
            _ => None,
        }
    }

    /// To where a code about an account goes that needs a verified address.
    pub(super) fn verified(account: &Account) -> Option<Self> {
        account
            .verified("email")
            .map(Self::email)
            .or_else(|| account.verified("phone_number").map(Self::sms))
    }

    /// What clients are told of it: `f***@e***` (captured, floci-io/floci) and `+*******4444` (captured, amplify-ui).
    pub(super) fn details(&self) -> CodeDeliveryDetails {
        let destination = if self.medium == "SMS" {
            let last: Vec<char> = self.address.chars().rev().take(4).collect();
            format!("+*******{}", last.iter().rev().collect::<String>())
        } else {
            let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
            let (name, host) = self.address.split_once('@').unwrap_or((&self.address, ""));
            format!("{}***@{}***", first(name), first(host))
        };
        CodeDeliveryDetails {
            attribute_name: self.attribute.to_owned(),
            delivery_medium: self.medium.to_owned(),
            destination,
        }
    }
}

impl Delivery {
    /// The same with the whole address, which only a wrong service tells.
    pub(super) fn details_in_clear(&self) -> CodeDeliveryDetails {
        CodeDeliveryDetails {
            destination: self.address.clone(),
            ..self.details()
        }
    }
}

impl Pool {
    /// Makes a code and sends it: whoever asks the pool can read it.
    pub(super) fn send_code(
        &mut self,
        username: &str,
        delivery: &Delivery,
        purpose: Purpose,
    ) -> String {
        let code = self.random.six_digits();
        self.send(username, delivery, purpose, &code);
        code
    }

    /// Sends a text.
    pub(super) fn send(
        &mut self,
        username: &str,
        delivery: &Delivery,
        purpose: Purpose,
        text: &str,
    ) {
        self.note(PoolNote::Sent {
            username: username.to_owned(),
            medium: delivery.medium.to_owned(),
            to: delivery.address.clone(),
            purpose: purpose.as_str().to_owned(),
            text: text.to_owned(),
        });
    }

    /// A code that waits for an answer outside of a sign-in.
    pub(super) fn kept_code(
        &mut self,
        username: &str,
        delivery: &Delivery,
        purpose: Purpose,
    ) -> SentCode {
        SentCode {
            code: self.send_code(username, delivery, purpose),
            attribute: delivery.attribute,
            address: delivery.address.clone(),
            expires: self.now().saturating_add(purpose.seconds()),
        }
    }

    /// Where codes by SMS go; to nobody's number, which is always the same for a name.
    pub(super) fn phone_of(&self, subject: &Subject) -> Answer<Delivery> {
        match self.directory.find(&subject.id).filter(|_| subject.real) {
            Some(account) => account
                .attribute("phone_number")
                .map(Delivery::sms)
                .ok_or_else(|| errors::factor_not_set_up("SMS_MFA")),
            None => {
                let digits = self.random.stable("phone", &subject.typed);
                let last: String = digits[..4]
                    .iter()
                    .map(|o| char::from(b'0' + o % 10))
                    .collect();
                Ok(Delivery::sms(&format!("+1555555{last}")))
            }
        }
    }

    /// Where codes by e-mail go; to nobody's address, which is always the same for a name.
    pub(super) fn email_of(&self, subject: &Subject) -> Answer<Delivery> {
        match self.directory.find(&subject.id).filter(|_| subject.real) {
            Some(account) => account
                .attribute("email")
                .map(Delivery::email)
                .ok_or_else(|| errors::factor_not_set_up("EMAIL_OTP")),
            // A phone number is no address for it, and is not told as one.
            None if subject.typed.starts_with('+') => Ok(self.simulated_delivery("")),
            None => Ok(self.simulated_delivery(&subject.typed)),
        }
    }

    /// Where a code to nobody would have gone: always the same for a name.
    pub(super) fn simulated_delivery(&self, typed: &str) -> Delivery {
        if typed.starts_with('+') {
            return Delivery::sms(typed);
        }
        if typed.contains('@') {
            return Delivery::email(typed);
        }
        let letters = self.random.stable("delivery", typed);
        let letter = |at: usize| char::from(b'a' + letters[at] % 26);
        Delivery::email(&format!("{}@{}", letter(0), letter(1)))
    }
}
