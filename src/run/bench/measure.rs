//! The measuring core: candidates that take turns, and what their times come to. It prints nothing.
//!
//! Every round runs every candidate once, and each round begins with another one. What slows the machine down for a while
//! slows all of them down alike, so that ratios hold where times don't: a ratio is the median over rounds, each of which
//! compares two samples taken close to each other.
//!
//! Work within the process is timed by the thread's processor time where the system has such a clock, so that other work on
//! the machine doesn't count. Whatever waits for another process is timed by the wall. The result says which.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

/// What a clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClockKind {
    /// The time that a processor spent on this thread.
    ThreadCpu,
    /// The time that went by.
    Wall,
}

impl fmt::Display for ClockKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ThreadCpu => "processor time",
            Self::Wall => "wall time",
        })
    }
}

/// Where times come from. Tests have one of their own.
pub trait Clock {
    /// The clock that is read when `wanted` is asked for: itself, or what stands in for it on this system.
    fn kind(&self, wanted: ClockKind) -> ClockKind;

    /// The time since a moment that stays the same while the clock lives; one moment for each kind.
    fn now(&self, kind: ClockKind) -> Duration;
}

/// The clocks of this system. Where a thread has no clock of its own, the wall's stands in.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    begun: Instant,
}

impl SystemClock {
    /// A clock whose wall time begins now.
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn kind(&self, wanted: ClockKind) -> ClockKind {
        match thread_cpu_time() {
            Some(_) => wanted,
            None => ClockKind::Wall,
        }
    }

    fn now(&self, kind: ClockKind) -> Duration {
        match kind {
            ClockKind::ThreadCpu => thread_cpu_time().unwrap_or_else(|| self.begun.elapsed()),
            ClockKind::Wall => self.begun.elapsed(),
        }
    }
}

/// Times one piece of work, so that a candidate can prepare and check outside of what is timed.
#[derive(Clone, Copy)]
pub struct Stopwatch<'c> {
    clock: &'c dyn Clock,
    kind: ClockKind,
}

impl Stopwatch<'_> {
    /// Does the work, and says how long it took.
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> (T, Duration) {
        let begun = self.clock.now(self.kind);
        let result = work();
        (result, self.clock.now(self.kind).saturating_sub(begun))
    }
}

impl fmt::Debug for Stopwatch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopwatch")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Work that is measured.
///
/// `E` says why a candidate can't go on; work that can't fail needs none.
pub struct Candidate<'a, E = Infallible> {
    name: String,
    items: u32,
    clock: ClockKind,
    work: Work<'a, E>,
}

enum Work<'a, E> {
    /// The core times it, a whole sample at once.
    Plain(Box<dyn FnMut() + 'a>),
    /// It times itself.
    Own(Box<OwnTiming<'a, E>>),
}

type OwnTiming<'a, E> = dyn FnMut(Stopwatch<'_>) -> Result<Duration, Halt<E>> + 'a;

/// Why a candidate's call gave no time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt<E> {
    /// The candidate takes no further part. What it has done stays.
    Withdraw(E),
    /// Nobody can go on. What was done stays.
    StopAll(E),
}

impl<'a, E> Candidate<'a, E> {
    /// Work within this process, timed by the thread's processor time. One call does `items` things, at least one.
    ///
    /// The work has to keep its result from being optimised away (`std::hint::black_box`).
    pub fn new(name: impl Into<String>, items: u32, work: impl FnMut() + 'a) -> Self {
        Self {
            name: name.into(),
            items: items.max(1),
            clock: ClockKind::ThreadCpu,
            work: Work::Plain(Box::new(work)),
        }
    }

    /// Work that times itself, by the clock that it names, and may fail.
    pub fn timing_itself(
        name: impl Into<String>,
        items: u32,
        clock: ClockKind,
        work: impl FnMut(Stopwatch<'_>) -> Result<Duration, Halt<E>> + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            items: items.max(1),
            clock,
            work: Work::Own(Box::new(work)),
        }
    }

