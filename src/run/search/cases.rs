//! The cases of a symptom: of each kind some are kept whole, and of all others which they are.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::suspects::without_drawn;
use super::symptom::{is_about_the_end, is_fault, mistakes_of};
use crate::run::event::{CaseReport, Failure};
use crate::suite::Case;

/// The cases of one symptom, or those of them that have one cause.
#[derive(Default)]
pub(in crate::run) struct Cases<'a>(Vec<Kind<'a>>);

/// One case of a symptom.
#[derive(Clone)]
pub(in crate::run) struct Seen<'a> {
    /// Which case of the run it is.
    pub(in crate::run) number: usize,
    pub(in crate::run) case: &'a Case,
    /// What came of it.
    pub(in crate::run) report: Rc<CaseReport>,
    /// How it broke.
    pub(in crate::run) failure: Failure,
}

/// Cases that the same mistakes explain, or that read alike where the rule names none.
pub(super) struct Kind<'a> {
    mistakes: Vec<String>,
    reads: (String, String),
    members: Vec<(usize, &'a Case)>,
    /// The first of them. They stay as examples when their cases are taken away.
    kept: Vec<Seen<'a>>,
}

impl<'a> Cases<'a> {
    /// Whether a failure would be one of the few that are kept whole.
    pub(super) fn keeps(&self, failure: &Failure) -> bool {
        self.place_of(failure)
            .is_none_or(|at| self.0[at].kept.len() < MOST_KEPT)
    }

    /// Adds a case and keeps it whole.
    pub(super) fn keep(&mut self, seen: Seen<'a>) {
        let kind = self.count_in(seen.number, seen.case, &seen.failure);
        kind.kept.push(seen);
    }

    /// Adds a case of which only is kept which it is.
    pub(super) fn count_in(
        &mut self,
        number: usize,
        case: &'a Case,
        failure: &Failure,
    ) -> &mut Kind<'a> {
        let mistakes = mistakes_of(&failure.finding);
        let at = self.place_of(failure).unwrap_or_else(|| {
            self.0.push(Kind {
                mistakes: mistakes.clone(),
                reads: how_it_reads(failure),
                members: Vec::new(),
                kept: Vec::new(),
            });
            self.0.len() - 1
        });
        let kind = &mut self.0[at];
        kind.mistakes.retain(|mistake| mistakes.contains(mistake));
        kind.members.push((number, case));
        kind
    }

    /// Where a failure belongs; `None` where it is the first of a new kind. Once there are many kinds, it goes to one with which it
    /// shares a mistake, if there is one.
    fn place_of(&self, failure: &Failure) -> Option<usize> {
        let (mistakes, reads) = (mistakes_of(&failure.finding), how_it_reads(failure));
        let place = |is_it: &dyn Fn(&Kind<'_>) -> bool| self.0.iter().position(is_it);
        let same = place(&|kind| kind.mistakes == mistakes && kind.reads == reads);
        if same.is_some() || self.0.len() < MOST_KINDS {
            return same;
        }
        place(&|kind| kind.mistakes == mistakes)
            .or_else(|| place(&|kind| mistakes.iter().any(|one| kind.mistakes.contains(one))))
    }

    /// In how many cases.
    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|kind| kind.members.len()).sum()
    }

    /// Which those are.
    pub(super) fn numbers(&self) -> BTreeSet<usize> {
        let members = self.0.iter().flat_map(|kind| &kind.members);
        members.map(|(number, _)| *number).collect()
    }

    /// The first case that is kept whole.
    pub(super) fn first(&self) -> Option<&Seen<'a>> {
        let kept = self.0.iter().filter_map(Kind::first);
        kept.min_by_key(|seen| seen.number)
    }

    /// The first case, as another one of its kind went: for when none is left that was kept whole.
    pub(super) fn stand_in(&self) -> Option<Seen<'a>> {
        let of_kind = |kind: &Kind<'a>| {
            let (number, case) = *kind.members.first()?;
            let example = kind.kept.first()?.clone();
            Some(Seen {
                number,
                case,
                ..example
            })
        };
        let all = self.0.iter().filter_map(of_kind);
        all.min_by_key(|seen| seen.number)
    }

    /// Takes out those of these cases: how many, and how the first of them broke.
    pub(super) fn take(&mut self, numbers: &BTreeSet<usize>) -> Option<(usize, Failure)> {
        let mut taken = 0;
        let mut first = None;
        for kind in &mut self.0 {
            let before = kind.members.len();
            kind.members.retain(|(number, _)| !numbers.contains(number));
            let gone = before - kind.members.len();
            taken += gone;
            if gone > 0 && first.is_none() {
                let mut kept = kind.kept.iter();
                let example = kept.find(|seen| numbers.contains(&seen.number));
                first = example.or(kind.kept.first());
            }
        }
        let first = first.map(|seen| (taken, seen.failure.clone()));
        self.0.retain(|kind| !kind.members.is_empty());
        first
    }

    /// Parts them by the mistakes that explain them: each time those of the mistake that explains the most of what is left, and at
    /// last those that no such mistake explains.
    pub(super) fn by_mistake(self) -> Vec<Sorted<'a>> {
        let mut left = self;
        let mut chosen = Vec::new();
        let mut sorted = Vec::new();
        while sorted.len() < MOST_CAUSES
            && let Some(mistake) = left.commonest_mistake()
        {
            let explained = |kind: &Kind<'_>| kind.mistakes.contains(&mistake);
            let (cases, rest) = left.parted(explained);
            left = rest;
            sorted.push(Sorted {
                by: cases.common_mistakes(),
                not_by: Vec::new(),
                cases,
            });
            chosen.push(mistake);
        }
        if left.count() > 0 {
            sorted.push(Sorted {
                by: Vec::new(),
                not_by: chosen,
                cases: left,
            });
        }
        sorted
    }

    /// Parts off the kinds that read otherwise than a failure and for which, by the first case of each, something does not hold.
    pub(super) fn part_off(
        &mut self,
        failure: &Failure,
        mut holds: impl FnMut(&'a Case) -> bool,
    ) -> Option<Self> {
        let reads = how_it_reads(failure);
        let own = self.first().map(|seen| how_it_reads(&seen.failure));
        let all = std::mem::take(&mut self.0);
        let (kept, off): (Vec<_>, Vec<_>) = all.into_iter().partition(|kind| {
            // What the failure was made smaller from is its own, however it read.
            let is_own = kind.reads == reads || Some(&kind.reads) == own.as_ref();
            let first = kind.members.first();
            is_own || first.is_none_or(|(_, case)| holds(case))
        });
        self.0 = kept;
        (!off.is_empty()).then_some(Self(off))
    }

    /// The mistake that explains the most cases, the first of such where there are several.
    fn commonest_mistake(&self) -> Option<String> {
        let mut counts: Vec<(&String, usize)> = Vec::new();
        for kind in &self.0 {
            for mistake in &kind.mistakes {
                match counts.iter_mut().find(|(known, _)| *known == mistake) {
                    Some((_, count)) => *count += kind.members.len(),
                    None => counts.push((mistake, kind.members.len())),
                }
            }
        }
        let most = counts.iter().map(|(_, count)| *count).max()?;
        let first = counts.into_iter().find(|(_, count)| *count == most);
        first.map(|(mistake, _)| mistake.clone())
    }

    /// The mistakes that explain every case.
    fn common_mistakes(&self) -> Vec<String> {
        let mut common = self
            .0
            .first()
            .map_or_else(Vec::new, |kind| kind.mistakes.clone());
        common.retain(|mistake| self.0.iter().all(|kind| kind.mistakes.contains(mistake)));
        common
    }

    fn parted(self, is_of: impl Fn(&Kind<'_>) -> bool) -> (Self, Self) {
        let (of, others) = self.0.into_iter().partition(is_of);
        (Self(of), Self(others))
    }
}

impl<'a> Kind<'a> {
    /// The first that is kept and was not taken away.
    fn first(&self) -> Option<&Seen<'a>> {
        let is_member = |seen: &&Seen<'_>| {
            let mut members = self.members.iter();
            members.any(|(number, _)| *number == seen.number)
        };
        self.kept.iter().find(is_member)
    }
}

