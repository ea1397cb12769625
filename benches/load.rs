//! `serve` under load: sign-ins per second at one and eight connections, processor time of the server per sign-in, time from
//! start-up to the first answer, and memory.
//!
//! `cargo bench --bench load` prints a table. The clients are threads of this program on plain keep-alive connections, with A
//! computed ahead; what they compute is not the server's time, but takes the same processors. Processor time and memory of the
//! server are read from `/proc`, so only Linux shows those. `-- --sign-ins N` changes how many sign-ins a row takes (400),
//! `-- --test` makes a few, to see that it runs.

#[path = "support/account.rs"]
mod account;
#[path = "support/flags.rs"]
mod flags;
#[allow(dead_code, reason = "another benchmark uses the rest")]
#[path = "support/light_client.rs"]
mod light_client;
#[path = "support/server.rs"]
mod server;

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use flags::{is_test, number_after};
use light_client::{Connection, Flow};
use server::{Server, described};

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
    let idle = idle_connections(&server.address, IDLE);
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

/// Connections on which nothing is ever sent, as many as this process may open.
fn idle_connections(address: &str, most: usize) -> Vec<TcpStream> {
    (0..most)
        .map_while(|_| TcpStream::connect(address).ok())
        .collect()
}

fn sign_ins() -> usize {
    match is_test() {
        true => 8,
        false => number_after("--sign-ins").unwrap_or(400),
    }
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values[values.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

const STARTS: usize = 5;
const IDLE: usize = 10_000;
