//! Sessions with their users, in the memory of this process and where nodes share them.
//!
//! What is revoked must not come back, on this node or another: [`Layered`] sees to it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use auth_core::{
    Core, DatabaseHook, Failure, Timestamp, User, async_trait,
    cache::{Kind, Layered},
    hook::Changed,
    model::Session,
    ports::{Cache, CacheKind, Concern, NodeMemory},
    schema::CoreTable,
    sea_orm::{
        ConnectionTrait,
        sea_query::{Alias, Expr, ExprTrait, Query},
    },
    serde_json,
};

use crate::{SessionPlugin, config::MemoryConfig, limits::Watch};

/// A session as it is kept: with its JSON, so that a hit renders nothing.
pub(crate) struct KeptSession {
    pub(crate) session: Arc<Session>,
    pub(crate) json: String,
    /// Where it is known when sessions are used.
    pub(crate) watch: Option<Watch>,
}

pub(crate) struct KeptUser {
    pub(crate) user: Arc<User>,
    pub(crate) json: String,
}

/// A session with its user. Identities carry it to `get-session`.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) session: Arc<KeptSession>,
    pub(crate) user: Arc<KeptUser>,
}

impl Kept {
    pub(crate) fn new(session: Session, user: User, watch: Option<Watch>) -> Result<Self, Failure> {
        let session_json = serde_json::to_string(&session).map_err(Failure::internal)?;
        let user_json = serde_json::to_string(&user).map_err(Failure::internal)?;
        Ok(Self {
            session: Arc::new(KeptSession { session: Arc::new(session), json: session_json, watch }),
            user: Arc::new(KeptUser { user: Arc::new(user), json: user_json }),
        })
    }
}

/// A cache cookie that was checked, so that the next request with the same one only compares it.
struct KeptCookie {
    text: String,
    expires_at: Timestamp,
    kept: Kept,
}

pub(crate) struct Memory {
    config: MemoryConfig,
    pub(crate) sessions: Layered<Kept>,
    cookies: OnceLock<Arc<dyn Cache>>,
}

impl Memory {
    pub(crate) fn new(config: &MemoryConfig) -> Self {
        let sessions = Layered::new(Kind {
            name: "session",
            missing: "session-missing",
            capacity: config.capacity,
            ttl: config.ttl(),
            missing_ttl: Duration::from_secs(config.missing_ttl),
        });
        Self { config: config.clone(), sessions, cookies: OnceLock::new() }
    }

    fn cookies(&self, core: &Core) -> Option<&Arc<dyn Cache>> {
        let MemoryConfig { capacity, .. } = self.config;
        let kind = || CacheKind { name: "session-cookie", capacity, ttl: self.config.ttl() };
        (capacity > 0).then(|| self.cookies.get_or_init(|| core.cache(kind())))
    }

    /// What a cache cookie said when it was checked, if it is the same to the letter and in time.
    pub(crate) fn cookie(&self, core: &Core, token: &str, text: &str) -> Option<Kept> {
        let kept = self.cookies(core)?.get(token)?.downcast::<KeptCookie>().ok()?;
        let now = core.now();
        let lives = kept.expires_at > now && kept.kept.session.session.expires_at > now;
        (lives && kept.text == text).then(|| kept.kept.clone())
    }

    pub(crate) fn keep_cookie(
        &self,
        core: &Core,
        token: &str,
        text: &str,
        kept: &Kept,
        expires_at: Timestamp,
    ) {
        let Some(cookies) = self.cookies(core) else { return };
        let kept = KeptCookie { text: text.to_owned(), expires_at, kept: kept.clone() };
        cookies.insert(token, Arc::new(kept), Some(expires_at));
    }

    /// Forgets a token on this node.
    pub(crate) fn forget(&self, token: &str) {
        self.sessions.forget(token);
        self.forget_cookie(token);
    }

    fn forget_cookie(&self, token: &str) {
        if let Some(cookies) = self.cookies.get() {
            cookies.remove(token);
        }
    }

