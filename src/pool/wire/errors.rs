//! The errors the pool answers with, word for word as the service's, each with its source.
//!
//! Clients match some of these texts literally, full stops and their absence included. *Captured* means seen in a
//! recording, *reported* means quoted by somebody, *inferred* means that no source shows the text.

use crate::wire::{ErrorKind, Operation, ServiceError};

/// What an operation of the pool comes to.
pub(in crate::pool) type Answer<T> = Result<T, ServiceError>;

/// Wrong password, proof, secret block or canonical time; `failAuthentication`; captured (ministackorg/ministack#1758).
pub(in crate::pool) fn incorrect() -> ServiceError {
    not_authorized("Incorrect username or password.")
}

/// A lock-out; documented (developer guide, authentication flow). No full stop.
pub(in crate::pool) fn attempts_exceeded() -> ServiceError {
    not_authorized("Password attempts exceeded")
}

/// A disabled user; reported.
pub(in crate::pool) fn disabled() -> ServiceError {
    not_authorized("User is disabled.")
}

/// A wrong `SECRET_HASH`, or one for a client without a secret; reported (capless/warrant#125 and others).
pub(in crate::pool) fn wrong_secret_hash(client: &str) -> ServiceError {
    not_authorized(format!("Unable to verify secret hash for client {client}"))
}

/// No `SECRET_HASH` for a client with a secret; reported (aws-amplify/amplify-android#2504).
pub(in crate::pool) fn no_secret_hash(client: &str) -> ServiceError {
    not_authorized(format!(
        "Client {client} is configured with secret but SECRET_HASH was not received"
    ))
}

/// A Session that is unknown, foreign or void; reported (aws-amplify/amplify-js#5834).
pub(in crate::pool) fn invalid_session() -> ServiceError {
    not_authorized("Invalid session for the user.")
}

/// A Session after its time; captured.
pub(in crate::pool) fn expired_session() -> ServiceError {
    not_authorized("Invalid session for the user, session is expired.")
}

/// A Session that was used; captured.
pub(in crate::pool) fn used_session() -> ServiceError {
    not_authorized("Invalid session for the user, session can only be used once.")
}

/// `ForgotPassword` of a user who still has a temporary password; reported.
pub(in crate::pool) fn cannot_reset_in_state() -> ServiceError {
    not_authorized("User password cannot be reset in the current state.")
}

/// An attribute that has a value can't be set with a new password; documented without a text (service model,
/// `ChallengeResponses`), the text is reported.
pub(in crate::pool) fn already_provided(attribute: &str) -> ServiceError {
    not_authorized(format!("Cannot modify an already provided {attribute}"))
}

/// An unknown user at sign-in, `LEGACY`; captured (floci-io/floci, `initiate-auth.srp.unknown-user`).
pub(in crate::pool) fn no_such_user() -> ServiceError {
    ServiceError::new(ErrorKind::UserNotFound, "User does not exist.")
}

/// An unknown user in `ForgotPassword` and its kin, `LEGACY`; captured (floci-io/floci, `forgot-password.unknown-user`).
pub(in crate::pool) fn no_such_combination() -> ServiceError {
    ServiceError::new(
        ErrorKind::UserNotFound,
        "Username/client id combination not found.",
    )
}

/// An unconfirmed user; reported, many.
pub(in crate::pool) fn not_confirmed() -> ServiceError {
    ServiceError::new(ErrorKind::UserNotConfirmed, "User is not confirmed.")
}

/// A user who must set a new password by a code; captured (aws-amplify/amplify-ui, `force-reset-password`).
pub(in crate::pool) fn reset_required() -> ServiceError {
    ServiceError::new(
        ErrorKind::PasswordResetRequired,
        "Password reset required for the user",
    )
}

