//! `Session`: what the pool remembers between two requests of one sign-in.

use super::ledger::{Digest, Entry, Ledger};
use super::random::PoolRandom;
use super::sign_in::SignIn;
use super::undo::{Step, Undo, UndoMap};
use crate::model::{AppClient, MfaMethod};
use crate::pool::wire::errors::{self, Answer};
use crate::wire::{ChallengeName, Parameters};

/// How long and how often a `Session` is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// `PASSWORD_VERIFIER` of `USER_SRP_AUTH` carries a Session.
    pub in_plain_verifier: bool,
    /// The answer to `PASSWORD_VERIFIER` of `USER_SRP_AUTH` has to carry a Session.
    pub demanded_in_plain_verifier: bool,
    /// `NEW_PASSWORD_REQUIRED` can be answered with the Session it came with only.
    pub demanded_for_new_password: bool,
    /// A Session is good for one answer.
    pub single_use: bool,
    /// A Session ends after the app client's `AuthSessionValidity`.
    pub expires: bool,
    /// The same custom challenge, asked again after a wrong answer, has a new Session.
    pub renewed_after_wrong_answer: bool,
    /// Answers to other challenges than `PASSWORD_VERIFIER` and `SOFTWARE_TOKEN_MFA`, which do, may name the user by what was
    /// typed. Reports disagree (NabuCasa/pycognito#193: of `SMS_MFA`, refused).
    pub aliases_in_other_answers: bool,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            in_plain_verifier: false,
            demanded_in_plain_verifier: false,
            demanded_for_new_password: true,
            single_use: true,
            expires: true,
            renewed_after_wrong_answer: true,
            aliases_in_other_answers: true,
        }
    }
}

/// The Sessions that were given out.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Sessions {
    policy: SessionPolicy,
    given: Ledger<Session>,
    /// Those of sign-ins that wait for a device, by internal name: some clients don't send them.
    of_devices: UndoMap<String, String>,
}

/// What a Session stands for.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Session {
    /// The sign-in that it carries on.
    pub(in crate::pool) sign_in: SignIn,
    /// What it waits for.
    pub(in crate::pool) awaits: Awaits,
    /// After which second it has expired.
    pub(in crate::pool) expires: i64,
}

/// What a Session waits for.
#[derive(Clone, Debug)]
pub(in crate::pool) enum Awaits {
    /// The proof of the password, for this secret block.
    Verifier {
        /// What stands for `SECRET_BLOCK` as sent.
        block: Digest,
    },
    /// The answer to a custom challenge.
    Custom {
        /// What Create kept for Verify.
        private: Parameters,
        /// What Create wrote down for Define.
        metadata: Option<String>,
    },
    /// A new password.
    NewPassword,
    /// A code that was sent.
    Code {
        /// The challenge that it answers: `SMS_MFA`, `EMAIL_OTP` or `SMS_OTP`.
        challenge: ChallengeName,
        /// The code; of nobody's, none is right.
        code: Option<String>,
        /// The e-mail address that is being set up by it.
        sets_up: Option<String>,
    },
    /// A time-based code.
    SoftwareToken,
    /// A choice among second factors.
    MfaChoice {
        /// Which.
        among: Vec<MfaMethod>,
    },
    /// The set-up of a second factor.
    MfaSetup {
        /// The secret that `AssociateSoftwareToken` made.
        secret: Option<Vec<u8>>,
        /// The step whose code proved that the secret arrived, and what the maker of the codes is called.
        verified: Option<(u64, Option<String>)>,
    },
    /// A choice among first factors.
    FirstFactor {
        /// Which.
        among: Vec<ChallengeName>,
    },
    /// A of a device.
    DeviceSrp,
    /// The proof of a device, for this secret block.
    DeviceVerifier {
        /// What stands for `SECRET_BLOCK` as sent.
        block: Digest,
    },
    /// `ConfirmSignUp`. No challenge leads to it.
    SignUp,
}

impl Awaits {
    /// The challenge whose answer is awaited.
    pub(in crate::pool) fn challenge(&self) -> ChallengeName {
        match self {
            Self::Verifier { .. } => ChallengeName::PasswordVerifier,
            Self::Custom { .. } => ChallengeName::CustomChallenge,
            Self::NewPassword => ChallengeName::NewPasswordRequired,
            Self::Code { challenge, .. } => challenge.clone(),
            Self::SoftwareToken => ChallengeName::SoftwareTokenMfa,
            Self::MfaChoice { .. } => ChallengeName::SelectMfaType,
            Self::MfaSetup { .. } => ChallengeName::MfaSetup,
            Self::FirstFactor { .. } => ChallengeName::SelectChallenge,
            Self::DeviceSrp => ChallengeName::DeviceSrpAuth,
            Self::DeviceVerifier { .. } => ChallengeName::DevicePasswordVerifier,
            Self::SignUp => ChallengeName::from("SIGN_UP"),
        }
    }
}

