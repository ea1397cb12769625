//! What the pool answers when a recording's requests drive it.

use serde_json::{Value, json};

use crate::model::{UserStatus, World};
use crate::pool::{OFFERS, OfferKind, Policy, Pool};
use crate::record::Side;
use crate::srp::{Dialect, client_public, parse_hex, secret_hash};
use crate::wire::names::key;
use crate::wire::redaction::{Redacted, RedactedKind};
use crate::wire::{AuthFlow, ErrorKind, HttpRequest, Operation};

use super::compare::Ledger;
use super::error::ReenactError;
use super::exchange::Exchange;
use super::known::{Known, signed_at};
use super::lead::{Service, Until, lead, wrong};
use super::report::{Led, Substituted};
use super::told;

pub(super) async fn compare(
    known: &Known,
    world: &World,
    exchanges: &[Exchange],
    policy: &Policy,
    ledger: &mut Ledger<'_>,
) -> Result<(Vec<Substituted>, Vec<Led>), ReenactError> {
    let pool = Pool::new(world.clone(), policy.clone())?;
    let mut enactment = Enactment {
        known,
        world,
        service: Service::new(pool),
        led: Vec::new(),
    };
    let mut substituted = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        if let Some(why) = not_offered(known, exchanges, index) {
            ledger.not_offered(index, Side::Response, &why);
            continue;
        }
        let came = enactment.lead_to(exchanges, index).await?;
        let request = match (&exchange.request, came) {
            (_, Came::Nowhere) => {
                ledger.nothing(index, Side::Response, exchange.response_body());
                continue;
            }
            (Some(request), _) => {
                let now = enactment.service.now();
                let given = &enactment.service.given;
                given.adapt(index, exchange, request, now, &mut substituted)?
            }
            (None, Came::To(held)) => held,
            (None, Came::Here) => match enactment.made(exchange)? {
                Some(request) => request,
                None => {
                    ledger.not_offered(index, Side::Response, UNKNOWN_REQUEST);
                    continue;
                }
            },
        };
        let response = enactment.service.answer(&request, Some(exchange));
        if let Some(expected) = &exchange.response {
            ledger.response(index, expected, &response);
        }
    }
    Ok((substituted, enactment.led))
}

/// Why our pool is not played in this exchange.
fn not_offered(known: &Known, exchanges: &[Exchange], at: usize) -> Option<String> {
    let exchange = &exchanges[at];
    let Some(operation) = known.operation_of(exchange) else {
        return Some("an unknown operation".to_owned());
    };
    let refusal = exchange.refusal().map(|error| error.kind);
    if let Some(kind @ (ErrorKind::LimitExceeded | ErrorKind::TooManyRequests)) = refusal {
        return Some(format!("the limits of {}", kind.as_str()));
    }
    let offers = |kind, name: &str| {
        let mut offers = OFFERS.iter();
        offers.any(|offer| offer.kind == kind && offer.name == name)
    };
    let flow = known.flow_of(exchange).map(String::from);
    let challenge = known
        .answered_by(exchange)
        .or_else(|| exchange.asked())
        .map(String::from);
    // By an older name, too.
    let older = [AuthFlow::RefreshToken, AuthFlow::AdminNoSrpAuth].map(String::from);
    let needed = [
        (OfferKind::Operation, Some(operation.as_str().to_owned())),
        (OfferKind::Flow, flow.filter(|flow| !older.contains(flow))),
        (OfferKind::Challenge, challenge),
    ];
    let lacking = needed
        .into_iter()
        .filter_map(|(kind, name)| Some((kind, name?)))
        .find(|(kind, name)| !offers(*kind, name));
    if let Some((_, name)) = lacking {
        return Some(name);
    }
    // These are of all pools of an account.
    let of_account = [
        Operation::CreateUserPool,
        Operation::DeleteUserPool,
        Operation::ListUserPools,
    ];
    of_account
        .contains(&operation)
        .then(|| operation.to_string())
}

/// Where what isn't recorded leads.
enum Came {
    /// Nothing more had to be done.
    Here,
    /// To this request, which the pool did not get.
    To(HttpRequest),
    /// Elsewhere: our pool asks for something that the service can't have asked for.
    Nowhere,
}