/// A flow that is off; reported for SRP, `USER_PASSWORD_AUTH` and `USER_AUTH`, inferred for the others.
pub(in crate::pool) fn flow_off(flow: &str) -> ServiceError {
    invalid_parameter(match flow {
        "USER_SRP_AUTH" | "CUSTOM_AUTH" => format!("{flow} is not enabled for the client."),
        _ => format!("{flow} flow not enabled for this client"),
    })
}

/// Another flow than the one that `CUSTOM_AUTH_FLOW_ONLY` leaves; reported (aws-amplify/amplify-js#3379).
pub(in crate::pool) fn custom_only() -> ServiceError {
    invalid_parameter("Only custom auth (lambda driven) is enabled for this client.")
}

/// An administrator's flow in `InitiateAuth`; reported.
pub(in crate::pool) fn admin_flow() -> ServiceError {
    invalid_parameter("Initiate Auth method not supported.")
}

/// A parameter that a flow or challenge needs; captured for `SRP_A` and others (aws/aws-sdk-cpp#452), inferred for
/// `Session` where `CUSTOM_AUTH` asked for SRP.
pub(in crate::pool) fn missing(parameter: &str) -> ServiceError {
    invalid_parameter(format!("Missing required parameter {parameter}"))
}

/// `CUSTOM_AUTH` in a pool without the three triggers; reported.
pub(in crate::pool) fn no_custom_triggers() -> ServiceError {
    invalid_parameter("Custom auth lambda trigger is not configured for the user pool.")
}

/// An unreadable `TIMESTAMP`; captured (amazon-archives/amazon-cognito-identity-js#683).
pub(in crate::pool) fn timestamp_pattern() -> ServiceError {
    invalid_parameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
}

/// `SRP_A` that is no number or ≡ 0 modulo N. The type is reported (amazon-archives/amazon-cognito-identity-js#356), the
/// text is inferred.
pub(in crate::pool) fn bad_srp_a(why: &str) -> ServiceError {
    invalid_parameter(format!("Invalid SRP_A: {why}"))
}

/// A required attribute that is missing; captured for `SignUp` (aws-amplify/amplify-ui), with the line feed.
pub(in crate::pool) fn attribute_required(attribute: &str) -> ServiceError {
    invalid_parameter(format!(
        "Attributes did not conform to the schema: {attribute}: The attribute is required\n"
    ))
}

/// `ForgotPassword` of a user without a verified address; reported.
pub(in crate::pool) fn no_verified_address() -> ServiceError {
    invalid_parameter(
        "Cannot reset password for the user as there is no registered/verified email or phone_number",
    )
}

/// A new password that breaks the policy; captured for a short one (aws-amplify/amplify-ui,
/// `force-change-password-phone-failure`), reported for the others.
pub(in crate::pool) fn password_breaks(how: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::InvalidPassword,
        format!("Password does not conform to policy: {how}"),
    )
}

/// A temporary password after its time; reported.
pub(in crate::pool) fn invitation_expired() -> ServiceError {
    not_authorized("Temporary password has expired and must be reset by an administrator.")
}

/// A user name that is taken, in `SignUp`; captured (floci-io/floci, `sign-up.error.username-exists`).
pub(in crate::pool) fn username_exists() -> ServiceError {
    ServiceError::new(ErrorKind::UsernameExists, "User already exists")
}

/// A user name that is taken, in `AdminCreateUser`; reported (localstack/localstack#4465).
pub(in crate::pool) fn user_account_exists() -> ServiceError {
    ServiceError::new(ErrorKind::UsernameExists, "User account already exists")
}

/// `SignUp` in a pool where only administrators make users; reported.
pub(in crate::pool) fn sign_up_off() -> ServiceError {
    not_authorized("SignUp is not permitted for this user pool")
}

/// A user name that is none of the addresses that stand in for one; reported, inferred for phone numbers alone.
pub(in crate::pool) fn username_is_no_address(by_email: bool, by_phone: bool) -> ServiceError {
    invalid_parameter(match (by_email, by_phone) {
        (true, true) => "Username should be either an email or a phone number.",
        (_, true) => "Username should be a phone number.",
        _ => "Username should be an email.",
    })
}

