//! How a port is measured: its pure functions, its whole sign-ins and the round trip to its shim, in one run with the
//! reference client and the engines of this machine, all interleaved.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::advice::Advice;
use super::engines::{milliseconds, names, tell_missing};
use super::event::{BenchEvent, BenchOutcome, BenchSummary, Figures, Started, WrongResult};
use super::machine::Machine;
use super::options::{BenchOptions, PortCommand};
use super::question::{Oracle, Question, has_powers, inputs, questions};
use super::stages::{Breakdown, SIGN_IN, Times};
use crate::pool::TokenSigning;
use crate::run::bench::measure::{Candidate, Clock, ClockKind, Halt, Measurements, Step, measure};
use crate::run::error::RunError;
use crate::run::play::{PlayError, Prepared, Theatre};
use crate::run::primitives::{Difference, Inputs, compared, of_its_own_device};
use crate::run::search::broken::explanation;
use crate::run::worker::{SubjectChoice, Worker};
use crate::scenario::Scenario;
use crate::srp::modexp::{Engine, EngineName};
use crate::subject::{Intermediates, Port, PrimitiveCall, PrimitiveReply};
use crate::wire::event::Event;
use crate::wire::{AuthFlowType, Call, NextStep, Reply};

/// Measures a port. What goes wrong is a finding; what the port does not offer is told.
///
/// # Errors
/// When the port does not start, or this program is at fault. A port that can't be driven any more ends the measurement, and
/// what was measured until then is told.
pub fn port(
    options: &BenchOptions,
    command: &PortCommand,
    clock: &dyn Clock,
    sink: &mut dyn FnMut(BenchEvent),
    progress: &mut dyn FnMut(Step),
) -> Result<BenchOutcome, RunError> {
    let begun = clock.now(ClockKind::Wall);
    let Worker {
        runtime, theatre, ..
    } = Worker::of(&SubjectChoice::Shim {
        command: command.command.clone(),
        deadline: command.deadline,
    })?;
    let reference = runtime.block_on(Theatre::over_http())?;
    let mut bench = Bench::new(options, runtime, theatre, reference)?;
    bench.start(sink);
    let stopped = bench.verify(sink)?;
    let done = match stopped {
        None => bench.run(clock, progress),
        Some(error) => Measurements {
            results: Vec::new(),
            rounds: 0,
            warm_up_rounds: 0,
            interrupted: false,
            stopped: Some(Trouble::Stopped(error)),
            elapsed: Duration::ZERO,
            stretch: None,
        },
    };
    let outcome = bench.report(done, sink);
    let summary = BenchSummary {
        elapsed_ms: milliseconds(clock.now(ClockKind::Wall).saturating_sub(begun)),
        ..outcome.summary
    };
    sink(BenchEvent::Finished(summary));
    Ok(BenchOutcome { summary, ..outcome })
}

struct Bench<'o> {
    options: &'o BenchOptions,
    runtime: Runtime,
    port: RefCell<Theatre>,
    reference: RefCell<Theatre>,
    engines: Vec<Engine>,
    oracle: Oracle,
    inputs: Inputs,
    language: String,
    /// The functions that are right, and what they show.
    functions: Vec<Question>,
    /// The flows that get the port signed in.
    flows: Vec<AuthFlowType>,
    /// Whether the port answers a reset.
    resets: bool,
    findings: usize,
}

/// Why a candidate does not go on.
#[derive(Debug)]
enum Trouble {
    Wrong(Box<WrongResult>),
    Stopped(RunError),
}

impl From<PlayError> for Halt<Trouble> {
    fn from(error: PlayError) -> Self {
        Self::StopAll(Trouble::Stopped(error.into()))
    }
}

/// What a candidate is: who does what.
#[derive(Clone, Debug)]
struct Label {
    what: String,
    by: &'static str,
}

