//! Replaces an endpoint: `GET /get-session` tells a little more. The original does the work.

use std::sync::Arc;

use auth_core::{
    Cx, Failure, Json, Key, Manifest, Plugin, Problem, Query, Registrar, Timestamp,
    config::NoConfig,
    endpoint::{Tag, get},
    http::Method,
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
    serde_json::{Map, Value},
};
use auth_plugin_session::endpoints::get_session::GetSessionQuery;

/// The original's key; its answer is passed on as it is.
const GET_SESSION: Key<(), Option<Hinted>> = Key::new("getSession");

/// The session and the user as the original tells them, and hints.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars")]
struct Hinted {
    #[serde(flatten)]
    original: Map<String, Value>,
    /// What a page would work out otherwise.
    #[serde(default)]
    hints: Hints,
}

/// What a page would work out otherwise, with a clock that may be wrong.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", rename_all = "camelCase")]
#[schemars(crate = "auth_core::schemars")]
struct Hints {
    /// Seconds until the session ends.
    seconds_left: i64,
    /// Whole days since the user signed up.
    days_since_sign_up: i64,
}

/// Adds hints to what is told of a session.
pub struct SessionHints;

impl Plugin for SessionHints {
    const MANIFEST: Manifest =
        Manifest::new("session-hints", env!("CARGO_PKG_VERSION"), "Tells how long a session still lasts")
            .replaces("session");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.endpoint(
            get(GET_SESSION, "/get-session", get_session)
                .alias(Method::GET, "/session")
                .tag(Tag::SESSION)
                .summary("Who is signed in, and for how long")
                .no_store(),
        );
    }
}

async fn get_session(
    cx: Cx<SessionHints>,
    _: Query<GetSessionQuery>,
) -> Result<Json<Option<Hinted>>, Failure> {
    let Some(mut told) = cx.original(&GET_SESSION).await? else { return Ok(Json(None)) };
    let time = |of: &str, name: &str| {
        let text = told.original.get(of)?.get(name)?.as_str()?;
        Timestamp::parse(text)
    };
    let seconds = |later: Timestamp, earlier: Timestamp| (later.unix_millis() - earlier.unix_millis()) / 1000;
    let now = cx.now();
    told.hints = Hints {
        seconds_left: time("session", "expiresAt").map_or(0, |end| seconds(end, now)),
        days_since_sign_up: time("user", "createdAt").map_or(0, |begun| seconds(now, begun) / 86_400),
    };
    Ok(Json(Some(told)))
}

auth_core::plugin!(SessionHints);
