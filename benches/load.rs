//! `serve` under load: sign-ins per second at one and eight connections, processor time of the server per sign-in, time from
//! start-up to the first answer, and memory.
//!
//! `cargo bench --bench load` prints a table. The clients are threads of this program on plain keep-alive connections, with A
//! computed ahead; what they compute is not the server's time, but takes the same processors. Processor time and memory of the
//! server are read from `/proc`, so only Linux shows those. `-- --sign-ins N` changes how many sign-ins a row takes (400),
//! `-- --test` makes a few, to see that it runs.

#[path = "support/account.rs"]
mod account;
#[path = "support/light_client.rs"]
mod light_client;

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use light_client::{Connection, Flow};

fn main() {
    let sign_ins = sign_ins();
    let ready: Vec<Duration> = (0..STARTS).map(|_| Server::start().ready).collect();
    println!(
        "start-up to first answer: {:.1} ms (median of {STARTS}, from the start of the process)",
        milliseconds(median(ready))
    );
    let server = Server::start();
    println!("memory once ready: {}", described(server.memory()));
    println!();
    println!("| flow | connections | sign-ins/s | server CPU/sign-in | wait/sign-in (median) |");
    println!("|---|---:|---:|---:|---:|");
    for flow in [Flow::Password, Flow::Srp] {
        for connections in [1, 8] {
            // Key pairs, tables and pages are there after the first ones.
            measure(&server, flow, connections, sign_ins.div_ceil(10));
            let row = measure(&server, flow, connections, sign_ins);
            println!(
                "| {} | {connections} | {:.0} | {} | {:.2} ms |",
                flow.name(),
                row.rate,
                row.cpu.map_or("not known here".to_owned(), |cpu| format!(
                    "{:.2} ms",
                    milliseconds(cpu)
                )),
                milliseconds(row.wait),
            );
        }
    }
    println!();
    println!("memory after these: {}", described(server.memory()));
    let idle = server.idle_connections(IDLE);
    let row = measure(&server, Flow::Password, 1, sign_ins);
    println!(
        "USER_PASSWORD_AUTH on one connection while {} others are opened and left idle: {:.0} sign-ins/s, wait {:.2} ms",
        idle.len(),
        row.rate,
        milliseconds(row.wait),
    );
    println!("memory after those: {}", described(server.memory()));
}

/// What a row of the table tells.
struct Row {
    rate: f64,
    cpu: Option<Duration>,
    wait: Duration,
}

fn measure(server: &Server, flow: Flow, connections: usize, sign_ins: usize) -> Row {
    let each = sign_ins.div_ceil(connections);
    let cpu_before = server.processor_time();
    let before = Instant::now();
    let waits: Vec<Duration> = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(move || {
                    let mut connection = Connection::open(&server.address);
                    (0..each)
                        .map(|_| connection.sign_in(flow))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("every sign-in succeeds"))
            .collect()
    });
    let took = before.elapsed();
    let count = waits.len();
    let cpu = server
        .processor_time()
        .zip(cpu_before)
        .map(|(after, before)| (after - before) / u32::try_from(count).unwrap_or(u32::MAX));
    Row {
        rate: count as f64 / took.as_secs_f64(),
        cpu,
        wait: median(waits),
    }
}

/// What is resident of a process, in KiB.
struct Memory {
    /// Everything.
    resident: u64,
    /// What it has written to. The rest are pages of its files, of which there are more or fewer as the linker placed things.
    own: u64,
}

/// A running `serve`, ended when it is dropped.
struct Server {
    process: Child,
    address: String,
    ready: Duration,
}

impl Server {
    fn start() -> Self {
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

    /// Connections on which nothing is ever sent, as many as this process may open.
    fn idle_connections(&self, most: usize) -> Vec<TcpStream> {
        (0..most)
            .map_while(|_| TcpStream::connect(&self.address).ok())
            .collect()
    }

    /// User and system time of all its threads so far.
    fn processor_time(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        // The name in parentheses may hold anything; utime and stime are the 12th and 13th field after it.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: u64 =
            fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    }

    fn memory(&self) -> Option<Memory> {
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

fn sign_ins() -> usize {
    let arguments: Vec<String> = env::args().collect();
    if arguments.iter().any(|argument| argument == "--test") {
        return 8;
    }
    arguments
        .iter()
        .position(|argument| argument == "--sign-ins")
        .and_then(|at| arguments.get(at + 1))
        .map_or(400, |n| n.parse().expect("--sign-ins takes a number"))
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values[values.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn described(memory: Option<Memory>) -> String {
    let megabytes = |kibibytes: u64| kibibytes as f64 * 1024.0 / 1e6;
    memory.map_or("not known here".to_owned(), |memory| {
        format!(
            "{:.1} MB, {:.1} MB of it without the program's files",
            megabytes(memory.resident),
            megabytes(memory.own)
        )
    })
}

const STARTS: usize = 5;
const IDLE: usize = 10_000;
/// What Linux counts processor time in, on every architecture of today.
const TICKS_PER_SECOND: u64 = 100;