impl<'o> Bench<'o> {
    fn new(
        options: &'o BenchOptions,
        runtime: Runtime,
        mut port: Theatre,
        mut reference: Theatre,
    ) -> Result<Self, RunError> {
        // Nobody verifies the tokens, and the pool's signing is no part of a client's work.
        port.set_token_signing(TokenSigning::Lazy);
        reference.set_token_signing(TokenSigning::Lazy);
        let fastest = Engine::fastest();
        let mut engines: Vec<_> = EngineName::Reference.engine().into_iter().collect();
        if engines.first() != Some(&fastest) {
            engines.push(fastest);
        }
        let oracle = Oracle::new(options.private_bits)
            .map_err(|error| RunError::Harness(error.to_string()))?;
        Ok(Self {
            options,
            runtime,
            language: port.port().description().language.clone(),
            port: RefCell::new(port),
            reference: RefCell::new(reference),
            engines,
            oracle,
            inputs: inputs(options.private_bits),
            functions: Vec::new(),
            flows: Vec::new(),
            resets: false,
            findings: 0,
        })
    }

    fn start(&self, sink: &mut dyn FnMut(BenchEvent)) {
        let mut theatre = self.port.borrow_mut();
        let description = theatre.port().description();
        sink(BenchEvent::Started(Box::new(Started {
            subject: Some(format!(
                "{} {} ({})",
                description.name, description.version, description.language
            )),
            machine: Machine::this(),
            engines: names(&self.engines),
            rounds: self.options.rounds,
            budget_ms: milliseconds(self.options.budget),
            private_bits: Some(self.options.private_bits),
        })));
        tell_missing(sink);
    }

    /// Asks everything once. Whatever is wrong is told and not timed. Gives why the port can't be driven any more, if so.
    fn verify(&mut self, sink: &mut dyn FnMut(BenchEvent)) -> Result<Option<RunError>, RunError> {
        self.verify_reference()?;
        let outcome = self
            .verify_reset(sink)
            .and_then(|()| self.verify_functions(sink))
            .and_then(|()| self.verify_sign_ins(sink));
        match outcome {
            Ok(()) => Ok(None),
            Err(error @ RunError::Harness(_)) => Err(error),
            Err(error) => Ok(Some(error)),
        }
    }

    fn is_interrupted(&self) -> bool {
        self.options.interrupted.load(Ordering::Relaxed)
    }

