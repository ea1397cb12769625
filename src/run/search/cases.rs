//! The cases of a symptom: of each kind some are kept whole, and of all others which they are.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::symptom::{is_about_the_end, is_fault, mistakes_of};
use super::wording::{name_of, without_drawn};
use crate::rules::Finding;
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
    reads: Reads,
    members: Vec<(usize, &'a Case)>,
    /// The first of them. They stay as examples when their cases are taken away.
    kept: Vec<Seen<'a>>,
}

impl<'a> Cases<'a> {
    /// Whether a failure would be one of the few that are kept whole.
    pub(super) fn keeps(&self, failure: &Failure, report: &CaseReport) -> bool {
        self.place_of(failure, report)
            .is_none_or(|at| self.0[at].kept.len() < MOST_KEPT)
    }

    /// Adds a case and keeps it whole.
    pub(super) fn keep(&mut self, seen: Seen<'a>) {
        let kind = self.count_in(seen.number, seen.case, &seen.failure, &seen.report);
        kind.kept.push(seen);
    }

    /// Adds a case of which only is kept which it is.
    pub(super) fn count_in(
        &mut self,
        number: usize,
        case: &'a Case,
        failure: &Failure,
        report: &CaseReport,
    ) -> &mut Kind<'a> {
        let mistakes = mistakes_of(&failure.finding);
        let at = self.place_of(failure, report).unwrap_or_else(|| {
            self.0.push(Kind {
                mistakes: mistakes.clone(),
                reads: how_it_reads(failure, report),
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
    fn place_of(&self, failure: &Failure, report: &CaseReport) -> Option<usize> {
        let mistakes = mistakes_of(&failure.finding);
        let reads = how_it_reads(failure, report);
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

    /// For when none is left that was kept whole: the first case, as another one of its kind went, and that other one.
    pub(super) fn stand_in(&self) -> Option<(Seen<'a>, Seen<'a>)> {
        let of_kind = |kind: &Kind<'a>| {
            let (number, case) = *kind.members.first()?;
            let example = kind.kept.first()?.clone();
            let first = Seen {
                number,
                case,
                ..example.clone()
            };
            Some((first, example))
        };
        let all = self.0.iter().filter_map(of_kind);
        all.min_by_key(|(first, _)| first.number)
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
                not_reading: Vec::new(),
                cases,
            });
            chosen.push(mistake);
        }
        if left.count() > 0 {
            sorted.push(Sorted {
                by: Vec::new(),
                not_by: chosen,
                not_reading: Vec::new(),
                cases: left,
            });
        }
        sorted
    }

    /// Parts off the kinds that read otherwise than a failure and for which, by the first case of each, something does not hold.
    pub(super) fn part_off(
        &mut self,
        (failure, report): (&Failure, &CaseReport),
        mut holds: impl FnMut(&'a Case) -> bool,
    ) -> Option<Sorted<'a>> {
        let reads = how_it_reads(failure, report);
        let first = self.first();
        let own = first.map(|seen| how_it_reads(&seen.failure, &seen.report));
        let all = std::mem::take(&mut self.0);
        let (kept, off): (Vec<_>, Vec<_>) = all.into_iter().partition(|kind| {
            // What the failure was made smaller from is its own, however it read.
            let is_own = kind.reads == reads || Some(&kind.reads) == own.as_ref();
            let first = kind.members.first();
            is_own || first.is_none_or(|(_, case)| holds(case))
        });
        // Where nothing is left, nothing was told apart.
        if kept.is_empty() {
            self.0 = off;
            return None;
        }
        self.0 = kept;
        let texts = |kinds: &[Kind<'_>]| -> Vec<Texts> {
            let reads = kinds.iter().map(|kind| kind.reads.clone());
            reads.map(|(_, expected, got)| (expected, got)).collect()
        };
        let others = texts(&off);
        let mut not_reading = texts(&self.0);
        not_reading.retain(|texts| !others.contains(texts));
        (!off.is_empty()).then_some(Sorted {
            cases: Self(off),
            by: Vec::new(),
            not_by: Vec::new(),
            not_reading,
        })
    }

    /// The first case of each kind.
    pub(super) fn of_each_kind(&self) -> impl Iterator<Item = &'a Case> {
        let firsts = self.0.iter().filter_map(|kind| kind.members.first());
        firsts.map(|(_, case)| *case)
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
    /// How what was parted from them reads, where no two of them read alike.
    not_reading: Vec<Texts>,
}

impl Sorted<'_> {
    /// Whether a failure of the symptom is of this sort: a smaller scenario must not show another cause.
    pub(super) fn is_of(&self, failure: &Failure) -> bool {
        let mistakes = mistakes_of(&failure.finding);
        let has = |one: &String| mistakes.contains(one);
        let reads = texts_of(failure);
        (self.by.is_empty() || self.by.iter().any(has))
            && !self.not_by.iter().any(has)
            && !self.not_reading.contains(&reads)
    }
}

