//! What a client has to know.

use std::fmt;

use crate::wire::AuthFlowType;

/// What a client has to know before its first request, whichever file it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// The region. Not derived from the pool id: a custom endpoint may belong to another.
    pub region: String,
    /// The pool id, as written. The client parses it, since a wrong one is a configuration error and not a crash
    /// (awslabs/aws-sdk-android-samples#75).
    pub user_pool_id: String,
    /// The app client.
    pub client_id: String,
    /// The app client's secret; with one, every request carries `SECRET_HASH`.
    pub client_secret: Option<String>,
    /// The service's URL, if it is not the region's own.
    pub endpoint: Option<String>,
    /// The flow the file configures.
    pub flow: Option<AuthFlowType>,
    /// Gen 1's `MigrationEnabled`: `true` means `userPassword`, whatever flow the file configures.
    pub migration_enabled: bool,
}

impl fmt::Debug for ClientSettings {
    /// Without the client secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("region", &self.region)
            .field("user_pool_id", &self.user_pool_id)
            .field("client_id", &self.client_id)
            .field(
                "client_secret",
                &self.client_secret.as_ref().map(|_| "(not shown)"),
            )
            .field("endpoint", &self.endpoint)
            .field("flow", &self.flow)
            .field("migration_enabled", &self.migration_enabled)
            .finish()
    }
}
