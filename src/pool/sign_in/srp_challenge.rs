//! `PASSWORD_VERIFIER` and `DEVICE_PASSWORD_VERIFIER`: the challenge, and the proof that answers it.

use crate::model::{AppClient, ByteClass, SaltChoice, Steering};
use crate::pool::core::Pool;
use crate::pool::policy::{PublicValueForm, SaltRule, Scope, SecretBlockForm, SimulatedSalt};
use crate::pool::sign_in::passwords::Secret;
use crate::pool::sign_in::steering::{Chosen, Known, choose_b, shape_salt};
use crate::pool::state::blocks::{About, Proof, SecretBlock};
use crate::pool::state::devices::DeviceChallenge;
use crate::pool::state::ledger::Digest;
use crate::pool::state::sign_in::SignIn;
use crate::pool::state::stored::Stored;
use crate::pool::state::subject::{Called, Subject};
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::shape;
use crate::srp::modexp::modpow;
use crate::srp::{
    BigUint, Credentials, Dialect, Salt, Timestamp, parse_hex, private_key_x, to_base64, to_hex,
};
use crate::wire::names::key;
use crate::wire::{Parameters, PoolNote};

/// A challenge that was made.
#[derive(Clone, Debug)]
pub(in crate::pool) struct SrpChallenge {
    /// `ChallengeParameters`.
    pub(in crate::pool) parameters: Parameters,
    /// What stands for `SECRET_BLOCK` as sent.
    pub(in crate::pool) block: Digest,
}

impl Pool {
    /// `SRP_A` as a number. Any case, leading zeros and an odd number of digits are read, since shipped clients send them.
    pub(in crate::pool) fn srp_a(&self, text: &str) -> Answer<BigUint> {
        let is_tidy = text.len().is_multiple_of(2) && !text.bytes().any(|o| o.is_ascii_uppercase());
        if !self.policy.srp.reads_any_hex && !is_tidy {
            return Err(errors::bad_srp_a(
                "expected lower-case hexadecimal digits in pairs",
            ));
        }
        let a_pub = parse_hex(text).map_err(|error| errors::bad_srp_a(&error.to_string()))?;
        let dialect = &self.policy.dialect;
        if dialect.checks.a_zero && (&a_pub % &dialect.group.n) == BigUint::ZERO {
            return Err(errors::bad_srp_a("expected A mod N other than 0"));
        }
        Ok(a_pub)
    }

    /// Makes a challenge for the password of a sign-in's subject.
    pub(in crate::pool) fn password_challenge(
        &mut self,
        sign_in: &SignIn,
        a_pub: BigUint,
    ) -> SrpChallenge {
        let subject = &sign_in.subject;
        let user_id = self.user_id(subject);
        let mut secret = self.secret(subject, &user_id);
        let a = self.private_values.next();
        let right = Dialect::cognito();
        let x = match self.world.steering.is_empty() {
            true => Err("nothing is steered"),
            false => self.clients_x(&right, subject, &user_id, &secret.salt, &secret.v),
        };
        let known = Known {
            service: &self.policy.dialect,
            client: &right,
            v: &secret.v,
            a_pub: &a_pub,
            a: a.as_ref(),
            x,
            sends_another_b: (self.policy.srp.public_value == PublicValueForm::Random)
                .then_some("the pool sends a B that belongs to no b"),
        };
        let mut chosen = choose_b(&known, &self.world.steering, &mut self.random);
        let srp_b = match self.policy.srp.public_value {
            PublicValueForm::Group => to_hex(&chosen.b_pub),
            PublicValueForm::Random => data_encoding::HEXLOWER.encode(&self.random.octets(16)),
        };
        if !subject.real && self.policy.users.simulated_salt == SimulatedSalt::Negative {
            secret.salt_text.insert(0, '-');
        }
        if let Some(SaltChoice::Class(class)) = &self.world.steering.salt {
            match ByteClass::of(secret.salt.bytes()) == *class {
                true => chosen.reached.insert(0, format!("salt:{class}")),
                false => chosen
                    .not_reached
                    .insert(0, format!("salt:{class}: the pool makes another")),
            }
        }
        let asked = Asked {
            about: About::Password,
            scope: self.scope().to_owned(),
            name: user_id.clone(),
            secret,
            a_pub,
            srp_b,
        };
        let mut challenge = self.issue(sign_in, asked, chosen);
        if self.policy.srp.sends_username {
            let name = (key::USERNAME.to_owned(), user_id.clone());
            challenge.parameters.extend([name]);
        }
        if self.policy.srp.sends_user_id {
            let name = (key::USER_ID_FOR_SRP.to_owned(), user_id);
            challenge.parameters.extend([name]);
        }
        challenge
    }

