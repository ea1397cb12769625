//! What is told at the start: where it listens, what there is, and how common SDKs are led there.

use std::fmt::Write as _;

use serde_json::json;

use crate::model::{AppClient, User, UserStatus, World};
use crate::report::page::one_line;

/// What is told at the start.
pub(super) struct Page<'a> {
    /// The URL for clients.
    pub(super) endpoint: &'a str,
    /// The pools.
    pub(super) worlds: &'a [World],
    /// Whether secrets and passwords are shown: those of the sample are known to everybody.
    pub(super) shows_secrets: bool,
}

impl Page<'_> {
    /// The line that programs look for.
    pub(super) fn listening(&self) -> String {
        format!("Listening on {}\n", self.endpoint)
    }

    /// Everything.
    pub(super) fn whole(&self) -> String {
        let mut page = self.listening();
        page.push_str("Everything is in memory, and gone when it stops. Ctrl-C stops it.\n");
        for world in self.worlds {
            page.push('\n');
            self.write_pool(&mut page, world);
        }
        if let Some((world, client)) = self.worlds.first().and_then(|world| {
            let without = world.clients.iter().find(|client| client.secret.is_none());
            Some((world, without.or(world.clients.first())?))
        }) {
            self.write_snippets(&mut page, world, client);
        }
        page.push_str("\nCodes and temporary passwords are shown below, and at\n");
        let _ = writeln!(page, "  {}/_local/messages\n", self.endpoint);
        page
    }

    fn write_pool(&self, page: &mut String, world: &World) {
        let mut line = |label: &str, text: &str| {
            // Writing to a string does not fail.
            let _ = writeln!(page, "{label:<8} {}", one_line(text));
        };
        line("pool", &world.pool.id);
        for client in &world.clients {
            line("client", &self.client(client));
        }
        for user in world.users.iter().take(MOST_USERS) {
            line("user", &self.user(user));
        }
        if world.users.len() > MOST_USERS {
            line("", &format!("and {} more", world.users.len() - MOST_USERS));
        }
    }

    fn client(&self, client: &AppClient) -> String {
        match &client.secret {
            None => client.id.clone(),
            Some(secret) if self.shows_secrets => format!("{}  secret {secret}", client.id),
            Some(_) => format!("{}  with a secret", client.id),
        }
    }

    fn user(&self, user: &User) -> String {
        let mut text = user.aliases.first().unwrap_or(&user.username).clone();
        if self.shows_secrets {
            if let Some(password) = &user.password {
                let _ = write!(text, "  password {password}");
            }
            if let Some(secret) = &user.mfa.totp_secret {
                let _ = write!(text, "  TOTP secret {secret}");
            }
        }
        if user.status != UserStatus::Confirmed {
            let _ = write!(text, "  {}", user.status.as_str());
        }
        text
    }

    fn write_snippets(&self, page: &mut String, world: &World, client: &AppClient) {
        let endpoint = self.endpoint;
        let (pool, region, client) = (&world.pool.id, &world.pool.region, &client.id);
        let user = world.users.first();
        let name = user.map_or("NAME", |user| {
            user.aliases.first().unwrap_or(&user.username)
        });
        let password = user
            .and_then(|user| user.password.as_deref())
            .filter(|_| self.shows_secrets)
            .unwrap_or("PASSWORD");
        let gen1 = json!({ "auth": { "plugins": { "awsCognitoAuthPlugin": {
            "CognitoUserPool": { "Default": {
                "PoolId": pool,
                "AppClientId": client,
                "Region": region,
                "Endpoint": endpoint.trim_start_matches("http://"),
            } },
            "Auth": { "Default": { "authenticationFlowType": "USER_SRP_AUTH" } },
        } } } });
        let snippets = [
            (
                "Amplify JavaScript v6",
                format!(
                    "Amplify.configure({{ Auth: {{ Cognito: {{\n  userPoolId: '{pool}',\n  userPoolClientId: '{client}',\n  userPoolEndpoint: '{endpoint}',\n}} }} }});"
                ),
            ),
            (
                "AWS SDK for JavaScript v3",
                format!(
                    "new CognitoIdentityProviderClient({{\n  region: '{region}',\n  endpoint: '{endpoint}',\n  credentials: {{ accessKeyId: 'local', secretAccessKey: 'local' }},\n}});"
                ),
            ),
            (
                "boto3",
                format!(
                    "boto3.client(\n    'cognito-idp',\n    region_name='{region}',\n    endpoint_url='{endpoint}',\n    aws_access_key_id='local',\n    aws_secret_access_key='local',\n)"
                ),
            ),
            (
                "Amplify Gen 1, amplifyconfiguration.json (by HTTPS only: put a proxy in front)",
                serde_json::to_string_pretty(&gen1).unwrap_or_default(),
            ),
            (
                "AWS CLI",
                format!(
                    "aws cognito-idp initiate-auth --no-sign-request --region {region} \\\n  --endpoint-url {endpoint} --client-id {client} \\\n  --auth-flow USER_PASSWORD_AUTH --auth-parameters 'USERNAME={name},PASSWORD={password}'"
                ),
            ),
        ];
        for (title, snippet) in snippets {
            let _ = writeln!(page, "\n# {title}");
            for line in snippet.lines() {
                let _ = writeln!(page, "{}", one_line(line));
            }
        }
    }
}

const MOST_USERS: usize = 20;
