//! `GET /verify`: 200 with `X-Auth-User`, `X-Auth-Session` and `X-Auth-Roles`, or 401.

use std::sync::Arc;

use auth_core::{
    Call, Cx, Extract, Failure, Key, Session, StrictSession,
    endpoint::{EndpointDoc, IntoReply, Reply, ReplyBody, ReplyDoc, SessionNeed},
    http::{HeaderName, HeaderValue, StatusCode},
    session::{Identity, RoleSource},
};

use crate::ForwardAuth;

pub const VERIFY: Key<(), ()> = Key::new("verify");

/// Who is let through. Everybody else is refused in the same words, without a body.
pub struct Passing(Identity);

impl Extract for Passing {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let refused = || Failure::empty(StatusCode::UNAUTHORIZED);
        let plugin = call.core().plugin::<ForwardAuth>().ok_or_else(refused)?;
        let identity = if plugin.config.strict {
            Option::<StrictSession>::extract(call).await?.map(|session| session.0)
        } else {
            Option::<Session>::extract(call).await?.map(|session| session.0)
        };
        let identity = identity.ok_or_else(refused)?;
        if plugin.config.require_verified_email && !identity.user.email_verified {
            return Err(refused());
        }
        Ok(Self(identity))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Optional);
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
    if cx.plugin().config.email {
        headers.push(("x-auth-email", identity.user.email.clone()));
    }
    Ok(Passed(headers))
}