    /// How long `repetitions` calls took together.
    fn run(&mut self, repetitions: u32, stopwatch: Stopwatch<'_>) -> Result<Duration, Halt<E>> {
        match &mut self.work {
            Work::Plain(work) => Ok(stopwatch.time(|| (0..repetitions).for_each(|_| work())).1),
            Work::Own(work) => (0..repetitions).map(|_| work(stopwatch)).sum(),
        }
    }
}

impl<E> fmt::Debug for Candidate<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("name", &self.name)
            .field("items", &self.items)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

/// How much to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Rounds whose times don't count: tables are built, compilers wake up, caches fill. At least one; fewer than this when a
    /// quarter of the budget has gone.
    pub warm_up_rounds: usize,
    /// The most rounds that count. At least one.
    pub rounds: usize,
    /// Wall time for all of it. The last round is the one after which another would not fit in any more, judged by the
    /// longest so far; one round that counts always takes place.
    pub budget: Duration,
    /// A call that is shorter is repeated within its sample, until the sample is about this long; [`Duration::ZERO`] makes
    /// every call a sample. Reading a clock costs less than a microsecond, so 100 µs keep that below one per cent.
    pub shortest_sample: Duration,
}

/// How far a measurement has come; told after every candidate's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whether this is the warm-up.
    pub warming_up: bool,
    /// Rounds that count and are over.
    pub rounds: usize,
    /// The most rounds that count.
    pub most_rounds: usize,
    /// Wall time so far.
    pub elapsed: Duration,
    /// Wall time for all of it.
    pub budget: Duration,
}

impl Step {
    /// How much is done, from 0 to 1: by rounds or by time, whichever ends the measurement first.
    pub fn fraction(&self) -> f64 {
        let by_rounds = self.rounds as f64 / self.most_rounds.max(1) as f64;
        let by_time = self.elapsed.as_secs_f64() / self.budget.as_secs_f64().max(f64::MIN_POSITIVE);
        by_rounds.max(by_time).min(1.0)
    }
}

/// What a measurement gave.
#[derive(Clone, Debug)]
pub struct Measurements<E = Infallible> {
    /// One for each candidate, in their order.
    pub results: Vec<Measured<E>>,
    /// Rounds that count and that everybody took part in who could.
    pub rounds: usize,
    /// Rounds of warm-up.
    pub warm_up_rounds: usize,
    /// Whether it was stopped from outside.
    pub interrupted: bool,
    /// Why it ended before its time, if a candidate said that nobody can go on.
    pub stopped: Option<E>,
    /// Wall time of all of it.
    pub elapsed: Duration,
    /// How many times as long as its processor time the work within this process took by the wall: more than 1 where others
    /// use the machine, too, and then whatever is timed by the wall is too long. `None` where there was no such work.
    pub stretch: Option<f64>,
}

impl<E> Measurements<E> {
    /// The result of the candidate of this name.
    pub fn find(&self, name: &str) -> Option<&Measured<E>> {
        self.results.iter().find(|result| result.name == name)
    }
}

/// What became of one candidate.
#[derive(Clone, Debug)]
pub struct Measured<E = Infallible> {
    /// The candidate's name.
    pub name: String,
    /// How many things one call does. Every figure is for one of them.
    pub items: u32,
    /// The clock that was read.
    pub clock: ClockKind,
    /// How many calls make a sample.
    pub repetitions: u32,
    /// Why it did not go on.
    pub failure: Option<E>,
    /// Nanoseconds an item, by round.
    by_round: Vec<Option<f64>>,
}

impl<E> Measured<E> {
    /// The samples in nanoseconds an item, the smallest first.
    pub fn samples(&self) -> Vec<f64> {
        let mut samples: Vec<f64> = self.by_round.iter().copied().flatten().collect();
        samples.sort_by(f64::total_cmp);
        samples
    }

