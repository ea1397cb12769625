//! How the process is started, read within bounds, and ended.

use std::collections::VecDeque;
use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::MAX_LINE;
use super::options::ShimCommand;
use crate::process_group::{ProcessGroup, read_from};

/// A shim's process. Dropping it kills the process and all that it started.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    group: ProcessGroup,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// What came of the line that is being read.
    line: Vec<u8>,
    /// Reads the error output; gone once that has been waited for.
    stderr: Option<JoinHandle<()>>,
}

/// Why there is no line.
#[derive(Debug)]
pub(super) enum NoLine {
    /// The output ended; so many octets of an unfinished line had come.
    End(usize),
    /// The line is longer than allowed; its beginning.
    TooLong(Vec<u8>),
    /// The system's error.
    Io(io::Error),
}

impl Process {
    /// Starts the command in a process group of its own.
    pub(super) fn spawn(
        command: &ShimCommand,
        env: &[(String, String)],
        tail: Arc<Mutex<Tail>>,
    ) -> io::Result<Self> {
        let mut command = system_command(command);
        command
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A terminal's Ctrl-C does not reach it there; it sees the end of its input instead.
        let (mut child, group) = ProcessGroup::start(&mut command)?;
        let missing = || io::Error::other("a pipe to the process is missing");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take().ok_or_else(missing)?;
        Ok(Self {
            child,
            group,
            stdin: Some(stdin),
            stdout: BufReader::with_capacity(BUFFER, stdout),
            line: Vec::new(),
            stderr: Some(tokio::spawn(drain(stderr, tail))),
        })
    }

    /// Writes one line.
    pub(super) async fn send(&mut self, line: &str) -> io::Result<()> {
        let stdin = self
            .stdin
            .as_mut()
            .ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        stdin.write_all(line.as_bytes()).await?;
        stdin.flush().await
    }

    /// Reads one line, without its line feed. Never holds more than [`MAX_LINE`] octets and a buffer.
    ///
    /// Where the process has ended and one that it started holds the output open, there is no line after a moment.
    pub(super) async fn line(&mut self) -> Result<Vec<u8>, NoLine> {
        self.line.clear();
        let reading = line_of(&mut self.stdout, &mut self.line);
        match read_from(&mut self.child, reading).await {
            Some(Ok(true)) => {}
            Some(Ok(false)) | None => return Err(NoLine::End(self.line.len())),
            Some(Err(error)) => return Err(NoLine::Io(error)),
        }
        let line = std::mem::take(&mut self.line);
        if line.len() > MAX_LINE {
            return Err(NoLine::TooLong(line));
        }
        Ok(line)
    }

    /// Whether the process has ended by itself; those that it started may be there still.
    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// How many octets of an unfinished line have come.
    pub(super) fn unfinished(&self) -> usize {
        self.line.len()
    }

    /// What came after the last line and was not asked for, as far as it is known without waiting.
    pub(super) fn unread(&self) -> &[u8] {
        self.stdout.buffer()
    }

    /// Closes the input and gives the process `grace` to end by itself; then ends it. Returns how it ended in words, or
    /// `None` when it had to be killed.
    pub(super) async fn finish(&mut self, grace: Duration) -> Option<String> {
        self.stdin = None;
        let ended = match timeout(grace, self.child.wait()).await {
            Ok(Ok(status)) => Some(status.to_string()),
            Ok(Err(error)) => Some(format!("unknown status ({error})")),
            Err(_) => None,
        };
        self.kill(grace).await;
        ended
    }

    /// Kills the process and all that it started, and takes in what is left of its error output.
    pub(super) async fn kill(&mut self, grace: Duration) {
        self.group.kill();
        // The results say only that it was gone already; `grace` bounds the wait for a process that left the group and
        // holds the pipe open.
        let _ = timeout(grace, self.child.kill()).await;
        if let Some(mut stderr) = self.stderr.take() {
            let _ = timeout(grace, &mut stderr).await;
            stderr.abort();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
        if let Some(stderr) = &self.stderr {
            stderr.abort();
        }
    }
}

/// Reads on until the line has ended or is too long. `false` where the output ended first.
async fn line_of(stdout: &mut BufReader<ChildStdout>, line: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        let buffer = stdout.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let end = buffer.iter().position(|octet| *octet == b'\n');
        let taken = end.unwrap_or(buffer.len());
        line.extend_from_slice(&buffer[..taken]);
        stdout.consume(end.map_or(taken, |end| end + 1));
        if end.is_some() || line.len() > MAX_LINE {
            return Ok(true);
        }
    }
}

/// The end of a process's error output.
#[derive(Debug, Default)]
pub(super) struct Tail {
    octets: VecDeque<u8>,
    dropped: u64,
}

impl Tail {
    /// What is there, which is then forgotten.
    pub(super) fn take(shared: &Mutex<Self>) -> String {
        let tail = std::mem::take(&mut *shared.lock().unwrap_or_else(PoisonError::into_inner));
        let octets: Vec<u8> = tail.octets.into();
        let text = String::from_utf8_lossy(&octets);
        if tail.dropped == 0 {
            text.into_owned()
        } else {
            format!("[{} octets left out] …{text}", tail.dropped)
        }
    }

    /// The last characters of what is there, which is kept; fit to be printed.
    pub(super) fn peek(shared: &Mutex<Self>) -> String {
        let mut tail = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let octets = tail.octets.make_contiguous();
        let from = octets.len().saturating_sub(PEEKED);
        let text = String::from_utf8_lossy(&octets[from..])
            .trim()
            .replace(|c: char| c.is_control() && c != '\n', " ");
        match from {
            0 => text,
            _ => format!("…{text}"),
        }
    }

    fn push(&mut self, octets: &[u8]) {
        self.octets.extend(octets);
        let excess = self.octets.len().saturating_sub(TAIL);
        self.octets.drain(..excess);
        self.dropped += excess as u64;
    }
}

async fn drain(mut stderr: ChildStderr, tail: Arc<Mutex<Tail>>) {
    let mut buffer = vec![0; BUFFER];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        tail.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(&buffer[..count]);
    }
}

fn system_command(command: &ShimCommand) -> Command {
    match command {
        ShimCommand::Line(line) => {
            let (shell, option) = if cfg!(windows) {
                ("cmd", "/C")
            } else {
                ("sh", "-c")
            };
            let mut command = Command::new(shell);
            command.arg(option).arg(line);
            command
        }
        ShimCommand::Words(words) => {
            let mut command = Command::new(words.first().map_or("", String::as_str));
            command.args(words.iter().skip(1));
            command
        }
    }
}

const BUFFER: usize = 16 * 1024;

/// How much error output is kept.
const TAIL: usize = 64 * 1024;

/// How much of it goes into the detail of a crash.
const PEEKED: usize = 2 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_error_output_the_end_is_kept() {
        let tail = Mutex::new(Tail::default());
        tail.lock().unwrap().push(&vec![b'x'; TAIL]);
        tail.lock().unwrap().push(b"the end");
        let text = Tail::take(&tail);
        assert!(
            text.starts_with("[7 octets left out] …x"),
            "{}",
            &text[..30]
        );
        assert!(text.ends_with("xthe end"));
        assert_eq!(Tail::take(&tail), "", "taken once");
    }
}
