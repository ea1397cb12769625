//! Codes on their way to people.

use crate::pool::core::Pool;
use crate::pool::state::codes::{Delivery, Purpose, Waits};
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::{self, Answer};

impl Pool {
    /// Makes a code and sends it: whoever asks the pool can read it.
    pub(in crate::pool) fn send_code(
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
    pub(in crate::pool) fn send(
        &mut self,
        username: &str,
        delivery: &Delivery,
        purpose: Purpose,
        text: &str,
    ) {
        self.note(delivery.note(username, purpose, text));
    }

    /// Makes a code that waits for an answer outside of a sign-in, and sends it; the one before is void.
    pub(in crate::pool) fn send_waiting_code(
        &mut self,
        username: &str,
        delivery: &Delivery,
        waits: Waits,
    ) {
        let purpose = waits.purpose();
        let code = self.send_code(username, delivery, purpose);
        let sent = delivery.sent(code, purpose, self.now());
        self.codes.keep(username, waits, sent);
    }

    /// Where codes by SMS go; to nobody's number, which is always the same for a name.
    pub(in crate::pool) fn phone_of(&self, subject: &Subject) -> Answer<Delivery> {
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
    pub(in crate::pool) fn email_of(&self, subject: &Subject) -> Answer<Delivery> {
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
    pub(in crate::pool) fn simulated_delivery(&self, typed: &str) -> Delivery {
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
