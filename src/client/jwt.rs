//! What a token says. Nothing is verified: a client reads its own tokens.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

/// When a token expires: seconds since 1970-01-01T00:00:00Z.
pub(super) fn expires(token: &str) -> Option<i64> {
    claims(token)?.get("exp")?.as_i64()
}

/// The internal user name in an access token.
pub(super) fn username(access_token: &str) -> Option<String> {
    let claims = claims(access_token)?;
    claims.get("username")?.as_str().map(str::to_owned)
}

fn claims(token: &str) -> Option<Value> {
    let part = token.split('.').nth(1)?;
    let octets = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    serde_json::from_slice(&octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_by_base64url_and_nothing_else_is_assumed() {
        // Two claims whose base64url has both of its own characters.
        let payload = BASE64URL_NOPAD.encode(br#"{"username":"a?>~~","exp":7}"#);
        assert!(
            payload.contains(['-', '_']),
            "the two characters: {payload}"
        );
        let token = format!("e30.{payload}.c2ln");
        assert_eq!(username(&token).as_deref(), Some("a?>~~"), "the name");
        assert_eq!(expires(&token), Some(7), "the end");
        for no_token in ["", "access", "a.b", "e30.e30.x", "e30.!.x", "e30.W10.x"] {
            assert_eq!(username(no_token), None, "{no_token:?}");
            assert_eq!(expires(no_token), None, "{no_token:?}");
        }
    }
}
