//! App clients, as the operations on them make, change and describe them.

use serde_json::{Map, Value, json};

use super::client_settings::{client_members, client_of, described_client};
use crate::model::AppClient;
use crate::pool::core::Pool;
use crate::pool::state::setup::Settings;
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::members::text;

impl Pool {
    pub(in crate::pool) fn create_user_pool_client(
        &mut self,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        let mut client = client_of(members, AppClient::new(self.small_text(CLIENT_ID_LETTERS)))?;
        let generates = members.get("GenerateSecret").and_then(Value::as_bool) == Some(true);
        client.secret = match text(members, "ClientSecret") {
            Some(given) => Some(given.to_owned()),
            None if generates => {
                let is_longer = self.random.octets(1)[0] & 1;
                Some(self.small_text(CLIENT_SECRET_LETTERS + usize::from(is_longer)))
            }
            None => None,
        };
        let now = self.now();
        let settings = Settings {
            members: client_members(members),
            created: now,
            modified: now,
        };
        self.setup.clients.insert(client.id.clone(), settings);
        let described = self.described_client(&client);
        self.world.clients.push(client);
        Ok(described)
    }

    pub(in crate::pool) fn update_user_pool_client(
        &mut self,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        let before = self.client(text(members, "ClientId").unwrap_or_default())?;
        let client = client_of(
            members,
            AppClient {
                name: before.name,
                secret: before.secret,
                ..AppClient::new(before.id)
            },
        )?;
        let now = self.now();
        let settings = self.setup.clients.entry(client.id.clone()).or_default();
        settings.members = client_members(members);
        settings.modified = now;
        let described = self.described_client(&client);
        for other in &mut self.world.clients {
            if other.id == client.id {
                other.clone_from(&client);
            }
        }
        Ok(described)
    }

    pub(in crate::pool) fn described_client(&self, client: &AppClient) -> Value {
        let settings = self.setup.clients.get(&client.id).cloned();
        let pool = &self.world.pool.id;
        json!({ "UserPoolClient": described_client(client, pool, &settings.unwrap_or_default()) })
    }

    /// App clients in the order in which they were made.
    pub(in crate::pool) fn list_user_pool_clients(
        &self,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        let clients = &self.world.clients;
        let most = members.get("MaxResults").and_then(Value::as_u64);
        let most = usize::try_from(most.unwrap_or(MOST_LISTED)).unwrap_or(usize::MAX);
        let start = match text(members, "NextToken") {
            None => 0,
            Some(after) => {
                let at = clients.iter().position(|client| client.id == after);
                at.ok_or_else(errors::bad_page)? + 1
            }
        };
        let end = clients.len().min(start.saturating_add(most));
        let listed = &clients[start..end];
        let mut response = json!({
            "UserPoolClients": listed.iter().map(|client| json!({
                "ClientId": client.id,
                "UserPoolId": self.world.pool.id,
                "ClientName": client.name.as_ref().unwrap_or(&client.id),
            })).collect::<Vec<_>>(),
        });
        if let Some(last) = listed.last().filter(|_| end < clients.len()) {
            response["NextToken"] = json!(last.id);
        }
        Ok(response)
    }

    /// `DescribeUserPoolClient`.
    pub(in crate::pool) fn describe_user_pool_client(
        &self,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        let client = self.client(text(members, "ClientId").unwrap_or_default())?;
        Ok(self.described_client(&client))
    }

    /// `DeleteUserPoolClient`.
    pub(in crate::pool) fn delete_user_pool_client(
        &mut self,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        let client = self.client(text(members, "ClientId").unwrap_or_default())?;
        self.world.clients.retain(|other| other.id != client.id);
        self.setup.clients.remove(&client.id);
        Ok(json!({}))
    }

    /// Small letters and digits, of which the service makes ids and secrets of clients (captured, many).
    fn small_text(&mut self, length: usize) -> String {
        self.random
            .octets(length)
            .into_iter()
            .map(|octet| char::from(SMALL[usize::from(octet) % SMALL.len()]))
            .collect()
    }
}

const SMALL: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const CLIENT_ID_LETTERS: usize = 26;
/// Or one more.
const CLIENT_SECRET_LETTERS: usize = 51;
const MOST_LISTED: u64 = 60;
