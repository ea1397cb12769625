//! Which known mistake a port makes: the one under which our own client breaks the same rules in the same way.
//!
//! A rule that computes names the mistake itself. For all others the smallest scenario is played with a client that commits
//! each known mistake, and what the rules find there is compared with what they found of the port. A mistake that would have
//! broken the rule where the port held it is none of the port's.

use std::collections::{BTreeSet, HashMap};

use super::wording::{name_of, without_drawn};
use crate::client::{Policy, RefreshBy};
use crate::mistakes::{self, Edit, Mistake, Policies};
use crate::pool::TokenSigning;
use crate::record::Transcript;
use crate::rules::{Finding, Party, judge};
use crate::run::case::{judged, secrets_of};
use crate::run::event::CaseReport;
use crate::run::play::{PlayError, Played, Theatre};
use crate::run::requirement::Requirement;
use crate::scenario::Scenario;
use crate::wire::event::Event;
use crate::wire::message::InitiateAuth;
use crate::wire::{AuthFlow, Call, Operation};

/// Our own client, and what came of the mistakes that it committed.
#[derive(Debug)]
pub(in crate::run) struct Suspects {
    theatre: Theatre,
    played: HashMap<Play, Signs>,
    /// What the port was found to make.
    convicted: BTreeSet<&'static str>,
    /// How the port refreshes tokens, as far as that was seen: a mistaken client does so, too.
    refresh_by: RefreshBy,
}

