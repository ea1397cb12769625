//! Service errors: their names, and the several places a client may read them from.

use serde::{Deserialize, Serialize};

use super::http::HttpResponse;

/// An error the service answered with: the shape's bare name and the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct ServiceError {
    /// The shape's name, without namespace or suffix.
    pub kind: ErrorKind,
    /// The text; clients match some of these literally.
    pub message: String,
}

impl ServiceError {
    /// An error of `kind` with `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Reads an error response the way the official JavaScript client does: the `x-amzn-ErrorType` header, else `code`,
    /// else `__type`; cut at the first `,` or `:` and after a `#`; the message from `message` or `Message`.
    ///
    /// Returns `None` for a success, and for a failure that carries no error name at all.
    pub fn from_response(response: &HttpResponse) -> Option<Self> {
        if (200..300).contains(&response.status) {
            return None;
        }
        let body: serde_json::Value =
            serde_json::from_slice(response.body.as_bytes()).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(serde_json::Value::as_str);
        let raw = response
            .header("x-amzn-errortype")
            .or_else(|| text("code"))
            .or_else(|| text("__type"))?;
        let kind = ErrorKind::from(bare_name(raw));
        let message = text("message")
            .or_else(|| text("Message"))
            .or_else(|| response.header("x-amzn-errormessage"));
        Some(Self::new(kind, message.unwrap_or("Unknown error")))
    }
}

fn bare_name(raw: &str) -> &str {
    let cut = raw.split([',', ':']).next().unwrap_or(raw);
    cut.rsplit('#').next().unwrap_or(cut).trim()
}

macro_rules! error_kinds {
    ($($(#[$meta:meta])* $variant:ident),+ $(,)?) => {
        /// The name of a service error (service model: shapes with the `exception` trait).
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum ErrorKind {
            $($(#[$meta])* $variant,)+
            /// A name outside this list, kept as it was.
            Other(String),
        }

        impl ErrorKind {
            /// Every name of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The shape's bare name.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => concat!(stringify!($variant), "Exception"),)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for ErrorKind {
            fn from(text: &str) -> Self {
                match text.strip_suffix("Exception") {
                    $(Some(stringify!($variant)) => Self::$variant,)+
                    _ => Self::Other(text.to_owned()),
                }
            }
        }
    };
}

error_kinds! {
    /// Another user has the alias.
    AliasExists,
    /// A code could not be sent.
    CodeDeliveryFailure,
    /// A wrong code.
    CodeMismatch,
    /// Two changes at once.
    ConcurrentModification,
    /// The factor is not set up.
    EnableSoftwareTokenMFA,
    /// An old code.
    ExpiredCode,
    /// Refused by a web application firewall.
    Forbidden,
    /// The service's own fault.
    InternalError,
    /// The pool may not send e-mail.
    InvalidEmailRoleAccessPolicy,
    /// A trigger answered something unusable.
    InvalidLambdaResponse,
    /// A parameter is wrong.
    InvalidParameter,
    /// A new password breaks the policy.
    InvalidPassword,
    /// The pool may not send SMS.
    InvalidSmsRoleAccessPolicy,
    /// The pool may not send SMS.
    InvalidSmsRoleTrustRelationship,
    /// The pool's settings do not fit together.
    InvalidUserPoolConfiguration,
    /// Too many attempts of one user.
    LimitExceeded,
    /// The factor does not exist.
    MFAMethodNotFound,
    /// Wrong password, proof, session, secret hash; a disabled user; a lock-out.
    NotAuthorized,
    /// The operation is switched off.
    OperationNotEnabled,
    /// A password used before.
    PasswordHistoryPolicyViolation,
    /// The user must set a new password first.
    PasswordResetRequired,
    /// A rotated refresh token came again.
    RefreshTokenReuse,
    /// No such pool, client or device.
    ResourceNotFound,
    /// No time-based codes for this user.
    SoftwareTokenMFANotFound,
    /// Too many wrong attempts.
    TooManyFailedAttempts,
    /// Too many requests.
    TooManyRequests,
    /// A trigger could not be run.
    UnexpectedLambda,
    /// Not offered for this pool.
    UnsupportedOperation,
    /// A trigger threw.
    UserLambdaValidation,
    /// The name is taken.
    UsernameExists,
    /// The user has not confirmed the sign-up.
    UserNotConfirmed,
    /// No such user.
    UserNotFound,
}

impl From<String> for ErrorKind {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<ErrorKind> for String {
    fn from(kind: ErrorKind) -> Self {
        kind.as_str().to_owned()
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(headers: &[(&str, &str)], body: &str) -> HttpResponse {
        HttpResponse::new(
            400,
            headers
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            body,
        )
    }

    #[test]
    fn the_error_type_header_wins_and_loses_its_trailing_colon() {
        let response = failed(
            &[("x-amzn-ErrorType", "NotAuthorizedException:")],
            r#"{"__type":"X","message":"m"}"#,
        );
        let error = ServiceError::from_response(&response).expect("a failure with a name");
        assert_eq!(error, ServiceError::new(ErrorKind::NotAuthorized, "m"));
    }

    #[test]
    fn a_namespaced_type_and_a_capital_message_are_understood() {
        let response = failed(
            &[],
            r#"{"__type":"com.amazonaws.cognito#UserNotFoundException","Message":"gone"}"#,
        );
        let error = ServiceError::from_response(&response).expect("a failure with a name");
        assert_eq!(error, ServiceError::new(ErrorKind::UserNotFound, "gone"));
    }

    #[test]
    fn a_failure_without_any_name_is_no_service_error() {
        assert_eq!(ServiceError::from_response(&failed(&[], "<html>")), None);
    }

    #[test]
    fn every_kind_survives_its_name() {
        for kind in ErrorKind::ALL {
            assert_eq!(&ErrorKind::from(kind.as_str()), kind, "{kind}");
        }
    }
}
