//! Secret blocks: what the pool remembers of a challenge for a password's proof, and when a proof is taken.

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::ledger::{Digest, Entry, Ledger};
use super::sign_in::SignIn;
use super::subject::Called;
use super::undo::{Step, Undo};
use crate::srp::{
    BigUint, ClaimInput, Dialect, ParsedTimestamp, ServerInput, claim, parse_base64,
    server_session_with_public,
};

/// What the answer to `PASSWORD_VERIFIER` has to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofPolicy {
    /// The signature is compared at all.
    pub checks_proof: bool,
    /// A secret block is good for the app client it was made for only.
    pub binds_client: bool,
    /// A secret block is good for the user it was made for only.
    pub binds_user: bool,
    /// A secret block is good for one success.
    pub single_use: bool,
    /// Seconds for which a secret block is good. The service says "a few seconds"; 57 have been seen to pass.
    pub secret_block_seconds: i64,
    /// Seconds by which `TIMESTAMP` may differ from the pool's clock, either way. The service's number is not public.
    pub timestamp_window_seconds: i64,
    /// A `TIMESTAMP` that is readable but not in canonical form (padded day, wrong weekday) is refused.
    pub canonical_timestamp: bool,
    /// A `TIMESTAMP` that is not readable gets an error that names the pattern.
    pub names_timestamp_pattern: bool,
    /// A secret block that is not the challenge's is refused like a wrong password.
    pub hides_bad_block: bool,
}

impl Default for ProofPolicy {
    fn default() -> Self {
        Self {
            checks_proof: true,
            binds_client: true,
            binds_user: true,
            single_use: true,
            secret_block_seconds: 180,
            timestamp_window_seconds: 3600,
            canonical_timestamp: true,
            names_timestamp_pattern: true,
            hides_bad_block: true,
        }
    }
}

/// What a secret block stands for: A, b, B, user, client and time, which the service seals inside it.
#[derive(Clone, Debug)]
pub(in crate::pool) struct SecretBlock {
    /// The sign-in that asked.
    pub(in crate::pool) sign_in: SignIn,
    /// What the proof is about.
    pub(in crate::pool) about: About,
    /// What stands in front of the name in x and the claim: the pool's name, or the device's group key.
    pub(in crate::pool) scope: String,
    /// The name in x and the claim: `USER_ID_FOR_SRP`, or the device's key.
    pub(in crate::pool) name: String,
    /// The client's public value.
    pub(in crate::pool) a_pub: BigUint,
    /// The pool's private value.
    pub(in crate::pool) b: BigUint,
    /// The pool's public value.
    pub(in crate::pool) b_pub: BigUint,
    /// The verifier.
    pub(in crate::pool) v: BigUint,
    /// Seconds since 1970 at which it was made.
    pub(in crate::pool) made: i64,
}

/// What a proof is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pool) enum About {
    /// A user's password.
    Password,
    /// A device's password.
    Device,
}

/// A proof, as an answer gives it.
#[derive(Clone, Copy, Debug)]
pub(in crate::pool) struct Proof<'a> {
    /// The app client that it came by.
    pub(in crate::pool) client: &'a str,
    /// `USERNAME`.
    pub(in crate::pool) username: &'a str,
    /// `PASSWORD_CLAIM_SECRET_BLOCK`.
    pub(in crate::pool) block: &'a str,
    /// `TIMESTAMP`.
    pub(in crate::pool) timestamp: &'a str,
    /// `PASSWORD_CLAIM_SIGNATURE`.
    pub(in crate::pool) signature: &'a str,
    /// What has to be proved.
    pub(in crate::pool) about: About,
}

/// The secret blocks that were given out.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Blocks {
    policy: ProofPolicy,
    given: Ledger<SecretBlock>,
}

impl Blocks {
    /// None was given out yet.
    pub(in crate::pool) fn new(policy: ProofPolicy) -> Self {
        Self {
            policy,
            given: Ledger::default(),
        }
    }

    /// What is decided about them.
    pub(in crate::pool) fn policy(&self) -> &ProofPolicy {
        &self.policy
    }

    /// Remembers what a text stands for that is given out now.
    pub(in crate::pool) fn add(&mut self, text: &str, block: SecretBlock) -> Digest {
        let now = block.made;
        let until = now.saturating_add(self.policy.secret_block_seconds);
        self.given.add(text, block, now, until)
    }

    /// What a text stands for, as long as it may be answered.
    pub(in crate::pool) fn get(&self, text: &str, now: i64) -> Option<&SecretBlock> {
        match self.given.get(text) {
            Some(Entry::Live(block)) => {
                let age = now.saturating_sub(block.made);
                (age <= self.policy.secret_block_seconds).then_some(block)
            }
            _ => None,
        }
    }

    /// Whether a proof is taken at the second `now`. The signature is computed for nobody, too, who costs as much as somebody.
    pub(in crate::pool) fn admits(
        &self,
        block: &SecretBlock,
        proof: &Proof<'_>,
        time: &ParsedTimestamp,
        now: i64,
        dialect: &Dialect,
    ) -> bool {
        let policy = &self.policy;
        let is_fresh = time.unix.abs_diff(now) <= policy.timestamp_window_seconds.unsigned_abs();
        let is_canonical = time.canonical || !policy.canonical_timestamp;
        let is_bound = (block.sign_in.client == proof.client || !policy.binds_client)
            && (!policy.binds_user || block.called(proof.username).is_some());
        let is_signed = !policy.checks_proof || block.is_proved_by(proof, dialect);
        let is_somebody = block.sign_in.subject.real || !policy.checks_proof;
        is_fresh
            && is_canonical
            && is_bound
            && is_signed
            && is_somebody
            && block.about == proof.about
    }

    /// The proof has been taken.
    pub(in crate::pool) fn close(&mut self, text: &str) {
        if self.policy.single_use {
            self.given.mark_used(text);
        }
    }
}

impl Undo for Blocks {
    fn undo(&mut self, step: Step) {
        self.given.undo(step);
    }
}

impl SecretBlock {
    /// How an answer names whom the block is about. Reported by several: an alias passes, too
    /// (furaiev/amazon-cognito-identity-dart-2#201, aws-amplify/amplify-js#7615).
    pub(in crate::pool) fn called(&self, username: &str) -> Option<Called> {
        match username == self.name {
            true => Some(Called::ByName),
            false => self.sign_in.subject.called(username),
        }
    }

    fn is_proved_by(&self, proof: &Proof<'_>, dialect: &Dialect) -> bool {
        let input = ServerInput {
            v: &self.v,
            b: &self.b,
            a_pub: &self.a_pub,
            b_pub: &self.b_pub,
        };
        let Ok(session) = server_session_with_public(dialect, &input) else {
            return false;
        };
        // A block that is no base64 is an emulator's; its octets stand in for what clients can't decode.
        let decoded = parse_base64(proof.block).unwrap_or_else(|_| proof.block.as_bytes().to_vec());
        let expected = claim(
            &session.key,
            &ClaimInput {
                scope: &self.scope,
                user: &self.name,
                secret_block: &decoded,
                timestamp: proof.timestamp,
            },
        );
        parse_base64(proof.signature)
            .is_ok_and(|got| verify_slices_are_equal(&expected.signature, &got).is_ok())
    }
}
