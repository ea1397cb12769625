//! The reference client as a port: in process, or over real HTTP.

use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::capabilities::{Capabilities, Description};
use super::stage::Stage;
use crate::client::{
    self, AuthError, Client, HttpTransport, Policy, Sources, Transport, TransportError,
    settings_for,
};
use crate::pool::http::{Handler, Outcome};
use crate::wire::{
    Call, ConfirmResetPassword, HttpRequest, HttpResponse, Inject, PortError, Reply, ResetPassword,
    Target,
};

/// The reference client, or a mutation of it.
#[derive(Debug)]
pub struct ReferencePort {
    description: Description,
    stage: Arc<Mutex<Stage>>,
    carriage: Carriage,
    policy: Policy,
    lie: Option<Policy>,
    edit_reply: Option<fn(Reply) -> Reply>,
    client: Option<Client<Carrier>>,
    /// How many clients were made since the reset, so that no two draw the same private values.
    made: u64,
}

/// How its requests travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriage {
    /// As values, within the process.
    InProcess,
    /// Over HTTP, to the endpoint that a call names.
    Http,
}

impl ReferencePort {
    /// The right client.
    pub fn new(stage: Arc<Mutex<Stage>>, carriage: Carriage) -> Self {
        Self {
            description: Description {
                name: "reference client".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                language: "Rust".to_owned(),
                capabilities: Capabilities::everything(),
            },
            stage,
            carriage,
            policy: Policy::default(),
            lie: None,
            edit_reply: None,
            client: None,
            made: 0,
        }
    }

    /// Who it is.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Gives it another policy, and an edit of what it tells the application.
    pub fn set_policy(&mut self, policy: Policy, edit_reply: Option<fn(Reply) -> Reply>) {
        self.policy = policy;
        self.edit_reply = edit_reply;
        self.client = None;
    }

    /// Uses another policy for the next sign-in.
    pub fn lie_once(&mut self, policy: Policy) {
        self.lie = Some(policy);
    }

    /// Makes a call.
    pub async fn call(&mut self, call: &Call) -> Reply {
        let prepared = match call {
            Call::SignIn(arguments) => self.prepare(&arguments.target, &arguments.inject),
            // Who resets a password needs no sign-in before.
            Call::ResetPassword(ResetPassword { target, .. })
            | Call::ConfirmResetPassword(ConfirmResetPassword { target, .. })
                if self.client.is_none() =>
            {
                self.prepare(target, &Inject::default())
            }
            _ => Ok(()),
        };
        if let Err(error) = prepared {
            return self.edited(Reply::Error {
                error: error.into(),
            });
        }
        if *call == Call::Reset {
            self.made = 0;
        }
        let reply = match &mut self.client {
            Some(client) => client.call(call).await,
            None => Reply::Error {
                error: PortError {
                    name: "InvalidState".to_owned(),
                    message: "no sign-in was started".to_owned(),
                },
            },
        };
        self.edited(reply)
    }

    fn prepare(&mut self, target: &Target, inject: &Inject) -> Result<(), AuthError> {
        let policy = self.lie.take().unwrap_or_else(|| self.policy.clone());
        let settings = settings_for(target, &policy)?;
        let transport = match self.carriage {
            Carriage::InProcess => Carrier::InProcess(Arc::clone(&self.stage)),
            Carriage::Http => Carrier::Http(HttpTransport::new(&target.endpoint)?),
        };
        let sources = match (inject.clock, inject.a.first()) {
            (Some(now), _) => Sources::fixed(now, seed(&target.client_id, now, self.made)),
            _ => Sources::system(),
        };
        let mut client = Client::new(settings, transport, sources, policy)?;
        // Every sign-in makes a client; what an application would have in its storage outlives it.
        if let Some(before) = &self.client {
            client.set_devices(before.devices().clone());
        }
        self.client = Some(client);
        self.made += 1;
        Ok(())
    }

    fn edited(&self, reply: Reply) -> Reply {
        match self.edit_reply {
            Some(edit) => edit(reply),
            None => reply,
        }
    }
}

/// A number that differs from case to case, from instant to instant and from client to client, so that no two of them draw the
/// same private values.
fn seed(client_id: &str, now: i64, made: u64) -> u64 {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(now.to_be_bytes())
        .chain_update(made.to_be_bytes())
        .chain_update(client_id)
        .finalize()
        .into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// Either way for a request to travel; the octets are the same.
#[derive(Debug)]
enum Carrier {
    InProcess(Arc<Mutex<Stage>>),
    Http(HttpTransport),
}

impl Transport for Carrier {
    async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        match self {
            Self::InProcess(stage) => {
                let outcome = stage
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .handle(request);
                match outcome {
                    Outcome::Respond(response) => Ok(response),
                    Outcome::Drop => Err(client::TransportError::Dropped),
                }
            }
            Self::Http(transport) => transport.send(request).await,
        }
    }
}
