//! Which flows an app client allows: `ExplicitAuthFlows`.

use crate::model::{AppClient, ExplicitAuthFlow};
use crate::pool::policy::FlowSwitches;
use crate::pool::wire::errors::{self, Answer};
use crate::wire::{AuthFlow, ServiceError};

/// Refuses a flow that the client doesn't allow (service model: `ExplicitAuthFlowsType`).
pub(in crate::pool) fn check(
    client: &AppClient,
    flow: &AuthFlow,
    by_admin: bool,
    policy: FlowSwitches,
) -> Answer<()> {
    if !by_admin
        && matches!(
            flow,
            AuthFlow::AdminNoSrpAuth | AuthFlow::AdminUserPasswordAuth
        )
    {
        return Err(errors::admin_flow());
    }
    if policy == FlowSwitches::Ignored || allows(client, flow) {
        return Ok(());
    }
    let error = if by_admin {
        errors::admin_flow_off()
    } else if client
        .explicit_auth_flows
        .contains(&ExplicitAuthFlow::CustomAuthFlowOnly)
    {
        errors::custom_only()
    } else {
        errors::flow_off(flow.as_str())
    };
    Err(match policy {
        FlowSwitches::RefusedAsNotAuthorized => ServiceError {
            kind: crate::wire::ErrorKind::NotAuthorized,
            ..error
        },
        _ => error,
    })
}

fn allows(client: &AppClient, flow: &AuthFlow) -> bool {
    use ExplicitAuthFlow as E;
    let listed = |name: E| client.explicit_auth_flows.contains(&name);
    let modern = client
        .explicit_auth_flows
        .iter()
        .any(|name| !name.is_legacy());
    match flow {
        AuthFlow::RefreshTokenAuth | AuthFlow::RefreshToken => {
            !modern || listed(E::AllowRefreshTokenAuth)
        }
        AuthFlow::UserSrpAuth if modern => listed(E::AllowUserSrpAuth),
        AuthFlow::CustomAuth if modern => listed(E::AllowCustomAuth),
        AuthFlow::UserPasswordAuth if modern => listed(E::AllowUserPasswordAuth),
        AuthFlow::UserAuth => listed(E::AllowUserAuth),
        // Legacy names leave SRP and custom challenges on, unless the client is for custom challenges only.
        AuthFlow::UserSrpAuth => !listed(E::CustomAuthFlowOnly),
        AuthFlow::CustomAuth => true,
        AuthFlow::UserPasswordAuth => listed(E::UserPasswordAuth),
        AuthFlow::AdminUserPasswordAuth | AuthFlow::AdminNoSrpAuth => {
            listed(E::AllowAdminUserPasswordAuth) || listed(E::AdminNoSrpAuth)
        }
        AuthFlow::Other(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(flows: &[ExplicitAuthFlow]) -> AppClient {
        AppClient {
            explicit_auth_flows: flows.to_vec(),
            ..AppClient::new("client")
        }
    }

    #[test]
    fn the_switches_allow_what_the_service_model_says() {
        use AuthFlow as F;
        use ExplicitAuthFlow as E;
        let table: [(&[E], [bool; 3]); 7] = [
            (&[], [true, false, true]),
            (&[E::UserPasswordAuth], [true, true, true]),
            (&[E::CustomAuthFlowOnly], [false, false, true]),
            (&[E::AllowUserSrpAuth], [true, false, false]),
            (&[E::AllowUserPasswordAuth], [false, true, false]),
            (&[E::AllowCustomAuth], [false, false, true]),
            (&[E::AllowRefreshTokenAuth], [false, false, false]),
        ];
        for (flows, allowed) in table {
            for (flow, expected) in [F::UserSrpAuth, F::UserPasswordAuth, F::CustomAuth]
                .into_iter()
                .zip(allowed)
            {
                let got = check(&client(flows), &flow, false, FlowSwitches::Enforced).is_ok();
                assert_eq!(got, expected, "{flow} with {flows:?}");
            }
        }
    }
}
