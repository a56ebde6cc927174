//! `POST /get-session`: moves a session's expiry where `GET` is not to write.

use std::sync::Arc;

use auth_core::{Call, Cx, Extract, Key, Session, endpoint::EndpointDoc, endpoint::Rendered};

use super::SessionView;
use crate::{SessionPlugin, authority::MayRefresh, endpoints::get_session::render, memory::Kept};

auth_core::errors! {
    pub enum RefreshError {
        NotDeferred => (
            405,
            "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
            "POST method requires deferSessionRefresh to be enabled in session config"
        ),
    }
}

pub const REFRESH_SESSION: Key<(), Option<SessionView>> = Key::new("refreshSession");

/// Permits the refresh before the session is resolved; refuses where nothing is deferred.
pub struct Permit(());

impl Extract for Permit {
    async fn extract(call: &Arc<Call>) -> Result<Self, auth_core::Failure> {
        let plugin = call.core().plugin::<SessionPlugin>();
        if plugin.is_some_and(|plugin| plugin.config.defer_refresh) {
            call.note(MayRefresh);
            return Ok(Self(()));
        }
        Err(RefreshError::NotDeferred.into())
    }

    fn describe(_: &mut EndpointDoc) {}
}

pub async fn refresh_session(
    cx: Cx<SessionPlugin>,
    _: Permit,
    session: Option<Session>,
) -> Result<Rendered<Option<SessionView>>, RefreshError> {
    let Some(Session(identity)) = session else { return Ok(Rendered::new("null".into())) };
    let kept = Kept::new(identity.session.as_ref().clone(), identity.user.as_ref().clone(), None)?;
    Ok(Rendered::new(render(&cx, &kept).into()))
}
