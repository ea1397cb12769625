//! Devices: confirmed, named, proved and let go of wrongly.

use super::mistake::{Edit, Mistake};
use crate::client::{
    DeviceFlows, DevicePassword, Filed, Gone, KeySent, Policy, VerifierOctets, VerifierScope,
    VerifierUser,
};
use crate::wire::names::key;
use crate::wire::{ChallengeName, Operation};

/// The family.
pub const FAMILY: &[Mistake] = &[
    // ---- confirming ----
    Mistake {
        id: "device.not-confirmed-in-custom-flows",
        sentence: "a device that comes with the tokens of a custom flow is not confirmed.",
        seen: &[
            "aws-amplify/amplify-flutter#2198",
            "aws-amplify/amplify-js#12220",
        ],
        edit: Edit::Client(|policy| policy.devices.confirmed = DeviceFlows::NotCustom),
        caught_by: &["device.confirmed"],
    },
    Mistake {
        id: "device.confirmed-after-srp-only",
        sentence: "a device is confirmed in flows with SRP only.",
        seen: &["aws-amplify/amplify-flutter#4476"],
        edit: Edit::Client(|policy| policy.devices.confirmed = DeviceFlows::WithSrp),
        caught_by: &["device.confirmed"],
    },
    Mistake {
        id: "device.octets-unsigned",
        sentence: "verifier and salt are sent without the zero octet in front, and are negative as often as not.",
        seen: &["aws/aws-sdk-net-extensions-cognito#46"],
        edit: Edit::Client(|policy| octets(policy, VerifierOctets::Unsigned)),
        caught_by: &["device.verifier-form"],
    },
    Mistake {
        id: "device.salt-unsigned",
        sentence: "the salt of the verifier is sent without the zero octet in front, and is negative as often as not.",
        seen: &[],
        edit: Edit::Client(|policy| policy.devices.salt_octets = VerifierOctets::Unsigned),
        caught_by: &["device.verifier-form"],
    },
    Mistake {
        id: "device.user-name-in-the-verifier",
        sentence: "the verifier is made over the user's name in the place of the device's key.",
        seen: &[
            "aws/aws-sdk-net-extensions-cognito#64",
            "aws/aws-sdk-net-extensions-cognito#73",
            "aws/aws-sdk-net-extensions-cognito#139",
        ],
        edit: Edit::Client(|policy| policy.devices.verifier_user = VerifierUser::UserName),
        caught_by: &["device.verifier", "device.claim"],
    },
    Mistake {
        id: "device.stray-character-in-the-verifier",
        sentence: "a back-tick has slipped into the text that the verifier is made over.",
        seen: &[
            "jonsaw/amazon-cognito-identity-dart#57",
            "jonsaw/amazon-cognito-identity-dart#62",
        ],
        edit: Edit::Client(|policy| {
            policy.devices.verifier_user = VerifierUser::DeviceKeyAndBackTick;
        }),
        caught_by: &["device.verifier", "device.claim"],
    },
    Mistake {
        id: "device.group-key-left-out-of-the-verifier",
        sentence: "the verifier is made without the device's group key.",
        seen: &[],
        edit: Edit::Client(|policy| policy.devices.verifier_scope = VerifierScope::Nothing),
        caught_by: &["device.verifier", "device.claim"],
    },
    Mistake {
        id: "device.pool-name-in-the-verifier",
        sentence: "the verifier is made over the pool's name in the place of the device's group key.",
        seen: &[],
        edit: Edit::Client(|policy| policy.devices.verifier_scope = VerifierScope::PoolName),
        caught_by: &["device.verifier", "device.claim"],
    },
    Mistake {
        id: "device.pool-id-in-the-verifier",
        sentence: "the verifier is made over the whole pool id in the place of the device's group key.",
        seen: &[],
        edit: Edit::Client(|policy| policy.devices.verifier_scope = VerifierScope::PoolId),
        caught_by: &["device.verifier", "device.claim"],
    },
    Mistake {
        id: "device.octets-as-hex-text",
        sentence: "the hexadecimal digits of verifier and salt are written in base64 instead of their octets.",
        seen: &[],
        edit: Edit::Client(|policy| octets(policy, VerifierOctets::HexText)),
        caught_by: &["device.verifier", "device.claim"],
    },
    Mistake {
        id: "device.password-of-the-account",
        sentence: "the device's password is the account's.",
        seen: &["aws-amplify/amplify-flutter 8fe9df31d4"],
        edit: Edit::Client(|policy| policy.devices.password = DevicePassword::OfTheAccount),
        caught_by: &["device.password-fresh", "device.verifier"],
    },
    Mistake {
        id: "device.password-in-clear",
        sentence: "the device's password goes along with the proof as metadata.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::DevicePasswordVerifier)
                    && let Some(device) = out.sender.device
                {
                    let password = device.password.clone();
                    out.add_metadata("deviceSecret", password);
                }
            });
        }),
        caught_by: &["secrecy.device-password"],
    },
    // ---- naming ----
    Mistake {
        id: "device.key-missing-beside-codes",
        sentence: "answers about factors do not name the device, which is forgotten by that.",
        seen: &[
            "aws-amplify/amplify-swift#2697",
            "aws-amplify/amplify-android#3289",
            "aws-amplify/amplify-js#14622",
            "aws-amplify/amplify-js#14626",
        ],
        edit: Edit::Client(|policy| policy.devices.key_sent = KeySent::NotWithFactors),
        caught_by: &["device.key-in-answers"],
    },
    Mistake {
        id: "device.key-missing-beside-custom-answers",
        sentence: "answers to custom challenges do not name the device.",
        seen: &["amazon-archives/amazon-cognito-identity-js#668"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::CustomChallenge) {
                    out.remove(key::DEVICE_KEY);
                }
            });
        }),
        caught_by: &["device.key-in-answers"],
    },
    Mistake {
        id: "device.key-missing-beside-the-proof",
        sentence: "the answer to PASSWORD_VERIFIER does not name the device.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::PasswordVerifier) {
                    out.remove(key::DEVICE_KEY);
                }
            });
        }),
        caught_by: &["device.key-in-answers"],
    },
    Mistake {
        id: "device.one-for-everybody",
        sentence: "the device is not kept by user: the second user inherits the first one's.",
        seen: &[
            "aws-amplify/amplify-js#8469",
            "aws-amplify/amplify-js#12209",
            "aws-amplify/amplify-js#12230",
        ],
        edit: Edit::Client(|policy| policy.devices.filed = Filed::UnderNoName),
        caught_by: &["device.key-of-this-user"],
    },
    Mistake {
        id: "device.lost-at-sign-out",
        sentence: "signing out wipes the device.",
        seen: &[
            "aws-amplify/amplify-flutter#2009",
            "aws-amplify/amplify-flutter#2010",
        ],
        edit: Edit::Client(|policy| policy.devices.survive_sign_out = false),
        caught_by: &["device.survives-sign-out"],
    },
    // ---- proving ----
    Mistake {
        id: "device.rounds-after-srp-only",
        sentence: "DEVICE_SRP_AUTH is answered in flows with SRP only.",
        seen: &[
            "aws-amplify/amplify-swift#2584",
            "aws-amplify/amplify-flutter#3652",
        ],
        edit: Edit::Client(|policy| policy.devices.rounds_answered = DeviceFlows::WithSrp),
        caught_by: &["device.srp-answer"],
    },
    Mistake {
        id: "device.rounds-not-in-custom-flows",
        sentence: "DEVICE_SRP_AUTH is not answered in custom flows.",
        seen: &[
            "aws-amplify/amplify-flutter#3541",
            "aws-amplify/amplify-flutter#3543",
        ],
        edit: Edit::Client(|policy| policy.devices.rounds_answered = DeviceFlows::NotCustom),
        caught_by: &["device.srp-answer"],
    },
    Mistake {
        id: "device.round-without-key",
        sentence: "DEVICE_SRP_AUTH is answered without DEVICE_KEY.",
        seen: &["aws-amplify/amplify-android#2018"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::DeviceSrpAuth) {
                    out.remove(key::DEVICE_KEY);
                }
            });
        }),
        caught_by: &["device.srp-answer"],
    },
    Mistake {
        id: "device.code-answered-as-device",
        sentence: "a challenge for a code is answered as DEVICE_SRP_AUTH once there is a device.",
        seen: &["aws/aws-sdk-net-extensions-cognito#127"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let is_code = out.answers(&ChallengeName::SmsMfa)
                    || out.answers(&ChallengeName::SoftwareTokenMfa);
                if is_code && out.sender.device.is_some() {
                    let name = ChallengeName::DeviceSrpAuth.as_str().into();
                    out.members().insert("ChallengeName".to_owned(), name);
                }
            });
        }),
        caught_by: &["flow.answers-pending"],
    },
    Mistake {
        id: "device.user-name-in-the-claim",
        sentence: "the claim is made over the user's name in the place of the device's key.",
        seen: &[
            "aws/aws-sdk-net-extensions-cognito#73",
            "aws/aws-sdk-net-extensions-cognito#183",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::DevicePasswordVerifier)
                    && let Some(name) = out.get(key::USERNAME)
                {
                    out.reclaim(|proof| proof.claim_user = name);
                }
            });
        }),
        caught_by: &["device.claim"],
    },
    Mistake {
        id: "device.pool-name-in-the-claim",
        sentence: "the claim is made over the pool's name in the place of the group key.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::DevicePasswordVerifier)
                    && let Some(pool) = out.sender.pool_id
                {
                    let name = pool.name().to_owned();
                    out.reclaim(|proof| proof.claim_scope = name);
                }
            });
        }),
        caught_by: &["device.claim"],
    },
    Mistake {
        id: "device.password-round-repeated",
        sentence: "the claim is made over the pool's name and the user's, as in the password's round.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::DevicePasswordVerifier)
                    && let Some(name) = out.get(key::USERNAME)
                    && let Some(pool) = out.sender.pool_id
                {
                    let pool = pool.name().to_owned();
                    out.reclaim(|proof| {
                        proof.claim_scope = pool;
                        proof.claim_user = name;
                    });
                }
            });
        }),
        caught_by: &["device.claim"],
    },
    Mistake {
        id: "device.session-not-echoed",
        sentence: "the device's challenges are answered without the Session that they came with.",
        seen: &[
            "aws-amplify/amplify-js#8591",
            "aws-amplify/aws-sdk-android#2337",
            "NabuCasa/pycognito HEAD",
        ],
        edit: Edit::Client(|policy| policy.devices.echoes_session = false),
        caught_by: &["device.session-echo"],
    },
    Mistake {
        id: "device.secret-hash-missing-in-its-rounds",
        sentence: "the device's challenges are answered without SECRET_HASH.",
        seen: &["aws-amplify/amplify-android#2508"],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::DeviceSrpAuth)
                    || out.answers(&ChallengeName::DevicePasswordVerifier)
                {
                    out.remove(key::SECRET_HASH);
                }
            });
        }),
        caught_by: &["secret-hash.right"],
    },
    Mistake {
        id: "device.timestamp-with-padded-day",
        sentence: "the TIMESTAMP of the device's proof has a padded day.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::DevicePasswordVerifier) {
                    out.reclaim(|proof| {
                        let mut words: Vec<String> =
                            proof.timestamp.split(' ').map(str::to_owned).collect();
                        if let Some(day) = words.get_mut(2) {
                            *day = format!("{day:0>2}");
                        }
                        proof.timestamp = words.join(" ");
                    });
                }
            });
        }),
        caught_by: &["timestamp.format"],
    },
    Mistake {
        id: "device.secret-block-as-base64url",
        sentence: "the SECRET_BLOCK of the device's challenge comes back in the alphabet of URLs.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if out.answers(&ChallengeName::DevicePasswordVerifier) {
                    out.change(key::PASSWORD_CLAIM_SECRET_BLOCK, |block| {
                        block.replace('+', "-").replace('/', "_")
                    });
                }
            });
        }),
        caught_by: &["srp.secret-block"],
    },
    // ---- letting go ----
    Mistake {
        id: "device.gone-for-ever",
        sentence: "a device that the service has forgotten is sent for ever, so that nobody can sign in any more.",
        seen: &[
            "amazon-archives/amazon-cognito-identity-js#200",
            "aws-amplify/amplify-js#12188",
            "aws-amplify/amplify-js#10083",
            "aws-amplify/amplify-android#2603",
            "aws-amplify/amplify-flutter#2621",
            "aws-amplify/amplify-swift#2699",
            "aws-amplify/aws-sdk-ios#5339",
        ],
        edit: Edit::Client(|policy| policy.devices.gone = Gone::Never),
        caught_by: &["device.gone-retried-once", "device.gone-dropped"],
    },
    Mistake {
        id: "device.gone-by-kind-alone",
        sentence: "any ResourceNotFoundException is taken for a forgotten device.",
        seen: &[
            "amazon-archives/amazon-cognito-identity-js a6b8ed4",
            "aws-amplify/amplify-js#12241",
        ],
        edit: Edit::Client(|policy| policy.devices.gone = Gone::ByItsKind),
        caught_by: &["device.other-not-found"],
    },
    Mistake {
        id: "device.kept-after-forgetting",
        sentence: "a device that the person has forgotten is still sent.",
        seen: &[],
        edit: Edit::Client(|policy| policy.devices.forgotten_here = false),
        caught_by: &["device.gone-dropped"],
    },
    Mistake {
        id: "device.remembered-as-not-remembered",
        sentence: "rememberDevice sets the status not_remembered.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::UpdateDeviceStatus {
                    out.set("DeviceRememberedStatus", "not_remembered");
                }
            });
        }),
        caught_by: &["device.remember-request"],
    },
    Mistake {
        id: "device.none-named-when-forgetting",
        sentence: "forgetDevice sends no DeviceKey.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::ForgetDevice {
                    out.remove("DeviceKey");
                }
            });
        }),
        caught_by: &["device.forget-request"],
    },
    Mistake {
        id: "device.never-named",
        sentence: "no request of a sign-in names the device.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                let is_of_device = out.answers(&ChallengeName::DeviceSrpAuth)
                    || out.answers(&ChallengeName::DevicePasswordVerifier);
                let begins = out.starts() && out.sender.flow.is_some();
                let is_of_sign_in = begins || *out.operation == Operation::RespondToAuthChallenge;
                if is_of_sign_in && !is_of_device {
                    out.remove(key::DEVICE_KEY);
                }
            });
        }),
        caught_by: &["device.key-in-answers"],
    },
];

fn octets(policy: &mut Policy, octets: VerifierOctets) {
    policy.devices.verifier_octets = octets;
    policy.devices.salt_octets = octets;
}
