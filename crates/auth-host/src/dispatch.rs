//! The pipeline of one request.
//!
//! disabled paths → rate limit → route → parse → origin → hooks to `Before` → validate → handler →
//! `Challenge`, `After` → commit → `Finish` → cookies.

use std::{net::IpAddr, panic::AssertUnwindSafe, sync::Arc};

use auth_core::{
    Call, Caller, Failure, Flow,
    call::Request,
    endpoint::{Reply, ReplyBody},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    serde_json::{Map, Value},
    session::{SessionAuthority, SessionOutcome},
    validate,
};
use bytes::Bytes;
use futures_util::FutureExt;

use crate::{commit, envelope, guard, host::Host, host::Route, render};

/// Under which address a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mount {
    /// Better Auth's wire.
    Wire,
    /// The native API: the same endpoints in the envelope.
    Envelope,
}

/// A request as the edge hands it over.
#[derive(Debug)]
pub struct Incoming {
    pub mount: Mount,
    pub method: Method,
    /// Below the mount, as it was sent.
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub peer: Option<IpAddr>,
    pub trace_id: String,
}

impl Host {
    /// Answers a request from the network. Never fails and never panics.
    pub async fn handle(&self, incoming: Incoming) -> Reply {
        let (mount, trace_id) = (incoming.mount, incoming.trace_id.clone());
        let reply = match AssertUnwindSafe(self.answer(incoming)).catch_unwind().await {
            Ok(reply) => reply,
            Err(_) => render::failure(&Failure::internal("a handler panicked"), &trace_id),
        };
        self.complete(mount, reply, &trace_id)
    }

    /// The reply of a failure outside of any endpoint: a body that is too large, a deadline.
    #[must_use]
    pub fn refuse(&self, mount: Mount, failure: &Failure, trace_id: &str) -> Reply {
        self.complete(mount, render::failure(failure, trace_id), trace_id)
    }

    fn complete(&self, mount: Mount, mut reply: Reply, trace_id: &str) -> Reply {
        if mount == Mount::Envelope {
            reply = envelope::wrap(reply, &self.core().settings().app_name, self.core().now(), trace_id);
        }
        if let Some(kind) = reply.content_type() {
            reply.headers.entry(header::CONTENT_TYPE).or_insert(kind);
        }
        reply
    }

    async fn answer(&self, incoming: Incoming) -> Reply {
        if self.is_disabled(&incoming.path) {
            let text = ReplyBody::Text("text/plain", Bytes::from_static(b"Not Found"));
            return Reply::new(StatusCode::NOT_FOUND, text);
        }
        let mut request = Request {
            method: incoming.method,
            path: incoming.path,
            params: Vec::new(),
            query: Map::new(),
            headers: incoming.headers,
            body: None,
            trace_id: incoming.trace_id,
            peer: incoming.peer,
        };
        let standing = match self.limit(&request, &incoming.body).await {
            Ok(standing) => standing,
            Err(refusal) => return *refusal,
        };
        if let Some(query) = incoming.query.filter(|q| !q.is_empty()) {
            request.query = parse_query(&query);
        }
        let mut reply = self.serve(request, &incoming.body).await;
        reply.headers.extend(standing);
        reply
    }

    /// Answers a request that no limit is against.
    async fn serve(&self, mut request: Request, body: &Bytes) -> Reply {
        let Some((route, params)) = self.find(&request.method, &request.path) else {
            return render::nothing_here();
        };
        request.params = params;
        let trace_id = request.trace_id.clone();
        match parse_body(&request.headers, body, route.forms) {
            Ok(body) => request.body = body,
            Err(failure) => return render::failure(&failure, &trace_id),
        }
        let call = Call::new(self.core().clone(), route.id, route.facts.clone(), Caller::Client, request);
        let (call, outcome) = self.run(route, call).await;
        let mut reply = match outcome {
            Ok(reply) => reply,
            Err(failure) => render::failure(&failure, &trace_id),
        };
        self.finish(&call, route, &mut reply);
        reply
    }

    /// Guards, hooks, handler and commit.
    pub(crate) async fn run(&self, route: &Route, mut call: Call) -> (Arc<Call>, Result<Reply, Failure>) {
        let early = match self.before(route, &mut call).await {
            Ok(Flow::Continue) => None,
            Ok(Flow::Answer(reply)) => Some(Ok(reply)),
            Err(failure) => Some(Err(failure)),
        };
        let call = Arc::new(call);
        let mut outcome = match early {
            Some(outcome) => outcome,
            None => route.handler.run(call.clone()).await,
        };
        for hook in &route.after {
            if let Err(failure) = hook.run(&call, &mut outcome).await {
                outcome = Err(failure);
            }
        }
        if outcome.is_ok()
            && let Err(failure) = commit::commit(&call).await
        {
            outcome = Err(failure);
        }
        if outcome.is_err() {
            // What was begun is rolled back, and nobody was signed in.
            drop(call.take_tx());
            if matches!(call.session_outcome(), SessionOutcome::Issued(_)) {
                call.set_session(SessionOutcome::Unchanged);
            }
        }
        for hook in &route.finish {
            if let Err(failure) = hook.run(&call, &mut outcome).await {
                outcome = Err(failure);
            }
        }
        (call, outcome)
    }

