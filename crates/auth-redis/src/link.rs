//! The way to Redis.
//!
//! A connection carries many commands at once, so a node needs few. They stay out of the pool while
//! they work: taking one anew for every command would cost a round trip, because the pool asks whether
//! it still lives. One that fails goes back, and the pool gives out another.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use auth_core::{
    Failure, Problem,
    breaker::{Breaker, BreakerPolicy, Circuit},
};
use deadpool_redis::{
    Manager, PoolConfig, Runtime, Timeouts, cluster,
    redis::{
        self, Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo, ProtocolVersion,
        RedisConnectionInfo, RedisError, Script, TlsCertificates, TlsMode, ToRedisArgs, Value,
        aio::{ConnectionLike, MultiplexedConnection, PubSub},
        cluster_async::ClusterConnection,
        sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType},
    },
    sentinel,
};

use crate::config::{Mode, RedisConfig};

/// Redis did not answer, or not with what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Away {
    #[error("it did not answer lately, so it is left alone for a moment")]
    Resting,
    #[error("no answer within the time limit")]
    TooSlow,
    #[error("no connection: {0}")]
    NoConnection(String),
    #[error("{0}")]
    Failed(#[from] RedisError),
}

impl From<Away> for Failure {
    fn from(away: Away) -> Self {
        Self::internal(format!("Redis: {away}"))
    }
}

enum Pools {
    Single(deadpool_redis::Pool),
    Sentinel(sentinel::Pool),
    Cluster(cluster::Pool),
}

/// A connection that works, as far as anybody knows. It goes back to its pool when the last one who has
/// it lets go.
enum Held {
    Single(deadpool_redis::Connection),
    Sentinel(sentinel::Connection),
    Cluster(cluster::Connection),
}

/// A connection to send a command with.
enum Wire {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Held {
    fn wire(&self) -> Wire {
        match self {
            Self::Single(connection) => Wire::One(MultiplexedConnection::clone(connection)),
            Self::Sentinel(connection) => Wire::One(MultiplexedConnection::clone(connection)),
            Self::Cluster(connection) => Wire::Cluster(ClusterConnection::clone(connection)),
        }
    }
}

impl ConnectionLike for Wire {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> redis::RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a redis::Pipeline,
        offset: usize,
        count: usize,
    ) -> redis::RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// A place for a connection.
#[derive(Default)]
struct Lane {
    held: Mutex<Option<Arc<Held>>>,
    /// Only one caller connects; the others wait for it.
    connecting: tokio::sync::Mutex<()>,
}

impl Lane {
    fn held(&self) -> Option<Arc<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, held: Option<Arc<Held>>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// Lets a connection go that has failed, unless another one has taken its place.
    fn drop_failed(&self, failed: &Arc<Held>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| Arc::ptr_eq(held, failed)) {
            *held = None;
        }
    }
}

/// A Redis that nodes share.
pub struct Redis {
    config: RedisConfig,
    /// The first server of the configuration.
    server: Client,
    pools: Pools,
    lanes: Vec<Lane>,
    next: AtomicUsize,
    breaker: Breaker,
    began: Instant,
}

impl Redis {
    /// Connects to nothing yet: a Redis that is away does not keep a server from starting.
    pub fn new(config: RedisConfig) -> Result<Arc<Self>, Vec<Problem>> {
        let certificates = certificates(&config).map_err(|what| vec![Problem::new("redis.ca_file", what)])?;
        let wrong = |what: String| vec![Problem::new("redis.url", what)];
        let server = server(&config, certificates).map_err(|error| wrong(error.to_string()))?;
        let pools = pools(&config, &server).map_err(wrong)?;
        let lanes = (0..config.connections).map(|_| Lane::default()).collect();
        Ok(Arc::new(Self {
            config,
            server,
            pools,
            lanes,
            next: AtomicUsize::new(0),
            breaker: Breaker::new(BreakerPolicy::default()),
            began: Instant::now(),
        }))
    }

    #[must_use]
    pub fn config(&self) -> &RedisConfig {
        &self.config
    }

    /// A name in Redis: of a key, or of a channel.
    pub(crate) fn name(&self, rest: &str) -> String {
        format!("{}{rest}", self.config.prefix)
    }

    /// How the circuit breaker stands.
    #[must_use]
    pub fn circuit(&self) -> Circuit {
        self.breaker.circuit(self.millis())
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), Away> {
        self.run::<Value>(&redis::cmd("PING")).await.map(drop)
    }

