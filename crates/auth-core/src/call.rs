//! One request on its way through the host.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    collections::HashMap,
    net::IpAddr,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    Failure,
    core::Core,
    endpoint::{EndpointDoc, Extract, Facts, Key, Tag},
    plugin::Plugin,
    session::{Identity, Level, SessionOutcome},
    store::Tx,
    trace,
};

/// Where the edge leaves the nonce of a page; what a client sends below this name is thrown away.
pub const NONCE_HEADER: &str = "x-page-nonce";

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Somebody on the network.
    Client,
    /// This program, through [`Core::call`].
    Program,
}

/// A request, routed and with its body parsed, but not validated.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Below the base path, as it was sent.
    pub path: String,
    pub params: Vec<(&'static str, String)>,
    pub query: Map<String, Value>,
    pub headers: HeaderMap,
    pub body: Option<Value>,
    pub trace_id: String,
    /// The address at the other end of the connection.
    pub peer: Option<IpAddr>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            method: Method::POST,
            path: String::new(),
            params: Vec::new(),
            query: Map::new(),
            headers: HeaderMap::new(),
            body: None,
            trace_id: String::new(),
            peer: None,
        }
    }
}

impl Request {
    /// A call in process with a body.
    pub fn with_body(body: &impl serde::Serialize) -> Result<Self, Failure> {
        Ok(Self { body: Some(serde_json::to_value(body).map_err(Failure::internal)?), ..Self::default() })
    }

    /// Adds a header, such as the cookie of the user on whose behalf the program calls.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    #[must_use]
    pub fn param(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into()));
        self
    }
}

/// A cookie to be set or, without a value, to be expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// The full name.
    pub name: String,
    /// As it goes on the wire: encoded, signed.
    pub value: Option<String>,
    /// Seconds; none for a cookie that ends with the browser.
    pub max_age: Option<u64>,
    pub http_only: bool,
}

impl SetCookie {
    pub fn new(name: impl Into<String>, value: impl Into<String>, max_age: Option<u64>) -> Self {
        Self { name: name.into(), value: Some(value.into()), max_age, http_only: true }
    }

    pub fn expire(name: impl Into<String>) -> Self {
        Self { name: name.into(), value: None, max_age: Some(0), http_only: true }
    }
}

/// What a request does besides its reply.
#[derive(Default)]
struct Effects {
    cookies: Vec<SetCookie>,
    headers: Vec<(HeaderName, HeaderValue)>,
    session: SessionOutcome,
    tx: Option<Tx>,
    known: Option<(Level, Option<Identity>)>,
    extensions: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

/// A request with everything around it. Hooks before the handler may alter `request`.
pub struct Call {
    core: Arc<Core>,
    id: &'static str,
    facts: Arc<Facts>,
    caller: Caller,
    pub request: Request,
    ip: OnceLock<Option<String>>,
    effects: Mutex<Effects>,
}

/// The text of a header that is there once: of two, nobody knows which one a proxy has looked at.
fn only(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// What follows `Bearer`, in any case, in the `Authorization` header.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, rest) = only(headers, http::header::AUTHORIZATION)?.split_once(' ')?;
    let rest = rest.trim();
    (scheme.eq_ignore_ascii_case("Bearer") && !rest.is_empty()).then_some(rest)
}

impl Call {
    #[must_use]
    pub fn new(
        core: Arc<Core>,
        id: &'static str,
        facts: Arc<Facts>,
        caller: Caller,
        request: Request,
    ) -> Self {
        Self { core, id, facts, caller, request, ip: OnceLock::new(), effects: Mutex::default() }
    }

    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// For the host: this request as another endpoint sees it. What it does besides its reply goes along,
    /// until [`Call::resume`] brings it back.
    #[must_use]
    pub fn lend(&self, id: &'static str, facts: Arc<Facts>) -> Self {
        let lent = Self::new(self.core.clone(), id, facts, self.caller, self.request.clone());
        *lent.effects() = std::mem::take(&mut *self.effects());
        lent
    }

    /// For the host: takes back what was lent, with what the other endpoint added.
    pub fn resume(&self, lent: &Self) {
        *self.effects() = std::mem::take(&mut *lent.effects());
    }

