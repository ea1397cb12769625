//! Devices in a sign-in: how one is named, and how it is proved. What is decided about them is in [`Devices`].
//!
//! [`Devices`]: crate::pool::state::devices::Devices

use crate::model::AppClient;
use crate::pool::core::Pool;
use crate::pool::state::blocks::About;
use crate::pool::state::ledger::digest;
use crate::pool::state::sessions::Awaits;
use crate::pool::state::sign_in::{Occasion, SignIn, Turn};
use crate::pool::wire::errors::Answer;
use crate::pool::wire::shape::present;
use crate::wire::message::NewDeviceMetadata;
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Parameters, RespondToAuthChallenge};

impl Pool {
    /// Takes over the device that parameters name.
    pub(in crate::pool) fn name_device(
        &self,
        sign_in: &mut SignIn,
        parameters: &Parameters,
    ) -> Answer<()> {
        let named = parameters.get(key::DEVICE_KEY);
        let tracking = self.world.pool.devices;
        if let Some(named) = self.devices.named(sign_in, named, tracking)? {
            sign_in.device = Some(named.clone());
        }
        Ok(())
    }

    /// Asks for A of the device.
    pub(in crate::pool) fn ask_for_device(&mut self, turn: Turn<'_>) -> AuthResponse {
        let id = turn.sign_in.subject.id.clone();
        let username = id.clone();
        let device = turn.sign_in.device.clone().unwrap_or_default();
        let parameters = Parameters::from([
            (key::USERNAME.to_owned(), id),
            (key::DEVICE_KEY.to_owned(), device),
        ]);
        let response = self.challenge_with_session(turn, Awaits::DeviceSrp, parameters);
        if let Some(session) = &response.session {
            self.sessions.wait_for_device(&username, session);
        }
        response
    }

    /// A of the device. The Session is optional in practice: AWS's own sample and amplify-android send none; then the user and
    /// the device that are named decide.
    pub(in crate::pool) fn answer_device(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let a_pub = self.srp_a(present(answer, key::SRP_A)?)?;
        let named = present(answer, key::DEVICE_KEY)?;
        let username = present(answer, key::USERNAME)?;
        let latest = self.known(username).and_then(|subject| {
            let latest = self.sessions.of_device(&subject.id);
            latest.cloned()
        });
        let request = RespondToAuthChallenge {
            session: request.session.clone().or(latest),
            ..request.clone()
        };
        let session = self.answered_session(client, &request, &ChallengeName::DeviceSrpAuth)?;
        let sign_in = session.sign_in;
        let scope = self.scope().to_owned();
        let username = &sign_in.subject.id;
        let device = self
            .devices
            .challenge(username, named, &scope, &mut self.random)?;
        self.sessions.close(request.session.as_deref());
        self.sessions.device_came(username);
        let challenge = self.device_challenge(&sign_in, device, a_pub);
        let turn = Turn {
            client,
            sign_in,
            metadata: None,
        };
        let awaits = Awaits::DeviceVerifier {
            block: challenge.block,
        };
        Ok(self.challenge_with_session(turn, awaits, challenge.parameters))
    }

    /// The proof of the device.
    pub(in crate::pool) fn answer_device_verifier(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let block_text = present(answer, key::PASSWORD_CLAIM_SECRET_BLOCK)?;
        let named = present(answer, key::DEVICE_KEY)?;
        if let Some(text) = request.session.as_deref() {
            let challenge = &ChallengeName::DevicePasswordVerifier;
            let session = self
                .sessions
                .answerable(Some(text), client, challenge, self.now())?;
            if !matches!(&session.awaits, Awaits::DeviceVerifier { block } if *block == digest(block_text))
            {
                return Err(self.wrong_password());
            }
        }
        if let Ok(block) = self.block(block_text) {
            let user = &block.sign_in.subject.id;
            self.devices.refuse_missing(user, named)?;
        }
        let mut sign_in = self.prove(client, answer, About::Device)?;
        if sign_in.device.as_deref() != Some(named) {
            return Err(self.wrong_password());
        }
        self.close_block(block_text, &sign_in.subject.id);
        self.sessions.close(request.session.as_deref());
        sign_in.done.device = true;
        sign_in.occasion = Occasion::AuthenticateDevice;
        sign_in.passed("DEVICE_SRP_AUTH");
        sign_in.passed("DEVICE_PASSWORD_VERIFIER");
        let metadata = self.answers_metadata(request);
        self.advance(Turn {
            client,
            sign_in,
            metadata,
        })
    }

    /// Ends a sign-in on its device; one that has none is given one.
    pub(in crate::pool) fn new_device(
        &mut self,
        sign_in: &mut SignIn,
    ) -> Option<NewDeviceMetadata> {
        let now = self.now();
        self.devices.signed_in_with(sign_in, now);
        let pool = &self.world.pool;
        self.devices
            .give(sign_in, pool.devices, &pool.region, now, &mut self.random)
    }
}
