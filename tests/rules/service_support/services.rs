//! Wrong services: the pool with another policy, and where it shows.

use cognito_conformance::mistakes::arithmetic;
use cognito_conformance::model::MfaMethod::{EmailOtp, SmsMfa, SoftwareTokenMfa};
use cognito_conformance::model::{ExplicitAuthFlow, TriggerFailure};
use cognito_conformance::pool::Policy;
use cognito_conformance::pool::policy::{
    BringsRefreshToken, DeliveryTold, DeviceMissing, DeviceScope, DevicesAsked, DevicesGiven,
    FlowSwitches, MessageMember, PrivateParameters, PublicValueForm, SaltRule, Scope,
    SecretBlockForm, SimulatedSalt, TypeForm, UserIdForm,
};
use cognito_conformance::scenario::{AnswerChoice, Attack, Scenario, UserKind};
use cognito_conformance::srp::{Dialect, IntForm, KRule};
use cognito_conformance::wire::AuthFlowType::{CustomWithSrp, UserPassword, UserSrp};
use cognito_conformance::wire::ChallengeName::PasswordSrp;
use cognito_conformance::wire::ErrorKind;

use super::scenario::*;

/// A wrong service, and the rule that it breaks in this scenario.
pub struct Service {
    pub rule: &'static str,
    pub what: &'static str,
    pub scenario: fn() -> Scenario,
    pub edit: fn(&mut Policy),
}

macro_rules! services {
    ($($rule:literal, $what:literal: $scenario:expr, $edit:expr;)*) => {
        &[$(Service { rule: $rule, what: $what, scenario: || $scenario, edit: $edit },)*]
    };
}

