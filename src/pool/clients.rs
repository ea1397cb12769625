//! App clients, and what shows that a request comes by one.

use crate::model::AppClient;
use crate::pool::core::Pool;
use crate::pool::state::equal::same_text;
use crate::pool::wire::errors::{self, Answer};
use crate::srp::secret_hash;

impl Pool {
    /// The app client of this id.
    pub(in crate::pool) fn client(&self, id: &str) -> Answer<AppClient> {
        self.world
            .clients
            .iter()
            .find(|client| client.id == id)
            .cloned()
            .ok_or_else(|| errors::no_such_client(id))
    }

    /// `SECRET_HASH` over the user name in the same map.
    pub(in crate::pool) fn check_secret_hash(
        &self,
        client: &AppClient,
        username: &str,
        got: Option<&String>,
    ) -> Answer<()> {
        let policy = &self.policy.clients;
        let wrong = || errors::wrong_secret_hash(&client.id);
        match (&client.secret, got) {
            (None, None) => Ok(()),
            (None, Some(_)) if policy.secret_hash_checked => Err(wrong()),
            (None, Some(_)) => Ok(()),
            (Some(_), None) if !policy.secret_hash_demanded => Ok(()),
            (Some(_), None) if !policy.secret_hash_missed_in_words => Err(wrong()),
            (Some(_), None) => Err(errors::no_secret_hash(&client.id)),
            (Some(secret), Some(got)) => {
                let is_right = same_text(&secret_hash(secret, username, &client.id), got);
                if is_right || !policy.secret_hash_checked {
                    Ok(())
                } else {
                    Err(wrong())
                }
            }
        }
    }
}
