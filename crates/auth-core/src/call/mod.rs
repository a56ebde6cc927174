//! One request on its way through the host.
mod cx;
mod request;

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{
    core::Core,
    endpoint::{Facts, Tag},
    session::{Identity, Level, SessionOutcome},
    store::Tx,
    trace,
};

pub use cx::Cx;
pub use request::{Request, SetCookie};

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
    /// What was asked. Hooks before the handler may alter it; it is validated after them.
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
    /// For the host, and for tests that need a call without a route.
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

    /// The host that it is worked on by.
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

    /// The tags of its endpoint.
    pub fn tags(&self) -> &[Tag] {
        &self.facts.tags
    }

    /// What its endpoint's types say of it.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether somebody on the network sent it or this program.
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

    /// For the authority: who was found to call, for later extractors of at most this level.
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

    /// For the host: the handler's transaction, to be committed or dropped.
    #[must_use]
    pub fn take_tx(&self) -> Option<Tx> {
        self.effects().tx.take()
    }

    // ---- notes of plugins ---------------------------------------------------------------------

    /// A note of a plugin's own type on this request.
    pub fn note<T: Any + Send + Sync>(&self, note: T) {
        self.effects().extensions.insert(TypeId::of::<T>(), Arc::new(note));
    }

    /// The note of this type that somebody left on the request before.
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
