//! Sessions and users in the memory of this process.
//!
//! What is revoked must not come back: a reader that began before a revocation and stores after it
//! is turned away by a generation number that every removal moves on.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Core, DatabaseHook, Failure, Timestamp, User, async_trait,
    hook::Changed,
    model::Session,
    ports::{Cache, CacheKind, Concern, NodeMemory},
    serde_json,
    session::SessionAuthority,
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

/// A token that nobody has.
struct Missing;

/// What the memory says of a token.
pub(crate) enum Known {
    Session(Kept),
    Nobody,
    Unknown,
}

struct Caches {
    sessions: Arc<dyn Cache>,
    users: Arc<dyn Cache>,
    missing: Arc<dyn Cache>,
    cookies: Arc<dyn Cache>,
}

pub(crate) struct Memory {
    config: MemoryConfig,
    caches: OnceLock<Caches>,
    generation: AtomicU64,
    writing: Mutex<()>,
}

impl Memory {
    pub(crate) fn new(config: &MemoryConfig) -> Self {
        Self {
            config: config.clone(),
            caches: OnceLock::new(),
            generation: AtomicU64::new(0),
            writing: Mutex::new(()),
        }
    }

    fn caches(&self, core: &Core) -> Option<&Caches> {
        if self.config.capacity == 0 {
            return None;
        }
        let make = |name, ttl| {
            core.cache(CacheKind { name, capacity: self.config.capacity, ttl: Duration::from_secs(ttl) })
        };
        Some(self.caches.get_or_init(|| Caches {
            sessions: make("session", self.config.session_ttl),
            users: make("user", self.config.user_ttl),
            missing: make("session-missing", self.config.missing_ttl),
            cookies: make("session-cookie", self.config.session_ttl),
        }))
    }

    pub(crate) fn get(&self, core: &Core, token: &str) -> Known {
        let Some(caches) = self.caches(core) else { return Known::Unknown };
        let session = caches.sessions.get(token).and_then(|kept| kept.downcast::<KeptSession>().ok());
        if let Some(session) = session {
            let user =
                caches.users.get(&session.session.user_id).and_then(|kept| kept.downcast::<KeptUser>().ok());
            return user.map_or(Known::Unknown, |user| Known::Session(Kept { session, user }));
        }
        if caches.missing.get(token).is_some() { Known::Nobody } else { Known::Unknown }
    }

    /// Taken before the store is read, and given back with what was found there.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Keeps what the store said, unless something was removed meanwhile.
    pub(crate) fn keep(&self, core: &Core, kept: &Kept, generation: u64) {
        let Some(caches) = self.caches(core) else { return };
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.generation() != generation {
            return;
        }
        let session = &kept.session.session;
        caches.users.insert(&session.user_id, kept.user.clone(), None);
        caches.sessions.insert(&session.token, kept.session.clone(), Some(session.expires_at));
    }

    pub(crate) fn keep_missing(&self, core: &Core, token: &str, generation: u64) {
        let Some(caches) = self.caches(core) else { return };
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.generation() == generation {
            caches.missing.insert(token, Arc::new(Missing), None::<Timestamp>);
        }
    }

    /// What a cache cookie said when it was checked, if it is the same to the letter and in time.
    pub(crate) fn cookie(&self, core: &Core, token: &str, text: &str) -> Option<Kept> {
        let kept = self.caches(core)?.cookies.get(token)?.downcast::<KeptCookie>().ok()?;
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
        let Some(caches) = self.caches(core) else { return };
        let kept = KeptCookie { text: text.to_owned(), expires_at, kept: kept.clone() };
        caches.cookies.insert(token, Arc::new(kept), Some(expires_at));
    }

    fn remove(&self, from: impl FnOnce(&Caches)) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        if let Some(caches) = self.caches.get() {
            from(caches);
        }
    }

    pub(crate) fn forget(&self, token: &str) {
        self.remove(|caches| {
            caches.sessions.remove(token);
            caches.missing.remove(token);
            caches.cookies.remove(token);
        });
    }

    pub(crate) fn forget_user(&self, user_id: &str) {
        self.remove(|caches| caches.users.remove(user_id));
    }
}

/// Forgets what changed in the store, as a part of the commit.
pub(crate) struct Forget(pub(crate) Arc<SessionPlugin>);

#[async_trait]
impl DatabaseHook for Forget {
    async fn after(&self, core: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        match changed {
            // No other node can know of it.
            Changed::SessionCreated(session) => self.0.forget(&session.token),
            Changed::SessionUpdated(session) | Changed::SessionDeleted(session) => {
                let concern = Concern::User(session.user_id.clone());
                self.forget_everywhere(core, &session.token, &concern);
            }
            // Whose it is comes with the update.
            Changed::SessionRotated { old_token, .. } => {
                self.forget_everywhere(core, old_token.expose(), &Concern::Nobody);
            }
            Changed::UserUpdated(user) | Changed::UserDeleted(user) => {
                self.0.forget_user(&user.id);
                let concern = Concern::User(user.id.clone());
                core.changed(TOPIC, &format!("{USER}{}", user.id), &concern);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Forget {
    fn forget_everywhere(&self, core: &Core, token: &str, concern: &Concern) {
        self.0.forget(token);
        core.changed(TOPIC, &format!("{TOKEN}{token}"), concern);
    }
}

/// How messages between nodes name what has changed.
const TOPIC: &str = "session";
const TOKEN: &str = "token ";
const USER: &str = "user ";

/// What other nodes have changed.
pub(crate) struct FromNodes(pub(crate) Arc<SessionPlugin>);

impl NodeMemory for FromNodes {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn stale(&self, core: &Arc<Core>, key: &str) {
        if let Some(token) = key.strip_prefix(TOKEN) {
            self.0.forget(token);
        } else if let Some(user_id) = key.strip_prefix(USER) {
            self.0.forget_user(user_id);
        } else {
            self.distrust(core);
        }
    }

    fn distrust(&self, _: &Arc<Core>) {
        self.0.memory.remove(|caches| {
            for cache in [&caches.sessions, &caches.users, &caches.missing, &caches.cookies] {
                cache.clear();
            }
        });
    }
}
