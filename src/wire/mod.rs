//! What travels between a client and the service, and what happens there.
//!
//! The wire protocol is AWS JSON 1.1 (botocore `service-2.json` of `cognito-idp`, 2016-04-18): `POST /`, an
//! `X-Amz-Target` header that names the operation, a JSON object as body.
//!
//! | file | answers |
//! |---|---|
//! | [`names`] | which operations, flows, challenges and parameters there are |
//! | [`message`] | what a request or a response says |
//! | [`device`], [`token`] | the same, of devices and of tokens |
//! | [`user`], [`admin`] | the same, of users by themselves and by administrators |
//! | [`error`] | what a service error says, and how clients read it |
//! | [`http`] | which octets carried it |
//! | [`call`] | what the application asked of the port, and what came back |
//! | [`step`] | which next steps a sign-in can have |
//! | [`event`] | what can happen |
//! | [`service_model`] | which members, bounds and exceptions AWS publishes |
//! | [`request`] | which request of a sign-in one is |
//! | [`redaction`] | what was taken out of a record, and how that looks |
//! | [`cut`] | how secrets are taken out of what was cut short |

pub mod admin;
pub mod call;
pub mod cut;
pub mod device;
pub mod error;
pub mod event;
pub mod http;
pub mod message;
pub mod names;
pub mod redaction;
pub mod request;
pub mod service_model;
pub mod step;
pub mod token;
pub mod user;

pub use call::{
    Call, ConfirmResetPassword, ConfirmSignIn, DeviceSecret, FetchAuthSession, ForgetDevice,
    Inject, PortError, Reply, ResetPassword, SessionTokens, SignIn, SignOut, Target,
};
pub use error::{ErrorKind, ServiceError};
pub use event::{Event, PoolNote, TriggerCall};
pub use http::{HttpRequest, HttpResponse, Octets};
pub use message::{
    AuthResponse, AuthenticationResult, InitiateAuth, Parameters, RespondToAuthChallenge,
};
pub use names::{AuthFlow, AuthFlowType, ChallengeName, Operation};
pub use redaction::{Redacted, RedactedKind};
pub use request::Request;
pub use step::{CodeDelivery, NextStep};
