//! `SignUp`, `ConfirmSignUp` and `ResendConfirmationCode`, and the two triggers around them (developer guide: signing up and
//! confirming user accounts; pre sign-up and post confirmation Lambda triggers).

use serde_json::{Map, Value};

use crate::model::{AppClient, ExplicitAuthFlow, FirstFactor, TriggerName, User, UserStatus};
use crate::pool::accounts::attributes::{self, ADDRESSES, NewName};
use crate::pool::core::Pool;
use crate::pool::state::codes::{Delivery, Waits};
use crate::pool::state::directory::{Account, verified_flag};
use crate::pool::state::sessions::Awaits;
use crate::pool::state::sign_in::SignIn;
use crate::pool::state::subject::Subject;
use crate::pool::triggers::trigger::{Run, insert_map};
use crate::pool::wire::errors::{self, Answer};
use crate::wire::Parameters;
use crate::wire::message::ForgotPasswordResponse;
use crate::wire::user::{
    Attribute, ConfirmSignUp, ConfirmSignUpResponse, ResendConfirmationCode, SignUp, SignUpResponse,
};

/// What PreSignUp is told, beside who signs up.
pub(in crate::pool) struct Applying<'a> {
    /// `PreSignUp_SignUp` or `PreSignUp_AdminCreateUser`.
    pub(in crate::pool) source: &'a str,
    /// `callerContext.clientId`.
    pub(in crate::pool) client: &'a str,
    /// `ValidationData`.
    pub(in crate::pool) validation: Option<&'a [Attribute]>,
    /// `ClientMetadata`.
    pub(in crate::pool) metadata: Option<&'a Parameters>,
}

/// What PreSignUp decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pool) struct Admitted {
    /// `autoConfirmUser`.
    confirms: bool,
    /// The attributes that `autoVerifyEmail` and `autoVerifyPhone` are about.
    verifies: Vec<&'static str>,
}

impl Pool {
    /// Makes a user, who has to confirm. The order of the checks is inferred.
    pub(in crate::pool) fn sign_up(&mut self, request: &SignUp) -> Answer<SignUpResponse> {
        let client = self.client(&request.client_id)?;
        let typed = &request.username;
        self.check_secret_hash(&client, typed, request.secret_hash.as_ref())?;
        if self.world.pool.admin_create_user_only {
            return Err(errors::sign_up_off());
        }
        let mut given = attributes::listed(request.user_attributes.as_deref());
        attributes::refuse_unauthorized(&given)?;
        attributes::refuse_impossible(&given)?;
        let name = self.name_of_new_user(typed, &mut given)?;
        self.refuse_incomplete(&given)?;
        match &request.password {
            Some(password) => self.refuse_password(password)?,
            None if self.signs_in_by_codes() => {}
            None => return Err(errors::password_needed()),
        }
        // Told whether or not existence is hidden (developer guide, managing error responses).
        if self.directory.find(typed).is_some() {
            return Err(errors::username_exists());
        }
        self.refuse_taken_names(&name.username, &given)?;
        let admitted = self.pre_sign_up(
            &Applying {
                source: "PreSignUp_SignUp",
                client: &client.id,
                validation: request.validation_data.as_deref(),
                metadata: request.client_metadata.as_ref(),
            },
            &name.username,
            &given,
        )?;
        for attribute in &admitted.verifies {
            // Documented as an error, without its type or text.
            if !given.contains_key(*attribute) {
                return Err(errors::unrecognizable_output());
            }
        }

        let sub = name.sub.clone();
        let subject = self.add_signed_up(name, typed, given, &admitted);
        if let Some(password) = &request.password {
            self.set_password(&subject.id, password);
        }
        self.note_status(&subject.id);
        let may_choose = allows_choice(&client);
        if admitted.confirms {
            let metadata = request.client_metadata.as_ref();
            self.post_confirmation(SIGN_UP_CONFIRMED, &client.id, &subject, metadata)?;
            return Ok(SignUpResponse {
                user_confirmed: true,
                user_sub: sub,
                code_delivery_details: None,
                session: may_choose.then(|| self.session_after_sign_up(&client, subject)),
            });
        }
        let delivery = self.sign_up_delivery(&subject.id);
        if let Some(delivery) = &delivery {
            self.send_waiting_code(&subject.id, delivery, Waits::SignUp);
        }
        let session = may_choose.then(|| {
            let sign_in = SignIn::new(&client, subject);
            self.open_session(&client, sign_in, Awaits::SignUp)
        });
        Ok(SignUpResponse {
            user_confirmed: false,
            user_sub: sub,
            code_delivery_details: delivery.map(|delivery| delivery.details()),
            session,
        })
    }