    /// Every engine has to give what the questions expect, and the reference client has to get signed in.
    fn verify_reference(&self) -> Result<(), RunError> {
        for Question { call, expected } in questions(self.options.private_bits, true) {
            for engine in &self.engines {
                let computed = self.oracle.compute(call.method(), *engine);
                let is_right = computed.as_ref().is_some_and(|(name, value)| {
                    expected
                        .entries()
                        .any(|(entry, right)| entry == *name && right == value)
                });
                if !is_right {
                    return Err(RunError::Harness(format!(
                        "{} by the engine {} is not what it should be",
                        call.method(),
                        engine.name()
                    )));
                }
            }
        }
        for flow in FLOWS {
            match self.sign_in(&self.reference, flow, |work| work()) {
                Ok(SignedIn::Done(())) => {}
                Ok(other) => {
                    return Err(RunError::Harness(format!(
                        "the reference client was to be signed in by {flow}: {other:?}"
                    )));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn verify_reset(&mut self, sink: &mut dyn FnMut(BenchEvent)) -> Result<(), RunError> {
        let reply = self
            .runtime
            .block_on(self.port.get_mut().call(Call::Reset))?;
        if reply == Reply::Empty {
            self.resets = true;
            sink(BenchEvent::Verified {
                what: ROUND_TRIP.to_owned(),
                values: 0,
            });
        } else {
            self.find(wrong(ROUND_TRIP, "an empty result", shown(&reply)), sink);
        }
        Ok(())
    }

    fn verify_functions(&mut self, sink: &mut dyn FnMut(BenchEvent)) -> Result<(), RunError> {
        let capabilities = self
            .port
            .get_mut()
            .port()
            .description()
            .capabilities
            .clone();
        for question in questions(
            self.options.private_bits,
            capabilities.inject.device_password,
        ) {
            if self.is_interrupted() {
                break;
            }
            let method = question.call.method();
            if !capabilities.primitives.contains(method) {
                sink(BenchEvent::NotMeasured {
                    what: method.to_owned(),
                    reason: "the port does not offer it".to_owned(),
                });
                continue;
            }
            let reply = ask(&self.runtime, &self.port, &question.call)?;
            match self.judged(&question, &reply) {
                Ok(values) => {
                    sink(BenchEvent::Verified {
                        what: method.to_owned(),
                        values,
                    });
                    self.functions.push(question);
                }
                Err(wrong) => self.find(wrong, sink),
            }
        }
        Ok(())
    }

    fn verify_sign_ins(&mut self, sink: &mut dyn FnMut(BenchEvent)) -> Result<(), RunError> {
        for flow in FLOWS {
            if self.is_interrupted() {
                break;
            }
            let what = sign_in_name(flow);
            match self.sign_in(&self.port, flow, |work| work())? {
                SignedIn::Done(()) => {
                    sink(BenchEvent::Verified { what, values: 1 });
                    self.flows.push(flow);
                }
                SignedIn::NotApplicable(reason) => sink(BenchEvent::NotMeasured {
                    what,
                    reason: format!("the port lacks {reason}"),
                }),
                SignedIn::Not(got) => self.find(wrong(&what, SIGNED_IN, got), sink),
            }
        }
        Ok(())
    }

    fn find(&mut self, wrong: Box<WrongResult>, sink: &mut dyn FnMut(BenchEvent)) {
        self.findings += 1;
        sink(BenchEvent::Found(wrong));
    }

    /// How many values of a reply are right, or what is wrong with it.
    fn judged(
        &self,
        question: &Question,
        reply: &PrimitiveReply,
    ) -> Result<usize, Box<WrongResult>> {
        let method = question.call.method();
        let PrimitiveReply::Shown { values } = reply else {
            return Err(wrong(
                method,
                "the function's result",
                shown_of_function(reply),
            ));
        };
        let own = of_its_own_device(&question.call, values);
        let (right, difference) = compared(own.as_ref().unwrap_or(&question.expected), values);
        match difference {
            // What a port shows of a device that it made itself may be too little to compare.
            None => Ok(right),
            Some(Difference { name, wanted, got }) => {
                let mistake = self.inputs.explain(method, name, &got);
                let mut wrong = wrong(
                    method,
                    format!("{name} = {wanted}"),
                    format!("{name} = {got}"),
                );
                wrong.explanation = mistake.and_then(explanation);
                Err(wrong)
            }
        }
    }

    /// Plays one sign-in. Only the call itself is `timed`.
    fn sign_in<T>(
        &self,
        theatre: &RefCell<Theatre>,
        flow: AuthFlowType,
        timed: impl FnOnce(&mut dyn FnMut()) -> T,
    ) -> Result<SignedIn<T>, PlayError> {
        let mut theatre = theatre.borrow_mut();
        let mut scenario = Scenario::plain(format!("bench/{flow}"), NONCE);
        scenario.flow = Some(flow);
        let call = match self.runtime.block_on(theatre.prepare(&scenario))? {
            Prepared::Ready(call) => *call,
            Prepared::NotApplicable(reason) => return Ok(SignedIn::NotApplicable(reason)),
            Prepared::Broken(reply) => {
                theatre.finish();
                return Ok(SignedIn::Not(format!(
                    "to the reset before: {}",
                    shown(&reply)
                )));
            }
        };
        let mut call = Some(call);
        let mut reply = None;
        let took = timed(&mut || {
            if let Some(call) = call.take() {
                reply = Some(self.runtime.block_on(theatre.call(call)));
            }
        });
        let events = theatre.finish();
        let reply = reply.transpose()?;
        let is_done = matches!(
            reply,
            Some(Reply::Step {
                next: NextStep::Done
            })
        );
        Ok(match reply {
            Some(_) if is_done && has_tokens(&events) => SignedIn::Done(took),
            Some(_) if is_done => {
                SignedIn::Not("DONE, although the pool gave out no tokens".to_owned())
            }
            Some(reply) => SignedIn::Not(shown(&reply)),
            None => SignedIn::Not("no call was made".to_owned()),
        })
    }

    fn run(&self, clock: &dyn Clock, progress: &mut dyn FnMut(Step)) -> Measurements<Trouble> {
        let candidates = self
            .labels()
            .into_iter()
            .map(|label| self.candidate(label))
            .collect();
        measure(
            candidates,
            &self.options.plan(Duration::ZERO),
            clock,
            &self.options.interrupted,
            progress,
        )
    }

    /// Who takes part, in the order of the report.
    fn labels(&self) -> Vec<Label> {
        let label = |what: &str, by| Label {
            what: what.to_owned(),
            by,
        };
        let mut labels = Vec::new();
        if self.resets {
            labels.push(label(ROUND_TRIP, PORT));
        }
        for question in &self.functions {
            let method = question.call.method();
            labels.push(label(method, PORT));
            let engines = if has_powers(method) {
                &self.engines[..]
            } else {
                self.engines.get(..1).unwrap_or_default()
            };
            labels.extend(
                engines
                    .iter()
                    .map(|engine| label(method, engine.name().as_str())),
            );
        }
        for flow in &self.flows {
            let what = sign_in_name(*flow);
            labels.push(label(&what, PORT));
            labels.push(label(&what, REFERENCE_CLIENT));
        }
        labels
    }

    fn candidate(&self, label: Label) -> Candidate<'_, Trouble> {
        let Label { what, by } = label;
        let name = format!("{what} by {by}");
        if let Some(flow) = FLOWS.into_iter().find(|flow| sign_in_name(*flow) == what) {
            let theatre = if by == PORT {
                &self.port
            } else {
                &self.reference
            };
            return self.timed_sign_in(name, flow, theatre);
        }
        if let Some(engine) = self
            .engines
            .iter()
            .find(|engine| engine.name().as_str() == by)
        {
            let engine = *engine;
            return Candidate::new(name, 1, move || {
                black_box(self.oracle.compute(black_box(&what), engine));
            });
        }
        match self
            .functions
            .iter()
            .find(|question| question.call.method() == what)
        {
            Some(question) => self.timed_function(name, question),
            None => self.timed_round_trip(name),
        }
    }

    fn timed_sign_in<'b>(
        &'b self,
        name: String,
        flow: AuthFlowType,
        theatre: &'b RefCell<Theatre>,
    ) -> Candidate<'b, Trouble> {
        let calls = Cell::new(0);
        Candidate::timing_itself(name, 1, ClockKind::Wall, move |watch| {
            match self.sign_in(theatre, flow, |work| watch.time(work).1)? {
                SignedIn::Done(took) => {
                    calls.set(calls.get() + 1);
                    Ok(took)
                }
                SignedIn::NotApplicable(reason) | SignedIn::Not(reason) => {
                    let wrong = wrong(&sign_in_name(flow), SIGNED_IN, reason);
                    Err(withdraw(wrong, calls.get()))
                }
            }
        })
    }

    fn timed_function<'b>(
        &'b self,
        name: String,
        question: &'b Question,
    ) -> Candidate<'b, Trouble> {
        let calls = Cell::new(0);
        Candidate::timing_itself(name, 1, ClockKind::Wall, move |watch| {
            let (reply, took) = watch.time(|| ask(&self.runtime, &self.port, &question.call));
            // A wrong answer may come late, and would be fast.
            match self.judged(question, &reply?) {
                Ok(_) => {
                    calls.set(calls.get() + 1);
                    Ok(took)
                }
                Err(wrong) => Err(withdraw(wrong, calls.get())),
            }
        })
    }

    fn timed_round_trip(&self, name: String) -> Candidate<'_, Trouble> {
        let calls = Cell::new(0);
        Candidate::timing_itself(name, 1, ClockKind::Wall, move |watch| {
            let mut theatre = self.port.borrow_mut();
            let (reply, took) = watch.time(|| self.runtime.block_on(theatre.call(Call::Reset)));
            match reply? {
                Reply::Empty => {
                    calls.set(calls.get() + 1);
                    Ok(took)
                }
                other => {
                    let wrong = wrong(ROUND_TRIP, "an empty result", shown(&other));
                    Err(withdraw(wrong, calls.get()))
                }
            }
        })
    }

    fn report(
        &mut self,
        done: Measurements<Trouble>,
        sink: &mut dyn FnMut(BenchEvent),
    ) -> BenchOutcome {
        let labels = self.labels();
        let reference_of = |what: &str| {
            [EngineName::Reference.as_str(), REFERENCE_CLIENT]
                .into_iter()
                .find_map(|by| {
                    labels
                        .iter()
                        .position(|label| label.what == what && label.by == by)
                })
                .and_then(|at| done.results.get(at))
        };
        let figures: Vec<_> = labels
            .iter()
            .zip(&done.results)
            .map(|(label, measured)| {
                Figures::of((&label.what, label.by), measured, reference_of(&label.what))
            })
            .collect();
        for figures in &figures {
            sink(BenchEvent::Measured(Box::new(figures.clone())));
        }
        for measured in done.results {
            if let Some(Trouble::Wrong(wrong)) = measured.failure {
                self.find(wrong, sink);
            }
        }
        if let Some(breakdown) = Breakdown::of(&self.times(&figures)) {
            let advice = Advice::of(&self.language, &breakdown, self.options.private_bits);
            sink(BenchEvent::Breakdown(Box::new(breakdown)));
            if let Some(advice) = advice {
                sink(BenchEvent::Advice(Box::new(advice)));
            }
        }
        let restarts = match self.port.get_mut().port() {
            Port::Shim(port) => port.restarts(),
            Port::Reference(_) => 0,
        };
        BenchOutcome {
            summary: BenchSummary {
                rounds: done.rounds,
                warm_up_rounds: done.warm_up_rounds,
                measured: figures
                    .iter()
                    .filter(|figures| figures.summary.is_some())
                    .count(),
                findings: self.findings,
                restarts,
                interrupted: done.interrupted || self.is_interrupted(),
                stretch: done.stretch,
                elapsed_ms: 0,
            },
            stopped: done.stopped.and_then(|trouble| match trouble {
                Trouble::Stopped(error) => Some(error),
                Trouble::Wrong(_) => None,
            }),
        }
    }

    fn times(&self, figures: &[Figures]) -> Times {
        let by = |by: &str| -> BTreeMap<String, f64> {
            figures
                .iter()
                .filter(|figures| figures.by == by)
                .filter_map(|figures| Some((figures.what.clone(), figures.median()?)))
                .collect()
        };
        let mut port = by(PORT);
        let fastest = self
            .engines
            .last()
            .map(|engine| by(engine.name().as_str()))
            .unwrap_or_default();
        Times {
            round_trip: port.remove(ROUND_TRIP).unwrap_or(0.0),
            sign_in: port.remove(SIGN_IN),
            without_srp: port.remove(&sign_in_name(AuthFlowType::UserPassword)),
            reference: by(EngineName::Reference.as_str()),
            fastest,
            port,
        }
    }
}

