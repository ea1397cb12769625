//! Where a rule is from, and how well that is known.
//!
//! A finding is an accusation, so whoever is accused can look up what it rests on: each source names one place, and in our
//! own words what stands there. Whether the place exists is checked by tests of the catalogue, as far as this repository can.
//! `docs/evidence.md` shows all of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Strength;

/// One place that a rule rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where to look.
    pub place: Place,
    /// How well the fact is known from there.
    pub strength: Strength,
    /// What stands there, in our own words; empty where the place is only a report, or code.
    pub says: &'static str,
}

/// A place, by its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A shape of the service model, or one of its members: `Shape` or `Shape$Member`.
    Shape(&'static str),
    /// An operation of the service model: its description, and the exceptions that it declares.
    Operation(&'static str),
    /// A section of Cognito's developer guide.
    Guide {
        /// The page's name in its address.
        page: &'static str,
        /// The heading on it.
        section: &'static str,
    },
    /// A section of Amplify's documentation.
    Amplify {
        /// The page's title.
        page: &'static str,
        /// The heading on it.
        section: &'static str,
    },
    /// A section of an RFC.
    Rfc {
        /// Its number.
        number: u16,
        /// The section, e.g. `2.5.3`.
        section: &'static str,
    },
    /// What the service was seen to do, as this repository keeps it: a file below `fixtures/`.
    Recording(&'static str),
    /// An entry of `fixtures/transcripts/observed.json`, by its situation.
    Observed(&'static str),
    /// An issue or a pull request: `owner/name#number`.
    Issue(&'static str),
    /// A file of a public repository.
    Code {
        /// Which repository.
        repository: &'static Repository,
        /// The file, from the repository's folder.
        file: &'static str,
    },
    /// A section of this project's own shim protocol.
    ShimProtocol(&'static str),
}

/// A public repository whose code was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Repository {
    /// `owner/name`.
    pub name: &'static str,
    /// The folder that files are named from, with a slash at its end, or empty.
    pub folder: &'static str,
}

/// A source as reports tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cited {
    /// The place.
    pub source: String,
    /// How well the fact is known from there.
    pub strength: Strength,
    /// What stands there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(name) | Self::Operation(name) => write!(f, "service model, {name}"),
            Self::Guide { page, section } => write!(f, "developer guide, {page}, {section}"),
            Self::Amplify { page, section } => {
                write!(f, "Amplify documentation, {page}, {section}")
            }
            Self::Rfc { number, section } => write!(f, "RFC {number} {section}"),
            Self::Recording(path) => f.write_str(path),
            Self::Observed(situation) => write!(f, "{OBSERVED}, {situation}"),
            Self::Issue(name) => f.write_str(name),
            Self::Code { repository, file } => {
                write!(f, "{} {}{file}", repository.name, repository.folder)
            }
            Self::ShimProtocol(section) => write!(f, "{SHIM_PROTOCOL}, {section}"),
        }
    }
}

impl From<&Source> for Cited {
    fn from(source: &Source) -> Self {
        Self {
            source: source.place.to_string(),
            strength: source.strength,
            says: source.says.to_owned(),
        }
    }
}

/// The place with the strength, on one line: `RFC 5054 2.5.3 (documented)`.
impl fmt::Display for Cited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.source, self.strength)
    }
}

/// The place with the strength, on one line: `RFC 5054 2.5.3 (documented)`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.place, self.strength)
    }
}

impl Source {
    const fn new(place: Place, strength: Strength, says: &'static str) -> Self {
        Self {
            place,
            strength,
            says,
        }
    }
}

/// A shape of the service model, or with `$` a member of one. `XRequest` and `XResponse` are the bodies of operation `X`.
pub const fn model(name: &'static str, says: &'static str) -> Source {
    Source::new(Place::Shape(name), Strength::Documented, says)
}

/// What the service model says of an operation as a whole.
pub const fn operation(name: &'static str, says: &'static str) -> Source {
    Source::new(Place::Operation(name), Strength::Documented, says)
}

/// A section of Cognito's developer guide.
pub const fn guide(page: &'static str, section: &'static str, says: &'static str) -> Source {
    let place = Place::Guide { page, section };
    Source::new(place, Strength::Documented, says)
}

/// A section of Amplify's documentation.
pub const fn amplify(page: &'static str, section: &'static str, says: &'static str) -> Source {
    let place = Place::Amplify { page, section };
    Source::new(place, Strength::Documented, says)
}

/// A section of an RFC.
pub const fn rfc(number: u16, section: &'static str, says: &'static str) -> Source {
    Source::new(Place::Rfc { number, section }, Strength::Documented, says)
}

/// A recording of the service, or numbers that worked with it: a file below `fixtures/`.
pub const fn recording(path: &'static str, says: &'static str) -> Source {
    Source::new(Place::Recording(path), Strength::Captured, says)
}

/// A response that AWS's own tests keep. It is modelled on the service's rather than recorded, so it counts as a report.
pub const fn kept(path: &'static str, says: &'static str) -> Source {
    Source::new(Place::Recording(path), Strength::Reported, says)
}

