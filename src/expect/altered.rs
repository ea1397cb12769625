//! What becomes of a path when an answer of the service is altered on its way.

use super::expectation::{Final, Path};
use crate::scenario::fault::{FAULT_ERROR, FAULT_MESSAGE};
use crate::scenario::{BadHex, Fault, FaultKind, Scenario};
use crate::wire::ErrorKind;
use crate::wire::names::key;

/// The paths that remain, or come up, with the scenario's fault.
pub fn alter(scenario: &Scenario, paths: Vec<Path>) -> Vec<Path> {
    match scenario.fault.as_ref().filter(|fault| fault.act == 0) {
        None => paths,
        Some(fault) => paths
            .into_iter()
            .flat_map(|path| altered(fault, path))
            .collect(),
    }
}

fn altered(fault: &Fault, path: Path) -> Vec<Path> {
    let at = fault.exchange;
    if at >= path.requests.len() {
        return vec![path];
    }
    let up_to = &path.requests[..=at];
    let next = path.requests.get(at + 1).map(String::as_str);
    let is_last = next.is_none();
    let then = |end: Final| Path::new(up_to, end);
    let generic = || Final::ServiceError(ErrorKind::NotAuthorized, None);
    let proves_next = next == Some("RespondToAuthChallenge PASSWORD_VERIFIER");
    match &fault.kind {
        // What happens at the service alters no answer.
        // What follows from an error that is like a forgotten device's is another file's matter.
        FaultKind::Meanwhile(_) | FaultKind::OtherNotFound => vec![path],
        FaultKind::SrpB(bad) if proves_next => match bad {
            BadHex::Zero | BadHex::N | BadHex::TwoN => vec![then(Final::OwnError)],
            _ => vec![
                then(Final::OwnError),
                Path::new(&path.requests[..=at + 1], generic()),
            ],
        },
        FaultKind::Salt(_) | FaultKind::SecretBlockNotBase64 if proves_next => {
            vec![
                then(Final::OwnError),
                Path::new(&path.requests[..=at + 1], generic()),
            ]
        }
        FaultKind::Without(name) if proves_next => match name.as_str() {
            // Each of the two stands in for the other.
            key::USER_ID_FOR_SRP | key::USERNAME => vec![path.clone(), then(Final::OwnError)],
            _ => vec![then(Final::OwnError)],
        },
        FaultKind::Without(name) if !is_last && name == key::USERNAME => {
            vec![path.clone(), then(Final::OwnError)]
        }
        FaultKind::SrpB(_)
        | FaultKind::Salt(_)
        | FaultKind::SecretBlockNotBase64
        | FaultKind::Without(_) => vec![path],
        FaultKind::UnknownChallenge if is_last => vec![path],
        FaultKind::UnknownChallenge => vec![then(Final::OwnError)],
        FaultKind::WithoutToken(_) if is_last && path.end == Final::Step("DONE") => {
            // Whether incomplete tokens are refused is a rule of its own.
            vec![then(Final::OwnError), then(Final::Step("DONE"))]
        }
        FaultKind::WithoutToken(_) => vec![path],
        FaultKind::EmptyObject => vec![then(Final::OwnError)],
        FaultKind::Truncated => {
            let mut paths = vec![then(Final::OwnError)];
            // The name of an error is in the headers, too.
            match &path.end {
                Final::ServiceError(kind, _) if is_last => {
                    paths.push(then(Final::ServiceError(kind.clone(), None)));
                }
                Final::Step(step) if is_last && *step != "DONE" => paths.push(path.clone()),
                _ => {}
            }
            paths
        }
        FaultKind::Error(_) => {
            let mut paths = vec![then(Final::ServiceError(
                ErrorKind::from(FAULT_ERROR),
                Some(FAULT_MESSAGE),
            ))];
            paths.extend(repeated(&path, at));
            paths
        }
        FaultKind::ServerError | FaultKind::Dropped => {
            let mut paths = vec![then(Final::OwnError)];
            paths.extend(repeated(&path, at));
            paths
        }
    }
}

/// The same path with the troubled request repeated: the repetition may go on as if nothing had been, or be refused, since
/// what the first try used up is used up.
fn repeated(path: &Path, at: usize) -> Vec<Path> {
    let mut again = path.requests[..=at].to_vec();
    again.push(path.requests[at].clone());
    let refused = Path {
        requests: again.clone(),
        end: Final::AnyError,
        may_repeat: Some(at),
    };
    again.extend_from_slice(&path.requests[at + 1..]);
    vec![
        refused,
        Path {
            requests: again,
            end: path.end.clone(),
            may_repeat: Some(at),
        },
    ]
}
