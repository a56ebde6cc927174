//! From configuration to a server that runs.

use std::{fmt, future::Future, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use auth_axum::Auth;
use auth_cache::MemoryCaches;
use auth_core::{
    Core, Problem,
    ports::{Alone, Clock, Nodes, OsRng, Rng, SystemClock},
    rate::Limiter,
};
use auth_host::{Config, Host, Plan, Runtime, Sources};
use auth_limit::{DatabaseLimiter, MemoryLimiter};
use auth_notify::Notifier;
use auth_redis::{Bus, Redis, RedisLimiter};
use auth_store::{DatabaseConfig, Store, migrate};
use axum::Router;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    application::Application,
    observe::{self, Observed},
    secret,
    settings::Settings,
};

/// How long letters that wait may keep a stopping server.
const LETTERS: Duration = Duration::from_secs(5);

/// Counters of the rate limiter are kept at least this long.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// What keeps the server from starting, all of it.
#[derive(Debug)]
pub(crate) struct Problems(pub(crate) Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let things = if count == 1 { "problem" } else { "problems" };
        write!(f, "the configuration has {count} {things}:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}

/// A checked configuration with its frozen plugins. Nothing has been opened yet.
pub struct Assembly {
    /// The frozen plugins, and the core section.
    pub plan: Plan,
    /// The server's own sections.
    pub settings: Settings,
}

/// How a browser on this machine gets to a listener.
pub(crate) fn reachable(at: SocketAddr) -> String {
    match at {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("http://127.0.0.1:{}", v4.port()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("http://[::1]:{}", v6.port()),
        other => format!("http://{other}"),
    }
}

impl Assembly {
    /// As [`Application::with_secret`], without plugins of an application.
    pub fn with_secret(sources: Sources) -> Result<Self> {
        Application::new(sources).with_secret()
    }

    /// Opens the database without looking into it.
    pub async fn store(&self) -> Result<Store> {
        if is_inside(&self.settings.database.url, &self.settings.data_dir) {
            let folder = &self.settings.data_dir;
            secret::make_private_folder(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let url = auth_store::redact_url(&self.settings.database.url);
        Store::open(&self.settings.database).await.with_context(|| format!("cannot open the database {url}"))
    }

    /// As [`store`](Self::store) for who only looks: a database that is not there is not made; an empty one in
    /// memory stands for it.
    pub(crate) async fn store_to_look_at(&self) -> Result<Store> {
        let config = &self.settings.database;
        if config.absent_file().is_none() {
            return self.store().await;
        }
        let empty = DatabaseConfig { url: "sqlite::memory:".to_owned(), ..config.clone() };
        Store::open(&empty).await.context("cannot open a database in memory")
    }

    /// The Redis that nodes share, where there is one. Connects when it is first needed.
    pub(crate) fn redis(&self) -> Result<Option<Arc<Redis>>> {
        let config = &self.settings.redis;
        let redis = config.is_used().then(|| Redis::new(config.clone()).map_err(Problems));
        Ok(redis.transpose()?)
    }

    /// Opens the database, brings its tables up to date and starts the plugins.
    pub async fn start(self) -> Result<Running> {
        let store = Arc::new(self.store().await?);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let rng: Arc<dyn Rng> = Arc::new(OsRng);
        bring_up_to_date(&store, &self.plan, &self.settings, clock.as_ref()).await?;
        let config = self.plan.config();
        let mail = self.settings.mail.clone();
        let notifier = Notifier::new(mail, &config.app_name, clock.clone(), rng.clone()).map_err(Problems)?;
        let redis = self.redis()?;
        let counters = Counters::new(config, &store, &rng, redis.as_ref());
        let exporter = observe::exporter(&self.settings, &self.plan)?;
        let caches = Arc::new(MemoryCaches::new(clock.clone()));
        let bus = redis.as_ref().map(|redis| Bus::new(redis.clone(), rng.as_ref()));
        let runtime = Runtime {
            db: store.db(),
            caches: caches.clone(),
            clock,
            rng,
            mailer: notifier.clone(),
            limiter: counters.limiter(),
            meanwhile: counters.meanwhile(),
            nodes: nodes(bus.as_ref()),
            metrics: exporter.as_ref().map(|exporter| exporter.metrics().clone()).unwrap_or_default(),
        };
        let owners = self.plan.owners();
        let host = self.plan.start(runtime).map_err(Problems)?;
        let mut background = host.spawn_background();
        counters.keep_small(&mut background, host.core());
        if let Some(bus) = &bus {
            background.spawn(bus.clone().run(host.core().clone()));
        }
        let parts = observe::Parts {
            host: host.clone(),
            store: store.clone(),
            notifier: notifier.clone(),
            caches,
            redis,
            exporter,
        };
        let observed = Observed::new(parts, owners, &self.settings);
        Ok(Running { host, notifier, store, settings: self.settings, background, bus, observed })
    }
}

fn nodes(bus: Option<&Arc<Bus>>) -> Arc<dyn Nodes> {
    match bus {
        Some(bus) => bus.clone(),
        None => Arc::new(Alone),
    }
}

/// Where the rate limiter counts.
enum Counters {
    Memory(Arc<MemoryLimiter>),
    Database(Arc<DatabaseLimiter>, Arc<MemoryLimiter>),
    Redis(Arc<RedisLimiter>, Arc<MemoryLimiter>),
}

impl Counters {
    fn new(config: &Config, store: &Store, rng: &Arc<dyn Rng>, redis: Option<&Arc<Redis>>) -> Self {
        let memory = Arc::new(MemoryLimiter::new(config.rate_limit.capacity));
        match (config.rate_limit.storage.as_str(), redis) {
            ("database", _) => {
                Self::Database(Arc::new(DatabaseLimiter::new(store.db(), rng.clone())), memory)
            }
            ("redis", Some(redis)) => Self::Redis(Arc::new(RedisLimiter::new(redis.clone())), memory),
            _ => Self::Memory(memory),
        }
    }

    fn limiter(&self) -> Arc<dyn Limiter> {
        match self {
            Self::Memory(limiter) => limiter.clone(),
            Self::Database(limiter, _) => limiter.clone(),
            Self::Redis(limiter, _) => limiter.clone(),
        }
    }

    /// What counts while the other does not answer.
    fn meanwhile(&self) -> Arc<dyn Limiter> {
        let (Self::Memory(memory) | Self::Database(_, memory) | Self::Redis(_, memory)) = self;
        memory.clone()
    }

    /// Counters in the database whose windows are long over are removed now and then.
    fn keep_small(&self, background: &mut JoinSet<()>, core: &Arc<Core>) {
        let Self::Database(limiter, _) = self else { return };
        let (limiter, core) = (limiter.clone(), core.clone());
        background.spawn(async move {
            loop {
                tokio::time::sleep(LONGEST_WINDOW / 24).await;
                let over = core.now().minus(LONGEST_WINDOW).unix_millis();
                if let Err(failure) = limiter.sweep(over).await {
                    tracing::warn!(?failure, "old counters of the rate limiter were not removed");
                }
            }
        });
    }
}

/// Whether a SQLite file lies in the folder that is ours to make.
fn is_inside(url: &str, folder: &Path) -> bool {
    let path = url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    path.is_some_and(|path| Path::new(path).parent() == Some(folder))
}

async fn bring_up_to_date(store: &Store, plan: &Plan, settings: &Settings, clock: &dyn Clock) -> Result<()> {
    let owners = plan.owners();
    if settings.database.auto_migrate {
        let report = migrate::up(store, &owners, clock.now()).await?;
        if !report.applied.is_empty() {
            tracing::info!(statements = report.applied.len(), owners = ?report.recorded, "the database was migrated");
        }
        report.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        return Ok(());
    }
    let status = migrate::status(&store.db(), &owners).await?;
    if status.is_up_to_date() {
        return Ok(());
    }
    bail!("the database lacks tables or columns, and database.auto_migrate is off: run `tessera migrate up`")
}

/// A server that runs, all but its socket.
pub struct Running {
    host: Arc<Host>,
    notifier: Arc<Notifier>,
    store: Arc<Store>,
    settings: Settings,
    background: JoinSet<()>,
    bus: Option<Arc<Bus>>,
    observed: Arc<Observed>,
}

impl Running {
    /// The host, for calls in process and for what it says of itself.
    pub fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// Sends letters and texts, and knows which ones wait.
    pub fn notifier(&self) -> &Arc<Notifier> {
        &self.notifier
    }

    /// The whole server's router; further routes may be added to it.
    pub fn router(&self) -> Router {
        auth_axum::router(self.host.clone(), self.observed.edge(&self.settings))
    }

    /// The handle for an application's own router, in place of [`Running::router`].
    pub fn auth(&self) -> Auth {
        Auth::with_options(self.host.clone(), self.observed.edge(&self.settings))
    }

    /// Begins to hold the server against its budgets, and to answer `/metrics` on a listener of its own
    /// where `metrics.listen` says so. A command that is over soon has no use for it.
    pub async fn observe(&mut self) -> Result<()> {
        self.observed.watch(&self.settings, &mut self.background).await
    }

    /// The text of `/metrics`, for applications that answer it themselves; nothing without `metrics.listen`.
    pub async fn metrics(&self) -> Option<String> {
        self.observed.page().await
    }

    /// Serves until `shutdown`, lets what runs come to its end, and closes everything.
    pub async fn serve(self, listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
        let core = self.host.core().clone();
        let shutdown = async move {
            shutdown.await;
            // Sockets are told to go elsewhere; they would not end by themselves.
            core.stop_soon();
        };
        let left = auth_axum::serve(listener, router, self.settings.server.sockets(), shutdown).await;
        if left > 0 {
            tracing::warn!(connections = left, "requests did not end in time and were cut off");
        }
        self.stop().await;
    }

    /// Ends background work, delivers letters that wait, closes the database.
    pub async fn stop(mut self) {
        self.background.shutdown().await;
        if let Some(bus) = &self.bus {
            bus.leave(self.host.core()).await;
        }
        self.notifier.drain(LETTERS).await;
        self.store.db().close().await;
    }
}

/// The server on a listener that is there already: for launchers and tests. Without a `base_url` in
/// the sources it is the listener's address.
pub async fn serve_with(
    sources: Sources,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let mut running = Application::new(sources).at(&listener)?.with_secret()?.start().await?;
    running.observe().await?;
    let router = running.router();
    running.serve(listener, router, shutdown).await;
    Ok(())
}
