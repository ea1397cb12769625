//! What of a request is a reason to refuse it, and whether it was refused so.
//!
//! In which order the service looks for these is mostly inferred, so a rule demands one error only
//! where there is one reason.

use std::collections::BTreeSet;

use num_traits::Zero;

use crate::model::{AppClient, ExplicitAuthFlow, UserStatus, World};
use crate::rules::evidence::directory::Person;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::evidence::trace::{ExchangeTrace, Message};
use crate::rules::rule::Verdict;
use crate::srp::{Group, Timestamp, parse_hex, secret_hash};
use crate::wire::http::AMZ_JSON;
use crate::wire::names::key;
use crate::wire::{
    AuthFlow, ChallengeName, ErrorKind, InitiateAuth, Parameters, RespondToAuthChallenge,
};

/// A reason to refuse a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// It is no request of AWS JSON 1.1: method, content type or body.
    Form,
    /// The app client does not exist.
    Client,
    /// A parameter is missing, empty or no value of its kind.
    Parameter,
    /// The flow is off for the app client.
    FlowIsOff,
    /// A flow or challenge that these rules say nothing about.
    OtherFlow,
    /// `SECRET_HASH` is missing.
    MissingHash,
    /// `SECRET_HASH` is wrong.
    WrongHash,
    /// `SECRET_HASH` for a client without a secret.
    NeedlessHash,
    /// `CUSTOM_AUTH` without the triggers, or with one that fails.
    Triggers,
    /// Nobody has the name, or whether somebody has it is not known.
    User,
    /// The user's status stops the sign-in.
    Status,
    /// The password in clear is wrong.
    Password,
    /// Nothing, or something else, was asked.
    Challenge,
    /// The Session is not that of the challenge.
    Session,
    /// The answer names another user.
    Name,
    /// The secret block is not that of the challenge.
    Block,
    /// So many attempts failed that a lock-out may have begun.
    LockOut,
    /// `TIMESTAMP` is unreadable or not in canonical form.
    Time,
    /// It names a device, of which the service says that there is none.
    Device,
}

/// Every reason to refuse the request, but for the claim's arithmetic; `None` when nothing is known of the world.
pub(super) fn reasons(facts: &Facts, scene: &ServiceView<'_>) -> Option<BTreeSet<Reason>> {
    let world = facts.world()?;
    let mut found = BTreeSet::new();
    let exchange = scene.exchange;
    if !is_well_formed(exchange) {
        found.insert(Reason::Form);
    }
    if exchange.parameter(key::DEVICE_KEY).is_some() && exchange.misses_device() {
        found.insert(Reason::Device);
    }
    if scene.failures >= ATTEMPTS {
        found.insert(Reason::LockOut);
    }
    match scene.client(world) {
        None => {
            found.insert(Reason::Client);
        }
        Some(client) => {
            if let Some(parameters) = exchange.parameters() {
                found.extend(hash(client, parameters));
            }
            if let Some(request) = exchange.initiate()
                && !allows(client, &request.auth_flow)
            {
                found.insert(Reason::FlowIsOff);
            }
        }
    }
    match (exchange.initiate(), exchange.respond()) {
        (Some(request), _) => found.extend(of_initiate(world, scene, request)),
        (_, Some(request)) => found.extend(of_answer(world, scene, request)),
        _ => {
            found.insert(Reason::OtherFlow);
        }
    }
    match &scene.person {
        Person::Untold | Person::Unknown => {
            found.insert(Reason::User);
        }
        Person::Known(account) => {
            if !account.enabled
                || matches!(
                    account.status,
                    UserStatus::Unconfirmed | UserStatus::ResetRequired
                )
            {
                found.insert(Reason::Status);
            }
        }
    }
    Some(found)
}

/// A request that has to be refused: with that error if there is no other reason, else with any.
pub(super) fn refusal(
    scene: &ServiceView<'_>,
    expected: impl Into<String>,
    has_other_reasons: bool,
    is_right: impl Fn(&ErrorKind, &str) -> bool,
) -> Verdict {
    let fits = scene
        .error()
        .is_some_and(|error| has_other_reasons || is_right(&error.kind, &error.message));
    if fits {
        Verdict::Pass
    } else {
        Verdict::fail(scene.index(), expected, scene.told())
    }
}