    /// Sends a command.
    pub async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Away> {
        self.guarded(async |wire| command.query_async(wire).await).await
    }

    /// Runs a script in one round trip, once the server knows it.
    pub async fn script<T: FromRedisValue>(
        &self,
        script: &Script,
        keys: &[String],
        arguments: &[impl ToRedisArgs],
    ) -> Result<T, Away> {
        let mut call = script.prepare_invoke();
        for key in keys {
            call.key(key);
        }
        for argument in arguments {
            call.arg(argument);
        }
        self.guarded(async |wire| call.invoke_async(wire).await).await
    }

    async fn guarded<T>(
        &self,
        work: impl AsyncFnOnce(&mut Wire) -> Result<T, RedisError>,
    ) -> Result<T, Away> {
        if !self.breaker.may_pass(self.millis()) {
            return Err(Away::Resting);
        }
        let done = self.attempt(work).await;
        match &done {
            Ok(_) => self.breaker.succeeded(),
            Err(Away::Failed(error)) if !is_of_the_connection(error) => self.breaker.succeeded(),
            Err(away) => {
                if self.breaker.failed(self.millis()) {
                    tracing::warn!(%away, redis = self.config.shown(), "Redis is away; going on without it");
                }
            }
        }
        done
    }

    async fn attempt<T>(
        &self,
        work: impl AsyncFnOnce(&mut Wire) -> Result<T, RedisError>,
    ) -> Result<T, Away> {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.lanes.len().max(1);
        let lane = self.lanes.get(at).ok_or(Away::Resting)?;
        let held = match lane.held() {
            Some(held) => held,
            None => self.connect(lane).await?,
        };
        let mut wire = held.wire();
        let done = within(self.config.timeout_ms, work(&mut wire)).await;
        let lost = match &done {
            Ok(Ok(_)) => false,
            Ok(Err(error)) => is_of_the_connection(error),
            Err(_) => true,
        };
        if lost {
            lane.drop_failed(&held);
        }
        Ok(done??)
    }

    async fn connect(&self, lane: &Lane) -> Result<Arc<Held>, Away> {
        let _only = lane.connecting.lock().await;
        if let Some(held) = lane.held() {
            return Ok(held);
        }
        let text = |error: &dyn std::fmt::Display| Away::NoConnection(error.to_string());
        let connecting = async {
            Ok::<_, Away>(match &self.pools {
                Pools::Single(pool) => Held::Single(pool.get().await.map_err(|e| text(&e))?),
                Pools::Sentinel(pool) => Held::Sentinel(pool.get().await.map_err(|e| text(&e))?),
                Pools::Cluster(pool) => Held::Cluster(pool.get().await.map_err(|e| text(&e))?),
            })
        };
        // Boxed, because connecting is rare and its state is large.
        let held = Arc::new(Box::pin(within(self.config.connect_timeout_ms, connecting)).await??);
        lane.put(Some(held.clone()));
        Ok(held)
    }

    /// The number of a cluster's last election, which moves on with every failover.
    pub(crate) async fn failovers(&self) -> Result<u64, Away> {
        let info: String = self.run(redis::cmd("CLUSTER").arg("INFO")).await?;
        let line = info.lines().find_map(|line| line.strip_prefix("cluster_current_epoch:"));
        let number = line.and_then(|number| number.trim().parse().ok());
        number.ok_or_else(|| Away::NoConnection("it is no cluster".to_owned()))
    }

    /// A connection of its own that hears what is said on a channel.
    pub(crate) async fn subscribe(&self, channel: &str) -> Result<PubSub, Away> {
        let connecting = async {
            let mut channels = match self.config.mode {
                Mode::Single => self.server.get_async_pubsub().await?,
                Mode::Sentinel => {
                    sentinel_client(&self.config)?.async_get_client().await?.get_async_pubsub().await?
                }
                Mode::Cluster => self.any_server().await?,
            };
            channels.subscribe(channel).await?;
            Ok::<_, RedisError>(channels)
        };
        Ok(within(self.config.connect_timeout_ms, connecting).await??)
    }

    /// In a cluster a message reaches every server, so any that is there will do.
    async fn any_server(&self) -> Result<PubSub, RedisError> {
        let mut last = None;
        for url in self.config.urls() {
            match Client::open(url)?.get_async_pubsub().await {
                Ok(channels) => return Ok(channels),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| (ErrorKind::InvalidClientConfig, "no server").into()))
    }
}

