//! Somebody who sends requests.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use auth_core::{
    User,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
};
use auth_host::{Host, Incoming, Mount};
use serde_json::Value;

use crate::seen;

/// A browser: it keeps cookies and says where its requests come from.
///
/// ```
/// use auth_testkit::{TestApp, json};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = TestApp::builder().start().await;
/// let mut stranger = app.anon().header("accept-language", "de");
///
/// stranger.get("/ok").await.expect(200);
/// let nowhere = stranger.post("/no-such-path", json!({})).await;
/// assert_eq!(nowhere.status, 404);
///
/// // Cookies are kept from one request to the next; a clone is another browser with the same ones.
/// stranger.set_cookie("theme", "dark");
/// let other = stranger.clone();
/// assert_eq!(other.cookie("theme"), Some("dark"));
/// # }
/// ```
#[derive(Clone)]
pub struct Actor {
    hosts: Vec<Arc<Host>>,
    /// Whose turn it is: one node's after the other's, whoever asks.
    turn: Arc<AtomicUsize>,
    cookies: BTreeMap<String, String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    user: Option<User>,
    token: String,
    /// Whether what it calls counts as tested.
    noted: bool,
}

/// What came back.
///
/// ```
/// use auth_testkit::{TestApp, json};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = TestApp::builder().start().await;
/// let answer = app.anon().get("/ok").await.expect(200);
/// assert_eq!(answer.body, json!({ "ok": true }));
/// assert_eq!(answer.header("content-type"), Some("application/json"));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status; [`Answer::expect`] asserts it.
    pub status: u16,
    /// All headers, cookies among them.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: bytes::Bytes,
    /// The body as text, for pages and for what a failed assertion shows.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub body: Value,
}

impl Actor {
    pub(crate) fn new(hosts: Vec<Arc<Host>>, turn: Arc<AtomicUsize>) -> Self {
        let origin = hosts[0].core().settings().origins.base_origin().to_owned();
        let origin = HeaderValue::try_from(origin).expect("an origin is a header");
        let agent = HeaderValue::from_static("testkit");
        Self {
            hosts,
            turn,
            cookies: BTreeMap::new(),
            headers: vec![(header::ORIGIN, origin), (header::USER_AGENT, agent)],
            user: None,
            token: String::new(),
            noted: true,
        }
    }

    /// What it calls is no test of anything: see [`crate::seen`].
    pub(crate) fn unnoted(mut self) -> Self {
        self.noted = false;
        self
    }

    pub(crate) fn become_user(&mut self, user: User, token: String) {
        self.user = Some(user);
        self.token = token;
    }

    /// The user, for actors that the kit made.
    #[must_use]
    pub fn user(&self) -> &User {
        self.user.as_ref().expect("app.user(…) makes actors with a user")
    }

    /// The session's token, for actors that the kit made.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Puts a cookie into the jar, under its full name.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The value of a cookie by the end of its name, such as `session_token`.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(full, _)| full.ends_with(name)).map(|(_, value)| value.as_str())
    }

    /// The full name and the value of a cookie by the end of its name.
    #[must_use]
    pub fn cookie_pair(&self, name: &str) -> Option<(String, String)> {
        self.cookies.iter().find(|(full, _)| full.ends_with(name)).map(|(n, v)| (n.clone(), v.clone()))
    }

    /// Empties the jar: somebody with another browser.
    pub fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    /// Sends this header with every request; an empty value sends none of that name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name");
        self.headers.retain(|(n, _)| *n != name);
        if !value.is_empty() {
            self.headers.push((name, HeaderValue::try_from(value).expect("a header's value")));
        }
        self
    }

    /// Asks for a path below the base path, with its query: `/get-session`.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// Sends JSON to a path below the base path.
    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string().into())).await
    }

    /// A POST whose body is sent as it is, as JSON.
    pub async fn post_raw(&mut self, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
        self.send(Method::POST, path, Some(body.into())).await
    }

    /// Sends any request. A body is JSON, unless a header says otherwise.
    pub async fn send(&mut self, method: Method, path: &str, body: Option<bytes::Bytes>) -> Answer {
        let mut headers = HeaderMap::new();
        headers.extend(self.headers.iter().cloned().map(|(n, v)| (Some(n), v)));
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.insert(header::COOKIE, HeaderValue::try_from(cookies.join("; ")).expect("cookies"));
        }
        if body.is_some() {
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (path, None),
        };
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let host = &self.hosts[turn % self.hosts.len()];
        if self.noted {
            seen::note(host, &method, path);
        }
        let reply = host
            .handle(Incoming {
                mount: Mount::Wire,
                method,
                path: path.to_owned(),
                query,
                headers,
                body: body.unwrap_or_default(),
                peer: Some(std::net::Ipv4Addr::LOCALHOST.into()),
                trace_id: "test".to_owned(),
            })
            .await;
        let bytes = reply.body_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let answer = Answer {
            status: reply.status.as_u16(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            headers: reply.headers,
            bytes,
            text,
        };
        self.keep_cookies(&answer);
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.set_cookie(name, value);
            }
        }
    }
}

impl Answer {
    /// Panics with the whole answer where the status is another.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "the answer was {} {}", self.status, self.text);
        self
    }

    /// Panics where the status or the error code is another.
    pub fn refused(self, status: u16, code: &str) {
        drop(self.refusal(status, code));
    }

    /// As [`Answer::refused`], for looking at the rest.
    #[must_use]
    pub fn refusal(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.code(), Some(code), "the answer was {}", answer.text);
        answer
    }

    /// The error's code; `None` for an answer that is no error of the wire.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.body.get("code")?.as_str()
    }

    /// A header of the answer; `None` for one that is no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The `Set-Cookie` lines.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok()).collect()
    }

    /// The `Set-Cookie` line of a cookie by the end of its name.
    #[must_use]
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        self.set_cookies().into_iter().find(|line| line.split('=').next().is_some_and(|n| n.ends_with(name)))
    }
}
