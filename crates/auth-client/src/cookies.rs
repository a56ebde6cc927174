//! The cookies of one server.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use cookie::Cookie;
use http::{HeaderMap, header};
use url::Url;

/// What a server has set, by name and path. There is one server, so that domains do not matter.
#[derive(Default)]
pub(crate) struct Jar(BTreeMap<(String, String), Kept>);

struct Kept {
    value: String,
    secure: bool,
    until: Option<Instant>,
}

impl Jar {
    pub(crate) fn store(&mut self, headers: &HeaderMap, now: Instant) {
        for line in headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            let Ok(cookie) = Cookie::parse(line) else { continue };
            let path = cookie.path().filter(|path| path.starts_with('/')).unwrap_or("/");
            let key = (cookie.name().to_owned(), path.to_owned());
            let age = cookie.max_age().map(|age| Duration::try_from(age).unwrap_or_default());
            // Servers forget a cookie with an age of nothing, or a date that was long ago.
            let long_ago = cookie.expires_datetime().is_some_and(|date| date.year() < 2000);
            if age.map_or(long_ago, |age| age.is_zero()) {
                self.0.remove(&key);
                continue;
            }
            let until = age.and_then(|age| now.checked_add(age));
            let secure = cookie.secure() == Some(true);
            self.0.insert(key, Kept { value: cookie.value().to_owned(), secure, until });
        }
    }

    /// The header of a request.
    pub(crate) fn header(&self, url: &Url, now: Instant) -> Option<String> {
        let fits = |((_, path), kept): &(&(String, String), &Kept)| {
            let below = path.trim_end_matches('/');
            let rest = url.path().strip_prefix(below);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                && (!kept.secure || url.scheme() == "https")
                && kept.until.is_none_or(|until| now < until)
        };
        let pairs: Vec<_> =
            self.0.iter().filter(fits).map(|((name, _), kept)| format!("{name}={}", kept.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(lines: &[&'static str], now: Instant) -> Jar {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::SET_COOKIE, http::HeaderValue::from_static(line));
        }
        let mut jar = Jar::default();
        jar.store(&headers, now);
        jar
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn cookies_go_where_their_path_and_their_scheme_lead() {
        let now = Instant::now();
        let jar = jar(&["a=1; Path=/", "b=2; Path=/api/auth", "c=3; Secure; Path=/"], now);
        let header = |text: &str| jar.header(&url(text), now);
        assert_eq!(header("http://x/api/auth/ok").as_deref(), Some("a=1; b=2"));
        assert_eq!(header("http://x/api/authority").as_deref(), Some("a=1"));
        assert_eq!(header("https://x/").as_deref(), Some("a=1; c=3"));
    }

    #[test]
    fn cookies_end() {
        let now = Instant::now();
        let mut jar = jar(&["a=1; Max-Age=60", "b=2", "c=3"], now);
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, http::HeaderValue::from_static("b=; Max-Age=0"));
        headers.append(
            header::SET_COOKIE,
            http::HeaderValue::from_static("c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        );
        jar.store(&headers, now);
        let place = url("http://x/");
        assert_eq!(jar.header(&place, now).as_deref(), Some("a=1"));
        assert_eq!(jar.header(&place, now + Duration::from_secs(60)), None);
    }
}
