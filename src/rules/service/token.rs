//! What tokens say and how they are signed.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::model::bounds;
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, issue, model, recording};
use crate::wire::AuthenticationResult;
use crate::wire::message::UNSIGNED;

/// What tokens say.
pub(super) const TOKENS: Rule = Rule {
    id: "service.tokens",
    level: Level::Must,
    party: Party::Service,
    sentence: "A sign-in ends in three tokens of type Bearer, of which id and access token are JWTs signed by RS256 with the \
               claims that the developer guide lists.",
    sources: &[
        guide(
            "amazon-cognito-user-pools-using-the-id-token",
            "Using the ID token",
            "the claims of an id token, signed by RS256",
        ),
        guide(
            "amazon-cognito-user-pools-using-the-access-token",
            "Access token payload",
            "the claims of an access token, signed by another key",
        ),
        guide(
            "amazon-cognito-user-pools-using-tokens-with-identity-providers",
            "Authenticating with tokens",
            "a sign-in gives an id, an access and a refresh token",
        ),
        model("AuthenticationResultType$TokenType", "for example Bearer"),
        recording(
            "fixtures/transcripts/2018-01-srp-success.json",
            "three tokens and their claims",
        ),
        issue("localstack/localstack#12756"),
        issue("floci-io/floci#279"),
    ],
    check: Rule::requires(tokens),
};

/// What was expected and what was found.
pub(super) type Wrong = (String, String);

fn tokens(case: &Case<'_>) -> Verdict {
    each(case.service_views(), "no tokens were issued", |scene| {
        let result = scene.tokens()?;
        if scene.is_refresh() {
            return Some(Verdict::NotApplicable("the tokens were refreshed"));
        }
        Some(match wrong_result(case.facts, scene, result) {
            Ok(()) => Verdict::Pass,
            Err(Some((expected, got))) => Verdict::fail(scene.index(), expected, got),
            Err(None) => Verdict::NotApplicable("the tokens are redacted"),
        })
    })
}

/// What is wrong with the tokens; `Err(None)` where they are redacted.
fn wrong_result(
    facts: &Facts,
    scene: &ServiceView<'_>,
    result: &AuthenticationResult,
) -> Result<(), Option<Wrong>> {
    let has = [
        result.id_token.is_some(),
        result.access_token.is_some(),
        result.refresh_token.is_some(),
    ];
    if has != [true; 3] {
        return wrong(
            "IdToken, AccessToken and RefreshToken",
            format!("of these three: {has:?}"),
        );
    }
    wrong_pair(facts, scene, result)?;
    if result.refresh_token.as_deref() == Some("") {
        return wrong("a RefreshToken", "an empty one".to_owned());
    }
    Ok(())
}

/// What is wrong with id and access token and what is said of them; `Err(None)` where they are redacted.
pub(super) fn wrong_pair(
    facts: &Facts,
    scene: &ServiceView<'_>,
    result: &AuthenticationResult,
) -> Result<(), Option<Wrong>> {
    let (Some(id), Some(access)) = (&result.id_token, &result.access_token) else {
        let has = [result.id_token.is_some(), result.access_token.is_some()];
        return wrong("IdToken and AccessToken", format!("of these two: {has:?}"));
    };
    if result.token_type.as_deref() != Some("Bearer") {
        return wrong("TokenType Bearer", format!("{:?}", result.token_type));
    }
    let Some(seconds) = result.expires_in.filter(|seconds| {
        let (_, longest) = bounds("AccessTokenValidityType");
        *seconds >= SHORTEST_LIFE && longest.is_none_or(|longest| *seconds <= longest)
    }) else {
        return wrong(
            "ExpiresIn of 5 minutes to 1 day, in seconds",
            format!("{:?}", result.expires_in),
        );
    };
    if is_redacted(id) || is_redacted(access) {
        return Err(None);
    }
    let id = Jwt::read(ID, id)?;
    let access = Jwt::read(ACCESS, access)?;
    for token in [&id, &access] {
        token.check_shared(facts, scene)?;
    }
    id.check_id(facts, scene)?;
    access.check_access(facts, scene, seconds)?;
    if id.claims.get("sub") != access.claims.get("sub") {
        return wrong(
            "the same sub in both tokens",
            format!("{:?}, {:?}", id.claims.get("sub"), access.claims.get("sub")),
        );
    }
    if id.header.get("kid") == access.header.get("kid") {
        return wrong(
            "different keys for id and access token",
            format!("kid {:?} for both", id.header.get("kid")),
        );
    }
    Ok(())
}

