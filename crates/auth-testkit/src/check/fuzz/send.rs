//! Requests of all kinds, and what comes back.

use auth_core::{
    Problem,
    call::Request,
    crypto::{decode_component, encode_component},
};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{
    example::Example,
    method,
    people::{People, Who},
};

/// A request before it has an address and a sender.
#[derive(Clone)]
pub(super) struct Sent {
    /// The parts of the path by their names, encoded.
    pub(super) params: Vec<(String, String)>,
    pub(super) query: String,
    pub(super) body: Option<Bytes>,
    /// Another content type than JSON.
    pub(super) kind: Option<&'static str>,
}

pub(super) struct Received {
    pub(super) status: u16,
    pub(super) code: Option<String>,
    pub(super) text: String,
    pub(super) body: Value,
}

impl Sent {
    pub(super) fn encode(pairs: &[(String, String)]) -> String {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", encode_component(name), encode_component(value)))
            .collect();
        pairs.join("&")
    }

    pub(super) fn with(&self, body: Vec<u8>) -> Self {
        Self { body: Some(body.into()), ..self.clone() }
    }

    fn path(&self, template: &str) -> String {
        let part = |part: &str| match part.strip_prefix(':') {
            Some(name) => {
                let given = self.params.iter().find(|(known, _)| known == name);
                given.map_or("x", |(_, value)| value.as_str()).to_owned()
            }
            None if part == "*" => "a/b".to_owned(),
            None => part.to_owned(),
        };
        let path = template.split('/').map(part).collect::<Vec<_>>().join("/");
        if self.query.is_empty() { path } else { format!("{path}?{}", self.query) }
    }
}

/// Sends it; `None` where this sender cannot send such a thing.
pub(super) async fn send(people: &People, example: &Example<'_>, who: Who, sent: &Sent) -> Option<Received> {
    let Some(template) = &example.endpoint.path else {
        return if who == Who::Anonymous { in_process(people, example, sent).await } else { None };
    };
    let mut actor = people.actor(who)?;
    if let Some(kind) = sent.kind {
        actor = actor.header("content-type", kind);
    }
    let answer = actor.send(method(example), &sent.path(template), sent.body.clone()).await;
    let code = answer.code().map(str::to_owned).filter(|_| answer.status >= 400);
    Some(Received { status: answer.status, code, text: answer.text, body: answer.body })
}

/// A call of the program itself, which sends nothing that is no JSON.
async fn in_process(people: &People, example: &Example<'_>, sent: &Sent) -> Option<Received> {
    if sent.kind.is_some() {
        return None;
    }
    let body = sent.body.as_ref().map(|bytes| serde_json::from_slice::<Value>(bytes)).transpose().ok()?;
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((name.to_owned(), Value::from(decode_component(value).into_owned())))
    };
    let query: Map<String, Value> = sent.query.split('&').filter_map(pair).collect();
    let request = Request { body, query, ..Request::default() };
    let (core, id) = (people.app.core().clone(), example.id());
    // A panic is for the host to catch where the network asks; here it is the caller's.
    let answer = tokio::spawn(async move { core.call_raw(id, request).await }).await;
    Some(match answer {
        Ok(Ok(reply)) => {
            let text = String::from_utf8_lossy(&reply.body_bytes()).into_owned();
            let body = serde_json::from_str(&text).unwrap_or_default();
            Received { status: reply.status.as_u16(), code: None, text, body }
        }
        Ok(Err(failure)) => {
            let body = failure.body().unwrap_or_default();
            let (status, code) = (failure.status().as_u16(), failure.code().map(str::to_owned));
            if status >= 500 {
                tracing::error!(?failure, "a call in process failed");
            }
            Received { status, code, text: body.to_string(), body: Value::Null }
        }
        Err(panic) => {
            tracing::error!("{}", Problem::new("a call in process panicked", panic.to_string()));
            Received { status: 500, code: None, text: String::new(), body: Value::Null }
        }
    })
}