/// Cases that may have one cause.
pub(super) struct Sorted<'a> {
    pub(super) cases: Cases<'a>,
    /// The mistakes that explain every one of them; none where no mistake is known to.
    pub(super) by: Vec<String>,
    /// Mistakes that explain none of them, but others of the symptom.
    pub(super) not_by: Vec<String>,
}

impl<'a> Sorted<'a> {
    /// Of cases that nothing sorts.
    pub(super) fn of(cases: Cases<'a>) -> Self {
        Self {
            cases,
            by: Vec::new(),
            not_by: Vec::new(),
        }
    }

    /// Whether a failure of the symptom is of this sort: a smaller scenario must not show another cause.
    pub(super) fn is_of(&self, failure: &Failure) -> bool {
        let mistakes = mistakes_of(&failure.finding);
        let has = |one: &String| mistakes.contains(one);
        (self.by.is_empty() || self.by.iter().any(has)) && !self.not_by.iter().any(has)
    }
}

/// How a failure reads without what is drawn, where that may tell one cause from another: what computes names its mistakes, and
/// how a sign-in ended or a shim failed is the symptom's.
fn how_it_reads(failure: &Failure) -> (String, String) {
    let Failure {
        requirement,
        finding,
        ..
    } = failure;
    if finding.explained_by.is_some() || is_about_the_end(requirement) || is_fault(requirement) {
        return (String::new(), String::new());
    }
    (
        without_drawn(&finding.expected),
        without_drawn(&finding.got),
    )
}

/// How many causes the cases of one symptom are parted into by mistakes, beside that of the unexplained ones.
pub(super) const MOST_CAUSES: usize = 3;
/// How many cases of a kind are kept whole: reports with their transcripts are large, and thousands may fail.
const MOST_KEPT: usize = 2;
/// How many kinds are told apart in one symptom, unless they share no mistake.
const MOST_KINDS: usize = 24;
