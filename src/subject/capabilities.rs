//! What a port says it offers.
//!
//! What is missing here makes a case *not applicable*, with the reason that [`Capabilities::lacks`] gives. What is declared
//! here and then refused is a failure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::primitive::PrimitiveCall;
use crate::wire::call::ConfigurationFormat;
use crate::wire::{AuthFlowType, Call, ChallengeName, Inject, Operation, Target};

/// Who is under test, and what it offers: the result of `initialize`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The port's name, e.g. of its package.
    pub name: String,
    /// The port's version, not the shim's.
    pub version: String,
    /// The language or platform it runs on.
    pub language: String,
    /// What it offers.
    pub capabilities: Capabilities,
}

impl Description {
    /// The names of the capabilities that this version does not know.
    pub fn unknown_capabilities(&self) -> Vec<String> {
        self.capabilities.unknown.keys().cloned().collect()
    }
}

/// What a port offers. Everything that is absent counts as not offered, except [`Capabilities::next_steps`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// Flows that `signIn` can be asked for, also by a configuration file or by default.
    pub flows: BTreeSet<AuthFlowType>,
    /// Challenges that the port can get past, alone (`PASSWORD_VERIFIER`) or with the person's answer.
    pub challenges: BTreeSet<ChallengeName>,
    /// Pure functions by their method name, e.g. `srp/A`.
    pub primitives: BTreeSet<String>,
    /// Configuration files that the port reads by itself.
    pub configuration_formats: BTreeSet<ConfigurationFormat>,
    /// Values that the port takes in place of its own.
    pub inject: Injectable,
    /// How the port is led to the pool.
    pub endpoint: EndpointForm,
    /// Whether the port can use an app client that has a secret.
    pub client_secret: bool,
    /// With which calls the application can give `ClientMetadata`.
    pub client_metadata: MetadataCalls,
    /// Whether `resetPassword` and `confirmResetPassword` are offered.
    pub reset_password: bool,
    /// Calls beside these that are offered, of [`CALLS`].
    pub calls: BTreeSet<String>,
    /// Whether the port signs in while somebody is signed in. Where it isn't said, the harness finds out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_while_signed_in: Option<bool>,
    /// Whether the port keeps devices from one sign-in to the next. Where it isn't said, it does; `false` where the application
    /// has to, by way of the shim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_store: Option<bool>,
    /// Operations that the shim calls by itself, since the library leaves them to the application: its glue.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub glue: BTreeSet<Operation>,
    /// Next steps that the port can name, by Amplify's names. `None` means all; a port that raises
    /// `UserNotConfirmedException` in place of `CONFIRM_SIGN_UP`, say, lists the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_steps: Option<BTreeSet<String>>,
    /// What this version does not know, and ignores.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, Value>,
}

impl Capabilities {
    /// Everything that the protocol knows, but passkeys.
    pub fn everything() -> Self {
        Self {
            flows: AuthFlowType::EVERY.into(),
            challenges: [
                ChallengeName::PasswordVerifier,
                ChallengeName::CustomChallenge,
                ChallengeName::NewPasswordRequired,
                ChallengeName::SmsMfa,
                ChallengeName::EmailOtp,
                ChallengeName::SoftwareTokenMfa,
                ChallengeName::SelectMfaType,
                ChallengeName::MfaSetup,
                ChallengeName::SelectChallenge,
                ChallengeName::SmsOtp,
                ChallengeName::DeviceSrpAuth,
                ChallengeName::DevicePasswordVerifier,
            ]
            .into(),
            primitives: PrimitiveCall::METHODS.map(str::to_owned).into(),
            configuration_formats: [ConfigurationFormat::Gen1, ConfigurationFormat::Gen2].into(),
            inject: Injectable {
                a: true,
                clock: true,
                device_password: true,
            },
            endpoint: EndpointForm::Url,
            client_secret: true,
            client_metadata: MetadataCalls::every(),
            reset_password: true,
            calls: CALLS.map(str::to_owned).into(),
            sign_in_while_signed_in: Some(true),
            device_store: None,
            glue: BTreeSet::new(),
            next_steps: None,
            unknown: BTreeMap::new(),
        }
    }

