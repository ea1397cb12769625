//! `TIMESTAMP`.

use std::fmt;

use thiserror::Error;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, Weekday};

/// A canonical `TIMESTAMP`: `EEE MMM d HH:mm:ss 'UTC' yyyy` in English, e.g. `Tue Mar 5 09:07:03 UTC 2024`.
///
/// The day has no leading zero and no padding; hour (0–23), minute and second have two digits, the year four.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timestamp(String);

/// A text in the service's pattern, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedTimestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub unix: i64,
    /// Whether the text is what [`Timestamp::from_unix`] writes for this instant. The service answers a text that isn't
    /// (a padded day, a wrong weekday) as it answers a wrong password (ministackorg/ministack#1758).
    pub canonical: bool,
}

impl Timestamp {
    /// The canonical text of an instant, in seconds since 1970-01-01T00:00:00Z. Instants outside the years 0 to 9999,
    /// which the pattern can't write, become the nearest that it can.
    pub fn from_unix(secs: i64) -> Self {
        let at = OffsetDateTime::from_unix_timestamp(secs.clamp(FIRST_SECOND, LAST_SECOND))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self(format!(
            "{} {} {} {:02}:{:02}:{:02} UTC {:04}",
            &weekday_name(at.weekday())[..3],
            &MONTHS[usize::from(u8::from(at.month())) - 1][..3],
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.year(),
        ))
    }

    /// Reads a text in the pattern `EEE MMM d HH:mm:ss z yyyy`, English, as the service does.
    ///
    /// Lenient where the pattern is: one or two digits per number, short or full names, `UTC` or `GMT`. A weekday that
    /// doesn't belong to the date is read too, and is not canonical.
    ///
    /// # Errors
    /// Anything else, with the part that doesn't fit. The service answers it with `InvalidParameterException`.
    pub fn parse(text: &str) -> Result<ParsedTimestamp, TimestampError> {
        if text.len() > MAX_LENGTH {
            return Err(TimestampError::TooLong {
                got: text.len(),
                max: MAX_LENGTH,
            });
        }
        let mut fields = text.split(' ').filter(|field| !field.is_empty());
        let mut next = |part: TimestampPart| fields.next().ok_or(TimestampError::Missing { part });
        let weekday = next(TimestampPart::Weekday)?;
        let month = next(TimestampPart::Month)?;
        let day = next(TimestampPart::Day)?;
        let clock = next(TimestampPart::Clock)?;
        let zone = next(TimestampPart::Zone)?;
        let year = next(TimestampPart::Year)?;
        if let Some(extra) = fields.next() {
            return Err(wrong(TimestampPart::End, extra));
        }

        if !WEEKDAYS.iter().any(|name| is_name(weekday, name)) {
            return Err(wrong(TimestampPart::Weekday, weekday));
        }
        let month = MONTHS
            .iter()
            .position(|name| is_name(month, name))
            .and_then(|index| u8::try_from(index + 1).ok())
            .and_then(|number| Month::try_from(number).ok())
            .ok_or_else(|| wrong(TimestampPart::Month, month))?;
        if zone != "UTC" && zone != "GMT" {
            return Err(wrong(TimestampPart::Zone, zone));
        }
        let year_number = number(year, 4, 4).ok_or_else(|| wrong(TimestampPart::Year, year))?;
        let day_number = number(day, 1, 2)
            .and_then(|n| u8::try_from(n).ok())
            .ok_or_else(|| wrong(TimestampPart::Day, day))?;
        let date = Date::from_calendar_date(year_number, month, day_number)
            .map_err(|_| wrong(TimestampPart::Day, day))?;
        let time = clock_time(clock).ok_or_else(|| wrong(TimestampPart::Clock, clock))?;

        let unix = PrimitiveDateTime::new(date, time)
            .assume_utc()
            .unix_timestamp();
        Ok(ParsedTimestamp {
            unix,
            canonical: Self::from_unix(unix).0 == text,
        })
    }

    /// The text as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampPart {
    /// `EEE`.
    Weekday,
    /// `MMM`.
    Month,
    /// `d`.
    Day,
    /// `HH:mm:ss`.
    Clock,
    /// `z`.
    Zone,
    /// `yyyy`.
    Year,
    /// The end of the text.
    End,
}

impl fmt::Display for TimestampPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Weekday => "an English weekday (EEE)",
            Self::Month => "an English month (MMM)",
            Self::Day => "a day of that month (d)",
            Self::Clock => "a time (HH:mm:ss)",
            Self::Zone => "UTC (z)",
            Self::Year => "a year of four digits (yyyy)",
            Self::End => "the end of the text",
        })
    }
}

/// Why a text is not in the pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimestampError {
    /// The text ends too early.
    #[error(
        "TIMESTAMP should be EEE MMM d HH:mm:ss z yyyy in English: expected {part}, got the end of the text"
    )]
    Missing {
        /// The part that is missing.
        part: TimestampPart,
    },
    /// A part doesn't fit.
    #[error(
        "TIMESTAMP should be EEE MMM d HH:mm:ss z yyyy in English: expected {part}, got {got:?}"
    )]
    Unexpected {
        /// The part that was expected.
        part: TimestampPart,
        /// What stands there.
        got: String,
    },
    /// Longer than any text in the pattern.
    #[error(
        "TIMESTAMP should be EEE MMM d HH:mm:ss z yyyy in English: expected at most {max} octets, got {got}"
    )]
    TooLong {
        /// Length in octets.
        got: usize,
        /// Longest text that is read.
        max: usize,
    },
}