/// What came of a sign-in.
#[derive(Debug)]
enum SignedIn<T> {
    Done(T),
    NotApplicable(String),
    Not(String),
}

fn ask(
    runtime: &Runtime,
    theatre: &RefCell<Theatre>,
    call: &PrimitiveCall,
) -> Result<PrimitiveReply, PlayError> {
    match theatre.borrow_mut().port() {
        Port::Shim(port) => Ok(runtime.block_on(port.primitive(call))?),
        Port::Reference(_) => Ok(PrimitiveReply::Shown {
            values: Box::new(Intermediates::default()),
        }),
    }
}

/// Whether the pool gave out tokens.
fn has_tokens(events: &[Event]) -> bool {
    events.iter().any(|event| match event {
        Event::Responded { response } => {
            serde_json::from_slice::<serde_json::Value>(response.body.as_bytes())
                .is_ok_and(|body| body.get("AuthenticationResult").is_some())
        }
        _ => false,
    })
}

fn withdraw(mut wrong: Box<WrongResult>, after_calls: usize) -> Halt<Trouble> {
    wrong.after_calls = after_calls;
    Halt::Withdraw(Trouble::Wrong(wrong))
}

fn wrong(what: &str, expected: impl Into<String>, got: impl Into<String>) -> Box<WrongResult> {
    Box::new(WrongResult {
        what: what.to_owned(),
        after_calls: 0,
        expected: expected.into(),
        got: got.into(),
        explanation: None,
    })
}