fn wrong(expected: &str, got: String) -> Result<(), Option<Wrong>> {
    Err(Some((expected.to_owned(), got)))
}

struct Jwt {
    which: &'static str,
    header: Value,
    claims: Value,
}

impl Jwt {
    fn read(which: &'static str, text: &str) -> Result<Self, Option<Wrong>> {
        let parts: Vec<&str> = text.splitn(3, '.').collect();
        let &[header, claims, signature] = parts.as_slice() else {
            return Err(Some((
                format!("{which}: a JWT of three parts"),
                format!("{} parts", parts.len()),
            )));
        };
        let json = |part: &str| -> Option<Value> {
            let octets = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
            serde_json::from_slice(&octets).ok()
        };
        let (Some(header), Some(claims)) = (json(header), json(claims)) else {
            return Err(Some((
                format!("{which}: header and claims in base64url of JSON"),
                text.to_owned(),
            )));
        };
        if !is_redacted(signature) && !is_signature(signature) {
            return Err(Some((
                format!("{which}: a signature by RS256, of at least {LEAST_SIGNATURE} octets"),
                signature.to_owned(),
            )));
        }
        Ok(Self {
            which,
            header,
            claims,
        })
    }

    fn check_shared(&self, facts: &Facts, scene: &ServiceView<'_>) -> Result<(), Option<Wrong>> {
        self.expect_header("alg", "RS256")?;
        self.expect_text_in(&self.header, "kid")?;
        self.expect_text_in(&self.claims, "sub")?;
        let seconds = |name: &str| self.claims.get(name).and_then(Value::as_i64);
        // Access tokens of 2018 had no auth_time (recording 2018-01-srp-success).
        for name in ["iat", "exp", "auth_time"] {
            let may_lack = name == "auth_time" && self.which == ACCESS;
            let lacks = self.claims.get(name).is_none();
            if seconds(name).is_none() && !(may_lack && lacks) {
                return self.lacks(name, "whole seconds");
            }
        }
        if seconds("exp") <= seconds("iat") {
            return self.lacks("exp", "a time after iat");
        }
        if let Some(sub) = scene.account().and_then(|account| account.sub.as_deref()) {
            self.expect("sub", sub)?;
        }
        self.expect_text_in(&self.claims, "iss")?;
        let Some(pool_id) = facts.pool_id() else {
            return Ok(());
        };
        let region = pool_id.split('_').next().unwrap_or_default();
        let public = format!("https://cognito-idp.{region}.amazonaws.com/{pool_id}");
        // A service that stands in for Cognito may name itself, so that verifiers find its keys.
        let own = scene
            .call
            .map(|call| format!("{}/{pool_id}", call.target.endpoint.trim_end_matches('/')));
        let issuer = self.claims.get("iss").and_then(Value::as_str);
        if issuer == Some(&public) || own.is_some() && issuer == own.as_deref() {
            Ok(())
        } else {
            Err(Some((
                format!("{}: iss = {public}", self.which),
                format!("{issuer:?}"),
            )))
        }
    }

    fn check_id(&self, facts: &Facts, scene: &ServiceView<'_>) -> Result<(), Option<Wrong>> {
        self.expect("token_use", "id")?;
        if let Some(client) = client_id(facts, scene) {
            self.expect("aud", client)?;
        }
        self.expect_name(scene, "cognito:username")
    }

