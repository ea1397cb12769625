//! `TIMESTAMP`: format, locale, clock.
//!
//! Every one of these signs the very text it sends, as the ports did: the service finds out because it renders the time anew.

use time::{Month, OffsetDateTime};

use super::mistake::{Edit, Mistake};
use crate::client::Outgoing;
use crate::srp::Timestamp;

/// The family.
pub const FAMILY: &[Mistake] = &[
    Mistake {
        id: "timestamp.padded-day",
        sentence: "the day of the month has a leading zero, so sign-in fails from the 1st to the 9th.",
        seen: &["qwigo/warrant#12", "ministackorg/ministack#1758"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| {
                    at.text(|t| t.day = format!("{:02}", at.date.day()))
                });
            });
        }),
        caught_by: &["timestamp.format"],
    },
    Mistake {
        id: "timestamp.twelve-hour-clock",
        sentence: "the hour is that of a 12-hour clock, so the time is wrong every afternoon.",
        seen: &["alexrudd/cognito-srp HEAD"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| {
                    at.text(|t| t.hour = format!("{:02}", (at.date.hour() + 11) % 12 + 1))
                });
            });
        }),
        caught_by: &["timestamp.now"],
    },
    Mistake {
        id: "timestamp.hour-24",
        sentence: "midnight's hour is written 24, so sign-in is impossible during one hour a day.",
        seen: &[
            "aws-samples/amazon-cognito-passwordless-auth#145",
            "aws-samples/amazon-cognito-passwordless-auth#146",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| {
                    at.text(|t| {
                        if at.date.hour() == 0 {
                            t.hour = "24".to_owned();
                        }
                    })
                });
            });
        }),
        caught_by: &["timestamp.format"],
    },
    Mistake {
        id: "timestamp.local-zone",
        sentence: "the time is local and names the local zone.",
        seen: &["amazon-archives/amazon-cognito-identity-js#683"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| {
                    at.later(INDIA).text(|t| t.zone = "IST".to_owned())
                });
            });
        }),
        caught_by: &["timestamp.format"],
    },
    Mistake {
        id: "timestamp.local-time-called-utc",
        sentence: "the time is local although the text says UTC.",
        seen: &["amazon-archives/amazon-cognito-identity-js#683"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| at.later(INDIA).text(|_| ()));
            });
        }),
        caught_by: &["timestamp.now"],
    },
    Mistake {
        id: "timestamp.unpadded-seconds",
        sentence: "hour, minute and second below 10 have one digit.",
        seen: &["amazon-archives/amazon-cognito-identity-js#683"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| {
                    at.text(|t| {
                        t.hour = at.date.hour().to_string();
                        t.minute = at.date.minute().to_string();
                        t.second = at.date.second().to_string();
                    })
                });
            });
        }),
        caught_by: &["timestamp.format"],
    },
    Mistake {
        id: "timestamp.full-month-name",
        sentence: "the month is written in full.",
        seen: &["grempe/sirp#6"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| at.text(|t| t.month = at.date.month().to_string()));
            });
        }),
        caught_by: &["timestamp.format"],
    },
    Mistake {
        id: "timestamp.german-names",
        sentence: "day and month have the names of the device's language.",
        seen: &[
            "awslabs/aws-sdk-android-samples#54",
            "aws-amplify/aws-sdk-android#132",
            "NabuCasa/pycognito#122",
            "soto-project/soto-cognito-authentication-kit#45",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| {
                    at.text(|t| {
                        t.weekday = german_day(at.date).to_owned();
                        t.month = german_month(at.date.month()).to_owned();
                    })
                });
            });
        }),
        caught_by: &["timestamp.format"],
    },
    Mistake {
        id: "timestamp.format-letters-left-in",
        sentence: "a format letter that the platform doesn't know stays in the text.",
        seen: &["NabuCasa/pycognito c0a19a7"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| at.text(|t| t.day = "-d".to_owned()));
            });
        }),
        caught_by: &["timestamp.format"],
    },
    Mistake {
        id: "timestamp.stale",
        sentence: "the time is that of an object made ten minutes before, not that of the answer.",
        seen: &[
            "simonmcallister0210/cognito-srp-helper HEAD",
            "aws-amplify/amplify-android SRPHelper HEAD",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                rewrite(out, |at| at.later(-TEN_MINUTES).text(|_| ()));
            });
        }),
        caught_by: &["timestamp.now"],
    },
];

/// Writes the instant of the claim in another way and signs anew.
fn rewrite(out: &mut Outgoing<'_>, write: impl FnOnce(&Instant) -> String) {
    out.reclaim(|proof| proof.timestamp = write(&Instant::at(proof.signed_at)));
}

struct Instant {
    unix: i64,
    date: OffsetDateTime,
}

/// The parts of the text, each as it is written.
struct Parts {
    weekday: String,
    month: String,
    day: String,
    hour: String,
    minute: String,
    second: String,
    zone: String,
    year: String,
}

impl Instant {
    fn at(unix: i64) -> Self {
        Self {
            unix,
            date: OffsetDateTime::from_unix_timestamp(unix).unwrap_or(OffsetDateTime::UNIX_EPOCH),
        }
    }

    fn later(&self, seconds: i64) -> Self {
        Self::at(self.unix.saturating_add(seconds))
    }

    /// The right text with some of its parts written otherwise.
    fn text(&self, edit: impl FnOnce(&mut Parts)) -> String {
        let right = Timestamp::from_unix(self.unix);
        let mut words = right.as_str().split([' ', ':']).map(str::to_owned);
        let mut next = || words.next().unwrap_or_default();
        let mut parts = Parts {
            weekday: next(),
            month: next(),
            day: next(),
            hour: next(),
            minute: next(),
            second: next(),
            zone: next(),
            year: next(),
        };
        edit(&mut parts);
        let Parts {
            weekday,
            month,
            day,
            hour,
            minute,
            second,
            zone,
            year,
        } = parts;
        format!("{weekday} {month} {day} {hour}:{minute}:{second} {zone} {year}")
    }
}

fn german_day(date: OffsetDateTime) -> &'static str {
    ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]
        [usize::from(date.weekday().number_days_from_monday())]
}

fn german_month(month: Month) -> &'static str {
    [
        "Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez",
    ][usize::from(u8::from(month)) - 1]
}

/// India's offset from UTC, the one of the report: 5 hours and 30 minutes.
const INDIA: i64 = 19_800;
const TEN_MINUTES: i64 = 600;