    /// The endpoint's id.
    pub fn endpoint(&self) -> &'static str {
        self.id
    }

    pub fn tags(&self) -> &[Tag] {
        &self.facts.tags
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    pub fn caller(&self) -> Caller {
        self.caller
    }

    /// A header that is sent once and is text.
    #[must_use]
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        only(&self.request.headers, name)
    }

    /// What follows `Bearer` in the `Authorization` header.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        bearer(&self.request.headers)
    }

    /// The nonce that scripts and styles of a page have to carry, where a browser asked for a page.
    #[must_use]
    pub fn page_nonce(&self) -> Option<&str> {
        self.header(NONCE_HEADER)
    }

    /// The raw values of a cookie, in the order they were sent.
    pub fn cookie_values<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c str> {
        self.request
            .headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(move |value| auth_crypto::cookies::find_all(value, name))
    }

    /// The raw value of a cookie that is sent first under its name.
    #[must_use]
    pub fn cookie_named(&self, name: &str) -> Option<&str> {
        let headers = self.request.headers.get_all(header::COOKIE).into_iter();
        headers
            .filter_map(|value| value.to_str().ok())
            .find_map(|value| auth_crypto::cookies::find_all(value, name).next())
    }

    /// What a cookie of ours says, by its short name. Nothing where no signature is ours, or two that are
    /// disagree: somebody planted one.
    #[must_use]
    pub fn signed_cookie(&self, short: &str) -> Option<String> {
        let name = self.core.settings().cookies.name(short);
        let decoded = self.cookie_values(&name).map(auth_crypto::decode_component);
        let mut found = decoded.filter_map(|value| self.core.signer().verify(&value).map(str::to_owned));
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// The cookies of the request as one header. HTTP/2 may have split them.
    #[must_use]
    pub fn cookie_header(&self) -> Cow<'_, str> {
        let mut values =
            self.request.headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
        let first = values.next().unwrap_or_default();
        values.fold(Cow::Borrowed(first), |sum, next| Cow::Owned(format!("{sum}; {next}")))
    }

    /// The client's address, as far as it can be trusted.
    #[must_use]
    pub fn ip(&self) -> Option<&str> {
        self.ip.get_or_init(|| self.core.settings().client_address(&self.request)).as_deref()
    }

    fn effects(&self) -> MutexGuard<'_, Effects> {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- cookies and headers of the reply -----------------------------------------------------

    /// Sets a cookie. One that is expired takes earlier ones of its name along.
    pub fn set_cookie(&self, cookie: SetCookie) {
        let mut effects = self.effects();
        effects.cookies.retain(|c| c.name != cookie.name);
        effects.cookies.push(cookie);
    }

    /// Adds a header. What is exposed to foreign pages becomes one list.
    pub fn set_header(&self, name: HeaderName, value: HeaderValue) {
        let mut effects = self.effects();
        if name == header::ACCESS_CONTROL_EXPOSE_HEADERS
            && let Some((_, list)) = effects.headers.iter_mut().find(|(known, _)| *known == name)
            && let Some(joined) = join(list, &value)
        {
            *list = joined;
            return;
        }
        effects.headers.push((name, value));
    }

    /// For the host: what is to be rendered.
    #[must_use]
    pub fn take_rendered(&self) -> (Vec<SetCookie>, Vec<(HeaderName, HeaderValue)>) {
        let mut effects = self.effects();
        (std::mem::take(&mut effects.cookies), std::mem::take(&mut effects.headers))
    }

    // ---- the session --------------------------------------------------------------------------

    /// What becomes of the session after this request, so far.
    #[must_use]
    pub fn session_outcome(&self) -> SessionOutcome {
        self.effects().session.clone()
    }

    /// Issues, replaces, withdraws or ends the session. Nothing is stored or sent before the last
    /// `After` hook has run.
    pub fn set_session(&self, outcome: SessionOutcome) {
        self.effects().session = outcome;
    }

    /// Keeps what was found out about the caller for later extractors.
    pub(crate) fn known_identity(&self, level: Level) -> Option<Option<Identity>> {
        let effects = self.effects();
        let (known, identity) = effects.known.as_ref()?;
        (*known >= level).then(|| identity.clone())
    }

    /// Whether this is the session that the request was found to come with.
    #[must_use]
    pub fn came_with(&self, session_id: &str) -> bool {
        let known = self.known_identity(Level::Cached).flatten();
        known.is_some_and(|identity| identity.session.id == session_id)
    }

    pub fn remember_identity(&self, level: Level, identity: Option<Identity>) {
        if let Some(identity) = &identity {
            self.core.saw_user(&identity.user.id);
            trace::note_user(&identity.user.id);
        }
        self.effects().known = Some((level, identity));
    }

    // ---- one commit ---------------------------------------------------------------------------

    /// Hands over the handler's transaction. The host commits it together with a session that was
    /// issued, or drops it with everything in it when the request fails.
    pub fn commit_with(&self, tx: Tx) {
        self.effects().tx = Some(tx);
    }

    #[must_use]
    pub fn take_tx(&self) -> Option<Tx> {
        self.effects().tx.take()
    }

    // ---- notes of plugins ---------------------------------------------------------------------

    /// A note of a plugin's own type on this request.
    pub fn note<T: Any + Send + Sync>(&self, note: T) {
        self.effects().extensions.insert(TypeId::of::<T>(), Arc::new(note));
    }

    #[must_use]
    pub fn noted<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.effects().extensions.get(&TypeId::of::<T>())?.clone().downcast().ok()
    }
}

