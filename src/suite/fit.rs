//! What a scenario needs against what a port offers.
//!
//! Named scenarios have a point, and are left alone: what a port lacks for one is a reason not to play it. A generated one is
//! fitted: what the port does not offer is left out of it, and the rest is played.

use super::flows;
use crate::model::{FirstFactor, MfaMethod};
use crate::scenario::{Act, FirstFactors, Mfa, Scenario, UserKind};
use crate::subject::Capabilities;
use crate::subject::capabilities::EndpointForm;
use crate::wire::{
    AuthFlowType, Call, ChallengeName, FetchAuthSession, ForgetDevice, Parameters, SignOut,
};

/// The scenario without what a port does not offer. It follows from the scenario and what is offered alone.
pub fn fitted(scenario: &Scenario, offered: &Capabilities) -> Scenario {
    let mut fitted = scenario.clone();
    fitted.attack = None;
    fit_acts(&mut fitted, offered);
    flows::fit(&mut fitted, offered);
    fit_values(&mut fitted, offered);
    fit_challenges(&mut fitted, offered);
    fitted
}

/// The scenario as it is played with a port that refuses to sign in while somebody is signed in: whoever is there is signed
/// out before each further sign-in, here or, where the port can't do that, everywhere. These sign-outs say that they were put in,
/// so that nobody judges them. Faults stay with the acts that they are of.
pub fn signing_out_first(scenario: &Scenario, offered: &Capabilities) -> Scenario {
    let here = Call::SignOut(SignOut { global: false });
    let global = offered.lacks(&here).is_some();
    let mut played = scenario.clone();
    played.then.clear();
    for (at, act) in scenario.then.iter().enumerate() {
        let is_signed_out = matches!(played.then.last(), Some(Act::SignOut { .. }));
        if act.sign_in().is_some() && !is_signed_out {
            played.then.push(Act::SignOut {
                global,
                put_in: true,
            });
        }
        played.then.push(act.clone());
        let number = at + 1;
        if let (Some(fault), Some(moved)) = (&scenario.fault, &mut played.fault)
            && fault.act == number
        {
            moved.act = played.then.len();
        }
    }
    played
}

fn fit_acts(scenario: &mut Scenario, offered: &Capabilities) {
    let mut at = 0;
    while let Some(act) = scenario.then.get_mut(at) {
        without_metadata(act, offered);
        if lacks_for(offered, act).is_some() {
            scenario.then.remove(at);
            let number = at + 1;
            match &mut scenario.fault {
                Some(fault) if fault.act > number => fault.act -= 1,
                Some(fault) if fault.act == number => scenario.fault = None,
                _ => {}
            }
        } else {
            at += 1;
        }
    }
}

fn without_metadata(act: &mut Act, offered: &Capabilities) {
    match act {
        Act::FetchSession(fetch) if !offered.client_metadata.has("fetchAuthSession") => {
            fetch.metadata = Parameters::new();
        }
        Act::ResetPassword(reset) if !offered.client_metadata.has("resetPassword") => {
            reset.metadata = Parameters::new();
        }
        _ => {}
    }
    if !offered.inject.clock {
        match act {
            Act::FetchSession(fetch) => fetch.after = 0,
            Act::SignIn(again) => again.after = 0,
            Act::SignOut { .. }
            | Act::RememberDevice
            | Act::ForgetDevice
            | Act::ResetPassword(_) => {}
        }
    }
}

fn fit_values(scenario: &mut Scenario, offered: &Capabilities) {
    if !offered.client_metadata.has("signIn") {
        scenario.metadata = Parameters::new();
    }
    if !offered.client_metadata.has("confirmSignIn") {
        for answer in &mut scenario.answers {
            answer.metadata = Parameters::new();
        }
    }
    if !offered.client_secret {
        scenario.client.secret = false;
    }
    if !offered.inject.clock {
        scenario.clock = None;
    }
}

fn fit_challenges(scenario: &mut Scenario, offered: &Capabilities) {
    let meets = |challenge: &ChallengeName| offered.challenges.contains(challenge);
    if !meets(&ChallengeName::CustomChallenge) {
        scenario.custom = None;
    }
    if matches!(scenario.user, UserKind::TemporaryPassword { .. })
        && !meets(&ChallengeName::NewPasswordRequired)
    {
        scenario.user = UserKind::Confirmed;
    }
    if let Some(mfa) = &mut scenario.mfa
        && !fit_second_factor(mfa, offered)
    {
        scenario.mfa = None;
    }
    if let Some(factors) = &mut scenario.first_factors
        && !fit_first_factors(factors, offered)
    {
        scenario.first_factors = None;
    }
}

