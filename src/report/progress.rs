//! What a person sees while they wait: one line on the error stream, only on a terminal, only after a second.

use std::io::{self, IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::reporter::Reporter;
use crate::run::RunEvent;

/// A line that says how far a run has come.
#[derive(Debug)]
pub struct Progress {
    begun: Instant,
    wanted: bool,
    total: u64,
    done: u64,
    broken: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A line, where somebody watches: the error stream is a terminal, and this is no CI job.
    pub fn for_terminal() -> Self {
        Self {
            begun: Instant::now(),
            wanted: stderr().is_terminal() && std::env::var_os("CI").is_none(),
            total: 0,
            done: 0,
            broken: 0,
            bar: None,
        }
    }

    /// How many steps there are.
    pub fn set_total(&mut self, total: usize) {
        self.total = total as u64;
    }

    /// One step more.
    pub fn step(&mut self, is_broken: bool) {
        self.done += 1;
        self.broken += u64::from(is_broken);
        let said = match self.broken {
            0 => String::new(),
            n => format!("{n} broken"),
        };
        self.show(said);
    }

    /// How much of the whole is done, from 0 to 1, where steps can't be counted.
    pub fn reach(&mut self, fraction: f64, text: String) {
        self.total = PER_CENT;
        self.done = (fraction.clamp(0.0, 1.0) * PER_CENT as f64) as u64;
        self.show(text);
    }

    /// Says what goes on.
    pub fn say(&mut self, text: String) {
        self.show(text);
    }

    /// Takes the line away while something else is written, and for good if nothing more comes.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the line away for good.
    pub fn end(&mut self) {
        self.wanted = false;
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self, message: String) {
        if !self.wanted || (self.bar.is_none() && self.begun.elapsed() < PATIENCE) {
            return;
        }
        let total = self.total;
        let bar = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{wide_bar:.dim} {pos}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("=> ");
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
                .with_style(style)
        });
        bar.set_position(self.done);
        bar.set_message(message);
    }
}

impl Reporter for Progress {
    fn take(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(started) => self.set_total(started.planned.values().sum()),
            RunEvent::CaseFinished(case) => {
                self.step(case.failures.iter().any(|failure| failure.known.is_none()));
            }
            RunEvent::Shrinking { requirement, plays } => {
                self.say(format!(
                    "looking for the smallest scenario for {requirement}: {plays} plays"
                ));
            }
            RunEvent::SignsOutFirst | RunEvent::Found(_) => {}
            RunEvent::Finished(_) => self.end(),
        }
        Ok(())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// How long a person waits before they wonder.
const PATIENCE: Duration = Duration::from_secs(1);

const PER_CENT: u64 = 100;
