//! The three cookies: `session_token`, `session_data` (the cookie cache) and `dont_remember`.

use auth_core::{
    Call, Core, Timestamp, User,
    call::SetCookie,
    crypto::{
        cookie_cache::{self, Chunks},
        encode_component,
    },
    model::{FieldValue, Session},
    proof::Proofs,
    schema::CoreTable,
    serde_json::{self, Map, Value},
};

use crate::config::CookieCacheConfig;

pub(crate) use auth_core::session::SESSION_COOKIE as TOKEN;

pub(crate) const DATA: &str = "session_data";
pub(crate) const DONT_REMEMBER: &str = "dont_remember";
/// What is no part of a session in answers, but asked for where a cookie vouches for one.
const PROOFS: &str = "proofs";

/// The validly signed values of a cookie, each once.
pub(crate) fn signed_values(call: &Call, short: &str) -> Vec<String> {
    let core = call.core();
    let name = core.settings().cookies.name(short);
    let mut values: Vec<String> = Vec::new();
    for raw in call.cookie_values(&name) {
        let decoded = auth_core::crypto::decode_component(raw);
        if let Some(value) = core.signer().verify(&decoded)
            && !values.iter().any(|v| v == value)
        {
            values.push(value.to_owned());
        }
    }
    values
}

/// The user did not want to be remembered on this device.
pub(crate) fn dont_remember(call: &Call) -> bool {
    signed_values(call, DONT_REMEMBER).iter().any(|value| value == "true")
}

pub(crate) fn token(core: &Core, token: &str, max_age: Option<u64>) -> SetCookie {
    SetCookie::new(core.settings().cookies.name(TOKEN), core.signer().sign(token), max_age)
}

pub(crate) fn remember_not(core: &Core) -> SetCookie {
    SetCookie::new(core.settings().cookies.name(DONT_REMEMBER), core.signer().sign("true"), None)
}

/// The cookie cache of a session, in chunks where it is long. Nothing where it is too long.
pub(crate) fn data(
    call: &Call,
    config: &CookieCacheConfig,
    session: &Session,
    user: &User,
    remember: bool,
) -> Vec<SetCookie> {
    let core = call.core();
    let settings = core.settings();
    let now = core.now();
    let name = settings.cookies.name(DATA);
    let mut payload = Map::new();
    for (key, value) in [("session", serde_json::to_value(session)), ("user", serde_json::to_value(user))] {
        let Ok(value) = value else { return Vec::new() };
        payload.insert(key.to_owned(), value);
    }
    let proofs = session.proofs();
    if !proofs.is_empty() {
        payload.insert(PROOFS.to_owned(), proofs.to_string().into());
    }
    payload.insert("updatedAt".to_owned(), now.unix_millis().into());
    payload.insert("version".to_owned(), config.version.clone().into());
    let max_age = remember.then_some(config.max_age);
    let text = cookie_cache::encode(
        config.strategy,
        &payload,
        max_age,
        now.unix_millis(),
        &settings.secrets,
        core.rng(),
    );
    let Some(text) = text else { return Vec::new() };
    let text = encode_component(&text);
    // What stands behind the value in the header counts into the browser's limit.
    let attributes = attributes_len(call, max_age);
    let set: Vec<_> = match cookie_cache::chunk(&text, &name, attributes) {
        Chunks::Whole(value) => vec![SetCookie::new(name.as_str(), value, max_age)],
        Chunks::Split(chunks) => {
            chunks.iter().map(|(name, value)| SetCookie::new(name, *value, max_age)).collect()
        }
        Chunks::TooLarge => Vec::new(),
    };
    // What an earlier, longer or shorter session left behind would be read first.
    let stale = present_data(call, &name).into_iter().filter(|old| !set.iter().any(|new| new.name == *old));
    let stale: Vec<_> = stale.map(SetCookie::expire).collect();
    set.into_iter().chain(stale).collect()
}

/// The names under which the request carries the cache cookie.
fn present_data(call: &Call, name: &str) -> Vec<String> {
    let header = call.cookie_header();
    let chunks = cookie_cache::present_chunks(&header, name).into_iter().map(str::to_owned);
    let whole = call.cookie_values(name).next().map(|_| name.to_owned());
    whole.into_iter().chain(chunks).collect()
}

fn attributes_len(call: &Call, max_age: Option<u64>) -> usize {
    let cookies = &call.core().settings().cookies;
    let max_age = max_age.map_or(0, |seconds| format!("; Max-Age={seconds}").len());
    let domain = cookies.domain.as_ref().map_or(0, |domain| "; Domain=".len() + domain.len());
    let secure = if cookies.secure { "; Secure".len() } else { 0 };
    max_age + domain + secure + "; Path=/; HttpOnly; SameSite=Lax".len()
}

