//! How files are read that may be anything: bounded, and with errors that say which file, where and why.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::excerpt::reason;
use crate::record::{Origin, TRANSCRIPT_SCHEMA, Transcript};
use crate::scenario::types::SCENARIO_SCHEMA;
use crate::scenario::{OutOfLimits, Scenario};

/// The largest transcript, in octets: 64 MiB.
pub const LARGEST_TRANSCRIPT: u64 = 64 << 20;
/// The largest of all other files, in octets: 1 MiB.
pub const LARGEST_OTHER: u64 = 1 << 20;

/// Why a file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It can't be read.
    #[error("{}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It is too large.
    #[error("{}: larger than {limit} octets", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, in octets.
        limit: u64,
    },
    /// It begins with a mark that says how it is written, which is not UTF-8 alone.
    #[error("{}: begins with a byte order mark ({encoding}): save it as UTF-8 without one", .path.display())]
    ByteOrderMark {
        /// The file.
        path: PathBuf,
        /// What the mark says.
        encoding: &'static str,
    },
    /// It is no text.
    #[error("{}: not UTF-8 after octet {after}", .path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// How many octets are.
        after: usize,
    },
    /// It is no JSON, or not of the wanted shape.
    #[error("{}: expected {expected}: {}", .path.display(), reason(&.source.to_string()))]
    Format {
        /// The file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// What is wrong, and at which line and column.
        source: serde_json::Error,
    },
    /// It has another version, or is something else.
    #[error("{}: expected schema {expected:?}, got {got:?}", .path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// The version that this program reads.
        expected: &'static str,
        /// What it says.
        got: String,
    },
    /// It is the transcript of a scenario that asks for more than any scenario needs.
    #[error("{}: expected a transcript whose scenario can be read: {source}", .path.display())]
    OutOfLimits {
        /// The file.
        path: PathBuf,
        /// What it asks for.
        source: OutOfLimits,
    },
    /// It was recorded or observed, and follows from no scenario.
    #[error("{}: what was recorded or observed can't be played again; `judge` judges it", .path.display())]
    NoScenario {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a file's octets, `-` for the standard input.
///
/// # Errors
/// When it can't be read or is larger than `limit` octets. At most `limit` octets are read.
pub fn read_octets(path: &Path, limit: u64) -> Result<Vec<u8>, InputError> {
    let unreadable = |source| InputError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut octets = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(limit + 1).read_to_end(&mut octets)
    } else {
        let file = File::open(path).map_err(unreadable)?;
        file.take(limit + 1).read_to_end(&mut octets)
    };
    read.map_err(unreadable)?;
    if octets.len() as u64 > limit {
        return Err(InputError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(octets)
}

/// Reads a file's text.
///
/// # Errors
/// As [`read_octets`], and when it is not UTF-8. A byte order mark of UTF-8 stays: TOML allows it.
pub fn read_text(path: &Path, limit: u64) -> Result<String, InputError> {
    String::from_utf8(read_octets(path, limit)?).map_err(|error| {
        let path = path.to_owned();
        match byte_order_mark(error.as_bytes()) {
            Some(encoding) => InputError::ByteOrderMark { path, encoding },
            None => InputError::NotText {
                path,
                after: error.utf8_error().valid_up_to(),
            },
        }
    })
}

/// Reads a transcript.
///
/// # Errors
/// When the file can't be read, or holds no transcript of the version that this program reads.
pub fn read_transcript(path: &Path) -> Result<Transcript, InputError> {
    parse_transcript(&read_octets(path, LARGEST_TRANSCRIPT)?, path)
}

/// Reads a transcript's JSON; `path` is where it came from.
///
/// # Errors
/// When it is none, or of another version.
pub fn parse_transcript(octets: &[u8], path: &Path) -> Result<Transcript, InputError> {
    let got: Schema = parse(octets, path, "a transcript")?;
    if got.schema.as_deref() != Some(TRANSCRIPT_SCHEMA) {
        return Err(other_schema(path, TRANSCRIPT_SCHEMA, got));
    }
    parse(octets, path, "a transcript").map_err(|error| {
        // Where only the scenario is to blame, the reason is about the scenario.
        match scenario_in(octets).map(Scenario::deserialize) {
            Some(Err(source)) => InputError::Format {
                path: path.to_owned(),
                expected: "a transcript whose scenario can be read",
                source,
            },
            Some(Ok(_)) | None => error,
        }
    })
}

/// Reads a scenario from its own file or from the transcript of its play.
///
/// # Errors
/// When the file can't be read, or holds neither.
pub fn read_scenario(path: &Path) -> Result<Scenario, InputError> {
    let octets = read_octets(path, LARGEST_TRANSCRIPT)?;
    let got: Schema = parse(&octets, path, "a scenario or a transcript")?;
    if got.schema.as_deref() != Some(TRANSCRIPT_SCHEMA) {
        return parse_scenario(&octets, path);
    }
    let written = scenario_in(&octets).map(|scenario| scenario.to_string());
    let scenario = written.map(|written| parse_scenario(written.as_bytes(), path));
    if let Some(Err(error)) = scenario {
        return Err(error);
    }
    let transcript: Transcript = parse(&octets, path, "a transcript")?;
    match transcript.origin {
        Origin::Played { scenario, .. } => Ok(*scenario),
        Origin::Recorded(_) | Origin::Observed(_) => Err(InputError::NoScenario {
            path: path.to_owned(),
        }),
    }
}

/// Reads a scenario's JSON; `path` is where it came from.
///
/// # Errors
/// When it is none, or of another version.
pub fn parse_scenario(octets: &[u8], path: &Path) -> Result<Scenario, InputError> {
    let got: Schema = parse(octets, path, "a scenario")?;
    if got
        .schema
        .as_deref()
        .is_some_and(|schema| schema != SCENARIO_SCHEMA)
    {
        return Err(other_schema(path, SCENARIO_SCHEMA, got));
    }
    parse(octets, path, "a scenario")
}

/// The scenario that a transcript says was played, readable or not.
fn scenario_in(octets: &[u8]) -> Option<Value> {
    match serde_json::from_slice(octets) {
        Ok(Played {
            origin: PlayedOrigin::Played { scenario },
        }) => Some(scenario),
        Ok(_) | Err(_) => None,
    }
}

fn parse<T: DeserializeOwned>(
    octets: &[u8],
    path: &Path,
    expected: &'static str,
) -> Result<T, InputError> {
    if let Some(encoding) = byte_order_mark(octets) {
        let path = path.to_owned();
        return Err(InputError::ByteOrderMark { path, encoding });
    }
    serde_json::from_slice(octets).map_err(|source| InputError::Format {
        path: path.to_owned(),
        expected,
        source,
    })
}

/// The encoding that the mark at the beginning names, if there is one: some shells and editors write it.
fn byte_order_mark(octets: &[u8]) -> Option<&'static str> {
    let mark = MARKS.iter().find(|(mark, _)| octets.starts_with(mark));
    mark.map(|(_, encoding)| *encoding)
}

fn other_schema(path: &Path, expected: &'static str, got: Schema) -> InputError {
    let got = got.schema.unwrap_or_else(|| "none".to_owned());
    InputError::Schema {
        path: path.to_owned(),
        expected,
        got: got.chars().take(LONGEST_SCHEMA).collect(),
    }
}

/// The one member that tells what a file is, so that a file of another version is not called malformed.
#[derive(Deserialize)]
struct Schema {
    schema: Option<String>,
}

/// The part of a transcript that says what was played, so that a scenario that can't be read is named as such.
#[derive(Deserialize)]
struct Played {
    origin: PlayedOrigin,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum PlayedOrigin {
    Played {
        scenario: Value,
    },
    #[serde(other)]
    Other,
}

/// The marks, a longer one before the one that it begins with.
const MARKS: [(&[u8], &str); 5] = [
    (b"\xef\xbb\xbf", "UTF-8"),
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
];
const LONGEST_SCHEMA: usize = 80;