/// Our pool on its way through a recording.
struct Enactment<'a> {
    known: &'a Known,
    world: &'a World,
    service: Service,
    led: Vec<Led>,
}

impl Enactment<'_> {
    /// Does what has to come before an exchange and isn't recorded.
    async fn lead_to(
        &mut self,
        exchanges: &[Exchange],
        index: usize,
    ) -> Result<Came, ReenactError> {
        let exchange = &exchanges[index];
        if let Some(at) = signed_at(exchange.request_body()) {
            let later = at.saturating_sub(self.service.now()).max(0);
            self.service.pool.advance_clock(later);
        }
        let operation = self.known.operation_of(exchange);
        // The service says so, too, where no code was asked for.
        let has_code = !exchange.is_refused_as(&ErrorKind::ExpiredCode);
        match operation {
            Some(Operation::ConfirmSignUp)
                if has_code
                    && self.service.given.code_for("sign-up").is_none()
                    && self.is_unconfirmed() =>
            {
                let name = &self.known.username;
                self.ask(index, "ResendConfirmationCode", json!({ "Username": name }));
            }
            Some(Operation::ConfirmForgotPassword)
                if has_code && self.service.pool.code_for(&self.known.username).is_none() =>
            {
                let name = &self.known.username;
                self.ask(index, "ForgotPassword", json!({ "Username": name }));
            }
            Some(
                Operation::InitiateAuth | Operation::AdminInitiateAuth | Operation::ForgotPassword,
            ) if self.is_unconfirmed() && !tells_unconfirmed(exchange) => {
                if let Some(code) = self.service.given.code_for("sign-up").map(str::to_owned) {
                    let name = &self.known.username;
                    let body = json!({ "Username": name, "ConfirmationCode": code });
                    self.ask(index, "ConfirmSignUp", body);
                }
            }
            _ => {}
        }
        let by_token = match &exchange.request {
            Some(_) => exchange.request_body().get("AccessToken").is_some(),
            None => operation.as_ref().is_some_and(|op| BY_TOKEN.contains(op)),
        };
        if by_token && self.service.given.access_token.is_none() {
            self.led(index, "a sign-in");
            lead(self.known, &mut self.service, None, exchange).await?;
        }
        if operation == Some(Operation::GetUser) {
            self.fill_in(index, exchange);
        }
        let Some(until) = Until::before(self.known, exchanges, index) else {
            return Ok(Came::Here);
        };
        self.led(index, "a sign-in");
        let held = lead(self.known, &mut self.service, Some(&until), exchange).await?;
        Ok(held.map_or(Came::Nowhere, Came::To))
    }

    /// The attributes that the person filled in before they were described.
    fn fill_in(&mut self, index: usize, exchange: &Exchange) {
        let signed_up = self.world.users.is_empty();
        let told = told::listed(exchange.response_body());
        if !signed_up || told.is_empty() {
            return;
        }
        let list: Vec<Value> = told
            .iter()
            .filter(|(name, _)| *name != "sub")
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect();
        let body = json!({
            "UserPoolId": self.known.pool_id,
            "Username": self.known.username,
            "UserAttributes": list,
        });
        self.led(index, "AdminUpdateUserAttributes");
        let request = HttpRequest::calling("AdminUpdateUserAttributes", &body);
        self.service.pool.handle(&request);
        self.service.pool.take_events();
    }

    /// Makes a request of the app client that isn't recorded.
    fn ask(&mut self, index: usize, operation: &'static str, body: Value) {
        self.led(index, operation);
        let body = self.of_client(body);
        self.service
            .answer(&HttpRequest::calling(operation, &body), None);
    }

    fn led(&mut self, exchange: usize, by: &'static str) {
        self.led.push(Led { exchange, by });
    }

    fn is_unconfirmed(&self) -> bool {
        self.service.pool.user_status(&self.known.username) == Some(UserStatus::Unconfirmed)
    }

    /// A body with the app client's id, and its hash over the name in it.
    fn of_client(&self, mut body: Value) -> Value {
        body["ClientId"] = json!(self.known.client_id);
        if let Some(secret) = &self.known.client_secret {
            let name = &self.known.username;
            body["SecretHash"] = json!(secret_hash(secret, name, &self.known.client_id));
        }
        body
    }

    /// A request that leads to a response whose own request isn't recorded; `None` where what is known doesn't tell.
    fn made(&self, exchange: &Exchange) -> Result<Option<HttpRequest>, ReenactError> {
        let known = self.known;
        let Some(operation) = known.operation_of(exchange) else {
            return Ok(None);
        };
        let name = &known.username;
        let token = &self.service.given.access_token;
        let code = |purpose| {
            let right = self.service.given.code_for(purpose).unwrap_or("000000");
            match exchange.is_refused_as(&ErrorKind::CodeMismatch) {
                true => wrong(right),
                false => right.to_owned(),
            }
        };
        let body = match operation {
            Operation::InitiateAuth => match &known.flow {
                Some(flow) => initiate(known, flow)?,
                None => return Ok(None),
            },
            Operation::ForgotPassword | Operation::ResendConfirmationCode => {
                self.of_client(json!({ "Username": name }))
            }
            Operation::ConfirmForgotPassword => self.of_client(json!({
                "Username": name,
                "ConfirmationCode": code("reset-password"),
                "Password": NEW_PASSWORD,
            })),
            Operation::SignUp => {
                let attributes = known.attributes.iter();
                let attributes: Vec<_> = attributes
                    .filter(|(name, _)| !name.ends_with("_verified"))
                    .map(|(name, value)| json!({ "Name": name, "Value": value }))
                    .collect();
                self.of_client(json!({
                    "Username": name,
                    "Password": known.password,
                    "UserAttributes": attributes,
                }))
            }
            Operation::ConfirmSignUp => self.of_client(json!({
                "Username": name,
                "ConfirmationCode": code("sign-up"),
            })),
            Operation::ChangePassword => json!({
                "AccessToken": token,
                "PreviousPassword": known.password,
                "ProposedPassword": NEW_PASSWORD,
            }),
            Operation::GetUser | Operation::DeleteUser | Operation::GlobalSignOut => {
                json!({ "AccessToken": token })
            }
            _ => return Ok(None),
        };
        Ok(Some(HttpRequest::calling(operation.as_str(), &body)))
    }
}

