//! The shim: it plays the reference client's part in a process of its own, with a port's habits.

use std::io::{self, BufRead as _, Write};

use cognito_conformance::client::{AuthError, Client, Policy, Sources, settings_for};
use cognito_conformance::srp::Salt;
use cognito_conformance::subject::Description;
use cognito_conformance::wire::{
    Call, ConfirmResetPassword, NextStep, PortError, Reply, ResetPassword, Target,
};
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::habits::Habits;
use super::http::Wire;

/// Answers each line of the standard input on `out`, until there are no more.
pub fn serve(habits: &Habits, name: &str, out: &mut impl Write) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut port = OddPort {
        habits,
        client: None,
        made: 0,
        is_signed_in: false,
    };
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        if habits.is_noisy {
            make_noise(&request)?;
        }
        let mut answer = if request["method"] == "initialize" {
            json!({"result": hello(habits, name)})
        } else {
            match Call::deserialize(&request) {
                Ok(call) => said(runtime.block_on(port.call(&call))),
                Err(error) => json!({"error": {"code": -32601, "message": error.to_string()}}),
            }
        };
        answer["jsonrpc"] = "2.0".into();
        answer["id"] = request["id"].clone();
        let mut line = habits.answers.write(&answer);
        line.push('\n');
        let piece = if habits.octet_by_octet { 1 } else { line.len() };
        for octets in line.as_bytes().chunks(piece) {
            out.write_all(octets)?;
            out.flush()?;
        }
    }
    Ok(())
}

struct OddPort<'a> {
    habits: &'a Habits,
    client: Option<Client<Wire>>,
    /// How many clients were made, so that no two draw the same private values.
    made: u64,
    /// Whether somebody is signed in.
    is_signed_in: bool,
}

impl OddPort<'_> {
    async fn call(&mut self, call: &Call) -> Reply {
        let reply = self.answer(call).await;
        match (call, &reply) {
            (Call::SignOut(_), Reply::Empty) => self.is_signed_in = false,
            (
                _,
                Reply::Step {
                    next: NextStep::Done,
                },
            ) => self.is_signed_in = true,
            _ => {}
        }
        match self.habits.tells {
            Some(tells) => tells(reply),
            None => reply,
        }
    }

    async fn answer(&mut self, call: &Call) -> Reply {
        if let Some(refuses) = self.habits.refuses
            && let Some(error) = refuses(call)
        {
            return Reply::Error { error };
        }
        if self.habits.one_at_a_time && self.is_signed_in && matches!(call, Call::SignIn(_)) {
            return Reply::Error {
                error: PortError {
                    name: "UserAlreadyAuthenticatedException".to_owned(),
                    message: "There is already a signed in user.".to_owned(),
                },
            };
        }
        let prepared = match call {
            Call::SignIn(arguments) => self.prepare(&arguments.target),
            Call::ResetPassword(ResetPassword { target, .. })
            | Call::ConfirmResetPassword(ConfirmResetPassword { target, .. })
                if self.client.is_none() =>
            {
                self.prepare(target)
            }
            Call::Reset if self.habits.resets_nothing => return Reply::Empty,
            Call::Reset => {
                self.is_signed_in = false;
                self.client = None;
                return Reply::Empty;
            }
            _ => Ok(()),
        };
        if let Err(error) = prepared {
            return Reply::Error {
                error: error.into(),
            };
        }
        match &mut self.client {
            Some(client) => client.call(call).await,
            None => Reply::Error {
                error: PortError {
                    name: "InvalidState".to_owned(),
                    message: "no sign-in was started".to_owned(),
                },
            },
        }
    }

    fn prepare(&mut self, target: &Target) -> Result<(), AuthError> {
        let policy: Policy = self.habits.policy.clone();
        let settings = settings_for(target, &policy)?;
        let wire = Wire::new(&target.endpoint, self.habits.http, self.habits.reads)?;
        self.made += 1;
        let mut sources = Sources {
            clock: Sources::system().clock,
            ..Sources::fixed(0, self.made)
        };
        if let Some(password) = self.habits.device_password {
            let salt = Salt::from_hex(&format!("{:032x}", u128::MAX / 3 - u128::from(self.made)))
                .expect("they are sixteen octets");
            sources.device = Some((password(self.made), salt));
        }
        let mut client = Client::new(settings, wire, sources, policy)?;
        if let Some(before) = &self.client {
            client.set_devices(before.devices().clone());
        }
        self.client = Some(client);
        Ok(())
    }
}

fn hello(habits: &Habits, name: &str) -> Value {
    let description = Description {
        name: name.to_owned(),
        version: "1".to_owned(),
        language: "Rust".to_owned(),
        capabilities: habits.capabilities.clone(),
    };
    let mut hello = json!(description);
    hello["protocol"] = 1.into();
    hello
}

fn said(reply: Reply) -> Value {
    match reply {
        Reply::Step { next } => json!({"result": {"nextStep": next}}),
        Reply::Empty => json!({"result": {}}),
        Reply::Session { tokens } => json!({"result": {"tokens": tokens}}),
        Reply::Error { error } => {
            json!({"error": {"code": 1001, "message": error.message, "data": error}})
        }
        other => json!({"error": {"code": -32603, "message": format!("{other:?}")}}),
    }
}

/// More than is kept of it, octets that are no UTF-8, an answer that is none.
fn make_noise(request: &Value) -> io::Result<()> {
    let mut err = io::stderr().lock();
    let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": {"nextStep": {"signInStep": "RESET_PASSWORD"}}});
    writeln!(err, "{answer}")?;
    err.write_all(&[0xff, 0x00, 0xfe, b'\r', 0x1b, b'[', b'2', b'J', b'\n'])?;
    err.write_all(&[b'x'; 100_000])?;
    writeln!(err, "\n{answer}")?;
    write!(err, "a line without its end")
}
