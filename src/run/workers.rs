//! Spreads numbered work over threads, and gives the results back in order.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use super::error::RunError;

/// A runtime for one worker.
///
/// # Errors
/// When the system lets no runtime be made.
pub fn runtime() -> Result<Runtime, RunError> {
    // Two threads: the listener answers on one while the port is awaited on the other.
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| {
            RunError::Environment(format!("can't start an asynchronous runtime: {error}"))
        })
}

/// Does work `0..count` with `jobs` workers, each of which `start`s with a state of its own, and hands the results to
/// `sink` in the order of their numbers, whatever the order in which they come. Stops early, after the work in hand, when
/// `interrupted` is set.
///
/// # Errors
/// The first error of a worker; the others stop after the work in hand.
pub fn in_order<S, R: Send>(
    count: usize,
    jobs: usize,
    interrupted: &AtomicBool,
    start: impl Fn() -> Result<S, RunError> + Sync,
    work: impl Fn(&mut S, usize) -> Result<R, RunError> + Sync,
    mut sink: impl FnMut(R),
) -> Result<(), RunError> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let (sender, results) = mpsc::channel::<Result<(usize, R), RunError>>();
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, count.max(1)) {
            let sender = sender.clone();
            let (next, failed, start, work) = (&next, &failed, &start, &work);
            scope.spawn(move || {
                let outcome: Result<(), RunError> = (|| {
                    let mut state = start()?;
                    while !failed.load(Ordering::Relaxed) && !interrupted.load(Ordering::Relaxed) {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        if at >= count {
                            break;
                        }
                        let result = work(&mut state, at)?;
                        // Nobody listens any more once an error has been taken.
                        let _ = sender.send(Ok((at, result)));
                    }
                    Ok(())
                })();
                if let Err(error) = outcome {
                    failed.store(true, Ordering::Relaxed);
                    let _ = sender.send(Err(error));
                }
            });
        }
        drop(sender);
        let mut waiting = std::collections::BTreeMap::new();
        let mut due = 0;
        let mut outcome = Ok(());
        for message in results {
            let (at, result) = match message {
                Ok(done) => done,
                // The first error counts; what others still finish is not lost.
                Err(error) => {
                    outcome = outcome.and(Err(error));
                    continue;
                }
            };
            waiting.insert(at, result);
            while let Some(result) = waiting.remove(&due) {
                sink(result);
                due += 1;
            }
        }
        // After an interruption or an error there are gaps; what was done is not lost.
        for result in waiting.into_values() {
            sink(result);
        }
        outcome
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_number_of_workers() {
        for jobs in [1, 2, 7] {
            let mut seen = Vec::new();
            let never = AtomicBool::new(false);
            in_order(
                50,
                jobs,
                &never,
                || Ok(()),
                |(), at| Ok(at),
                |at| seen.push(at),
            )
            .expect("no worker fails");
            assert_eq!(seen, (0..50).collect::<Vec<_>>(), "{jobs} workers");
        }
    }

    #[test]
    fn an_error_of_a_worker_is_the_error_of_the_whole() {
        let never = AtomicBool::new(false);
        let work = |(): &mut (), at| match at {
            3 => Err(RunError::Harness("three".to_owned())),
            _ => Ok(at),
        };
        let outcome = in_order(50, 2, &never, || Ok(()), work, |_| {});
        assert!(matches!(outcome, Err(RunError::Harness(text)) if text == "three"));
    }

    #[test]
    fn an_interrupted_run_does_no_more_work() {
        let at_once = AtomicBool::new(true);
        let mut seen = 0;
        in_order(50, 2, &at_once, || Ok(()), |(), _| Ok(()), |()| seen += 1)
            .expect("no worker fails");
        assert_eq!(seen, 0);
    }
}
