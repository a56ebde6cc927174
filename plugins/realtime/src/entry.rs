//! Who asks for a socket, and asking again later.

use std::sync::Arc;

use auth_core::{
    Call, Caller, Core, Failure, Timestamp,
    call::{Request, bearer},
    crypto::sha256_b64url,
    endpoint::Facts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    ports::TokenVerifier,
    serde_json::Value,
    session::{Glance, Identity, Level, RoleSource, SessionSource, resolve},
    socket::offered,
};

use percent_encoding::percent_decode_str;

use crate::protocol::PROTOCOL;

/// Offered protocols that carry a credential, for clients that can set no header: a session's token or a
/// JWT, and a key, as `encodeURIComponent` makes them.
const BEARER: &str = "bearer.";
const KEY: &str = "key.";

/// What identifiers of tickets begin with.
pub(crate) const TICKET: &str = "realtime-ticket:";

/// How to ask again whether somebody may still be here.
#[derive(Clone)]
enum Proof {
    /// A session, by its token.
    Session(String, &'static str),
    /// What the request presented, and nothing else of it.
    Presented(Arc<Request>),
}

/// Who has a socket.
pub(crate) struct Visitor {
    pub(crate) identity: Identity,
    proof: Proof,
    /// When the proof ends by itself, as far as that is known.
    pub(crate) until: Timestamp,
}

/// From where a socket may be opened with cookies, which browsers send whoever asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pages {
    /// A page that says where it is from, and is trusted.
    Named,
    /// Whoever does not say that they are foreign: other sites' pages cannot read the answer.
    NotForeign,
}

