//! Passwords: kept as verifiers, so that the password flow and the SRP flow check the same thing.
//!
//! A password that a world states is turned into its verifier when it is first needed. It is kept as it is only where x has
//! to be known later, for steering and for mistakes that make x depend on what was typed; and beside its verifier where a judge
//! looks for it in what applications send.

use crate::pool::core::Pool;
use crate::pool::policy::{SaltRule, UserIdForm};
use crate::pool::state::directory::Account;
use crate::pool::state::stored::Stored;
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::Answer;
use crate::srp::{BigUint, Credentials, Salt, verifier};

/// What a challenge needs to know of a password.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Secret {
    /// The salt.
    pub(in crate::pool) salt: Salt,
    /// The salt as it is sent.
    pub(in crate::pool) salt_text: String,
    /// v.
    pub(in crate::pool) v: BigUint,
}

impl Pool {
    /// Gives a user another password.
    pub(in crate::pool) fn set_password(&mut self, username: &str, password: &str) {
        let now = self.now();
        if let Some(account) = self.directory.find_mut(username) {
            account.user.password = Some(password.to_owned());
            account.stored = None;
            account.passwords += 1;
            account.imported = false;
            account.password_set = Some(now);
        }
        self.settle_password(username);
    }

    /// Whether this is the user's password. It takes as many powers for nobody as for somebody.
    fn password_is(&mut self, subject: &Subject, password: &str) -> bool {
        let user_id = self.user_id(subject);
        let secret = self.secret(subject, &user_id);
        let v = self.verifier_with(&user_id, password.as_bytes(), &secret.salt);
        let octets = |v: &BigUint| v.to_bytes_be();
        aws_lc_rs::constant_time::verify_slices_are_equal(&octets(&v), &octets(&secret.v)).is_ok()
            && subject.real
            && self
                .directory
                .find(&subject.id)
                .is_some_and(Account::has_password)
    }

    /// Takes a password in clear: a wrong one counts as a failed attempt, the right one forgets those before.
    pub(in crate::pool) fn check_password(
        &mut self,
        subject: &Subject,
        password: &str,
    ) -> Answer<()> {
        if !self.password_is(subject, password) {
            self.count_failure(subject);
            return Err(self.wrong_password());
        }
        self.lockouts.forget(&subject.id);
        Ok(())
    }

    /// What a challenge for this subject is made from. Nobody's salt is as stable as somebody's, and nobody's verifier is a
    /// number that no known x leads to.
    pub(in crate::pool) fn secret(&mut self, subject: &Subject, user_id: &str) -> Secret {
        self.settle_password(&subject.id);
        let (salt, salt_text) = self.salt(subject);
        let account = self.directory.find(&subject.id).filter(|_| subject.real);
        let v = match account.and_then(|account| account.stored.as_ref()) {
            Some(stored) => stored.v.clone(),
            None => match account.and_then(|account| account.user.password.clone()) {
                Some(password) => self.verifier_with(user_id, password.as_bytes(), &salt),
                None if self.keeps_passwords() => {
                    let decoy = self.random.stable("decoy", &subject.id);
                    self.verifier_with(user_id, &decoy, &salt)
                }
                None => self.decoy(&subject.id),
            },
        };
        Secret { salt, salt_text, v }
    }

    /// Turns every password into its verifier now, so that the first sign-in of somebody costs no more than that of nobody.
    pub fn derive_verifiers(&mut self) {
        let all: Vec<String> = self
            .directory
            .accounts()
            .map(|account| account.user.username.clone())
            .collect();
        for username in all {
            self.settle_password(&username);
        }
    }

    /// What goes into x and the claim.
    pub(in crate::pool) fn user_id(&self, subject: &Subject) -> String {
        match self.policy.srp.user_id {
            UserIdForm::Internal => subject.id.clone(),
            UserIdForm::AsTyped => subject.typed.clone(),
        }
    }

    /// g^x for this name, password and salt.
    pub(in crate::pool) fn verifier_with(
        &self,
        user_id: &str,
        password: &[u8],
        salt: &Salt,
    ) -> BigUint {
        let credentials = Credentials {
            scope: self.scope(),
            user: user_id,
            password,
        };
        verifier(&self.policy.dialect, &credentials, salt)
    }

