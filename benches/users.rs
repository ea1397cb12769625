//! What a request costs beside ever more users, with functions outside of the program and without: it has to stay the same.
//!
//! `cargo bench --bench users` measures each request among 10, 1,000, 10,000 and 100,000 users, interleaved, so that what else the
//! machine does meets all sizes alike, and prints the processor time among ten, and how many times that the others took: the
//! median of the rounds' ratios. `-- --most N` leaves out the larger pools, `-- --test` plays a few rounds of the small ones, to
//! see that they run.

#[path = "support/account.rs"]
mod account;
#[allow(dead_code, reason = "another benchmark uses the rest")]
#[path = "support/counter.rs"]
mod counter;
#[path = "support/flags.rs"]
mod flags;

use std::cell::RefCell;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cognito_conformance::run::bench::measure::{
    Candidate, Measured, Measurements, Plan, SystemClock, measure,
};
use counter::Counter;
use flags::{is_test, number_after};

fn main() {
    let wanted = Wanted::of_command_line();
    let sizes: Vec<usize> = SIZES.into_iter().filter(|n| *n <= wanted.most).collect();
    let pools: Vec<Pool> = [false, true]
        .into_iter()
        .flat_map(|asks_outside| sizes.iter().map(move |users| (asks_outside, *users)))
        .map(|(asks_outside, users)| Pool {
            asks_outside,
            users,
            counter: RefCell::new(Counter::among(users, asks_outside)),
        })
        .collect();
    let columns: Vec<String> = sizes.iter().skip(1).map(|n| format!("{n} users")).collect();
    println!(
        "| request | functions outside | 10 users | {} |",
        columns.join(" | ")
    );
    println!("|---|---|---:|{}", "---:|".repeat(columns.len()));
    let mut furthest: f64 = 1.0;
    for (what, act) in REQUESTS {
        let measured = side_by_side(&pools, act, &wanted.plan);
        for (rows, outside) in measured.results.chunks(sizes.len()).zip(["no", "one"]) {
            let (first, others) = rows.split_first().expect("a pool with ten users");
            let ratios: Vec<f64> = others.iter().map(|other| ratio(other, first)).collect();
            let cells: String = ratios
                .iter()
                .map(|ratio| format!(" {ratio:.2} |"))
                .collect();
            println!("| {what} | {outside} | {:.1} µs |{cells}", median(first));
            furthest = ratios.into_iter().fold(furthest, f64::max);
        }
    }
    println!();
    println!("the most that any request took of what it takes among ten users: {furthest:.2}");
}

/// A pool among whose users one signs in.
struct Pool {
    asks_outside: bool,
    users: usize,
    counter: RefCell<Counter>,
}

fn side_by_side(pools: &[Pool], act: fn(&mut Counter), plan: &Plan) -> Measurements {
    let candidates = pools
        .iter()
        .map(|pool| {
            // Tokens that are good by the pool's clock.
            pool.counter.borrow_mut().sign_in_by_password();
            let name = format!("{} users, outside: {}", pool.users, pool.asks_outside);
            Candidate::new(name, 1, || act(&mut pool.counter.borrow_mut()))
        })
        .collect();
    measure(
        candidates,
        plan,
        &SystemClock::new(),
        &AtomicBool::new(false),
        &mut |_| {},
    )
}

fn ratio(other: &Measured, first: &Measured) -> f64 {
    other.ratio_to(first).map_or(f64::NAN, |ratio| ratio.median)
}

/// In microseconds.
fn median(measured: &Measured) -> f64 {
    measured
        .summary()
        .map_or(f64::NAN, |summary| summary.median / 1000.0)
}

/// What the command line asks for.
struct Wanted {
    most: usize,
    plan: Plan,
}

impl Wanted {
    fn of_command_line() -> Self {
        let is_test = is_test();
        let most = number_after("--most");
        assert!(
            most.is_none_or(|most| most >= SIZES[0]),
            "--most takes {} or more: the others are compared with the smallest pool",
            SIZES[0]
        );
        Self {
            most: most.unwrap_or(if is_test { 1_000 } else { usize::MAX }),
            plan: Plan {
                warm_up_rounds: if is_test { 1 } else { 20 },
                rounds: if is_test { 2 } else { 400 },
                budget: Duration::from_secs(60),
                shortest_sample: Duration::from_micros(500),
            },
        }
    }
}

type Request = (&'static str, fn(&mut Counter));

const REQUESTS: [Request; 7] = [
    ("sign in with a password", Counter::sign_in_by_password),
    ("a wrong password", Counter::fail_with_password),
    ("refresh", Counter::refresh),
    ("make a user and delete it", Counter::make_and_delete_a_user),
    ("find a user by `sub`", Counter::find_by_sub),
    ("list ten users", Counter::list_ten_users),
    (
        "sign out everywhere, and in again",
        Counter::sign_out_everywhere,
    ),
];

const SIZES: [usize; 4] = [10, 1_000, 10_000, 100_000];
