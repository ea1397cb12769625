//! Which rules there are.

use super::super::rule::Rule;
use super::{
    answer, binding, challenge, client, migration, parameter, proof, refresh, response, session,
    text, timestamp, token, trigger, user,
};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    challenge::SHAPE,
    challenge::SESSION_PRESENCE,
    challenge::VALUES,
    proof::PUBLIC_VALUE,
    proof::PROOF,
    response::ERROR_FORM,
    text::ERROR_TEXT,
    client::FLOW_SWITCH,
    client::SECRET_HASH,
    session::SESSION_LIFE,
    timestamp::TIMESTAMP,
    user::EXISTENCE,
    user::USER_STATUS,
    trigger::TRIGGER_ORDER,
    parameter::PRIVATE_PARAMETERS,
    parameter::METADATA_ROUTING,
    migration::MIGRATION,
    token::TOKENS,
    binding::BINDING,
    challenge::NAMES,
    response::RESPONSE_FORM,
    answer::ANSWERS,
    refresh::REFRESH_TOKENS,
    refresh::REFRESH_ROTATION,
    refresh::REFRESH_REVOKED,
    refresh::REFRESH_FORGED,
    refresh::REFRESH_BOUND,
    refresh::TOKEN_LIFE,
    refresh::SIGN_OUT_REVOKES,
];
