//! What a port says it offers.
//!
//! What is missing here makes a case *not applicable*, with the reason that [`Capabilities::lacks`] gives. What is declared
//! here and then refused is a failure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::primitive::PrimitiveCall;
use crate::wire::call::ConfigurationFormat;
use crate::wire::{AuthFlowType, Call, ChallengeName, Inject, Target};

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

/// What a port offers. Everything that is absent counts as not offered, except [`Capabilities::next_steps`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// Flows that `signIn` can be asked for.
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
    /// Whether the application can give `ClientMetadata`.
    pub client_metadata: bool,
    /// Whether `resetPassword` and `confirmResetPassword` are offered.
    pub reset_password: bool,
    /// Calls beside these that are offered, of [`CALLS`].
    pub calls: BTreeSet<String>,
    /// Next steps that the port can name, by Amplify's names. `None` means all; a port that raises
    /// `UserNotConfirmedException` in place of `CONFIRM_SIGN_UP`, say, lists the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_steps: Option<BTreeSet<String>>,
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
            client_metadata: true,
            reset_password: true,
            calls: CALLS.map(str::to_owned).into(),
            next_steps: None,
        }
    }

    /// Why the port can't be asked for `call`; `None` when it can.
    ///
    /// Injected values are no reason: without them a case still runs, see [`Capabilities::injectable`].
    pub fn lacks(&self, call: &Call) -> Option<String> {
        match call {
            Call::SignIn(call) => {
                let flow = call.auth_flow_type.unwrap_or_default();
                // With a configuration file the flow may come from there; the caller knows, not we.
                if (call.auth_flow_type.is_some() || call.target.configuration.is_none())
                    && !self.flows.contains(&flow)
                {
                    return Some(format!("the flow {flow}"));
                }
                self.lacks_target(&call.target)
                    .or_else(|| self.lacks_metadata(call.metadata.is_empty()))
            }
            Call::ConfirmSignIn(call) => self.lacks_metadata(call.metadata.is_empty()),
            Call::ResetPassword(call) => self
                .lacks_reset_password()
                .or_else(|| self.lacks_target(&call.target))
                .or_else(|| self.lacks_metadata(call.metadata.is_empty())),
            Call::ConfirmResetPassword(call) => self
                .lacks_reset_password()
                .or_else(|| self.lacks_target(&call.target)),
            Call::FetchAuthSession(arguments) => self
                .lacks_call(call)
                .or_else(|| self.lacks_metadata(arguments.metadata.is_empty())),
            Call::SignOut(_) | Call::RememberDevice | Call::ForgetDevice(_) => {
                self.lacks_call(call)
            }
            Call::Reset => None,
        }
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

    fn lacks_metadata(&self, unused: bool) -> Option<String> {
        (!unused && !self.client_metadata).then(|| "ClientMetadata".to_owned())
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
    fn absent_capabilities_are_not_offered() {
        let offered: Capabilities = serde_json::from_str("{}").unwrap();
        assert_eq!(offered, Capabilities::default());
        assert!(offered.flows.is_empty(), "no flow is offered unasked");
        assert!(offered.names_step("DONE"), "every next step may come");
    }
}
