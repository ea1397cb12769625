//! `PASSWORD_VERIFIER`: the challenge, and the proof that answers it.

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::errors::{self, Answer};
use super::ledger::Entry;
use super::policy::{PublicValueForm, SaltRule, Scope, SecretBlockForm, SimulatedSalt, UserIdForm};
use super::pool::Pool;
use super::session::RoundEntry;
use super::shape;
use super::steering::{Known, choose_b, shape_salt};
use super::subject::Subject;
use crate::model::{AppClient, ByteClass, SaltChoice};
use crate::srp::modexp::modpow;
use crate::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Salt, ServerInput, Timestamp, claim, parse_base64,
    parse_hex, private_key_x, server_session_with_public, to_base64, to_hex, verifier,
};
use crate::wire::names::key;
use crate::wire::{Parameters, PoolNote};

/// What a secret block stands for: A, b, B, user, client and time, which the service seals inside it.
#[derive(Clone, Debug)]
pub(super) struct SecretBlock {
    client: String,
    subject: Subject,
    /// What goes into x and the claim.
    user_id: String,
    a_pub: BigUint,
    b: BigUint,
    b_pub: BigUint,
    v: BigUint,
    made: i64,
    /// The session array so far, when the flow is `CUSTOM_AUTH`.
    pub(super) custom: Option<Vec<RoundEntry>>,
}

/// A challenge that was made.
#[derive(Clone, Debug)]
pub(super) struct SrpChallenge {
    /// `ChallengeParameters`.
    pub(super) parameters: Parameters,
    /// `SECRET_BLOCK` as sent.
    pub(super) block: String,
}

/// A proof that holds, and whom it is about.
#[derive(Clone, Debug)]
pub(super) struct Proved {
    /// Whom.
    pub(super) subject: Subject,
    /// The session array so far, when the flow is `CUSTOM_AUTH`.
    pub(super) custom: Option<Vec<RoundEntry>>,
}

