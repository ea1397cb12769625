//! What an application does is judged beside the answers to it: on a thread of its own, which nobody waits for.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use serde::Serialize;

use crate::exit_code::ExitCode;
use crate::local::{FORBIDDEN, LocalObserver};
use crate::report::watch::{write_sighting, write_watched};
use crate::report::{Page, Save};
use crate::rules::{Finding, Level};
use crate::run::watch::{Sighting, Watch, WatchSummary, keepable};
use crate::subject::Seen;

/// A judge on a thread of its own.
pub(super) struct Judging {
    queue: SyncSender<Next>,
    lost: Arc<AtomicU64>,
    thread: JoinHandle<io::Result<WatchSummary>>,
}

enum Next {
    Exchange(Box<Seen>),
    End,
}

impl Judging {
    /// Begins. With `save`, what broke a rule is kept.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(save: Option<Save>) -> io::Result<Self> {
        let (queue, exchanges) = sync_channel(MOST_WAITING);
        let thread = thread::Builder::new()
            .name("judge".to_owned())
            .spawn(move || judged(&exchanges, save))?;
        Ok(Self {
            queue,
            lost: Arc::default(),
            thread,
        })
    }

    /// Hands every exchange to the judge. What does not fit is counted, so that no answer waits.
    pub(super) fn observer(&self) -> LocalObserver {
        let queue = self.queue.clone();
        let lost = Arc::clone(&self.lost);
        Box::new(move |observed| {
            // No pool was asked: there is nothing to judge.
            if observed.response.status == FORBIDDEN {
                return;
            }
            let Some(seen) = Seen::of(observed) else {
                return;
            };
            if queue.try_send(Next::Exchange(Box::new(seen))).is_err() {
                lost.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    /// Judges what is left, tells what came of it all, and says how the process ends.
    ///
    /// # Errors
    /// When findings or the summary can't be written.
    pub(super) fn finish(self) -> io::Result<ExitCode> {
        // A judge who is gone has a result all the same.
        let _ = self.queue.send(Next::End);
        let Ok(summary) = self.thread.join() else {
            return Ok(ExitCode::HarnessFault);
        };
        let summary = summary?;
        let mut page = Page::new(anstream::stdout().lock());
        write_watched(&mut page, &summary, self.lost.load(Ordering::Relaxed))?;
        page.flush()?;
        Ok(if !summary.found.is_empty() {
            ExitCode::Findings
        } else if summary.judged == 0 || summary.proves_nothing() {
            ExitCode::CouldNotRun
        } else {
            ExitCode::Conforms
        })
    }
}

/// Both at once.
pub(super) fn both(one: LocalObserver, other: LocalObserver) -> LocalObserver {
    Box::new(move |observed| {
        one(observed);
        other(observed);
    })
}

fn judged(exchanges: &Receiver<Next>, save: Option<Save>) -> io::Result<WatchSummary> {
    let mut watch = Watch::default();
    let mut teller = Teller {
        save,
        told: 0,
        kept: 0,
    };
    while let Ok(Next::Exchange(seen)) = exchanges.recv() {
        watch.take(*seen, &mut |sighting| teller.tell(sighting))?;
    }
    let summary = watch.finish(&mut |sighting| teller.tell(sighting))?;
    if let Some(save) = &mut teller.save {
        save.line(&FinishedLine {
            event: "finished",
            summary: &summary,
        })?;
    }
    Ok(summary)
}

/// Prints findings, and keeps what they are about.
struct Teller {
    save: Option<Save>,
    told: usize,
    kept: usize,
}

impl Teller {
    /// A finding of the same rule and cause as before is kept and counted, and not printed.
    fn tell(&mut self, sighting: &Sighting<'_>) -> io::Result<()> {
        if !sighting.again {
            self.told += 1;
            let mut page = Page::new(anstream::stdout().lock());
            write_sighting(&mut page, self.told, sighting)?;
            page.flush()?;
        }
        let Some(save) = &mut self.save else {
            return Ok(());
        };
        save.line(&FoundLine {
            event: "found",
            rule: sighting.rule.id,
            level: sighting.rule.level,
            sign_in: &sighting.sign_in.transcript.id,
            finding: &sighting.finding,
        })?;
        if self.kept >= MOST_KEPT {
            return Ok(());
        }
        self.kept += 1;
        match keepable(sighting.sign_in) {
            Ok(transcript) => save.observed(&transcript),
            Err(reason) => writeln!(
                anstream::stderr(),
                "{} is not kept: {reason}",
                sighting.sign_in.transcript.id
            ),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FoundLine<'a> {
    event: &'static str,
    rule: &'static str,
    level: Level,
    sign_in: &'a str,
    finding: &'a Finding,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FinishedLine<'a> {
    event: &'static str,
    summary: &'a WatchSummary,
}

/// How many exchanges may wait for the judge.
const MOST_WAITING: usize = 1024;
/// For how many findings a transcript is kept.
const MOST_KEPT: usize = 1000;
