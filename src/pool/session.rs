//! `Session`: what the pool remembers between two requests of one sign-in.

use super::errors::{self, Answer};
use super::ledger::{Digest, Entry};
use super::pool::Pool;
use super::sign_in::{SignIn, Turn};
use crate::model::{AppClient, MfaMethod};
use crate::wire::{AuthResponse, ChallengeName, Parameters};

/// What a Session stands for.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// The sign-in that it carries on.
    pub(super) sign_in: SignIn,
    /// What it waits for.
    pub(super) awaits: Awaits,
    /// After which second it has expired.
    pub(super) expires: i64,
}

/// What a Session waits for.
#[derive(Clone, Debug)]
pub(super) enum Awaits {
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

/// One element of the triggers' session array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoundEntry {
    /// `challengeName`.
    pub(super) name: &'static str,
    /// `challengeResult`.
    pub(super) result: bool,
    /// `challengeMetadata`.
    pub(super) metadata: Option<String>,
}

impl RoundEntry {
    /// A round of this name that went well.
    pub(super) fn passed(name: &'static str) -> Self {
        Self {
            name,
            result: true,
            metadata: None,
        }
    }
}

impl Awaits {
    /// The challenge whose answer is awaited.
    pub(super) fn challenge(&self) -> ChallengeName {
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

impl Pool {
    /// Asks for the answer to a challenge: a new Session, and what the client is told.
    pub(super) fn challenge_with_session(
        &mut self,
        turn: Turn<'_>,
        awaits: Awaits,
        parameters: Parameters,
    ) -> AuthResponse {
        let name = awaits.challenge();
        let session = self.open_session(turn.client, turn.sign_in, awaits);
        AuthResponse::challenge(name, Some(session), parameters)
    }

    /// A new Session for what `client` has to answer.
    pub(super) fn open_session(
        &mut self,
        client: &AppClient,
        sign_in: SignIn,
        awaits: Awaits,
    ) -> String {
        let text = self.session_text();
        let session = Session {
            sign_in,
            awaits,
            expires: self
                .now()
                .saturating_add(60 * i64::from(client.auth_session_validity)),
        };
        // Kept after their time, since whoever shows one is told that it has expired.
        let now = self.now();
        self.sessions.add(&text, session, now, i64::MAX);
        text
    }

    /// 846 characters of base64url that begin like the service's (the sample in the service model).
    pub(super) fn session_text(&mut self) -> String {
        let mut octets = self.random.octets(SESSION_OCTETS);
        octets[..SESSION_HEAD.len()].copy_from_slice(&SESSION_HEAD);
        data_encoding::BASE64URL_NOPAD.encode(&octets)
    }

    /// The Session behind this text, if it may be answered by this client and challenge. It stays good until
    /// [`close_session`](Self::close_session) or [`void_session`](Self::void_session).
    pub(super) fn session(
        &self,
        text: Option<&str>,
        client: &AppClient,
        challenge: &ChallengeName,
    ) -> Answer<Session> {
        let session = self.any_session(text)?;
        if session.sign_in.client != client.id || session.awaits.challenge() != *challenge {
            return Err(errors::invalid_session());
        }
        self.refuse_expired(session)?;
        Ok(session.clone())
    }

    /// The Session behind this text, whoever may answer it, as long as it is good.
    pub(super) fn any_session(&self, text: Option<&str>) -> Answer<&Session> {
        let text = text.ok_or_else(|| errors::missing("Session"))?;
        match self.sessions.get(text) {
            Some(Entry::Live(session)) => Ok(session),
            Some(Entry::Used) => Err(errors::used_session()),
            Some(Entry::Void) | None => Err(errors::invalid_session()),
        }
    }

    /// Whether there ever was this Session.
    pub(super) fn knows_session(&self, text: &str) -> bool {
        self.sessions.get(text).is_some()
    }

    /// Refuses a Session after its time.
    pub(super) fn refuse_expired(&self, session: &Session) -> Answer<()> {
        if self.policy.sessions.expires && self.now() > session.expires {
            return Err(errors::expired_session());
        }
        Ok(())
    }

    /// The Session has been answered.
    pub(super) fn close_session(&mut self, text: Option<&str>) {
        if let Some(text) = text
            && self.policy.sessions.single_use
        {
            self.sessions.mark_used(text);
        }
    }

    /// The Session has met an error (aws-amplify/amplify-js#5834).
    pub(super) fn void_session(&mut self, text: Option<&str>) {
        if let Some(text) = text
            && self.policy.sessions.single_use
        {
            self.sessions.mark_void(text);
        }
    }
}

/// Base64url of these begins `AYAB`, as the published sample does.
const SESSION_HEAD: [u8; 3] = [0x01, 0x80, 0x01];
const SESSION_OCTETS: usize = 634;