fn shown(reply: &Reply) -> String {
    match reply {
        Reply::Step { next } => format!("the next step {}", next.name()),
        Reply::Empty => "an empty result".to_owned(),
        Reply::Session { tokens } => format!("a session with {tokens}"),
        Reply::Error { error } => format!("the error {}: {}", error.name, error.message),
        Reply::Unsupported { reason } => format!("a refusal: {reason}"),
        Reply::Crash { detail } => detail.clone(),
        Reply::TimedOut { after_ms } => format!("no answer within {after_ms} ms"),
        Reply::ProtocolBroken { detail } => format!("a broken protocol: {detail}"),
    }
}

fn shown_of_function(reply: &PrimitiveReply) -> String {
    match reply {
        PrimitiveReply::Shown { .. } => "a result".to_owned(),
        PrimitiveReply::Error { error } => format!("the error {}: {}", error.name, error.message),
        PrimitiveReply::Unsupported { reason } => format!("a refusal: {reason}"),
        PrimitiveReply::Crash { detail } => detail.clone(),
        PrimitiveReply::TimedOut { after_ms } => format!("no answer within {after_ms} ms"),
        PrimitiveReply::ProtocolBroken { detail } => format!("a broken protocol: {detail}"),
    }
}

fn sign_in_name(flow: AuthFlowType) -> String {
    format!("sign-in {flow}")
}