/// A user name that looks like an alias; reported, many, inferred for phone numbers.
pub(in crate::pool) fn username_looks_like(attribute: &str) -> ServiceError {
    invalid_parameter(match attribute {
        "email" => {
            "Username cannot be of email format, since user pool is configured for email alias."
        }
        _ => {
            "Username cannot be of phone number format, since user pool is configured for phone number alias."
        }
    })
}

/// An address that is none; reported.
pub(in crate::pool) fn bad_address(attribute: &str) -> ServiceError {
    invalid_parameter(match attribute {
        "email" => "Invalid email address format.",
        _ => "Invalid phone number format.",
    })
}

/// `email_verified` and its kin, written by users; reported.
pub(in crate::pool) fn unauthorized_attribute() -> ServiceError {
    not_authorized("A client attempted to write unauthorized attribute")
}

/// An attribute that nobody can write; the text is inferred.
pub(in crate::pool) fn immutable_attribute(attribute: &str) -> ServiceError {
    invalid_parameter(format!("user.{attribute}: Attribute cannot be updated.\n"))
}

/// `SignUp` without a password where users need one; the type is documented, the text inferred.
pub(in crate::pool) fn password_needed() -> ServiceError {
    constraints(&[
        "Value null at 'password' failed to satisfy constraint: Member must not be null".to_owned(),
    ])
}

/// `ConfirmSignUp` of somebody who is not unconfirmed; reported.
pub(in crate::pool) fn cannot_be_confirmed(status: &str) -> ServiceError {
    not_authorized(format!(
        "User cannot be confirmed. Current status is {status}"
    ))
}

/// `ResendConfirmationCode` of somebody who is confirmed; captured (aws-amplify/amplify-ui, `user-already-confirmed-error`).
pub(in crate::pool) fn already_confirmed() -> ServiceError {
    invalid_parameter("User is already confirmed.")
}

/// `ResendConfirmationCode` where nothing is verified by a code; reported, many.
pub(in crate::pool) fn cannot_resend() -> ServiceError {
    invalid_parameter("Cannot resend codes. Auto verification not turned on.")
}

/// `RESEND` to somebody who has no temporary password; the type is documented, the text is an emulator's.
pub(in crate::pool) fn resend_not_possible(username: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::from("UnsupportedUserStateException"),
        format!("Resend not possible. {username} status is not FORCE_CHANGE_PASSWORD"),
    )
}

/// Factors that can't be preferred so; the text is inferred.
pub(in crate::pool) fn bad_preference(why: &str) -> ServiceError {
    invalid_parameter(format!("Invalid MFA preference: {why}"))
}

/// A filter of `ListUsers` that is none; the type is documented, the text is an emulator's.
pub(in crate::pool) fn bad_filter() -> ServiceError {
    invalid_parameter("Error while parsing filter")
}

/// A `PaginationToken` or `NextToken` that is none of this pool's; the text is inferred.
pub(in crate::pool) fn bad_page() -> ServiceError {
    invalid_parameter("Invalid pagination token.")
}

/// `UsernameAttributes` beside `AliasAttributes`; documented, the text is inferred.
pub(in crate::pool) fn two_kinds_of_names() -> ServiceError {
    invalid_parameter(
        "Only one of the aliasAttributes or usernameAttributes can be set in the user pool.",
    )
}

/// Settings of which there can't be a pool; the text is inferred.
pub(in crate::pool) fn impossible_setup(why: &str) -> ServiceError {
    invalid_parameter(format!("Invalid user pool settings: {why}"))
}

/// Legacy flows beside `ALLOW_*` ones; documented, the text is inferred.
pub(in crate::pool) fn mixed_flows() -> ServiceError {
    invalid_parameter(
        "Invalid ExplicitAuthFlows: legacy values can't be mixed with values that start with ALLOW_.",
    )
}