    /// Why the port can't be asked for `call`; `None` when it can.
    ///
    /// Injected values are no reason: without them a case still runs, see [`Capabilities::injectable`].
    pub fn lacks(&self, call: &Call) -> Option<String> {
        match call {
            Call::SignIn(call) => {
                let flow = call.auth_flow_type.unwrap_or_default();
                // With a configuration file the flow may come from there; who plays the scenario asks for that.
                if (call.auth_flow_type.is_some() || call.target.configuration.is_none())
                    && !self.flows.contains(&flow)
                {
                    return Some(format!("the flow {flow}"));
                }
                self.lacks_target(&call.target)
                    .or_else(|| self.lacks_metadata("signIn", call.metadata.is_empty()))
            }
            Call::ConfirmSignIn(call) => {
                self.lacks_metadata("confirmSignIn", call.metadata.is_empty())
            }
            Call::ResetPassword(call) => self
                .lacks_reset_password()
                .or_else(|| self.lacks_target(&call.target))
                .or_else(|| self.lacks_metadata("resetPassword", call.metadata.is_empty())),
            Call::ConfirmResetPassword(call) => self
                .lacks_reset_password()
                .or_else(|| self.lacks_target(&call.target)),
            Call::FetchAuthSession(arguments) => self
                .lacks_call(call)
                .or_else(|| self.lacks_metadata("fetchAuthSession", arguments.metadata.is_empty())),
            Call::SignOut(sign_out) => self.lacks_sign_out(call, sign_out.global),
            Call::RememberDevice | Call::ForgetDevice(_) => self.lacks_call(call),
            Call::Reset => None,
        }
    }

    /// The challenges that the protocol knows and the port does not get past.
    pub fn challenges_not_offered(&self) -> BTreeSet<ChallengeName> {
        let every = Self::everything().challenges;
        every.difference(&self.challenges).cloned().collect()
    }

    /// What of `inject` the port takes. Only that may be sent to it.
    pub fn injectable(&self, inject: &Inject) -> Inject {
        Inject {
            a: if self.inject.a {
                inject.a.clone()
            } else {
                Vec::new()
            },
            clock: inject.clock.filter(|_| self.inject.clock),
            device_password: inject
                .device_password
                .clone()
                .filter(|_| self.inject.device_password),
        }
    }

    /// Whether the port can name the next step `name`.
    pub fn names_step(&self, name: &str) -> bool {
        self.next_steps
            .as_ref()
            .is_none_or(|steps| steps.contains(name))
    }

    fn lacks_target(&self, target: &Target) -> Option<String> {
        if target.client_secret.is_some() && !self.client_secret {
            return Some("an app client with a secret".to_owned());
        }
        let configuration = target.configuration.as_ref()?;
        (!self.configuration_formats.contains(&configuration.format)).then(|| {
            match configuration.format {
                ConfigurationFormat::Gen1 => "configuration files of format gen1".to_owned(),
                ConfigurationFormat::Gen2 => "configuration files of format gen2".to_owned(),
            }
        })
    }

    fn lacks_metadata(&self, method: &str, unused: bool) -> Option<String> {
        (!unused && !self.client_metadata.has(method))
            .then(|| format!("ClientMetadata of {method}"))
    }

    /// Signing out in both ways is one capability, and each has one of its own.
    fn lacks_sign_out(&self, call: &Call, global: bool) -> Option<String> {
        let lacked = self.lacks_call(call)?;
        let (own, other) = match global {
            true => (GLOBAL_SIGN_OUT, LOCAL_SIGN_OUT),
            false => (LOCAL_SIGN_OUT, GLOBAL_SIGN_OUT),
        };
        match (self.calls.contains(own), self.calls.contains(other)) {
            (true, _) => None,
            (false, true) => Some(own.to_owned()),
            (false, false) => Some(lacked),
        }
    }

    fn lacks_call(&self, call: &Call) -> Option<String> {
        let method = call.method();
        (!self.calls.contains(method)).then(|| method.to_owned())
    }

    fn lacks_reset_password(&self) -> Option<String> {
        (!self.reset_password).then(|| "resetPassword".to_owned())
    }
}

/// The calls that a port may lack: whoever can't do these can still sign in.
pub const CALLS: [&str; 4] = [
    "fetchAuthSession",
    "signOut",
    "rememberDevice",
    "forgetDevice",
];

