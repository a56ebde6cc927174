//! Sessions as arguments of handlers.

use std::sync::Arc;

use super::{Identity, Level, SessionAuthority, resolve};
use crate::{
    Failure,
    call::Call,
    endpoint::{EndpointDoc, Extract, SessionNeed},
    error::ErrorSpec,
};

const UNAUTHORIZED: ErrorSpec = ErrorSpec { status: 401, code: "UNAUTHORIZED", message: "Unauthorized" };
const NOT_FRESH: ErrorSpec =
    ErrorSpec { status: 403, code: "SESSION_NOT_FRESH", message: "Session is not fresh" };
pub(super) const LIMITED: ErrorSpec =
    ErrorSpec { status: 403, code: "INSUFFICIENT_SCOPE", message: "Insufficient scope" };

/// The caller's session. A cache may have answered, and the proof may be good for a part only of what the
/// user may do (`scopes`): do not change credentials on its word.
///
/// ```
/// use auth_core::{Failure, Json, Session};
///
/// async fn hello(session: Session) -> Result<Json<String>, Failure> {
///     Ok(Json(format!("Hello, {}", session.user.name)))
/// }
///
/// // Whoever is not signed in is no error here.
/// async fn greeting(session: Option<Session>) -> Result<Json<String>, Failure> {
///     Ok(Json(session.map_or("Hello".to_owned(), |session| session.user.name.clone())))
/// }
/// # auth_core::get(auth_core::Key::<(), String>::new("a"), "/a", hello);
/// # auth_core::get(auth_core::Key::<(), String>::new("b"), "/b", greeting);
/// ```
#[derive(Clone)]
pub struct Session(pub Identity);

/// The caller's session, where it is good for all that its user may do. A cache may have answered.
#[derive(Clone)]
pub struct WholeSession(pub Identity);

/// The caller's session, read from the primary store. A proof that is good for a part only is refused.
///
/// One query more than a [`Session`]; for changes of credentials, which a session that ended a moment ago on another
/// node must not make.
///
/// ```
/// use auth_core::{Failure, Json, StrictSession};
///
/// async fn unlink(session: StrictSession) -> Result<Json<String>, Failure> {
///     Ok(Json(session.user.id.clone()))
/// }
/// # auth_core::post(auth_core::Key::<(), String>::new("unlink"), "/unlink", unlink);
/// ```
#[derive(Clone)]
pub struct StrictSession(pub Identity);

/// The caller's session, whose user proved a short while ago who they are; otherwise 403 `SESSION_NOT_FRESH`, and the
/// client asks for the password again. A proof that is good for a part only is refused.
///
/// ```
/// use auth_core::{Failure, FreshSession, Json};
///
/// async fn delete_everything(session: FreshSession) -> Result<Json<String>, Failure> {
///     Ok(Json(session.user.id.clone()))
/// }
/// # auth_core::post(auth_core::Key::<(), String>::new("deleteAll"), "/delete-all", delete_everything);
/// ```
#[derive(Clone)]
pub struct FreshSession(pub Identity);

macro_rules! identity_of {
    ($($name:ident),*) => {$(
        impl std::ops::Deref for $name {
            type Target = Identity;
            fn deref(&self) -> &Identity {
                &self.0
            }
        }
    )*};
}
identity_of!(Session, WholeSession, StrictSession, FreshSession);

impl Extract for Session {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        resolve(call, Level::Cached).await?.map(Self).ok_or_else(Failure::unauthorized)
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Required);
        doc.fails_with(&[UNAUTHORIZED]);
    }
}

impl Extract for Option<Session> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        Ok(resolve(call, Level::Cached).await?.map(Session))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Optional);
    }
}

impl Extract for WholeSession {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        Session::extract(call).await?.0.whole().map(Self)
    }

    fn describe(doc: &mut EndpointDoc) {
        Session::describe(doc);
        doc.fails_with(&[LIMITED]);
    }
}

impl Extract for Option<WholeSession> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let identity = resolve(call, Level::Cached).await?;
        identity.map(|identity| identity.whole().map(WholeSession)).transpose()
    }

    fn describe(doc: &mut EndpointDoc) {
        Option::<Session>::describe(doc);
        doc.fails_with(&[LIMITED]);
    }
}

impl Extract for StrictSession {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let identity = resolve(call, Level::Strict).await?.ok_or_else(Failure::unauthorized)?;
        identity.whole().map(Self)
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Strict);
        doc.fails_with(&[UNAUTHORIZED, LIMITED]);
    }
}

impl Extract for Option<StrictSession> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let identity = resolve(call, Level::Strict).await?;
        identity.map(|identity| identity.whole().map(StrictSession)).transpose()
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Optional);
        doc.fails_with(&[LIMITED]);
    }
}

impl Extract for FreshSession {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        // What a cache knows may be from before the user proved anew who they are.
        for level in [Level::Cached, Level::Strict] {
            let identity = resolve(call, level).await?.ok_or_else(Failure::unauthorized)?.whole()?;
            let authority = call.core().services().get::<dyn SessionAuthority>();
            if authority.is_some_and(|a| a.is_fresh(&identity.session, call.core().now())) {
                return Ok(Self(identity));
            }
        }
        Err(Failure::forbidden(NOT_FRESH.code, NOT_FRESH.message))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Fresh);
        doc.fails_with(&[UNAUTHORIZED, LIMITED, NOT_FRESH]);
    }
}
