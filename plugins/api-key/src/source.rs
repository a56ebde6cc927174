//! A key in a header stands for its user.
//!
//! The key of a request is used once, before anything else is done for it: a key that is no good refuses
//! the request, whatever else it carries. Who may ask for its session with it gets Better Auth's answer.

use std::sync::Arc;

use auth_core::{
    BeforeHook, Call, Failure, Flow, Preset, Timestamp, User, async_trait,
    crypto::sha256_b64url,
    endpoint::Reply,
    http::StatusCode,
    model::{Extra, FieldValue, Session},
    schema::CoreTable,
    session::{Claim, Glance, Identity, Level, SessionAuthority, SessionSource},
};
use serde::Serialize;

use crate::{
    ApiKey, Kind,
    check::{Refusal, Wanted, screen},
    config::References,
    keys::{find_by_id, is_hash_of},
    schema::apikey::Model,
    usage, view,
};

/// How a caller with a key proves who they are.
const METHOD: &str = "api-key";
/// Far above any key.
const LONGEST: usize = 1024;

/// The key that a request has used.
struct Used {
    key: Model,
    identity: Identity,
    level: Level,
}

/// Whether keys of a kind stand for somebody when they come in a header.
fn takes(kind: &Kind, header: &str) -> bool {
    kind.config.sessions && kind.config.headers.iter().any(|name| name == header)
}

/// The first header with a key, and the key.
fn present<'c>(plugin: &'c ApiKey, call: &'c Call) -> Option<(&'c str, Result<&'c str, Failure>)> {
    for name in &plugin.headers {
        let mut values = call.request.headers.get_all(name.as_str()).iter();
        let Some(value) = values.next().filter(|value| !value.is_empty()) else { continue };
        let alone = values.next().is_none();
        let text = value.to_str().ok().filter(|text| alone && text.len() <= LONGEST);
        let kinds = plugin.kinds().filter(|kind| takes(kind, name));
        let shortest = kinds.map(|kind| kind.config.length).min().unwrap_or_default();
        let long = text.filter(|text| text.encode_utf16().count() >= shortest);
        return Some((name, long.ok_or_else(|| Failure::forbidden("INVALID_API_KEY", "Invalid API key."))));
    }
    None
}

fn ownerless() -> Failure {
    Failure::new(
        StatusCode::UNAUTHORIZED,
        "INVALID_REFERENCE_ID_FROM_API_KEY",
        "The reference id from the API key is invalid.",
    )
}

/// Whether somebody has banned the user, as the columns of an admin plugin say.
pub(crate) fn is_banned(user: &User, now: Timestamp) -> bool {
    let over = matches!(user.extra.get("banExpires"), FieldValue::Date(at) if *at <= now);
    *user.extra.get("banned") == FieldValue::Bool(true) && !over
}

impl ApiKey {
    /// Who the key of a request stands for. It is used once, however often this is asked.
    async fn identify(&self, call: &Call, level: Level) -> Result<Option<Arc<Used>>, Failure> {
        let used = match call.noted::<Used>() {
            Some(used) if used.level >= level => return Ok(Some(used)),
            Some(used) => self.again(call, &used).await?,
            None => {
                let Some((header, text)) = present(self, call) else { return Ok(None) };
                self.first(call, text?, header).await?
            }
        };
        call.note(used);
        Ok(call.noted::<Used>())
    }

    async fn first(&self, call: &Call, text: &str, header: &str) -> Result<Used, Failure> {
        let core = call.core();
        let key = if call.noted::<Glance>().is_some() {
            self.glance(core, text).await??
        } else {
            self.use_key(core, text, Wanted::default(), usage::name(call.endpoint())).await??
        };
        let kind = self.kind(Some(&key.config_id));
        if !takes(kind, header) {
            return Err(Refusal::Invalid.into());
        }
        if kind.config.references == References::Organization {
            return Err(ownerless());
        }
        let user = self.owner(core, &key.reference_id).await?.ok_or_else(ownerless)?;
        let identity = self.identity(call, text, &key, user)?;
        Ok(Used { key, identity, level: Level::Cached })
    }

