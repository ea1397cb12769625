//! One sign-in: whom it is about, and what is settled of it.

use super::subject::Subject;
use crate::model::AppClient;
use crate::wire::Parameters;

/// A sign-in: what is settled of it.
#[derive(Clone, Debug)]
pub(in crate::pool) struct SignIn {
    /// Which client it was started by.
    pub(in crate::pool) client: String,
    /// Whom it is about.
    pub(in crate::pool) subject: Subject,
    /// Whether an administrator's operation started it.
    pub(in crate::pool) by_admin: bool,
    /// The session array, where triggers decide what comes next.
    pub(in crate::pool) entries: Option<Vec<RoundEntry>>,
    /// The device that was named, which the user has.
    pub(in crate::pool) device: Option<String>,
    /// Whether an answer at which the service takes an alias named one.
    pub(in crate::pool) named_by_alias: bool,
    /// Which steps are done.
    pub(in crate::pool) done: Done,
    /// Which occasion PreTokenGeneration is told.
    pub(in crate::pool) occasion: Occasion,
}

/// Steps that are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::pool) struct Done {
    /// The password was proved.
    pub(in crate::pool) password: bool,
    /// It was proved by SRP.
    pub(in crate::pool) srp: bool,
    /// A second factor was shown, or stands in for one.
    pub(in crate::pool) second_factor: bool,
    /// The triggers ask for nothing more.
    pub(in crate::pool) triggers: bool,
    /// The device was proved.
    pub(in crate::pool) device: bool,
}

/// The occasion on which tokens are made (`TokenGeneration_…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pool) enum Occasion {
    /// A sign-in.
    Authentication,
    /// A sign-in that set a new password.
    NewPasswordChallenge,
    /// A sign-in in which the device was proved.
    AuthenticateDevice,
    /// Refresh.
    RefreshTokens,
}

impl Occasion {
    /// `triggerSource` of PreTokenGeneration.
    pub(in crate::pool) fn source(self) -> &'static str {
        match self {
            Self::Authentication => "TokenGeneration_Authentication",
            Self::NewPasswordChallenge => "TokenGeneration_NewPasswordChallenge",
            Self::AuthenticateDevice => "TokenGeneration_AuthenticateDevice",
            Self::RefreshTokens => "TokenGeneration_RefreshTokens",
        }
    }
}

/// One sign-in at one moment.
pub(in crate::pool) struct Turn<'a> {
    /// The app client.
    pub(in crate::pool) client: &'a AppClient,
    /// The sign-in.
    pub(in crate::pool) sign_in: SignIn,
    /// `ClientMetadata`, where the triggers of an answer may see it.
    pub(in crate::pool) metadata: Option<&'a Parameters>,
}

impl SignIn {
    /// A sign-in of which nothing is settled.
    pub(in crate::pool) fn new(client: &AppClient, subject: Subject) -> Self {
        Self {
            client: client.id.clone(),
            subject,
            by_admin: false,
            entries: None,
            device: None,
            named_by_alias: false,
            done: Done::default(),
            occasion: Occasion::Authentication,
        }
    }

    /// Writes a round that went well into the session array, if there is one.
    pub(in crate::pool) fn passed(&mut self, name: &'static str) {
        if let Some(entries) = &mut self.entries {
            entries.push(RoundEntry::passed(name));
        }
    }
}

/// One element of the triggers' session array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) struct RoundEntry {
    /// `challengeName`.
    pub(in crate::pool) name: &'static str,
    /// `challengeResult`.
    pub(in crate::pool) result: bool,
    /// `challengeMetadata`.
    pub(in crate::pool) metadata: Option<String>,
}

impl RoundEntry {
    /// A round of this name that went well.
    pub(in crate::pool) fn passed(name: &'static str) -> Self {
        Self {
            name,
            result: true,
            metadata: None,
        }
    }
}
