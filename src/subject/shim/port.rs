//! One call in, one reply out, whatever the shim does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::error::{ShimError, StartError};
use super::message::{self, Answer};
use super::options::{ShimCommand, ShimOptions};
use super::process::{NoLine, Process, Tail};
use super::schema::Breach;
use super::{MAX_LINE, PROTOCOL_VERSION};
use crate::excerpt::on_one_line;
use crate::process_group;
use crate::scenario::strategy::SUITE_VERSION;
use crate::subject::capabilities::Description;
use crate::subject::primitive::{PrimitiveCall, PrimitiveReply};
use crate::wire::{Call, NextStep, Reply};

/// A port that is driven through a shim.
///
/// One request is in progress at a time, and only that one is blamed when the process ends, stays silent or breaks the
/// protocol. After any of these the process is killed with all that it started, and the next request starts a new one, which
/// knows nothing of a sign-in that was under way.
#[derive(Debug)]
pub struct ShimPort {
    command: ShimCommand,
    options: ShimOptions,
    description: Description,
    process: Option<Process>,
    stderr: Arc<Mutex<Tail>>,
    next_id: u64,
    restarts: u32,
    in_a_row: u32,
}

impl ShimPort {
    /// Starts the shim and asks it to describe itself.
    ///
    /// # Errors
    ///
    /// The command could not be started, or its answer to `initialize` is missing, late or wrong. A process that ends before
    /// it answers is tried three times.
    pub async fn start(
        command: impl Into<ShimCommand>,
        options: ShimOptions,
    ) -> Result<Self, StartError> {
        let mut starter = Starter {
            command: command.into(),
            options,
            stderr: Arc::default(),
            next_id: 1,
        };
        let (process, description) = starter.start().await?;
        let Starter {
            command,
            options,
            stderr,
            next_id,
        } = starter;
        Ok(Self {
            command,
            options,
            description,
            process: Some(process),
            stderr,
            next_id,
            restarts: 0,
            in_a_row: 0,
        })
    }

    /// Who is under test, and what it offers.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// How often the process was started again.
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// Plays one call.
    ///
    /// Injected values are sent as they are; see
    /// [`Capabilities::injectable`](crate::subject::Capabilities::injectable) for what a port takes.
    ///
    /// # Errors
    ///
    /// Nothing a shim does in a call is an error here: it is the reply. An error says that the shim could not be started
    /// again, or that our own message breaks the protocol.
    pub async fn call(&mut self, call: &Call) -> Result<Reply, ShimError> {
        reply(call, self.exchange(call.method(), call).await?)
    }

    /// Asks for one pure function.
    ///
    /// # Errors
    ///
    /// As for [`ShimPort::call`].
    pub async fn primitive(&mut self, call: &PrimitiveCall) -> Result<PrimitiveReply, ShimError> {
        primitive_reply(call, self.exchange(call.method(), call).await?)
    }

    /// The end of what the shim wrote to stderr since the last time, across restarts: at most 64 KiB. It never affects a
    /// verdict.
    pub fn take_stderr(&self) -> String {
        Tail::take(&self.stderr)
    }

    /// Closes the shim's input, gives it its grace to end by itself, and kills what is left.
    pub async fn close(mut self) {
        if let Some(mut process) = self.process.take() {
            process.finish(self.options.grace).await;
        }
    }

    async fn exchange(
        &mut self,
        method: &'static str,
        call: &impl Serialize,
    ) -> Result<Outcome, ShimError> {
        // Taken out of `self` while a request is in progress: a future that is dropped midway drops the process too, and no
        // late answer can meet a later request.
        let mut process = match self.process.take() {
            Some(process) => process,
            None => self.restart().await?,
        };
        let id = self.next_id;
        let line = match message::request(id, method, call) {
            Ok(line) => line,
            Err(breach) => {
                self.process = Some(process);
                return Err(ShimError::Harness { method, breach });
            }
        };
        self.next_id += 1;
        let outcome = ask(
            &mut process,
            Question {
                id,
                method,
                line: &line,
                deadline: self.options.deadline,
                grace: self.options.grace,
            },
            &self.stderr,
        )
        .await;
        if outcome.leaves_the_process_usable() {
            self.in_a_row = 0;
            self.process = Some(process);
        }
        Ok(outcome)
    }

