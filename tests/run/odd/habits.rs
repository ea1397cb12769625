//! In which ways a right port may be odd.

use cognito_conformance::client::Policy;
use cognito_conformance::subject::Capabilities;
use cognito_conformance::wire::{Call, HttpResponse, PortError, Reply};

use super::json::Writing;

/// How a port goes about what it is free to choose. The default is the reference client.
pub struct Habits {
    /// What it declares.
    pub capabilities: Capabilities,
    /// What it decides, and how it edits its messages.
    pub policy: Policy,
    /// How it uses HTTP.
    pub http: HttpHabits,
    /// What it reads out of an answer of the service.
    pub reads: Option<fn(&mut HttpResponse)>,
    /// Which calls it refuses by itself.
    pub refuses: Option<fn(&Call) -> Option<PortError>>,
    /// What it takes for the password of the device of its nth sign-in.
    pub device_password: Option<fn(u64) -> String>,
    /// Whether it refuses to sign in while somebody is signed in.
    pub one_at_a_time: bool,
    /// Whether its shim's `reset` does nothing.
    pub resets_nothing: bool,
    /// What it tells the application.
    pub tells: Option<fn(Reply) -> Reply>,
    /// How its shim writes answers.
    pub answers: Writing,
    /// Whether its shim writes them one octet at a time.
    pub octet_by_octet: bool,
    /// Whether its shim fills the error output.
    pub is_noisy: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            capabilities: Capabilities::everything(),
            policy: Policy::default(),
            http: HttpHabits::default(),
            reads: None,
            refuses: None,
            device_password: None,
            one_at_a_time: false,
            resets_nothing: false,
            tells: None,
            answers: Writing::default(),
            octet_by_octet: false,
            is_noisy: false,
        }
    }
}

/// How a port uses HTTP.
#[derive(Clone, Copy, Debug)]
pub struct HttpHabits {
    /// How header names are written.
    pub names: fn(&str) -> String,
    /// Whether the header lines come in the opposite order.
    pub reversed: bool,
    /// Header lines that come on top.
    pub extra: &'static [(&'static str, &'static str)],
    /// The content type, where it is another.
    pub content_type: Option<&'static str>,
    /// Whether a connection carries more than one request.
    pub keeps_alive: bool,
    /// Whether a request comes in pieces.
    pub in_pieces: bool,
    /// How bodies are written.
    pub body: Writing,
    /// How often a request is sent until an answer comes that is no failure of the service.
    pub tries: u8,
}

impl Default for HttpHabits {
    fn default() -> Self {
        Self {
            names: str::to_owned,
            reversed: false,
            extra: &[],
            content_type: None,
            keeps_alive: true,
            in_pieces: false,
            body: Writing::default(),
            tries: 1,
        }
    }
}