/// Two comma lists as one, each name once.
fn join(list: &HeaderValue, further: &HeaderValue) -> Option<HeaderValue> {
    let mut names: Vec<&str> = Vec::new();
    for name in [list, further].into_iter().filter_map(|list| list.to_str().ok()).flat_map(|l| l.split(',')) {
        let name = name.trim();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    HeaderValue::try_from(names.join(", ")).ok()
}

/// A handler's view of its plugin and its request.
pub struct Cx<P> {
    plugin: Arc<P>,
    call: Arc<Call>,
}

impl<P> Cx<P> {
    pub fn plugin(&self) -> &Arc<P> {
        &self.plugin
    }

    pub fn call(&self) -> &Arc<Call> {
        &self.call
    }
}

impl<P> Deref for Cx<P> {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.call.core
    }
}

impl<P> Cx<P> {
    /// Begins the handler's transaction.
    pub async fn begin(&self) -> Result<Tx, Failure> {
        Ok(self.call.core.begin().await?)
    }
}

impl<P: Plugin> Cx<P> {
    /// Runs the endpoint that this one took over from the plugin that the manifest `replaces`, for this very
    /// request: the caller, the cookies and the session are the same, hooks do not run again. A body or
    /// query that the original would refuse is refused.
    pub async fn original<I, O: DeserializeOwned>(&self, endpoint: &Key<I, O>) -> Result<O, Failure> {
        let Some(replaced) = P::MANIFEST.replaces else {
            return Err(Failure::internal(format!("plugin {} replaces nothing", P::MANIFEST.id)));
        };
        let dispatcher = self.call.core.dispatcher()?;
        let reply = dispatcher.original(&format!("{replaced}/{}", endpoint.id()), &self.call).await?;
        serde_json::from_slice(&reply.body_bytes()).map_err(Failure::internal)
    }
}

impl<P: Plugin> Extract for Cx<P> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let plugin = call.core.plugin::<P>();
        let plugin =
            plugin.ok_or_else(|| Failure::internal(format!("plugin {} is not here", P::MANIFEST.id)))?;
        Ok(Self { plugin, call: call.clone() })
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_plugin(TypeId::of::<P>(), P::MANIFEST.id);
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderValue, join};

    #[test]
    fn lists_are_joined_and_say_each_name_once() {
        let joined = |a, b| join(&HeaderValue::from_static(a), &HeaderValue::from_static(b));
        assert_eq!(joined("a", "b").as_ref().map(HeaderValue::as_bytes), Some(&b"a, b"[..]));
        assert_eq!(joined("a,b", " b , c,").as_ref().map(HeaderValue::as_bytes), Some(&b"a, b, c"[..]));
    }
}