pub const SERVICES: &[Service] = services![
    "service.challenge-shape", "USERNAME is missing": srp(), |p| p.srp.sends_username = false;
    "service.challenge-shape", "USER_ID_FOR_SRP is missing": srp(), |p| p.srp.sends_user_id = false;
    "service.challenge-shape", "the user is not described": temporary(srp()),
        |p| p.users.new_password_describes_user = false;
    "service.session-presence", "plain SRP has a Session": srp(), |p| p.sessions.in_plain_verifier = true;
    "service.values", "a salt with a leading zero octet": srp(), |p| p.srp.salt = SaltRule::LeadingZeroOctet;
    "service.values", "a secret block that is a UUID": srp(), |p| p.srp.secret_block = SecretBlockForm::Uuid;
    "service.values", "a negative salt for unknown users": hiding(of(UserKind::Unknown, srp())),
        |p| p.users.simulated_salt = SimulatedSalt::Negative;
    "service.b", "k without the sign octet": srp(), |p| k(p, IntForm::Unsigned, IntForm::Unsigned);
    "service.b", "k with a padded g": srp(), |p| k(p, IntForm::Padded, IntForm::Padded);
    "service.b", "the whole pool id in x": srp(), |p| p.srp.scope = Scope::WholePoolId;
    "service.b", "random digits": srp(), |p| p.srp.public_value = PublicValueForm::Random;
    "service.proof", "no proof is checked": wrong_password(UserSrp), |p| p.proof.checks_proof = false;
    "service.proof", "no proof is checked before custom challenges": wrong_password(CustomWithSrp),
        |p| p.proof.checks_proof = false;
    "service.proof", "an altered signature is accepted": attacked(Attack::AlteredSignature, srp()),
        |p| p.proof.checks_proof = false;
    "service.proof", "a Session is demanded": srp(), |p| p.sessions.demanded_in_plain_verifier = true;
    "service.proof", "k without the sign octet": srp(), |p| k(p, IntForm::Unsigned, IntForm::Unsigned);
    "service.proof", "a wrong proof has another error": wrong_password(UserSrp),
        |p| p.errors.wrong_password = ErrorKind::InvalidPassword;
    "service.proof", "a key of 32 octets": srp(), |p| edit_by(p, "arithmetic.key-of-32-octets");
    "service.error-form", "no headers": wrong_password(UserPassword), |p| p.errors.headers = false;
    "service.error-form", "a namespace": wrong_password(UserPassword), |p| p.errors.type_form = TypeForm::Namespaced;
    "service.error-form", "Message": wrong_password(UserPassword), |p| p.errors.message_member = MessageMember::Capital;
    "service.error-form", "status 401": wrong_password(UserPassword), |p| p.errors.status = 401;
    "service.flow-switch", "switches are ignored": allowing(ExplicitAuthFlow::AllowUserSrpAuth, password()),
        |p| p.clients.flow_switches = FlowSwitches::Ignored;
    "service.flow-switch", "another error": allowing(ExplicitAuthFlow::AllowUserPasswordAuth, srp()),
        |p| p.clients.flow_switches = FlowSwitches::RefusedAsNotAuthorized;
    "service.error-text-reported", "a text of its own for too many rounds": right_then_wrong(),
        |p| p.custom.entry_limit = Some(1);
    "service.secret-hash", "a missing one is accepted": attacked(Attack::MissingSecretHash, with_secret(password())),
        |p| p.clients.secret_hash_demanded = false;
    "service.secret-hash", "a wrong one is accepted": attacked(Attack::WrongSecretHash, with_secret(srp())),
        |p| p.clients.secret_hash_checked = false;
    "service.session-life", "a Session is good twice": attacked(Attack::SessionTwice, custom()),
        |p| p.sessions.single_use = false;
    "service.session-life", "no new Session after a wrong answer": custom_with_wrong_answer(),
        |p| p.sessions.renewed_after_wrong_answer = false;
    "service.session-life", "any Session for a new password": attacked(Attack::ForeignSession, temporary(password())),
        |p| p.sessions.demanded_for_new_password = false;
    "service.timestamp", "a padded day is accepted": attacked(Attack::PaddedDay, srp()),
        |p| p.proof.canonical_timestamp = false;
    "service.timestamp", "a wrong weekday is accepted": attacked(Attack::WrongWeekday, srp()),
        |p| p.proof.canonical_timestamp = false;
    "service.timestamp", "the pattern is not named": attacked(Attack::UnparsableTimestamp, srp()),
        |p| p.proof.names_timestamp_pattern = false;
    "service.existence", "existence is not hidden, password": hiding(of(UserKind::Unknown, password())),
        |p| p.clients.hides_existence = false;
    "service.existence", "existence is not hidden, SRP": hiding(of(UserKind::Unknown, srp())),
        |p| p.clients.hides_existence = false;
    "service.existence", "existence is not hidden, custom": hiding(of(UserKind::Unknown, custom())),
        |p| p.clients.hides_existence = false;
    "service.existence", "another salt each time": hiding(twice(of(UserKind::Unknown, srp()))),
        |p| p.users.simulated_salt = SimulatedSalt::FreshEachTime;
    "service.existence", "another salt each time for users": twice(srp()),
        |p| p.srp.salt = SaltRule::FreshEachTime;
    "service.user-status", "tokens for disabled users": of(UserKind::Disabled, srp()),
        |p| p.users.refuses_disabled = false;
    "service.user-status", "tokens for unconfirmed users": of(UserKind::Unconfirmed, password()),
        |p| p.users.refuses_unconfirmed = false;
    "service.user-status", "unconfirmed after the password": Scenario {
        password: cognito_conformance::scenario::Password::Wrong, ..of(UserKind::Unconfirmed, password())
    }, |p| p.users.unconfirmed_before_password = false;
    "service.user-status", "tokens without a reset": of(UserKind::ResetRequired, password()),
        |p| p.users.refuses_reset_required = false;
    "service.user-status", "the temporary password lasts": temporary(srp()),
        |p| p.users.new_password_after_srp = false;
    "service.trigger-order", "two elements a round": custom(), |p| p.custom.one_entry_a_round = false;
    "service.trigger-order", "Verify is not asked": custom_with_wrong_answer(), |p| p.custom.asks_verify = false;
    "service.trigger-order", "SRP_A is ignored": custom_with_srp(), |p| p.custom.starts_with_srp = false;
    "service.trigger-order", "a failing trigger is ignored":
        failing(TriggerFailure::CreateThrows("out of questions".to_owned())),
        |p| p.custom.failing_trigger_refuses = false;
    "service.trigger-order", "no trigger is needed": without_triggers(), |p| p.custom.needs_triggers = false;
    "service.private-parameters", "dropped": custom(),
        |p| p.custom.private_parameters = PrivateParameters::Dropped;
    "service.private-parameters", "leaked": custom(),
        |p| p.custom.private_parameters = PrivateParameters::Leaked;
    "service.metadata-routing", "InitiateAuth's reaches Define": custom(),
        |p| p.metadata.initiate_reaches_challenge_triggers = true;
    "service.metadata-routing", "that of answers does not": custom(),
        |p| p.metadata.answers_reach_challenge_triggers = false;
    "service.metadata-routing", "no validationData": migrating(Some("CONFIRMED"), password()),
        |p| p.metadata.initiate_reaches_validation_data = false;
    "service.migration", "never": migrating(Some("CONFIRMED"), password()), |p| p.migration.on_sign_in = false;
    "service.migration", "a throw is not passed on": throwing_migration(), |p| p.migration.on_sign_in = false;
    "service.migration", "the status is ignored": migrating(None, password()),
        |p| p.migration.honours_status = false;
    "service.tokens", "a stub signature": srp(), |p| p.tokens.stub_signature = true;
    "service.tokens", "no client_id": password(), |p| p.tokens.access_names_client = false;
    "service.tokens", "an issuer that nobody can look up": password(), |p| p.tokens.public_issuer = false;
    "service.tokens", "no refresh token": password(), |p| p.tokens.sends_refresh_token = false;
    "service.binding-user", "the answer decides whom it is about": attacked(Attack::OtherUsersName, srp()),
        |p| p.proof.binds_user = false;
    "service.names", "what was typed": srp(), |p| p.srp.user_id = UserIdForm::AsTyped;
    "service.answers", "a wrong password has another error": wrong_password(UserPassword),
        |p| p.errors.wrong_password = ErrorKind::InvalidPassword;
    "service.answers", "SRP_A is ignored": custom_with_srp(), |p| p.custom.starts_with_srp = false;
    "service.answers", "any answer is right": custom_with_last_wrong_answer(),
        |p| p.custom.asks_verify = false;
    "service.device-offered", "none is given": on_a_device(), |p| p.devices.given = DevicesGiven::ToNobody;
    "service.device-offered", "another one is given": on_a_device(), |p| p.devices.given = DevicesGiven::ToEverybody;
    "service.device-challenge", "it need not be proved": on_a_device(), |p| p.devices.asked = DevicesAsked::None;
    "service.device-parameters", "another salt": on_a_device(), |p| p.devices.keeps_salt = false;
    "service.device-parameters", "k without the sign octet": on_a_device(),
        |p| k(p, IntForm::Unsigned, IntForm::Unsigned);
    "service.device-proof", "the pool's name in the claim": on_a_device(), |p| p.devices.scope = DeviceScope::PoolName;
    "service.device-unknown", "other words": on_a_forgotten_device(),
        |p| p.devices.missing = DeviceMissing::InOtherWords;
    "service.device-unknown", "no word": on_a_forgotten_device(), |p| p.devices.missing = DeviceMissing::Ignored;
    "service.device-remembered-status", "nobody is asked": on_a_device_by_choice(),
        |p| p.devices.tells_of_confirmation = false;
    "service.device-refresh-bound", "it is never refreshed": refreshed_on_a_device(), |p| p.devices.refreshes = false;
    "service.factor-asked", "not after SRP": with_factor(SoftwareTokenMfa, srp()),
        |p| p.factors.asked_after_srp = false;
    "service.factor-asked", "not after a password": with_factor(SmsMfa, password()),
        |p| p.factors.asked_after_password = false;
    "service.factor-choice", "the first of several": with_factors(None, srp()),
        |p| p.factors.offers_choice = false;
    "service.factor-choice", "a preference that is ignored": with_factors(Some(SoftwareTokenMfa), srp()),
        |p| p.factors.honours_preference = false;
    "service.factor-set-up", "none is set up": needing_factor(srp()), |p| p.factors.sets_up = false;
    "service.factor-set-up", "any code will do": after_wrong_code(needing_factor(password())),
        |p| p.factors.checks_set_up_code = false;
    "service.factor-code", "any code by SMS": after_wrong_code(with_factor(SmsMfa, password())),
        |p| p.factors.checks_codes = false;
    "service.factor-code", "any time-based code": after_wrong_code(with_factor(SoftwareTokenMfa, srp())),
        |p| p.factors.checks_codes = false;
    "service.factor-code", "the Session is lost": after_wrong_code(with_factor(EmailOtp, srp())),
        |p| p.factors.session_survives_wrong_code = false;
    "service.factor-code", "another error": after_wrong_code(with_factor(SoftwareTokenMfa, password())),
        |p| p.factors.wrong_code = ErrorKind::NotAuthorized;
    "service.factor-parameters", "no address": with_factor(SmsMfa, password()),
        |p| p.factors.delivery_told = DeliveryTold::Nothing;
    "service.factor-parameters", "an address that is not masked": with_factor(EmailOtp, password()),
        |p| p.factors.delivery_told = DeliveryTold::InClear;
    "service.factor-parameters", "names with commas": with_factors(None, password()),
        |p| p.factors.lists_are_json = false;
    "service.choice-available", "everything is listed": choosing(None),
        |p| p.factors.lists_what_is_allowed = false;
    "service.choice-followed", "the preference is ignored": choosing(Some(PasswordSrp)),
        |p| p.factors.honours_preferred_challenge = false;
    "service.refresh-tokens", "the refresh token comes again": refreshing(srp()),
        |p| p.refresh.brings = BringsRefreshToken::Always;
    "service.refresh-tokens", "the rotated one is not given": refreshing(rotating(srp())),
        |p| p.refresh.brings = BringsRefreshToken::Never;
    "service.refresh-tokens", "a refresh is a sign-in": refreshing(password()), |p| p.refresh.keeps_origin = false;
    "service.refresh-rotation", "a replaced one is good":
        attacked(Attack::FirstRefreshToken, refreshing(rotating(srp()))), |p| p.refresh.refuses_replaced = false;
    "service.refresh-revoked", "a revoked one is good": attacked(Attack::SignedOutTokens, signing_out(srp())),
        |p| p.refresh.refuses_revoked = false;
    "service.refresh-forged", "a forged one is good": attacked(Attack::ForgedRefreshToken, refreshing(srp())),
        |p| p.refresh.checks_token = false;
    "service.refresh-bound", "the secret is not asked for":
        attacked(Attack::RefreshWithoutSecret, refreshing(with_secret(srp()))), |p| p.refresh.demands_secret = false;
    "service.refresh-bound", "any device will do":
        attacked(Attack::RefreshWithoutDevice, refreshing(tracking_devices(srp()))), |p| p.devices.binds_refresh = false;
    "service.token-life", "an hour for every token": short_lived(srp()), |p| p.refresh.lifetimes = false;
    "service.sign-out-revokes", "access tokens stay good": attacked(Attack::SignedOutTokens, signing_out(srp())),
        |p| p.refresh.ends_access = false;
    "service.reset-code", "any code will do": resetting(UserKind::Confirmed, AnswerChoice::Wrong),
        |p| p.resets.checks_code = false;
    "service.reset-code", "a wrong code has expired": resetting(UserKind::Confirmed, AnswerChoice::Wrong),
        |p| p.resets.wrong_code = ErrorKind::ExpiredCode;
    "service.reset-delivery", "nothing is told of it": resetting(UserKind::Confirmed, AnswerChoice::Right),
        |p| p.resets.tells_delivery = false;
    "service.reset-delivery", "the whole address": resetting(UserKind::Confirmed, AnswerChoice::Right),
        |p| p.resets.masks_destination = false;
    "service.reset-existence", "nobody is told to be nobody": hiding(resetting(UserKind::Unknown, AnswerChoice::Right)),
        |p| p.resets.hides_existence = false;
    "service.reset-existence", "nobody gets a delivery": resetting(UserKind::Unknown, AnswerChoice::Right),
        |p| p.resets.tells_existence = false;
    "service.reset-settles", "the old password stays": resetting(UserKind::Confirmed, AnswerChoice::Right),
        |p| p.resets.sets_password = false;
    "service.reset-settles", "the user has to reset it again": resetting(UserKind::ResetRequired, AnswerChoice::Right),
        |p| p.resets.confirms = false;
    "service.reset-status", "the disabled get a code": resetting(UserKind::Disabled, AnswerChoice::Right),
        |p| p.resets.refuses_by_status = false;
    "service.lock-out", "there is none": guessing(5), |p| p.lockouts.locks_out = false;
    "service.lock-out", "after three failures": guessing(3), |p| p.lockouts.attempts = 3;
];

fn k(policy: &mut Policy, n: IntForm, g: IntForm) {
    policy.dialect = Dialect {
        k: KRule::Hash { n, g },
        ..policy.dialect.clone()
    };
}

fn edit_by(policy: &mut Policy, id: &str) {
    let mistake = arithmetic::ARITHMETIC
        .iter()
        .find(|mistake| mistake.id == id)
        .unwrap();
    policy.dialect = (mistake.edit)(policy.dialect.clone());
}
