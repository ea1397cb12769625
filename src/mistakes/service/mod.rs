//! Mistakes of services: mostly emulators', some the service's own of earlier years.
//!
//! "Measured 2026-11" means that emulators of that month were run against real clients.

pub mod device;
pub mod factor;
pub mod reset;
pub mod tokens;

use crate::mistakes::mistake::{Edit, Mistake};
use crate::pool::policy::{
    FlowSwitches, MessageMember, PrivateParameters, PublicValueForm, SaltRule, Scope,
    SecretBlockForm, SimulatedSalt, TypeForm, UserIdForm,
};
use crate::srp::{HkdfPart, IntForm, KRule, KeyRule, SaltForm, URule};
use crate::wire::ErrorKind;

/// Every known mistake of a service.
pub const SERVICE: &[Mistake] = &[
    // ---- arithmetic ----
    Mistake {
        id: "service.k-without-sign-octet",
        sentence: "k is hashed over N without the zero octet in front.",
        seen: &["faiscadev/fakecloud#2389"],
        edit: Edit::Pool(|policy| {
            policy.dialect.k = KRule::Hash {
                n: IntForm::Unsigned,
                g: IntForm::Unsigned,
            };
        }),
        caught_by: &["service.b", "service.proof"],
    },
    Mistake {
        id: "service.k-padded",
        sentence: "k is hashed over g padded to the width of N, as RFC 5054 has it.",
        seen: &["floci-io/floci#912"],
        edit: Edit::Pool(|policy| {
            policy.dialect.k = KRule::Hash {
                n: IntForm::Padded,
                g: IntForm::Padded,
            };
        }),
        caught_by: &["service.b", "service.proof"],
    },
    Mistake {
        id: "service.u-fixed-width",
        sentence: "u is hashed over A and B of fixed width, without sign octets.",
        seen: &["floci-io/floci#912", "awsim, measured 2026-11"],
        edit: Edit::Pool(|policy| {
            policy.dialect.u = URule::Hash {
                a: IntForm::Padded,
                b: IntForm::Padded,
                swapped: false,
            };
        }),
        caught_by: &["service.proof"],
    },
    Mistake {
        id: "service.key-fixed-width",
        sentence: "HKDF gets u and S of fixed width, without sign octets.",
        seen: &["awsim, measured 2026-11"],
        edit: Edit::Pool(|policy| {
            if let KeyRule::Hkdf(rule) = &mut policy.dialect.key {
                rule.salt = HkdfPart::U(IntForm::Fixed(32));
                rule.ikm = HkdfPart::S(IntForm::Padded);
            }
        }),
        caught_by: &["service.proof"],
    },
    Mistake {
        id: "service.key-of-32-octets",
        sentence: "The key has 32 octets instead of 16.",
        seen: &["floci-io/floci#912"],
        edit: Edit::Pool(|policy| {
            if let KeyRule::Hkdf(rule) = &mut policy.dialect.key {
                rule.length = 32;
            }
        }),
        caught_by: &["service.proof"],
    },
    Mistake {
        id: "service.key-derived-twice",
        sentence: "HKDF is applied to its own output once more.",
        seen: &["floci-io/floci#912"],
        edit: Edit::Pool(|policy| {
            if let KeyRule::Hkdf(rule) = &mut policy.dialect.key {
                rule.rounds = 2;
            }
        }),
        caught_by: &["service.proof"],
    },
    Mistake {
        id: "service.salt-as-raw-octets",
        sentence: "x is hashed over the salt's octets as they are, without a sign octet.",
        seen: &["floci-io/floci#912"],
        edit: Edit::Pool(|policy| policy.dialect.x.salt = SaltForm::Raw),
        caught_by: &["service.b", "service.proof"],
    },
    Mistake {
        id: "service.whole-pool-id",
        sentence: "x and the claim contain the whole pool id instead of the part after the underscore.",
        seen: &["floci-io/floci#358"],
        edit: Edit::Pool(|policy| policy.srp.scope = Scope::WholePoolId),
        caught_by: &["service.b", "service.proof"],
    },
    // ---- the challenge and its proof ----
    Mistake {
        id: "service.proof-unchecked",
        sentence: "Any signature is accepted.",
        seen: &["getmoto/moto#7562", "ministackorg/ministack#1758"],
        edit: Edit::Pool(|policy| policy.proof.checks_proof = false),
        caught_by: &["service.proof"],
    },
    Mistake {
        id: "service.zero-a-accepted",
        sentence: "A multiple of N is accepted as SRP_A, which makes S zero for any password.",
        seen: &[
            "amazon-archives/amazon-cognito-identity-js#356",
            "faiscadev/fakecloud#1961",
        ],
        edit: Edit::Pool(|policy| policy.dialect.checks.a_zero = false),
        caught_by: &["service.values", "service.proof"],
    },
    Mistake {
        id: "service.srp-a-in-pairs-only",
        sentence: "SRP_A is read as pairs of lower-case digits, so that an odd number of them or upper case is refused.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.srp.reads_any_hex = false),
        caught_by: &["service.answers"],
    },
    Mistake {
        id: "service.random-srp-b",
        sentence: "SRP_B is 32 random digits that have nothing to do with the user.",
        seen: &[
            "getmoto/moto, measured 2026-11",
            "LocalEmu, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| {
            policy.srp.public_value = PublicValueForm::Random;
            policy.proof.checks_proof = false;
        }),
        caught_by: &["service.b", "service.values"],
    },
    Mistake {
        id: "service.secret-block-not-base64",
        sentence: "SECRET_BLOCK is a UUID, which clients can't decode.",
        seen: &[
            "getmoto/moto, measured 2026-11",
            "LocalEmu, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| policy.srp.secret_block = SecretBlockForm::Uuid),
        caught_by: &["service.values"],
    },
    Mistake {
        id: "service.no-username-parameter",
        sentence: "PASSWORD_VERIFIER lacks the parameter USERNAME.",
        seen: &["floci-io/floci#1305", "floci-io/floci#1316"],
        edit: Edit::Pool(|policy| policy.srp.sends_username = false),
        caught_by: &["service.challenge-shape"],
    },
    Mistake {
        id: "service.no-user-id-parameter",
        sentence: "PASSWORD_VERIFIER lacks the parameter USER_ID_FOR_SRP.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.srp.sends_user_id = false),
        caught_by: &["service.challenge-shape"],
    },
    Mistake {
        id: "service.typed-name-as-user-id",
        sentence: "USER_ID_FOR_SRP is what the person typed instead of the internal user name.",
        seen: &["ministackorg/ministack#1758", "ministackorg/ministack#1194"],
        edit: Edit::Pool(|policy| policy.srp.user_id = UserIdForm::AsTyped),
        caught_by: &["service.names"],
    },
    Mistake {
        id: "service.sub-is-a-name",
        sentence: "The sub is accepted as a name to sign in with.",
        seen: &["ministackorg/ministack#1758"],
        edit: Edit::Pool(|policy| policy.users.sub_is_a_name = true),
        caught_by: &["service.answers"],
    },
    Mistake {
        id: "service.leading-zero-salt",
        sentence: "Salts may begin with a zero octet and are written with it, which clients read in two ways.",
        seen: &[
            "floci-io/floci, measured 2026-11",
            "awsim, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| policy.srp.salt = SaltRule::LeadingZeroOctet),
        caught_by: &["service.values"],
    },
    Mistake {
        id: "service.new-salt-each-time",
        sentence: "A known user has another salt at every sign-in.",
        seen: &["faiscadev/fakecloud, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.srp.salt = SaltRule::FreshEachTime),
        caught_by: &["service.values", "service.existence"],
    },
    Mistake {
        id: "service.answer-of-another-user",
        sentence: "An answer that names another user is accepted, and the tokens are that user's.",
        seen: &["getmoto/moto#10243"],
        edit: Edit::Pool(|policy| policy.proof.binds_user = false),
        caught_by: &["service.binding-user"],
    },
    Mistake {
        id: "service.answer-of-another-client",
        sentence: "A secret block is good for an app client it was not made for.",
        seen: &["faiscadev/fakecloud#1961"],
        edit: Edit::Pool(|policy| policy.proof.binds_client = false),
        caught_by: &["service.binding-user"],
    },
    Mistake {
        id: "service.bad-block-told-apart",
        sentence: "A secret block that is not the challenge's is refused in other words than a wrong password.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.proof.hides_bad_block = false),
        caught_by: &["service.binding"],
    },
    Mistake {
        id: "service.secret-block-reusable",
        sentence: "One proof can be played again and again.",
        seen: &["amazon-archives/amazon-cognito-identity-js#356"],
        edit: Edit::Pool(|policy| policy.proof.single_use = false),
        caught_by: &["service.binding"],
    },
    // ---- time ----
    Mistake {
        id: "service.timestamp-not-canonical",
        sentence: "A TIMESTAMP with a padded day or a wrong weekday is accepted.",
        seen: &["ministackorg/ministack#1758"],
        edit: Edit::Pool(|policy| policy.proof.canonical_timestamp = false),
        caught_by: &["service.timestamp"],
    },
    Mistake {
        id: "service.timestamp-of-any-age",
        sentence: "A TIMESTAMP of any age is accepted.",
        seen: &["ministackorg/ministack#1758"],
        edit: Edit::Pool(|policy| policy.proof.timestamp_window_seconds = i64::MAX),
        caught_by: &["service.timestamp"],
    },
    Mistake {
        id: "service.timestamp-error-generic",
        sentence: "An unreadable TIMESTAMP is called a wrong password.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.proof.names_timestamp_pattern = false),
        caught_by: &["service.timestamp"],
    },
    // ---- Sessions ----
    Mistake {
        id: "service.session-in-plain-verifier",
        sentence: "PASSWORD_VERIFIER of USER_SRP_AUTH carries a Session.",
        seen: &["ministackorg/ministack#1758"],
        edit: Edit::Pool(|policy| policy.sessions.in_plain_verifier = true),
        caught_by: &["service.session-presence"],
    },
    Mistake {
        id: "service.session-demanded",
        sentence: "The answer to PASSWORD_VERIFIER of USER_SRP_AUTH has to carry a Session.",
        seen: &[
            "faiscadev/fakecloud, measured 2026-11",
            "awsim, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| {
            policy.sessions.in_plain_verifier = true;
            policy.sessions.demanded_in_plain_verifier = true;
        }),
        caught_by: &["service.session-presence"],
    },
    Mistake {
        id: "service.session-reusable",
        sentence: "A Session that was answered can be answered again.",
        seen: &["jagregory/cognito-local, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.sessions.single_use = false),
        caught_by: &["service.session-life"],
    },
    Mistake {
        id: "service.session-for-ever",
        sentence: "A Session never expires.",
        seen: &["jagregory/cognito-local, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.sessions.expires = false),
        caught_by: &["service.session-life"],
    },
    Mistake {
        id: "service.same-session-after-answer",
        sentence: "The next custom challenge comes with the Session of the one before.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.sessions.renewed_after_wrong_answer = false),
        caught_by: &["service.session-life"],
    },
    Mistake {
        id: "service.invented-session",
        sentence: "NEW_PASSWORD_REQUIRED can be answered for any user with an invented Session.",
        seen: &["jagregory/cognito-local, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.sessions.demanded_for_new_password = false),
        caught_by: &["service.binding-user", "service.session-life"],
    },
    // ---- the app client ----
    Mistake {
        id: "service.flow-switch-ignored",
        sentence: "A flow that is switched off works all the same.",
        seen: &[
            "getmoto/moto, measured 2026-11",
            "jagregory/cognito-local, measured 2026-11",
            "ministackorg/ministack, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| policy.clients.flow_switches = FlowSwitches::Ignored),
        caught_by: &["service.flow-switch"],
    },
    Mistake {
        id: "service.flow-switch-not-authorized",
        sentence: "A flow that is switched off is refused with NotAuthorizedException.",
        seen: &[
            "faiscadev/fakecloud, measured 2026-11",
            "cognitox, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| {
            policy.clients.flow_switches = FlowSwitches::RefusedAsNotAuthorized;
        }),
        caught_by: &["service.flow-switch"],
    },
    Mistake {
        id: "service.secret-hash-not-demanded",
        sentence: "A client with a secret may leave SECRET_HASH out.",
        seen: &["ministackorg/ministack, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.clients.secret_hash_demanded = false),
        caught_by: &["service.secret-hash"],
    },
    Mistake {
        id: "service.missing-hash-called-wrong",
        sentence: "A missing SECRET_HASH is refused in the words of a wrong one.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.clients.secret_hash_missed_in_words = false),
        caught_by: &["service.secret-hash-text"],
    },
    Mistake {
        id: "service.secret-hash-unchecked",
        sentence: "Any SECRET_HASH is accepted.",
        seen: &["ministackorg/ministack#1745"],
        edit: Edit::Pool(|policy| policy.clients.secret_hash_checked = false),
        caught_by: &["service.secret-hash"],
    },
    // ---- existence ----
    Mistake {
        id: "service.existence-leaks",
        sentence: "PreventUserExistenceErrors is stored and not honoured.",
        seen: &["ministackorg/ministack#1574"],
        edit: Edit::Pool(|policy| policy.clients.hides_existence = false),
        caught_by: &["service.existence"],
    },
    Mistake {
        id: "service.unstable-fake-salt",
        sentence: "An unknown user has another salt each time, which tells unknown users from known ones.",
        seen: &["faiscadev/fakecloud, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.users.simulated_salt = SimulatedSalt::FreshEachTime),
        caught_by: &["service.existence"],
    },
    Mistake {
        id: "service.negative-fake-salt",
        sentence: "An unknown user's salt has a minus sign.",
        seen: &["aws-amplify/amplify-js#7618", "NabuCasa/pycognito#14"],
        edit: Edit::Pool(|policy| policy.users.simulated_salt = SimulatedSalt::Negative),
        caught_by: &["service.existence", "service.values"],
    },
    // ---- the user's state ----
    Mistake {
        id: "service.disabled-user-signs-in",
        sentence: "A disabled user gets tokens.",
        seen: &["ministackorg/ministack#1758"],
        edit: Edit::Pool(|policy| policy.users.refuses_disabled = false),
        caught_by: &["service.user-status"],
    },
    Mistake {
        id: "service.unconfirmed-user-signs-in",
        sentence: "An unconfirmed user gets tokens.",
        seen: &["floci-io/floci#2027", "ministackorg/ministack#1758"],
        edit: Edit::Pool(|policy| policy.users.refuses_unconfirmed = false),
        caught_by: &["service.user-status"],
    },
    Mistake {
        id: "service.confirms-by-signing-in",
        sentence: "Signing in makes an unconfirmed user confirmed.",
        seen: &["ministackorg/ministack#1758"],
        edit: Edit::Pool(|policy| {
            policy.users.refuses_unconfirmed = false;
            policy.users.confirms_by_signing_in = true;
        }),
        caught_by: &["service.user-status"],
    },
    Mistake {
        id: "service.unconfirmed-told-after-password",
        sentence: "An unconfirmed user with a wrong password is told about the password first.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.users.unconfirmed_before_password = false),
        caught_by: &["service.user-status"],
    },
    Mistake {
        id: "service.new-password-skipped-after-srp",
        sentence: "A temporary password proved by SRP gets tokens at once.",
        seen: &["faiscadev/fakecloud#1961"],
        edit: Edit::Pool(|policy| policy.users.new_password_after_srp = false),
        caught_by: &["service.user-status"],
    },
    Mistake {
        id: "service.new-password-undescribed",
        sentence: "NEW_PASSWORD_REQUIRED lacks requiredAttributes and userAttributes.",
        seen: &[
            "getmoto/moto, measured 2026-11",
            "robotocore, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| policy.users.new_password_describes_user = false),
        caught_by: &["service.challenge-shape"],
    },
    Mistake {
        id: "service.reset-required-ignored",
        sentence: "A user who has to reset the password gets tokens.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.users.refuses_reset_required = false),
        caught_by: &["service.user-status"],
    },
    // ---- custom challenges ----
    Mistake {
        id: "service.any-custom-answer",
        sentence: "Any answer to a custom challenge is right.",
        seen: &["floci-io/floci#1483"],
        edit: Edit::Pool(|policy| policy.custom.asks_verify = false),
        caught_by: &["service.answers"],
    },
    Mistake {
        id: "service.failing-trigger-ignored",
        sentence: "A trigger that fails is replaced by one that accepts any answer.",
        seen: &["floci-io/floci#1483"],
        edit: Edit::Pool(|policy| policy.custom.failing_trigger_refuses = false),
        caught_by: &["service.answers", "service.error-text"],
    },
    Mistake {
        id: "service.custom-without-triggers",
        sentence: "CUSTOM_AUTH works in a pool without triggers.",
        seen: &["floci-io/floci#1483"],
        edit: Edit::Pool(|policy| policy.custom.needs_triggers = false),
        caught_by: &["service.answers", "service.error-text-reported"],
    },
    Mistake {
        id: "service.private-parameters-dropped",
        sentence: "Verify gets no private challenge parameters, so that the right answer is never right.",
        seen: &["faiscadev/fakecloud, measured 2026-11"],
        edit: Edit::Pool(|policy| {
            policy.custom.private_parameters = PrivateParameters::Dropped;
        }),
        caught_by: &["service.private-parameters"],
    },
    Mistake {
        id: "service.private-parameters-leaked",
        sentence: "Private challenge parameters are sent to the client.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.custom.private_parameters = PrivateParameters::Leaked),
        caught_by: &["service.private-parameters"],
    },
    Mistake {
        id: "service.srp-a-ignored-in-custom",
        sentence: "CUSTOM_AUTH with SRP_A goes straight to the custom challenge, so that no password is asked.",
        seen: &[
            "ministackorg/ministack#1219",
            "faiscadev/fakecloud, measured 2026-11",
            "LocalEmu, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| policy.custom.starts_with_srp = false),
        caught_by: &["service.trigger-order", "service.challenge-shape"],
    },
    Mistake {
        id: "service.two-entries-a-round",
        sentence: "The session array has an element for a question and another for its answer.",
        seen: &["ministackorg/ministack#835"],
        edit: Edit::Pool(|policy| policy.custom.one_entry_a_round = false),
        caught_by: &["service.trigger-order"],
    },
    Mistake {
        id: "service.three-rounds-at-most",
        sentence: "SRP_A and PASSWORD_VERIFIER count against a limit of three rounds.",
        seen: &["ministackorg/ministack, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.custom.entry_limit = Some(3)),
        caught_by: &["service.answers"],
    },
    Mistake {
        id: "service.initiate-metadata-to-define",
        sentence: "Metadata of InitiateAuth reaches Define and Create.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.metadata.initiate_reaches_challenge_triggers = true),
        caught_by: &["service.metadata-routing"],
    },
    Mistake {
        id: "service.answer-metadata-dropped",
        sentence: "Metadata of an answer does not reach the challenge triggers.",
        seen: &["localstack/localstack#5254", "ministackorg/ministack#1219"],
        edit: Edit::Pool(|policy| policy.metadata.answers_reach_challenge_triggers = false),
        caught_by: &["service.metadata-routing"],
    },
    Mistake {
        id: "service.validation-data-dropped",
        sentence: "Metadata of InitiateAuth does not reach UserMigration and PreAuthentication as validationData.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.metadata.initiate_reaches_validation_data = false),
        caught_by: &["service.metadata-routing"],
    },
    // ---- migration ----
    Mistake {
        id: "service.migration-never",
        sentence: "The migration trigger never runs at sign-in.",
        seen: &[
            "ministackorg/ministack, measured 2026-11",
            "faiscadev/fakecloud, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| policy.migration.on_sign_in = false),
        caught_by: &["service.migration"],
    },
    Mistake {
        id: "service.migration-never-on-reset",
        sentence: "The migration trigger never runs when an unknown user resets the password.",
        seen: &["getmoto/moto, measured 2026-11 (no triggers at all)"],
        edit: Edit::Pool(|policy| policy.migration.on_reset = false),
        caught_by: &["service.migration"],
    },
    Mistake {
        id: "service.migration-under-srp",
        sentence: "The migration trigger runs under SRP, without a password.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.migration.under_srp = true),
        caught_by: &["service.migration"],
    },
    Mistake {
        id: "service.migration-always-confirmed",
        sentence: "A migrated user is confirmed whatever the trigger's finalUserStatus says.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.migration.honours_status = false),
        caught_by: &["service.migration"],
    },
    // ---- errors ----
    Mistake {
        id: "service.invalid-password-exception",
        sentence: "A wrong password is called InvalidPasswordException.",
        seen: &["jagregory/cognito-local, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.errors.wrong_password = ErrorKind::InvalidPassword),
        caught_by: &["service.answers", "service.proof"],
    },
    Mistake {
        id: "service.error-headers-missing",
        sentence: "Errors lack the x-amzn-ErrorType header.",
        seen: &["jagregory/cognito-local, commit 8ecaf40"],
        edit: Edit::Pool(|policy| policy.errors.headers = false),
        caught_by: &["service.error-form"],
    },
    Mistake {
        id: "service.error-type-namespaced",
        sentence: "__type has a namespace in front of the shape's name.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.errors.type_form = TypeForm::Namespaced),
        caught_by: &["service.error-form"],
    },
    Mistake {
        id: "service.error-message-capital",
        sentence: "The text of an error is in Message instead of message.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.errors.message_member = MessageMember::Capital),
        caught_by: &["service.error-form"],
    },
    Mistake {
        id: "service.full-stops-swapped",
        sentence: "Texts of errors end in a full stop where the service's have none, and have none where the service's do.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.errors.full_stops = false),
        caught_by: &["service.error-text", "service.error-text-reported"],
    },
    Mistake {
        id: "service.error-status-500",
        sentence: "A client's fault is answered with status 500, so that clients try again.",
        seen: &["jagregory/cognito-local, measured 2026-11"],
        edit: Edit::Pool(|policy| policy.errors.status = 500),
        caught_by: &["service.error-form"],
    },
    // ---- tokens ----
    Mistake {
        id: "service.stub-signature",
        sentence: "Tokens end in a fixed word instead of a signature.",
        seen: &[
            "robotocore, measured 2026-11",
            "ministackorg/ministack, measured 2026-11",
        ],
        edit: Edit::Pool(|policy| policy.tokens.stub_signature = true),
        caught_by: &["service.tokens"],
    },
    Mistake {
        id: "service.access-token-without-client-id",
        sentence: "The access token names the app client as aud and has no client_id.",
        seen: &["floci-io/floci#279"],
        edit: Edit::Pool(|policy| policy.tokens.access_names_client = false),
        caught_by: &["service.tokens"],
    },
    Mistake {
        id: "service.foreign-issuer",
        sentence: "Tokens are issued by something else than the pool's public issuer.",
        seen: &["LocalEmu, measured 2026-11", "localstack/localstack#12756"],
        edit: Edit::Pool(|policy| policy.tokens.public_issuer = false),
        caught_by: &["service.tokens"],
    },
    Mistake {
        id: "service.no-refresh-token",
        sentence: "A sign-in brings no refresh token.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.tokens.sends_refresh_token = false),
        caught_by: &["service.tokens"],
    },
    Mistake {
        id: "service.plain-json",
        sentence: "answers are application/json, which some clients don't parse errors of.",
        seen: &["jagregory/cognito-local, commit 8ecaf40"],
        edit: Edit::Pool(|policy| policy.responses.content_type = "application/json"),
        caught_by: &["service.response-form"],
    },
    Mistake {
        id: "service.no-request-id",
        sentence: "answers carry no x-amzn-RequestId, so that nobody can report one.",
        seen: &[],
        edit: Edit::Pool(|policy| policy.responses.request_id = false),
        caught_by: &["service.response-form"],
    },
];
