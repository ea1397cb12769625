//! A running `serve`, its processor time and its memory.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::light_client::{self, Connection};

/// What is resident of a process, in KiB.
pub struct Memory {
    /// Everything.
    pub resident: u64,
    /// What it has written to. The rest are pages of its files, of which there are more or fewer as the linker placed things.
    pub own: u64,
}

/// A running `serve`, ended when it is dropped.
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: String,
    /// From the start of its process to its first answer.
    pub ready: Duration,
}

impl Server {
    /// Starts one, and waits for its first answer.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("load.toml");
        fs::write(&file, light_client::WORLD).expect("the file can be written");
        let before = Instant::now();
        let mut process = Command::new(env!("CARGO_BIN_EXE_cognito-conformance"))
            .arg("serve")
            .arg(&file)
            .args(["--port", "0", "--quiet"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = process.stdout.take().expect("its output is piped");
        let line = BufReader::new(stdout)
            .lines()
            .next()
            .expect("a line with the endpoint")
            .expect("in UTF-8");
        let (_, address) = line.split_once("http://").expect("an endpoint");
        let address = address.trim_end_matches('/').to_owned();
        Connection::open(&address).first_answer();
        Self {
            process,
            address,
            ready: before.elapsed(),
        }
    }

    /// User and system time of all its threads so far.
    pub fn processor_time(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        // The name in parentheses may hold anything; utime and stime are the 12th and 13th field after it.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: u64 =
            fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    /// What is resident of it now. Only Linux tells.
    pub fn memory(&self) -> Option<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let kibibytes = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Some(Memory {
            resident: kibibytes("VmRSS:")?,
            own: kibibytes("RssAnon:")?,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Memory in words.
pub fn described(memory: Option<Memory>) -> String {
    let megabytes = |kibibytes: u64| kibibytes as f64 * 1024.0 / 1e6;
    memory.map_or("not known here".to_owned(), |memory| {
        format!(
            "{:.1} MB, {:.1} MB of it without the program's files",
            megabytes(memory.resident),
            megabytes(memory.own)
        )
    })
}

/// What Linux counts processor time in, on every architecture of today.
const TICKS_PER_SECOND: u64 = 100;
