//! `serve` in a process of its own, asked over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::process::command;

/// A server in a process of its own, which is killed at the end of the test.
pub struct Served {
    pub endpoint: String,
    /// The first line that it printed.
    pub told: String,
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Served {
    /// Starts it on a port that the system chooses, and reads its first line.
    pub fn start(arguments: &[&str], folder: &Path) -> Self {
        let mut child = command(folder, &["serve", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary was built for this test");
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut told = String::new();
        stdout.read_line(&mut told).unwrap();
        let endpoint = told
            .trim()
            .strip_prefix("Listening on ")
            .unwrap_or_default();
        assert!(
            !endpoint.is_empty(),
            "the first line names the endpoint: {told:?}"
        );
        Self {
            endpoint: endpoint.to_owned(),
            told,
            child,
            stdout,
        }
    }

    /// The pool that is served where there is no file.
    pub fn ready() -> Self {
        Self::start(&[], Path::new("."))
    }

    /// Sends one request, and returns status, head and body.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        self.send_as(self.address(), method, path, headers, body)
    }

    /// The same by another name of the machine.
    pub fn send_as(
        &self,
        host: &str,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Answer {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    fn address(&self) -> &str {
        self.endpoint.strip_prefix("http://").unwrap()
    }

    pub fn operation(&self, operation: &str, body: &Value) -> Answer {
        let headers = format!(
            "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\n"
        );
        self.send("POST", "/", &headers, &body.to_string())
    }

    pub fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, "", "");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    pub fn with_password(&self, username: &str, password: &str) -> Answer {
        let body = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": "localwebclient",
            "AuthParameters": { "USERNAME": username, "PASSWORD": password },
        });
        self.operation("InitiateAuth", &body)
    }

    /// The next line of the standard output that contains a text.
    pub fn line_with(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "no line with {text:?} before the end");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Asks it to end.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end, and returns the exit code.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Asks it to end, and returns how it ended and all that it said since the last look, the first line included.
    pub fn end(mut self, signal: Signal) -> Output {
        self.signal(signal);
        let mut output = Output {
            status: self.child.wait().unwrap(),
            stdout: self.told.clone().into_bytes(),
            stderr: Vec::new(),
        };
        self.stdout.read_to_end(&mut output.stdout).unwrap();
        let stderr = self.child.stderr.take();
        stderr.unwrap().read_to_end(&mut output.stderr).unwrap();
        output
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a server answered.
pub struct Answer {
    pub status: u16,
    /// Status line and headers, in lower case.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}