    /// What the samples come to; `None` without any.
    pub fn summary(&self) -> Option<Summary> {
        Summary::of(&self.samples())
    }

    /// How many times as long as `other` it takes; `None` when no round has a sample of both.
    pub fn ratio_to(&self, other: &Self) -> Option<Ratio> {
        let mut ratios: Vec<f64> = self
            .by_round
            .iter()
            .zip(&other.by_round)
            .filter_map(|(own, other)| Some((*own)? / (*other)?))
            .filter(|ratio| ratio.is_finite())
            .collect();
        ratios.sort_by(f64::total_cmp);
        Some(Ratio {
            rounds: ratios.len(),
            median: quantile(&ratios, 0.5)?,
            p10: quantile(&ratios, 0.1)?,
            p90: quantile(&ratios, 0.9)?,
        })
    }
}

/// What samples come to, in nanoseconds an item.
///
/// Quantiles between two samples are interpolated. Outliers are the samples outside Tukey's fences, one and a half times the
/// distance of the quartiles beyond them; they are counted and not taken out, since medians don't mind them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// How many samples there are.
    pub samples: usize,
    /// Half of the samples are below.
    pub median: f64,
    /// One tenth of the samples is below.
    pub p10: f64,
    /// Nine tenths of the samples are below.
    pub p90: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// How many lie outside Tukey's fences.
    pub outliers: usize,
}

impl Summary {
    /// What sorted samples come to; `None` without any.
    pub fn of(sorted: &[f64]) -> Option<Self> {
        let (lower, upper) = (quantile(sorted, 0.25)?, quantile(sorted, 0.75)?);
        let reach = FENCE * (upper - lower);
        let inside = lower - reach..=upper + reach;
        Some(Self {
            samples: sorted.len(),
            median: quantile(sorted, 0.5)?,
            p10: quantile(sorted, 0.1)?,
            p90: quantile(sorted, 0.9)?,
            min: *sorted.first()?,
            max: *sorted.last()?,
            outliers: sorted
                .iter()
                .filter(|sample| !inside.contains(sample))
                .count(),
        })
    }
}

/// How many times as long as another a candidate takes, over the rounds that have a sample of both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ratio {
    /// How many rounds those are.
    pub rounds: usize,
    /// The median of the rounds' ratios.
    pub median: f64,
    /// One tenth is below.
    pub p10: f64,
    /// Nine tenths are below.
    pub p90: f64,
}