/// `signOut` everywhere, for ports that can't sign out on this device alone.
pub const GLOBAL_SIGN_OUT: &str = "globalSignOut";
/// `signOut` on this device, for ports that can't sign out everywhere.
pub const LOCAL_SIGN_OUT: &str = "localSignOut";

/// With which calls the application can give `ClientMetadata`: in JSON `true` for all of them, `false` for none, or a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Switch", into = "Switch")]
pub struct MetadataCalls(BTreeSet<String>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Switch {
    Whole(bool),
    Calls(BTreeSet<String>),
}

impl MetadataCalls {
    /// With every call that takes them.
    pub fn every() -> Self {
        Self(METADATA_CALLS.map(str::to_owned).into())
    }

    /// With none.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether they go with a call.
    pub fn has(&self, method: &str) -> bool {
        self.0.contains(method)
    }
}

impl From<Switch> for MetadataCalls {
    fn from(switch: Switch) -> Self {
        match switch {
            Switch::Whole(true) => Self::every(),
            Switch::Whole(false) => Self::none(),
            Switch::Calls(calls) => Self(calls),
        }
    }
}

impl From<MetadataCalls> for Switch {
    fn from(calls: MetadataCalls) -> Self {
        if calls == MetadataCalls::every() {
            Self::Whole(true)
        } else if calls == MetadataCalls::none() {
            Self::Whole(false)
        } else {
            Self::Calls(calls.0)
        }
    }
}

/// The calls that take `ClientMetadata`.
const METADATA_CALLS: [&str; 4] = [
    "signIn",
    "confirmSignIn",
    "fetchAuthSession",
    "resetPassword",
];

/// Values that a port takes in place of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Injectable {
    /// The private value of SRP.
    pub a: bool,
    /// The clock.
    pub clock: bool,
    /// The device's password and salt, of `signIn` and of `srp/deviceVerifier`.
    pub device_password: bool,
}

