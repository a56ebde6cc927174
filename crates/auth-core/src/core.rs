//! What a frozen host gives every request: database, clock, services, the other endpoints.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use async_trait::async_trait;
use auth_crypto::{Alphabet, CookieSigner, PasswordPool, Rng, random_string};
use sea_orm::DbErr;
use tokio::sync::watch;

use crate::{
    Call, Failure, Preset,
    active::ActiveUsers,
    call::{Caller, Request},
    endpoint::{Key, Reply},
    event::EventBus,
    hook::DatabaseHook,
    metric::Metrics,
    model::{Session, Timestamp},
    ports::{Cache, CacheKind, CacheProvider, Clock, Concern, Mailer, Nodes, Watcher},
    rate::Limiter,
    schema::Schema,
    services::Services,
    session::{SessionAuthority, SessionRule},
    settings::Settings,
    store::{Accounts, Db, Sessions, Tx, Users, Verifications},
};

/// Runs an endpoint in process. Implemented by the host over its frozen table.
///
/// ```
/// use auth_core::{
///     Call, Caller, Failure, async_trait,
///     call::Request,
///     core::Dispatcher,
///     endpoint::{Reply, ReplyBody},
///     http::StatusCode,
/// };
///
/// # use std::sync::Arc;
/// /// A host without endpoints.
/// struct Nothing;
///
/// #[async_trait]
/// impl Dispatcher for Nothing {
///     async fn dispatch(&self, _: &str, _: Request, _: Caller) -> Result<Reply, Failure> {
///         Ok(Reply::new(StatusCode::NOT_FOUND, ReplyBody::Empty))
///     }
///
///     async fn original(&self, _: &str, _: &Arc<Call>) -> Result<Reply, Failure> {
///         Err(Failure::internal("nothing was replaced"))
///     }
/// }
/// ```
#[async_trait]
pub trait Dispatcher: Send + Sync {
    /// The reply of an endpoint, by its id; of a replaced one by `plugin/id`.
    async fn dispatch(&self, endpoint: &str, request: Request, caller: Caller) -> Result<Reply, Failure>;

    /// Runs a replaced endpoint, `plugin/endpoint`, for a request that is being answered.
    async fn original(&self, endpoint: &str, call: &Arc<Call>) -> Result<Reply, Failure>;
}

/// Everything that a [`Core`] is made of; filled in by the host.
pub struct Parts {
    /// The core section of the configuration.
    pub settings: Settings,
    /// What [`Core::now`] asks.
    pub clock: Arc<dyn Clock>,
    /// What [`Core::rng`] gives: seeded in tests.
    pub rng: Arc<dyn Rng>,
    /// The database, migrated.
    pub db: Db,
    /// The further columns of the core tables.
    pub schema: Schema,
    /// What plugins provide to each other.
    pub services: Services,
    /// Takes letters; the outbox, in a server.
    pub mailer: Arc<dyn Mailer>,
    /// Hashes passwords in a bounded pool.
    pub passwords: Arc<PasswordPool>,
    /// Makes the memory of caches.
    pub caches: Arc<dyn CacheProvider>,
    /// Tells other nodes what changed.
    pub nodes: Arc<dyn Nodes>,
    /// Answers also while what it counts in is away.
    pub limiter: Arc<dyn Limiter>,
    /// Where figures go.
    pub metrics: Metrics,
    /// Hooks on core rows, in plugin order.
    pub database_hooks: Vec<Arc<dyn DatabaseHook>>,
    /// The plugins' instances by their types.
    pub plugins: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

/// How long a node remembers anything that others can change without its hearing of it.
pub const OUT_OF_TOUCH: Duration = Duration::from_secs(10);

/// The host as a request sees it: one for a whole server, shared by all of its requests.
///
/// A handler reaches it through [`Cx`](crate::Cx), which dereferences to it; hooks through
/// [`Call::core`](crate::Call::core).
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use auth_core::{Core, Failure, User};
///
/// /// Whether an account is new. A failure of the database becomes 503 or 500 by `?`.
/// async fn is_new(core: &Arc<Core>, user_id: &str) -> Result<bool, Failure> {
///     let user: Option<User> = core.users().find(core.db(), user_id).await?;
///     Ok(user.is_some_and(|user| core.now().since(user.created_at) < Duration::from_secs(3600)))
/// }
/// ```
pub struct Core {
    parts: Parts,
    signer: CookieSigner,
    session_rules: Vec<Arc<dyn SessionRule>>,
    events: EventBus,
    active: ActiveUsers,
    stopping: watch::Sender<bool>,
    dispatcher: OnceLock<Weak<dyn Dispatcher>>,
}

impl Core {
    /// For the host. Endpoints can be called once it has set a dispatcher.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let signer = CookieSigner::new(parts.settings.secrets.current());
        let session_rules = parts.services.slot::<dyn SessionRule>().cloned().collect();
        Self {
            parts,
            signer,
            session_rules,
            events: EventBus::default(),
            active: ActiveUsers::default(),
            stopping: watch::Sender::new(false),
            dispatcher: OnceLock::new(),
        }
    }

