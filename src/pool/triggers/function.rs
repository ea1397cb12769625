//! Functions outside of this program, asked for a trigger.

use std::process::Stdio;
use std::thread;

use reqwest::Url;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::runtime;
use tokio::time::timeout;

use crate::model::Function;
use crate::pool::state::outside::{Invocation, Said};
use crate::process_group::{ProcessGroup, read_from};

impl Invocation {
    /// Asks the function, and waits for what it says: it blocks for as long as the limits allow. It may be called inside and
    /// outside of an asynchronous runtime.
    ///
    /// A function that answers within the program has nothing to say here.
    pub fn run(&self) -> Said {
        // A thread of its own: a runtime can't be waited for on a thread that drives another one.
        thread::scope(|scope| {
            let asking = thread::Builder::new()
                .name("function".to_owned())
                .spawn_scoped(scope, || self.run_here());
            match asking {
                Ok(asking) => asking.join().unwrap_or_else(|_| {
                    Said::Failed("The function could not be asked: please report this".to_owned())
                }),
                Err(error) => failed("No thread is left to ask the function on", &error),
            }
        })
    }

    fn run_here(&self) -> Said {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(self.ask()),
            Err(error) => failed("The function could not be asked", &error),
        }
    }

    async fn ask(&self) -> Said {
        let event = self.event.to_string();
        for _ in 0..self.limits.attempts {
            let answer = timeout(self.limits.time, async {
                match &self.function {
                    Function::Command(words) => self.ask_command(words, &event).await,
                    Function::Http(url) => self.ask_http(url, &event).await,
                    Function::Respond(_) | Function::Throw(_) | Function::BuiltIn(_) => {
                        Said::Nonsense
                    }
                }
            });
            if let Ok(said) = answer.await {
                return said;
            }
        }
        Said::TimedOut
    }

    async fn ask_command(&self, words: &[String], event: &str) -> Said {
        let Some((program, arguments)) = words.split_first() else {
            return Said::Failed("The command is empty".to_owned());
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // The group is killed however this ends, at a time-out, too.
        let (mut child, _group) = match ProcessGroup::start(&mut command) {
            Ok(started) => started,
            Err(error) => return failed(&format!("{program} could not be started"), &error),
        };
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Said::Failed(format!("{program} has no pipes"));
        };
        let hands_in = async move {
            // A function need not read its event, and then the pipe breaks.
            let _ = stdin.write_all(event.as_bytes()).await;
            let _ = stdin.shutdown().await;
        };
        let (mut output, mut complaints) = (Vec::new(), Vec::new());
        let talk = async {
            tokio::join!(
                hands_in,
                read_up_to(self.limits.octets, stdout, &mut output),
                read_end(KEPT_OF_COMPLAINTS, stderr, &mut complaints),
            )
        };
        // However far that came: what was read is what there is.
        let _ = read_from(&mut child, talk).await;
        let ended = child.wait().await;
        if output.len() > self.limits.octets {
            return self.too_large();
        }
        match ended {
            Ok(status) if status.success() => self.read(&output),
            Ok(status) => {
                let text = String::from_utf8_lossy(&complaints);
                let last = text
                    .lines()
                    .rev()
                    .map(str::trim)
                    .find(|line| !line.is_empty());
                Said::Threw(last.map_or_else(|| status.to_string(), str::to_owned))
            }
            Err(error) => failed(&format!("{program} could not be waited for"), &error),
        }
    }

    async fn ask_http(&self, url: &str, event: &str) -> Said {
        let url = match function_url(url) {
            Ok(url) => url,
            Err(why) => return Said::Failed(why),
        };
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build();
        let client = match client {
            Ok(client) => client,
            Err(error) => return failed("The HTTP client could not be set up", &error),
        };
        let sent = client
            .post(url.clone())
            .header("Content-Type", "application/json")
            .body(event.to_owned())
            .send()
            .await;
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => {
                return failed(&format!("No connection to {url}"), root(&error));
            }
            Err(error) => return failed(&format!("No answer from {url}"), root(&error)),
        };
        let mut body = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.limits.octets => {
                    return self.too_large();
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return failed(&format!("No whole answer from {url}"), root(&error)),
            }
        }
        if !answer.status().is_success() {
            return Said::Failed(format!("{url} answered {}", answer.status()));
        }
        let result: Option<Value> = serde_json::from_slice(&body).ok();
        // The emulator answers 200 to a function that threw, as the service does.
        let message = result
            .as_ref()
            .and_then(|result| result.get("errorMessage"));
        let has_thrown = answer.headers().contains_key("x-amz-function-error")
            || (message.is_some()
                && result
                    .as_ref()
                    .is_some_and(|it| it.get("request").is_none()));
        if has_thrown {
            let text = message.and_then(Value::as_str).map(str::to_owned);
            return Said::Threw(text.unwrap_or_else(|| "null".to_owned()));
        }
        self.read(&body)
    }

    /// What a function's output says.
    fn read(&self, output: &[u8]) -> Said {
        match serde_json::from_slice::<Value>(output) {
            Err(_) => Said::NotJson,
            Ok(event) if is_whole(&event) => Said::Response(event["response"].clone()),
            Ok(_) => Said::Nonsense,
        }
    }

    fn too_large(&self) -> Said {
        Said::Failed(format!(
            "The function answered with more than {} octets",
            self.limits.octets
        ))
    }
}

