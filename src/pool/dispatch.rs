//! Which operation answers a request.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::Function;
use crate::pool::answered::{Answered, What};
use crate::pool::core::Pool;
use crate::pool::state::outside::{Invocation, Said};
use crate::pool::state::random::PoolRandom;
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::members::text;
use crate::pool::wire::shape;
use crate::wire::admin::{AdminOneDevice, AdminSetUserMfaPreference, OneUser};
use crate::wire::{HttpRequest, HttpResponse, Operation};

impl Pool {
    /// Answers one request. Any octets get an answer.
    ///
    /// `GET <anything>/<pool id>/.well-known/jwks.json` gets the key set, and `openid-configuration` beside it what verifiers
    /// look for; everything else is an operation. Functions outside of this program are waited for.
    pub fn handle(&mut self, request: &HttpRequest) -> HttpResponse {
        if let Some(document) = self.document(request) {
            return document.finish();
        }
        let asked = Asked::read(request);
        let mut progress = Progress::default();
        loop {
            match self.attempt(&asked, &mut progress) {
                Attempt::Answered(answered) => return answered.finish(),
                Attempt::WaitsFor(invocation) => progress.said.push(invocation.run()),
            }
        }
    }

    /// Answers one request as far as it can be answered without asking anybody. An attempt that has to wait for a function
    /// outside leaves the pool as it was, so that others can be served meanwhile; it is made again, from the beginning, once
    /// the function has been asked.
    pub(in crate::pool) fn attempt(
        &mut self,
        asked: &Answer<Asked>,
        progress: &mut Progress,
    ) -> Attempt {
        self.outside.begin(&progress.said);
        if !self.asks_outside() {
            return Attempt::Answered(self.answer(asked));
        }
        let random = progress.random.get_or_insert_with(|| self.random.fork());
        match self.try_with(random.clone(), |pool| pool.answer(asked)) {
            Ok(answered) => Attempt::Answered(answered),
            Err(invocation) => Attempt::WaitsFor(invocation),
        }
    }

    fn answer(&mut self, asked: &Answer<Asked>) -> Answered {
        let request_id = self.random.uuid();
        let answer = match asked {
            Ok(asked) => self.run_operation(&asked.operation, &asked.members),
            Err(error) => Err(error.clone()),
        };
        self.answered(What::Operation {
            answer,
            request_id,
            responses: self.policy.responses.clone(),
            errors: self.policy.errors.clone(),
        })
    }

    /// Whether an answer takes a bounded time: nobody outside has to be asked, and no rare values are looked for.
    pub(in crate::pool) fn answers_at_once(&self) -> bool {
        self.world.steering.is_empty() && !self.asks_outside()
    }

    /// What is published under `/.well-known/`, if that is what a request wants.
    pub(in crate::pool) fn document(&self, request: &HttpRequest) -> Option<Answered> {
        let well_known = format!("/{}/.well-known/", self.world.pool.id);
        let (_, document) = request.path.split_once(&well_known)?;
        match document {
            _ if request.method != "GET" => None,
            "jwks.json" => Some(self.answered(What::Keys)),
            "openid-configuration" => {
                Some(self.answered(What::Document(self.openid_configuration())))
            }
            _ => None,
        }
    }

    fn answered(&self, what: What) -> Answered {
        Answered {
            what,
            keys: self.keys.clone(),
            signing: self.signing,
            stub_signature: self.policy.tokens.stub_signature,
        }
    }

    /// What `/.well-known/openid-configuration` says.
    pub fn openid_configuration(&self) -> Value {
        let issuer = self.issuer();
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "token"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
    }

    /// Whether a function outside of this program may have to be asked.
    fn asks_outside(&self) -> bool {
        let mut functions = self.world.triggers.functions.values();
        functions.any(Function::is_outside)
    }