/// A token that would be good for too short or too long; reported.
pub(in crate::pool) fn bad_validity() -> ServiceError {
    invalid_parameter("Invalid range for token validity.")
}

/// MFA that is on without any factor; reported.
pub(in crate::pool) fn no_factor() -> ServiceError {
    invalid_parameter(
        "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.",
    )
}

/// A wrong code of a second factor; captured (observed errors, `Invalid code or auth state`).
pub(in crate::pool) fn wrong_factor_code() -> ServiceError {
    ServiceError::new(
        ErrorKind::CodeMismatch,
        "Invalid code or auth state for the user.",
    )
}

/// A wrong time-based code; reported.
pub(in crate::pool) fn wrong_software_code() -> ServiceError {
    ServiceError::new(ErrorKind::CodeMismatch, "Invalid code received for user")
}

/// A time-based code for the second time; captured (observed errors).
pub(in crate::pool) fn used_software_code() -> ServiceError {
    ServiceError::new(
        ErrorKind::ExpiredCode,
        "Your software token has already been used once.",
    )
}

/// A wrong code in `VerifySoftwareToken`; reported.
pub(in crate::pool) fn software_token_mismatch() -> ServiceError {
    ServiceError::new(ErrorKind::EnableSoftwareTokenMFA, "Code mismatch")
}

/// `VerifySoftwareToken` without `AssociateSoftwareToken` before; the text is inferred.
pub(in crate::pool) fn no_software_token() -> ServiceError {
    ServiceError::new(
        ErrorKind::from("SoftwareTokenMFANotFoundException"),
        "Software token TOTP multi-factor authentication (MFA) is not enabled for the user.",
    )
}

/// A factor that is turned on though the user lacks what it needs; reported for the time-based one, inferred for others.
pub(in crate::pool) fn factor_not_set_up(factor: &str) -> ServiceError {
    invalid_parameter(match factor {
        "SOFTWARE_TOKEN_MFA" => "User has not verified software token mfa".to_owned(),
        "SMS_MFA" => "User does not have delivery config set to turn on SMS_MFA".to_owned(),
        other => format!("User does not have delivery config set to turn on {other}"),
    })
}

/// A factor that was not among those to choose from; the text is inferred.
pub(in crate::pool) fn no_such_choice() -> ServiceError {
    invalid_parameter("Invalid challenge selection")
}

/// A device that the user hasn't; reported, and matched word for word by amplify-js.
pub(in crate::pool) fn no_such_device() -> ServiceError {
    ServiceError::new(ErrorKind::ResourceNotFound, "Device does not exist.")
}

/// The same in words that no client looks for, as an emulator may have it.
pub(in crate::pool) fn no_such_device_in_other_words() -> ServiceError {
    ServiceError::new(ErrorKind::ResourceNotFound, "Device not found")
}

/// A verifier that is no non-negative number; refused (aws/aws-sdk-net-extensions-cognito#46), the text is inferred.
pub(in crate::pool) fn bad_device_verifier(why: &str) -> ServiceError {
    invalid_parameter(format!("Invalid device secret verifier config: {why}"))
}

/// `ConfirmDevice` of a device that came of a sign-in by an alias; reported (boto/boto3#4059, aws-amplify/amplify-js#7615).
pub(in crate::pool) fn invalid_device_key() -> ServiceError {
    invalid_parameter("Invalid device key given.")
}

/// `ConfirmDevice` for the second time; the text is inferred.
pub(in crate::pool) fn device_confirmed() -> ServiceError {
    invalid_parameter("Device has already been confirmed.")
}

/// An operation on devices in a pool that doesn't track them; the text is inferred.
pub(in crate::pool) fn devices_not_tracked() -> ServiceError {
    invalid_parameter("User pool does not have device configuration.")
}

/// An access token that is none of this pool's; reported.
pub(in crate::pool) fn invalid_access_token() -> ServiceError {
    not_authorized("Invalid Access Token")
}

