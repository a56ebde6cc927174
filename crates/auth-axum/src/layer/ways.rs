//! Ways to prove who one is, and the headers that each of them reads.

use auth_core::{Core, call::bearer, session::SessionSource};
use axum::http::{HeaderMap, HeaderName, header};

/// Longer tokens are not even looked at.
const LONGEST: usize = 64 * 1024;

/// What a layer takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ways {
    /// Cookies of a session.
    pub(crate) cookies: bool,
    /// What plugins find in other headers.
    pub(crate) headers: bool,
    /// Keys in headers of their own.
    pub(crate) keys: bool,
    /// Signed tokens.
    pub(crate) tokens: bool,
}

impl Ways {
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            cookies: self.cookies || other.cookies,
            headers: self.headers || other.headers,
            keys: self.keys || other.keys,
            tokens: self.tokens || other.tokens,
        }
    }

    /// Whether a session may be found.
    pub(crate) fn finds_sessions(self) -> bool {
        self.cookies || self.headers || self.keys
    }

    /// The headers in which a session may be found. What is not taken is hidden from everybody who
    /// looks: no plugin can let in what a layer keeps out.
    pub(crate) fn visible(self, headers: &HeaderMap, core: &Core) -> HeaderMap {
        let keys = core.services().slot::<dyn SessionSource>().flat_map(|source| source.headers());
        let keys = keys.map(String::as_str);
        if !self.headers {
            // Nobody knows in which headers plugins look, so only harmless ones stay.
            let proxies = core.settings().client_ip.headers.iter().map(String::as_str);
            let cookie = self.cookies.then_some(header::COOKIE.as_str());
            let harmless = cookie.into_iter().chain([header::USER_AGENT.as_str()]).chain(proxies);
            if self.keys {
                return copy(headers, harmless.chain(keys));
            }
            let keys: Vec<_> = keys.collect();
            return copy(headers, harmless.filter(|name| !keys.contains(name)));
        }
        let mut visible = headers.clone();
        if !self.cookies {
            visible.remove(header::COOKIE);
        }
        if !self.keys {
            keys.for_each(|name| drop(visible.remove(name)));
        }
        if is_ambiguous(headers) {
            visible.remove(header::AUTHORIZATION);
        }
        visible
    }
}

fn copy<'n>(headers: &HeaderMap, names: impl Iterator<Item = &'n str>) -> HeaderMap {
    let mut copy = HeaderMap::new();
    for name in names.filter_map(|name| HeaderName::try_from(name).ok()) {
        if name == header::AUTHORIZATION || copy.contains_key(&name) {
            continue;
        }
        for value in headers.get_all(&name) {
            copy.append(&name, value.clone());
        }
    }
    copy
}

/// Two of them: whoever stands in front may have looked at the other one.
fn is_ambiguous(headers: &HeaderMap) -> bool {
    headers.get_all(header::AUTHORIZATION).iter().nth(1).is_some()
}

/// What has the shape of a signed token: `Bearer`, and three parts with dots between them.
pub(crate) fn signed_token(headers: &HeaderMap) -> Option<&str> {
    let is_one =
        |token: &&str| token.len() <= LONGEST && token.bytes().filter(|byte| *byte == b'.').count() == 2;
    bearer(headers).filter(is_one)
}
