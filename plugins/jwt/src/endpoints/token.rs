//! `GET /token`: a token for the caller.

use auth_core::{
    Cx, Failure, Json, Key, Preset, WholeSession,
    endpoint::{Endpoint, WithHeaders, get},
    http::{HeaderMap, HeaderValue, Method, header},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::Jwt;

pub const TOKEN: Key<(), Token> = Key::new("getToken");

pub(crate) fn endpoint() -> Endpoint {
    get(TOKEN, "/token", token)
        .alias(Method::POST, "/token")
        .summary("A signed token that says who is signed in")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// A JWT.
    pub token: String,
}

async fn token(cx: Cx<Jwt>, session: WholeSession) -> Result<WithHeaders<Json<Token>>, Failure> {
    let token = cx.plugin().token_of(cx.call().core(), &session).await?;
    let mut headers = HeaderMap::new();
    // Better Auth says nothing of caches here.
    if cx.settings().preset == Preset::Tessera {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(WithHeaders(Json(Token { token }), headers))
}
