//! `GET /verify`, and anything below it: 200 with `X-Auth-User`, `X-Auth-Session` and `X-Auth-Roles`,
//! or 401.

use std::sync::Arc;

use auth_core::{
    Call, Cx, Extract, Failure, Key,
    endpoint::{EndpointDoc, IntoReply, Reply, ReplyBody, ReplyDoc, SessionNeed},
    http::{HeaderName, HeaderValue, StatusCode},
    ports::TokenVerifier,
    session::{Identity, Level, RoleSource, resolve},
};

use crate::ForwardAuth;

pub const VERIFY: Key<(), ()> = Key::new("verify");
/// For proxies that put the path that they ask about behind this one's, and ask with its method.
pub const VERIFY_REQUEST: Key<(), ()> = Key::new("verifyRequest");

/// Who is let through. Everybody else is refused in the same words, without a body.
pub struct Passing(Identity);

impl Extract for Passing {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let refused = || Failure::empty(StatusCode::UNAUTHORIZED);
        let plugin = call.core().plugin::<ForwardAuth>().ok_or_else(refused)?;
        let config = &plugin.config;
        let identity = match signed_token(call).await? {
            Some(identity) => Some(identity),
            None => resolve(call, if config.strict { Level::Strict } else { Level::Cached }).await?,
        };
        let identity = identity.ok_or_else(refused)?;
        let verified = identity.user.email_verified || !config.require_verified_email;
        // An application that knows nothing of scopes would take the part for the whole.
        let whole = identity.scopes.is_none() || config.scopes;
        if verified && whole { Ok(Self(identity)) } else { Err(refused()) }
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Optional);
    }
}

/// Who a signed token is about. It has to name its session, which has to live: the store is asked.
async fn signed_token(call: &Arc<Call>) -> Result<Option<Identity>, Failure> {
    let core = call.core();
    let Some(verifier) = core.services().get::<dyn TokenVerifier>() else { return Ok(None) };
    // Session tokens have fewer dots.
    let Some(token) = call.bearer().filter(|token| token.split('.').count() == 3) else { return Ok(None) };
    match verifier.verify(core, token).await? {
        Some(verified) => verified.identity(core).await,
        None => Ok(None),
    }
}

/// The answer to a proxy: headers and no body.
pub struct Passed(Vec<(&'static str, String)>);

impl IntoReply for Passed {
    fn into_reply(self) -> Result<Reply, Failure> {
        let mut reply = Reply::new(StatusCode::OK, ReplyBody::Empty);
        for (name, value) in self.0 {
            // An address or a role that is no header's text is a fault of ours, and lets nobody in.
            let value = HeaderValue::try_from(value).map_err(Failure::internal)?;
            reply.headers.insert(HeaderName::from_static(name), value);
        }
        Ok(reply)
    }

    fn describe(doc: &mut EndpointDoc) {
        let described = [
            (200, "Let through; `X-Auth-User`, `X-Auth-Session` and `X-Auth-Roles` say whose it is"),
            (401, "Not signed in"),
        ];
        for (status, description) in described {
            doc.facts.replies.push(ReplyDoc { status, content_type: None, schema: None, description });
        }
    }
}

pub async fn verify(cx: Cx<ForwardAuth>, Passing(identity): Passing) -> Result<Passed, Failure> {
    let mut roles = Vec::new();
    for source in cx.services().slot::<dyn RoleSource>() {
        roles.extend(source.roles(cx.call(), &identity).await?);
    }
    let mut headers = vec![
        ("x-auth-user", identity.user.id.clone()),
        ("x-auth-session", identity.session.id.clone()),
        // Always there, so that a proxy overwrites what the client sent.
        ("x-auth-roles", roles.join(",")),
    ];
    if cx.plugin().config.scopes {
        // `*` is no scope: who has it may do everything.
        let scopes = identity.scopes.as_ref().map_or_else(|| "*".to_owned(), |scopes| scopes.join(" "));
        headers.push(("x-auth-scopes", scopes));
    }
    if cx.plugin().config.email {
        headers.push(("x-auth-email", identity.user.email.clone()));
    }
    Ok(Passed(headers))
}
