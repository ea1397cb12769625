//! How a server ends: by which signals, with what told, and that no function is left that it asked.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::thread;

use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;

use crate::support::left::{STUBBORN, stopping, wait_until_nobody_is_left, wait_until_one_hangs};
use crate::support::process::{folder_with, stderr, stdout};
use crate::support::served::Served;

const FILE: &str = r#"
    [[pools]]
    id = "eu-west-1_Local0001"
    clients = [{ id = "localwebclient", explicit_auth_flows = ["ALLOW_USER_PASSWORD_AUTH"] }]
    users = [{ password = "Passw0rd!", attributes = { email = "ada@example.com" } }]
    [pools.triggers]
    pre_authentication = { command = ["sh", "trigger.sh"] }
"#;

/// A folder with a pool whose function plays a script the first time, which may use the words of [`STUBBORN`], and refuses whoever
/// comes later.
fn folder(script: &str) -> TempDir {
    let folder = folder_with(FILE);
    fs::create_dir(folder.path().join("pids")).unwrap();
    let once = r#"mkdir "$PIDS/first" || exit 1"#;
    let text = format!("PIDS=pids\n{STUBBORN}\n{once}\n{script}\n");
    fs::write(folder.path().join("trigger.sh"), text).unwrap();
    folder
}

/// Has somebody sign in who does not wait for the answer, and waits until the function hangs and the server has taken note of it.
fn asked(served: &Served, folder: &Path) -> TcpStream {
    let waiting = sign_in(served);
    wait_until_one_hangs(&folder.join("pids"));
    // Functions are started and noted one after the other, and a server that is killed by force between the two leaves one. Once
    // a second one has been asked, the first is noted.
    let mut answer = String::new();
    sign_in(served).read_to_string(&mut answer).unwrap();
    assert!(
        answer.contains("UserLambdaValidationException"),
        "the second one is refused: {answer}"
    );
    waiting
}

fn sign_in(served: &Served) -> TcpStream {
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": "localwebclient",
        "AuthParameters": { "USERNAME": "ada@example.com", "PASSWORD": "Passw0rd!" },
    })
    .to_string();
    let address = served.endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    stream
}

#[test]
fn no_function_is_left_however_the_server_ends() {
    thread::scope(|scope| {
        for script in ["hang", "have_child; hang"] {
            for signal in [stopping(), vec![Signal::KILL]].concat() {
                scope.spawn(move || {
                    let folder = folder(script);
                    let served = Served::start(&["cognito.toml"], folder.path());
                    let stream = asked(&served, folder.path());
                    let output = served.end(signal);
                    drop(stream);
                    let how = format!("{signal:?} with {script}");
                    wait_until_nobody_is_left(&folder.path().join("pids"), &how);
                    let expected = (signal != Signal::KILL).then_some(0);
                    assert_eq!(output.status.code(), expected, "{how}: {}", stderr(&output));
                });
            }
        }
    });
}

#[test]
fn what_was_judged_is_told_whatever_ends_the_server() {
    for signal in stopping() {
        let served = Served::start(&["--judge"], Path::new("."));
        served.get("/_local/health");
        let output = served.end(signal);
        let told = stdout(&output);
        assert_eq!(
            output.status.code(),
            Some(3),
            "{signal:?}: {}",
            stderr(&output)
        );
        assert!(told.contains("Nothing was judged"), "{signal:?}: {told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_guardian_comes_with_the_first_function_and_not_before() {
    use crate::support::left::{guardian_of, is_there, wait_until};

    let folder = folder("hang");
    let served = Served::start(&["cognito.toml"], folder.path());
    served.get("/_local/health");
    assert_eq!(guardian_of(served.id()), None, "nobody was asked");
    let stream = asked(&served, folder.path());
    let guardian = guardian_of(served.id()).expect("somebody was asked");
    served.end(Signal::TERM);
    drop(stream);
    wait_until("the guardian is gone", || !is_there(guardian));
    wait_until_nobody_is_left(&folder.path().join("pids"), "SIGTERM");
}