    /// Makes a challenge for the password of a device. It is not steered.
    pub(in crate::pool) fn device_challenge(
        &mut self,
        sign_in: &SignIn,
        device: DeviceChallenge,
        a_pub: BigUint,
    ) -> SrpChallenge {
        let Stored { salt, v } = device.stored;
        // Told for the user's round only.
        let known = Known {
            service: &self.policy.dialect,
            client: &Dialect::cognito_device(),
            v: &v,
            a_pub: &a_pub,
            a: None,
            x: Err("nothing is steered"),
            sends_another_b: None,
        };
        let chosen = choose_b(&known, &Steering::default(), &mut self.random);
        let asked = Asked {
            about: About::Device,
            scope: device.scope,
            name: device.key.clone(),
            secret: Secret {
                salt_text: salt.to_wire(),
                salt,
                v,
            },
            srp_b: to_hex(&chosen.b_pub),
            a_pub,
        };
        let mut challenge = self.issue(sign_in, asked, chosen);
        challenge.parameters.extend([
            (key::USERNAME.to_owned(), sign_in.subject.id.clone()),
            (key::DEVICE_KEY.to_owned(), device.key),
        ]);
        challenge
    }

    /// Notes a challenge, and remembers it under a new secret block.
    fn issue(&mut self, sign_in: &SignIn, asked: Asked, chosen: Chosen) -> SrpChallenge {
        let block = self.secret_block();
        self.note(PoolNote::Srp {
            scope: asked.scope.clone(),
            user: asked.name.clone(),
            real: sign_in.subject.real,
            salt: asked.secret.salt_text.clone(),
            v: to_hex(&asked.secret.v),
            b: to_hex(&chosen.b),
            big_a: to_hex(&asked.a_pub),
            big_b: asked.srp_b.clone(),
            reached: chosen.reached,
            not_reached: chosen.not_reached,
            tries: chosen.tries,
        });
        let parameters = Parameters::from([
            (key::SALT.to_owned(), asked.secret.salt_text),
            (key::SRP_B.to_owned(), asked.srp_b),
            (key::SECRET_BLOCK.to_owned(), block.clone()),
        ]);
        let made = SecretBlock {
            sign_in: sign_in.clone(),
            about: asked.about,
            scope: asked.scope,
            name: asked.name,
            a_pub: asked.a_pub,
            b: chosen.b,
            b_pub: chosen.b_pub,
            v: asked.secret.v,
            made: self.now(),
        };
        let block = self.blocks.add(&block, made);
        SrpChallenge { parameters, block }
    }

    /// What the secret block of an answer stands for, as long as it may be answered.
    pub(in crate::pool) fn block(&self, text: &str) -> Answer<&SecretBlock> {
        match self.blocks.get(text, self.now()) {
            Some(block) => Ok(block),
            None if !self.blocks.policy().hides_bad_block => {
                Err(errors::invalid_parameter("Invalid secret block."))
            }
            None => Err(self.wrong_password()),
        }
    }

    /// Checks an answer to `PASSWORD_VERIFIER` or `DEVICE_PASSWORD_VERIFIER`, and returns the sign-in that it belongs to. Wrong
    /// user, block, signature and time are told alike (captured, ministackorg/ministack#1758); only an unreadable time is not.
    ///
    /// The block stays good until [`close_block`](Self::close_block).
    pub(in crate::pool) fn prove(
        &mut self,
        client: &AppClient,
        answer: &Parameters,
        about: About,
    ) -> Answer<SignIn> {
        let proof = Proof {
            client: &client.id,
            username: shape::present(answer, key::USERNAME)?,
            signature: shape::present(answer, key::PASSWORD_CLAIM_SIGNATURE)?,
            block: shape::present(answer, key::PASSWORD_CLAIM_SECRET_BLOCK)?,
            timestamp: shape::present(answer, key::TIMESTAMP)?,
            about,
        };
        let policy = self.blocks.policy();
        let time = Timestamp::parse(proof.timestamp).map_err(|_| {
            if policy.names_timestamp_pattern {
                errors::timestamp_pattern()
            } else {
                errors::incorrect()
            }
        })?;
        let binds_user = policy.binds_user;
        let block = self.block(proof.block)?;
        let now = self.now();
        self.lockouts.refuse(&block.sign_in.subject.id, now)?;
        let dialect = &self.policy.dialect;
        if !self.blocks.admits(block, &proof, &time, now, dialect) {
            let user = block.sign_in.subject.id.clone();
            self.lockouts.count(&user, now);
            return Err(self.wrong_password());
        }
        let mut sign_in = block.sign_in.clone();
        sign_in.named_by_alias |= block.called(proof.username) == Some(Called::ByAlias);
        if !binds_user {
            // The mistake of an emulator: the answer decides whom it is about.
            sign_in.subject = self.known(proof.username).unwrap_or(sign_in.subject);
        }
        Ok(sign_in)
    }

