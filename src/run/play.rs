//! Plays a scenario: a port on one side, the pool on the other, the record in between.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client;
use crate::mistakes::Policies;
use crate::model::{Clock, FirstFactor};
use crate::pool::http::Listener;
use crate::pool::{self, Pool, PoolError, TokenSigning};
use crate::record::{Origin, Transcript};
use crate::scenario::{
    Act, ConfigSource, Names, OutOfLimits, Person, Scenario, SignInPlan, Surroundings, UserKind,
};
use crate::srp::{BigUint, to_hex};
use crate::subject::attack;
use crate::subject::capabilities::EndpointForm;
use crate::subject::{Carriage, Port, ReferencePort, ShimError, ShimPort, Stage};
use crate::wire::event::Event;
use crate::wire::{
    AuthFlowType, Call, ChallengeName, FetchAuthSession, ForgetDevice, Inject, Reply, SignOut,
};

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
    /// The scenario asks for more than any scenario needs.
    #[error("a scenario is out of its limits: {0}")]
    Limits(#[from] OutOfLimits),
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
        self.call(Call::Reset).await?;
        self.stage().forget_prologue();
        let mut person = Person::new(scenario);
        self.sign_in(&mut person, SignInPlan::first(scenario), first)
            .await?;
        // A private value and a device's secret are injected once.
        let mut inject = Inject {
            clock: inject.clock,
            ..Inject::default()
        };
        for (at, act) in scenario.then.iter().enumerate() {
            inject.clock = inject.clock.map(|now| now + i64::from(act.after()));
            self.stage().begin_act(at + 1, act.after());
            let plan = SignInPlan::of(scenario, at + 1);
            self.go_on(scenario, &mut person, (act, plan), inject.clone())
                .await?;
        }
        Ok(())
    }

    /// What is done after the first sign-in.
    async fn go_on(
        &mut self,
        scenario: &Scenario,
        person: &mut Person<'_>,
        (act, plan): (&Act, Option<SignInPlan>),
        inject: Inject,
    ) -> Result<(), PlayError> {
        if let Some(plan) = plan {
            let right = person.password_of(plan.who);
            let call = scenario.sign_in(&plan, &self.endpoint(), inject, right);
            return self.sign_in(person, plan, Call::SignIn(call)).await;
        }
        let call = match act {
            // Has a plan.
            Act::SignIn(_) => return Ok(()),
            Act::ResetPassword(reset) => {
                let call = scenario.reset_password(&self.endpoint(), &reset.metadata);
                let reply = self.call(Call::ResetPassword(call)).await?;
                let sent = self.stage().latest_code();
                let Some(code) = reset.code_for(&reply, sent.as_deref()) else {
                    return Ok(());
                };
                Call::ConfirmResetPassword(scenario.confirm_reset_password(&self.endpoint(), code))
            }
            Act::FetchSession(fetch) => Call::FetchAuthSession(FetchAuthSession {
                force_refresh: fetch.force,
                metadata: fetch.metadata.clone(),
                clock: inject.clock.filter(|_| fetch.after > 0),
            }),
            Act::SignOut { global } => Call::SignOut(SignOut { global: *global }),
            Act::RememberDevice => Call::RememberDevice,
            Act::ForgetDevice => Call::ForgetDevice(ForgetDevice::default()),
        };
        let reply = self.call(call.clone()).await?;
        person.learns(&call, &reply);
        Ok(())
    }

    /// One sign-in: the call, and the person's answers as long as they are wanted.
    async fn sign_in(
        &mut self,
        person: &mut Person<'_>,
        plan: SignInPlan,
        first: Call,
    ) -> Result<(), PlayError> {
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
                return Ok(());
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
    if let Some(reason) = scenario
        .then
        .iter()
        .find_map(|act| lacks_for(capabilities, act))
    {
        return Some(reason);
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
    let needs_clock = scenario.clock.is_some() || scenario.then.iter().any(|act| act.after() > 0);
    if needs_clock && !capabilities.inject.clock {
        return Some("a clock that can be set".to_owned());
    }
    None
}

/// What the port lacks for something that is done after the first sign-in.
fn lacks_for(capabilities: &crate::subject::Capabilities, act: &Act) -> Option<String> {
    let call = match act {
        Act::SignIn(again) => {
            let flow = again.flow.filter(|flow| !capabilities.flows.contains(flow));
            return flow.map(|flow| format!("the flow {flow}"));
        }
        Act::ResetPassword(reset) => {
            let needs_metadata = !reset.metadata.is_empty() && !capabilities.client_metadata;
            return match (capabilities.reset_password, needs_metadata) {
                (false, _) => Some("resetPassword".to_owned()),
                (true, true) => Some("ClientMetadata".to_owned()),
                (true, false) => None,
            };
        }
        Act::FetchSession(fetch) => Call::FetchAuthSession(FetchAuthSession {
            metadata: fetch.metadata.clone(),
            ..FetchAuthSession::default()
        }),
        Act::SignOut { .. } => Call::SignOut(SignOut::default()),
        Act::RememberDevice => Call::RememberDevice,
        Act::ForgetDevice => Call::ForgetDevice(ForgetDevice::default()),
    };
    capabilities.lacks(&call)
}

/// The challenges that a port may meet in the scenario.
fn challenges(scenario: &Scenario, first: &Call) -> Vec<ChallengeName> {
    let mut challenges = Vec::new();
    let flow = match first {
        Call::SignIn(call) => call.auth_flow_type,
        _ => None,
    };
    // Without a run-time option the flow may come from a file, or be the default.
    let again_by_srp = scenario
        .then
        .iter()
        .filter_map(Act::sign_in)
        .any(|again| again.flow.is_some_and(AuthFlowType::has_srp));
    if flow.is_none_or(AuthFlowType::has_srp) || again_by_srp {
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
    if let Some(mfa) = &scenario.mfa {
        let asked = match mfa.enrolled.as_slice() {
            [] if mfa.required => {
                challenges.push(ChallengeName::MfaSetup);
                &mfa.offered
            }
            enrolled => {
                if enrolled.len() > 1 && mfa.preferred.is_none() {
                    challenges.push(ChallengeName::SelectMfaType);
                }
                &mfa.enrolled
            }
        };
        challenges.extend(
            asked
                .iter()
                .map(|method| ChallengeName::from(method.as_str())),
        );
    }
    if let Some(factors) = &scenario.first_factors {
        challenges.push(ChallengeName::SelectChallenge);
        for factor in &factors.allowed {
            challenges.push(match factor {
                FirstFactor::Password => ChallengeName::PasswordVerifier,
                FirstFactor::EmailOtp => ChallengeName::EmailOtp,
                FirstFactor::SmsOtp => ChallengeName::SmsOtp,
            });
        }
    }
    if scenario.devices.is_some() {
        challenges.extend([
            ChallengeName::DeviceSrpAuth,
            ChallengeName::DevicePasswordVerifier,
        ]);
    }
    challenges
}

/// The endpoint's name where nothing travels; no request ever goes there.
const IN_PROCESS: &str = "http://127.0.0.1:1/";
