//! `/_local/`: what whoever works with a local Cognito may know, beside what the service answers.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use serde_json::{Value, json};

use super::gate::{Gate, PREFIX};
use crate::pool::http::{Outcome, SharedHandler};
use crate::pool::{Message, Observed, Pools};
use crate::wire::http::AMZ_JSON;
use crate::wire::{HttpRequest, HttpResponse};

/// Who is told every exchange.
pub type LocalObserver = Box<dyn Fn(&Observed<'_>) + Send + Sync>;

/// Pools, with a gate and `/_local/` in front of them.
pub(super) struct Inspected {
    pools: Arc<Pools>,
    gate: Gate,
    observer: Option<Arc<LocalObserver>>,
}

impl Inspected {
    /// Puts both in front of pools. What the gate refuses is told as other exchanges are.
    pub(super) fn new(pools: Arc<Pools>, gate: Gate, observer: Option<Arc<LocalObserver>>) -> Self {
        Self {
            pools,
            gate,
            observer,
        }
    }

    fn refuse(&self, request: &HttpRequest, reason: &str) -> HttpResponse {
        let response = forbidden(reason);
        if let Some(observer) = &self.observer {
            observer(&Observed {
                user_pool_id: None,
                operation: request.operation().as_ref(),
                request,
                events: &[],
                response: &response,
                knowledge: None,
                took: Duration::ZERO,
            });
        }
        response
    }

    fn answer(&self, request: &HttpRequest, path: &str) -> HttpResponse {
        if request.method != "GET" {
            return document(405, &json!({ "message": "expected GET" }));
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match path {
            "health" => document(
                200,
                &json!({ "status": "ok", "userPools": self.pools.ids() }),
            ),
            "messages" => {
                let messages = match parameter(query, "username") {
                    Some(name) => by_name(&self.pools, &name),
                    None => self.pools.messages(),
                };
                document(200, &json!({ "messages": messages }))
            }
            _ => document(
                404,
                &json!({ "message": "expected /_local/health or /_local/messages" }),
            ),
        }
    }
}

impl SharedHandler for Inspected {
    fn handle(&self, request: HttpRequest) -> Outcome {
        if let Some(reason) = self.gate.refusal(&request) {
            return Outcome::Respond(self.refuse(&request, &reason));
        }
        Outcome::Respond(match request.path.strip_prefix(PREFIX) {
            Some(path) => self.answer(&request, path),
            None => self.pools.handle(&request),
        })
    }

    fn handle_at_once(&self, request: HttpRequest) -> Result<Outcome, HttpRequest> {
        if request.path.starts_with(PREFIX) || self.gate.refusal(&request).is_some() {
            return Err(request);
        }
        match self.pools.handle_at_once(&request) {
            Some(response) => Ok(Outcome::Respond(response)),
            None => Err(request),
        }
    }

    fn is_open_to_pages(&self, request: &HttpRequest) -> bool {
        !request.path.starts_with(PREFIX) && self.gate.refusal(request).is_none()
    }
}

/// Everything that was sent to an address, or to the user of a name, the latest first.
pub(super) fn by_name(pools: &Pools, name: &str) -> Vec<Message> {
    let is_to = |message: &Message| {
        message.to == name
            || message.username == name
            || pools
                .with_pool(&message.user_pool_id, |pool| {
                    pool.username_of(name) == Some(&message.username)
                })
                .unwrap_or(false)
    };
    pools.messages().into_iter().filter(is_to).collect()
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut url = Url::parse("http://local/").ok()?;
    url.set_query(Some(query));
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    // No name has a space; a plus that was not written as %2B begins a phone number.
    Some(value.replace(' ', "+"))
}

fn document(status: u16, body: &Value) -> HttpResponse {
    let headers = [
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-store"),
    ];
    let headers = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    HttpResponse::new(status, headers, body.to_string())
}

/// A refusal in the service's form: by this name it refuses what its firewall does not let through.
fn forbidden(reason: &str) -> HttpResponse {
    let kind = "ForbiddenException";
    let headers = [
        ("Content-Type", AMZ_JSON),
        ("x-amzn-ErrorType", &format!("{kind}:")),
    ];
    let headers = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let body = json!({ "__type": kind, "message": reason });
    HttpResponse::new(FORBIDDEN, headers, body.to_string())
}

/// The status of what is refused before a pool is asked. No pool answers with it.
pub const FORBIDDEN: u16 = 403;