/// What a server answers to whatever it is asked: it wants a password, is loading, or is no master any more.
const OF_NO_USE: [&str; 8] =
    ["NOAUTH", "WRONGPASS", "NOPERM", "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "MISCONF"];

/// Whether an error says that the way to the server is of no use, and not only the command.
fn is_of_the_connection(error: &RedisError) -> bool {
    error.code().is_some_and(|code| OF_NO_USE.contains(&code))
        || error.is_unrecoverable_error()
        || error.is_io_error()
        || error.is_timeout()
        || error.is_connection_refusal()
}

async fn within<T>(millis: u64, work: impl Future<Output = T>) -> Result<T, Away> {
    tokio::time::timeout(Duration::from_millis(millis), work).await.map_err(|_| Away::TooSlow)
}

fn certificates(config: &RedisConfig) -> Result<Option<Vec<u8>>, String> {
    let read = || std::fs::read(&config.ca_file).map_err(|error| format!("{}: {error}", config.ca_file));
    (!config.ca_file.is_empty()).then(read).transpose()
}

fn server(config: &RedisConfig, certificates: Option<Vec<u8>>) -> Result<Client, RedisError> {
    let url = config.urls().into_iter().next().unwrap_or_default();
    match certificates {
        None => Client::open(url),
        Some(_) => Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert: certificates }),
    }
}

fn pools(config: &RedisConfig, server: &Client) -> Result<Pools, String> {
    let limit = Some(Duration::from_millis(config.connect_timeout_ms));
    // One more than there are places, for a connection that is on its way out.
    let pool = PoolConfig {
        max_size: config.connections + 1,
        timeouts: Timeouts { wait: limit, create: limit, recycle: limit },
        ..PoolConfig::default()
    };
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let runtime = Some(Runtime::Tokio1);
    Ok(match config.mode {
        Mode::Single => {
            let manager = Manager::new(server.get_connection_info().clone()).map_err(|e| text(&e))?;
            let pool = deadpool_redis::Pool::builder(manager).config(pool).runtime(Runtime::Tokio1);
            Pools::Single(pool.build().map_err(|e| text(&e))?)
        }
        Mode::Cluster => {
            let config = cluster::Config { pool: Some(pool), ..cluster::Config::from_urls(config.urls()) };
            Pools::Cluster(config.create_pool(runtime).map_err(|e| text(&e))?)
        }
        Mode::Sentinel => {
            let (tls, info) = master(config).map_err(|e| text(&e))?;
            let node = sentinel::SentinelNodeConnectionInfo {
                tls_mode: tls.map(Into::into),
                redis_connection_info: Some(deadpool_redis::RedisConnectionInfo {
                    db: info.db(),
                    username: info.username().map(str::to_owned),
                    password: info.password().map(str::to_owned),
                    protocol: deadpool_redis::ProtocolVersion::default(),
                }),
            };
            let master = config.sentinel_master.clone();
            let kind = sentinel::SentinelServerType::Master;
            let mut sentinels = sentinel::Config::from_urls(config.urls(), master, kind);
            sentinels.pool = Some(pool);
            let sentinels = sentinels.with_node_connection_info(Some(node));
            Pools::Sentinel(sentinels.create_pool(runtime).map_err(|e| text(&e))?)
        }
    })
}

/// How one connects to the master that the sentinels name.
fn master(config: &RedisConfig) -> Result<(Option<TlsMode>, RedisConnectionInfo), RedisError> {
    let url = config.urls().into_iter().next().unwrap_or_default();
    let tls = url.starts_with("rediss:").then_some(TlsMode::Secure);
    let info = url.into_connection_info()?.redis_settings().clone();
    Ok((tls, info.set_protocol(ProtocolVersion::RESP2)))
}

fn sentinel_client(config: &RedisConfig) -> Result<SentinelClient, RedisError> {
    let (tls, info) = master(config)?;
    let mut node = SentinelNodeConnectionInfo::default().set_redis_connection_info(info);
    if let Some(tls) = tls {
        node = node.set_tls_mode(tls);
    }
    let name = config.sentinel_master.clone();
    SentinelClient::build(config.urls(), name, Some(node), SentinelServerType::Master)
}
