//! Codes: where they go, how long they are good, and which of them wait for an answer outside of a sign-in.

use super::directory::Account;
use super::equal::same_text;
use super::undo::{Step, Undo, UndoMap};
use crate::pool::wire::errors::{self, Answer};
use crate::wire::PoolNote;
use crate::wire::message::CodeDeliveryDetails;

/// An address that a code goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) struct Delivery {
    /// `EMAIL` or `SMS`.
    medium: &'static str,
    /// The attribute that holds the address.
    attribute: &'static str,
    /// The address.
    address: String,
}

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pool) enum Purpose {
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
pub(in crate::pool) struct SentCode {
    /// Six digits.
    code: String,
    /// The attribute that held the address: it is verified by the code.
    attribute: &'static str,
    /// The address that it was sent to.
    address: String,
    /// After which second it is too old.
    expires: i64,
}

/// What a code that waits outside of a sign-in does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::pool) enum Waits {
    /// It sets a new password.
    Reset,
    /// It confirms a sign-up.
    SignUp,
    /// It verifies the address that this attribute holds.
    Attribute(&'static str),
}

impl Waits {
    /// What such a code is sent for.
    pub(in crate::pool) fn purpose(self) -> Purpose {
        match self {
            Self::Reset => Purpose::ResetPassword,
            Self::SignUp => Purpose::SignUp,
            Self::Attribute(_) => Purpose::VerifyAttribute,
        }
    }
}

/// The codes that wait for an answer outside of a sign-in, by the user's internal name. Of each kind the latest counts.
#[derive(Clone, Debug, Default)]
pub(in crate::pool) struct Codes(UndoMap<(String, Waits), SentCode>);

impl Codes {
    /// Remembers a code of a user. The one before is void.
    pub(in crate::pool) fn keep(&mut self, username: &str, waits: Waits, sent: SentCode) {
        self.0.insert((username.to_owned(), waits), sent);
    }

    /// The code of a user, good or not.
    pub(in crate::pool) fn latest(&self, username: &str, waits: Waits) -> Option<&str> {
        Some(&self.0.get(&(username.to_owned(), waits))?.code)
    }

    /// Which attribute a given code verifies at the second `now`, if it is the one that was sent.
    pub(in crate::pool) fn check(
        &self,
        username: &str,
        waits: Waits,
        given: &str,
        now: i64,
    ) -> Answer<&'static str> {
        match self.0.get(&(username.to_owned(), waits)) {
            None => Err(errors::code_expired()),
            Some(sent) if now > sent.expires => Err(errors::code_expired()),
            Some(sent) if !same_text(&sent.code, given) => Err(errors::code_mismatch()),
            Some(sent) => Ok(sent.attribute),
        }
    }

    /// As [`check`](Self::check), of a code that proves this address and no other: it may have changed since.
    pub(in crate::pool) fn check_address(
        &self,
        username: &str,
        attribute: &'static str,
        address: Option<&str>,
        given: &str,
        now: i64,
    ) -> Answer<&'static str> {
        let waits = Waits::Attribute(attribute);
        let sent = self.0.get(&(username.to_owned(), waits));
        if sent.is_none_or(|sent| address != Some(sent.address.as_str())) {
            return Err(errors::code_expired());
        }
        self.check(username, waits, given, now)
    }

    /// A code is used up, or void.
    pub(in crate::pool) fn void(&mut self, username: &str, waits: Waits) {
        self.0.remove(&(username.to_owned(), waits));
    }

    /// All codes of a user are void.
    pub(in crate::pool) fn void_all(&mut self, username: &str) {
        let first = (username.to_owned(), Waits::Reset);
        let all: Vec<_> = self
            .0
            .range(first..)
            .map(|(key, _)| key.clone())
            .take_while(|(owner, _)| owner == username)
            .collect();
        for key in &all {
            self.0.remove(key);
        }
    }
}

impl Undo for Codes {
    fn undo(&mut self, step: Step) {
        self.0.undo(step);
    }
}

impl Delivery {
    /// By e-mail.
    pub(in crate::pool) fn email(address: &str) -> Self {
        Self {
            medium: "EMAIL",
            attribute: "email",
            address: address.to_owned(),
        }
    }

    /// By SMS.
    pub(in crate::pool) fn sms(number: &str) -> Self {
        Self {
            medium: "SMS",
            attribute: "phone_number",
            address: number.to_owned(),
        }
    }

    /// The address.
    pub(in crate::pool) fn address(&self) -> &str {
        &self.address
    }

    /// To the address that this attribute of an account holds.
    pub(in crate::pool) fn of_attribute(account: &Account, attribute: &str) -> Option<Self> {
        let address = account.attribute(attribute)?;
        match attribute {
            "email" => Some(Self::email(address)),
            "phone_number" => Some(Self::sms(address)),
            _ => None,
        }
    }

    /// To where a code about an account goes that needs a verified address.
    pub(in crate::pool) fn verified(account: &Account) -> Option<Self> {
        account
            .verified("email")
            .map(Self::email)
            .or_else(|| account.verified("phone_number").map(Self::sms))
    }

    /// What clients are told of it: `f***@e***` (captured, floci-io/floci) and `+*******4444` (captured, amplify-ui).
    pub(in crate::pool) fn details(&self) -> CodeDeliveryDetails {
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
    /// This text for a user, as whoever watches the pool is told of it.
    pub(in crate::pool) fn note(&self, username: &str, purpose: Purpose, text: &str) -> PoolNote {
        PoolNote::Sent {
            username: username.to_owned(),
            medium: self.medium.to_owned(),
            to: self.address.clone(),
            purpose: purpose.as_str().to_owned(),
            text: text.to_owned(),
        }
    }

    /// A code that was sent here at the second `now`, and waits outside of a sign-in.
    pub(in crate::pool) fn sent(&self, code: String, purpose: Purpose, now: i64) -> SentCode {
        SentCode {
            code,
            attribute: self.attribute,
            address: self.address.clone(),
            expires: now.saturating_add(purpose.seconds()),
        }
    }

    /// The attribute that holds the address.
    pub(in crate::pool) fn attribute(&self) -> &'static str {
        self.attribute
    }

    /// The same with the whole address, which only a wrong service tells.
    pub(in crate::pool) fn details_in_clear(&self) -> CodeDeliveryDetails {
        CodeDeliveryDetails {
            destination: self.address.clone(),
            ..self.details()
        }
    }
}
