//! Generated sign-ins: runs of the program itself, each with another engine.

use std::fs;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use cognito_conformance::run::bench::measure::{Candidate, ClockKind, Halt};
use cognito_conformance::srp::modexp::{ENGINE_VARIABLE, Engine, EngineName};

use crate::workload::{Effort, Workload, engine_name};

/// The name of the workload.
pub const WORKLOAD: &str = "generated sign-ins";

/// Measures runs of the program, per scenario. A run whose verdict is not that all is well ends it.
pub fn measure(effort: &Effort) -> Result<Workload, String> {
    let clock = match processor_time_of_children() {
        Some(_) => ClockKind::ThreadCpu,
        None => ClockKind::Wall,
    };
    let candidates = Engine::available().map(|engine| {
        let (name, cases) = (engine.name(), effort.cases);
        // The watch counts this process's time, and what is wanted is its children's.
        Candidate::timing_itself(engine_name(name, false), cases, clock, move |watch| {
            let before = processor_time_of_children();
            let (status, by_wall) = watch.time(|| run(name, cases));
            let after = processor_time_of_children();
            match status {
                Ok(status) if status.success() => Ok(match (before, after) {
                    (Some(before), Some(after)) => after.saturating_sub(before),
                    _ => by_wall,
                }),
                Ok(status) => Err(Halt::StopAll(format!("with {name} it ended with {status}"))),
                Err(error) => Err(Halt::StopAll(format!("it can't be started: {error}"))),
            }
        })
    });
    let workload = Workload::measure(WORKLOAD.to_owned(), candidates.collect(), &effort.runs);
    let failure = workload
        .results
        .iter()
        .find_map(|result| result.failure.clone());
    failure.map_or(Ok(workload), Err)
}

fn run(engine: EngineName, cases: u32) -> std::io::Result<ExitStatus> {
    Command::new(env!("CARGO_BIN_EXE_cognito-conformance"))
        .args(["check", "--in-process", "--jobs", "1", "--seed", "1"])
        .args(["--filter", "generated/*", "--cases", &cases.to_string()])
        .env(ENGINE_VARIABLE, engine.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
}

/// The processor time of the children that ended, where the system tells it: Linux does, in hundredths of a second.
fn processor_time_of_children() -> Option<Duration> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets, which may hold anything.
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(FIELDS_BEFORE);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(TICK * u32::try_from(user + system).ok()?)
}

/// Fields between the name and `cutime` (proc(5), fields 3 to 15).
const FIELDS_BEFORE: usize = 13;
const TICK: Duration = Duration::from_millis(10);
