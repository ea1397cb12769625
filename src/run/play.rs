//! Plays a scenario: a port on one side, the pool on the other, the record in between.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client;
use crate::model::Clock;
use crate::pool::http::Listener;
use crate::pool::{self, Pool, PoolError, TokenSigning};
use crate::scenario::{ConfigSource, Names, Person, Scenario, UserKind};
use crate::srp::{BigUint, to_hex};
use crate::subject::attack;
use crate::subject::capabilities::EndpointForm;
use crate::subject::{Carriage, Port, ReferencePort, ShimError, ShimPort, Stage};
use crate::wire::transcript::{Event, Origin};
use crate::wire::{AuthFlowType, Call, ChallengeName, Inject, NextStep, Reply, Transcript};

/// A stage with a port on it: what one worker owns.
#[derive(Debug)]
pub struct Theatre {
    stage: Arc<Mutex<Stage>>,
    listener: Option<Listener>,
    port: Port,
    pool_policy: pool::Policy,
    client_policy: client::Policy,
    signing: TokenSigning,
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

    /// Who is under test.
    pub fn port(&mut self) -> &mut Port {
        &mut self.port
    }

    /// Whether no request leaves the process.
    pub fn is_in_process(&self) -> bool {
        self.listener.is_none()
    }

    /// Plays with other policies from now on; a mutated client may also garble what it tells the application.
    pub fn set_policies(
        &mut self,
        client: client::Policy,
        edit_reply: Option<fn(Reply) -> Reply>,
        pool: pool::Policy,
    ) {
        self.pool_policy = pool;
        if let Port::Reference(port) = &mut self.port {
            port.set_policy(client.clone(), edit_reply);
        }
        self.client_policy = client;
    }

    /// Chooses whether tokens are really signed: not in bulk runs, where nobody verifies them.
    pub fn set_token_signing(&mut self, signing: TokenSigning) {
        self.signing = signing;
    }

    /// Plays a scenario from its first call to its end.
    ///
    /// # Errors
    /// See [`PlayError`]; whatever the port does is in the transcript.
    pub async fn play(&mut self, scenario: &Scenario) -> Result<Played, PlayError> {
        let capabilities = self.port.description().capabilities.clone();
        if scenario.attack.is_some() && !matches!(self.port, Port::Reference(_)) {
            return Ok(Played::NotApplicable(
                "only our own client lies to a service".to_owned(),
            ));
        }
        let a = capabilities.inject.a.then(|| scenario.private_value());
        let wanted = Inject {
            a: a.iter().map(to_hex).collect(),
            clock: Some(scenario.instant()),
            device_password: None,
        };
        let inject = capabilities.injectable(&wanted);
        let clock = inject.clock.map_or(Clock::Wall, Clock::Fixed);
        let first = Call::SignIn(scenario.sign_in(&self.endpoint(), inject.clone()));
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
            scenario: serde_json::to_value(scenario)?,
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
        let call = Call::SignIn(scenario.sign_in(&self.endpoint(), Inject::default()));
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
        pool.tell_private_values(a);
        self.arm(scenario);
        let client_id = Names::of(scenario).client_id;
        self.stage().begin(pool, client_id, scenario.fault.clone());
        Ok(())
    }

    async fn act(
        &mut self,
        scenario: &Scenario,
        first: Call,
        inject: Inject,
    ) -> Result<(), PlayError> {
        self.call(Call::Reset).await?;
        self.stage().forget_prologue();
        self.sign_in(scenario, first).await?;
        if scenario.again_by_srp {
            let mut again = scenario.sign_in(
                &self.endpoint(),
                Inject {
                    a: Vec::new(),
                    ..inject
                },
            );
            again.auth_flow_type = Some(AuthFlowType::UserSrp);
            again.password = again
                .password
                .or_else(|| Some(Names::of(scenario).password));
            self.sign_in(scenario, Call::SignIn(again)).await?;
        }
        Ok(())
    }

    /// One sign-in: the call, and the person's answers as long as they are wanted.
    async fn sign_in(&mut self, scenario: &Scenario, first: Call) -> Result<(), PlayError> {
        let mut person = Person::new(scenario);
        let mut reply = self.call(first).await?;
        while let Some(answer) = next_step(&reply).and_then(|step| person.answer(step)) {
            reply = self.call(Call::ConfirmSignIn(answer)).await?;
        }
        Ok(())
    }

    /// Makes one call, and records it.
    ///
    /// # Errors
    /// When the port can't be driven any more.
    pub async fn call(&mut self, call: Call) -> Result<Reply, PlayError> {
        self.stage()
            .call_begins(Event::Called { call: call.clone() });
        let reply = self.port.call(&call).await?;
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
        }
    }
}

async fn listen(stage: &Arc<Mutex<Stage>>) -> Result<Listener, PlayError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Ok(Listener::bind(address, Arc::<Mutex<Stage>>::clone(stage)).await?)
}

/// What the port lacks for the scenario, as a reason.
fn lacks(
    capabilities: &crate::subject::Capabilities,
    scenario: &Scenario,
    first: &Call,
) -> Option<String> {
    if let Some(reason) = capabilities.lacks(first) {
        return Some(reason);
    }
    if scenario.again_by_srp && !capabilities.flows.contains(&AuthFlowType::UserSrp) {
        return Some(format!("the flow {}", AuthFlowType::UserSrp));
    }
    if scenario
        .answers
        .iter()
        .any(|answer| !answer.metadata.is_empty())
        && !capabilities.client_metadata
    {
        return Some("ClientMetadata".to_owned());
    }
    if capabilities.endpoint == EndpointForm::Host {
        return Some("an endpoint that may be plain HTTP on any port".to_owned());
    }
    if let Some(challenge) = challenges(scenario, first)
        .into_iter()
        .find(|challenge| !capabilities.challenges.contains(challenge))
    {
        return Some(format!("the challenge {challenge}"));
    }
    if scenario.clock.is_some() && !capabilities.inject.clock {
        return Some("a clock that can be set".to_owned());
    }
    None
}

/// The challenges that a port may meet in the scenario.
fn challenges(scenario: &Scenario, first: &Call) -> Vec<ChallengeName> {
    let mut challenges = Vec::new();
    let flow = match first {
        Call::SignIn(call) => call.auth_flow_type,
        _ => None,
    };
    // Without a run-time option the flow may come from a file, or be the default.
    if flow.is_none_or(AuthFlowType::has_srp) || scenario.again_by_srp {
        challenges.push(ChallengeName::PasswordVerifier);
    }
    let asks = scenario
        .custom
        .as_ref()
        .is_some_and(|script| !script.rounds.is_empty());
    if asks
        && (flow.is_some_and(AuthFlowType::is_custom)
            || (flow.is_none() && scenario.config != ConfigSource::Direct))
    {
        challenges.push(ChallengeName::CustomChallenge);
    }
    if matches!(scenario.user, UserKind::TemporaryPassword { .. }) {
        challenges.push(ChallengeName::NewPasswordRequired);
    }
    challenges
}

fn next_step(reply: &Reply) -> Option<&NextStep> {
    match reply {
        Reply::Step { next } => Some(next),
        _ => None,
    }
}

/// The endpoint's name where nothing travels; no request ever goes there.
const IN_PROCESS: &str = "http://127.0.0.1:1/";