    async fn restart(&mut self) -> Result<Process, StartError> {
        if self.in_a_row >= self.options.restarts {
            return Err(StartError::OutOfRestarts {
                command: self.command.clone(),
                budget: self.options.restarts,
            });
        }
        self.restarts += 1;
        self.in_a_row += 1;
        let mut starter = Starter {
            command: self.command.clone(),
            options: self.options.clone(),
            stderr: Arc::clone(&self.stderr),
            next_id: self.next_id,
        };
        let started = starter.start().await;
        self.next_id = starter.next_id;
        let (process, description) = started?;
        if description != self.description {
            let shown = |description: &Description| json!(description).to_string();
            return Err(StartError::Changed {
                command: self.command.clone(),
                before: shown(&self.description),
                after: shown(&description),
            });
        }
        Ok(process)
    }
}

/// What [`ShimPort::call`] makes of a line that answers request 1: for `fuzz/`, which has no process.
///
/// # Errors
///
/// When schema and types disagree.
#[doc(hidden)]
pub fn reply_in(line: &[u8], call: &Call) -> Result<Reply, ShimError> {
    reply(call, outcome_of(message::answer(line, 1, call.method())))
}

/// What [`ShimPort::primitive`] makes of a line that answers request 1: for `fuzz/`, which has no process.
///
/// # Errors
///
/// When schema and types disagree.
#[doc(hidden)]
pub fn primitive_reply_in(line: &[u8], call: &PrimitiveCall) -> Result<PrimitiveReply, ShimError> {
    primitive_reply(call, outcome_of(message::answer(line, 1, call.method())))
}

fn reply(call: &Call, outcome: Outcome) -> Result<Reply, ShimError> {
    let method = call.method();
    Ok(match outcome {
        Outcome::Result(result) => match call {
            Call::Reset
            | Call::ConfirmResetPassword(_)
            | Call::SignOut(_)
            | Call::RememberDevice
            | Call::ForgetDevice(_) => Reply::Empty,
            Call::FetchAuthSession(_) => Reply::Session {
                tokens: read(method, &result["tokens"])?,
            },
            Call::SignIn(_) | Call::ConfirmSignIn(_) | Call::ResetPassword(_) => Reply::Step {
                next: read::<NextStep>(method, &result["nextStep"])?,
            },
        },
        Outcome::Unsupported(reason) => Reply::Unsupported { reason },
        Outcome::Error(error) => Reply::Error { error },
        Outcome::Crash(detail) => Reply::Crash { detail },
        Outcome::TimedOut(after_ms) => Reply::TimedOut { after_ms },
        Outcome::ProtocolBroken(detail) => Reply::ProtocolBroken { detail },
    })
}

fn primitive_reply(call: &PrimitiveCall, outcome: Outcome) -> Result<PrimitiveReply, ShimError> {
    Ok(match outcome {
        Outcome::Result(result) => PrimitiveReply::Shown {
            values: Box::new(read(call.method(), &result)?),
        },
        Outcome::Unsupported(reason) => PrimitiveReply::Unsupported { reason },
        Outcome::Error(error) => PrimitiveReply::Error { error },
        Outcome::Crash(detail) => PrimitiveReply::Crash { detail },
        Outcome::TimedOut(after_ms) => PrimitiveReply::TimedOut { after_ms },
        Outcome::ProtocolBroken(detail) => PrimitiveReply::ProtocolBroken { detail },
    })
}

fn outcome_of(answer: Result<Answer, String>) -> Outcome {
    match answer {
        Ok(Answer::Result(result)) => Outcome::Result(result),
        Ok(Answer::Unsupported(reason)) => Outcome::Unsupported(reason),
        Ok(Answer::Error(error)) => Outcome::Error(error),
        Err(problem) => Outcome::ProtocolBroken(problem),
    }
}