/// Whether the request carries the cache cookie in any form.
pub(crate) fn has_data(call: &Call) -> bool {
    !present_data(call, &call.core().settings().cookies.name(DATA)).is_empty()
}

/// Expires the cache cookie, and whatever of it the request carries.
pub(crate) fn expire_data(call: &Call) -> Vec<SetCookie> {
    let name = call.core().settings().cookies.name(DATA);
    let present = present_data(call, &name).into_iter().map(SetCookie::expire);
    let present: Vec<_> = present.collect();
    std::iter::once(SetCookie::expire(name)).chain(present).collect()
}

/// Expires the cache cookie before it is written again.
pub(crate) fn expire_whole(call: &Call) -> SetCookie {
    SetCookie::expire(call.core().settings().cookies.name(DATA))
}

/// Expires everything.
pub(crate) fn expire_all(call: &Call) -> Vec<SetCookie> {
    let cookies = &call.core().settings().cookies;
    let mut all = vec![SetCookie::expire(cookies.name(TOKEN))];
    all.extend(expire_data(call));
    all.push(SetCookie::expire(cookies.name(DONT_REMEMBER)));
    all
}

/// What a cache cookie says, once it was checked.
pub(crate) struct CachedCookie {
    pub(crate) session: Session,
    pub(crate) user: User,
    /// The session was in use then.
    pub(crate) written_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// The cache cookie where it is in one piece, which is nearly always.
pub(crate) fn whole_data(call: &Call) -> Option<&str> {
    call.cookie_named(call.core().settings().cookies.name(DATA).as_str())
}

/// The session and user of the cache cookie, if it is ours, in time, and of this token.
pub(crate) fn read_data(call: &Call, config: &CookieCacheConfig, token: &str) -> Option<CachedCookie> {
    let core = call.core();
    let settings = core.settings();
    let now = core.now();
    let text = cookie_cache::join_chunks(&call.cookie_header(), &settings.cookies.name(DATA))?;
    let opened = cookie_cache::decode(config.strategy, &text, &settings.secrets, now.unix_millis())?;
    let payload = opened.payload;
    if payload.get("version")?.as_str()? != config.version {
        return None;
    }
    let mut session = read_session(core, payload.get("session")?)?;
    if let Some(proofs) = payload.get(PROOFS).and_then(Value::as_str) {
        session.set_proofs(&Proofs::parse(proofs));
    }
    let user = read_user(core, payload.get("user")?)?;
    let expires_at = Timestamp::from_unix_millis(opened.expires_at_ms);
    let written_at = payload.get("updatedAt").and_then(Value::as_i64).unwrap_or_default();
    let written_at = Timestamp::from_unix_millis(written_at).min(now);
    let good = session.token == token && session.expires_at > now;
    good.then_some(CachedCookie { session, user, written_at, expires_at })
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn date(value: &Value, key: &str) -> Option<Timestamp> {
    Timestamp::parse(value.get(key)?.as_str()?)
}

fn extra(core: &Core, table: CoreTable, value: &Value) -> auth_core::model::Extra {
    let mut extra = core.schema().new_extra(table);
    for column in core.schema().extras(table).iter() {
        if let Some(value) = value.get(column.name.as_ref())
            && let Some(value) = FieldValue::accept(value, column)
        {
            extra.set(&column.name, value);
        }
    }
    extra
}

pub(crate) fn read_session(core: &Core, value: &Value) -> Option<Session> {
    Some(Session {
        id: text(value, "id")?,
        user_id: text(value, "userId")?,
        token: text(value, "token")?,
        expires_at: date(value, "expiresAt")?,
        created_at: date(value, "createdAt")?,
        updated_at: date(value, "updatedAt")?,
        ip_address: text(value, "ipAddress"),
        user_agent: text(value, "userAgent"),
        extra: extra(core, CoreTable::Session, value),
    })
}

pub(crate) fn read_user(core: &Core, value: &Value) -> Option<User> {
    Some(User {
        id: text(value, "id")?,
        name: text(value, "name")?,
        email: text(value, "email")?,
        email_verified: value.get("emailVerified")?.as_bool()?,
        image: text(value, "image"),
        created_at: date(value, "createdAt")?,
        updated_at: date(value, "updatedAt")?,
        extra: extra(core, CoreTable::User, value),
    })
}
