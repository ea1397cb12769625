//! What a rule is given: the facts, and what a transcript shows.
//!
//! Evidence is read when a rule first asks for it, and once: every rule of the same party sees the same.

use std::cell::OnceCell;

use crate::expect::Verdict;
use crate::rules::evidence::course::course;
use crate::rules::evidence::factors::{FactorState, FactorView, factor_states};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::grants::{self, TokenUse};
use crate::rules::evidence::held_tokens::{FollowUp, follow_ups};
use crate::rules::evidence::known_devices::{Confirmation, KnownDevices, confirmations};
use crate::rules::evidence::position::{Position, positions};
use crate::rules::evidence::service_view::{ServiceView, service_views};
use crate::rules::evidence::trace::{SignInTrace, Trace};
use crate::rules::evidence::tracked_devices::{TrackedDevices, tracked};

/// One transcript before the judge.
#[derive(Debug)]
pub struct Case<'t> {
    /// What is known beyond the transcript.
    pub facts: &'t Facts,
    /// What the transcript says.
    pub trace: &'t Trace<'t>,
    positions: OnceCell<Vec<Vec<Position<'t>>>>,
    follow_ups: OnceCell<Vec<FollowUp<'t>>>,
    known_devices: OnceCell<KnownDevices<'t>>,
    confirmations: OnceCell<Vec<Confirmation<'t>>>,
    service_views: OnceCell<Vec<ServiceView<'t>>>,
    shown_grants: OnceCell<Vec<grants::Shown<'t>>>,
    tracked_devices: OnceCell<Vec<TrackedDevices<'t>>>,
    factor_states: OnceCell<Vec<Option<FactorState<'t>>>>,
    course: OnceCell<Vec<Verdict>>,
}

impl<'t> Case<'t> {
    /// A case of which nothing has been looked at yet.
    pub fn new(facts: &'t Facts, trace: &'t Trace<'t>) -> Self {
        Self {
            facts,
            trace,
            positions: OnceCell::new(),
            follow_ups: OnceCell::new(),
            known_devices: OnceCell::new(),
            confirmations: OnceCell::new(),
            service_views: OnceCell::new(),
            shown_grants: OnceCell::new(),
            tracked_devices: OnceCell::new(),
            factor_states: OnceCell::new(),
            course: OnceCell::new(),
        }
    }

    /// How each sign-in went, held against the scenario; nothing where there is none.
    pub(in crate::rules) fn course(&self) -> &[Verdict] {
        self.course.get_or_init(|| course(self.facts, self.trace))
    }

    /// Every exchange of every sign-in, as the port saw it; without what was called later.
    pub(in crate::rules) fn positions(&self) -> impl Iterator<Item = Position<'t>> {
        self.all_positions().iter().flatten().copied()
    }

    /// Every sign-in, with its exchanges as the port saw them.
    pub(in crate::rules) fn sign_ins(
        &self,
    ) -> impl Iterator<Item = (&'t SignInTrace<'t>, &[Position<'t>])> {
        let positions = self.all_positions().iter().map(Vec::as_slice);
        self.trace.sign_ins.iter().zip(positions)
    }

    /// Every call after a sign-in, with the tokens that a right port holds; without sign-outs that the harness put in.
    pub(in crate::rules) fn follow_ups(&self) -> &[FollowUp<'t>] {
        self.follow_ups.get_or_init(|| {
            let mut asked = follow_ups(self.trace);
            asked.retain(|later| !later.call.is_put_in);
            asked
        })
    }

    /// The devices that a port was given.
    pub(in crate::rules) fn known_devices(&self) -> &KnownDevices<'t> {
        self.known_devices
            .get_or_init(|| KnownDevices::of(self.trace))
    }

    /// Every `ConfirmDevice`.
    pub(in crate::rules) fn confirmations(&self) -> &[Confirmation<'t>] {
        self.confirmations.get_or_init(|| confirmations(self.trace))
    }

    /// Every exchange, also of later calls, as the service saw it.
    pub(in crate::rules) fn service_views(&self) -> &[ServiceView<'t>] {
        self.service_views
            .get_or_init(|| service_views(self.facts, self.trace))
    }

    /// The same, each with the sign-in whose token is shown.
    pub(in crate::rules) fn token_uses(&self) -> impl Iterator<Item = TokenUse<'_, 't>> {
        let views = self.service_views();
        let shown = self
            .shown_grants
            .get_or_init(|| grants::shown(self.facts, self.trace, views));
        let pairs = views.iter().zip(shown);
        pairs.map(|(view, shown)| TokenUse::new(view, shown))
    }

    /// The same, each with the devices that the service had given out when the request came.
    pub(in crate::rules) fn tracked_devices(
        &self,
    ) -> impl Iterator<Item = (&ServiceView<'t>, &TrackedDevices<'t>)> {
        let views = self.service_views();
        let devices = self
            .tracked_devices
            .get_or_init(|| tracked(self.facts, views));
        views.iter().zip(devices)
    }

    /// Every exchange of every sign-in, with what the service knew of second factors; without what was called later.
    pub(in crate::rules) fn factor_views(&self) -> impl Iterator<Item = FactorView<'_, 't>> {
        let views = self.service_views();
        let states = self
            .factor_states
            .get_or_init(|| factor_states(self.facts, views));
        let pairs = views.iter().zip(states);
        pairs.filter_map(|(view, state)| Some(FactorView::new(view, state.as_ref()?)))
    }

    fn all_positions(&self) -> &[Vec<Position<'t>>] {
        self.positions.get_or_init(|| positions(self.trace))
    }
}