/// What is needed to start a process and to have it describe itself.
struct Starter {
    command: ShimCommand,
    options: ShimOptions,
    stderr: Arc<Mutex<Tail>>,
    next_id: u64,
}

impl Starter {
    async fn start(&mut self) -> Result<(Process, Description), StartError> {
        if matches!(&self.command, ShimCommand::Words(words) if words.is_empty()) {
            return Err(StartError::NoCommand);
        }
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.attempt().await {
                // Only a crash may pass by itself (a port in use, a machine out of memory); silence and nonsense stay.
                Err(StartError::Crashed {
                    command, detail, ..
                }) if attempts >= ATTEMPTS => {
                    return Err(StartError::Crashed {
                        command,
                        attempts,
                        detail,
                    });
                }
                Err(StartError::Crashed { .. }) => sleep(BACKOFF * attempts).await,
                result => return result,
            }
        }
    }

    async fn attempt(&mut self) -> Result<(Process, Description), StartError> {
        let command = self.command.clone();
        let mut process =
            match Process::spawn(&command, &self.options.env, Arc::clone(&self.stderr)) {
                Ok(process) => process,
                Err(source) => {
                    process_group::unless_all_are_killed().await;
                    return Err(StartError::Spawn { command, source });
                }
            };
        let id = self.next_id;
        self.next_id += 1;
        let initialize = json!({"method": INITIALIZE, "params": {
            "protocol": PROTOCOL_VERSION,
            "suiteVersion": SUITE_VERSION,
        }});
        let line = match message::request(id, INITIALIZE, &initialize) {
            Ok(line) => line,
            Err(breach) => {
                return Err(StartError::Protocol {
                    command,
                    detail: format!("the harness's own request is wrong {breach}"),
                });
            }
        };
        let question = Question {
            id,
            method: INITIALIZE,
            line: &line,
            deadline: self.options.start_deadline,
            grace: self.options.grace,
        };
        match ask(&mut process, question, &self.stderr).await {
            Outcome::Result(result) => match serde_json::from_value(result) {
                Ok(description) => Ok((process, description)),
                Err(error) => Err(StartError::Protocol {
                    command,
                    detail: error.to_string(),
                }),
            },
            Outcome::Unsupported(detail) => Err(StartError::Refused { command, detail }),
            Outcome::Error(error) => Err(StartError::Refused {
                command,
                detail: format!(
                    "{}: {}",
                    on_one_line(&error.name),
                    on_one_line(&error.message)
                ),
            }),
            Outcome::Crash(detail) => Err(StartError::Crashed {
                command,
                attempts: 1,
                detail,
            }),
            Outcome::TimedOut(after_ms) => Err(StartError::TimedOut {
                command,
                after_ms,
                stderr: Tail::peek(&self.stderr),
            }),
            Outcome::ProtocolBroken(detail) => Err(StartError::Protocol { command, detail }),
        }
    }
}

struct Question<'a> {
    id: u64,
    method: &'static str,
    line: &'a str,
    deadline: Duration,
    grace: Duration,
}

/// What became of one request.
enum Outcome {
    Result(Value),
    Unsupported(String),
    Error(crate::wire::PortError),
    Crash(String),
    TimedOut(u64),
    ProtocolBroken(String),
}

impl Outcome {
    fn leaves_the_process_usable(&self) -> bool {
        matches!(
            self,
            Self::Result(_) | Self::Unsupported(_) | Self::Error(_)
        )
    }
}

