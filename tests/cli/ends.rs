//! How runs end that are cut short: what is told, with which exit code, and that nobody is left of all that was started.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::left::{
    STUBBORN, stopping, wait_until, wait_until_nobody_is_left, wait_until_one_hangs,
};
use crate::support::process::{code, command, run_in, stderr, stdout};

/// A shim in a folder of its own, with the processes that it notes.
struct Shim {
    folder: TempDir,
}

impl Shim {
    /// One that plays a script, which may use the words of [`STUBBORN`] and [`WORDS`].
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pids")).unwrap();
        let text = format!("PIDS=pids\n{STUBBORN}\n{WORDS}\n{script}\n");
        fs::write(folder.path().join("shim.sh"), text).unwrap();
        Self { folder }
    }

    /// One that never answers a sign-in, and has a child that holds its pipes open.
    fn silent() -> Self {
        Self::new("have_child; serve hang")
    }

    /// One that says of each sign-in that it is done, and does nothing.
    fn lazy() -> Self {
        Self::new(r#"have_child; serve 'ok "$DONE"'"#)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn pids(&self) -> PathBuf {
        self.path().join("pids")
    }

    /// Starts a command against it.
    fn start(&self, arguments: &[&str]) -> Child {
        started(command(self.path(), &[arguments, &PORT].concat()))
    }

    /// The same, once a call hangs.
    fn hanging(&self, arguments: &[&str]) -> Child {
        let child = self.start(arguments);
        wait_until_one_hangs(&self.pids());
        child
    }
}

