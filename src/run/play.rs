//! Plays a scenario: a port on one side, the pool on the other, the record in between.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client;
use crate::cut::Cut;
use crate::mistakes::Policies;
use crate::model::Clock;
use crate::pool::http::Listener;
use crate::pool::{self, Pool, PoolError, TokenSigning};
use crate::record::{Origin, Transcript};
use crate::scenario::{Act, Names, OutOfLimits, Person, Scenario, SignInPlan, Surroundings};
use crate::srp::{BigUint, to_hex};
use crate::subject::attack;
use crate::subject::{Capabilities, Carriage, Port, ReferencePort, ShimError, ShimPort, Stage};
use crate::suite::fit::{lacks, signing_out_first};
use crate::wire::event::Event;
use crate::wire::{Call, FetchAuthSession, ForgetDevice, Inject, NextStep, Reply, SignOut};

/// A stage with a port on it: what one worker owns.
#[derive(Debug)]
pub struct Theatre {
    stage: Arc<Mutex<Stage>>,
    listener: Option<Listener>,
    port: Port,
    pool_policy: pool::Policy,
    client_policy: client::Policy,
    signing: TokenSigning,
    signs_out_first: bool,
    /// The private value to inject in place of the scenarios' own.
    private_value: PrivateValue,
    cut: Option<Cut>,
}

/// What came of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Played {
    /// It was played.
    Transcript(Box<Transcript>),
    /// The port does not offer what it needs.
    NotApplicable(String),
}

/// What came of setting the stage.
#[derive(Clone, Debug, PartialEq)]
pub enum Prepared {
    /// The call that is to be made.
    Ready(Box<Call>),
    /// The port does not offer what it needs.
    NotApplicable(String),
    /// The port did not get past its reset.
    Broken(Reply),
}

