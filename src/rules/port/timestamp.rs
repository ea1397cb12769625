//! TIMESTAMP.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::explain::ClaimCase;
use crate::rules::port::srp::{claims, proves};
use crate::rules::rule::{Finding, Level, Party, Rule, Verdict, each};
use crate::rules::source::{SWIFT, file, issue, measured, observed, recording, seen};
use crate::srp::Timestamp;
use crate::wire::names::key;

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "timestamp.format",
        level: Level::Must,
        party: Party::Port,
        sentence: "TIMESTAMP reads like `Tue Mar 5 09:07:03 UTC 2024`: English names, the day unpadded, a 24-hour clock, UTC.",
        sources: &[
            seen(
                "padded-day",
                "a padded day was refused like a wrong password",
            ),
            measured(
                "ministackorg/ministack#1758",
                "a padded day and a wrong weekday were refused like a wrong password",
            ),
            seen(
                "unparsable-timestamp",
                "the refusal names the pattern EEE MMM d HH:mm:ss z yyyy in english",
            ),
            recording(
                "fixtures/transcripts/2018-01-srp-success.json",
                "a TIMESTAMP of this form was accepted",
            ),
            issue("qwigo/warrant#12"),
            issue("NabuCasa/pycognito#122"),
            issue("qwigo/warrant-lite#2"),
            issue("aws-amplify/aws-sdk-android#132"),
            issue("aws-amplify/aws-sdk-ios#377"),
        ],
        check: Rule::requires(format),
    },
    Rule {
        id: "timestamp.now",
        level: Level::Should,
        party: Party::Port,
        sentence: "TIMESTAMP is the time of the sign-in.",
        sources: &[
            observed(
                "local-time-labelled-utc",
                "local time called UTC was refused, and accepted once the zone was right",
            ),
            issue("amazon-archives/amazon-cognito-identity-js#58"),
            issue("amazon-archives/amazon-cognito-auth-js#199"),
            file(&SWIFT, "Actions/SignIn/SRPAuth/InitiateAuthSRP.swift"),
        ],
        check: Rule::requires(now),
    },
];

fn format(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no claim was made", |step| {
        if !claims(&step) {
            return None;
        }
        let at = Some(step.exchange.index);
        let Some(sent) = step.exchange.parameter(key::TIMESTAMP) else {
            return Some(Verdict::fail(at, "a TIMESTAMP", "none"));
        };
        if is_redacted(sent) {
            return Some(Verdict::NotApplicable("the TIMESTAMP is redacted"));
        }
        Some(match Timestamp::parse(sent) {
            Ok(parsed) if parsed.canonical => Verdict::Pass,
            Ok(parsed) => Verdict::fail(at, Timestamp::from_unix(parsed.unix).as_str(), sent),
            Err(error) => Verdict::fail(
                at,
                "EEE MMM d HH:mm:ss 'UTC' yyyy in English",
                format!("{sent} ({error})"),
            ),
        })
    })
}

fn now(case: &Case<'_>) -> Verdict {
    if case.facts.is_observed() {
        return not_refused_for_time(case);
    }
    each(case.positions(), "no claim was made", |step| {
        if !claims(&step) {
            return None;
        }
        let Some(now) = case.facts.clock_of(step.sign_in) else {
            return Some(Verdict::NotApplicable("the port's clock can't be set"));
        };
        let sent = step.exchange.parameter(key::TIMESTAMP)?;
        let parsed = Timestamp::parse(sent).ok()?;
        if parsed.unix == now {
            return Some(Verdict::Pass);
        }
        Some(wrong(step.exchange.index, now, parsed.unix, 0, sent.to_owned()).into())
    })
}

/// What is wrong with a time, and why as far as the distance tells: clocks may differ by so many seconds.
fn wrong(at: usize, now: i64, shown: i64, apart: i64, got: String) -> Finding {
    let finding = Finding::new(Some(at), Timestamp::from_unix(now).as_str(), got);
    let mut causes = Vec::new();
    if is_other_half_of_the_day(shown - now, now, apart) {
        causes.push("timestamp.twelve-hour-clock");
    }
    if is_zone(shown - now, apart) {
        causes.push("timestamp.local-time-called-utc");
    }
    let mut causes = causes.into_iter();
    let finding = finding.explained_by(causes.next());
    finding.or_by(causes)
}

