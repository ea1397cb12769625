//! The reference client and the reference pool: every flow comes through, in process and over HTTP alike.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cognito_conformance::client::{
    Client, HttpTransport, Policy, SignInRequest, Sources, Transport, TransportError,
};
use cognito_conformance::config::ClientSettings;
use cognito_conformance::model::{Clock, MigrationScript, Round, User, UserStatus, World};
use cognito_conformance::pool::http::{Handler, Listener, Outcome};
use cognito_conformance::pool::{self, Pool};
use cognito_conformance::wire::{
    AuthFlowType, ConfirmSignIn, HttpRequest, HttpResponse, NextStep, Parameters,
};

use crate::support::world::{ALICE, CLIENT, NOW, POOL_ID, SECRET, SUB};

/// An address that forms and URLs spoil.
const EMAIL: &str = "alice+1@example.com";
/// One with a letter of two octets.
const PASSWORD: &str = "Canary-Pässw0rd!";

fn world(secret: bool) -> World {
    let alice = User::new(ALICE, SUB);
    let world = World::new(POOL_ID, CLIENT)
        .with_users([alice.with_email(EMAIL).with_password(PASSWORD)])
        .with_custom([
            Round::asking("6 × 7?", "42"),
            Round::asking("Your cat?", " Dinah "),
        ])
        .with_clock(Clock::Fixed(NOW))
        .with_seed(7);
    if secret {
        world.with_secret(SECRET)
    } else {
        world
    }
}

fn settings(world: &World) -> ClientSettings {
    ClientSettings {
        region: world.pool.region.clone(),
        user_pool_id: world.pool.id.clone(),
        client_id: world.clients[0].id.clone(),
        client_secret: world.clients[0].secret.clone(),
        endpoint: None,
        flow: None,
        migration_enabled: false,
    }
}

fn client<T: Transport>(world: &World, transport: T) -> Client<T> {
    Client::new(
        settings(world),
        transport,
        Sources::fixed(NOW, 7),
        Policy::default(),
    )
    .unwrap()
}

fn pool_of(world: &World) -> Pool {
    Pool::new(world.clone(), pool::Policy::default()).unwrap()
}

fn sign_in(flow: AuthFlowType) -> SignInRequest {
    SignInRequest {
        username: EMAIL.to_owned(),
        password: Some(PASSWORD.to_owned()),
        auth_flow_type: Some(flow),
        preferred_challenge: None,
        metadata: [("from".to_owned(), "signIn".to_owned())].into(),
    }
}

fn answer(text: &str) -> ConfirmSignIn {
    ConfirmSignIn {
        challenge_response: text.to_owned(),
        ..ConfirmSignIn::default()
    }
}

/// What passed between client and pool.
type Exchanges = Arc<Mutex<Vec<(HttpRequest, HttpResponse)>>>;

/// A pool that keeps what passes it.
struct Watched {
    pool: Pool,
    seen: Exchanges,
}

impl Watched {
    fn new(world: &World) -> (Self, Exchanges) {
        let seen = Exchanges::default();
        let watched = Self {
            pool: pool_of(world),
            seen: seen.clone(),
        };
        (watched, seen)
    }

    fn answer(&mut self, request: HttpRequest) -> HttpResponse {
        let response = self.pool.handle(&request);
        self.seen.lock().unwrap().push((request, response.clone()));
        response
    }
}

impl Handler for Watched {
    fn handle(&mut self, request: HttpRequest) -> Outcome {
        Outcome::Respond(self.answer(request))
    }
}

fn in_process(world: &World) -> (Client<impl Transport>, Exchanges) {
    let (mut watched, seen) = Watched::new(world);
    let transport = move |request| Ok::<_, TransportError>(watched.answer(request));
    (client(world, transport), seen)
}

/// Signs in and answers both custom rounds where they come.
async fn play<T: Transport>(client: &mut Client<T>, flow: AuthFlowType) -> NextStep {
    let mut step = client.sign_in(sign_in(flow)).await.unwrap();
    for text in ["42", " Dinah "] {
        if step.awaits_answer() {
            step = client.confirm_sign_in(answer(text)).await.unwrap();
        }
    }
    step
}