    /// The proof has been taken.
    pub(in crate::pool) fn close_block(&mut self, block: &str, user: &str) {
        self.lockouts.forget(user);
        self.blocks.close(block);
    }

    /// The pool name, which goes into x and the claim.
    pub(in crate::pool) fn scope(&self) -> &str {
        match self.policy.srp.scope {
            Scope::PoolName => self.id.name(),
            Scope::WholePoolId => self.id.as_str(),
        }
    }

    /// The x of a right client that hears this challenge, if v is made from it; else why it is not.
    fn clients_x(
        &self,
        client: &Dialect,
        subject: &Subject,
        user_id: &str,
        salt: &Salt,
        v: &BigUint,
    ) -> Result<BigUint, &'static str> {
        if !subject.real {
            return Err("the user is unknown");
        }
        let user = match self.policy.srp.sends_user_id {
            true => user_id,
            false => &subject.typed,
        };
        let account = self.directory.find(&subject.id);
        let password = account.and_then(|account| account.user.password.as_deref());
        let credentials = Credentials {
            scope: self.id.name(),
            user,
            password: password.unwrap_or_default().as_bytes(),
        };
        let x = private_key_x(client, &credentials, salt).x;
        match modpow(&client.group.g, &x, &client.group.n) == *v {
            true => Ok(x),
            false => Err("the pool's verifier is not the client's g^x"),
        }
    }

    /// The salt, and its text on the wire.
    pub(in crate::pool) fn salt(&mut self, subject: &Subject) -> (Salt, String) {
        let fresh = if subject.real {
            self.policy.srp.salt == SaltRule::FreshEachTime
        } else {
            self.policy.users.simulated_salt == SimulatedSalt::FreshEachTime
        };
        let mut octets = if fresh {
            self.random.octets(SALT_OCTETS)
        } else {
            let passwords = self
                .directory
                .find(&subject.id)
                .map_or(0, |account| account.passwords);
            let name = format!("{}\0{passwords}", subject.id);
            self.random.stable("salt", &name)[..SALT_OCTETS].to_vec()
        };
        let mut written_in_full = false;
        match &self.world.steering.salt {
            Some(SaltChoice::Dictated(hex)) => {
                if let Ok(salt) = Salt::from_hex(hex) {
                    let text = hex.clone();
                    return (salt, text);
                }
            }
            Some(SaltChoice::Class(class)) => {
                shape_salt(&mut octets, *class);
                // Without its zeros such a salt would be nothing special.
                written_in_full = matches!(class, ByteClass::ZeroLow | ByteClass::ZeroZero);
            }
            // Clients differ on leading zero octets, and the service writes salts as numbers, without them.
            None if octets[0] == 0 => octets[0] = 1,
            None => {}
        }
        if self.policy.srp.salt == SaltRule::LeadingZeroOctet {
            shape_salt(&mut octets, ByteClass::ZeroLow);
            written_in_full = true;
        }
        let salt = Salt::from_bytes(&octets);
        let text = if written_in_full {
            salt.text().to_owned()
        } else {
            salt.to_wire()
        };
        (salt, text)
    }

    fn secret_block(&mut self) -> String {
        match self.policy.srp.secret_block {
            SecretBlockForm::Base64 => to_base64(&self.random.octets(BLOCK_OCTETS)),
            SecretBlockForm::Uuid => self.random.uuid(),
        }
    }
}

/// What a challenge asks about.
struct Asked {
    about: About,
    scope: String,
    name: String,
    secret: Secret,
    a_pub: BigUint,
    srp_b: String,
}

const SALT_OCTETS: usize = 16;
/// Recorded blocks have 1282 to 1293 octets.
const BLOCK_OCTETS: usize = 1290;