impl Visitor {
    /// Who a request is from. One that proves nothing is refused with 401.
    ///
    /// `counted`: the host has used the key in a header already, if there is one.
    pub(crate) async fn of(
        core: &Arc<Core>,
        request: &Request,
        pages: Pages,
        counted: bool,
    ) -> Result<Self, Failure> {
        if let Some(ticket) = request.query.get("ticket") {
            return Self::of_ticket(core, ticket).await;
        }
        let mut headers = HeaderMap::new();
        for name in explicit(core) {
            for value in request.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let counted = counted && headers.keys().any(|name| *name != header::AUTHORIZATION);
        offer(core, &request.headers, &mut headers);
        if headers.is_empty() {
            check_origin(core, &request.headers, pages)?;
            for value in request.headers.get_all(header::COOKIE) {
                headers.append(header::COOKIE, value.clone());
            }
        }
        if headers.is_empty() {
            return Err(Failure::unauthorized());
        }
        let presented = Request {
            path: request.path.clone(),
            headers,
            trace_id: request.trace_id.clone(),
            peer: request.peer,
            ..Request::default()
        };
        let proof = Proof::Presented(Arc::new(presented));
        let (identity, until) = proof.ask(core, counted).await?.ok_or_else(Failure::unauthorized)?;
        let plain = identity.origin.is_some() && identity.scopes.is_none() && identity.actor.is_none();
        let proof =
            if plain { Proof::Session(identity.session.token.clone(), identity.method) } else { proof };
        Ok(Self { identity: Identity { origin: None, ..identity }, proof, until })
    }

    /// A ticket counts once.
    async fn of_ticket(core: &Arc<Core>, ticket: &Value) -> Result<Self, Failure> {
        let ticket =
            ticket.as_str().filter(|ticket| ticket.len() <= 128).ok_or_else(Failure::unauthorized)?;
        let name = format!("{TICKET}{}", sha256_b64url(ticket));
        let row = core.verifications().consume(core.db(), &name).await?.ok_or_else(Failure::unauthorized)?;
        if row.expires_at <= core.now() {
            return Err(Failure::unauthorized());
        }
        let found = core.sessions().find_with_user(core.db(), &row.value).await?;
        let (session, _) = found.ok_or_else(Failure::unauthorized)?;
        let proof = Proof::Session(session.token, "ticket");
        let (identity, until) = proof.ask(core, false).await?.ok_or_else(Failure::unauthorized)?;
        Ok(Self { identity, proof, until })
    }

    /// Whether they may still be here. Not knowing is an error.
    pub(crate) async fn again(&mut self, core: &Arc<Core>) -> Result<bool, Failure> {
        let Some((identity, until)) = self.proof.ask(core, true).await? else { return Ok(false) };
        if identity.user.id != self.identity.user.id {
            return Ok(false);
        }
        self.identity = Identity { origin: None, ..identity };
        self.until = until;
        Ok(true)
    }

    /// What they are told of themselves: the session without its token, the user, and the roles.
    pub(crate) async fn card(&self, core: &Arc<Core>) -> Result<Value, Failure> {
        let mut session = serde_json::to_value(&*self.identity.session).map_err(Failure::internal)?;
        if let Some(members) = session.as_object_mut() {
            members.shift_remove("token");
        }
        let user = serde_json::to_value(&*self.identity.user).map_err(Failure::internal)?;
        let call = Arc::new(call(core, Request::default()));
        let mut roles = Vec::new();
        for source in core.services().slot::<dyn RoleSource>() {
            roles.extend(source.roles(&call, &self.identity).await?);
        }
        Ok(serde_json::json!({ "session": session, "user": user, "roles": roles }))
    }
}

impl Proof {
    /// Who it stands for by the primary store, and until when; nobody where it does not count. A `glance`
    /// is no use of it.
    async fn ask(&self, core: &Arc<Core>, glance: bool) -> Result<Option<(Identity, Timestamp)>, Failure> {
        let asked = match self {
            Self::Session(token, method) => by_session(core, token, method).await,
            Self::Presented(request) => by_request(core, request, glance).await,
        };
        match asked {
            // A source that knows the proof and finds it bad says so.
            Err(failure) if glance && failure.status().is_client_error() => Ok(None),
            asked => asked,
        }
    }
}

async fn by_session(
    core: &Arc<Core>,
    token: &str,
    method: &'static str,
) -> Result<Option<(Identity, Timestamp)>, Failure> {
    let Some((session, user)) = core.sessions().find_by_token(core.db(), token).await? else {
        return Ok(None);
    };
    if !core.session_admits(&session).await? {
        return Ok(None);
    }
    let until = session.expires_at;
    Ok(Some((Identity::new(Arc::new(session), Arc::new(user), method), until)))
}

async fn by_request(
    core: &Arc<Core>,
    request: &Arc<Request>,
    glance: bool,
) -> Result<Option<(Identity, Timestamp)>, Failure> {
    if let Some(verifier) = core.services().get::<dyn TokenVerifier>()
        && let Some(token) = bearer(&request.headers).filter(|token| token.split('.').count() == 3)
    {
        let Some(token) = verifier.verify(core, token).await? else { return Ok(None) };
        let identity = if glance { token.glance(core).await? } else { token.identity(core).await? };
        let end = token.claims.get("exp").and_then(Value::as_i64);
        return Ok(identity.map(|identity| {
            let session_end = identity.session.expires_at;
            let end = end.map_or(session_end, |at| Timestamp::from_unix_millis(at.saturating_mul(1000)));
            let until = end.min(session_end);
            (identity, until)
        }));
    }
    let call = call(core, Request::clone(request));
    if glance {
        call.note(Glance);
    }
    let identity = resolve(&Arc::new(call), Level::Strict).await?;
    Ok(identity.map(|identity| {
        let until = identity.session.expires_at;
        (identity, until)
    }))
}

fn call(core: &Arc<Core>, request: Request) -> Call {
    Call::new(core.clone(), "socket", Arc::new(Facts::default()), Caller::Client, request)
}

/// Headers that only a program sets, never a browser by itself.
fn explicit(core: &Core) -> impl Iterator<Item = HeaderName> {
    let sources = core.services().slot::<dyn SessionSource>();
    let keys = sources.flat_map(|source| source.headers()).filter_map(|name| name.parse().ok());
    std::iter::once(header::AUTHORIZATION).chain(keys)
}

/// A credential among the protocols that a client offers beside ours, as the header that it stands for.
fn offer(core: &Core, sent: &HeaderMap, headers: &mut HeaderMap) {
    if !offered(sent).any(|protocol| protocol == PROTOCOL) {
        return;
    }
    for protocol in offered(sent) {
        let (name, value) = if let Some(token) = protocol.strip_prefix(BEARER) {
            (Some(header::AUTHORIZATION), format!("Bearer {}", decoded(token)))
        } else if let Some(key) = protocol.strip_prefix(KEY) {
            (explicit(core).nth(1), decoded(key))
        } else {
            continue;
        };
        if let (Some(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
}

/// Names of protocols have no `/` and no `=`, but `%`.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A socket that a browser opens with its cookies belongs to whoever's page opened it.
fn check_origin(core: &Core, headers: &HeaderMap, pages: Pages) -> Result<(), Failure> {
    let foreign = |code, message| Err(Failure::new(StatusCode::FORBIDDEN, code, message));
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) => {
            let trusted = origin.to_str().is_ok_and(|origin| core.settings().origins.allows_origin(origin));
            if trusted { Ok(()) } else { foreign("INVALID_ORIGIN", "Invalid origin") }
        }
        (Some(_), Some(_)) => foreign("INVALID_ORIGIN", "Invalid origin"),
        (None, _) if pages == Pages::NotForeign || !headers.contains_key(header::COOKIE) => Ok(()),
        (None, _) => foreign("MISSING_OR_NULL_ORIGIN", "Missing or null Origin"),
    }
}