/// Leaves the factors that a port gets past, and says whether there is any.
fn fit_second_factor(mfa: &mut Mfa, offered: &Capabilities) -> bool {
    let meets = |name: ChallengeName| offered.challenges.contains(&name);
    let is_met = |method: &MfaMethod| meets(ChallengeName::from(method.as_str()));
    mfa.offered.retain(is_met);
    mfa.enrolled.retain(is_met);
    if !meets(ChallengeName::SelectMfaType) {
        mfa.enrolled.truncate(1);
    }
    if !meets(ChallengeName::MfaSetup) && mfa.enrolled.is_empty() {
        mfa.required = false;
    }
    let enrolled = &mfa.enrolled;
    mfa.preferred = mfa.preferred.filter(|method| enrolled.contains(method));
    let can_choose = |method: &MfaMethod| {
        enrolled.contains(method) || enrolled.is_empty() && mfa.offered.contains(method)
    };
    mfa.choice = mfa.choice.filter(can_choose);
    !mfa.offered.is_empty()
}

/// Leaves the first factors that a port gets past, and says whether there is any beside the password.
fn fit_first_factors(factors: &mut FirstFactors, offered: &Capabilities) -> bool {
    let meets = |name: &ChallengeName| offered.challenges.contains(name);
    factors
        .allowed
        .retain(|factor| meets(&challenge_of(*factor)));
    let offers = |name: &ChallengeName| match name {
        ChallengeName::EmailOtp | ChallengeName::SmsOtp => meets(name),
        _ => meets(&ChallengeName::PasswordVerifier),
    };
    factors.preferred = factors.preferred.take().filter(offers);
    factors.choice = factors.choice.take().filter(offers);
    meets(&ChallengeName::SelectChallenge) && !factors.allowed.is_empty()
}

fn challenge_of(factor: FirstFactor) -> ChallengeName {
    match factor {
        FirstFactor::Password => ChallengeName::PasswordVerifier,
        FirstFactor::EmailOtp => ChallengeName::EmailOtp,
        FirstFactor::SmsOtp => ChallengeName::SmsOtp,
    }
}