/// Why a scenario could not be played. None of these says anything about the port's conformance.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The scenario describes no possible world.
    #[error("scenario {id} describes no possible world: {error}")]
    World {
        /// The scenario.
        id: String,
        /// What is wrong.
        error: PoolError,
    },
    /// The port can't be driven any more.
    #[error(transparent)]
    Port(#[from] ShimError),
    /// No listener on this machine.
    #[error("can't listen on the loopback interface: {0}")]
    Listen(#[from] std::io::Error),
    /// The scenario can't be written.
    #[error("a scenario can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The scenario asks for more than any scenario needs.
    #[error("a scenario is out of its limits: {0}")]
    Limits(#[from] OutOfLimits),
    /// The run was interrupted, and the call in hand took too long.
    #[error("interrupted")]
    Interrupted,
}

/// Where private values are from.
#[derive(Clone, Debug)]
enum PrivateValue {
    /// From the scenario, where the port takes them.
    OfScenario,
    /// This one, where the port takes it.
    Given(BigUint),
    /// The port draws them.
    Drawn,
}

impl Theatre {
    /// The reference client and the reference pool, with values for requests.
    pub fn in_process() -> Self {
        Self::of_reference(None, Arc::default(), Carriage::InProcess)
    }

    /// The reference client and the reference pool, over HTTP on the loopback interface.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn over_http() -> Result<Self, PlayError> {
        let stage: Arc<Mutex<Stage>> = Arc::default();
        let listener = listen(&stage).await?;
        Ok(Self::of_reference(Some(listener), stage, Carriage::Http))
    }

    /// A port behind a shim, and the reference pool over HTTP.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn of_shim(shim: ShimPort) -> Result<Self, PlayError> {
        let stage: Arc<Mutex<Stage>> = Arc::default();
        let listener = listen(&stage).await?;
        Ok(Self::new(Some(listener), stage, Port::Shim(Box::new(shim))))
    }

    /// Has calls of a port behind a shim given up when they take long after an interruption.
    pub(super) fn heed(&mut self, interrupted: &Arc<AtomicBool>) {
        if matches!(self.port, Port::Shim(_)) {
            self.cut = Some(Cut::new(interrupted));
        }
    }

    /// Who is under test.
    pub fn port(&mut self) -> &mut Port {
        &mut self.port
    }

    /// Whether no request leaves the process.
    pub fn is_in_process(&self) -> bool {
        self.listener.is_none()
    }

    /// Plays with other policies from now on.
    pub fn set_policies(&mut self, policies: Policies) {
        let Policies {
            client,
            reply,
            pool,
        } = policies;
        self.pool_policy = pool;
        if let Port::Reference(port) = &mut self.port {
            port.set_policy(client.clone(), reply);
        }
        self.client_policy = client;
    }

    /// Chooses whether tokens are really signed: not in bulk runs, where nobody verifies them.
    pub fn set_token_signing(&mut self, signing: TokenSigning) {
        self.signing = signing;
    }

    /// Injects this private value from now on, whatever scenarios say, where the port takes one.
    pub fn inject_private_value(&mut self, a: BigUint) {
        self.private_value = PrivateValue::Given(a);
    }

    /// Lets the port draw its private values from now on, or no longer.
    pub fn let_the_port_draw(&mut self, draws: bool) {
        self.private_value = match draws {
            true => PrivateValue::Drawn,
            false => PrivateValue::OfScenario,
        };
    }

    /// What the port offers; `None` for our own, which offers everything.
    pub fn offered(&self) -> Option<Capabilities> {
        match &self.port {
            Port::Reference(_) => None,
            Port::Shim(port) => Some(port.description().capabilities.clone()),
        }
    }

    /// Has whoever is signed in signed out before each further sign-in: for a port that refuses one while somebody is.
    pub fn sign_out_first(&mut self) {
        self.signs_out_first = true;
    }

    /// Plays a scenario from its first call to its end.
    ///
    /// # Errors
    /// See [`PlayError`]; whatever the port does is in the transcript.
    pub async fn play(&mut self, scenario: &Scenario) -> Result<Played, PlayError> {
        let capabilities = self.port.description().capabilities.clone();
        let signing_out = self
            .signs_out_first
            .then(|| signing_out_first(scenario, &capabilities));
        let scenario = signing_out.as_ref().unwrap_or(scenario);
        if scenario.attack.is_some() && !matches!(self.port, Port::Reference(_)) {
            return Ok(Played::NotApplicable(
                "only our own client lies to a service".to_owned(),
            ));
        }
        let a = match &self.private_value {
            PrivateValue::OfScenario => Some(scenario.private_value()),
            PrivateValue::Given(a) => Some(a.clone()),
            PrivateValue::Drawn => None,
        };
        let a = a.filter(|_| capabilities.inject.a);
        let wanted = Inject {
            a: a.iter().map(to_hex).collect(),
            clock: Some(scenario.instant()),
            device_password: scenario.device_secret(),
        };
        let inject = capabilities.injectable(&wanted);
        let clock = inject.clock.map_or(Clock::Wall, Clock::Fixed);
        let plan = SignInPlan::first(scenario);
        let right = Person::new(scenario).password_of(plan.who).to_owned();
        let first = Call::SignIn(scenario.sign_in(&plan, &self.endpoint(), inject.clone(), &right));
        if let Some(reason) = lacks(&capabilities, scenario, &first) {
            return Ok(Played::NotApplicable(reason));
        }
        self.begin(scenario, clock, a)?;
        let outcome = self.act(scenario, first, inject).await;
        let events = self.stage().end();
        outcome?;
        let subject = self.port.description();
        let origin = Origin::Played {
            subject: format!(
                "{} {} ({})",
                subject.name, subject.version, subject.language
            ),
            scenario: Box::new(scenario.clone()),
            not_offered: subject.capabilities.challenges_not_offered(),
        };
        let mut transcript = Transcript::new(scenario.id.clone(), origin);
        transcript.events = events;
        Ok(Played::Transcript(Box::new(transcript)))
    }

    /// Sets the stage for a scenario and resets the port, for who times the call alone. The port draws its own values, and
    /// [`finish`](Self::finish) ends it.
    ///
    /// # Errors
    /// See [`PlayError`].
    pub async fn prepare(&mut self, scenario: &Scenario) -> Result<Prepared, PlayError> {
        let plan = SignInPlan::first(scenario);
        let right = Person::new(scenario).password_of(plan.who).to_owned();
        let call =
            Call::SignIn(scenario.sign_in(&plan, &self.endpoint(), Inject::default(), &right));
        if let Some(reason) = lacks(&self.port.description().capabilities, scenario, &call) {
            return Ok(Prepared::NotApplicable(reason));
        }
        self.begin(scenario, Clock::Wall, None)?;
        match self.call(Call::Reset).await? {
            Reply::Empty => {}
            // Our own client has nothing to forget before its first sign-in, and says so.
            _ if matches!(self.port, Port::Reference(_)) => {}
            other => return Ok(Prepared::Broken(other)),
        }
        self.stage().forget_prologue();
        Ok(Prepared::Ready(Box::new(call)))
    }

    /// Ends what was prepared, and gives the record of it.
    pub fn finish(&mut self) -> Vec<Event> {
        self.stage().end()
    }

    /// `a` is the private value that the port was asked to use, if it takes one.
    fn begin(
        &mut self,
        scenario: &Scenario,
        clock: Clock,
        a: Option<BigUint>,
    ) -> Result<(), PlayError> {
        let mut pool =
            Pool::new(scenario.world(clock), self.pool_policy.clone()).map_err(|error| {
                PlayError::World {
                    id: scenario.id.clone(),
                    error,
                }
            })?;
        pool.set_token_signing(self.signing);
        if matches!(self.port, Port::Shim(_)) {
            // Who verifies tokens finds the keys where it finds the pool.
            let endpoint = self.endpoint();
            pool.set_issuer(Some(endpoint.trim_end_matches('/').to_owned()));
        }
        pool.tell_private_values(a);
        self.arm(scenario);
        self.stage()
            .begin(pool, &Names::of(scenario), scenario.fault.clone());
        Ok(())
    }

    async fn act(
        &mut self,
        scenario: &Scenario,
        first: Call,
        inject: Inject,
    ) -> Result<(), PlayError> {
        let reset = self.call(Call::Reset).await?;
        if matches!(self.port, Port::Shim(_)) && reset != Reply::Empty {
            // What it was is on record, and what would come after it says nothing.
            return Ok(());
        }
        self.stage().forget_prologue();
        let mut person = Person::new(scenario);
        let began = self
            .sign_in(&mut person, SignInPlan::first(scenario), first)
            .await?;
        let mut is_signed_in = is_done(&began);
        // A private value and a device's secret are injected once.
        let mut inject = Inject {
            clock: inject.clock,
            ..Inject::default()
        };
        for (at, act) in scenario.then.iter().enumerate() {
            inject.clock = inject.clock.map(|now| now + i64::from(act.after()));
            self.stage().begin_act(at + 1, act.after());
            let plan = SignInPlan::of(scenario, at + 1);
            let reply = self
                .go_on(scenario, &mut person, (act, plan), inject.clone())
                .await?;
            match act {
                // Whoever could not be signed out is in the way of the sign-in for which that was done.
                Act::SignOut { put_in: true, .. }
                    if is_signed_in && matches!(reply, Some(Reply::Error { .. })) =>
                {
                    return Ok(());
                }
                Act::SignOut { .. } => is_signed_in = false,
                _ => is_signed_in |= reply.as_ref().is_some_and(is_done),
            }
        }
        Ok(())
    }

    /// What is done after the first sign-in, and the last reply to it.
    async fn go_on(
        &mut self,
        scenario: &Scenario,
        person: &mut Person<'_>,
        (act, plan): (&Act, Option<SignInPlan>),
        inject: Inject,
    ) -> Result<Option<Reply>, PlayError> {
        if let Some(plan) = plan {
            let right = person.password_of(plan.who);
            let call = scenario.sign_in(&plan, &self.endpoint(), inject, right);
            let reply = self.sign_in(person, plan, Call::SignIn(call)).await?;
            return Ok(Some(reply));
        }
        let call = match act {
            // Has a plan.
            Act::SignIn(_) => return Ok(None),
            Act::ResetPassword(reset) => {
                let call = scenario.reset_password(&self.endpoint(), &reset.metadata);
                let reply = self.call(Call::ResetPassword(call)).await?;
                let sent = self.stage().latest_code();
                let Some(code) = reset.code_for(&reply, sent.as_deref()) else {
                    return Ok(Some(reply));
                };
                Call::ConfirmResetPassword(scenario.confirm_reset_password(&self.endpoint(), code))
            }
            Act::FetchSession(fetch) => Call::FetchAuthSession(FetchAuthSession {
                force_refresh: fetch.force,
                metadata: fetch.metadata.clone(),
                clock: inject.clock.filter(|_| fetch.after > 0),
            }),
            Act::SignOut { global, .. } => Call::SignOut(SignOut { global: *global }),
            Act::RememberDevice => Call::RememberDevice,
            Act::ForgetDevice => Call::ForgetDevice(ForgetDevice::default()),
        };
        let reply = self.call(call.clone()).await?;
        person.learns(&call, &reply);
        Ok(Some(reply))
    }

    /// One sign-in: the call, and the person's answers as long as they are wanted. The last reply.
    async fn sign_in(
        &mut self,
        person: &mut Person<'_>,
        plan: SignInPlan,
        first: Call,
    ) -> Result<Reply, PlayError> {
        person.begins(plan);
        let mut reply = self.call(first).await?;
        loop {
            let (now, sent) = {
                let mut stage = self.stage();
                (stage.now(), stage.latest_code())
            };
            let surroundings = Surroundings {
                now,
                sent: sent.as_deref(),
            };
            let Some(answer) = person.answer(&reply, &surroundings) else {
                return Ok(reply);
            };
            let call = Call::ConfirmSignIn(answer);
            reply = self.call(call.clone()).await?;
            person.learns(&call, &reply);
        }
    }

    /// Makes one call, and records it.
    ///
    /// # Errors
    /// When the port can't be driven any more.
    pub async fn call(&mut self, call: Call) -> Result<Reply, PlayError> {
        self.stage()
            .call_begins(Event::Called { call: call.clone() });
        let reply = match &mut self.cut {
            None => self.port.call(&call).await?,
            Some(cut) => {
                let reply = cut.unless(self.port.call(&call)).await;
                reply.ok_or(PlayError::Interrupted)??
            }
        };
        self.stage().call_ends(Event::Replied {
            reply: reply.clone(),
        });
        Ok(reply)
    }

    fn arm(&mut self, scenario: &Scenario) {
        if let Port::Reference(port) = &mut self.port
            && scenario.attack.is_some()
        {
            let mut policy = self.client_policy.clone();
            attack::arm(&mut policy, scenario);
            port.lie_once(policy);
        }
    }

    fn endpoint(&self) -> String {
        self.listener
            .as_ref()
            .map_or_else(|| IN_PROCESS.to_owned(), Listener::endpoint)
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        // A panic on the other side of the lock leaves only a record that is judged as it stands.
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of_reference(
        listener: Option<Listener>,
        stage: Arc<Mutex<Stage>>,
        carriage: Carriage,
    ) -> Self {
        let port = ReferencePort::new(Arc::clone(&stage), carriage);
        Self::new(listener, stage, Port::Reference(Box::new(port)))
    }

    fn new(listener: Option<Listener>, stage: Arc<Mutex<Stage>>, port: Port) -> Self {
        Self {
            stage,
            listener,
            port,
            pool_policy: pool::Policy::default(),
            client_policy: client::Policy::default(),
            signing: TokenSigning::Real,
            signs_out_first: false,
            private_value: PrivateValue::OfScenario,
            cut: None,
        }
    }
}

/// Whether a sign-in is through.
fn is_done(reply: &Reply) -> bool {
    matches!(
        reply,
        Reply::Step {
            next: NextStep::Done
        }
    )
}

async fn listen(stage: &Arc<Mutex<Stage>>) -> Result<Listener, PlayError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Ok(Listener::bind(address, Arc::<Mutex<Stage>>::clone(stage)).await?)
}

/// The endpoint's name where nothing travels; no request ever goes there.
const IN_PROCESS: &str = "http://127.0.0.1:1/";
