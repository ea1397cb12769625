//! `Session`: what the pool remembers between two requests of one sign-in.

use super::errors::{self, Answer};
use super::ledger::Entry;
use super::pool::Pool;
use super::subject::Subject;
use crate::model::AppClient;
use crate::wire::{ChallengeName, Parameters};

/// What a Session stands for.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// Which client it was made for.
    pub(super) client: String,
    /// Whom it is about.
    pub(super) subject: Subject,
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
        /// `SECRET_BLOCK` as sent.
        block: String,
    },
    /// The answer to a custom challenge.
    Custom {
        /// The session array so far.
        entries: Vec<RoundEntry>,
        /// What Create kept for Verify.
        private: Parameters,
        /// What Create wrote down for Define.
        metadata: Option<String>,
    },
    /// A new password.
    NewPassword {
        /// The session array so far, when custom challenges follow.
        then: Option<Vec<RoundEntry>>,
    },
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
    fn challenge(&self) -> ChallengeName {
        match self {
            Self::Verifier { .. } => ChallengeName::PasswordVerifier,
            Self::Custom { .. } => ChallengeName::CustomChallenge,
            Self::NewPassword { .. } => ChallengeName::NewPasswordRequired,
        }
    }
}

impl Pool {
    /// A new Session for what `client` has to answer.
    pub(super) fn open_session(
        &mut self,
        client: &AppClient,
        subject: &Subject,
        awaits: Awaits,
    ) -> String {
        let text = self.session_text();
        let session = Session {
            client: client.id.clone(),
            subject: subject.clone(),
            awaits,
            expires: self
                .now()
                .saturating_add(60 * i64::from(client.auth_session_validity)),
        };
        self.sessions.add(text.clone(), session);
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
        let text = text.ok_or_else(|| errors::missing("Session"))?;
        let session = match self.sessions.get(text) {
            Some(Entry::Live(session)) => session,
            Some(Entry::Used) => return Err(errors::used_session()),
            Some(Entry::Void) | None => return Err(errors::invalid_session()),
        };
        if session.client != client.id || session.awaits.challenge() != *challenge {
            return Err(errors::invalid_session());
        }
        if self.policy.sessions.expires && self.now() > session.expires {
            return Err(errors::expired_session());
        }
        Ok(session.clone())
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