impl Pool {
    /// `SRP_A` as a number. Any case, leading zeros and an odd number of digits are read, since shipped clients send them.
    pub(super) fn srp_a(&self, text: &str) -> Answer<BigUint> {
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

    /// Makes a challenge.
    pub(super) fn challenge(
        &mut self,
        client: &AppClient,
        subject: &Subject,
        a_pub: BigUint,
        custom: Option<Vec<RoundEntry>>,
    ) -> SrpChallenge {
        let user_id = match self.policy.srp.user_id {
            UserIdForm::Internal => subject.id.clone(),
            UserIdForm::AsTyped => subject.typed.clone(),
        };
        let (salt, mut salt_text) = self.salt(subject);
        let password = self.password_or_decoy(subject);
        let scope = self.scope().to_owned();
        let credentials = Credentials {
            scope: &scope,
            user: &user_id,
            password: &password,
        };
        // Computed anew each time, so that known and unknown users cost the same.
        let v = verifier(&self.policy.dialect, &credentials, &salt);
        let a = self.told.pop_front();
        let right = Dialect::cognito();
        let x = match self.world.steering.is_empty() {
            true => Err("nothing is steered"),
            false => self.clients_x(&right, subject, &user_id, &salt, &v),
        };
        let known = Known {
            service: &self.policy.dialect,
            client: &right,
            v: &v,
            a_pub: &a_pub,
            a: a.as_ref(),
            x,
            sends_another_b: (self.policy.srp.public_value == PublicValueForm::Random)
                .then_some("the pool sends a B that belongs to no b"),
        };
        let chosen = choose_b(&known, &self.world.steering, &mut self.random);
        let srp_b = match self.policy.srp.public_value {
            PublicValueForm::Group => to_hex(&chosen.b_pub),
            PublicValueForm::Random => data_encoding::HEXLOWER.encode(&self.random.octets(16)),
        };
        if !subject.real && self.policy.users.simulated_salt == SimulatedSalt::Negative {
            salt_text.insert(0, '-');
        }
        let block = self.secret_block();

        let (mut reached, mut not_reached) = (chosen.reached, chosen.not_reached);
        if let Some(SaltChoice::Class(class)) = &self.world.steering.salt {
            match ByteClass::of(salt.bytes()) == *class {
                true => reached.insert(0, format!("salt:{class}")),
                false => not_reached.insert(0, format!("salt:{class}: the pool makes another")),
            }
        }
        self.note(PoolNote::Srp {
            scope,
            user: user_id.clone(),
            real: subject.real,
            salt: salt_text.clone(),
            v: to_hex(&v),
            b: to_hex(&chosen.b),
            big_a: to_hex(&a_pub),
            big_b: srp_b.clone(),
            reached,
            not_reached,
            tries: chosen.tries,
        });

        let mut parameters = Parameters::from([
            (key::SALT.to_owned(), salt_text),
            (key::SRP_B.to_owned(), srp_b),
            (key::SECRET_BLOCK.to_owned(), block.clone()),
        ]);
        if self.policy.srp.sends_username {
            parameters.insert(key::USERNAME.to_owned(), user_id.clone());
        }
        if self.policy.srp.sends_user_id {
            parameters.insert(key::USER_ID_FOR_SRP.to_owned(), user_id.clone());
        }
        self.blocks.add(
            block.clone(),
            SecretBlock {
                client: client.id.clone(),
                subject: subject.clone(),
                user_id,
                a_pub,
                b: chosen.b,
                b_pub: chosen.b_pub,
                v,
                made: self.now(),
                custom,
            },
        );
        SrpChallenge { parameters, block }
    }

    /// What the secret block of an answer stands for, as long as it may be answered.
    pub(super) fn block(&self, text: &str) -> Answer<&SecretBlock> {
        match self.blocks.get(text) {
            Some(Entry::Live(block))
                if self.now().saturating_sub(block.made)
                    <= self.policy.srp.secret_block_seconds =>
            {
                Ok(block)
            }
            _ => Err(self.wrong_password()),
        }
    }

    /// Checks an answer to `PASSWORD_VERIFIER`. Wrong user, block, signature and time are told alike (captured,
    /// ministackorg/ministack#1758); only an unreadable time is not.
    pub(super) fn prove(&mut self, client: &AppClient, answer: &Parameters) -> Answer<Proved> {
        let username = shape::present(answer, key::USERNAME)?;
        let signature = shape::present(answer, key::PASSWORD_CLAIM_SIGNATURE)?;
        let block_text = shape::present(answer, key::PASSWORD_CLAIM_SECRET_BLOCK)?;
        let timestamp = shape::present(answer, key::TIMESTAMP)?;
        let time = Timestamp::parse(timestamp).map_err(|_| {
            if self.policy.srp.names_timestamp_pattern {
                errors::timestamp_pattern()
            } else {
                errors::incorrect()
            }
        })?;
        let block = self.block(block_text)?.clone();
        let user = block.subject.id.clone();
        let now = self.now();
        if self.policy.users.locks_out && self.lockouts.refuses(&user, now) {
            return Err(errors::attempts_exceeded());
        }

        let srp = &self.policy.srp;
        let is_fresh = time.unix.abs_diff(now) <= srp.timestamp_window_seconds.unsigned_abs();
        let is_canonical = time.canonical || !srp.canonical_timestamp;
        let is_bound = (block.client == client.id || !srp.binds_client)
            && (!srp.binds_user
                || block.subject.is_called(username, false)
                || username == block.user_id);
        let holds = is_fresh
            && is_canonical
            && is_bound
            && (!srp.checks_proof
                || (block.subject.real
                    && self.signature_holds(&block, block_text, timestamp, signature)));
        if !holds {
            self.lockouts.count(&user, now);
            return Err(self.wrong_password());
        }
        self.lockouts.forget(&user);
        if self.policy.srp.single_use {
            self.blocks.mark_used(block_text);
        }
        let subject = if self.policy.srp.binds_user {
            block.subject
        } else {
            // The mistake of an emulator: the answer decides whom it is about.
            self.known(username).unwrap_or(block.subject)
        };
        Ok(Proved {
            subject,
            custom: block.custom,
        })
    }

    /// The pool name, which goes into x and the claim.
    fn scope(&self) -> &str {
        match self.policy.srp.scope {
            Scope::PoolName => self.id.name(),
            Scope::WholePoolId => self.id.as_str(),
        }
    }

    fn signature_holds(
        &self,
        block: &SecretBlock,
        block_text: &str,
        timestamp: &str,
        signature: &str,
    ) -> bool {
        let input = ServerInput {
            v: &block.v,
            b: &block.b,
            a_pub: &block.a_pub,
            b_pub: &block.b_pub,
        };
        let Ok(session) = server_session_with_public(&self.policy.dialect, &input) else {
            return false;
        };
        // A block that is no base64 is an emulator's; its octets stand in for what clients can't decode.
        let decoded = parse_base64(block_text).unwrap_or_else(|_| block_text.as_bytes().to_vec());
        let expected = claim(
            &session.key,
            &ClaimInput {
                scope: self.scope(),
                user: &block.user_id,
                secret_block: &decoded,
                timestamp,
            },
        );
        parse_base64(signature)
            .is_ok_and(|got| verify_slices_are_equal(&expected.signature, &got).is_ok())
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
        let password = self.password_or_decoy(subject);
        let credentials = Credentials {
            scope: self.id.name(),
            user,
            password: &password,
        };
        let x = private_key_x(client, &credentials, salt).x;
        match modpow(&client.group.g, &x, &client.group.n) == *v {
            true => Ok(x),
            false => Err("the pool's verifier is not the client's g^x"),
        }
    }

    /// The salt, and its text on the wire.
    fn salt(&mut self, subject: &Subject) -> (Salt, String) {
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

    /// The password, or what nobody knows in its place.
    fn password_or_decoy(&self, subject: &Subject) -> Vec<u8> {
        self.directory
            .find(&subject.id)
            .and_then(|account| account.user.password.as_deref())
            .map_or_else(
                || self.random.stable("decoy", &subject.id),
                |password| password.as_bytes().to_vec(),
            )
    }

    fn secret_block(&mut self) -> String {
        match self.policy.srp.secret_block {
            SecretBlockForm::Base64 => to_base64(&self.random.octets(BLOCK_OCTETS)),
            SecretBlockForm::Uuid => self.random.uuid(),
        }
    }
}

const SALT_OCTETS: usize = 16;
/// Recorded blocks have 1282 to 1293 octets.
const BLOCK_OCTETS: usize = 1290;
