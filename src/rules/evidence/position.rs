//! Each exchange of a sign-in with what stands before it, as the port saw it.

use crate::rules::evidence::trace::{CallTrace, ExchangeTrace, SignInTrace, Trace};
use crate::wire::event::PoolNote;
use crate::wire::names::key;
use crate::wire::{AuthResponse, Operation, SignIn};

/// An exchange with what stands before it in its sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Position<'t> {
    /// The arguments of the sign-in.
    pub sign_in: Option<&'t SignIn>,
    /// The call in which it was made.
    pub call: &'t CallTrace<'t>,
    /// The exchange.
    pub exchange: &'t ExchangeTrace<'t>,
    /// The challenge that was pending: the latest answer with a challenge before it.
    pub pending: Option<&'t AuthResponse>,
    /// The latest Session: of that answer, or of the set-up of time-based codes since.
    pub session: Option<&'t str>,
    /// The sign-in's first exchange.
    pub first: &'t ExchangeTrace<'t>,
    /// Its position within the sign-in.
    pub position: usize,
    /// The password that the person had typed by then.
    pub password: Option<&'t str>,
    /// The pool's latest note on an SRP challenge before it, of this sign-in or an earlier one.
    pub srp_note: Option<&'t PoolNote>,
    whole: &'t SignInTrace<'t>,
}

/// Every exchange of every sign-in, sign-in by sign-in. What was called later is no part of them.
pub(super) fn positions<'a>(trace: &'a Trace<'_>) -> Vec<Vec<Position<'a>>> {
    let mut srp_note = None;
    let sign_ins = trace.sign_ins.iter();
    sign_ins
        .map(|sign_in| of_sign_in(sign_in, &mut srp_note))
        .collect()
}

impl<'t> Position<'t> {
    /// A parameter of the pending challenge.
    pub fn challenge_parameter(&self, name: &str) -> Option<&'t str> {
        let parameters = self.pending?.challenge_parameters.as_ref()?;
        parameters.get(name).map(String::as_str)
    }

    /// What challenges of the same sign-in returned as user names before it.
    pub fn names_returned(&self) -> Vec<&'t str> {
        self.earlier()
            .filter_map(|exchange| exchange.answer.as_ref()?.challenge_parameters.as_ref())
            .flat_map(|given| [given.get(key::USERNAME), given.get(key::USER_ID_FOR_SRP)])
            .flatten()
            .map(String::as_str)
            .collect()
    }

    /// Whether the same sign-in confirms a device somewhere.
    pub fn confirms_device(&self) -> bool {
        let mut exchanges = self.whole.exchanges();
        exchanges.any(|exchange| exchange.operation == Some(Operation::ConfirmDevice))
    }

    /// The latest `SRP_A` of the same sign-in before it.
    pub fn latest_a(&self) -> Option<&'t str> {
        self.earlier()
            .filter(|exchange| exchange.begins_srp())
            .filter_map(|exchange| exchange.parameter(key::SRP_A))
            .last()
    }

    /// Whether the service told the same sign-in before that the device is gone.
    pub fn misses_device(&self) -> bool {
        self.earlier().any(ExchangeTrace::misses_device)
    }

    /// The exchanges of the same sign-in before it.
    fn earlier(&self) -> impl Iterator<Item = &'t ExchangeTrace<'t>> {
        self.whole.exchanges().take(self.position)
    }
}

fn of_sign_in<'t>(
    sign_in: &'t SignInTrace<'t>,
    srp_note: &mut Option<&'t PoolNote>,
) -> Vec<Position<'t>> {
    let Some(first) = sign_in.exchanges().next() else {
        return Vec::new();
    };
    let mut pending = None;
    let mut session = None;
    let mut positions = Vec::new();
    let mut password = sign_in
        .arguments()
        .and_then(|call| call.password.as_deref());
    for (call, (step, given)) in sign_in.calls.iter().zip(sign_in.answers()) {
        if let (Some(step), Some(given)) = (step, given)
            && step.is_about_password()
        {
            password = Some(given.challenge_response.as_str());
        }
        for exchange in &call.exchanges {
            positions.push(Position {
                sign_in: sign_in.arguments(),
                call,
                exchange,
                pending,
                session,
                first,
                position: positions.len(),
                password,
                srp_note: *srp_note,
                whole: sign_in,
            });
            *srp_note = exchange.srp_note().or(*srp_note);
            let Some(answer) = &exchange.answer else {
                continue;
            };
            if answer.challenge_name.is_some() {
                pending = Some(answer);
                session = answer.session.as_deref();
            } else if matches!(
                exchange.operation,
                Some(Operation::AssociateSoftwareToken | Operation::VerifySoftwareToken)
            ) {
                session = answer.session.as_deref().or(session);
            }
        }
    }
    positions
}
