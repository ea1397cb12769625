//! Which rules there are.

use super::super::rule::Rule;
use super::{
    answer, binding, challenge, client, lockout, migration, parameter, proof, reset, response,
    session, text, timestamp, token, trigger, user,
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
    reset::RESET_CODE,
    reset::RESET_DELIVERY,
    reset::RESET_EXISTENCE,
    reset::RESET_SETTLES,
    reset::RESET_STATUS,
    lockout::LOCK_OUT,
];