    fn forget_all(&self) {
        self.sessions.forget_all();
        if let Some(cookies) = self.cookies.get() {
            cookies.clear();
        }
    }

    /// Forgets sessions here, where nodes share them, and on every other node.
    pub(crate) async fn forget_everywhere(&self, core: &Core, tokens: &[&str], concern: &Concern) {
        self.sessions.remove(core, tokens).await;
        for token in tokens {
            self.forget_cookie(token);
            core.changed(TOPIC, &format!("{TOKEN}{token}"), concern);
        }
    }

    async fn forget_all_everywhere(&self, core: &Core, concern: &Concern) {
        self.sessions.remove_all(core).await;
        self.forget_all();
        core.changed(TOPIC, ALL, concern);
    }

    /// Forgets all sessions of a user. Their row lists them; it is asked after the change, so nobody can
    /// have read what the user was before in a session that it does not list.
    pub(crate) async fn forget_user(&self, core: &Core, user_id: &str) {
        let concern = Concern::User(user_id.to_owned());
        match tokens_of(core.db(), user_id).await {
            Ok(tokens) => self.forget_those(core, user_id, &tokens, &concern).await,
            Err(failure) => {
                tracing::warn!(?failure, "a user's sessions are not known; all are forgotten");
                self.forget_all_everywhere(core, &concern).await;
            }
        }
    }

    async fn forget_those(&self, core: &Core, user_id: &str, tokens: &[String], concern: &Concern) {
        let tokens: Vec<_> = tokens.iter().map(String::as_str).collect();
        self.forget_everywhere(core, &tokens, &Concern::Nobody).await;
        // Told once, for all of them.
        core.changed(TOPIC, &format!("{USER}{user_id}"), concern);
    }
}

async fn tokens_of(conn: &impl ConnectionTrait, user_id: &str) -> Result<Vec<String>, Failure> {
    let mut find = Query::select();
    find.column(Alias::new("token")).from(Alias::new(CoreTable::Session.name()));
    find.and_where(Expr::col(Alias::new("userId")).eq(user_id));
    let rows = conn.query_all(&find).await?;
    Ok(rows.iter().map(|row| row.try_get("", "token")).collect::<Result<_, _>>()?)
}

/// Forgets what changed in the store, as a part of the commit.
pub(crate) struct Forget(pub(crate) Arc<SessionPlugin>);

#[async_trait]
impl DatabaseHook for Forget {
    async fn after(&self, core: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        let memory = &self.0.memory;
        match changed {
            // No other node can know of it.
            Changed::SessionCreated(session) => memory.forget(&session.token),
            Changed::SessionUpdated(session) | Changed::SessionDeleted(session) => {
                let concern = Concern::User(session.user_id.clone());
                memory.forget_everywhere(core, &[&session.token], &concern).await;
            }
            // Whose it is comes with the update.
            Changed::SessionRotated { old_token, .. } => {
                memory.forget_everywhere(core, &[old_token.expose()], &Concern::Nobody).await;
            }
            Changed::UserUpdated(user) => memory.forget_user(core, &user.id).await,
            // Which sessions were theirs is not known any more, and users are not deleted often.
            Changed::UserDeleted(user) => {
                memory.forget_all_everywhere(core, &Concern::User(user.id.clone())).await;
            }
            _ => {}
        }
        Ok(())
    }
}

/// How messages between nodes name what has changed.
const TOPIC: &str = "session";
const TOKEN: &str = "token ";
/// All sessions of a user were named before.
const USER: &str = "user ";
const ALL: &str = "all";

/// What other nodes have changed.
pub(crate) struct FromNodes(pub(crate) Arc<SessionPlugin>);

impl NodeMemory for FromNodes {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn stale(&self, core: &Arc<Core>, key: &str) {
        if let Some(token) = key.strip_prefix(TOKEN) {
            self.0.memory.forget(token);
        } else if !key.starts_with(USER) {
            self.distrust(core);
        }
    }

    fn distrust(&self, _: &Arc<Core>) {
        self.0.memory.forget_all();
    }
}