/// Measures candidates side by side, until the plan is carried out, `interrupted` is set, or nobody is left.
///
/// `interrupted` is heeded after the call in hand; what was measured until then stays.
pub fn measure<E>(
    mut candidates: Vec<Candidate<'_, E>>,
    plan: &Plan,
    clock: &dyn Clock,
    interrupted: &AtomicBool,
    progress: &mut dyn FnMut(Step),
) -> Measurements<E> {
    let begun = clock.now(ClockKind::Wall);
    let elapsed = || clock.now(ClockKind::Wall).saturating_sub(begun);
    let mut done = Measurements {
        results: candidates
            .iter()
            .map(|candidate| Measured {
                name: candidate.name.clone(),
                items: candidate.items,
                clock: clock.kind(candidate.clock),
                repetitions: 1,
                failure: None,
                by_round: Vec::new(),
            })
            .collect(),
        rounds: 0,
        warm_up_rounds: 0,
        interrupted: false,
        stopped: None,
        elapsed: Duration::ZERO,
        stretch: None,
    };
    let (mut by_wall, mut by_processor) = (Duration::ZERO, Duration::ZERO);
    let most_rounds = plan.rounds.max(1);
    let mut longest = Duration::ZERO;
    let mut turn = 0;
    'rounds: loop {
        let warming_up = done.warm_up_rounds < plan.warm_up_rounds.max(1)
            && (done.warm_up_rounds == 0 || elapsed() < plan.budget / 4);
        let is_last = done.rounds > 0 && elapsed() + longest > plan.budget;
        if !warming_up && (is_last || done.rounds == most_rounds) {
            break;
        }
        if done.results.iter().all(|result| result.failure.is_some()) {
            break;
        }
        let round_begun = elapsed();
        for place in 0..candidates.len() {
            let at = (place + turn) % candidates.len();
            let (candidate, result) = (&mut candidates[at], &mut done.results[at]);
            if !warming_up {
                result.by_round.resize(done.rounds, None);
            }
            if result.failure.is_some() {
                continue;
            }
            if interrupted.load(Ordering::Relaxed) {
                done.interrupted = true;
                break 'rounds;
            }
            let stopwatch = Stopwatch {
                clock,
                kind: result.clock,
            };
            let turn_begun = elapsed();
            match candidate.run(result.repetitions, stopwatch) {
                Ok(took) if warming_up => {
                    result.repetitions = enough(plan.shortest_sample, took, result.repetitions);
                }
                Ok(took) => {
                    if result.clock == ClockKind::ThreadCpu {
                        by_wall += elapsed().saturating_sub(turn_begun);
                        by_processor += took;
                    }
                    let things = f64::from(result.repetitions) * f64::from(result.items);
                    result.by_round.push(Some(took.as_nanos() as f64 / things));
                }
                Err(Halt::Withdraw(reason)) => result.failure = Some(reason),
                Err(Halt::StopAll(reason)) => {
                    done.stopped = Some(reason);
                    break 'rounds;
                }
            }
            progress(Step {
                warming_up,
                rounds: done.rounds,
                most_rounds,
                elapsed: elapsed(),
                budget: plan.budget,
            });
        }
        turn += 1;
        if warming_up {
            done.warm_up_rounds += 1;
        } else {
            done.rounds += 1;
            longest = longest.max(elapsed().saturating_sub(round_begun));
        }
    }
    done.elapsed = elapsed();
    if !by_processor.is_zero() {
        done.stretch = Some(by_wall.as_secs_f64() / by_processor.as_secs_f64());
    }
    done
}

/// How many repetitions make a sample long enough.
fn enough(shortest: Duration, took: Duration, repetitions: u32) -> u32 {
    let one = took.as_nanos().max(1) / u128::from(repetitions);
    let wanted = shortest.as_nanos().div_ceil(one.max(1));
    u32::try_from(wanted)
        .unwrap_or(MOST_REPETITIONS)
        .clamp(1, MOST_REPETITIONS)
}

/// The value below which a part of sorted samples lies, interpolated; `None` without any.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let (low, high) = (*sorted.get(below)?, *sorted.get(above)?);
    Some(low + (high - low) * place.fract())
}

#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_vendor = "apple"
))]
fn thread_cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(
        u64::try_from(time.tv_sec).ok()?,
        u32::try_from(time.tv_nsec).ok()?,
    ))
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_vendor = "apple"
)))]
fn thread_cpu_time() -> Option<Duration> {
    None
}

/// Tukey's fences stand this many interquartile ranges beyond the quartiles.
const FENCE: f64 = 1.5;

