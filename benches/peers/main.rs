//! Our engines and the libraries that people would otherwise use, side by side.
//!
//! ```sh
//! cargo bench --features peer-benches --bench peers            # tables of medians and of the goals
//! cargo bench --features peer-benches --bench peers -- --help
//! ```
//!
//! | workload | formula | exponents | checks |
//! |---|---|---|---|
//! | `g^a 256` … | g^a mod N, g = 2 | 256, 1024, 3072 bits | every result equals num-bigint's |
//! | `base^e 256` … | base^e mod N, base of 3072 bits | 256, 1024, 3072 bits | every result equals num-bigint's |
//! | `client, a 1024` | A = g^a, u, x, v = g^x, S = (B − k·v)^(a + u·x), HKDF, claim | a 1024 bits, x and u 256 | every claim equals num-bigint's |
//! | `server, b 256` | B = k·v + g^b, u, S = (A·v^u)^b, HKDF, claim | b 256 bits, u 256 | every claim equals num-bigint's |
//! | `generated sign-ins` | `check --in-process --jobs 1 --filter 'generated/*'` | the suite's | every rule holds |
//!
//! N is Cognito's prime of 3072 bits. Each workload has eight inputs, which everybody goes through in turn, or takes side by
//! side; a time is for one of them. The libraries' steps are written as a port on that library would write them: all
//! arithmetic with the library, what it can keep of N kept, k known; hashes are the same code for all. Nobody uses what only
//! a test would know. Our tables of powers of g are built before the first round, as they are once in a process.
//!
//! The candidates of a workload take turns: every round runs each of them once and begins with another one. Times are the
//! thread's processor time, medians over the rounds; a ratio is the median of the rounds' ratios. Generated sign-ins are
//! runs of the program itself, since an engine is chosen for the life of a process; their time is the processor time of the
//! whole run, where the system tells it, else wall time: start, rules and the search for rare values included.
//!
//! **Variable time, test secrets only**: what is compared here in speed protects nobody, except for the functions that say
//! that they are constant time.

mod goals;
mod libraries;
mod powers;
mod report;
mod sign_ins;
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod workload;

use std::process::ExitCode;

use clap::Parser;

use libraries::Libraries;
use report::Report;
use workload::{Effort, Workload};

/// Our engines and the libraries that people would otherwise use, side by side.
#[derive(Debug, Parser)]
#[command(name = "peers")]
struct Arguments {
    /// Only workloads whose names contain this text
    filter: Option<String>,
    /// One JSON document instead of tables
    #[arg(long)]
    json: bool,
    /// A few rounds only: shows that everything runs and agrees, not how fast it is
    #[arg(long)]
    quick: bool,
    /// The most rounds of a workload
    #[arg(long, value_name = "N", default_value_t = 101, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: u32,
    /// Scenarios in a run of generated sign-ins
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    cases: u32,
    /// What `cargo bench` passes; without it, as under `cargo test`, the run is a quick one
    #[arg(long, hide = true)]
    bench: bool,
    /// What `cargo bench -- --test` passes: a quick run
    #[arg(long, hide = true)]
    test: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let effort = if arguments.quick || arguments.test || !arguments.bench {
        Effort::quick()
    } else {
        Effort::whole(arguments.rounds as usize, arguments.cases)
    };
    let is_wanted = |name: &str| {
        let filter = arguments.filter.as_deref();
        filter.is_none_or(|filter| name.contains(filter))
    };

    let libraries = Libraries::new();
    let mut done: Vec<Workload> = Vec::new();
    for formula in powers::Formula::ALL {
        for bits in powers::BITS {
            if is_wanted(&formula.workload(bits)) {
                done.push(powers::measure(&libraries, formula, bits, &effort));
            }
        }
    }
    for side in steps::Side::ALL {
        if is_wanted(side.workload()) {
            done.push(steps::measure(&libraries, side, &effort));
        }
    }
    if is_wanted(sign_ins::WORKLOAD) {
        match sign_ins::measure(&effort) {
            Ok(workload) => done.push(workload),
            Err(error) => {
                eprintln!("{}: {error}", sign_ins::WORKLOAD);
                return ExitCode::FAILURE;
            }
        }
    }

    let report = Report::new(&effort, &done);
    if arguments.json {
        println!("{}", report.json());
    } else {
        print!("{report}");
    }
    ExitCode::SUCCESS
}
