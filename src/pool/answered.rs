//! An answer on its way out: signed and written once the pool has been let go.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::pool::state::signing_keys::{SigningKeys, TokenSigning};
use crate::pool::wire::errors::Answer;
use crate::pool::wire::response;
use crate::pool::wire::response::{ErrorPolicy, ResponsePolicy};
use crate::wire::HttpResponse;
use crate::wire::message::UNSIGNED;

/// What a request comes to, before its tokens are signed. Signing takes more time than everything else about a sign-in with a
/// password, and needs nothing of the pool.
#[derive(Debug)]
pub struct Answered {
    pub(in crate::pool) what: What,
    pub(in crate::pool) keys: SigningKeys,
    pub(in crate::pool) signing: TokenSigning,
    pub(in crate::pool) stub_signature: bool,
}

/// What there is to say.
#[derive(Debug)]
pub(in crate::pool) enum What {
    /// The key set.
    Keys,
    /// A document.
    Document(Value),
    /// The answer of an operation. Tokens are their claims, as JSON, so far.
    Operation {
        answer: Answer<Value>,
        request_id: String,
        responses: ResponsePolicy,
        errors: ErrorPolicy,
    },
}

impl Answered {
    /// Signs, and writes the response.
    pub fn finish(self) -> HttpResponse {
        let Self {
            what,
            keys,
            signing,
            stub_signature,
        } = self;
        match what {
            What::Keys => response::document(&keys.jwks()),
            What::Document(document) => response::document(&document),
            What::Operation {
                answer: Err(error),
                request_id,
                responses,
                errors,
            } => response::failure(&error, &request_id, &responses, &errors),
            What::Operation {
                answer: Ok(mut body),
                request_id,
                responses,
                ..
            } => {
                if let Some(tokens) = body.get_mut("AuthenticationResult") {
                    let sign = |kid: &str, claims: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
                        let header = json!({ "alg": "RS256", "kid": kid }).to_string();
                        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
                        let signed = format!("{}.{}", part(&header), part(claims));
                        let signature = match signing {
                            _ if stub_signature => "fake-signature".to_owned(),
                            TokenSigning::Lazy => BASE64URL_NOPAD.encode(UNSIGNED),
                            TokenSigning::Real => BASE64URL_NOPAD.encode(&sign(signed.as_bytes())),
                        };
                        format!("{signed}.{signature}")
                    };
                    if let Some(Value::String(token)) = tokens.get_mut("AccessToken") {
                        *token = sign(keys.access_kid(), token, &|m| keys.sign_access(m));
                    }
                    if let Some(Value::String(token)) = tokens.get_mut("IdToken") {
                        *token = sign(keys.id_kid(), token, &|m| keys.sign_id(m));
                    }
                }
                response::success(&body, &request_id, &responses)
            }
        }
    }
}
