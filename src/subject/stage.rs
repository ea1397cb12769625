//! The stage on which a sign-in is played: a pool, what alters its answers, and the record of it all.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::pool::Pool;
use crate::pool::http::{Handler, Outcome};
use crate::scenario::{Fault, FaultKind, Meanwhile, Names};
use crate::wire::event::{Event, PoolNote};
use crate::wire::{HttpRequest, HttpResponse};

/// A stage outlives the sign-ins played on it, so that a late request of an earlier one is recognised.
#[derive(Debug, Default)]
pub struct Stage {
    act: Option<Act>,
    retired: BTreeSet<String>,
}

#[derive(Debug)]
struct Act {
    pool: Pool,
    client_id: String,
    pool_id: String,
    /// The internal name of the user whom things happen to.
    user: String,
    fault: Option<Fault>,
    /// Which of the scenario's acts is played: 0 is the first sign-in.
    number: usize,
    /// Requests of it so far.
    requests: usize,
    in_call: bool,
    events: Vec<Event>,
}

impl Stage {
    /// Begins an act: what happens from now on belongs to this pool.
    pub fn begin(&mut self, pool: Pool, names: &Names, fault: Option<Fault>) {
        self.end();
        // The same case again, as a search for a smaller one has it: its requests are no longer late.
        self.retired.remove(&names.client_id);
        self.act = Some(Act {
            pool,
            client_id: names.client_id.clone(),
            pool_id: names.pool_id.clone(),
            user: names.internal.clone(),
            fault,
            number: 0,
            requests: 0,
            in_call: false,
            events: Vec::new(),
        });
    }

    /// Ends the act and gives its events; the client id is retired.
    pub fn end(&mut self) -> Vec<Event> {
        let Some(act) = self.act.take() else {
            return Vec::new();
        };
        self.retired.insert(act.client_id);
        act.events
    }

    /// Records that a call begins.
    pub fn call_begins(&mut self, event: Event) {
        if let Some(act) = &mut self.act {
            act.in_call = true;
            act.events.push(event);
        }
    }

    /// Records that a call is over.
    pub fn call_ends(&mut self, event: Event) {
        if let Some(act) = &mut self.act {
            act.in_call = false;
            act.events.push(event);
        }
    }

    /// Begins what is done next in the scenario; requests are counted anew, and time has passed.
    pub fn begin_act(&mut self, number: usize, seconds_later: u32) {
        if let Some(act) = &mut self.act {
            act.number = number;
            act.requests = 0;
            act.pool.advance_clock(i64::from(seconds_later));
        }
    }

    /// The latest code that the pool sent.
    pub fn latest_code(&self) -> Option<String> {
        let act = self.act.as_ref()?;
        act.events.iter().rev().find_map(|event| match event {
            Event::Noted(PoolNote::Sent { text, .. }) => Some(text.clone()),
            _ => None,
        })
    }

    /// The pool's time, in seconds since 1970-01-01T00:00:00Z.
    pub fn now(&mut self) -> i64 {
        self.pool().map_or(0, |pool| pool.now())
    }

    /// Forgets what was recorded so far: the reset before a sign-in is no part of it.
    pub fn forget_prologue(&mut self) {
        if let Some(act) = &mut self.act {
            act.events.clear();
        }
    }

    /// The pool of the act.
    pub fn pool(&mut self) -> Option<&mut Pool> {
        self.act.as_mut().map(|act| &mut act.pool)
    }
}

impl Handler for Stage {
    fn handle(&mut self, request: HttpRequest) -> Outcome {
        let belongs_to_another = client_id(&request).is_some_and(|id| self.retired.contains(&id));
        match &mut self.act {
            Some(act) if !belongs_to_another => act.handle(request),
            // An earlier sign-in's late request: its verdict is spoken.
            _ => Outcome::Drop,
        }
    }
}

impl Act {
    fn handle(&mut self, request: HttpRequest) -> Outcome {
        if request.method == "GET" && request.path.contains(WELL_KNOWN) {
            // A port that verifies its tokens reads the pool's keys. That is no request of a sign-in, and no fault meets it.
            return Outcome::Respond(self.pool.handle(&request));
        }
        if !self.in_call {
            self.events.push(Event::Stray { request });
            return Outcome::Drop;
        }
        let received = self.events.len();
        let at = self.requests;
        self.requests += 1;
        let fault = self
            .fault
            .as_ref()
            .filter(|fault| fault.act == self.number && fault.exchange == at)
            .cloned();
        if let Some(FaultKind::Meanwhile(what)) = fault.as_ref().map(|fault| &fault.kind) {
            self.happens(*what);
        }
        let response = self.pool.handle(&request);
        // It came before all that was noted about it.
        self.events.insert(received, Event::Requested { request });
        self.events.append(&mut self.pool.take_events());
        match self.altered(fault, response) {
            Some(response) => {
                self.events.push(Event::Responded {
                    response: response.clone(),
                });
                Outcome::Respond(response)
            }
            None => {
                self.events.push(Event::Dropped);
                Outcome::Drop
            }
        }
    }

    /// Makes something happen, by an administrator's hand. What the pool says of it is nobody's business.
    fn happens(&mut self, what: Meanwhile) {
        match what {
            Meanwhile::SignedOut => {
                self.administer("AdminUserGlobalSignOut", json!({}));
            }
            Meanwhile::Deleted => {
                self.administer("AdminDeleteUser", json!({}));
            }
            Meanwhile::DevicesForgotten => {
                let listed = self.administer("AdminListDevices", json!({}));
                let devices = listed.get("Devices").and_then(Value::as_array);
                for device in devices.into_iter().flatten() {
                    let forgotten = json!({ "DeviceKey": device.get("DeviceKey") });
                    self.administer("AdminForgetDevice", forgotten);
                }
            }
        }
        self.pool.take_events();
        self.events.push(Event::Noted(PoolNote::Meanwhile {
            what: what.as_str().to_owned(),
        }));
    }

    fn administer(&mut self, operation: &str, mut body: Value) -> Value {
        body["UserPoolId"] = self.pool_id.clone().into();
        body["Username"] = self.user.clone().into();
        let response = self.pool.handle(&HttpRequest::calling(operation, &body));
        serde_json::from_slice(response.body.as_bytes()).unwrap_or_default()
    }

    fn altered(&mut self, fault: Option<Fault>, response: HttpResponse) -> Option<HttpResponse> {
        let Some(fault) = fault else {
            return Some(response);
        };
        let (response, applied) = fault.apply(response);
        if applied {
            self.events.push(Event::Noted(PoolNote::Fault {
                what: fault.to_string(),
                harmless: fault.is_harmless(),
            }));
        }
        response
    }
}

/// Where a pool publishes its keys, beneath its id.
const WELL_KNOWN: &str = "/.well-known/";

fn client_id(request: &HttpRequest) -> Option<String> {
    let body: Value = serde_json::from_slice(request.body.as_bytes()).ok()?;
    Some(body.get("ClientId")?.as_str()?.to_owned())
}
