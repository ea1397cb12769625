//! Second factors: which one a sign-in has to show.

use super::directory::Account;
use crate::model::{MfaConfiguration, MfaMethod, UserPool};
use crate::wire::ErrorKind;

/// Which factors are asked for, and when they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorRules {
    /// A second factor is asked for after a proof by SRP.
    pub asked_after_srp: bool,
    /// A second factor is asked for after a password in clear.
    pub asked_after_password: bool,
    /// Of several second factors the one that the user prefers is asked for.
    pub honours_preference: bool,
    /// Of several second factors, none of them preferred, the person chooses one.
    pub offers_choice: bool,
    /// Whoever needs a second factor and has none sets one up.
    pub sets_up: bool,
    /// Codes are compared.
    pub checks_codes: bool,
    /// The code that ends the set-up of time-based codes is compared.
    pub checks_set_up_code: bool,
    /// What a wrong code is called.
    pub wrong_code: ErrorKind,
    /// A Session can be answered again after a wrong code.
    pub session_survives_wrong_code: bool,
    /// What is told of where a code went.
    pub delivery_told: DeliveryTold,
    /// Lists of factors are JSON inside a string.
    pub lists_are_json: bool,
    /// `AvailableChallenges` has what the pool allows and the user can, and nothing else.
    pub lists_what_is_allowed: bool,
    /// `PREFERRED_CHALLENGE` is honoured.
    pub honours_preferred_challenge: bool,
}

impl Default for FactorRules {
    fn default() -> Self {
        Self {
            asked_after_srp: true,
            asked_after_password: true,
            honours_preference: true,
            offers_choice: true,
            sets_up: true,
            checks_codes: true,
            checks_set_up_code: true,
            wrong_code: ErrorKind::CodeMismatch,
            session_survives_wrong_code: true,
            delivery_told: DeliveryTold::Masked,
            lists_are_json: true,
            lists_what_is_allowed: true,
            honours_preferred_challenge: true,
        }
    }
}

/// What is told of where a code went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryTold {
    /// The medium and the masked address: right.
    Masked,
    /// The medium and the address as it is.
    InClear,
    /// Nothing.
    Nothing,
}

/// What has to be shown before a sign-in goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) enum Factor {
    /// This one.
    One(MfaMethod),
    /// One of these.
    Choice(Vec<MfaMethod>),
    /// One of these has to be set up first.
    SetUp(Vec<MfaMethod>),
}

impl FactorRules {
    /// Which second factor a user needs after the first, if any (developer guide, adding MFA).
    pub(in crate::pool) fn second_factor(
        &self,
        account: &Account,
        pool: &UserPool,
        after_srp: bool,
    ) -> Option<Factor> {
        let offered = pool.offered_mfa();
        let is_asked = match after_srp {
            true => self.asked_after_srp,
            false => self.asked_after_password,
        };
        if offered.is_empty() || !is_asked {
            return None;
        }
        let ready: Vec<MfaMethod> = offered
            .iter()
            .copied()
            .filter(|method| account.user.mfa.enabled.contains(method) && account.is_ready(*method))
            .collect();
        if let Some(preferred) = account.user.mfa.preferred
            && self.honours_preference
            && ready.contains(&preferred)
        {
            return Some(Factor::One(preferred));
        }
        match ready.as_slice() {
            [only] => Some(Factor::One(*only)),
            [] if pool.mfa == MfaConfiguration::On => {
                // Whoever has a phone number gets codes by SMS without further set-up.
                let by_sms = offered.contains(&MfaMethod::SmsMfa)
                    && account.attribute("phone_number").is_some();
                match by_sms {
                    true => Some(Factor::One(MfaMethod::SmsMfa)),
                    false => self.sets_up.then(|| Factor::SetUp(offered.to_vec())),
                }
            }
            [] => None,
            [first, ..] if !self.offers_choice => Some(Factor::One(*first)),
            _ => Some(Factor::Choice(ready)),
        }
    }
}