/// With SRP, and the same without.
const FLOWS: [AuthFlowType; 2] = [AuthFlowType::UserSrp, AuthFlowType::UserPassword];
/// What the cheapest call is called.
pub const ROUND_TRIP: &str = "round trip (reset)";
/// Who is measured.
pub const PORT: &str = "port";
/// Whom it is measured beside.
pub const REFERENCE_CLIENT: &str = "reference client";
const SIGNED_IN: &str = "DONE, and tokens from the pool";
/// The names of the sign-ins follow from it.
const NONCE: u64 = 1;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::run::bench::measure::SystemClock;
    use crate::run::workers::runtime;

    fn bench(options: &BenchOptions) -> Bench<'_> {
        let runtime = runtime().expect("threads");
        let port = runtime.block_on(Theatre::over_http()).expect("a socket");
        let reference = runtime.block_on(Theatre::over_http()).expect("a socket");
        Bench::new(options, runtime, port, reference).expect("the inputs are legal")
    }

    #[test]
    fn a_client_that_signs_in_is_timed_by_both_flows_beside_the_reference() {
        let options = BenchOptions {
            rounds: 2,
            budget: Duration::from_secs(600),
            private_bits: 256,
            interrupted: Arc::default(),
        };
        // Our own client in the port's place.
        let mut bench = bench(&options);
        let mut told = Vec::new();
        bench
            .verify_sign_ins(&mut |event| told.push(event))
            .expect("it can be driven");
        assert_eq!(bench.flows, FLOWS, "{told:?}");
        let done = bench.run(&SystemClock::new(), &mut |_| {});
        assert_eq!(done.rounds, 2);
        let mut figures = Vec::new();
        let outcome = bench.report(done, &mut |event| {
            if let BenchEvent::Measured(measured) = event {
                figures.push((measured.what, measured.by, measured.clock));
            }
        });
        let expected: Vec<_> = FLOWS
            .into_iter()
            .flat_map(|flow| {
                [PORT, REFERENCE_CLIENT]
                    .map(|by| (sign_in_name(flow), by.to_owned(), ClockKind::Wall))
            })
            .collect();
        assert_eq!(figures, expected);
        assert_eq!(outcome.summary.measured, 4);
        assert_eq!(outcome.summary.findings, 0);
    }

    #[test]
    fn done_without_tokens_is_not_signed_in() {
        assert!(!has_tokens(&[]), "the pool said nothing");
    }
}
