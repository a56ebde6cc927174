//! `GET /get-session`: who is signed in. The hot path: a session in memory is answered with bytes
//! that were rendered when it was read.

use auth_core::{Cx, Failure, Key, Query, Session, endpoint::Rendered, schemars::JsonSchema};
use serde::Deserialize;

use super::SessionView;
use crate::{SessionPlugin, authority::NeedsRefresh, memory::Kept};

pub const GET_SESSION: Key<(), Option<SessionView>> = Key::new("getSession");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetSessionQuery {
    /// Asks the store and not the cookie cache. Any text counts as yes.
    #[serde(rename = "disableCookieCache")]
    #[schemars(extend("x-truthy" = true))]
    pub disable_cookie_cache: Option<bool>,
    /// Leaves the session's expiry as it is. Any text counts as yes.
    #[serde(rename = "disableRefresh")]
    #[schemars(extend("x-truthy" = true))]
    pub disable_refresh: Option<bool>,
}

pub async fn get_session(
    cx: Cx<SessionPlugin>,
    _: Query<GetSessionQuery>,
    session: Option<Session>,
) -> Result<Rendered<Option<SessionView>>, Failure> {
    let Some(Session(identity)) = session else { return Ok(Rendered::new("null".into())) };
    let kept = identity.origin.as_ref().and_then(|origin| origin.downcast_ref::<Kept>());
    let kept = match kept {
        Some(kept) => kept.clone(),
        None => Kept::new(identity.session.as_ref().clone(), identity.user.as_ref().clone(), None)?,
    };
    Ok(Rendered::new(render(&cx, &kept).into()))
}

pub(super) fn render(cx: &Cx<SessionPlugin>, kept: &Kept) -> String {
    let (session, user) = (&kept.session.json, &kept.user.json);
    let mut body = String::with_capacity(session.len() + user.len() + 48);
    body.push_str("{\"session\":");
    body.push_str(session);
    body.push_str(",\"user\":");
    body.push_str(user);
    if cx.plugin().config.defer_refresh {
        let due = cx.call().noted::<NeedsRefresh>().is_some();
        body.push_str(if due { ",\"needsRefresh\":true" } else { ",\"needsRefresh\":false" });
    }
    body.push('}');
    body
}
