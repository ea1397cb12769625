//! What one worker of a check owns: a port on a stage, and the right references beside it.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Runtime;

use super::error::RunError;
use super::known::Known;
use super::play::Theatre;
use super::witness::Witness;
use super::workers::runtime;
use crate::cut::Cut;
use crate::mistakes::Policies;
use crate::rules::Party;
use crate::subject::shim::{ShimCommand, ShimOptions};
use crate::subject::{Carriage, ShimPort};
use crate::suite::Selection;

/// What to check, and how.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// Which cases.
    pub selection: Selection,
    /// How many workers.
    pub jobs: usize,
    /// Who is under test.
    pub subject: SubjectChoice,
    /// What the references decide. They are right, unless somebody looks what the runner makes of a wrong one.
    pub policies: Policies,
    /// What is expected to fail.
    pub known: Option<Known>,
    /// Whether reports carry transcripts.
    pub keep_transcripts: bool,
    /// The most scenarios to play in one search for a minimal one.
    pub max_plays: usize,
    /// Set from outside to stop after the work in hand.
    pub interrupted: Arc<AtomicBool>,
    /// What was found out about the port's ways, by whoever played with it first.
    pub manners: Manners,
}

/// Whether a port refuses to sign in while somebody is signed in; empty until somebody knows.
#[derive(Clone, Debug, Default)]
pub struct Manners(Arc<OnceLock<bool>>);

impl Manners {
    /// Takes note of it.
    pub(super) fn learn(&self, signs_out_first: bool) {
        // Whoever was first is right: the port is the same.
        let _ = self.0.set(signs_out_first);
    }

    /// Whether somebody is signed out before each further sign-in.
    pub(super) fn sign_out_first(&self) -> bool {
        self.0.get() == Some(&true)
    }
}

/// Who is under test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectChoice {
    /// The reference client and the reference pool.
    Reference(Carriage),
    /// A port behind a shim, and the reference pool.
    Shim {
        /// The command that starts the shim.
        command: String,
        /// How long one call may take.
        deadline: Duration,
    },
}

impl SubjectChoice {
    /// Whom to judge: with somebody else's client only that.
    pub fn parties(&self) -> &'static [Party] {
        match self {
            Self::Reference(_) => &[Party::Port, Party::Shim, Party::Service],
            Self::Shim { .. } => &[Party::Port, Party::Shim],
        }
    }

    /// The flags that select it.
    pub fn flags(&self) -> String {
        match self {
            Self::Reference(Carriage::Http) => String::new(),
            Self::Reference(Carriage::InProcess) => "--in-process".to_owned(),
            Self::Shim { command, deadline } if *deadline == ShimOptions::default().deadline => {
                format!("--port {}", quoted(command))
            }
            Self::Shim { command, deadline } => {
                format!(
                    "--port {} --deadline {}",
                    quoted(command),
                    deadline.as_secs()
                )
            }
        }
    }
}

/// A stage with its own runtime: what one worker owns.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) runtime: Runtime,
    pub(super) theatre: Theatre,
    pub(super) witness: Witness,
}

impl Worker {
    pub(super) fn start(options: &CheckOptions) -> Result<Self, RunError> {
        let worker = Self::with(&options.subject, None, Some(&options.interrupted))?;
        Ok(Self::behaving(worker, options))
    }

    /// The same, with another deadline for calls. What the start may take is as ever.
    pub(super) fn hurried(options: &CheckOptions, deadline: Duration) -> Result<Self, RunError> {
        let worker = Self::with(&options.subject, Some(deadline), Some(&options.interrupted))?;
        Ok(Self::behaving(worker, options))
    }

    fn behaving(mut worker: Self, options: &CheckOptions) -> Self {
        worker.theatre.set_policies(options.policies.clone());
        worker.theatre.heed(&options.interrupted);
        if options.manners.sign_out_first() {
            worker.theatre.sign_out_first();
        }
        worker
    }

    pub(super) fn of(subject: &SubjectChoice) -> Result<Self, RunError> {
        Self::with(subject, None, None)
    }

    fn with(
        subject: &SubjectChoice,
        hurry: Option<Duration>,
        interrupted: Option<&Arc<AtomicBool>>,
    ) -> Result<Self, RunError> {
        let runtime = runtime()?;
        let theatre = match subject {
            SubjectChoice::Reference(Carriage::InProcess) => Theatre::in_process(),
            SubjectChoice::Reference(Carriage::Http) => runtime.block_on(Theatre::over_http())?,
            SubjectChoice::Shim { command, deadline } => {
                let usual = ShimOptions::default();
                let options = ShimOptions {
                    deadline: hurry.unwrap_or(*deadline),
                    // Who gives a deadline means the start as well.
                    start_deadline: match *deadline == usual.deadline {
                        true => usual.start_deadline,
                        false => *deadline,
                    },
                    ..usual
                };
                let command = ShimCommand::Line(command.clone());
                runtime.block_on(async {
                    let start = ShimPort::start(command, options);
                    let port = match interrupted {
                        None => start.await?,
                        Some(interrupted) => {
                            let started = Cut::new(interrupted).unless(start).await;
                            started.ok_or(RunError::Interrupted)??
                        }
                    };
                    Ok::<_, RunError>(Theatre::of_shim(port).await?)
                })?
            }
        };
        Ok(Self {
            runtime,
            theatre,
            witness: Witness::new(),
        })
    }
}

/// A word as a POSIX shell reads it back.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