/// A sample of more calls than this says no more.
const MOST_REPETITIONS: u32 = 100_000;

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// A clock that only work moves.
    #[derive(Default)]
    struct Fake {
        now: Cell<Duration>,
        has_no_thread_clock: bool,
        /// How many times as fast as the thread's the wall's clock goes; 0 is 1.
        wall: u32,
    }

    impl Fake {
        fn pass(&self, microseconds: u64) {
            self.now
                .set(self.now.get() + Duration::from_micros(microseconds));
        }
    }

    impl Clock for Fake {
        fn kind(&self, wanted: ClockKind) -> ClockKind {
            if self.has_no_thread_clock {
                ClockKind::Wall
            } else {
                wanted
            }
        }

        fn now(&self, kind: ClockKind) -> Duration {
            match kind {
                ClockKind::ThreadCpu => self.now.get(),
                ClockKind::Wall => self.now.get() * self.wall.max(1),
            }
        }
    }

    const PLAN: Plan = Plan {
        warm_up_rounds: 1,
        rounds: 3,
        budget: Duration::from_secs(1),
        shortest_sample: Duration::ZERO,
    };

    fn run<E>(clock: &Fake, plan: &Plan, candidates: Vec<Candidate<'_, E>>) -> Measurements<E> {
        measure(
            candidates,
            plan,
            clock,
            &AtomicBool::new(false),
            &mut |_| {},
        )
    }

    #[test]
    fn every_round_runs_every_candidate_and_begins_with_another_one() {
        let (clock, order) = (Fake::default(), RefCell::new(String::new()));
        let candidate = |name: &'static str| {
            let (clock, order) = (&clock, &order);
            Candidate::<Infallible>::new(name, 1, move || {
                clock.pass(1);
                order.borrow_mut().push_str(name);
            })
        };
        let done = run(
            &clock,
            &PLAN,
            vec![candidate("a"), candidate("b"), candidate("c")],
        );
        assert_eq!(order.take(), "abcbcacababc", "the warm-up and three rounds");
        assert_eq!((done.warm_up_rounds, done.rounds), (1, 3));
        assert_eq!(done.results[0].samples(), [1_000.0; 3], "of each");
    }

    #[test]
    fn the_warm_up_does_not_count_and_a_figure_is_for_one_thing() {
        let (clock, calls) = (Fake::default(), Cell::new(0));
        let work = || {
            calls.set(calls.get() + 1);
            clock.pass(if calls.get() == 1 { 9_000 } else { 80 });
        };
        let done = run::<Infallible>(&clock, &PLAN, vec![Candidate::new("eight", 8, work)]);
        let summary = done.results[0].summary().expect("three rounds");
        assert_eq!(summary.median, 10_000.0, "80 µs for eight");
        assert_eq!(summary.max, 10_000.0, "the slow first call is not there");
        assert_eq!(summary.samples, 3);
    }

    #[test]
    fn short_work_is_repeated_until_a_sample_is_long_enough() {
        let (clock, calls) = (Fake::default(), Cell::new(0));
        let plan = Plan {
            shortest_sample: Duration::from_micros(100),
            ..PLAN
        };
        let work = || {
            calls.set(calls.get() + 1);
            clock.pass(7);
        };
        let done = run::<Infallible>(&clock, &plan, vec![Candidate::new("short", 1, work)]);
        assert_eq!(done.results[0].repetitions, 15, "105 µs");
        assert_eq!(calls.get(), 1 + 3 * 15);
        assert_eq!(
            done.results[0].samples(),
            [7_000.0; 3],
            "still for one thing"
        );
    }

    #[test]
    fn no_round_begins_that_would_not_fit_in_the_budget_but_one_always_does() {
        let clock = Fake::default();
        let plan = Plan {
            rounds: 1_000,
            budget: Duration::from_millis(1),
            ..PLAN
        };
        let work = |microseconds| {
            let clock = &clock;
            Candidate::<Infallible>::new("work", 1, move || clock.pass(microseconds))
        };
        let done = run(&clock, &plan, vec![work(300)]);
        assert_eq!(done.rounds, 2, "900 µs with the warm-up");
        let done = run(&clock, &plan, vec![work(5_000)]);
        assert_eq!(
            (done.warm_up_rounds, done.rounds),
            (1, 1),
            "both are beyond it"
        );
    }

    #[test]
    fn a_warm_up_of_many_rounds_takes_no_more_than_a_quarter_of_the_budget() {
        let clock = Fake::default();
        let plan = Plan {
            warm_up_rounds: 100,
            rounds: 100,
            budget: Duration::from_millis(4),
            ..PLAN
        };
        let work = Candidate::new("work", 1, || clock.pass(300));
        let done = run::<Infallible>(&clock, &plan, vec![work]);
        assert_eq!((done.warm_up_rounds, done.rounds), (4, 9));
    }

    #[test]
    fn an_interruption_keeps_what_was_measured() {
        let (clock, stop, calls) = (Fake::default(), AtomicBool::new(false), Cell::new(0));
        let work = || {
            clock.pass(1);
            calls.set(calls.get() + 1);
            stop.store(calls.get() == 3, Ordering::Relaxed);
        };
        let candidates = vec![
            Candidate::<Infallible>::new("first", 1, work),
            Candidate::new("second", 1, || clock.pass(1)),
        ];
        let done = measure(candidates, &PLAN, &clock, &stop, &mut |_| {});
        assert!(done.interrupted, "it says so");
        assert_eq!(done.rounds, 1, "the second was begun");
        assert_eq!(
            done.results[0].samples().len(),
            2,
            "a sample of a round that was begun counts"
        );
        assert_eq!(done.results[1].samples().len(), 1, "its turn did not come");
    }

    #[test]
    fn a_candidate_that_fails_withdraws_and_the_others_go_on() {
        let (clock, calls) = (Fake::default(), Cell::new(0));
        let failing = Candidate::timing_itself("failing", 1, ClockKind::Wall, |stopwatch| {
            calls.set(calls.get() + 1);
            match calls.get() {
                3 => Err(Halt::Withdraw("it broke")),
                _ => Ok(stopwatch.time(|| clock.pass(2)).1),
            }
        });
        let steady = Candidate::new("steady", 1, || clock.pass(1));
        let done = run(&clock, &PLAN, vec![failing, steady]);
        assert_eq!(done.results[0].failure, Some("it broke"));
        assert_eq!(
            done.results[0].samples(),
            [2_000.0],
            "what it did before stays"
        );
        assert_eq!(done.results[1].samples().len(), 3);
        assert_eq!(calls.get(), 3, "it is not called again");
        let ratio = done.results[0].ratio_to(&done.results[1]);
        assert_eq!(
            ratio.map(|ratio| (ratio.rounds, ratio.median)),
            Some((1, 2.0))
        );
    }

    #[test]
    fn a_candidate_can_say_that_nobody_can_go_on() {
        let (clock, calls) = (Fake::default(), Cell::new(0));
        let work = Candidate::timing_itself("work", 1, ClockKind::Wall, |stopwatch| {
            calls.set(calls.get() + 1);
            match calls.get() {
                3 => Err(Halt::StopAll("gone")),
                _ => Ok(stopwatch.time(|| clock.pass(1)).1),
            }
        });
        let done = run(&clock, &PLAN, vec![work]);
        assert_eq!(done.stopped, Some("gone"));
        assert_eq!(done.results[0].samples().len(), 1);
    }

    #[test]
    fn what_is_outside_the_stopwatch_takes_no_time() {
        let clock = Fake::default();
        let work = Candidate::<Infallible>::timing_itself("work", 1, ClockKind::Wall, |watch| {
            clock.pass(500);
            let ((), took) = watch.time(|| clock.pass(3));
            clock.pass(500);
            Ok(took)
        });
        let done = run(&clock, &PLAN, vec![work]);
        assert_eq!(done.results[0].samples(), [3_000.0; 3]);
    }

    #[test]
    fn a_ratio_compares_samples_of_the_same_round() {
        let (clock, speed) = (Fake::default(), Cell::new(1));
        // The machine is ten times as slow in every other round.
        let slow = Candidate::<Infallible>::new("slow", 1, || {
            speed.set(11 - speed.get());
            clock.pass(6 * speed.get());
        });
        let fast = Candidate::new("fast", 2, || clock.pass(4 * speed.get()));
        let mut plan = PLAN;
        plan.rounds = 1;
        let mut done = run(&clock, &plan, vec![slow, fast]);
        done.results[0].by_round = vec![Some(6.0), Some(60.0), None, Some(6.0)];
        done.results[1].by_round = vec![Some(2.0), Some(20.0), Some(1.0), Some(2.0)];
        let ratio = done.results[0]
            .ratio_to(&done.results[1])
            .expect("three rounds have both");
        assert_eq!(
            ratio,
            Ratio {
                rounds: 3,
                median: 3.0,
                p10: 3.0,
                p90: 3.0
            }
        );
    }

    #[test]
    fn quantiles_are_interpolated_and_outliers_lie_outside_tukey_s_fences() {
        let sorted = [10.0, 11.0, 12.0, 13.0, 14.0, 100.0];
        let summary = Summary::of(&sorted).expect("there are samples");
        assert_eq!(summary.median, 12.5, "between two");
        assert_eq!(summary.p10, 10.5);
        assert_eq!(summary.p90, 57.0);
        assert_eq!((summary.min, summary.max), (10.0, 100.0));
        assert_eq!(
            summary.outliers, 1,
            "the quartiles are 11.25 and 13.75, the fences 7.5 and 17.5"
        );
        assert_eq!(Summary::of(&[]), None, "nothing comes of nothing");
        assert_eq!(
            Summary::of(&[5.0]).map(|one| (one.median, one.outliers)),
            Some((5.0, 0))
        );
    }

    #[test]
    fn the_result_says_which_clock_was_read() {
        for (has_no_thread_clock, expected) in
            [(false, ClockKind::ThreadCpu), (true, ClockKind::Wall)]
        {
            let clock = Fake {
                has_no_thread_clock,
                ..Fake::default()
            };
            let work = Candidate::new("work", 1, || clock.pass(1));
            let done = run::<Infallible>(&clock, &PLAN, vec![work]);
            assert_eq!(done.results[0].clock, expected);
        }
    }

    #[test]
    fn a_busy_machine_shows_in_how_much_longer_the_wall_s_clock_goes() {
        let clock = Fake {
            wall: 3,
            ..Fake::default()
        };
        let work = || Candidate::<Infallible>::new("work", 1, || clock.pass(10));
        let done = run(&clock, &PLAN, vec![work(), work()]);
        assert_eq!(done.stretch, Some(3.0));
        assert_eq!(
            done.results[0].samples(),
            [10_000.0; 3],
            "it does not count"
        );
        let nothing = run::<Infallible>(&clock, &PLAN, Vec::new());
        assert_eq!(nothing.stretch, None, "nobody knows");
    }

    #[test]
    fn progress_is_told_after_every_turn_and_never_goes_beyond_the_end() {
        let (clock, mut steps) = (Fake::default(), Vec::new());
        let candidates = vec![
            Candidate::<Infallible>::new("a", 1, || clock.pass(100)),
            Candidate::new("b", 1, || clock.pass(100)),
        ];
        let never = AtomicBool::new(false);
        measure(candidates, &PLAN, &clock, &never, &mut |step| {
            steps.push(step);
        });
        assert_eq!(steps.len(), 8, "two of warm-up, six that count");
        assert!(
            steps[..2].iter().all(|step| step.warming_up),
            "the first two"
        );
        assert!(!steps[2].warming_up, "the third");
        assert!(
            steps
                .windows(2)
                .all(|pair| pair[0].fraction() <= pair[1].fraction()),
            "it never goes back"
        );
        assert!(steps[7].fraction() <= 1.0);
    }

    #[test]
    fn the_system_s_clocks_do_not_go_back() {
        let clock = SystemClock::new();
        for wanted in [ClockKind::ThreadCpu, ClockKind::Wall] {
            let kind = clock.kind(wanted);
            let first = clock.now(kind);
            assert!(clock.now(kind) >= first, "{kind}");
        }
    }

    #[test]
    fn nothing_to_measure_is_over_at_once() {
        let clock = Fake::default();
        let done = run::<Infallible>(&clock, &PLAN, Vec::new());
        assert_eq!(done.rounds, 0);
    }
}