    async fn before(&self, route: &Route, call: &mut Call) -> Result<Flow, Failure> {
        if call.caller() == Caller::Client {
            guard::check(call)?;
        }
        for hook in &route.before {
            if let Flow::Answer(reply) = hook.run(call).await? {
                return Ok(Flow::Answer(reply));
            }
        }
        validate(call).map(|()| Flow::Continue)
    }

    /// Renders what the request left behind. An error of ours sets no cookies.
    fn finish(&self, call: &Arc<Call>, route: &Route, reply: &mut Reply) {
        let effects = self.effects(call);
        if reply.status.is_server_error() {
            return;
        }
        reply.headers.extend(effects);
        if route.no_store {
            reply.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            reply.headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        }
    }

    /// The headers that a call left behind: cookies first, then what was set. Empties the call.
    #[must_use]
    pub fn effects(&self, call: &Call) -> Vec<(HeaderName, HeaderValue)> {
        let (mut cookies, headers) = call.take_rendered();
        if let Some(authority) = self.core().services().get::<dyn SessionAuthority>() {
            cookies.extend(authority.render(call, &call.session_outcome()));
        }
        let settings = &self.core().settings().cookies;
        let cookies = cookies.iter().filter_map(|cookie| render::cookie(cookie, settings));
        cookies.map(|value| (header::SET_COOKIE, value)).chain(headers).collect()
    }
}

/// Body and query against what the endpoint takes.
pub(crate) fn validate(call: &mut Call) -> Result<(), Failure> {
    let facts = call.facts();
    let mut issues = Vec::new();
    if let Some(shape) = &facts.body_shape
        && (facts.body_required || call.request.body.is_some())
    {
        issues.extend(shape.check(call.request.body.as_ref(), "body"));
    }
    if let Some(shape) = &facts.query_shape {
        let query = Value::Object(validate::coerce_query(shape, &call.request.query));
        issues.extend(shape.check(Some(&query), "query"));
    }
    if !issues.is_empty() {
        return Err(Failure::bad_request("VALIDATION_ERROR", validate::message(&issues)));
    }
    if let Some(body) = &mut call.request.body {
        validate::settle_numbers(body);
    }
    Ok(())
}

/// Repeated keys become arrays.
fn parse_query(query: &str) -> Map<String, Value> {
    pairs_to_map(query.as_bytes())
}

fn pairs_to_map(text: &[u8]) -> Map<String, Value> {
    let mut map = Map::new();
    for (key, value) in url::form_urlencoded::parse(text) {
        let value = Value::String(value.into_owned());
        match map.get_mut(key.as_ref()) {
            None => {
                map.insert(key.into_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    map
}

pub(crate) fn parse_body(headers: &HeaderMap, body: &Bytes, forms: bool) -> Result<Option<Value>, Failure> {
    let kind = headers.get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap_or("?"));
    let encoded = headers.get(header::CONTENT_ENCODING).is_some_and(|v| v != "identity");
    let unsupported = |kind: &str| {
        let message = format!(
            "Content-Type \"{}\" is not allowed. Allowed types: {}",
            shown(kind),
            if forms { "application/x-www-form-urlencoded, application/json" } else { "application/json" }
        );
        Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    };
    if body.is_empty() {
        return Ok(None);
    }
    let Some(kind) = kind else {
        // A body that does not say what it is counts for nothing; one that comes with cookies may
        // have been sent by another site's page.
        return if headers.contains_key(header::COOKIE) { Err(unsupported("")) } else { Ok(None) };
    };
    if encoded {
        return Err(unsupported(kind));
    }
    let media = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = kind.to_ascii_lowercase();
    if charset.contains("charset=")
        && !charset.contains("charset=utf-8")
        && !charset.contains("charset=\"utf-8\"")
    {
        return Err(unsupported(kind));
    }
    if media == "application/json" || (media.starts_with("application/") && media.ends_with("+json")) {
        return auth_core::serde_json::from_slice(body)
            .map(Some)
            .map_err(|_| Failure::bad_request("BAD_REQUEST", "Invalid JSON in request body"));
    }
    if forms && media == "application/x-www-form-urlencoded" {
        if std::str::from_utf8(body).is_err() {
            return Err(Failure::bad_request("BAD_REQUEST", "Invalid form in request body"));
        }
        return Ok(Some(Value::Object(pairs_to_map(body))));
    }
    Err(unsupported(kind))
}

/// A media type as it may be repeated in an answer.
fn shown(kind: &str) -> String {
    kind.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(100).collect()
}