    /// Confirms a user by the code that was sent. A Session is answered with one that `USER_AUTH` takes (service model:
    /// `ConfirmSignUpRequest.Session`). Without one there is none, and `USER_AUTH` asks for a factor (reported:
    /// aws-amplify/amplify-android#3136, aws-amplify/amplify-swift#4090).
    pub(in crate::pool) fn confirm_sign_up(
        &mut self,
        request: &ConfirmSignUp,
    ) -> Answer<ConfirmSignUpResponse> {
        let client = self.client(&request.client_id)?;
        let typed = &request.username;
        self.check_secret_hash(&client, typed, request.secret_hash.as_ref())?;
        let subject = self.code_owner(&client, typed)?;
        if let Some(text) = request.session.as_deref() {
            let challenge = Awaits::SignUp.challenge();
            let session = self
                .sessions
                .answerable(Some(text), &client, &challenge, self.now())?;
            if session.sign_in.subject.id != subject.id {
                return Err(errors::invalid_session());
            }
        }
        let account = self.confirmable(&subject.id)?;
        let mut attributes = account.user.attributes.clone();
        let (waits, given) = (Waits::SignUp, &request.confirmation_code);
        let verified = self.codes.check(&subject.id, waits, given, self.now())?;
        attributes.insert(verified_flag(verified), "true".to_owned());
        if request.force_alias_creation != Some(true) {
            self.refuse_taken_names(&subject.id, &attributes)?;
        }

        self.confirm(&subject.id, attributes);
        let metadata = request.client_metadata.as_ref();
        self.post_confirmation(SIGN_UP_CONFIRMED, &client.id, &subject, metadata)?;
        let session = request.session.as_deref().map(|text| {
            self.sessions.close(Some(text));
            self.session_after_sign_up(&client, subject)
        });
        Ok(ConfirmSignUpResponse { session })
    }

    /// Sends another code for a sign-up; the one before is void.
    pub(in crate::pool) fn resend_confirmation_code(
        &mut self,
        request: &ResendConfirmationCode,
    ) -> Answer<ForgotPasswordResponse> {
        let client = self.client(&request.client_id)?;
        let typed = &request.username;
        self.check_secret_hash(&client, typed, request.secret_hash.as_ref())?;
        let Some(subject) = self.known(typed) else {
            if self.hides_existence(&client) {
                return Ok(ForgotPasswordResponse {
                    code_delivery_details: Some(self.simulated_delivery(typed).details()),
                });
            }
            return Err(errors::no_such_combination());
        };
        if self.user_status(&subject.id) != Some(UserStatus::Unconfirmed) {
            return Err(errors::already_confirmed());
        }
        let delivery = self
            .sign_up_delivery(&subject.id)
            .ok_or_else(errors::cannot_resend)?;
        self.send_waiting_code(&subject.id, &delivery, Waits::SignUp);
        Ok(ForgotPasswordResponse {
            code_delivery_details: Some(delivery.details()),
        })
    }

    /// Confirms a sign-up without its code; nothing is verified by that.
    pub(in crate::pool) fn confirm_without_code(
        &mut self,
        username: &str,
        metadata: Option<&Parameters>,
    ) -> Answer<()> {
        let attributes = self.confirmable(username)?.user.attributes.clone();
        self.refuse_taken_names(username, &attributes)?;
        self.confirm(username, attributes);
        let subject = Subject {
            id: username.to_owned(),
            typed: username.to_owned(),
            real: true,
        };
        self.post_confirmation(SIGN_UP_CONFIRMED, NO_CLIENT, &subject, metadata)
    }