    fn run_operation(
        &mut self,
        operation: &Operation,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        use Operation as Op;
        match operation {
            Op::InitiateAuth => body(self.initiate_auth(&shape::initiate_auth(members)?, false)),
            Op::AdminInitiateAuth => {
                body(self.initiate_auth(&shape::initiate_auth(members)?, true))
            }
            Op::RespondToAuthChallenge | Op::AdminRespondToAuthChallenge => {
                let request = shape::respond_to_auth_challenge(members)?;
                body(self.respond_to_auth_challenge(&request))
            }
            Op::GetTokensFromRefreshToken => {
                body(self.get_tokens_from_refresh_token(&shape::typed(members)?))
            }
            Op::RevokeToken => self.revoke_token(&shape::typed(members)?),
            Op::GlobalSignOut => self.global_sign_out(&shape::typed(members)?),
            Op::ConfirmDevice => body(self.confirm_device(&shape::typed(members)?)),
            Op::UpdateDeviceStatus => self.update_device_status(&shape::typed(members)?),
            Op::GetDevice => {
                let (username, device) = self.device_of_bearer(&shape::typed(members)?)?;
                self.get_device(&username, &device)
            }
            Op::ForgetDevice => {
                let (username, device) = self.device_of_bearer(&shape::typed(members)?)?;
                self.forget_device(&username, &device)
            }
            Op::ListDevices => {
                let token = members.get("AccessToken").and_then(Value::as_str);
                let bearer = self.bearer(token.unwrap_or_default())?;
                self.list_devices(&bearer.username, members)
            }
            Op::AssociateSoftwareToken => {
                body(self.associate_software_token(&shape::typed(members)?))
            }
            Op::VerifySoftwareToken => body(self.verify_software_token(&shape::typed(members)?)),
            Op::ForgotPassword => body(self.forgot_password(&shape::typed(members)?)),
            Op::ConfirmForgotPassword => body(
                self.confirm_forgot_password(&shape::typed(members)?)
                    .map(|()| json!({})),
            ),
            Op::SignUp => body(self.sign_up(&shape::typed(members)?)),
            Op::ConfirmSignUp => body(self.confirm_sign_up(&shape::typed(members)?)),
            Op::ResendConfirmationCode => {
                body(self.resend_confirmation_code(&shape::typed(members)?))
            }
            Op::ChangePassword => self.change_password(&shape::typed(members)?),
            Op::GetUser => self.get_user(&shape::typed(members)?),
            Op::UpdateUserAttributes => body(self.update_user_attributes(&shape::typed(members)?)),
            Op::GetUserAttributeVerificationCode => {
                body(self.get_user_attribute_verification_code(&shape::typed(members)?))
            }
            Op::VerifyUserAttribute => self.verify_user_attribute(&shape::typed(members)?),
            Op::DeleteUser => self.delete_user(&shape::typed(members)?),
            Op::SetUserMfaPreference => self.set_user_mfa_preference(&shape::typed(members)?),
            Op::AdminCreateUser
            | Op::AdminSetUserPassword
            | Op::AdminConfirmSignUp
            | Op::AdminGetUser
            | Op::AdminDisableUser
            | Op::AdminEnableUser
            | Op::AdminResetUserPassword
            | Op::AdminUpdateUserAttributes
            | Op::AdminSetUserMfaPreference
            | Op::AdminDeleteUser
            | Op::AdminUserGlobalSignOut
            | Op::AdminListDevices
            | Op::AdminGetDevice
            | Op::AdminForgetDevice
            | Op::ListUsers => self.administer(operation, members),
            Op::UpdateUserPool
            | Op::DescribeUserPool
            | Op::SetUserPoolMfaConfig
            | Op::GetUserPoolMfaConfig
            | Op::CreateUserPoolClient
            | Op::UpdateUserPoolClient
            | Op::DescribeUserPoolClient
            | Op::DeleteUserPoolClient
            | Op::ListUserPoolClients => self.set_up(operation, members),
            other => Err(errors::operation_not_offered(other)),
        }
    }

    /// Runs an administrator's operation on users. Signatures are not looked at.
    fn administer(&mut self, operation: &Operation, members: &Map<String, Value>) -> Answer<Value> {
        use Operation as Op;
        match operation {
            Op::AdminCreateUser => self.admin_create_user(&shape::typed(members)?),
            Op::AdminSetUserPassword => self.admin_set_user_password(&shape::typed(members)?),
            Op::AdminUpdateUserAttributes => {
                self.admin_update_user_attributes(&shape::typed(members)?)
            }
            Op::AdminSetUserMfaPreference => {
                let request: AdminSetUserMfaPreference = shape::typed(members)?;
                let username = self.administered(&request.user_pool_id, &request.username)?;
                self.set_factors(&username, &request.settings)
            }
            Op::AdminListDevices => {
                let user: OneUser = shape::typed(members)?;
                let username = self.administered(&user.user_pool_id, &user.username)?;
                self.list_devices(&username, members)
            }
            Op::AdminGetDevice | Op::AdminForgetDevice => {
                let request: AdminOneDevice = shape::typed(members)?;
                let username = self.administered(&request.user_pool_id, &request.username)?;
                match operation {
                    Op::AdminGetDevice => self.get_device(&username, &request.device_key),
                    _ => self.forget_device(&username, &request.device_key),
                }
            }
            Op::ListUsers => self.list_users(&shape::typed(members)?),
            _ => self.administer_one(operation, &shape::typed(members)?),
        }
    }

