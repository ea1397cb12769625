//! What Ctrl-C does: the first ends the run after the case in hand, the second ends the process.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::exit_code::ExitCode;

/// A flag that Ctrl-C sets. A second Ctrl-C ends the process with [`ExitCode::CouldNotRun`].
///
/// Where the system offers no way to listen, Ctrl-C ends the process as usual.
pub fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    // Without this thread Ctrl-C still ends the process, so its absence is nothing to fail for.
    let _ = thread::Builder::new()
        .name("ctrl-c".to_owned())
        .spawn(move || listen(&set));
    flag
}

fn listen(set: &AtomicBool) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
    else {
        return;
    };
    let mut first: Option<Instant> = None;
    runtime.block_on(async {
        while tokio::signal::ctrl_c().await.is_ok() {
            match first {
                // A wrapper that hands its own signal on makes two out of one.
                Some(first) if first.elapsed() < ECHO => continue,
                Some(_) => std::process::exit(i32::from(ExitCode::CouldNotRun as u8)),
                None => first = Some(Instant::now()),
            }
            set.store(true, Ordering::SeqCst);
            let _ = writeln!(
                anstream::stderr(),
                "interrupted: the case in hand is finished first; press Ctrl-C again to stop at once"
            );
        }
    });
}

/// Two signals within this time are one.
const ECHO: Duration = Duration::from_millis(500);