fn tells_unconfirmed(exchange: &Exchange) -> bool {
    exchange.is_refused_as(&ErrorKind::UserNotConfirmed)
}

fn initiate(known: &Known, flow: &AuthFlow) -> Result<Value, ReenactError> {
    let mut parameters = json!({ "USERNAME": known.username });
    match flow {
        AuthFlow::UserSrpAuth => parameters[key::SRP_A] = json!(public_value(known)?),
        AuthFlow::UserPasswordAuth => parameters[key::PASSWORD] = json!(known.password),
        _ => {}
    }
    if let Some(secret) = &known.client_secret {
        let hash = secret_hash(secret, &known.username, &known.client_id);
        parameters[key::SECRET_HASH] = json!(hash);
    }
    Ok(json!({ "AuthFlow": flow, "ClientId": known.client_id, "AuthParameters": parameters }))
}

fn public_value(known: &Known) -> Result<String, ReenactError> {
    let Some(a) = known.a.first() else {
        let some = Redacted {
            kind: RedactedKind::PublicValue,
            len: Some(768),
        };
        return Ok(some.stand_in());
    };
    let wrong = ReenactError::Known {
        name: "a",
        expected: "a private value, hexadecimal",
    };
    let Ok(a) = parse_hex(a) else {
        return Err(wrong);
    };
    client_public(&Dialect::cognito(), &a).map_or(Err(wrong), |a| Ok(crate::srp::to_hex(&a)))
}

const UNKNOWN_REQUEST: &str = "no request is known";
/// Operations of somebody who is signed in.
const BY_TOKEN: [Operation; 4] = [
    Operation::ChangePassword,
    Operation::GetUser,
    Operation::DeleteUser,
    Operation::GlobalSignOut,
];
/// A stand-in, other than the one for the password before.
const NEW_PASSWORD: &str = "Stand-in-password-2";