    /// Operations that need a user and nothing else.
    fn administer_one(&mut self, operation: &Operation, request: &OneUser) -> Answer<Value> {
        use Operation as Op;
        let username = self.administered(&request.user_pool_id, &request.username)?;
        match operation {
            Op::AdminConfirmSignUp => {
                self.confirm_without_code(&username, request.client_metadata.as_ref())?;
            }
            Op::AdminGetUser => return self.admin_get_user(&username),
            Op::AdminDisableUser => self.admin_disable_user(&username),
            Op::AdminEnableUser => self.admin_enable_user(&username),
            Op::AdminResetUserPassword => self.admin_reset_user_password(&username)?,
            Op::AdminDeleteUser => self.remove_user(&username),
            Op::AdminUserGlobalSignOut => self.grants.revoke_all(&username),
            other => return Err(errors::operation_not_offered(other)),
        }
        Ok(json!({}))
    }

    /// Runs an operation on the pool's settings or its app clients.
    fn set_up(&mut self, operation: &Operation, members: &Map<String, Value>) -> Answer<Value> {
        use Operation as Op;
        self.refuse_other_pool(text(members, "UserPoolId").unwrap_or_default())?;
        match operation {
            Op::UpdateUserPool => self.update_user_pool(members),
            Op::DescribeUserPool => Ok(json!({ "UserPool": self.describe() })),
            Op::SetUserPoolMfaConfig => self.set_user_pool_mfa_config(members),
            Op::GetUserPoolMfaConfig => Ok(self.described_mfa()),
            Op::CreateUserPoolClient => self.create_user_pool_client(members),
            Op::UpdateUserPoolClient => self.update_user_pool_client(members),
            Op::DescribeUserPoolClient => self.describe_user_pool_client(members),
            Op::DeleteUserPoolClient => self.delete_user_pool_client(members),
            Op::ListUserPoolClients => self.list_user_pool_clients(members),
            other => Err(errors::operation_not_offered(other)),
        }
    }
}

/// What a request asks for.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Asked {
    /// The operation.
    pub(in crate::pool) operation: Operation,
    /// The members of its body, which keep to the service model.
    pub(in crate::pool) members: Map<String, Value>,
}

impl Asked {
    /// Reads a request.
    pub(in crate::pool) fn read(request: &HttpRequest) -> Answer<Self> {
        let operation = operation(request)?;
        let members = shape::body(request)?;
        shape::check(&operation, &members)?;
        Ok(Self { operation, members })
    }
}

/// How far a request has come that has to wait for functions outside.
#[derive(Debug, Default)]
pub(in crate::pool) struct Progress {
    /// What they have said so far.
    pub(in crate::pool) said: Vec<Said>,
    /// Where the values come from that differ each time: the same for each attempt.
    random: Option<PoolRandom>,
}

/// What became of an attempt to answer a request.
#[derive(Debug)]
pub(in crate::pool) enum Attempt {
    /// It was answered.
    Answered(Answered),
    /// A function outside has to be asked first.
    WaitsFor(Invocation),
}

fn body(answer: Answer<impl Serialize>) -> Answer<Value> {
    answer.map(|body| json!(body))
}

