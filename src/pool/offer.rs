//! What the pool offers, and how it is known that the service does it so.

use std::fmt;

use crate::model::Strength;

/// Something that the pool offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is.
    pub kind: OfferKind,
    /// The service's name of it.
    pub name: &'static str,
    /// The best evidence there is.
    pub evidence: Strength,
    /// Where that is from.
    pub sources: &'static str,
    /// What about it is only inferred, empty where nothing is.
    pub inferred: &'static str,
}

/// What an [`Offer`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfferKind {
    /// An operation.
    Operation,
    /// A flow of `InitiateAuth`.
    Flow,
    /// A challenge.
    Challenge,
    /// A trigger.
    Trigger,
}

impl fmt::Display for OfferKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operation => "operation",
            Self::Flow => "flow",
            Self::Challenge => "challenge",
            Self::Trigger => "trigger",
        })
    }
}

/// Everything that the pool offers: operations with their flows and challenges, then triggers.
pub const OFFERS: &[Offer] = &[
    offer(
        OfferKind::Operation,
        "InitiateAuth",
        Strength::Captured,
        "recordings 2018-01-srp-success, 2023-08-signup-srp-getuser, 2026-05/initiate-auth.srp.unknown-user; service model",
        "the order of the checks of flow, secret hash and user",
    ),
    offer(
        OfferKind::Flow,
        "USER_SRP_AUTH",
        Strength::Captured,
        "recordings 2018-01-srp-success, challenges/*; ministackorg/ministack#1758",
        "the answer to an A that is no number or a multiple of N",
    ),
    offer(
        OfferKind::Flow,
        "USER_PASSWORD_AUTH",
        Strength::Captured,
        "ministackorg/ministack#1758; service model",
        "",
    ),
    offer(
        OfferKind::Flow,
        "CUSTOM_AUTH",
        Strength::Captured,
        "session array: aws-amplify/amplify-js#3159; developer guide: custom challenge triggers",
        "what happens when Define wants a password that nobody offered",
    ),
    offer(
        OfferKind::Flow,
        "USER_AUTH",
        Strength::Captured,
        "list, simulated code and temporary password: a published trace; service model",
        "the parameters of SELECT_CHALLENGE",
    ),
    offer(
        OfferKind::Flow,
        "ADMIN_USER_PASSWORD_AUTH",
        Strength::Documented,
        "service model: AuthFlowType; by its older name ADMIN_NO_SRP_AUTH, too",
        "",
    ),
    offer(
        OfferKind::Flow,
        "REFRESH_TOKEN_AUTH",
        Strength::Captured,
        "errors: aws-amplify/amplify-swift#3344; by its older name REFRESH_TOKEN, too",
        "its refusal at clients with rotation",
    ),
    offer(
        OfferKind::Operation,
        "RespondToAuthChallenge",
        Strength::Captured,
        "recordings 2018-01-srp-success, challenges/net-2017-06; service model",
        "",
    ),
    offer(
        OfferKind::Challenge,
        "PASSWORD_VERIFIER",
        Strength::Captured,
        "recordings 2018-01-srp-success, challenges/*; ministackorg/ministack#1758",
        "the life of a secret block, the window of TIMESTAMP",
    ),
    offer(
        OfferKind::Challenge,
        "NEW_PASSWORD_REQUIRED",
        Strength::Captured,
        "recordings amplify-ui/force-change-password*",
        "its place before custom challenges",
    ),
    offer(
        OfferKind::Challenge,
        "SMS_MFA",
        Strength::Captured,
        "recordings amplify-ui/force-change-password-sms-mfa, amplify-ui/confirm-sign-in-sms-mfa",
        "",
    ),
    offer(
        OfferKind::Challenge,
        "EMAIL_OTP",
        Strength::Captured,
        "a published trace: six wrong codes, one Session",
        "as a second factor: its parameters",
    ),
    offer(
        OfferKind::Challenge,
        "SOFTWARE_TOKEN_MFA",
        Strength::Captured,
        "errors: recordings observed; sample of the service model; RFC 6238",
        "the text for a wrong code",
    ),
    offer(
        OfferKind::Challenge,
        "SELECT_MFA_TYPE",
        Strength::Documented,
        "service model: ChallengeResponses; read by amplify-js and amplify-swift",
        "its other parameters",
    ),
    offer(
        OfferKind::Challenge,
        "MFA_SETUP",
        Strength::Captured,
        "recordings amplify-ui/force-change-password-mfa-setup*",
        "the set-up of an e-mail address, which clients do and the guide doesn't mention",
    ),
    offer(
        OfferKind::Challenge,
        "CUSTOM_CHALLENGE",
        Strength::Captured,
        "aws-amplify/amplify-js#3159; developer guide: custom challenge triggers",
        "",
    ),
    offer(
        OfferKind::Challenge,
        "SELECT_CHALLENGE",
        Strength::Captured,
        "a published trace; service model: ChallengeResponses",
        "its parameters, and the text for a wrong choice",
    ),
    offer(
        OfferKind::Challenge,
        "SMS_OTP",
        Strength::Documented,
        "service model: ChallengeNameType",
        "",
    ),
    offer(
        OfferKind::Challenge,
        "DEVICE_SRP_AUTH",
        Strength::Documented,
        "developer guide: working with user devices; AWS's own sample SRPDemo.java",
        "its place after a second factor and after custom challenges; its parameters",
    ),
    offer(
        OfferKind::Challenge,
        "DEVICE_PASSWORD_VERIFIER",
        Strength::Captured,
        "recording 2021-08-device-password-verifier-request; AWS's own sample SRPDemo.java",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminInitiateAuth",
        Strength::Captured,
        "with USER_SRP_AUTH: ministackorg/ministack#1758; service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminRespondToAuthChallenge",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "GetTokensFromRefreshToken",
        Strength::Documented,
        "service model; developer guide: refresh token rotation",
        "the text when a rotated token is used again",
    ),
    offer(
        OfferKind::Operation,
        "RevokeToken",
        Strength::Documented,
        "service model; developer guide: token revocation",
        "the text for another kind of token",
    ),
    offer(
        OfferKind::Operation,
        "GlobalSignOut",
        Strength::Documented,
        "service model; error texts reported",
        "",
    ),
    offer(
        OfferKind::Operation,
        "ConfirmDevice",
        Strength::Reported,
        "negative verifiers: aws/aws-sdk-net-extensions-cognito#46; developer guide: working with user devices",
        "the texts of its refusals",
    ),
    offer(
        OfferKind::Operation,
        "UpdateDeviceStatus",
        Strength::Documented,
        "developer guide: working with user devices",
        "",
    ),
    offer(
        OfferKind::Operation,
        "GetDevice",
        Strength::Documented,
        "service model: DeviceType",
        "names of device attributes",
    ),
    offer(
        OfferKind::Operation,
        "ListDevices",
        Strength::Documented,
        "service model",
        "names of device attributes",
    ),
    offer(
        OfferKind::Operation,
        "ForgetDevice",
        Strength::Documented,
        "service model; error text: amplify-js matches it word for word",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AssociateSoftwareToken",
        Strength::Captured,
        "recording amplify-ui/force-change-password-mfa-setup-associate-software-token",
        "",
    ),
    offer(
        OfferKind::Operation,
        "VerifySoftwareToken",
        Strength::Documented,
        "service model; error text reported",
        "",
    ),
    offer(
        OfferKind::Operation,
        "SetUserMFAPreference",
        Strength::Documented,
        "service model; error texts reported",
        "",
    ),
    offer(
        OfferKind::Operation,
        "SignUp",
        Strength::Captured,
        "recordings 2026-05/sign-up.*, 2023-08-signup-srp-getuser, amplify-ui/sign-up-*",
        "",
    ),
    offer(
        OfferKind::Operation,
        "ConfirmSignUp",
        Strength::Captured,
        "recordings 2026-05/confirm-sign-up.error.code-mismatch, amplify-ui/ConfirmSignUp-invalid-code",
        "the Session for a sign-in right after it",
    ),
    offer(
        OfferKind::Operation,
        "ResendConfirmationCode",
        Strength::Captured,
        "recordings 2026-05/resend-confirmation.*, amplify-ui/resend-confirmation-code-*, amplify-ui/user-already-confirmed-error",
        "",
    ),
    offer(
        OfferKind::Operation,
        "ForgotPassword",
        Strength::Captured,
        "recordings 2026-05/forgot-password.unknown-user, amplify-ui/forgot-password-*, amplify-ui/reset-password",
        "",
    ),
    offer(
        OfferKind::Operation,
        "ConfirmForgotPassword",
        Strength::Captured,
        "recordings amplify-ui/confirm-reset-password, amplify-ui/code-mismatch-exception",
        "",
    ),
    offer(
        OfferKind::Operation,
        "ChangePassword",
        Strength::Captured,
        "recording amplify-ui/ChangePassword.success",
        "",
    ),
    offer(
        OfferKind::Operation,
        "GetUser",
        Strength::Captured,
        "recordings 2023-08-signup-srp-getuser, amplify-ui/fetch-user-attributes-*",
        "",
    ),
    offer(
        OfferKind::Operation,
        "UpdateUserAttributes",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "GetUserAttributeVerificationCode",
        Strength::Captured,
        "recordings amplify-ui/verify-user-email, amplify-ui/user-attribute-verification-code; errors: aws-amplify/amplify-js#3652",
        "the order of the checks, and the text where the user has no such address",
    ),
    offer(
        OfferKind::Operation,
        "VerifyUserAttribute",
        Strength::Captured,
        "recording amplify-ui/confirm-user-attribute; wrong and used codes: floci-io/floci#2018",
        "the order of the checks",
    ),
    offer(
        OfferKind::Operation,
        "DeleteUser",
        Strength::Captured,
        "recording amplify-ui/delete-user",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminCreateUser",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminSetUserPassword",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminConfirmSignUp",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminGetUser",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminDisableUser",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminEnableUser",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminResetUserPassword",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminUpdateUserAttributes",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminSetUserMFAPreference",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminDeleteUser",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminUserGlobalSignOut",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminListDevices",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminGetDevice",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "AdminForgetDevice",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "ListUsers",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "CreateUserPool",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "UpdateUserPool",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "DescribeUserPool",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "DeleteUserPool",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "ListUserPools",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "SetUserPoolMfaConfig",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "GetUserPoolMfaConfig",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "CreateUserPoolClient",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "UpdateUserPoolClient",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "DescribeUserPoolClient",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "DeleteUserPoolClient",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Operation,
        "ListUserPoolClients",
        Strength::Documented,
        "service model",
        "",
    ),
    offer(
        OfferKind::Trigger,
        "PreSignUp",
        Strength::Documented,
        "developer guide: pre sign-up trigger",
        "",
    ),
    offer(
        OfferKind::Trigger,
        "PostConfirmation",
        Strength::Documented,
        "developer guide: post confirmation trigger",
        "",
    ),
    offer(
        OfferKind::Trigger,
        "PreAuthentication",
        Strength::Reported,
        "aws-amplify/amplify-android#2523; developer guide: pre authentication trigger",
        "the exception of one that throws: two reports differ",
    ),
    offer(
        OfferKind::Trigger,
        "PostAuthentication",
        Strength::Documented,
        "developer guide: post authentication trigger",
        "",
    ),
    offer(
        OfferKind::Trigger,
        "UserMigration",
        Strength::Captured,
        "error: aws-amplify/amplify-flutter#3779; developer guide: migrate user trigger",
        "the error of an answer with a sub",
    ),
    offer(
        OfferKind::Trigger,
        "DefineAuthChallenge",
        Strength::Captured,
        "aws-amplify/amplify-js#5834, #3159; developer guide: define auth challenge trigger",
        "what it sees after a wrong proof",
    ),
    offer(
        OfferKind::Trigger,
        "CreateAuthChallenge",
        Strength::Captured,
        "aws-amplify/amplify-js#5834; developer guide: create auth challenge trigger",
        "",
    ),
    offer(
        OfferKind::Trigger,
        "VerifyAuthChallengeResponse",
        Strength::Documented,
        "developer guide: verify auth challenge response trigger",
        "",
    ),
    offer(
        OfferKind::Trigger,
        "PreTokenGeneration",
        Strength::Documented,
        "developer guide: pre token generation trigger, V1_0",
        "",
    ),
];

