//! `GET /jwks`: the public keys, for everybody.

use std::sync::Arc;

use auth_core::{
    Call, Cx, Failure, Key,
    crypto::sha256_b64url,
    endpoint::{Endpoint, EndpointDoc, IntoReply, Reply, ReplyBody, ReplyDoc, get},
    http::{HeaderValue, Method, StatusCode, header},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Jwt;

pub const JWKS: Key<(), KeySet> = Key::new("getJwks");

const WELL_KNOWN: &str = "/.well-known/jwks.json";

pub(crate) fn endpoint() -> Endpoint {
    get(JWKS, "/jwks", jwks)
        .alias(Method::GET, WELL_KNOWN)
        .at_root(WELL_KNOWN)
        .summary("The keys that tokens are checked with")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct KeySet {
    /// JSON Web Keys, the newest first.
    pub keys: Vec<Map<String, Value>>,
}

/// The key set, or word that the caller has it already.
struct Published {
    json: Vec<u8>,
    tag: HeaderValue,
    max_age: u64,
    known: bool,
}

impl IntoReply for Published {
    fn into_reply(self) -> Result<Reply, Failure> {
        let mut reply = if self.known {
            Reply::new(StatusCode::NOT_MODIFIED, ReplyBody::Empty)
        } else {
            Reply::new(StatusCode::OK, ReplyBody::Json(self.json.into()))
        };
        if self.max_age > 0 {
            let value = format!("public, max-age={}", self.max_age);
            reply =
                reply.header(header::CACHE_CONTROL, HeaderValue::try_from(value).map_err(Failure::internal)?);
        }
        Ok(reply.header(header::ETAG, self.tag))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.replies_json::<KeySet>();
        doc.facts.replies.push(ReplyDoc {
            status: 304,
            content_type: None,
            schema: None,
            description: "The caller has them already",
        });
    }
}

async fn jwks(cx: Cx<Jwt>, call: Arc<Call>) -> Result<Published, Failure> {
    let plugin = cx.plugin();
    let ring = plugin.keys.for_listing(call.core()).await?;
    let keys = ring.listed(cx.now()).map(|key| key.jwk.clone()).collect();
    let json = serde_json::to_string(&KeySet { keys }).map_err(Failure::internal)?;
    let tag = format!("\"{}\"", sha256_b64url(&json));
    let known = call.header(header::IF_NONE_MATCH).is_some_and(|given| has_tag(given, &tag));
    let tag = HeaderValue::try_from(tag).map_err(Failure::internal)?;
    Ok(Published { json: json.into_bytes(), tag, max_age: plugin.config.jwks_max_age, known })
}

fn has_tag(given: &str, tag: &str) -> bool {
    given.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}