    /// Called once by the host.
    pub fn set_dispatcher(&self, dispatcher: Weak<dyn Dispatcher>) {
        // A second host over one core is a programming error that tests would show at once.
        drop(self.dispatcher.set(dispatcher));
    }

    /// The frozen core section of the configuration.
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// The columns that plugins and the configuration have added to the core tables.
    pub fn schema(&self) -> &Schema {
        &self.parts.schema
    }

    /// What plugins provide to each other: `services().get::<dyn Trait>()`.
    pub fn services(&self) -> &Services {
        &self.parts.services
    }

    /// Takes a letter at once. Inside of a transaction use [`Tx::mail`], which sends nothing that was rolled
    /// back.
    pub fn mailer(&self) -> &Arc<dyn Mailer> {
        &self.parts.mailer
    }

    /// Hashes and verifies passwords off the async threads. Ask before a transaction begins: it waits for a
    /// free core, and gives up with 503 when that takes too long.
    pub fn passwords(&self) -> &PasswordPool {
        &self.parts.passwords
    }

    /// Signs cookies with the server's secret, and knows its own signatures.
    pub fn signer(&self) -> &CookieSigner {
        &self.signer
    }

    /// Randomness: seeded in tests. For ids and tokens there are [`Core::new_id`] and [`Core::random`].
    pub fn rng(&self) -> &dyn Rng {
        self.parts.rng.as_ref()
    }

    /// The bus of events. Inside of a transaction use [`Tx::tell`], so that nothing is told that was rolled back.
    pub fn events(&self) -> &EventBus {
        &self.events
    }

    /// Where figures go; see [`crate::metric`].
    pub fn metrics(&self) -> &Metrics {
        &self.parts.metrics
    }

    /// Who was here lately.
    pub fn active_users(&self) -> &ActiveUsers {
        &self.active
    }

    /// The memory of one kind of things on this node. Ask once and keep it. Most plugins want
    /// [`cache::Layered`](crate::cache::Layered) instead.
    pub fn cache(&self, kind: CacheKind) -> Arc<dyn Cache> {
        self.parts.caches.cache(kind)
    }

    /// A user is here now. It counts where somebody reads figures.
    pub fn saw_user(&self, user_id: &str) {
        if self.parts.metrics.is_read() {
            self.active.saw(user_id, self.now());
        }
    }

    /// The other nodes. What was changed is told with [`Core::changed`].
    pub fn nodes(&self) -> &dyn Nodes {
        self.parts.nodes.as_ref()
    }

    /// Until when something that is read now may be remembered: for `ttl` while this node hears of what
    /// others change, and for seconds while it does not.
    #[must_use]
    pub fn remember_until(&self, ttl: Duration) -> Timestamp {
        let ttl = if self.nodes().in_touch() { ttl } else { ttl.min(OUT_OF_TOUCH) };
        self.now().plus(ttl)
    }

    /// Something was changed, and is committed. Forget it here first: whoever hears of it asks again.
    pub fn changed(&self, topic: &'static str, key: &str, concern: &Concern) {
        self.concerns(concern);
        self.nodes().tell(topic, key, concern);
    }

    /// Tells the watchers on this node.
    pub fn concerns(&self, concern: &Concern) {
        if *concern != Concern::Nobody {
            for watcher in self.services().slot::<dyn Watcher>() {
                watcher.changed(concern);
            }
        }
    }

    /// Counts requests and attempts.
    pub fn limiter(&self) -> &dyn Limiter {
        self.parts.limiter.as_ref()
    }

    /// What counters know somebody or something by: it tells nobody who reads them what the text was, not
    /// even one who can guess it.
    #[must_use]
    pub fn fingerprint(&self, kind: &str, text: &str) -> String {
        self.signer.fingerprint(&format!("{kind}|{text}"))
    }