/// How a port is led to the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndpointForm {
    /// Any URL, plain HTTP and a port included.
    #[default]
    Url,
    /// A host name only; HTTPS on port 443.
    Host,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{DeviceSecret, SignIn};

    fn sign_in(flow: Option<AuthFlowType>, secret: Option<&str>) -> Call {
        Call::SignIn(SignIn {
            target: Target {
                endpoint: "http://127.0.0.1:1/".into(),
                region: "us-east-1".into(),
                user_pool_id: "us-east-1_AbC".into(),
                client_id: "client".into(),
                client_secret: secret.map(str::to_owned),
                configuration: None,
            },
            username: "alice".into(),
            password: None,
            auth_flow_type: flow,
            preferred_challenge: None,
            metadata: Default::default(),
            inject: Inject::default(),
        })
    }

    #[test]
    fn an_unset_flow_asks_for_the_default_flow() {
        let mut offered = Capabilities::everything();
        assert_eq!(offered.lacks(&sign_in(None, None)), None);
        offered.flows.remove(&AuthFlowType::UserSrp);
        assert_eq!(
            offered.lacks(&sign_in(None, None)).as_deref(),
            Some("the flow userSRP")
        );
    }

    #[test]
    fn a_secret_is_lacked_only_where_one_is_used() {
        let offered = Capabilities {
            client_secret: false,
            ..Capabilities::everything()
        };
        assert_eq!(offered.lacks(&sign_in(None, None)), None);
        assert!(offered.lacks(&sign_in(None, Some("s"))).is_some());
    }

    #[test]
    fn what_a_port_does_not_take_is_not_injected() {
        let inject = Inject {
            a: vec!["07".into()],
            clock: Some(1),
            device_password: Some(DeviceSecret {
                password: "p".into(),
                salt: "00112233445566778899aabbccddeeff".into(),
            }),
        };
        let mut offered = Capabilities::everything();
        assert_eq!(offered.injectable(&inject), inject, "everything");
        offered.inject.a = false;
        let without_a = Inject {
            a: Vec::new(),
            ..inject.clone()
        };
        assert_eq!(offered.injectable(&inject), without_a, "a");
        offered.inject.device_password = false;
        let clock_alone = Inject {
            device_password: None,
            ..without_a
        };
        assert_eq!(offered.injectable(&inject), clock_alone, "devicePassword");
        offered.inject.clock = false;
        let nothing = offered.injectable(&inject);
        assert!(nothing.is_empty(), "clock: {nothing:?}");
    }

    #[test]
    fn an_injected_device_alone_is_not_nothing() {
        let mut inject = Inject::default();
        assert!(inject.is_empty(), "nothing");
        inject.device_password = Some(DeviceSecret {
            password: String::new(),
            salt: String::new(),
        });
        assert!(!inject.is_empty(), "a device");
    }

    #[test]
    fn a_call_that_is_not_listed_is_lacked_by_its_name() {
        let mut offered = Capabilities::everything();
        let calls = [
            Call::FetchAuthSession(Default::default()),
            Call::SignOut(Default::default()),
            Call::RememberDevice,
            Call::ForgetDevice(Default::default()),
        ];
        for (call, name) in calls.iter().zip(CALLS) {
            assert_eq!(call.method(), name, "in the order of the list");
            assert_eq!(offered.lacks(call), None, "{name} is offered");
            offered.calls.remove(name);
            assert_eq!(offered.lacks(call).as_deref(), Some(name), "{name} is not");
        }
    }

    #[test]
    fn metadata_may_go_with_some_calls_and_sign_out_be_possible_in_one_way() {
        let offered: Capabilities =
            serde_json::from_str(r#"{"clientMetadata": ["signIn"], "calls": ["globalSignOut"]}"#)
                .unwrap();
        assert!(offered.client_metadata.has("signIn"), "it is listed");
        assert!(!offered.client_metadata.has("resetPassword"), "it is not");
        let sign_out = |global| Call::SignOut(crate::wire::SignOut { global });
        assert_eq!(offered.lacks(&sign_out(true)), None, "everywhere");
        let lacked = offered.lacks(&sign_out(false));
        assert_eq!(lacked.as_deref(), Some(LOCAL_SIGN_OUT), "here alone");
        let coarse: Capabilities =
            serde_json::from_str(r#"{"clientMetadata": true, "calls": ["signOut"]}"#).unwrap();
        assert_eq!(
            coarse.client_metadata,
            MetadataCalls::every(),
            "a switch means all"
        );
        for global in [false, true] {
            assert_eq!(coarse.lacks(&sign_out(global)), None, "both: {global}");
        }
        let written = serde_json::to_value(&coarse).unwrap();
        assert_eq!(written["clientMetadata"], true, "and is written as one");
    }

    #[test]
    fn an_old_shim_before_a_new_harness_offers_what_it_always_did() {
        // As the first shims declared it: one switch for all metadata, one call for both ways of signing out.
        let old: Capabilities = serde_json::from_str(
            r#"{"flows": ["userSRP"], "challenges": ["PASSWORD_VERIFIER"], "primitives": ["srp/A"],
                "configurationFormats": [], "inject": {"a": true, "clock": true}, "endpoint": "url",
                "clientSecret": true, "clientMetadata": true, "resetPassword": true, "calls": ["signOut"]}"#,
        )
        .unwrap();
        for method in METADATA_CALLS {
            assert!(old.client_metadata.has(method), "metadata of {method}");
        }
        for global in [true, false] {
            let call = Call::SignOut(crate::wire::SignOut { global });
            assert_eq!(old.lacks(&call), None, "global: {global}");
        }
        assert_eq!(old.sign_in_while_signed_in, None, "the harness finds out");
        assert_eq!(old.device_store, None, "it keeps its devices");
        assert!(old.glue.is_empty(), "all that it sends is its own");
        assert!(old.unknown.is_empty(), "{:?}", old.unknown);
    }

    #[test]
    fn absent_capabilities_are_not_offered() {
        let offered: Capabilities = serde_json::from_str("{}").unwrap();
        assert_eq!(offered, Capabilities::default());
        assert!(offered.flows.is_empty(), "no flow is offered unasked");
        assert!(offered.names_step("DONE"), "every next step may come");
        let newer: Capabilities = serde_json::from_str(r#"{"telepathy": true}"#).unwrap();
        let unknown: Vec<_> = newer.unknown.keys().collect();
        assert_eq!(unknown, ["telepathy"], "what is unknown is kept to be told");
    }
}