    fn check_access(
        &self,
        facts: &Facts,
        scene: &ServiceView<'_>,
        expires_in: u64,
    ) -> Result<(), Option<Wrong>> {
        self.expect("token_use", "access")?;
        if let Some(client) = client_id(facts, scene) {
            self.expect("client_id", client)?;
        }
        if let Some(audience) = self.claims.get("aud") {
            return Err(Some((
                format!("{}: no aud", self.which),
                audience.to_string(),
            )));
        }
        self.expect_name(scene, "username")?;
        let scope = self.claims.get("scope").and_then(Value::as_str);
        if !scope.is_some_and(|scope| scope.split(' ').any(|scope| scope == SCOPE)) {
            return Err(Some((
                format!("{}: the scope {SCOPE}", self.which),
                format!("{scope:?}"),
            )));
        }
        let seconds = |name: &str| self.claims.get(name).and_then(Value::as_u64);
        let life = seconds("exp")
            .zip(seconds("iat"))
            .and_then(|(end, start)| end.checked_sub(start));
        if life == Some(expires_in) {
            Ok(())
        } else {
            Err(Some((
                format!("{}: exp − iat = ExpiresIn = {expires_in}", self.which),
                format!("{life:?}"),
            )))
        }
    }

    fn expect_name(&self, scene: &ServiceView<'_>, claim: &str) -> Result<(), Option<Wrong>> {
        match scene
            .account()
            .and_then(|account| account.internal.as_deref())
        {
            Some(internal) => self.expect(claim, internal),
            None => self.expect_text_in(&self.claims, claim),
        }
    }

    fn expect(&self, claim: &str, expected: &str) -> Result<(), Option<Wrong>> {
        let got = self.claims.get(claim);
        if got.and_then(Value::as_str) == Some(expected) {
            return Ok(());
        }
        Err(Some((
            format!("{}: {claim} = {expected}", self.which),
            got.map_or_else(|| "no such claim".to_owned(), ToString::to_string),
        )))
    }

    fn expect_header(&self, name: &str, expected: &str) -> Result<(), Option<Wrong>> {
        let got = self.header.get(name);
        if got.and_then(Value::as_str) == Some(expected) {
            return Ok(());
        }
        Err(Some((
            format!("{}: {name} = {expected} in its header", self.which),
            format!("{got:?}"),
        )))
    }

    fn expect_text_in(&self, object: &Value, name: &str) -> Result<(), Option<Wrong>> {
        let text = object.get(name).and_then(Value::as_str);
        if text.is_some_and(|text| !text.is_empty()) {
            return Ok(());
        }
        self.lacks(name, "a text")
    }

    fn lacks(&self, name: &str, what: &str) -> Result<(), Option<Wrong>> {
        Err(Some((
            format!("{}: {name}: {what}", self.which),
            format!(
                "{:?}",
                self.claims.get(name).or_else(|| self.header.get(name))
            ),
        )))
    }
}

fn client_id<'a>(facts: &'a Facts, scene: &ServiceView<'a>) -> Option<&'a str> {
    facts
        .client_id()
        .or_else(|| scene.exchange.client_id())
        .filter(|id| !is_redacted(id))
}

/// Whether the third part may be a signature by a key of 2048 bits or more. It is not verified: this rule has no key.
fn is_signature(part: &str) -> bool {
    BASE64URL_NOPAD
        .decode(part.as_bytes())
        .is_ok_and(|octets| octets.len() >= LEAST_SIGNATURE || octets == UNSIGNED)
}

const ID: &str = "IdToken";
const ACCESS: &str = "AccessToken";
const LEAST_SIGNATURE: usize = 256;
const SCOPE: &str = "aws.cognito.signin.user.admin";
/// In seconds; the model has only the longest (developer guide, using the access token).
const SHORTEST_LIFE: u64 = 5 * 60;