fn operation(request: &HttpRequest) -> Answer<Operation> {
    if request.method != "POST" {
        return Err(errors::unknown_operation(format!(
            "expected POST /, got {} {}",
            errors::shortened(&request.method),
            errors::shortened(&request.path)
        )));
    }
    let target = request.header("x-amz-target").unwrap_or_default();
    Operation::from_target(target).ok_or_else(|| {
        errors::unknown_operation(format!(
            "expected a header X-Amz-Target: {}.<Operation>, got '{}'",
            Operation::TARGET_PREFIX,
            errors::shortened(target)
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{
        AppClient, Clock, ExplicitAuthFlow, MfaConfiguration, MfaMethod, Steering, TriggerName,
        Triggers, User, UserMfa, UserPool, World,
    };
    use crate::pool::Policy;
    use crate::srp::{self, BigUint};
    use crate::wire::event::{Event, PoolNote};

    /// Triggers whose functions are asked after something has changed.
    const LATE: [TriggerName; 4] = [
        TriggerName::PostAuthentication,
        TriggerName::PreTokenGeneration,
        TriggerName::PostConfirmation,
        TriggerName::DefineAuthChallenge,
    ];

    #[test]
    fn a_request_that_waits_for_a_function_leaves_the_pool_as_it_was() {
        for trigger in LATE {
            let mut waited = 0;
            for request in &requests() {
                let mut pool = pool_asking(trigger);
                let before = format!("{pool:?}");
                let attempt = pool.attempt(&Asked::read(request), &mut Progress::default());
                if matches!(attempt, Attempt::WaitsFor(_)) {
                    waited += 1;
                    let after = format!("{pool:?}");
                    assert!(after == before, "{trigger:?}: {request:?}");
                }
            }
            assert!(waited > 0, "{trigger:?}: some request waits for it");
        }
    }

    #[test]
    fn a_function_is_told_the_same_each_time_and_what_it_was_told_comes_true() {
        let mut pool = pool_asking(TriggerName::PostConfirmation);
        let sign_up = |name: &str| {
            Asked::read(&calling(
                "SignUp",
                &json!({ "ClientId": "client", "Username": name, "Password": "Passw0rd!" }),
            ))
        };
        let confirms = Said::Response(json!({ "autoConfirmUser": true }));
        let functions = &mut pool.world.triggers.functions;
        functions.insert(
            TriggerName::PreSignUp,
            Function::Respond(json!({ "autoConfirmUser": true })),
        );
        let (first, second) = (sign_up("bob@example.com"), sign_up("eve@example.com"));
        let mut progress = Progress::default();
        let told = |attempt: Attempt| match attempt {
            Attempt::WaitsFor(invocation) => invocation.event,
            Attempt::Answered(answered) => panic!("answered: {answered:?}"),
        };
        let event = told(pool.attempt(&first, &mut progress));
        let sub = &event["request"]["userAttributes"]["sub"];
        let other = told(pool.attempt(&second, &mut Progress::default()));
        assert_ne!(
            *sub, other["request"]["userAttributes"]["sub"],
            "another user who signs up meanwhile has another sub"
        );
        assert_eq!(
            told(pool.attempt(&first, &mut progress)),
            event,
            "asked again"
        );
        progress.said.push(confirms);
        let Attempt::Answered(answered) = pool.attempt(&first, &mut progress) else {
            panic!("it waits for nothing more");
        };
        let body: Value = serde_json::from_slice(answered.finish().body.as_bytes()).unwrap();
        assert_eq!(body["UserSub"], *sub, "the sub that the function was told");
    }

    #[test]
    fn what_a_request_used_up_is_there_again_while_it_waits() {
        for (trigger, uses_up) in [
            (
                TriggerName::PostAuthentication,
                a_failure_is_forgiven as Story,
            ),
            (TriggerName::PostAuthentication, a_block_is_answered),
            (TriggerName::PostAuthentication, a_code_is_given),
            (TriggerName::PostConfirmation, a_forgotten_password_is_set),
            (TriggerName::PreTokenGeneration, a_refresh_token_is_replaced),
            (TriggerName::DefineAuthChallenge, a_private_value_is_known),
        ] {
            let mut pool = pool_asking(trigger);
            let mut answers = Vec::new();
            let mut waited = 0;
            while let Some(request) = uses_up(&mut pool, &answers) {
                let asked = Asked::read(&request);
                let mut progress = Progress::default();
                let body: Value = loop {
                    let before = format!("{pool:?}");
                    match pool.attempt(&asked, &mut progress) {
                        Attempt::Answered(answered) => {
                            let response = answered.finish();
                            break serde_json::from_slice(response.body.as_bytes()).unwrap();
                        }
                        Attempt::WaitsFor(_) => {
                            waited += 1;
                            let after = format!("{pool:?}");
                            assert!(after == before, "{trigger:?}: {request:?}");
                            progress.said.push(Said::Response(json!({
                                "challengeName": "PASSWORD_VERIFIER",
                                "issueTokens": false, "failAuthentication": false,
                            })));
                        }
                    }
                };
                answers.push(body);
            }
            assert!(
                waited > 0,
                "{trigger:?}: some request waits for it: {answers:?}"
            );
            let last = answers.last().expect("an answer");
            assert_eq!(last.get("__type"), None, "{trigger:?}: {last}");
        }
    }

    /// The request that follows some answers, until there is none.
    type Story = fn(&mut Pool, &[Value]) -> Option<HttpRequest>;

    fn a_failure_is_forgiven(_: &mut Pool, answers: &[Value]) -> Option<HttpRequest> {
        let password = ["wrong", "Passw0rd!"].get(answers.len())?;
        Some(with_password(password))
    }

    fn a_block_is_answered(_: &mut Pool, answers: &[Value]) -> Option<HttpRequest> {
        let a = BigUint::from_bytes_be(&[0x9d; 128]);
        let a_pub = srp::client_public(&srp::Dialect::cognito(), &a).expect("a legal A");
        let [challenge] = answers else {
            let parameters = json!({ "USERNAME": "ada", "SRP_A": srp::to_hex(&a_pub) });
            return answers
                .is_empty()
                .then(|| sign_in("USER_SRP_AUTH", &parameters));
        };
        Some(answer(
            challenge,
            "PASSWORD_VERIFIER",
            &proof(&challenge["ChallengeParameters"], &a),
        ))
    }

    fn a_code_is_given(pool: &mut Pool, answers: &[Value]) -> Option<HttpRequest> {
        let [challenge] = answers else {
            return answers.is_empty().then(|| {
                let parameters = json!({ "USERNAME": "mail", "PASSWORD": "Passw0rd!" });
                sign_in("USER_PASSWORD_AUTH", &parameters)
            });
        };
        let code = json!({ "USERNAME": "mail", "EMAIL_OTP_CODE": code_sent_by(pool) });
        Some(answer(challenge, "EMAIL_OTP", &code))
    }

    fn a_forgotten_password_is_set(pool: &mut Pool, answers: &[Value]) -> Option<HttpRequest> {
        match answers {
            [] => Some(calling(
                "ForgotPassword",
                &json!({ "ClientId": "client", "Username": "mail" }),
            )),
            [_] => Some(calling(
                "ConfirmForgotPassword",
                &json!({
                    "ClientId": "client", "Username": "mail", "Password": "An0ther-one!",
                    "ConfirmationCode": code_sent_by(pool),
                }),
            )),
            _ => None,
        }
    }

    fn code_sent_by(pool: &mut Pool) -> String {
        let sent = pool
            .take_events()
            .into_iter()
            .find_map(|event| match event {
                Event::Noted(PoolNote::Sent { text, .. }) => Some(text),
                _ => None,
            });
        sent.expect("a code was sent")
    }

    fn a_refresh_token_is_replaced(pool: &mut Pool, answers: &[Value]) -> Option<HttpRequest> {
        match answers {
            [] => {
                pool.world.pool.devices = None;
                Some(with_password("Passw0rd!"))
            }
            [signed_in] => Some(calling(
                "GetTokensFromRefreshToken",
                &json!({
                    "ClientId": "client",
                    "RefreshToken": signed_in["AuthenticationResult"]["RefreshToken"],
                }),
            )),
            _ => None,
        }
    }

    fn a_private_value_is_known(pool: &mut Pool, answers: &[Value]) -> Option<HttpRequest> {
        pool.tell_private_values([BigUint::from(7_u8)]);
        answers.is_empty().then(|| {
            let parameters = json!({ "USERNAME": "ada", "CHALLENGE_NAME": "SRP_A", "SRP_A": "a3" });
            sign_in("CUSTOM_AUTH", &parameters)
        })
    }

    fn with_password(password: &str) -> HttpRequest {
        let parameters = json!({ "USERNAME": "ada", "PASSWORD": password });
        sign_in("USER_PASSWORD_AUTH", &parameters)
    }

    fn answer(challenge: &Value, name: &str, responses: &Value) -> HttpRequest {
        calling(
            "RespondToAuthChallenge",
            &json!({
                "ClientId": "client", "ChallengeName": name, "Session": challenge["Session"],
                "ChallengeResponses": responses,
            }),
        )
    }

    fn proof(parameters: &Value, a: &BigUint) -> Value {
        let text = |name: &str| parameters[name].as_str().expect("a string");
        let (_, scope) = POOL.split_once('_').expect("an underscore");
        let credentials = srp::Credentials {
            scope,
            user: text("USER_ID_FOR_SRP"),
            password: b"Passw0rd!",
        };
        let salt = srp::Salt::from_hex(text("SALT")).expect("hexadecimal");
        let b_pub = srp::parse_hex(text("SRP_B")).expect("hexadecimal");
        let dialect = srp::Dialect::cognito();
        let session = srp::client_session(&dialect, &credentials, a, &salt, &b_pub);
        let timestamp = srp::Timestamp::from_unix(NOW);
        let claim = srp::claim(
            &session.expect("legal values").key,
            &srp::ClaimInput {
                scope,
                user: text("USER_ID_FOR_SRP"),
                secret_block: &srp::parse_base64(text("SECRET_BLOCK")).expect("base64"),
                timestamp: timestamp.as_str(),
            },
        );
        json!({
            "USERNAME": text("USERNAME"),
            "PASSWORD_CLAIM_SECRET_BLOCK": text("SECRET_BLOCK"),
            "TIMESTAMP": timestamp.as_str(),
            "PASSWORD_CLAIM_SIGNATURE": claim.signature_b64(),
        })
    }

    fn sign_in(flow: &str, parameters: &Value) -> HttpRequest {
        let body = json!({ "AuthFlow": flow, "ClientId": "client", "AuthParameters": parameters });
        calling("InitiateAuth", &body)
    }

    fn calling(operation: &str, body: &Value) -> HttpRequest {
        HttpRequest::calling(operation, body)
    }

    /// Requests of each kind that has changed something by the time at which a late function is asked.
    fn requests() -> Vec<HttpRequest> {
        vec![
            sign_in(
                "USER_PASSWORD_AUTH",
                &json!({ "USERNAME": "ada", "PASSWORD": "Passw0rd!" }),
            ),
            sign_in(
                "CUSTOM_AUTH",
                &json!({ "USERNAME": "ada", "CHALLENGE_NAME": "SRP_A", "SRP_A": "a3" }),
            ),
            calling(
                "AdminConfirmSignUp",
                &json!({ "UserPoolId": POOL, "Username": "new" }),
            ),
        ]
    }

    fn pool_asking(trigger: TriggerName) -> Pool {
        let outside = || Function::Http("http://127.0.0.1:9".to_owned());
        let mut functions = BTreeMap::from([(trigger, outside())]);
        if trigger == TriggerName::DefineAuthChallenge {
            functions.insert(TriggerName::CreateAuthChallenge, outside());
            functions.insert(TriggerName::VerifyAuthChallengeResponse, outside());
        }
        let user = |name: &str, sub: &str| User {
            password: Some("Passw0rd!".to_owned()),
            ..User::new(name, sub)
        };
        let world = World {
            pool: UserPool {
                mfa: MfaConfiguration::Optional,
                mfa_methods: vec![MfaMethod::EmailOtp],
                devices: Some(crate::model::DeviceTracking {
                    challenge_required_on_new_device: true,
                    only_remembered_on_user_prompt: false,
                }),
                ..UserPool::new(POOL)
            },
            clients: vec![AppClient {
                explicit_auth_flows: vec![
                    ExplicitAuthFlow::AllowUserPasswordAuth,
                    ExplicitAuthFlow::AllowUserSrpAuth,
                    ExplicitAuthFlow::AllowCustomAuth,
                    ExplicitAuthFlow::AllowRefreshTokenAuth,
                ],
                rotation_grace_seconds: Some(0),
                ..AppClient::new("client")
            }],
            users: vec![
                user("ada", "11111111-2222-4333-8444-555555555555"),
                User {
                    status: crate::model::UserStatus::Unconfirmed,
                    ..user("new", "11111111-2222-4333-8444-666666666666")
                },
                User {
                    attributes: BTreeMap::from([
                        ("email".to_owned(), "mail@example.com".to_owned()),
                        ("email_verified".to_owned(), "true".to_owned()),
                    ]),
                    mfa: UserMfa {
                        enabled: vec![MfaMethod::EmailOtp],
                        ..UserMfa::default()
                    },
                    ..user("mail", "11111111-2222-4333-8444-777777777777")
                },
            ],
            triggers: Triggers {
                functions,
                ..Triggers::default()
            },
            clock: Clock::Fixed(NOW),
            steering: Steering::default(),
            seed: 1,
        };
        let mut pool = Pool::new(world, Policy::default()).expect("a right world");
        pool.derive_verifiers();
        pool
    }

    const POOL: &str = "eu-west-1_Waiting01";
    const NOW: i64 = 1_709_629_623;
}
