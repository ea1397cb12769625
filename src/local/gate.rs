//! What is refused to pages in browsers.
//!
//! Any page that a developer looks at can send requests to his machine. Two of its ways are closed here. A page may have a name
//! of its own lead to this machine, and is then of the same origin as what it asks (DNS rebinding): so requests of pages, and
//! whatever reads `/_local/`, have to call this machine by a name that no stranger can have. And a page of another origin may
//! do what an app does, since apps are such pages, but not what administrators do: that is how functions are given to pools.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::HostName;
use crate::wire::HttpRequest;
use crate::wire::service_model::ServiceModel;

/// What the paths begin with that are not the service's.
pub(super) const PREFIX: &str = "/_local/";

/// The names that are let in beside `localhost`.
pub(super) struct Gate {
    names: Vec<HostName>,
}

impl Gate {
    /// Lets these names in.
    pub(super) fn new(names: Vec<HostName>) -> Self {
        Self { names }
    }

    /// Why a request is refused, and what to do about it.
    pub(super) fn refusal(&self, request: &HttpRequest) -> Option<String> {
        let origin = request.header("origin");
        if origin.is_none() && !request.path.starts_with(PREFIX) {
            return None;
        }
        self.foreign_host(request)
            .or_else(|| self.foreign_administrator(request, origin?))
    }

    fn foreign_host(&self, request: &HttpRequest) -> Option<String> {
        let named = request
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
            .map(|(_, value)| value.trim());
        // A target with a scheme names a host, too (RFC 9112, section 3.2.2).
        let is_path = request.path.starts_with('/');
        let target = request.path.split_once("://").filter(|_| !is_path);
        let target = target.and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
        let mut hosts = named.chain(target).peekable();
        let got = match hosts.peek() {
            None => "none".to_owned(),
            Some(_) => hosts
                .find(|authority| !self.is_ours(authority))
                .map(quoted)?,
        };
        Some(format!(
            "expected a Host that is an IP address, localhost or a name given with --allow-host, got {got}"
        ))
    }

    fn is_ours(&self, authority: &str) -> bool {
        match Host::of(authority) {
            Some(Host::Ip(_)) => true,
            Some(Host::Name(name)) => self.knows(name),
            None => false,
        }
    }

    /// Whether a name is this machine's. Nobody can register `localhost`, or a name below it (RFC 6761, section 6.3).
    fn knows(&self, name: &str) -> bool {
        let bare = name.strip_suffix('.').unwrap_or(name);
        let last = bare.rsplit('.').next().unwrap_or(bare);
        last.eq_ignore_ascii_case("localhost") || self.names.iter().any(|known| known.is(name))
    }

    fn foreign_administrator(&self, request: &HttpRequest, origin: &str) -> Option<String> {
        let operation = request.operation()?;
        let declared = ServiceModel::get().operations.get(operation.as_str())?;
        if !declared.signed || self.trusts(origin, request.header("host")) {
            return None;
        }
        Some(format!(
            "{operation} is for administrators, not for a page from {}: give its host with --allow-host if it is yours",
            quoted(origin)
        ))
    }

    /// Whether a page is from this machine, or from one that is named.
    fn trusts(&self, origin: &str, asked: Option<&str>) -> bool {
        let page = origin
            .split_once("://")
            .and_then(|(_, authority)| Host::of(authority));
        match page {
            // Anybody can have a page under an IP address.
            Some(Host::Ip(ip)) if ip.is_loopback() => true,
            Some(Host::Name(name)) if self.knows(name) => true,
            Some(page) => asked.and_then(Host::of) == Some(page),
            None => false,
        }
    }
}

/// What a URL or the header `Host` names, without its port.
#[derive(PartialEq, Eq)]
enum Host<'a> {
    Ip(IpAddr),
    Name(&'a str),
}

impl<'a> Host<'a> {
    fn of(authority: &'a str) -> Option<Self> {
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (ip, after) = rest.split_once(']')?;
                let ip: Ipv6Addr = ip.parse().ok()?;
                (Self::Ip(ip.into()), after)
            }
            None => {
                let end = authority.find(':').unwrap_or(authority.len());
                let (host, after) = authority.split_at(end);
                let ip = host.parse::<Ipv4Addr>();
                (ip.map_or(Self::Name(host), |ip| Self::Ip(ip.into())), after)
            }
        };
        let is_port = |digits: &str| digits.bytes().all(|octet| octet.is_ascii_digit());
        let is_whole = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        (is_whole && host != Self::Name("")).then_some(host)
    }
}

fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(MOST_SHOWN).collect();
    let rest = if shown.len() < text.len() { "…" } else { "" };
    format!("'{shown}{rest}'")
}

/// As many characters of a name are told.
const MOST_SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(path: &str, headers: &[(&str, &str)]) -> HttpRequest {
        let mut request = HttpRequest::calling("InitiateAuth", &json!({}));
        request.path = path.to_owned();
        let headers = headers.iter();
        request
            .headers
            .extend(headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        request
    }

    fn gate() -> Gate {
        Gate::new(vec!["cognito".parse().expect("it is a name")])
    }

    fn is_refused(path: &str, headers: &[(&str, &str)]) -> bool {
        gate().refusal(&asked(path, headers)).is_some()
    }

    #[test]
    fn a_name_that_a_stranger_can_have_is_refused_to_pages_and_in_front_of_local() {
        let origin = ("Origin", "http://localhost:3000");
        for (host, is_let_in) in [
            ("127.0.0.1", true),
            ("127.0.0.1:9229", true),
            ("192.168.1.5:80", true),
            ("[::1]:9229", true),
            ("[::1]", true),
            ("localhost", true),
            ("LocalHost.:9229", true),
            ("app.localhost:9229", true),
            ("cognito", true),
            ("Cognito:9229", true),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("notlocalhost", false),
            ("127.0.0.1.evil.example", false),
            ("127.0.0.1@evil.example", false),
            ("localhost:9229@evil.example", false),
            ("evil.example:localhost", false),
            ("[::1]evil.example", false),
            ("[evil.example]", false),
            ("[::1", false),
            ("", false),
            (":9229", false),
        ] {
            let header = ("hOST", host);
            assert_eq!(
                is_refused("/", &[header, origin]),
                !is_let_in,
                "{host:?}, of a page"
            );
            let local = is_refused("/_local/messages", &[header]);
            assert_eq!(local, !is_let_in, "{host:?}, in front of /_local/");
            assert!(!is_refused("/", &[header]), "{host:?}, of an SDK");
        }
    }

    #[test]
    fn each_host_counts_and_none_is_no_host() {
        let ours = ("Host", "localhost");
        let foreign = ("Host", "evil.example");
        for headers in [&[ours, foreign], &[foreign, ours]] {
            assert!(is_refused("/_local/messages", headers), "{headers:?}");
        }
        assert!(is_refused("/_local/messages", &[]), "none");
        let page = [ours, ("Origin", "http://localhost")];
        assert!(
            is_refused("http://evil.example/", &page),
            "the target's own"
        );
        assert!(
            !is_refused("http://localhost:9229/", &page),
            "the target's own, ours"
        );
    }

    #[test]
    fn what_administrators_do_is_refused_to_pages_from_elsewhere() {
        for (origin, host, is_trusted) in [
            ("http://localhost:3000", "127.0.0.1:9229", true),
            ("capacitor://localhost", "127.0.0.1:9229", true),
            ("https://app.localhost", "127.0.0.1:9229", true),
            ("http://127.0.0.1:5173", "localhost:9229", true),
            ("http://192.168.1.5:3000", "192.168.1.5:9229", true),
            ("http://cognito:3000", "localhost:9229", true),
            ("https://evil.example", "127.0.0.1:9229", false),
            ("http://203.0.113.5", "127.0.0.1:9229", false),
            ("null", "127.0.0.1:9229", false),
            ("", "127.0.0.1:9229", false),
        ] {
            let headers = [("Host", host), ("Origin", origin)];
            let mut request = asked("/", &headers);
            assert_eq!(gate().refusal(&request), None, "an app's own from {origin}");
            request.headers[1].1 = "AWSCognitoIdentityProviderService.CreateUserPool".to_owned();
            let refusal = gate().refusal(&request);
            assert_eq!(refusal.is_none(), is_trusted, "{origin}: {refusal:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do_and_does_not_repeat_a_long_name() {
        let long = "x".repeat(10_000);
        for headers in [[("Host", long.as_str())], [("Host", "evil.example")]] {
            let refusal = gate().refusal(&asked("/_local/health", &headers));
            let refusal = refusal.expect("a stranger can have it");
            assert!(refusal.contains("--allow-host"), "{refusal}");
            assert!(refusal.chars().count() < 200, "{refusal}");
        }
    }
}