const fn offer(
    kind: OfferKind,
    name: &'static str,
    evidence: Strength,
    sources: &'static str,
    inferred: &'static str,
) -> Offer {
    Offer {
        kind,
        name,
        evidence,
        sources,
        inferred,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::TriggerName;
    use crate::wire::{ChallengeName, Operation};

    #[test]
    fn every_operation_and_trigger_of_the_pool_is_listed_once() {
        let of = |kind: OfferKind| -> Vec<&str> {
            OFFERS
                .iter()
                .filter(|offer| offer.kind == kind)
                .map(|offer| offer.name)
                .collect()
        };
        let listed: BTreeSet<_> = of(OfferKind::Operation).into_iter().collect();
        let offered: BTreeSet<_> = Operation::ALL.iter().map(Operation::as_str).collect();
        assert_eq!(listed, offered, "operations");
        assert_eq!(
            of(OfferKind::Trigger),
            TriggerName::ALL.map(TriggerName::as_str),
            "triggers"
        );
        let challenges: BTreeSet<_> = of(OfferKind::Challenge).into_iter().collect();
        for challenge in &challenges {
            let known = ChallengeName::from(*challenge);
            assert!(!matches!(known, ChallengeName::Other(_)), "{challenge}");
        }
        assert_eq!(
            OFFERS.len(),
            listed.len() + 9 + challenges.len() + of(OfferKind::Flow).len()
        );
    }
}