/// In which request something was found, what was expected and what was found, without what is drawn.
type Reads = (String, String, String);
/// What was expected and what was found, without what is drawn.
type Texts = (String, String);

/// How a failure reads, where that may tell one cause from another: what computes names its mistakes, and
/// how a sign-in ended or a shim failed is the symptom's.
fn how_it_reads(failure: &Failure, report: &CaseReport) -> Reads {
    let Failure {
        requirement,
        finding,
        ..
    } = failure;
    if finding.explained_by.is_some() || is_about_the_end(requirement) || is_fault(requirement) {
        return Reads::default();
    }
    let transcript = report.transcript.as_deref();
    let request = finding.exchange.zip(transcript);
    let request = request.and_then(|(at, transcript)| transcript.requests().nth(at));
    let (expected, got) = texts_of(failure);
    (request.map_or_else(String::new, name_of), expected, got)
}

fn texts_of(failure: &Failure) -> Texts {
    let Finding { expected, got, .. } = &failure.finding;
    (without_drawn(expected), without_drawn(got))
}

/// How many causes the cases of one symptom are parted into by mistakes, beside that of the unexplained ones.
pub(super) const MOST_CAUSES: usize = 3;
/// How many cases of a kind are kept whole: reports with their transcripts are large, and thousands may fail.
const MOST_KEPT: usize = 2;
/// How many kinds are told apart in one symptom, unless they share no mistake.
const MOST_KINDS: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Finding, Level, catalog};
    use crate::run::event::Blame;
    use crate::suite::scenarios::Generator;
    use crate::suite::{CaseId, Content, Part};

    fn failure(mistakes: &[&str]) -> Failure {
        let mut mistakes = mistakes.iter().copied();
        Failure {
            requirement: catalog::find("srp.claim").expect("a rule").into(),
            level: Level::Must,
            blames: Blame::Port,
            finding: Finding::new(Some(1), "this", "that")
                .explained_by(mistakes.next())
                .or_by(mistakes),
            known: None,
        }
    }

    fn case() -> Case {
        Case {
            id: CaseId::scripted("some"),
            content: Content::Scenario(Box::new(Generator::new(1).scenario(0))),
        }
    }

    /// Cases that these mistakes explain, numbered in their order.
    fn cases<'a>(case: &'a Case, all: &[&[&str]]) -> Cases<'a> {
        let mut cases = Cases::default();
        for (number, mistakes) in all.iter().enumerate() {
            let failure = failure(mistakes);
            let report = Rc::new(CaseReport::new("some", Part::Scripted, "some"));
            if cases.keeps(&failure, &report) {
                cases.keep(Seen {
                    number,
                    case,
                    report,
                    failure,
                });
            } else {
                cases.count_in(number, case, &failure, &report);
            }
        }
        cases
    }

    fn parted(all: &[&[&str]]) -> Vec<(Vec<usize>, Vec<String>)> {
        let case = case();
        let sorted = cases(&case, all).by_mistake().into_iter();
        sorted
            .map(|sorted| (sorted.cases.numbers().into_iter().collect(), sorted.by))
            .collect()
    }

    #[test]
    fn cases_are_parted_by_the_mistakes_that_explain_the_most_and_the_unexplained_are_last() {
        let of = |mistake: &str| vec![mistake.to_owned()];
        assert_eq!(
            parted(&[&["salt"], &[], &["u", "k"], &["u"], &["salt", "u"]]),
            [
                (vec![2, 3, 4], of("u")),
                (vec![0], of("salt")),
                (vec![1], Vec::new()),
            ],
            "what either explains goes with the more frequent"
        );
        assert_eq!(
            parted(&[&["k", "u"], &["salt", "u"], &["u"]]),
            [(vec![0, 1, 2], of("u"))],
            "one that explains all is one"
        );
    }

    #[test]
    fn what_others_explain_is_not_of_the_unexplained() {
        let case = case();
        let sorted = cases(&case, &[&["u"], &[]]).by_mistake();
        let [explained, rest] = sorted.as_slice() else {
            panic!("they are two: {}", sorted.len());
        };
        assert!(explained.is_of(&failure(&["k", "u"])));
        assert!(!explained.is_of(&failure(&[])));
        assert!(rest.is_of(&failure(&[])));
        assert!(!rest.is_of(&failure(&["u"])));
    }

    #[test]
    fn of_many_cases_of_a_kind_few_are_kept_whole_and_all_are_counted() {
        let case = case();
        let mut many = cases(&case, &[&["u"][..]; 1_000]);
        assert_eq!(many.count(), 1_000);
        assert_eq!(many.0.len(), 1, "one kind");
        assert_eq!(many.0[0].kept.len(), MOST_KEPT);
        let (taken, _) = many.take(&(0..10).collect()).expect("they are there");
        assert_eq!((taken, many.count()), (10, 990));
        assert!(many.first().is_none(), "those that were kept are gone");
        let stand_in = many.stand_in().expect("there are others");
        assert_eq!(stand_in.0.number, 10, "the first that is left");
        assert_eq!(stand_in.1.number, 0, "and the one that was kept");
    }
}