#[tokio::test]
async fn all_four_flows_come_through_with_the_same_octets_in_process_and_over_http() {
    for secret in [false, true] {
        for flow in AuthFlowType::ALL {
            let world = world(secret);
            let (mut local, near) = in_process(&world);
            assert_eq!(
                play(&mut local, flow).await,
                NextStep::Done,
                "{flow} in process"
            );

            let (watched, far) = Watched::new(&world);
            let handler = Arc::new(Mutex::new(watched));
            let listener = Listener::bind(([127, 0, 0, 1], 0).into(), handler)
                .await
                .unwrap();
            let transport = HttpTransport::new(&listener.endpoint()).unwrap();
            let mut remote = client(&world, transport);
            assert_eq!(
                play(&mut remote, flow).await,
                NextStep::Done,
                "{flow} over HTTP"
            );
            assert_eq!(local.tokens(), remote.tokens(), "{flow}: tokens");
            listener.stop().await;

            let (near, far) = (near.lock().unwrap(), far.lock().unwrap());
            assert_eq!(near.len(), far.len(), "{flow}: requests");
            for ((sent, got), (sent_far, got_far)) in near.iter().zip(far.iter()) {
                assert_eq!(sent.body, sent_far.body, "{flow}: request body");
                assert_eq!(
                    (&sent.method, &sent.path),
                    (&sent_far.method, &sent_far.path),
                    "{flow}: request line"
                );
                for header in &sent.headers {
                    assert!(sent_far.headers.contains(header), "{flow}: {header:?}");
                }
                assert_eq!(got.body, got_far.body, "{flow}: response body");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_by_name_and_text_in_every_flow_that_has_one() {
    let world = world(true);
    for flow in [
        AuthFlowType::UserSrp,
        AuthFlowType::UserPassword,
        AuthFlowType::CustomWithSrp,
    ] {
        let (mut client, _) = in_process(&world);
        let wrong = SignInRequest {
            password: Some("Wrong-Passw0rd!".to_owned()),
            ..sign_in(flow)
        };
        let error = client.sign_in(wrong).await.unwrap_err();
        assert_eq!(error.name(), "NotAuthorizedException", "{flow}");
        assert!(
            error
                .to_string()
                .contains("Incorrect username or password."),
            "{flow}: {error}"
        );
        assert_eq!(client.tokens(), None, "{flow}");
    }
}

#[tokio::test]
async fn a_wrong_answer_is_corrected_with_the_new_session() {
    let world = world(false);
    let (mut client, seen) = in_process(&world);
    client
        .sign_in(sign_in(AuthFlowType::CustomWithoutSrp))
        .await
        .unwrap();
    let mut step = NextStep::ResetPassword;
    for text in ["41", "42", " Dinah "] {
        step = client.confirm_sign_in(answer(text)).await.unwrap();
    }
    assert_eq!(step, NextStep::Done);
    let sessions: Vec<_> = seen.lock().unwrap()[1..]
        .iter()
        .map(|(request, _)| {
            let body: serde_json::Value = serde_json::from_slice(request.body.as_bytes()).unwrap();
            body["Session"].as_str().unwrap().to_owned()
        })
        .collect();
    let distinct: std::collections::BTreeSet<_> = sessions.iter().collect();
    assert_eq!(distinct.len(), 3, "{sessions:?}");
}

#[tokio::test]
async fn a_temporary_password_is_replaced_with_the_attributes_that_were_missing() {
    let mut world = world(true);
    world.pool.required_attributes = vec!["name".to_owned()];
    world.users[0].status = UserStatus::ForceChangePassword;
    for flow in [AuthFlowType::UserSrp, AuthFlowType::UserPassword] {
        let (mut client, _) = in_process(&world);
        let step = client.sign_in(sign_in(flow)).await.unwrap();
        assert_eq!(
            step,
            NextStep::ConfirmSignInWithNewPassword {
                missing_attributes: vec!["name".to_owned()]
            },
            "{flow}"
        );
        let step = client
            .confirm_sign_in(ConfirmSignIn {
                user_attributes: [("name".to_owned(), "Alice".to_owned())].into(),
                ..answer("New-Passw0rd!")
            })
            .await;
        assert_eq!(step, Ok(NextStep::Done), "{flow}");
    }
}

#[tokio::test]
async fn two_states_of_a_user_are_next_steps() {
    for (status, step) in [
        (UserStatus::Unconfirmed, NextStep::ConfirmSignUp),
        (UserStatus::ResetRequired, NextStep::ResetPassword),
    ] {
        let mut world = world(false);
        world.users[0].status = status;
        let (mut client, _) = in_process(&world);
        let got = client.sign_in(sign_in(AuthFlowType::UserPassword)).await;
        assert_eq!(got, Ok(step), "{status:?}");
    }
}

#[tokio::test]
async fn a_user_who_was_migrated_by_password_signs_in_by_srp_afterwards() {
    let mut world = world(false);
    world.users.clear();
    world.triggers.migration = Some(MigrationScript {
        directory: BTreeMap::from([(EMAIL.to_owned(), PASSWORD.to_owned())]),
        attributes: BTreeMap::from([("email".to_owned(), EMAIL.to_owned())]),
        final_user_status: Some("CONFIRMED".to_owned()),
        message_action: Some("SUPPRESS".to_owned()),
        force_alias_creation: false,
        throws: None,
    });
    let (mut client, _) = in_process(&world);
    let before = client.sign_in(sign_in(AuthFlowType::UserSrp)).await;
    assert!(before.is_err(), "SRP cannot migrate: {before:?}");
    for flow in [AuthFlowType::UserPassword, AuthFlowType::UserSrp] {
        let step = client.sign_in(sign_in(flow)).await;
        assert_eq!(step, Ok(NextStep::Done), "{flow}");
    }
}

#[tokio::test]
async fn a_password_is_reset_by_the_code_that_was_sent() {
    let world = world(true);
    let shared = Arc::new(Mutex::new(pool_of(&world)));
    let transport = {
        let shared = shared.clone();
        move |request: HttpRequest| Ok::<_, TransportError>(shared.lock().unwrap().handle(&request))
    };
    let mut client = client(&world, transport);
    let none = Parameters::new();
    let step = client.reset_password(EMAIL, &none).await.unwrap();
    assert_eq!(step.name(), "CONFIRM_RESET_PASSWORD_WITH_CODE");
    let code = shared
        .lock()
        .unwrap()
        .code_for(ALICE)
        .expect("a code was sent")
        .to_owned();
    let new = "New-Passw0rd!";
    let refused = client
        .confirm_reset_password(EMAIL, "not-it", new, &none)
        .await;
    assert_eq!(refused.unwrap_err().name(), "CodeMismatchException");
    client
        .confirm_reset_password(EMAIL, &code, new, &none)
        .await
        .unwrap();
    let request = SignInRequest {
        password: Some(new.to_owned()),
        ..sign_in(AuthFlowType::UserSrp)
    };
    assert_eq!(client.sign_in(request).await, Ok(NextStep::Done));
}