    /// PreSignUp, when it is configured.
    pub(in crate::pool) fn pre_sign_up(
        &mut self,
        applying: &Applying<'_>,
        username: &str,
        attributes: &Parameters,
    ) -> Answer<Admitted> {
        let mut request = Map::new();
        request.insert("userAttributes".to_owned(), serde_json::json!(attributes));
        let validation = attributes::listed(applying.validation);
        insert_map(&mut request, "validationData", Some(&validation));
        insert_map(&mut request, "clientMetadata", applying.metadata);
        let run = Run {
            trigger: TriggerName::PreSignUp,
            source: applying.source.to_owned(),
            client: applying.client,
            user_name: username,
            request,
        };
        let Some(response) = self.run_trigger(run, None)? else {
            return Ok(Admitted::default());
        };
        let flag = |name: &str| match response.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(errors::unrecognizable_output()),
        };
        let mut verifies = Vec::new();
        for (name, attribute) in [
            ("autoVerifyEmail", "email"),
            ("autoVerifyPhone", "phone_number"),
        ] {
            if flag(name)? {
                verifies.push(attribute);
            }
        }
        Ok(Admitted {
            confirms: flag("autoConfirmUser")?,
            verifies,
        })
    }

    /// PostConfirmation, when it is configured.
    pub(in crate::pool) fn post_confirmation(
        &mut self,
        source: &str,
        client: &str,
        subject: &Subject,
        metadata: Option<&Parameters>,
    ) -> Answer<()> {
        let mut request = Map::new();
        request.insert(
            "userAttributes".to_owned(),
            self.trigger_attributes(subject),
        );
        insert_map(&mut request, "clientMetadata", metadata);
        let run = Run {
            trigger: TriggerName::PostConfirmation,
            source: source.to_owned(),
            client,
            user_name: &subject.id,
            request,
        };
        self.run_trigger(run, None).map(|_| ())
    }

    fn add_signed_up(
        &mut self,
        name: NewName,
        typed: &str,
        mut attributes: Parameters,
        admitted: &Admitted,
    ) -> Subject {
        for address in ADDRESSES {
            if attributes.contains_key(address) {
                let is_verified = admitted.verifies.contains(&address);
                attributes.insert(verified_flag(address), is_verified.to_string());
            }
        }
        let username = name.username;
        let status = if admitted.confirms {
            UserStatus::Confirmed
        } else {
            UserStatus::Unconfirmed
        };
        let user = User {
            aliases: name.address.into_iter().collect(),
            status,
            attributes,
            ..User::new(username.clone(), name.sub)
        };
        self.directory.add(Account::new(user, self.now()));
        // Documented: an address that the trigger verifies is taken from whoever has it.
        if admitted.confirms || !admitted.verifies.is_empty() {
            self.take_names(&username);
        }
        Subject {
            id: username,
            typed: typed.to_owned(),
            real: true,
        }
    }

    /// The account, if it can be confirmed.
    fn confirmable(&self, username: &str) -> Answer<&Account> {
        let account = self
            .directory
            .find(username)
            .ok_or_else(errors::no_such_user)?;
        if !account.user.enabled && self.policy.users.refuses_disabled {
            return Err(errors::disabled());
        }
        match account.user.status {
            UserStatus::Unconfirmed => Ok(account),
            other => Err(errors::cannot_be_confirmed(other.as_str())),
        }
    }

    fn confirm(&mut self, username: &str, attributes: Parameters) {
        let now = self.now();
        if let Some(account) = self.directory.find_mut(username) {
            account.user.status = UserStatus::Confirmed;
            account.user.attributes = attributes;
            account.modified = now;
        }
        self.codes.void(username, Waits::SignUp);
        self.take_names(username);
        self.note_status(username);
    }

    /// To where the code of a sign-up goes: to the phone, where both addresses are to be verified (developer guide,
    /// verifying contact information).
    fn sign_up_delivery(&self, username: &str) -> Option<Delivery> {
        let account = self.directory.find(username)?;
        let wanted = &self.world.pool.auto_verified_attributes;
        ["phone_number", "email"]
            .into_iter()
            .filter(|attribute| wanted.iter().any(|wanted| wanted == attribute))
            .filter(|attribute| account.attribute(&verified_flag(attribute)) != Some("true"))
            .find_map(|attribute| Delivery::of_attribute(account, attribute))
    }

    /// A Session that stands in for a factor, since the user has just shown a code.
    fn session_after_sign_up(&mut self, client: &AppClient, subject: Subject) -> String {
        let awaits = Awaits::FirstFactor { among: Vec::new() };
        self.open_session(client, SignIn::new(client, subject), awaits)
    }

    /// Whether a user needs no password (service model: `SignUpRequest.Password`).
    fn signs_in_by_codes(&self) -> bool {
        let factors = &self.world.pool.first_factors;
        factors.contains(&FirstFactor::EmailOtp) || factors.contains(&FirstFactor::SmsOtp)
    }
}

fn allows_choice(client: &AppClient) -> bool {
    client
        .explicit_auth_flows
        .contains(&ExplicitAuthFlow::AllowUserAuth)
}

/// What stands in place of a client where an administrator acts; captured, many.
pub(in crate::pool) const NO_CLIENT: &str = "CLIENT_ID_NOT_APPLICABLE";
const SIGN_UP_CONFIRMED: &str = "PostConfirmation_ConfirmSignUp";