    /// Asks the table whether what memory said is true, without counting another use.
    async fn again(&self, call: &Call, used: &Used) -> Result<Used, Failure> {
        let core = call.core();
        let text = &used.identity.session.token;
        let key = find_by_id(core.db(), &used.key.id).await?;
        let key =
            key.filter(|key| is_hash_of(key, &sha256_b64url(text), core.now())).ok_or(Refusal::Invalid)?;
        screen(&key, Wanted::default(), core.now())?;
        let user = core.users().find(core.db(), &key.reference_id).await?.ok_or_else(ownerless)?;
        let identity = self.identity(call, text, &key, Arc::new(user))?;
        Ok(Used { key, identity, level: Level::Strict })
    }

    fn identity(&self, call: &Call, text: &str, key: &Model, user: Arc<User>) -> Result<Identity, Failure> {
        let core = call.core();
        let now = core.now();
        if is_banned(&user, now) {
            return Err(Failure::new(StatusCode::UNAUTHORIZED, "USER_BANNED", "User is banned"));
        }
        let session = Session {
            id: key.id.clone(),
            user_id: user.id.clone(),
            token: text.to_owned(),
            expires_at: key.expires_at.unwrap_or_else(|| unbounded(call, &user, now)),
            created_at: now,
            updated_at: now,
            ip_address: call.ip().map(str::to_owned),
            user_agent: call.header("user-agent").map(|text| text.chars().take(512).collect()),
            extra: core.schema().new_extra(CoreTable::Session),
        };
        let mut identity = Identity::new(Arc::new(session), user, METHOD);
        let whole = self.kind(Some(&key.config_id)).config.whole_sessions;
        if !whole {
            identity.scopes = Some(scopes(key));
        }
        Ok(identity)
    }
}

/// `resource:action` for all that the key may do.
fn scopes(key: &Model) -> Arc<[String]> {
    let granted = view::permissions(key).unwrap_or_default();
    let of = |(resource, actions): (&str, &[String])| -> Vec<String> {
        actions.iter().map(|action| format!("{resource}:{action}")).collect()
    };
    granted.iter().flat_map(of).collect()
}

/// The end of the session of a key without one. Better Auth takes the seconds of a session for
/// milliseconds there.
fn unbounded(call: &Call, user: &User, now: Timestamp) -> Timestamp {
    let authority = call.core().services().get::<dyn SessionAuthority>();
    let Some(authority) = authority else { return now };
    let end = authority.draft(call, user, None).expires_at;
    match call.core().settings().preset {
        Preset::Tessera => end,
        Preset::BetterAuth => now.plus(end.since(now) / 1000),
    }
}

#[async_trait]
impl SessionSource for ApiKey {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    async fn find(&self, call: &Arc<Call>, level: Level) -> Result<Option<Claim>, Failure> {
        let used = self.identify(call, level).await?;
        Ok(used.map(|used| Claim::Identity(used.identity.clone())))
    }
}

/// The answer of get-session, in Better Auth's order.
#[derive(Serialize)]
struct GetSession<'i> {
    user: &'i User,
    session: &'i Session,
}

/// Uses the key that a request presents.
pub(crate) struct Present(pub(crate) Arc<ApiKey>);

#[async_trait]
impl BeforeHook for Present {
    async fn run(&self, call: &mut Call) -> Result<Flow, Failure> {
        let Some(used) = self.0.identify(call, Level::Cached).await? else { return Ok(Flow::Continue) };
        let identity = &used.identity;
        if !matches!(call.endpoint(), "getSession" | "refreshSession") {
            return Ok(Flow::Continue);
        }
        // Nobody is signed in for what follows: an answer about a key brings no cookie and no token along.
        call.remember_identity(Level::Strict, None);
        let session = Session { extra: Extra::default(), ..identity.session.as_ref().clone() };
        let body = GetSession { user: &identity.user, session: &session };
        Ok(Flow::Answer(Reply::json(&body)?))
    }
}
