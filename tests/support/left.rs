//! Which processes are left of those that a test had started.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, test_kill_process};

/// Words for scripts of the shell that ignore whatever asks them to end, and note who they are under `$PIDS`.
pub const STUBBORN: &str = r#"
trap '' TERM HUP INT
: > "$PIDS/$$"
have_child() { sleep 600 & : > "$PIDS/$!"; }
hang() { : > "$PIDS/hangs"; exec sleep 600; }
"#;

/// The signals by which a process is asked to end. SIGHUP is none where these tests are run by `nohup` or the like, since whoever
/// is started ignores it then.
pub fn stopping() -> Vec<Signal> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let is_ignored = mask.is_some_and(|mask| mask & 1 == 1);
    let mut signals = vec![Signal::TERM, Signal::INT];
    signals.extend((!is_ignored).then_some(Signal::HUP));
    signals
}

/// Polls until something holds.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until somebody says that he hangs.
pub fn wait_until_one_hangs(pids: &Path) {
    wait_until("a process hangs", || pids.join("hangs").exists());
}

/// Waits until nobody is there any more of those who noted who they are.
pub fn wait_until_nobody_is_left(pids: &Path, how: &str) {
    let noted = noted(pids);
    assert!(!noted.is_empty(), "{how}: somebody was there");
    for pid in noted {
        wait_until(&format!("{pid} is gone after {how}"), || !is_there(pid));
    }
}

/// Whether a process is there; a dead one that nobody has asked about yet is not.
pub fn is_there(pid: i32) -> bool {
    let Some(id) = Pid::from_raw(pid) else {
        return false;
    };
    if test_kill_process(id).is_err() {
        return false;
    }
    // Where the system has no such file, the answer above is all there is.
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| rest.chars().next());
    !matches!(state, Some(Some('Z' | 'X')))
}

/// The guardian of a process, on Linux, whose arguments tell it.
#[cfg(target_os = "linux")]
pub fn guardian_of(pid: u32) -> Option<i32> {
    let parent = format!("PPid:\t{pid}");
    fs::read_dir("/proc").unwrap().find_map(|entry| {
        let path = entry.ok()?.path();
        let id = path.file_name()?.to_str()?.parse().ok()?;
        let arguments = fs::read_to_string(path.join("cmdline")).ok()?;
        let status = fs::read_to_string(path.join("status")).ok()?;
        let is_its = status.lines().any(|line| line == parent);
        (is_its && arguments.ends_with("__guardian\0")).then_some(id)
    })
}

fn noted(pids: &Path) -> Vec<i32> {
    let entries = fs::read_dir(pids).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    names
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect()
}

/// Long enough for a machine that is very busy with other things.
const PATIENCE: Duration = Duration::from_secs(120);