    fn settle_password(&mut self, username: &str) {
        if self.keeps_passwords() {
            return;
        }
        let Some(account) = self
            .directory
            .find(username)
            .filter(|account| account.stored.is_none())
        else {
            return;
        };
        let (username, Some(password)) =
            (account.user.username.clone(), account.user.password.clone())
        else {
            return;
        };
        let subject = Subject {
            id: username.clone(),
            typed: username.clone(),
            real: true,
        };
        let (salt, _) = self.salt(&subject);
        let v = self.verifier_with(&username, password.as_bytes(), &salt);
        let remembers = self.remembers_passwords;
        if let Some(account) = self.directory.find_mut(&username) {
            account.stored = Some(Stored { salt, v });
            account.user.password = account.user.password.take().filter(|_| remembers);
        }
    }

    /// Whether x has to be known later on.
    fn keeps_passwords(&self) -> bool {
        !self.world.steering.is_empty()
            || self.policy.srp.user_id == UserIdForm::AsTyped
            || self.policy.srp.salt == SaltRule::FreshEachTime
    }

    /// A verifier that belongs to no password: a square modulo N, as real ones are, the same each time for a name.
    fn decoy(&self, id: &str) -> BigUint {
        let group = &self.policy.dialect.group;
        let octets: Vec<u8> = (0..group.octets().div_ceil(32))
            .flat_map(|part| self.random.stable("decoy", &format!("{part}\0{id}")))
            .collect();
        let root = BigUint::from_bytes_be(&octets);
        &root * &root % &group.n
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::{
        AppClient, Clock, ExplicitAuthFlow, Steering, Triggers, User, UserPool, World,
    };
    use crate::pool::Pool;
    use crate::pool::policy::Policy;
    use crate::srp::modexp::counted;
    use crate::wire::HttpRequest;

    #[test]
    fn somebody_and_nobody_cost_the_same_number_of_powers() {
        let mut pool = hiding_pool();
        pool.derive_verifiers();
        let mut costs = |username: &str| {
            let before = counted::powers();
            let challenge = send(
                &mut pool,
                "InitiateAuth",
                &json!({
                    "AuthFlow": "USER_SRP_AUTH", "ClientId": "client",
                    "AuthParameters": { "USERNAME": username, "SRP_A": "a3" },
                }),
            );
            let challenged = counted::powers();
            let parameters = &challenge["ChallengeParameters"];
            let refused = send(
                &mut pool,
                "RespondToAuthChallenge",
                &json!({
                    "ChallengeName": "PASSWORD_VERIFIER", "ClientId": "client",
                    "ChallengeResponses": {
                        "USERNAME": parameters["USERNAME"],
                        "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
                        "PASSWORD_CLAIM_SIGNATURE": "AAAA", "TIMESTAMP": "Tue Mar 5 09:07:03 UTC 2024",
                    },
                }),
            );
            assert_eq!(
                refused["message"], "Incorrect username or password.",
                "{username}"
            );
            let answered = counted::powers();
            let refused = send(
                &mut pool,
                "InitiateAuth",
                &json!({
                    "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "client",
                    "AuthParameters": { "USERNAME": username, "PASSWORD": "wrong" },
                }),
            );
            assert_eq!(
                refused["message"], "Incorrect username or password.",
                "{username}"
            );
            [
                challenged - before,
                answered - challenged,
                counted::powers() - answered,
            ]
        };
        // g^b; v^u and (A·v^u)^b; g^x.
        assert_eq!(costs("ada"), [1, 2, 1], "somebody");
        assert_eq!(costs("bob"), [1, 2, 1], "nobody");
    }

    fn hiding_pool() -> Pool {
        let world = World {
            pool: UserPool {
                aliases: false,
                ..UserPool::new("eu-west-1_Hidden01")
            },
            clients: vec![AppClient {
                explicit_auth_flows: vec![
                    ExplicitAuthFlow::AllowUserSrpAuth,
                    ExplicitAuthFlow::AllowUserPasswordAuth,
                ],
                prevent_user_existence_errors: true,
                ..AppClient::new("client")
            }],
            users: vec![User {
                password: Some("Passw0rd!".to_owned()),
                ..User::new("ada", "11111111-2222-4333-8444-555555555555")
            }],
            triggers: Triggers::default(),
            clock: Clock::Fixed(1_709_629_623),
            steering: Steering::default(),
            seed: 1,
        };
        Pool::new(world, Policy::default()).expect("a right world")
    }

    fn send(pool: &mut Pool, operation: &str, body: &Value) -> Value {
        let response = pool.handle(&HttpRequest::calling(operation, body));
        serde_json::from_slice(response.body.as_bytes()).expect("a body is JSON")
    }
}