/// A situation that people reported; `fixtures/transcripts/observed.json` has it with its sources.
pub const fn observed(situation: &'static str, says: &'static str) -> Source {
    Source::new(Place::Observed(situation), Strength::Reported, says)
}

/// A situation of `fixtures/transcripts/observed.json` of which a trace, or what was measured, is published.
pub const fn seen(situation: &'static str, says: &'static str) -> Source {
    Source::new(Place::Observed(situation), Strength::Captured, says)
}

/// An issue or a pull request, `owner/name#number`, in which somebody says so.
pub const fn issue(name: &'static str) -> Source {
    Source::new(Place::Issue(name), Strength::Reported, "")
}

/// An issue or a pull request that shows what the service sent, or what was measured at it.
pub const fn measured(name: &'static str, says: &'static str) -> Source {
    Source::new(Place::Issue(name), Strength::Captured, says)
}

/// A file of a client: it shows what that client does, from which a rule can only be concluded.
pub const fn file(repository: &'static Repository, file: &'static str) -> Source {
    Source::new(Place::Code { repository, file }, Strength::Inferred, "")
}

/// A file of the samples that AWS publishes as documentation of the service.
pub const fn sample(file: &'static str, says: &'static str) -> Source {
    let repository = &SAMPLES;
    let place = Place::Code { repository, file };
    Source::new(place, Strength::Documented, says)
}

/// A section of this project's own shim protocol, to which a shim agrees by speaking it.
pub const fn shim_protocol(section: &'static str, says: &'static str) -> Source {
    Source::new(Place::ShimProtocol(section), Strength::Documented, says)
}

/// amplify-swift, its sign-in.
pub const SWIFT: Repository = Repository {
    name: "aws-amplify/amplify-swift",
    folder: "AmplifyPlugins/Auth/Sources/AWSCognitoAuthPlugin/",
};

/// amplify-js, version 6, its sign-in.
pub const JS: Repository = Repository {
    name: "aws-amplify/amplify-js",
    folder: "packages/auth/src/",
};

/// amplify-android, its sign-in.
pub const ANDROID: Repository = Repository {
    name: "aws-amplify/amplify-android",
    folder: "aws-auth-cognito/src/main/java/com/amplifyframework/auth/cognito/",
};

/// amplify-flutter, its sign-in.
pub const FLUTTER: Repository = Repository {
    name: "aws-amplify/amplify-flutter",
    folder: "packages/auth/amplify_auth_cognito_dart/lib/src/",
};

/// The older SDK for Android.
pub const AWS_SDK_ANDROID: Repository = Repository {
    name: "aws-amplify/aws-sdk-android",
    folder: "aws-android-sdk-cognitoidentityprovider/",
};

/// The JavaScript library before amplify-js took it in.
pub const IDENTITY_JS: Repository = Repository {
    name: "amazon-archives/amazon-cognito-identity-js",
    folder: "src/",
};

/// pycognito.
pub const PYCOGNITO: Repository = Repository {
    name: "NabuCasa/pycognito",
    folder: "pycognito/",
};

/// warrant.
pub const WARRANT: Repository = Repository {
    name: "capless/warrant",
    folder: "warrant/",
};

/// The extension of the AWS SDK for .NET.
pub const NET: Repository = Repository {
    name: "aws/aws-sdk-net-extensions-cognito",
    folder: "src/Amazon.Extensions.CognitoAuthentication/",
};

const SAMPLES: Repository = Repository {
    name: "awsdocs/aws-doc-sdk-examples",
    folder: "javav2/example_code/cognito/src/main/java/com/example/cognito/srp/",
};

/// What people reported of the service.
pub const OBSERVED: &str = "fixtures/transcripts/observed.json";
/// This project's shim protocol.
pub const SHIM_PROTOCOL: &str = "fixtures/shim-protocol/README.md";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_reads_as_its_place_with_its_strength() {
        let lines: Vec<String> = [
            model("SessionType", "how long"),
            guide("token-revocation", "Revoke a token", "how"),
            rfc(5054, "2.5.3", "what B is"),
            issue("aws-amplify/amplify-js#1"),
            file(&SWIFT, "Task/AWSAuthSignInTask.swift"),
            seen("wrong-proofs", "what comes"),
        ]
        .iter()
        .map(ToString::to_string)
        .collect();
        assert_eq!(
            lines,
            [
                "service model, SessionType (documented)",
                "developer guide, token-revocation, Revoke a token (documented)",
                "RFC 5054 2.5.3 (documented)",
                "aws-amplify/amplify-js#1 (reported)",
                "aws-amplify/amplify-swift AmplifyPlugins/Auth/Sources/AWSCognitoAuthPlugin/Task/AWSAuthSignInTask.swift \
                 (inferred)",
                "fixtures/transcripts/observed.json, wrong-proofs (captured)",
            ]
        );
    }
}
