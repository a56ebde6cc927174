//! Who calls, and what becomes of their session.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Call, Core, Failure, Timestamp, User, async_trait,
    call::SetCookie,
    model::Session,
    ports::Concern,
    schema::CoreTable,
    serde_json::Value,
    session::{
        Claim, Glance, Identity, KeptBeside, Level, Pending, Renewed, SessionAuthority, SessionOutcome,
        SessionSource,
    },
    store::Revoke,
};

use crate::{SessionPlugin, activity, cookies, memory::Kept};

/// What resolving a request asks of the cookies, where no outcome says otherwise.
#[derive(Default)]
struct Chores {
    /// The row has gone: the client forgets everything.
    expire_all: bool,
    /// The cache cookie is of no use.
    expire_data: bool,
    /// The store was read: the cache cookie is written again.
    write_data: Option<Kept>,
    remember: bool,
}

/// Whether the session is due for a refresh that `GET` left to the client.
pub(crate) struct NeedsRefresh;

impl SessionPlugin {
    pub(crate) fn expiry(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(self.config.expires_in)
    }

    /// `expiresAt - expiresIn + updateAge` is over.
    fn is_due(&self, session: &Session, now: Timestamp) -> bool {
        let begun = session.expires_at.minus(Duration::from_secs(self.config.expires_in));
        begun.plus_seconds(self.config.update_age) <= now
    }

    /// The identity behind a verified token.
    async fn by_token(
        &self,
        call: &Arc<Call>,
        token: &str,
        method: &'static str,
        level: Level,
    ) -> Result<Option<Identity>, Failure> {
        let core = call.core();
        let cache = &self.config.cookie_cache;
        let mut chores = Chores { remember: !cookies::dont_remember(call), ..Chores::default() };
        let wants_store = level == Level::Strict || is_set(call, "disableCookieCache");
        if cookies::has_data(call) {
            if cache.enabled
                && !wants_store
                && let Some(kept) = self.by_cache_cookie(call, token).await?
                && core.session_counts(&kept.session.session, core.now())
                && !self.is_idle_kept(core, &kept).await
            {
                self.note_use(core, &kept).await;
                return Ok(Some(identity(kept, method)));
            }
            chores.expire_data = !cache.enabled || !wants_store;
        }
        let Some(mut kept) = self.look_up(call, token, wants_store).await? else {
            chores.expire_all = true;
            call.note(chores);
            return Ok(None);
        };
        let now = core.now();
        if !core.session_counts(&kept.session.session, now) {
            // The row is there and may count again: the client forgets nothing.
            call.note(chores);
            return Ok(None);
        }
        let extends = core.session_extends(&kept.session.session);
        let due = extends && self.is_due(&kept.session.session, now);
        if due && chores.remember && !self.config.disable_refresh {
            let may_write = !self.config.defer_refresh || call.noted::<MayRefresh>().is_some();
            if !may_write {
                call.note(NeedsRefresh);
            } else if !is_set(call, "disableRefresh") {
                match self.refresh(call, &kept, now).await? {
                    Some(renewed) => kept = renewed,
                    None => {
                        chores.expire_all = true;
                        call.note(chores);
                        return Ok(None);
                    }
                }
                call.note(Renewed { token: token.to_owned() });
            }
        }
        if cache.enabled && extends && chores.remember && !is_set(call, "disableRefresh") {
            chores.write_data = Some(kept.clone());
        }
        call.note(chores);
        self.note_use(core, &kept).await;
        Ok(Some(identity(kept, method)))
    }

    /// As [`by_token`](Self::by_token), for a session that is not used.
    async fn glance(
        &self,
        call: &Arc<Call>,
        token: &str,
        method: &'static str,
        level: Level,
    ) -> Result<Option<Identity>, Failure> {
        let kept = self.look_up(call, token, level == Level::Strict).await?;
        let counts = |kept: &Kept| call.core().session_counts(&kept.session.session, call.core().now());
        Ok(kept.filter(counts).map(|kept| identity(kept, method)))
    }

    async fn note_use(&self, core: &Core, kept: &Kept) {
        if let Some(watch) = &kept.session.watch {
            self.activity.used(core, &watch.seen).await;
        }
    }