/// Whether so many seconds can be the distance of a time zone from UTC: zones go by half hours, but for a few.
fn is_zone(seconds: i64, apart: i64) -> bool {
    let half_hours = (-22..=28).filter(|half_hours: &i64| half_hours.abs() >= 2);
    let mut zones = half_hours
        .map(|half_hours| half_hours * 30)
        .chain(ODD_ZONES);
    zones.any(|minutes| seconds.abs_diff(minutes * 60) <= apart.unsigned_abs())
}

/// Zones that end in a quarter of an hour, in minutes: Nepal, Eucla, the Chatham Islands in winter and summer.
const ODD_ZONES: [i64; 4] = [345, 525, 765, 825];

/// Whether a clock of twelve hours shows a time so many seconds away, with 12 or with 0 where the day or the afternoon begins.
fn is_other_half_of_the_day(seconds: i64, now: i64, apart: i64) -> bool {
    let is_late = now.rem_euclid(2 * HALF_A_DAY) >= HALF_A_DAY;
    let is_first_hour = now.rem_euclid(HALF_A_DAY) < 3600;
    seconds.abs().abs_diff(HALF_A_DAY) <= apart.unsigned_abs()
        && (is_late == (seconds < 0))
        && (is_late || is_first_hour)
}

const HALF_A_DAY: i64 = 12 * 3600;

/// Of an observed sign-in: the application's clock is its own, so that only a time for which a right proof was refused is
/// wrong for certain.
fn not_refused_for_time(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no claim was made", |step| {
        if !proves(&step) {
            return None;
        }
        let sent = step.exchange.parameter(key::TIMESTAMP)?;
        let parsed = Timestamp::parse(sent).ok()?;
        if step.exchange.error.is_none() {
            return Some(Verdict::Pass);
        }
        let off = case.facts.proved_at().map(|now| parsed.unix.abs_diff(now));
        let is_right =
            || ClaimCase::of(case.facts, &step).is_some_and(|claim| claim.is_proved_by(&step));
        Some(match (off, case.facts.proved_at()) {
            (Some(off), Some(now)) if off > LEAST_DIFFERENCE.unsigned_abs() && is_right() => {
                let got =
                    format!("{sent}, {off} s away; the proof was right otherwise, and refused");
                let at = step.exchange.index;
                wrong(at, now, parsed.unix, LEAST_DIFFERENCE, got).into()
            }
            _ => Verdict::NotApplicable("the proof may have been refused for another reason"),
        })
    })
}

/// Seconds below which no refusal is about the time: clocks differ by as much, and an answer may be slow.
const LEAST_DIFFERENCE: i64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    /// What a time that is so many minutes off is put down to, told at an hour of the day.
    fn causes(minutes: i64, hour: i64) -> Vec<String> {
        let now = 20_000 * 24 * 3600 + hour * 3600 + 60;
        let finding = wrong(0, now, now + minutes * 60, 0, String::new());
        finding
            .explained_by
            .into_iter()
            .chain(finding.or_by)
            .collect()
    }

    const ZONE: &str = "timestamp.local-time-called-utc";
    const TWELVE: &str = "timestamp.twelve-hour-clock";

    #[test]
    fn a_time_is_put_down_to_a_zone_where_people_have_it() {
        for minutes in [-300, 60, 330, 345, 840] {
            assert_eq!(causes(minutes, 10), [ZONE], "{minutes}");
        }
        for minutes in [-10, 15, 30, 75, -720, 900] {
            assert_eq!(causes(minutes, 10), Vec::<String>::new(), "{minutes}");
        }
    }

    #[test]
    fn a_time_in_the_other_half_of_the_day_is_put_down_to_a_clock_of_twelve_hours() {
        assert_eq!(causes(-720, 13), [TWELVE], "the afternoon as the morning");
        assert_eq!(
            causes(720, 0),
            [TWELVE, ZONE],
            "midnight as noon, or in Auckland"
        );
        assert_eq!(causes(720, 10), [ZONE], "no such clock shows the evening");
    }

    #[test]
    fn clocks_may_differ_where_nobody_set_them() {
        let at = 20_000 * 24 * 3600 + 13 * 3600;
        let finding = wrong(0, at, at - 12 * 3600 + 40, LEAST_DIFFERENCE, String::new());
        assert_eq!(finding.explained_by.as_deref(), Some(TWELVE));
        let finding = wrong(0, at, at + 3600 - 40, LEAST_DIFFERENCE, String::new());
        assert_eq!(finding.explained_by.as_deref(), Some(ZONE));
    }
}