/// An access token after its time; reported.
pub(in crate::pool) fn expired_access_token() -> ServiceError {
    not_authorized("Access Token has expired")
}

/// An access token of a sign-in that was revoked; reported.
pub(in crate::pool) fn revoked_access_token() -> ServiceError {
    not_authorized("Access Token has been revoked")
}

/// A refresh token that is none, or that is shown without its device; captured.
pub(in crate::pool) fn invalid_refresh_token() -> ServiceError {
    not_authorized("Invalid Refresh Token.")
}

/// A refresh token after its time; reported.
pub(in crate::pool) fn expired_refresh_token() -> ServiceError {
    not_authorized("Refresh Token has expired")
}

/// A refresh token that was revoked; captured.
pub(in crate::pool) fn revoked_refresh_token() -> ServiceError {
    not_authorized("Refresh Token has been revoked")
}

/// A refresh token that was replaced longer ago than the grace period; the type is documented, the text inferred.
pub(in crate::pool) fn reused_refresh_token() -> ServiceError {
    ServiceError::new(
        ErrorKind::from("RefreshTokenReuseException"),
        "Refresh token has already been used.",
    )
}

/// `REFRESH_TOKEN_AUTH` at a client with rotation; documented, the text is inferred.
pub(in crate::pool) fn refresh_flow_off() -> ServiceError {
    invalid_parameter(
        "Refresh token rotation is enabled for this client; use GetTokensFromRefreshToken.",
    )
}

/// `GetTokensFromRefreshToken` and `RevokeToken` without the secret, or with a wrong one; the text is an emulator's.
pub(in crate::pool) fn wrong_client_secret(client: &str) -> ServiceError {
    not_authorized(format!(
        "Client {client} is configured for secret but secret was not received"
    ))
}

/// `RevokeToken` with something else than a refresh token; the type is documented, the text inferred.
pub(in crate::pool) fn unsupported_token() -> ServiceError {
    ServiceError::new(
        ErrorKind::from("UnsupportedTokenTypeException"),
        "Unsupported token type",
    )
}

/// An administrator's flow that is off; reported, many.
pub(in crate::pool) fn admin_flow_off() -> ServiceError {
    invalid_parameter("Auth flow not enabled for this client")
}

/// A trigger that did not answer in time, three times; the type is documented, the text reported.
pub(in crate::pool) fn trigger_timed_out(trigger: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::from("UnexpectedLambdaException"),
        format!("{trigger} failed with error Socket timeout while invoking Lambda function."),
    )
}

/// Not an answer: an operation stops here until a function outside has been asked, and is begun again.
pub(in crate::pool) fn waits_for_trigger() -> ServiceError {
    ServiceError::new(
        ErrorKind::InternalError,
        "a trigger was not asked; please report this as a fault of the pool",
    )
}

/// A wrong code; captured (floci-io/floci, `confirm-sign-up.error.code-mismatch`).
pub(in crate::pool) fn code_mismatch() -> ServiceError {
    ServiceError::new(
        ErrorKind::CodeMismatch,
        "Invalid verification code provided, please try again.",
    )
}

/// An old code, or none; reported (aws-amplify/amplify-flutter#1128).
pub(in crate::pool) fn code_expired() -> ServiceError {
    ServiceError::new(
        ErrorKind::ExpiredCode,
        "Invalid code provided, please request a code again.",
    )
}

/// An attribute that no code can verify; reported (aws-amplify/amplify-js#3652).
pub(in crate::pool) fn cannot_be_verified() -> ServiceError {
    invalid_parameter("Invalid attribute name. Only phone_number and email can be verified")
}

/// A code for an attribute that the user doesn't have; the type is documented, the text is inferred.
pub(in crate::pool) fn no_address(attribute: &str) -> ServiceError {
    invalid_parameter(format!("User does not have a value for {attribute}."))
}