    /// What the cache cookie says. It is opened once and then recognized.
    async fn by_cache_cookie(&self, call: &Call, token: &str) -> Result<Option<Kept>, Failure> {
        let core = call.core();
        let whole = cookies::whole_data(call);
        if let Some(kept) = whole.and_then(|text| self.memory.cookie(core, token, text)) {
            return Ok(Some(kept));
        }
        let Some(cached) = cookies::read_data(call, &self.config.cookie_cache, token) else {
            return Ok(None);
        };
        let watch = self.watch(core, &cached.session, cached.written_at).await?;
        let kept = Kept::new(cached.session, cached.user, watch)?;
        if let Some(text) = whole {
            self.memory.keep_cookie(core, token, text, &kept, cached.expires_at);
        }
        Ok(Some(kept))
    }

    /// The session that the browser had before it signed in ends.
    async fn end_presented(&self, call: &Arc<Call>, new: &Session) -> Result<(), Failure> {
        let core = call.core();
        let Presented::Tokens(tokens, _) = self.presented(call, Level::Strict).await? else { return Ok(()) };
        let kept = call.noted::<KeptBeside>();
        for token in tokens {
            if token == new.token || kept.as_ref().is_some_and(|kept| kept.0.contains(&token)) {
                continue;
            }
            if let Some((old, _)) = core.sessions().find_by_token(core.db(), &token).await? {
                let tx = core.begin().await?;
                core.sessions().revoke(&tx, &old.user_id, Revoke::Token(&token)).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    fn render_issued(&self, call: &Call, pending: &Pending) -> Vec<SetCookie> {
        let core = call.core();
        let had_dont_remember = cookies::dont_remember(call);
        let remember = remembers(call, pending.remember);
        let mut set = Vec::new();
        // Upstream sends the refreshed cookie and then the one that takes its place; so do we.
        if let Some(renewed) = call.noted::<Renewed>() {
            set.push(cookies::token(core, &renewed.token, Some(self.config.expires_in)));
        }
        set.push(self.cookie(call, &pending.session.token, pending.remember));
        if !remember {
            set.push(cookies::remember_not(core));
        } else if had_dont_remember {
            set.push(SetCookie::expire(core.settings().cookies.name(cookies::DONT_REMEMBER)));
        }
        let cache = &self.config.cookie_cache;
        if cache.enabled && core.session_extends(&pending.session) {
            set.extend(cookies::data(call, cache, &pending.session, &pending.user, remember));
        }
        set
    }

    /// The tokens that a request presents: what another source finds, or else the cookies'.
    pub(crate) async fn presented(&self, call: &Arc<Call>, level: Level) -> Result<Presented, Failure> {
        for source in call.core().services().slot::<dyn SessionSource>() {
            match source.find(call, level).await? {
                None => {}
                Some(Claim::Identity(identity)) => return Ok(Presented::Identity(identity)),
                Some(Claim::Token { token, method }) => return Ok(Presented::Tokens(vec![token], method)),
            }
        }
        Ok(Presented::Tokens(cookies::signed_values(call, cookies::TOKEN), "cookie"))
    }
}

/// Who a request says it is from.
pub(crate) enum Presented {
    Identity(Identity),
    Tokens(Vec<String>, &'static str),
}

/// `POST /get-session` may write where `GET` may not.
pub(crate) struct MayRefresh;

fn identity(kept: Kept, method: &'static str) -> Identity {
    let (session, user) = (kept.session.session.clone(), kept.user.user.clone());
    Identity { origin: Some(Arc::new(kept)), ..Identity::new(session, user, method) }
}

/// Who says nothing keeps what was said at the last sign-in.
fn remembers(call: &Call, said: Option<bool>) -> bool {
    said.unwrap_or_else(|| !cookies::dont_remember(call))
}

/// Truth as JavaScript has it: any text but the empty one, so a query can only ask for more care.
fn is_set(call: &Call, key: &str) -> bool {
    match call.request.query.get(key) {
        None => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

#[async_trait]
impl SessionAuthority for SessionPlugin {
    async fn resolve(&self, call: &Arc<Call>, level: Level) -> Result<Option<Identity>, Failure> {
        let (tokens, method) = match self.presented(call, level).await? {
            Presented::Identity(identity) => return Ok(Some(identity)),
            Presented::Tokens(tokens, method) => (tokens, method),
        };
        let mut tokens = tokens.into_iter();
        let Some(token) = tokens.next() else { return Ok(None) };
        let first = if call.noted::<Glance>().is_some() {
            self.glance(call, &token, method, level).await?
        } else {
            self.by_token(call, &token, method, level).await?
        };
        // Two valid cookies of different people: somebody planted one. Nobody is signed in.
        for other in tokens {
            let other = self.look_up(call, &other, level == Level::Strict).await?;
            let counts = |other: &Kept| call.core().session_counts(&other.session.session, call.core().now());
            let ours = first.as_ref().map(|identity| &identity.user.id);
            if let Some(other) = other.filter(counts)
                && ours.is_some_and(|id| *id != other.user.user.id)
            {
                call.note(Chores::default());
                return Ok(None);
            }
        }
        Ok(first)
    }

    fn draft(&self, call: &Call, user: &User, remember: Option<bool>) -> Session {
        let core = call.core();
        let now = core.now();
        let short = remember == Some(false);
        let life = if short { self.config.short_expires_in } else { self.config.expires_in };
        Session {
            id: core.new_id(),
            user_id: user.id.clone(),
            token: core.new_session_token(),
            expires_at: now.plus_seconds(life),
            created_at: now,
            updated_at: now,
            ip_address: Some(call.ip().unwrap_or_default().to_owned()),
            user_agent: Some(call.header("user-agent").unwrap_or_default().chars().take(512).collect()),
            extra: core.schema().new_extra(CoreTable::Session),
        }
    }

    fn is_fresh(&self, session: &Session, now: Timestamp) -> bool {
        self.config.fresh_age == 0
            || now.since(session.authenticated_at()) < Duration::from_secs(self.config.fresh_age)
    }

    async fn is_idle(&self, core: &Core, session: &Session) -> Result<bool, Failure> {
        self.is_idle_now(core, session).await
    }

    async fn used(&self, core: &Core, session: &Session) -> Result<(), Failure> {
        if self.config.activity {
            let seen = self.activity.of(&session.id, activity::stored(session));
            self.activity.used(core, &seen).await;
        }
        Ok(())
    }

    fn knows_use(&self) -> bool {
        self.config.activity
    }

    async fn committed(&self, call: &Arc<Call>, pending: &Pending) -> Result<(), Failure> {
        // Memory learns of it from the store: what is kept here could have been revoked meanwhile.
        if pending.issue.is_new() && self.config.end_presented {
            self.end_presented(call, &pending.session).await?;
        }
        // The sign-in is good, and the next one tries again.
        if pending.issue.is_new()
            && let Err(failure) = self.end_oldest(call.core(), &pending.session).await
        {
            tracing::error!(?failure, "a user's oldest sessions were not ended");
        }
        Ok(())
    }

    fn cookie(&self, call: &Call, token: &str, remember: Option<bool>) -> SetCookie {
        let max_age = remembers(call, remember).then_some(self.config.expires_in);
        cookies::token(call.core(), token, max_age)
    }

    fn render(&self, call: &Call, outcome: &SessionOutcome) -> Vec<SetCookie> {
        let core = call.core();
        match outcome {
            SessionOutcome::Ended => cookies::expire_all(call),
            SessionOutcome::Issued(pending) => self.render_issued(call, pending),
            SessionOutcome::Unchanged => {
                let Some(chores) = call.noted::<Chores>() else { return Vec::new() };
                if chores.expire_all {
                    return cookies::expire_all(call);
                }
                let mut set = Vec::new();
                if let Some(renewed) = call.noted::<Renewed>() {
                    set.push(cookies::token(core, &renewed.token, Some(self.config.expires_in)));
                }
                match &chores.write_data {
                    Some(kept) => {
                        set.extend(chores.expire_data.then(|| cookies::expire_whole(call)));
                        let (session, user) = (&kept.session.session, &kept.user.user);
                        set.extend(cookies::data(call, &self.config.cookie_cache, session, user, true));
                    }
                    None if chores.expire_data => set.extend(cookies::expire_data(call)),
                    None => {}
                }
                set
            }
        }
    }

    async fn forget(&self, core: &Core, token: &str) {
        self.memory.forget_everywhere(core, &[token], &Concern::Anybody).await;
    }

    async fn forget_user(&self, core: &Core, user_id: &str) {
        self.memory.forget_user(core, user_id).await;
    }
}
