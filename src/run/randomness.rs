//! Whether a port's private values are as unforeseeable as they have to be. No single sign-in shows it, and none in which the
//! harness chooses them: some are played in which the port draws its own, in two processes.

use super::case::shim_fault;
use super::event::{Blame, Failure};
use super::play::{PlayError, Played, Theatre};
use super::requirement::Requirement;
use crate::record::Transcript;
use crate::rules::{Finding, Level, catalog};
use crate::scenario::Scenario;
use crate::srp::{BigUint, Group, parse_base64, parse_hex, small_exponent};
use crate::subject::{Port, PrimitiveCall, PrimitiveReply};
use crate::wire::AuthFlowType;
use crate::wire::names::key;

/// What gives the private values away behind these public ones: of one process, and of another of the same port.
pub(super) fn weakness(here: &[BigUint], elsewhere: &[BigUint]) -> Option<Failure> {
    let group = Group::cognito();
    let of_each = here.first().into_iter().chain(elsewhere.first());
    let mut small = of_each.filter_map(|a| small_exponent(&group, a));
    if let Some(a) = small.next() {
        let bits = u64::BITS - a.leading_zeros();
        return Some(weak(format!("A = g^a, where a has {bits} bits")));
    }
    let comes_again = |values: &[BigUint]| {
        let mut pairs = values.iter().enumerate();
        pairs.any(|(at, value)| values[..at].contains(value))
    };
    if comes_again(here) || comes_again(elsewhere) {
        return Some(weak("the A of an earlier sign-in".to_owned()));
    }
    here.iter()
        .any(|value| elsewhere.contains(value))
        .then(|| weak("the A of a sign-in of another process".to_owned()))
}

/// The A of some sign-ins in which the port draws its own a.
///
/// # Errors
/// When the port can't be driven any more.
pub(super) async fn public_values(
    theatre: &mut Theatre,
    plays: usize,
) -> Result<Vec<BigUint>, PlayError> {
    let Some(offered) = theatre.offered() else {
        return Ok(Vec::new());
    };
    let with_srp = [AuthFlowType::UserSrp, AuthFlowType::CustomWithSrp];
    let mut flows = with_srp.into_iter();
    let Some(flow) = flows.find(|flow| offered.flows.contains(flow)) else {
        return Ok(Vec::new());
    };
    theatre.let_the_port_draw(true);
    let mut values = Vec::new();
    for _ in 0..plays {
        let scenario = Scenario {
            flow: Some(flow),
            ..Scenario::plain("shim/randomness", 1)
        };
        let Played::Transcript(transcript) = theatre.play(&scenario).await? else {
            break;
        };
        if shim_fault(&transcript).is_some() {
            break;
        }
        values.extend(first_public_value(&transcript));
    }
    theatre.let_the_port_draw(false);
    Ok(values)
}

/// The first `SRP_A` of a transcript.
pub(super) fn first_public_value(transcript: &Transcript) -> Option<BigUint> {
    transcript.requests().find_map(|request| {
        let body: serde_json::Value = serde_json::from_slice(request.body.as_bytes()).ok()?;
        parse_hex(body["AuthParameters"][key::SRP_A].as_str()?).ok()
    })
}

/// What gives away the secrets that a port makes for its devices, where it shows them.
///
/// # Errors
/// When the port can't be driven any more.
pub(super) async fn device_secrets(theatre: &mut Theatre) -> Result<Option<Failure>, PlayError> {
    let call = PrimitiveCall::DeviceVerifier {
        device_group_key: "-shimTest1".to_owned(),
        device_key: "us-east-1_6f2c0d3e-5a64-4c2e-9d0b-1f7c7c1d2a3b".to_owned(),
        device_password: None,
        salt: None,
    };
    let Port::Shim(port) = theatre.port() else {
        return Ok(None);
    };
    if !port
        .description()
        .capabilities
        .primitives
        .contains(call.method())
    {
        return Ok(None);
    }
    let mut shown = Vec::new();
    for _ in 0..2 {
        // What goes wrong there, vectors tell.
        let Ok(PrimitiveReply::Shown { values }) = port.primitive(&call).await else {
            return Ok(None);
        };
        shown.push((values.device_password, values.salt));
    }
    let [(password, salt), (other_password, other_salt)] = shown.as_slice() else {
        return Ok(None);
    };
    let octets = password
        .as_deref()
        .map(|text| parse_base64(text).map_or(text.len(), |octets| octets.len()));
    let got = match octets {
        Some(octets) if octets < LEAST_OCTETS => format!("a password of {octets} octets"),
        _ if password.is_some() && password == other_password => {
            "the same password twice".to_owned()
        }
        _ if salt.is_some() && salt == other_salt => "the same salt twice".to_owned(),
        _ => return Ok(None),
    };
    let expected = format!(
        "a password of at least {LEAST_OCTETS} octets and a salt, both drawn for each device"
    );
    Ok(Some(Failure {
        requirement: Requirement::Primitive("deviceVerifier".to_owned()),
        level: Level::Must,
        blames: Blame::Port,
        finding: Finding::new(None, expected, got),
        known: None,
    }))
}

fn weak(got: String) -> Failure {
    let rule = catalog::all().find(|rule| rule.id == RULE);
    let expected = "an A of a long and fresh a in every sign-in";
    Failure {
        requirement: rule.map_or_else(|| Requirement::Primitive("A".to_owned()), Requirement::Rule),
        level: Level::Must,
        blames: Blame::Port,
        finding: Finding::new(None, expected, got),
        known: None,
    }
}

/// The rule that all of this is about.
const RULE: &str = "srp.a-not-small";
/// Sign-ins in the first process, and in the second.
pub(super) const PLAYS: usize = 3;
pub(super) const PLAYS_ELSEWHERE: usize = 2;
/// What shipped clients draw is 40; 16 are what nobody can try.
const LEAST_OCTETS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srp::modexp::modpow;

    fn public(a: u128) -> BigUint {
        let group = Group::cognito();
        modpow(&group.g, &(BigUint::from(a) << 900_u32), &group.n)
    }

    fn got(here: &[BigUint], elsewhere: &[BigUint]) -> Option<String> {
        weakness(here, elsewhere).map(|failure| failure.finding.got)
    }

    #[test]
    fn values_that_come_again_are_told_by_where_they_came() {
        let [one, two, three] = [public(5), public(7), public(11)];
        let elsewhere = [three];
        assert_eq!(got(&[one.clone(), two.clone()], &elsewhere), None);
        let again = got(&[one.clone(), one.clone()], &elsewhere);
        assert_eq!(again.as_deref(), Some("the A of an earlier sign-in"));
        let elsewhere = got(&[two, one.clone()], &[one]);
        let expected = "the A of a sign-in of another process";
        assert_eq!(elsewhere.as_deref(), Some(expected));
    }

    #[test]
    fn a_small_private_value_is_told_by_its_length() {
        let group = Group::cognito();
        let a_pub = modpow(&group.g, &BigUint::from(70_000_u32), &group.n);
        let told = got(&[a_pub], &[]);
        assert_eq!(told.as_deref(), Some("A = g^a, where a has 17 bits"));
    }
}
