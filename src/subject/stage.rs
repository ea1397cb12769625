//! The stage on which a sign-in is played: a pool, what alters its answers, and the record of it all.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::pool::Pool;
use crate::pool::http::{Handler, Outcome};
use crate::scenario::Fault;
use crate::wire::transcript::{Event, PoolNote};
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
    fault: Option<Fault>,
    requests: usize,
    in_call: bool,
    events: Vec<Event>,
}

impl Stage {
    /// Begins an act: what happens from now on belongs to this pool.
    pub fn begin(&mut self, pool: Pool, client_id: String, fault: Option<Fault>) {
        self.end();
        // The same case again, as a search for a smaller one has it: its requests are no longer late.
        self.retired.remove(&client_id);
        self.act = Some(Act {
            pool,
            client_id,
            fault,
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
            act.requests = match &event {
                // A second sign-in is not the one whose answer is to be altered.
                Event::Called {
                    call: crate::wire::Call::SignIn(_),
                } if !act.events.is_empty() => usize::MAX / 2,
                _ => act.requests,
            };
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
        if !self.in_call {
            self.events.push(Event::Stray { request });
            return Outcome::Drop;
        }
        self.events.push(Event::Requested {
            request: request.clone(),
        });
        let response = self.pool.handle(&request);
        self.events.append(&mut self.pool.take_events());
        let at = self.requests;
        self.requests += 1;
        let fault = self.fault.as_ref().filter(|fault| fault.exchange == at);
        match self.altered(fault.cloned(), response) {
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

    fn altered(&mut self, fault: Option<Fault>, response: HttpResponse) -> Option<HttpResponse> {
        let Some(fault) = fault else {
            return Some(response);
        };
        let (response, applied) = fault.apply(response);
        if applied {
            self.events.push(Event::Noted(PoolNote::Fault {
                what: fault.to_string(),
            }));
        }
        response
    }
}

fn client_id(request: &HttpRequest) -> Option<String> {
    let body: Value = serde_json::from_slice(request.body.as_bytes()).ok()?;
    Some(body.get("ClientId")?.as_str()?.to_owned())
}