fn started(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test")
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Sends a signal and waits for the end.
fn ended_by(child: Child, signal: Signal) -> Output {
    send(&child, signal);
    child.wait_with_output().unwrap()
}

/// Sends a signal until the end: two of them within half a second are one.
fn ended_by_many(mut child: Child, signal: Signal) -> Output {
    wait_until("it ends", || {
        let ended = child.try_wait().unwrap().is_some();
        if !ended {
            send(&child, signal);
        }
        ended
    });
    child.wait_with_output().unwrap()
}

#[test]
fn nobody_is_left_however_a_check_is_stopped() {
    let alone = "serve hang";
    let with_child = "have_child; serve hang";
    let ends = [stopping(), vec![Signal::KILL]].concat();
    thread::scope(|scope| {
        for script in [alone, with_child] {
            for &signal in &ends {
                scope.spawn(move || {
                    let shim = Shim::new(script);
                    let output = ended_by(shim.hanging(&CHECK), signal);
                    let how = format!("{signal:?} with {script}");
                    wait_until_nobody_is_left(&shim.pids(), &how);
                    let expected = (signal != Signal::KILL).then_some(3);
                    assert_eq!(output.status.code(), expected, "{how}: {}", stderr(&output));
                    let is_told = stdout(&output).contains("Interrupted");
                    assert_eq!(is_told, expected.is_some(), "{how}: {}", stdout(&output));
                });
            }
            for signal in [Signal::TERM, Signal::INT] {
                scope.spawn(move || {
                    let shim = Shim::new(script);
                    let output = ended_by_many(shim.hanging(&CHECK), signal);
                    let how = format!("{signal:?} twice with {script}");
                    wait_until_nobody_is_left(&shim.pids(), &how);
                    assert_eq!(code(&output), 3, "{how}: {}", stderr(&output));
                });
            }
        }
    });
}

#[test]
fn what_was_found_before_a_signal_is_told_and_kept() {
    let shim = Shim::new(
        r#"have_child; n=0
        serve 'n=$((n + 1)); if [ $n -gt 20 ]; then hang; fi; ok "$DONE"'"#,
    );
    let arguments = [&CHECK[..], &["--save", "out"]].concat();
    let output = ended_by(shim.hanging(&arguments), Signal::TERM);
    wait_until_nobody_is_left(&shim.pids(), "SIGTERM");
    assert_eq!(code(&output), 1, "findings: {}", stderr(&output));
    let told = stdout(&output);
    assert!(
        told.contains("Interrupted; so far: Does not conform"),
        "{told}"
    );
    let said = stderr(&output);
    assert!(said.contains("SIGTERM: the case in hand"), "{said}");
    let summary = fs::read(shim.path().join("out/summary.json")).unwrap();
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    assert_eq!(summary["interrupted"], true, "{summary}");
}

#[test]
fn a_replay_and_a_measurement_are_stopped_by_a_signal_too() {
    let replay = ["replay", "--case", "scripted/flow-userPassword"];
    let bench = ["bench", "--deadline", "1"];
    for (command, signal) in [(&replay[..], Signal::TERM), (&bench[..], Signal::INT)] {
        let shim = Shim::silent();
        let output = ended_by(shim.hanging(command), signal);
        wait_until_nobody_is_left(&shim.pids(), command[0]);
        assert!(
            matches!(code(&output), 1 | 3),
            "{command:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_selftest_that_was_interrupted_proves_nothing() {
    let arguments = [
        "selftest", "--free", "1000000", "--jobs", "1", "--format", "json",
    ];
    let mut child = started(command(Path::new("."), &arguments));
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut head = String::new();
    lines.read_line(&mut head).unwrap();
    send(&child, Signal::TERM);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    let told: Value = serde_json::from_str(&rest).unwrap();
    let played = told["played"].as_u64().unwrap();
    assert!(played < 1_000_000, "{played} were played");
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn a_reader_who_leaves_ends_the_run_and_changes_no_verdict() {
    let shim = Shim::lazy();
    let arguments = [&SHORT_CHECK[..], &["--format", "json"]].concat();
    let mut child = shim.start(&arguments);
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    lines.read_line(&mut String::new()).unwrap();
    drop(lines);
    let output = child.wait_with_output().unwrap();
    wait_until_nobody_is_left(&shim.pids(), "a closed pipe");
    assert!(matches!(code(&output), 1 | 3), "{}", stderr(&output));
    assert_eq!(stderr(&output), "", "it is no fault");
    let replay = ["replay", "--case", "scripted/flow-userPassword"];
    let judged = code(&run_in(shim.path(), &[&replay[..], &PORT].concat()));
    assert_eq!(judged, 1, "what a reader is told");
    let mut child = shim.start(&replay);
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), judged, "{}", stderr(&output));
    assert_eq!(stderr(&output), "", "it is no fault");
}

#[test]
fn a_full_disk_under_save_hides_no_finding_and_lets_nothing_conform() {
    let save = |shim: &Shim, arguments: &[&str]| {
        // A file of more than a block can't be written, as on a full disk.
        let limited = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
        let whole = command(shim.path(), &[arguments, &["--save", "out"]].concat());
        let mut limiting = Command::new("sh");
        limiting
            .args(["-c", limited, "sh"])
            .arg(whole.get_program())
            .args(whole.get_args())
            .current_dir(shim.path())
            .stdin(Stdio::null());
        let output = limiting.output().unwrap();
        let said = stderr(&output);
        assert!(said.contains("--save:"), "{said}");
        assert!(said.contains("not complete"), "{said}");
        output
    };
    let shim = Shim::lazy();
    let output = save(&shim, &[&SHORT_CHECK[..], &PORT].concat());
    assert_eq!(code(&output), 1, "findings: {}", stdout(&output));
    let told = stdout(&output);
    assert!(told.contains("Does not conform"), "{told}");
    let shim = Shim::lazy();
    let right = ["check", "--in-process", "--filter", "scripted/name-*"];
    let output = save(&shim, &right);
    assert_eq!(code(&output), 3, "not what was asked for");
    assert!(stdout(&output).contains("Conforms"), "{}", stdout(&output));
}

#[cfg(target_os = "linux")]
mod on_linux {
    use super::*;
    use crate::support::left::{guardian_of, is_there};

    #[test]
    fn a_guardian_ignores_what_ends_the_run_and_ends_with_it() {
        for signal in [Signal::TERM, Signal::KILL] {
            let shim = Shim::silent();
            let child = shim.hanging(&CHECK);
            let guardian = guardian_of(child.id()).expect("it comes with the first process");
            let caught = || mask(guardian, "SigCgt");
            wait_until("it listens", || caught() & 1 == 1);
            for ignored in [Signal::INT, Signal::TERM, Signal::HUP] {
                let id = Pid::from_raw(guardian).unwrap();
                kill_process(id, ignored).unwrap();
            }
            let output = ended_by(child, signal);
            wait_until_nobody_is_left(&shim.pids(), &format!("{signal:?}"));
            assert_eq!(
                output.status.code().is_none(),
                signal == Signal::KILL,
                "{}",
                stderr(&output)
            );
            wait_until("the guardian is gone", || !is_there(guardian));
        }
    }

    #[test]
    fn a_guardian_that_was_killed_is_replaced() {
        let shim = Shim::new("have_child; serve 'exit 1'");
        let child = shim.start(&SHORT_CHECK);
        let mut first = None;
        wait_until("there is a guardian", || {
            first = guardian_of(child.id());
            first.is_some()
        });
        kill_process(Pid::from_raw(first.unwrap()).unwrap(), Signal::KILL).unwrap();
        let output = child.wait_with_output().unwrap();
        wait_until_nobody_is_left(&shim.pids(), "its end");
        assert!(matches!(code(&output), 1 | 3), "{}", stderr(&output));
    }

    #[test]
    fn a_hangup_that_nohup_ignores_stays_ignored() {
        let shim = Shim::silent();
        let whole = command(shim.path(), &[&CHECK[..], &PORT].concat());
        let mut ignoring = Command::new("sh");
        ignoring
            .args(["-c", "trap '' HUP; exec \"$@\"", "sh"])
            .arg(whole.get_program())
            .args(whole.get_args())
            .current_dir(shim.path());
        let child = started(ignoring);
        wait_until_one_hangs(&shim.pids());
        let id = i32::try_from(child.id()).unwrap();
        assert_eq!(mask(id, "SigIgn") & 1, 1, "SIGHUP is ignored");
        assert_eq!(mask(id, "SigCgt") & 1, 0, "and not caught");
        send(&child, Signal::HUP);
        let output = ended_by(child, Signal::TERM);
        let said = stderr(&output);
        assert!(said.contains("SIGTERM"), "{said}");
        assert!(!said.contains("SIGHUP"), "{said}");
        wait_until_nobody_is_left(&shim.pids(), "SIGTERM");
    }

    #[test]
    fn a_run_without_processes_has_no_guardian() {
        let arguments = [
            "selftest", "--free", "1000000", "--jobs", "1", "--format", "json",
        ];
        let mut child = started(command(Path::new("."), &arguments));
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut String::new()).unwrap();
        assert_eq!(guardian_of(child.id()), None);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// A mask of signals that Linux tells of a process; the first bit is SIGHUP's.
    fn mask(pid: i32, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let mut lines = status.lines();
        let mask = lines.find_map(|line| line.strip_prefix(name)).unwrap();
        u64::from_str_radix(mask.trim_start_matches(':').trim(), 16).unwrap()
    }
}

/// A check that plays some named scenarios.
const CHECK: [&str; 5] = ["check", "--jobs", "2", "--filter", "scripted/*"];
const SHORT_CHECK: [&str; 3] = ["check", "--filter", "scripted/flow-*"];
const PORT: [&str; 2] = ["--port", "sh shim.sh"];

/// Words for shims: `serve` answers every request, and a sign-in by a command of the shell.
const WORDS: &str = r#"
HELLO='{"protocol":1,"name":"sh","version":"1","language":"sh","capabilities":{"flows":["userPassword"]}}'
DONE='{"nextStep":{"signInStep":"DONE"}}'
ok() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
serve() {
    while IFS= read -r line; do
        id=${line#*\"id\":}; id=${id%%[,\}]*}
        case $line in
            *'"method":"initialize"'*) ok "$HELLO" ;;
            *'"method":"signIn"'*) eval "$1" ;;
            *) ok '{}' ;;
        esac
    done
}
"#;