/// What the port lacks for the scenario, as a reason.
pub(crate) fn lacks(
    capabilities: &Capabilities,
    scenario: &Scenario,
    first: &Call,
) -> Option<String> {
    if let Some(reason) = capabilities.lacks(first) {
        return Some(reason);
    }
    if let Some(reason) = flows::lacked(scenario, capabilities) {
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
        && !capabilities.client_metadata.has("confirmSignIn")
    {
        return Some("ClientMetadata of confirmSignIn".to_owned());
    }
    if capabilities.endpoint == EndpointForm::Host {
        return Some("an endpoint that may be plain HTTP on any port".to_owned());
    }
    if let Some(challenge) = challenges(scenario, &flows::possible(scenario, capabilities))
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
fn lacks_for(capabilities: &Capabilities, act: &Act) -> Option<String> {
    let call = match act {
        // What it needs is a flow, and known of all sign-ins at once.
        Act::SignIn(_) => return None,
        Act::ResetPassword(reset) => {
            let needs_metadata =
                !reset.metadata.is_empty() && !capabilities.client_metadata.has("resetPassword");
            return match (capabilities.reset_password, needs_metadata) {
                (false, _) => Some("resetPassword".to_owned()),
                (true, true) => Some("ClientMetadata of resetPassword".to_owned()),
                (true, false) => None,
            };
        }
        Act::FetchSession(fetch) => Call::FetchAuthSession(FetchAuthSession {
            metadata: fetch.metadata.clone(),
            ..FetchAuthSession::default()
        }),
        Act::SignOut { global, .. } => Call::SignOut(SignOut { global: *global }),
        Act::RememberDevice => Call::RememberDevice,
        Act::ForgetDevice => Call::ForgetDevice(ForgetDevice::default()),
    };
    capabilities.lacks(&call)
}

/// The challenges that a port may meet in the scenario by one of these flows. Those of devices come to nobody who never confirmed
/// one: a port without devices meets pools that track them.
fn challenges(scenario: &Scenario, flows: &[AuthFlowType]) -> Vec<ChallengeName> {
    let mut challenges = Vec::new();
    if flows.iter().any(|flow| flow.has_srp()) {
        challenges.push(ChallengeName::PasswordVerifier);
    }
    let asks = scenario
        .custom
        .as_ref()
        .is_some_and(|script| !script.rounds.is_empty());
    if asks && flows.iter().any(|flow| flow.is_custom()) {
        challenges.push(ChallengeName::CustomChallenge);
    }
    if matches!(scenario.user, UserKind::TemporaryPassword { .. }) {
        challenges.push(ChallengeName::NewPasswordRequired);
    }
    // A factor that the port doesn't declare ends in an error of its own, which needs nothing of it but that it signs in.
    if let Some(mfa) = scenario.mfa.as_ref().filter(|_| !scenario.then.is_empty()) {
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
            challenges.push(challenge_of(*factor));
        }
    }
    challenges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{
        Attack, ConfigSource, Fault, FaultKind, Password, SignInAgain, SignInPlan,
    };
    use crate::suite::scenarios::Generator;

    fn first_call(scenario: &Scenario) -> Call {
        let plan = SignInPlan::first(scenario);
        Call::SignIn(scenario.sign_in(&plan, "http://127.0.0.1:1/", Default::default(), "p"))
    }

    /// What somebody's first shim offers, by one flow.
    fn a_first_shim(flow: AuthFlowType) -> Capabilities {
        Capabilities {
            flows: [flow].into(),
            challenges: [
                ChallengeName::PasswordVerifier,
                ChallengeName::CustomChallenge,
            ]
            .into(),
            ..Capabilities::default()
        }
    }

    #[test]
    fn every_generated_scenario_can_be_played_with_a_first_shim_of_any_flow() {
        let generator = Generator::new(1);
        for flow in AuthFlowType::ALL {
            let offered = a_first_shim(flow);
            for number in 0..200 {
                let fitted = fitted(&generator.scenario(number), &offered);
                let lacked = lacks(&offered, &fitted, &first_call(&fitted));
                assert_eq!(lacked, None, "{flow}, {number}: {fitted}");
                assert_eq!(fitted.check_limits(), Ok(()), "{flow}, {number}: {fitted}");
            }
        }
    }

    #[test]
    fn every_generated_scenario_with_a_file_can_be_played_with_a_port_that_reads_files() {
        let generator = Generator::new(1);
        let mut by_file = 0;
        for flow in AuthFlowType::ALL {
            let offered = Capabilities {
                configuration_formats: Capabilities::everything().configuration_formats,
                ..a_first_shim(flow)
            };
            for number in 0..200 {
                let fitted = fitted(&generator.scenario(number), &offered);
                by_file += usize::from(fitted.config != ConfigSource::Direct);
                let lacked = lacks(&offered, &fitted, &first_call(&fitted));
                assert_eq!(lacked, None, "{flow}, {number}: {fitted}");
                assert_eq!(fitted.check_limits(), Ok(()), "{flow}, {number}: {fitted}");
            }
        }
        assert!(by_file > 40, "files that were read: {by_file}");
    }

    #[test]
    fn a_port_is_asked_for_the_challenges_of_the_flow_that_its_file_leads_to_alone() {
        let scenario = Scenario {
            config: ConfigSource::Gen1 {
                flow: Some("USER_PASSWORD_AUTH".to_owned()),
                migration_enabled: None,
            },
            ..Scenario::plain("t", 1)
        };
        let offered = Capabilities {
            challenges: Default::default(),
            flows: [AuthFlowType::UserPassword].into(),
            ..Capabilities::everything()
        };
        let lacked = lacks(&offered, &scenario, &first_call(&scenario));
        assert_eq!(lacked, None, "no proof of a password is asked for");
    }

    #[test]
    fn nothing_but_a_lie_is_left_out_where_everything_is_offered() {
        let generator = Generator::new(1);
        let offered = Capabilities::everything();
        for number in 0..200 {
            let scenario = generator.scenario(number);
            let fitted = fitted(&scenario, &offered);
            let honest = Scenario {
                attack: None,
                ..scenario
            };
            assert_eq!(fitted, honest, "{number}");
        }
        let liar = Scenario {
            attack: Some(Attack::ZeroA),
            ..Scenario::plain("t", 1)
        };
        assert_eq!(
            fitted(&liar, &offered).attack,
            None,
            "the port does not lie"
        );
    }

    #[test]
    fn a_fault_moves_with_its_act_when_others_are_left_out_or_put_in() {
        let again = || Act::SignIn(SignInAgain::default());
        let scenario = Scenario {
            fault: Some(Fault {
                act: 3,
                ..Fault::new(0, FaultKind::Dropped)
            }),
            then: vec![Act::RememberDevice, again(), again()],
            ..Scenario::plain("t", 1)
        };
        let fitted = fitted(&scenario, &a_first_shim(AuthFlowType::UserSrp));
        assert_eq!(fitted.then, [again(), again()], "no device is remembered");
        assert_eq!(fitted.fault.as_ref().map(|fault| fault.act), Some(2));
        let out = Act::SignOut {
            global: false,
            put_in: true,
        };
        let played = signing_out_first(&fitted, &Capabilities::everything());
        assert_eq!(played.then, [out.clone(), again(), out, again()]);
        assert_eq!(played.fault.as_ref().map(|fault| fault.act), Some(4));
        let again = signing_out_first(&played, &Capabilities::everything());
        assert_eq!(again, played, "once is enough");
        let own = Scenario {
            then: vec![Act::sign_out(false), Act::SignIn(SignInAgain::default())],
            ..Scenario::plain("t", 1)
        };
        let played = signing_out_first(&own, &Capabilities::everything());
        assert_eq!(played, own, "the scenario's own sign-out stays its own");
    }

    #[test]
    fn a_fault_of_an_act_that_is_left_out_is_left_out_with_it() {
        let scenario = Scenario {
            fault: Some(Fault {
                act: 1,
                ..Fault::new(0, FaultKind::Dropped)
            }),
            then: vec![
                Act::RememberDevice,
                Act::SignIn(SignInAgain {
                    password: Password::Wrong,
                    ..SignInAgain::default()
                }),
            ],
            ..Scenario::plain("t", 1)
        };
        let fitted = fitted(&scenario, &a_first_shim(AuthFlowType::UserSrp));
        assert_eq!(fitted.fault, None);
        assert_eq!(fitted.then.len(), 1, "the sign-in stays");
    }
}