    /// The time of a request, and of everything else: it stands still in tests.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    pub(crate) fn database_hooks(&self) -> &[Arc<dyn DatabaseHook>] {
        &self.parts.database_hooks
    }

    /// Whether a stored session signs its user in now: it has not expired, and no rule is against it.
    #[must_use]
    pub fn session_counts(&self, session: &Session, now: Timestamp) -> bool {
        session.expires_at > now && self.session_rules.iter().all(|rule| rule.counts(session, now))
    }

    /// Whether a stored session signs its user in now: it counts, and has not been idle for too long.
    pub async fn session_admits(&self, session: &Session) -> Result<bool, Failure> {
        if !self.session_counts(session, self.now()) {
            return Ok(false);
        }
        match self.services().get::<dyn SessionAuthority>() {
            Some(authority) => Ok(!authority.is_idle(self, session).await?),
            None => Ok(true),
        }
    }

    /// Whether using a session may move its expiry, and a cookie may vouch for it.
    #[must_use]
    pub fn session_extends(&self, session: &Session) -> bool {
        self.session_rules.iter().all(|rule| rule.extends(session))
    }

    /// A plugin's instance.
    #[must_use]
    pub fn plugin<P: Send + Sync + 'static>(&self) -> Option<Arc<P>> {
        self.parts.plugins.get(&TypeId::of::<P>())?.clone().downcast().ok()
    }

    /// The server stops soon: what stays open for long has to end.
    pub fn stop_soon(&self) {
        self.stopping.send_replace(true);
    }

    /// Ends when the server is about to stop.
    pub async fn stopping(&self) {
        let mut told = self.stopping.subscribe();
        // The sender lives as long as this.
        drop(told.wait_for(|stopping| *stopping).await);
    }

    // ---- data ---------------------------------------------------------------------------------

    /// The database outside of a transaction, for reading. It takes sea-orm's queries and entities.
    pub fn db(&self) -> &Db {
        &self.parts.db
    }

    /// The `user` table.
    pub fn users(&self) -> Users<'_> {
        Users::new(self)
    }

    /// The `session` table.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions::new(self)
    }

    /// The `account` table: passwords, and users' subjects at providers.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts::new(self)
    }

    /// The `verification` table: what can be redeemed once.
    pub fn verifications(&self) -> Verifications<'_> {
        Verifications::new(self)
    }

    /// Begins a transaction. Hash passwords first: nothing slow belongs inside.
    pub async fn begin(self: &Arc<Self>) -> Result<Tx, DbErr> {
        self.parts.db.begin(self.clone()).await
    }

    // ---- chance -------------------------------------------------------------------------------

    /// A new row id: UUIDv7, so that inserts stay local in the index; upstream's 32 letters and
    /// digits in its preset.
    #[must_use]
    pub fn new_id(&self) -> String {
        match self.settings().preset {
            Preset::BetterAuth => self.random(32, Alphabet::AlphaNumeric),
            Preset::Tessera => {
                let mut random = [0; 10];
                self.rng().fill(&mut random);
                let millis = u64::try_from(self.now().unix_millis()).unwrap_or_default();
                uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
            }
        }
    }

    /// A session's token: letters and digits, so that a dot says that there is a signature.
    #[must_use]
    pub fn new_session_token(&self) -> String {
        self.random(32, Alphabet::AlphaNumeric)
    }

    /// A random string of `len` symbols, unbiased.
    #[must_use]
    pub fn random(&self, len: usize, alphabet: Alphabet) -> String {
        random_string(self.rng(), len, alphabet)
    }

    /// A random UUID.
    #[must_use]
    pub fn new_uuid(&self) -> String {
        let mut random = [0; 16];
        self.rng().fill(&mut random);
        uuid::Builder::from_random_bytes(random).into_uuid().to_string()
    }

    // ---- other endpoints ----------------------------------------------------------------------

    /// Calls an endpoint in process, past origin checks and rate limits, with the trust of this
    /// program: only such a call can satisfy `ServerOnly`.
    pub async fn call<I, O>(&self, endpoint: &Key<I, O>, request: Request) -> Result<O, Failure>
    where
        O: serde::de::DeserializeOwned,
    {
        let reply = self.call_raw(endpoint.id(), request).await?;
        serde_json::from_slice(&reply.body_bytes()).map_err(Failure::internal)
    }

    /// Calls the endpoint of a plugin that another one replaced.
    pub async fn call_replaced<I, O>(
        &self,
        plugin: &str,
        endpoint: &Key<I, O>,
        request: Request,
    ) -> Result<O, Failure>
    where
        O: serde::de::DeserializeOwned,
    {
        let reply = self.call_raw(&format!("{plugin}/{}", endpoint.id()), request).await?;
        serde_json::from_slice(&reply.body_bytes()).map_err(Failure::internal)
    }

    /// As [`Core::call`], with the reply as it is. `plugin/endpoint` names one that was replaced.
    pub async fn call_raw(&self, endpoint: &str, request: Request) -> Result<Reply, Failure> {
        self.dispatcher()?.dispatch(endpoint, request, Caller::Program).await
    }

    pub(crate) fn dispatcher(&self) -> Result<Arc<dyn Dispatcher>, Failure> {
        let dispatcher = self.dispatcher.get().and_then(Weak::upgrade);
        dispatcher.ok_or_else(|| Failure::internal("the host has stopped"))
    }
}