fn wrong(part: TimestampPart, got: &str) -> TimestampError {
    TimestampError::Unexpected {
        part,
        got: got.to_owned(),
    }
}

fn is_name(text: &str, name: &str) -> bool {
    text.eq_ignore_ascii_case(name) || text.eq_ignore_ascii_case(&name[..3])
}

fn number(text: &str, least: usize, most: usize) -> Option<i32> {
    let fits =
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

fn clock_time(text: &str) -> Option<Time> {
    let mut parts = text
        .split(':')
        .map(|part| number(part, 1, 2).and_then(|n| u8::try_from(n).ok()));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    Time::from_hms(hour, minute, second).ok()
}

fn weekday_name(day: Weekday) -> &'static str {
    WEEKDAYS[usize::from(day.number_days_from_monday())]
}

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// 0000-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;
const MAX_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_has_no_leading_zero_and_the_clock_has() {
        assert_eq!(
            Timestamp::from_unix(1_709_629_623).as_str(),
            "Tue Mar 5 09:07:03 UTC 2024"
        );
        assert_eq!(
            Timestamp::from_unix(0).as_str(),
            "Thu Jan 1 00:00:00 UTC 1970"
        );
        assert_eq!(
            Timestamp::from_unix(1_582_934_400 + 86_399).as_str(),
            "Sat Feb 29 23:59:59 UTC 2020"
        );
    }

    #[test]
    fn instants_the_pattern_cannot_write_become_the_nearest() {
        assert_eq!(
            Timestamp::from_unix(i64::MIN).as_str(),
            "Sat Jan 1 00:00:00 UTC 0000"
        );
        assert_eq!(
            Timestamp::from_unix(i64::MAX).as_str(),
            "Fri Dec 31 23:59:59 UTC 9999"
        );
    }

    #[test]
    fn a_canonical_text_is_read_back() {
        let parsed = Timestamp::parse("Tue Mar 5 09:07:03 UTC 2024").unwrap();
        assert_eq!(
            parsed,
            ParsedTimestamp {
                unix: 1_709_629_623,
                canonical: true
            }
        );
    }

    #[test]
    fn a_text_in_the_pattern_that_is_not_canonical_is_read_and_marked() {
        for text in [
            "Tue Mar 05 09:07:03 UTC 2024",
            "Tue Mar  5 09:07:03 UTC 2024",
            "Wed Mar 5 09:07:03 UTC 2024",
            "Tue Mar 5 9:7:3 UTC 2024",
            "tue mar 5 09:07:03 UTC 2024",
            "Tuesday March 5 09:07:03 UTC 2024",
            "Tue Mar 5 09:07:03 GMT 2024",
            " Tue Mar 5 09:07:03 UTC 2024",
        ] {
            let parsed = Timestamp::parse(text).unwrap();
            assert_eq!(
                parsed,
                ParsedTimestamp {
                    unix: 1_709_629_623,
                    canonical: false
                },
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_text_outside_the_pattern_is_refused_with_its_part() {
        for (text, part) in [
            ("mar. Mar 5 09:07:03 UTC 2024", TimestampPart::Weekday),
            ("Tue mars 5 09:07:03 UTC 2024", TimestampPart::Month),
            ("Tue Feb 30 09:07:03 UTC 2024", TimestampPart::Day),
            ("Tue Mar +5 09:07:03 UTC 2024", TimestampPart::Day),
            ("Tue Mar 5 24:00:00 UTC 2024", TimestampPart::Clock),
            ("Tue Mar 5 09:07 UTC 2024", TimestampPart::Clock),
            ("Tue Mar 5 09:07:03:01 UTC 2024", TimestampPart::Clock),
            ("Tue Mar 5 09:07:03 CET 2024", TimestampPart::Zone),
            ("Tue Mar 5 09:07:03 UTC 24", TimestampPart::Year),
            ("Tue Mar 5 09:07:03 UTC ٢٠٢٤", TimestampPart::Year),
            ("Tue Mar 5 09:07:03 UTC 2024 AD", TimestampPart::End),
        ] {
            assert!(
                matches!(Timestamp::parse(text), Err(TimestampError::Unexpected { part: got, .. }) if got == part),
                "{text:?}: {:?}",
                Timestamp::parse(text)
            );
        }
        assert_eq!(
            Timestamp::parse(""),
            Err(TimestampError::Missing {
                part: TimestampPart::Weekday
            }),
            "empty"
        );
        assert_eq!(
            Timestamp::parse("2024-03-05T09:07:03Z"),
            Err(TimestampError::Missing {
                part: TimestampPart::Month
            }),
            "ISO"
        );
        assert!(
            matches!(
                Timestamp::parse(&" ".repeat(65)),
                Err(TimestampError::TooLong { .. })
            ),
            "too long"
        );
    }
}