/// An alias that another user has; documented for `ConfirmSignUp` and `VerifyUserAttribute`, inferred for migrated
/// users.
pub(in crate::pool) fn alias_exists(attribute: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::AliasExists,
        format!("An account with the {attribute} already exists."),
    )
}

/// A trigger that threw; captured for Define, Create and UserMigration (aws-amplify/amplify-flutter#3779).
pub(in crate::pool) fn trigger_failed(trigger: &str, message: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::UserLambdaValidation,
        format!("{trigger} failed with error {message}."),
    )
}

/// A trigger whose function can't be asked; the type is documented, the text ours.
pub(in crate::pool) fn trigger_not_invoked(trigger: &str, why: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::from("UnexpectedLambdaException"),
        format!("{trigger} failed with error {why}."),
    )
}

/// A trigger that returned something that is no JSON; reported.
pub(in crate::pool) fn output_not_json() -> ServiceError {
    ServiceError::new(
        ErrorKind::InvalidLambdaResponse,
        "Invalid lambda function output : Invalid JSON",
    )
}

/// A trigger that returned something else than its event; captured.
pub(in crate::pool) fn unrecognizable_output() -> ServiceError {
    ServiceError::new(
        ErrorKind::InvalidLambdaResponse,
        "Unrecognizable lambda output",
    )
}

/// An unknown app client; reported.
pub(in crate::pool) fn no_such_client(client: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::ResourceNotFound,
        format!("User pool client {client} does not exist."),
    )
}

/// An unknown pool; reported.
pub(in crate::pool) fn no_such_pool(id: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::ResourceNotFound,
        format!("User pool {id} does not exist."),
    )
}

/// Members outside the service model's bounds, in the words that AWS services share.
pub(in crate::pool) fn constraints(breaches: &[String]) -> ServiceError {
    let errors = if breaches.len() == 1 {
        "error"
    } else {
        "errors"
    };
    invalid_parameter(format!(
        "{} validation {errors} detected: {}",
        breaches.len(),
        breaches.join("; ")
    ))
}

/// A body that is no JSON object or has members of the wrong type. AWS JSON services share the name; the text is ours.
pub(in crate::pool) fn serialization(what: impl Into<String>) -> ServiceError {
    ServiceError::new(ErrorKind::Other("SerializationException".to_owned()), what)
}

/// A request for something the pool doesn't do. AWS JSON services share the name; the text is ours.
pub(in crate::pool) fn unknown_operation(what: impl Into<String>) -> ServiceError {
    ServiceError::new(
        ErrorKind::Other("UnknownOperationException".to_owned()),
        what,
    )
}

/// An operation that the pool doesn't have; the text is ours.
pub(in crate::pool) fn operation_not_offered(operation: &Operation) -> ServiceError {
    unknown_operation(format!(
        "{} is not offered by this pool, which offers what a sign-in can touch",
        shortened(operation.as_str())
    ))
}

/// A flow of the service that this pool doesn't offer; the text is ours.
pub(in crate::pool) fn flow_not_offered(what: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::UnsupportedOperation,
        format!(
            "{what} is not offered by this pool, which offers USER_SRP_AUTH, USER_PASSWORD_AUTH and CUSTOM_AUTH"
        ),
    )
}

/// `NotAuthorizedException` with this text.
pub(in crate::pool) fn not_authorized(message: impl Into<String>) -> ServiceError {
    ServiceError::new(ErrorKind::NotAuthorized, message)
}

/// `InvalidParameterException` with this text.
pub(in crate::pool) fn invalid_parameter(message: impl Into<String>) -> ServiceError {
    ServiceError::new(ErrorKind::InvalidParameter, message)
}

/// What was sent, cut short so that errors and logs stay small.
pub(in crate::pool) fn shortened(text: &str) -> String {
    let mut shortened: String = text.chars().take(SHOWN).collect();
    if shortened.len() < text.len() {
        shortened.push('…');
    }
    shortened
}

const SHOWN: usize = 64;