/// A mistake, how its client refreshes tokens, and a scenario in JSON.
type Play = (&'static str, RefreshBy, String);

/// What came of a play.
#[derive(Clone, Debug, Default)]
struct Signs {
    /// Whether there was a play at all.
    was_played: bool,
    signs: BTreeSet<Sign>,
    gots: BTreeSet<Got>,
}

/// How a rule broke and at which request, without what is drawn anew in each play.
type Sign = (String, Option<Place>, String, String);
/// What a request is, and which one of those that are so: some ports make requests in between that others don't.
type Place = (String, usize);
/// A rule, and what it found to the letter.
type Got = (String, String);

impl Suspects {
    /// Nobody is suspected yet. Of a port that is signed out before each further sign-in our client is, too.
    pub(in crate::run) fn new(signs_out_first: bool) -> Self {
        let mut theatre = Theatre::in_process();
        theatre.set_token_signing(TokenSigning::Lazy);
        if signs_out_first {
            theatre.sign_out_first();
        }
        Self {
            theatre,
            played: HashMap::new(),
            convicted: BTreeSet::new(),
            refresh_by: Policy::default().refresh_by,
        }
    }

    /// Notes that the port was found to make a mistake: what that explains, too, needs no other.
    pub(in crate::run) fn convict(&mut self, mistake: &str) {
        self.convicted
            .extend(mistakes::find(mistake).map(|it| it.id));
    }

    /// The mistakes that explain what broke in a scenario, `held` being others in which the same rule held. None where they
    /// are more than a reader can look into.
    ///
    /// # Errors
    /// See [`PlayError`].
    pub(in crate::run) async fn of(
        &mut self,
        requirement: &Requirement,
        report: &CaseReport,
        scenario: &Scenario,
        held: &[Scenario],
    ) -> Result<Vec<&'static str>, PlayError> {
        let broken: BTreeSet<Sign> = report
            .failures
            .iter()
            .map(|failure| {
                let transcript = report.transcript.as_deref();
                sign(&failure.requirement.id(), &failure.finding, transcript)
            })
            .collect();
        let id = requirement.id();
        let wanted: Vec<&Sign> = broken.iter().filter(|(rule, ..)| *rule == id).collect();
        let drawn: BTreeSet<Got> = report
            .failures
            .iter()
            .filter(|failure| failure.requirement.id() == id)
            .map(|failure| (id.to_string(), failure.finding.got.clone()))
            .filter(|(_, got)| without_drawn(got) != *got)
            .collect();
        self.refresh_by = refreshes_by(report).unwrap_or(self.refresh_by);
        if let Some(convicted) = self
            .convicted_of((&id, &wanted, &drawn), report, (scenario, held))
            .await?
        {
            return Ok(vec![convicted]);
        }
        let mut nearest = usize::MAX;
        let mut alike = Vec::new();
        for mistake in mistakes::all().filter(|mistake| is_suspect(mistake)) {
            let signs = self.signs(mistake, scenario).await?;
            if !wanted.iter().all(|sign| signs.contains(*sign)) {
                continue;
            }
            // Of values that are drawn any two differ: only the very same one shows that it was made in the same way.
            if !drawn.is_empty() && !self.gots(mistake, scenario).is_superset(&drawn) {
                continue;
            }
            let distance = signs.symmetric_difference(&broken).count();
            if distance < nearest {
                nearest = distance;
                alike.clear();
            }
            if distance == nearest {
                alike.push(mistake);
            }
        }
        let mut explaining = Vec::new();
        for mistake in alike {
            if !self.is_refuted(mistake, &id, held).await? {
                explaining.push(mistake.id);
            }
        }
        if explaining.is_empty() && !drawn.is_empty() {
            let meeting = self.meeting(&id, &drawn, (scenario, held)).await?;
            return Ok(Vec::from_iter(meeting));
        }
        explaining.truncate(MOST_NAMED + 1);
        Ok(match explaining.len() > MOST_NAMED {
            true => Vec::new(),
            false => explaining,
        })
    }

    /// The mistake that the port was found to make elsewhere, if it breaks this rule in the same way here, and none of those that
    /// the port kept here.
    async fn convicted_of(
        &mut self,
        (rule, wanted, drawn): (&str, &[&Sign], &BTreeSet<Got>),
        report: &CaseReport,
        (scenario, held): (&Scenario, &[Scenario]),
    ) -> Result<Option<&'static str>, PlayError> {
        let is_computed = rule == "device.verifier" || rule == "srp.claim" && knows_a(report);
        for convicted in self.convicted.clone() {
            let Some(mistake) = mistakes::find(convicted) else {
                continue;
            };
            // What computes would have named a mistake of arithmetic itself.
            if is_computed && !is_suspect(mistake) {
                continue;
            }
            let signs = self.signs(mistake, scenario).await?;
            let is_alike = wanted.iter().all(|sign| signs.contains(*sign));
            // Values that follow from a private value that the port drew differ in each play.
            let is_same = !is_suspect(mistake)
                || rule == "device.claim"
                || drawn.is_empty()
                || self.gots(mistake, scenario).is_superset(drawn);
            let breaks_what_held = signs.iter().any(|(broken, ..)| report.held(broken));
            if is_alike
                && is_same
                && !breaks_what_held
                && !self.is_refuted(mistake, rule, held).await?
            {
                return Ok(Some(convicted));
            }
        }
        Ok(None)
    }

    /// The mistake that the port was found to make, where it comes together with another one here: both make the very same value,
    /// and neither does alone.
    async fn meeting(
        &mut self,
        rule: &str,
        drawn: &BTreeSet<Got>,
        (scenario, held): (&Scenario, &[Scenario]),
    ) -> Result<Option<&'static str>, PlayError> {
        for convicted in self.convicted.clone() {
            let Some(mistake) = mistakes::find(convicted) else {
                continue;
            };
            if self.gives(mistake, drawn, scenario).await?
                || self.is_refuted(mistake, rule, held).await?
            {
                continue;
            }
            for other in mistakes::all().filter(|other| other.is_of_the_port()) {
                if self.gives(other, drawn, scenario).await? {
                    continue;
                }
                let both = self.play(&[mistake, other], scenario).await?;
                if both.gots.is_superset(drawn) {
                    return Ok(Some(convicted));
                }
            }
        }
        Ok(None)
    }

    /// Whether a mistake alone makes these values.
    async fn gives(
        &mut self,
        mistake: &'static Mistake,
        drawn: &BTreeSet<Got>,
        scenario: &Scenario,
    ) -> Result<bool, PlayError> {
        self.signs(mistake, scenario).await?;
        Ok(self.gots(mistake, scenario).is_superset(drawn))
    }

    /// Those of these mistakes that would not have broken a rule in scenarios in which the port held it.
    ///
    /// # Errors
    /// See [`PlayError`].
    pub(in crate::run) async fn unrefuted(
        &mut self,
        ids: &[String],
        rule: &str,
        held: &[Scenario],
    ) -> Result<Vec<String>, PlayError> {
        let mut kept = Vec::new();
        for id in ids {
            let is_refuted = match mistakes::find(id) {
                Some(mistake) => self.is_refuted(mistake, rule, held).await?,
                None => false,
            };
            if !is_refuted {
                kept.push(id.clone());
            }
        }
        Ok(kept)
    }

    /// Whether the port held the rule where the mistake would have broken it.
    async fn is_refuted(
        &mut self,
        mistake: &'static Mistake,
        rule: &str,
        held: &[Scenario],
    ) -> Result<bool, PlayError> {
        for scenario in held {
            let signs = self.signs(mistake, scenario).await?;
            if signs.iter().any(|(broken, ..)| broken == rule) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether one of these mistakes breaks a rule in a scenario, in whatever way. One in which right references can't play tells
    /// nothing, and any may be.
    ///
    /// # Errors
    /// See [`PlayError`].
    pub(in crate::run) async fn may_explain(
        &mut self,
        ids: &[&'static str],
        requirement: &Requirement,
        scenario: &Scenario,
    ) -> Result<bool, PlayError> {
        let rule = requirement.id();
        for id in ids {
            let Some(mistake) = mistakes::find(id) else {
                return Ok(true);
            };
            let signs = self.signs(mistake, scenario).await?;
            let is_broken = signs.iter().any(|(broken, ..)| *broken == rule);
            if is_broken || !self.was_played(mistake, scenario) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn signs(
        &mut self,
        mistake: &'static Mistake,
        scenario: &Scenario,
    ) -> Result<BTreeSet<Sign>, PlayError> {
        let key = (
            mistake.id,
            self.refresh_by,
            serde_json::to_string(scenario)?,
        );
        if let Some(known) = self.played.get(&key) {
            return Ok(known.signs.clone());
        }
        let signs = self.play(&[mistake], scenario).await?;
        let found = signs.signs.clone();
        self.played.insert(key, signs);
        Ok(found)
    }

    /// What comes of a scenario when our client commits these mistakes.
    async fn play(
        &mut self,
        committed: &[&Mistake],
        scenario: &Scenario,
    ) -> Result<Signs, PlayError> {
        let mut policies = Policies::default();
        policies.client.refresh_by = self.refresh_by;
        for mistake in committed {
            mistake.commit(&mut policies);
        }
        self.theatre.set_policies(policies);
        Ok(match self.theatre.play(scenario).await {
            Ok(Played::Transcript(transcript)) => {
                let judgement = judge(&transcript, judged(scenario, PARTIES))?;
                let mut found = Signs {
                    was_played: true,
                    ..Signs::default()
                };
                // As they stand in the report that they are held against.
                let secrets = secrets_of(scenario, &transcript);
                for (rule, finding) in judgement.failures() {
                    let finding = &finding.clone().without(&secrets);
                    found
                        .signs
                        .insert(sign(rule.id, finding, Some(&transcript)));
                    found.gots.insert((rule.id.to_owned(), finding.got.clone()));
                }
                found
            }
            Ok(Played::NotApplicable(_)) | Err(PlayError::World { .. }) => Signs::default(),
            Err(error) => return Err(error),
        })
    }

    /// Whether a scenario could be played that [`signs`](Self::signs) was asked for.
    fn was_played(&self, mistake: &Mistake, scenario: &Scenario) -> bool {
        let scenario = serde_json::to_string(scenario).unwrap_or_default();
        let played = self.played.get(&(mistake.id, self.refresh_by, scenario));
        played.is_some_and(|played| played.was_played)
    }

    /// What the rules found to the letter in a play that [`signs`](Self::signs) made.
    fn gots(&self, mistake: &'static Mistake, scenario: &Scenario) -> BTreeSet<Got> {
        let scenario = serde_json::to_string(scenario).unwrap_or_default();
        let played = self.played.get(&(mistake.id, self.refresh_by, scenario));
        played.map_or_else(BTreeSet::new, |played| played.gots.clone())
    }
}

/// Whether the claim for a password that was wrong was made with a private value that the port was given.
fn knows_a(report: &CaseReport) -> bool {
    let mut failures = report.failures.iter();
    let claim = failures.find(|failure| failure.requirement.id() == "srp.claim");
    let at = claim.and_then(|failure| failure.finding.exchange);
    let Some((transcript, at)) = report.transcript.as_deref().zip(at) else {
        return true;
    };
    let (mut given, mut requests) = (false, 0);
    for event in &transcript.events {
        match event {
            Event::Called {
                call: Call::SignIn(call),
            } => given = !call.inject.a.is_empty(),
            Event::Requested { .. } if requests == at => return given,
            Event::Requested { .. } => requests += 1,
            _ => {}
        }
    }
    given
}

/// How a port refreshed tokens, where it did.
fn refreshes_by(report: &CaseReport) -> Option<RefreshBy> {
    let requests = report
        .transcript
        .iter()
        .flat_map(|transcript| transcript.requests());
    requests
        .filter_map(|request| match request.operation()? {
            Operation::GetTokensFromRefreshToken => Some(RefreshBy::GetTokensFromRefreshToken),
            Operation::InitiateAuth => {
                let body = serde_json::from_slice::<InitiateAuth>(request.body.as_bytes()).ok()?;
                let is_older = matches!(
                    body.auth_flow,
                    AuthFlow::RefreshTokenAuth | AuthFlow::RefreshToken
                );
                is_older.then_some(RefreshBy::RefreshTokenAuth)
            }
            _ => None,
        })
        .next()
}

/// Mistakes of arithmetic all look alike from outside: the rules that compute tell them apart.
fn is_suspect(mistake: &Mistake) -> bool {
    mistake.is_of_the_port() && !matches!(mistake.edit, Edit::Dialect(_))
}

fn sign(rule: &str, finding: &Finding, transcript: Option<&Transcript>) -> Sign {
    let place = finding.exchange.zip(transcript);
    (
        rule.to_owned(),
        place.and_then(|(at, transcript)| place_of(transcript, at)),
        without_drawn(&finding.expected),
        without_drawn(&finding.got),
    )
}

fn place_of(transcript: &Transcript, at: usize) -> Option<Place> {
    let mut names: Vec<String> = transcript.requests().take(at + 1).map(name_of).collect();
    let name = names.pop().filter(|_| names.len() == at)?;
    let before = names.iter().filter(|earlier| **earlier == name);
    let before = before.count();
    Some((name, before))
}

const PARTIES: &[Party] = &[Party::Port, Party::Shim];
/// More than this many names are none.
const MOST_NAMED: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::case::of_scenario;
    use crate::scenario::Act;

    const MISTAKE: &str = "device.remembered-as-not-remembered";

    /// What the rules find of a client that commits a mistake, as a check would report it.
    async fn report_of(mistake: &str, scenario: &Scenario) -> CaseReport {
        let mut theatre = Theatre::in_process();
        theatre.set_policies(Policies::of(mistakes::find(mistake).expect("a mistake")));
        let part = crate::suite::Part::Generated;
        of_scenario(&mut theatre, scenario, part, PARTIES)
            .await
            .expect("the references can be played")
    }

    fn on_a_device() -> Scenario {
        Scenario {
            devices: Some(crate::model::DeviceTracking {
                challenge_required_on_new_device: false,
                only_remembered_on_user_prompt: true,
            }),
            then: vec![Act::RememberDevice],
            ..Scenario::plain("t", 5)
        }
    }

    #[tokio::test]
    async fn a_mistake_is_named_by_what_the_rules_find_of_it() {
        let scenario = on_a_device();
        let report = report_of(MISTAKE, &scenario).await;
        let failure = report.failures.first().expect("it is caught");
        let causes = Suspects::new(false)
            .of(&failure.requirement, &report, &scenario, &[])
            .await
            .expect("the references can be played");
        assert!(causes.contains(&MISTAKE), "{causes:?}");
    }

    #[tokio::test]
    async fn a_mistake_that_would_have_broken_the_rule_elsewhere_is_not_named() {
        let scenario = on_a_device();
        let report = report_of(MISTAKE, &scenario).await;
        let failure = report.failures.first().expect("it is caught");
        let held = Scenario {
            nonce: 6,
            ..on_a_device()
        };
        let causes = Suspects::new(false)
            .of(&failure.requirement, &report, &scenario, &[held])
            .await
            .expect("the references can be played");
        assert_eq!(causes, Vec::<&str>::new(), "the port held the rule there");
    }
}