/// Sends one line, reads one, and ends the process if that did not go as it should.
async fn ask(process: &mut Process, question: Question<'_>, stderr: &Mutex<Tail>) -> Outcome {
    let grace = question.grace;
    let conversation = async {
        // A failure to write means that the process ended or stopped reading. What it wrote before tells more.
        let _ = process.send(question.line).await;
        process.line().await
    };
    let line = timeout(question.deadline, conversation).await;
    if !matches!(line, Ok(Ok(_))) {
        process_group::unless_all_are_killed().await;
    }
    let Ok(line) = line else {
        // One that ended just before, and left somebody who holds its output open, did not keep silent.
        if process.has_ended() {
            let unfinished = process.unfinished();
            if let Some(status) = process.finish(grace).await {
                return Outcome::Crash(crash(&question, &status, unfinished, stderr));
            }
        }
        process.kill(grace).await;
        let after_ms = question.deadline.as_millis();
        return Outcome::TimedOut(u64::try_from(after_ms).unwrap_or(u64::MAX));
    };
    let problem = match line {
        Ok(line) => match message::answer(&line, question.id, question.method) {
            Ok(_) if !process.unread().is_empty() => format!(
                "more than one line came after one request: {}",
                on_one_line(&String::from_utf8_lossy(process.unread()))
            ),
            Ok(answer) => return outcome_of(Ok(answer)),
            Err(problem) => problem,
        },
        Err(NoLine::TooLong(line)) => format!(
            "a line on stdout is longer than {MAX_LINE} octets: {}",
            on_one_line(&String::from_utf8_lossy(&line))
        ),
        Err(NoLine::Io(error)) => format!("stdout could not be read: {error}"),
        Err(NoLine::End(unfinished)) => match process.finish(grace).await {
            Some(status) => return Outcome::Crash(crash(&question, &status, unfinished, stderr)),
            None => "stdout was closed although the process went on running".to_owned(),
        },
    };
    process.kill(grace).await;
    Outcome::ProtocolBroken(problem)
}

fn crash(question: &Question<'_>, status: &str, unfinished: usize, stderr: &Mutex<Tail>) -> String {
    let mut detail = format!(
        "the process ended before it answered `{}` ({status})",
        question.method
    );
    if unfinished > 0 {
        detail.push_str(&format!(
            ", after {unfinished} octets of an unfinished line"
        ));
    }
    let stderr = Tail::peek(stderr);
    match telling_line(&stderr) {
        Some(line) if line.len() < stderr.len() => {
            detail.push_str(&format!("; stderr: {line}\nwhole: {stderr}"));
        }
        Some(line) => detail.push_str(&format!("; stderr: {line}")),
        None => {}
    }
    detail
}

/// The line of an error output that says what happened: the last that names an error, or else the last.
fn telling_line(stderr: &str) -> Option<&str> {
    let names_error = |line: &&str| {
        let words = ["Error", "Exception", "panic", "error:"];
        words.iter().any(|word| line.contains(word))
    };
    let mut lines = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let last = lines.clone().next_back();
    lines.rfind(names_error).or(last)
}

/// The schema let it through, so a failure here means that schema and types disagree: our fault.
fn read<T: DeserializeOwned>(method: &'static str, value: &Value) -> Result<T, ShimError> {
    T::deserialize(value).map_err(|error| ShimError::Harness {
        method,
        breach: Breach {
            path: "/result".to_owned(),
            problem: format!("the schema allows what the types do not: {error}"),
        },
    })
}

const INITIALIZE: &str = "initialize";

/// How often a process that ends at once is started before we give up.
const ATTEMPTS: u32 = 3;

const BACKOFF: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_was_is_said_by_the_line_that_names_an_error_wherever_it_stands() {
        let python =
            "Traceback (most recent call last):\n  File \"shim.py\", line 3\nKeyError: 'a'";
        let node = "shim.js:1\nthrow x;\n\nTypeError: x is not iterable\n    at main (shim.js:1)\n\nNode.js v20";
        for (stderr, line) in [
            (python, Some("KeyError: 'a'")),
            (node, Some("TypeError: x is not iterable")),
            ("starting\nit hurts\n\n", Some("it hurts")),
            ("", None),
        ] {
            assert_eq!(telling_line(stderr), line, "{stderr}");
        }
    }
}