impl Sessions {
    /// None was given out yet.
    pub(in crate::pool) fn new(policy: SessionPolicy) -> Self {
        Self {
            policy,
            given: Ledger::default(),
            of_devices: UndoMap::default(),
        }
    }

    /// What is decided about them.
    pub(in crate::pool) fn policy(&self) -> &SessionPolicy {
        &self.policy
    }

    /// A new one for what `client` has to answer, given out at the second `now`.
    pub(in crate::pool) fn open(
        &mut self,
        client: &AppClient,
        sign_in: SignIn,
        awaits: Awaits,
        now: i64,
        random: &mut PoolRandom,
    ) -> String {
        let text = session_text(random);
        let session = Session {
            sign_in,
            awaits,
            expires: now.saturating_add(60 * i64::from(client.auth_session_validity)),
        };
        // Kept after their time, since whoever shows one is told that it has expired.
        self.given.add(&text, session, now, i64::MAX);
        text
    }

    /// The Session behind this text, if it may be answered by this client and challenge. It stays good until
    /// [`close`](Self::close) or [`void`](Self::void).
    pub(in crate::pool) fn answerable(
        &self,
        text: Option<&str>,
        client: &AppClient,
        challenge: &ChallengeName,
        now: i64,
    ) -> Answer<Session> {
        let session = self.any(text)?;
        if session.sign_in.client != client.id || session.awaits.challenge() != *challenge {
            return Err(errors::invalid_session());
        }
        self.refuse_expired(session, now)?;
        Ok(session.clone())
    }

    /// The Session behind this text, if it is one of a set-up of a second factor, whoever carries it on.
    pub(in crate::pool) fn of_set_up(&self, text: Option<&str>, now: i64) -> Answer<Session> {
        let session = self.any(text)?;
        self.refuse_expired(session, now)?;
        match session.awaits {
            Awaits::MfaSetup { .. } => Ok(session.clone()),
            _ => Err(errors::invalid_session()),
        }
    }

    /// Whether there ever was this Session.
    pub(in crate::pool) fn knows(&self, text: &str) -> bool {
        self.given.get(text).is_some()
    }

    /// The Session has been answered.
    pub(in crate::pool) fn close(&mut self, text: Option<&str>) {
        if let Some(text) = text
            && self.policy.single_use
        {
            self.given.mark_used(text);
        }
    }

    /// The Session has met an error (aws-amplify/amplify-js#5834).
    pub(in crate::pool) fn void(&mut self, text: Option<&str>) {
        if let Some(text) = text
            && self.policy.single_use
        {
            self.given.mark_void(text);
        }
    }

    /// Remembers the Session of a sign-in that waits for a device of this user.
    pub(in crate::pool) fn wait_for_device(&mut self, username: &str, text: &str) {
        self.of_devices.insert(username.to_owned(), text.to_owned());
    }

    /// The Session of the latest sign-in that waits for a device of this user.
    pub(in crate::pool) fn of_device(&self, username: &str) -> Option<&String> {
        self.of_devices.get(username)
    }

    /// No sign-in of this user waits for a device any more.
    pub(in crate::pool) fn device_came(&mut self, username: &str) {
        self.of_devices.remove(username);
    }

    fn any(&self, text: Option<&str>) -> Answer<&Session> {
        let text = text.ok_or_else(|| errors::missing("Session"))?;
        match self.given.get(text) {
            Some(Entry::Live(session)) => Ok(session),
            Some(Entry::Used) => Err(errors::used_session()),
            Some(Entry::Void) | None => Err(errors::invalid_session()),
        }
    }

    fn refuse_expired(&self, session: &Session, now: i64) -> Answer<()> {
        if self.policy.expires && now > session.expires {
            return Err(errors::expired_session());
        }
        Ok(())
    }
}

impl Undo for Sessions {
    fn undo(&mut self, step: Step) {
        self.given.undo(step);
        self.of_devices.undo(step);
    }
}

/// 846 characters of base64url that begin like the service's (the sample in the service model).
pub(in crate::pool) fn session_text(random: &mut PoolRandom) -> String {
    let mut octets = random.octets(SESSION_OCTETS);
    octets[..SESSION_HEAD.len()].copy_from_slice(&SESSION_HEAD);
    data_encoding::BASE64URL_NOPAD.encode(&octets)
}

/// Base64url of these begins `AYAB`, as the published sample does.
const SESSION_HEAD: [u8; 3] = [0x01, 0x80, 0x01];
const SESSION_OCTETS: usize = 634;