/// Whether a request is one of AWS JSON 1.1 and can be read.
pub(super) fn is_well_formed(exchange: &ExchangeTrace<'_>) -> bool {
    let content_type = exchange.request.header("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    exchange.request.method == "POST"
        && media_type.eq_ignore_ascii_case(AMZ_JSON)
        && !matches!(exchange.message, Message::Unreadable(_))
}

/// Whether a client allows a flow (service model: `ExplicitAuthFlowsType`).
pub(super) fn allows(client: &AppClient, flow: &AuthFlow) -> bool {
    use ExplicitAuthFlow as Allowed;
    let flows = &client.explicit_auth_flows;
    let has = |flow: Allowed| flows.contains(&flow);
    let names_new = flows.iter().any(|flow| !flow.is_legacy());
    match flow {
        AuthFlow::UserPasswordAuth => {
            has(Allowed::UserPasswordAuth) || has(Allowed::AllowUserPasswordAuth)
        }
        AuthFlow::UserSrpAuth if names_new => has(Allowed::AllowUserSrpAuth),
        AuthFlow::UserSrpAuth => !has(Allowed::CustomAuthFlowOnly),
        AuthFlow::CustomAuth => !names_new || has(Allowed::AllowCustomAuth),
        AuthFlow::UserAuth => has(Allowed::AllowUserAuth),
        // Nothing is said about the others here.
        _ => true,
    }
}

/// What is wrong with the `SECRET_HASH` of a map. The hash is over the map's own `USERNAME`.
pub(super) fn hash(client: &AppClient, parameters: &Parameters) -> Option<Reason> {
    let username = parameters.get(key::USERNAME);
    let sent = parameters.get(key::SECRET_HASH).map(String::as_str);
    match (&client.secret, username) {
        (Some(_), None) => None,
        (_, username) => wrong_hash(client, username.map_or("", String::as_str), sent),
    }
}

/// What is wrong with a hash that was sent, or not, beside a name.
pub(super) fn wrong_hash(client: &AppClient, username: &str, sent: Option<&str>) -> Option<Reason> {
    let Some(secret) = &client.secret else {
        return sent.map(|_| Reason::NeedlessHash);
    };
    match sent {
        None | Some("") => Some(Reason::MissingHash),
        Some(sent) if sent != secret_hash(secret, username, &client.id) => Some(Reason::WrongHash),
        Some(_) => None,
    }
}

/// Whether a flow starts with `SRP_A`.
pub(super) fn starts_with_srp(request: &InitiateAuth) -> bool {
    let sent = &request.auth_parameters;
    request.auth_flow == AuthFlow::UserSrpAuth
        || request.auth_flow == AuthFlow::CustomAuth
            && sent
                .get(key::CHALLENGE_NAME)
                .is_some_and(|name| name == key::SRP_A)
}

fn of_initiate(world: &World, scene: &ServiceView<'_>, request: &InitiateAuth) -> Vec<Reason> {
    let mut found = Vec::new();
    let sent = |name: &str| {
        request
            .auth_parameters
            .get(name)
            .filter(|value| !value.is_empty())
    };
    if sent(key::USERNAME).is_none() {
        found.push(Reason::Parameter);
    }
    if starts_with_srp(request) {
        let is_number = sent(key::SRP_A)
            .and_then(|a| parse_hex(a).ok())
            .is_some_and(|a| !(a % Group::cognito().n).is_zero());
        if !is_number {
            found.push(Reason::Parameter);
        }
    }
    match request.auth_flow {
        AuthFlow::UserSrpAuth => {}
        AuthFlow::UserPasswordAuth => match sent(key::PASSWORD) {
            None => found.push(Reason::Parameter),
            Some(password) => {
                if scene
                    .account()
                    .is_some_and(|account| account.password.as_ref() != Some(password))
                {
                    found.push(Reason::Password);
                }
            }
        },
        AuthFlow::CustomAuth => {
            let fails = world
                .triggers
                .custom
                .as_ref()
                .is_none_or(|script| script.failure.is_some());
            if fails {
                found.push(Reason::Triggers);
            }
        }
        _ => found.push(Reason::OtherFlow),
    }
    found
}

fn of_answer(
    world: &World,
    scene: &ServiceView<'_>,
    request: &RespondToAuthChallenge,
) -> Vec<Reason> {
    let mut found = Vec::new();
    let sent = |name: &str| {
        request
            .challenge_responses
            .get(name)
            .filter(|value| !value.is_empty())
    };
    let asked = scene.asked.and_then(|asked| asked.answer.as_ref());
    let is_asked =
        asked.and_then(|asked| asked.challenge_name.as_ref()) == Some(&request.challenge_name);
    if !is_asked {
        found.push(Reason::Challenge);
    }
    // Shipped clients answer a device's challenges without a Session.
    let may_lack_session = matches!(
        request.challenge_name,
        ChallengeName::DeviceSrpAuth | ChallengeName::DevicePasswordVerifier
    ) && request.session.is_none();
    if asked.and_then(|asked| asked.session.as_ref()) != request.session.as_ref()
        && !may_lack_session
    {
        found.push(Reason::Session);
    }
    match sent(key::USERNAME) {
        None => found.push(Reason::Parameter),
        Some(name) => {
            // Whether an alias will do in place of USER_ID_FOR_SRP beside a proof is not established.
            let typed = scene
                .start
                .filter(|_| request.challenge_name != ChallengeName::PasswordVerifier)
                .and_then(|start| start.parameter(key::USERNAME));
            let names = [
                scene.asked_parameter(key::USERNAME),
                scene.asked_parameter(key::USER_ID_FOR_SRP),
                typed,
                scene
                    .account()
                    .and_then(|account| account.internal.as_deref()),
            ];
            if !names.contains(&Some(name.as_str())) {
                found.push(Reason::Name);
            }
        }
    }
    let needed: &[&str] = match request.challenge_name {
        ChallengeName::PasswordVerifier => &[
            key::PASSWORD_CLAIM_SIGNATURE,
            key::PASSWORD_CLAIM_SECRET_BLOCK,
            key::TIMESTAMP,
        ],
        ChallengeName::CustomChallenge => &[key::ANSWER],
        ChallengeName::NewPasswordRequired => &[key::NEW_PASSWORD],
        ChallengeName::DeviceSrpAuth => &[key::SRP_A, key::DEVICE_KEY],
        ChallengeName::DevicePasswordVerifier => &[
            key::PASSWORD_CLAIM_SIGNATURE,
            key::PASSWORD_CLAIM_SECRET_BLOCK,
            key::TIMESTAMP,
            key::DEVICE_KEY,
        ],
        _ => {
            found.push(Reason::OtherFlow);
            &[]
        }
    };
    if needed.iter().any(|name| sent(name).is_none()) {
        found.push(Reason::Parameter);
    }
    if request.challenge_name == ChallengeName::DeviceSrpAuth {
        let is_number = sent(key::SRP_A)
            .and_then(|a| parse_hex(a).ok())
            .is_some_and(|a| !(a % Group::cognito().n).is_zero());
        if !is_number {
            found.push(Reason::Parameter);
        }
        let wanted = scene.asked_parameter(key::DEVICE_KEY);
        if wanted.is_some() && wanted != sent(key::DEVICE_KEY).map(String::as_str) {
            found.push(Reason::Device);
        }
    }
    if matches!(
        request.challenge_name,
        ChallengeName::PasswordVerifier | ChallengeName::DevicePasswordVerifier
    ) {
        let block = sent(key::PASSWORD_CLAIM_SECRET_BLOCK).map(String::as_str);
        if block.is_some() && block != scene.asked_parameter(key::SECRET_BLOCK) {
            found.push(Reason::Block);
        }
        let is_canonical =
            |text: &String| Timestamp::parse(text).is_ok_and(|parsed| parsed.canonical);
        if sent(key::TIMESTAMP).is_some_and(|text| !is_canonical(text)) {
            found.push(Reason::Time);
        }
    }
    if scene.flow() == Some(&AuthFlow::CustomAuth)
        && world
            .triggers
            .custom
            .as_ref()
            .is_none_or(|script| script.failure.is_some())
    {
        found.push(Reason::Triggers);
    }
    found
}

/// Failed attempts before a lock-out begins (developer guide, authentication flow).
const ATTEMPTS: usize = 5;