/// Whether this is an event as the service takes it back: with `callerContext` and `request`, a `response`, no member in
/// PascalCase in their place, and no `null` for a map (captured).
fn is_whole(event: &Value) -> bool {
    let request = &event["request"];
    event["callerContext"]["clientId"].is_string()
        && request.is_object()
        && event["response"].is_object()
        && MAPS
            .iter()
            .all(|name| request.get(name).is_none_or(Value::is_object))
}

/// Reads to the end, or until there are more than `most` octets.
async fn read_up_to(most: usize, mut pipe: impl AsyncRead + Unpin, octets: &mut Vec<u8>) {
    let mut buffer = vec![0; BUFFER];
    // What came before an error is what there is.
    while octets.len() <= most
        && let Ok(count @ 1..) = pipe.read(&mut buffer).await
    {
        octets.extend_from_slice(&buffer[..count]);
    }
}

/// Reads to the end, and keeps the last `kept` octets.
async fn read_end(kept: usize, mut pipe: impl AsyncRead + Unpin, octets: &mut Vec<u8>) {
    let mut buffer = vec![0; BUFFER];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        octets.extend_from_slice(&buffer[..count]);
        let excess = octets.len().saturating_sub(kept);
        octets.drain(..excess);
    }
}

fn function_url(text: &str) -> Result<Url, String> {
    let mut url = Url::parse(text).map_err(|error| format!("{text} is no URL: {error}"))?;
    if url.scheme() != "http" {
        return Err(format!(
            "{text} can't be asked: only http URLs are supported"
        ));
    }
    if matches!(url.path(), "" | "/") {
        url.set_path(INVOCATIONS);
    }
    Ok(url)
}

fn failed(what: &str, why: &dyn std::error::Error) -> Said {
    Said::Failed(format!("{what}: {why}"))
}

/// The innermost reason, which is the one that says something.
fn root(error: &reqwest::Error) -> &dyn std::error::Error {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    reason
}

/// Where the Lambda Runtime Interface Emulator takes events.
const INVOCATIONS: &str = "/2015-03-31/functions/function/invocations";
/// Members of `request` that are maps.
const MAPS: [&str; 4] = [
    "userAttributes",
    "clientMetadata",
    "validationData",
    "privateChallengeParameters",
];
const BUFFER: usize = 16 * 1024;
const KEPT_OF_COMPLAINTS: usize = 64 * 1024;
