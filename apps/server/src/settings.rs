//! The server's own sections of the configuration. Every field's comment is its reference.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use auth_axum::{EdgeOptions, ServeOptions};
use auth_core::{
    PluginConfig, Preset, Problem,
    schemars::{self, JsonSchema, SchemaGenerator},
    serde_json::{Map, Value},
};
use auth_host::Sources;
use auth_notify::NotifyConfig;
use auth_redis::RedisConfig;
use auth_store::DatabaseConfig;
use auth_telemetry::budget::Budgets;
use serde::{Deserialize, Serialize};

/// Top-level keys that are the server's and not the host's.
pub const SECTIONS: &[&str] =
    &["server", "database", "mail", "log", "data_dir", "redis", "metrics", "budgets", "traces"];

/// `[server]`: the socket and its limits.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
pub struct ServerConfig {
    /// The address to listen on; `0.0.0.0` or `::` for all of the machine's.
    pub host: IpAddr,
    /// The port; 0 for any that is free.
    pub port: u16,
    /// The largest body in bytes; a larger one is answered with 413.
    pub body_limit: usize,
    /// Milliseconds that an answer may take; then 503.
    pub request_timeout_ms: u64,
    /// Milliseconds that requests may go on after the server was told to stop.
    pub drain_ms: u64,
    /// Connections at the same time; further ones wait.
    pub max_connections: usize,
    /// Requests that are worked on at the same time; further ones get 503 and `retry-after` at once. 0 is
    /// no limit. Open sockets do not count, and health pages are always answered.
    pub max_requests: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::from([127, 0, 0, 1]),
            port: 3000,
            body_limit: 1024 * 1024,
            request_timeout_ms: 30_000,
            drain_ms: 20_000,
            max_connections: 16_384,
            max_requests: EdgeOptions::default().max_requests,
        }
    }
}

impl ServerConfig {
    fn validate(&self) -> Vec<(String, String)> {
        let counts = [
            ("body_limit", self.body_limit == 0),
            ("request_timeout_ms", self.request_timeout_ms == 0),
            ("max_connections", self.max_connections == 0),
        ];
        let zero = counts.into_iter().filter(|(_, zero)| *zero);
        zero.map(|(key, _)| (key.to_owned(), "must be at least 1".to_owned())).collect()
    }

    pub(crate) fn edge(&self) -> EdgeOptions {
        EdgeOptions {
            body_limit: self.body_limit,
            request_timeout: Duration::from_millis(self.request_timeout_ms),
            max_requests: self.max_requests,
            ..EdgeOptions::default()
        }
    }

    pub(crate) fn sockets(&self) -> ServeOptions {
        ServeOptions {
            max_connections: self.max_connections,
            drain: Duration::from_millis(self.drain_ms),
            ..ServeOptions::default()
        }
    }
}

/// `[log]`: what is written to standard error, and to files.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
pub struct LogConfig {
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,auth_host=debug`. The
    /// environment variables `TESSERA_LOG` and, after it, `LOG_LEVEL` win over it.
    pub level: String,
    /// How a line is written.
    pub format: LogFormat,
    /// What JSON lines call this installation; `production` where `base_url` is https and `development`
    /// elsewhere, unless something else is said.
    pub environment: Option<String>,
    /// A folder for `error.<day>.log`, with what went wrong, and `combined.<day>.log`, with everything: JSON
    /// lines, beside standard error, a new file each day (UTC). Without it there are no files.
    pub dir: Option<PathBuf>,
    /// How many files of each kind are kept.
    pub files: usize,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(crate = "auth_core::schemars")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            level: "info,auth_store=warn".to_owned(),
            format: LogFormat::Text,
            environment: None,
            dir: None,
            files: 14,
        }
    }
}

/// `[metrics]`: figures for Prometheus.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
pub struct MetricsConfig {
    /// The address and port of a listener of its own that answers `GET /metrics`, such as
    /// `127.0.0.1:9464`. Empty: nothing is counted. Whoever reaches it may read it.
    pub listen: String,
}

impl MetricsConfig {
    /// Where to listen; checked before.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }

    fn validate(&self) -> Vec<(String, String)> {
        if self.listen.is_empty() || self.address().is_some() {
            return Vec::new();
        }
        vec![("listen".to_owned(), format!("`{}` is no address with a port: 127.0.0.1:9464", self.listen))]
    }
}

/// `[traces]`: spans of requests for an OpenTelemetry collector, in builds with the feature `otlp`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
pub struct TracesConfig {
    /// Where the collector takes OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. Empty: none.
    pub endpoint: String,
    /// The share of requests that are sent, from 0 to 1.
    pub sample: f64,
    /// Sends ids of users and organizations with them, which is data about people.
    pub people: bool,
}

impl Default for TracesConfig {
    fn default() -> Self {
        Self { endpoint: String::new(), sample: 1.0, people: false }
    }
}

impl TracesConfig {
    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        let mut say = |key: &str, what: &str| wrong.push((key.to_owned(), what.to_owned()));
        if !(0.0..=1.0).contains(&self.sample) {
            say("sample", "must be between 0 and 1");
        }
        if !self.endpoint.is_empty() && !self.endpoint.starts_with("http://") {
            say("endpoint", "must start with `http://`; a collector near the server speaks TLS to others");
        }
        if !self.endpoint.is_empty() && cfg!(not(feature = "otlp")) {
            say("endpoint", "is set, and this build sends no traces; build it with the feature `otlp`");
        }
        wrong
    }
}

/// `[budgets]`: what the server may need before it warns, in the log and as `budget_exceeded`. 0 is no limit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
pub struct BudgetsConfig {
    /// Seconds between two looks; each judges the time since the one before.
    pub interval: u64,
    /// Milliseconds within which 95 of 100 requests are answered.
    pub latency_ms: u64,
    /// Answers with a status of 500 or more, of a hundred.
    pub error_percent: f64,
    /// Percent of all cores.
    pub cpu_percent: f64,
    /// Megabytes in memory.
    pub memory_mb: u64,
}

impl Default for BudgetsConfig {
    fn default() -> Self {
        Self { interval: 60, latency_ms: 200, error_percent: 1.0, cpu_percent: 80.0, memory_mb: 512 }
    }
}

impl BudgetsConfig {
    fn validate(&self) -> Vec<(String, String)> {
        let percents = [("error_percent", self.error_percent), ("cpu_percent", self.cpu_percent)];
        let wrong = percents.into_iter().filter(|(_, percent)| !(0.0..=100.0).contains(percent));
        let wrong = wrong.map(|(key, _)| (key.to_owned(), "must be between 0 and 100".to_owned()));
        let zero = (self.interval == 0).then(|| ("interval".to_owned(), "must be at least 1".to_owned()));
        wrong.chain(zero).collect()
    }

    pub(crate) fn budgets(&self) -> Budgets {
        Budgets {
            latency: Duration::from_millis(self.latency_ms),
            error_percent: self.error_percent,
            cpu_percent: self.cpu_percent,
            memory: self.memory_mb.saturating_mul(1_000_000),
        }
    }
}

/// All of the server's sections.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[server]`.
    pub server: ServerConfig,
    /// `[database]`.
    pub database: DatabaseConfig,
    /// `[mail]`.
    pub mail: NotifyConfig,
    /// `[log]`.
    pub log: LogConfig,
    /// `[redis]`: what nodes share, where there are several.
    pub redis: RedisConfig,
    /// `[metrics]`.
    pub metrics: MetricsConfig,
    /// `[budgets]`.
    pub budgets: BudgetsConfig,
    /// `[traces]`; sent by builds with the feature `otlp`.
    pub traces: TracesConfig,
    /// Where the server keeps its secret and, if nothing else is said, its database.
    pub data_dir: PathBuf,
}

impl Settings {
    /// Reads and checks every section. All problems are reported at once.
    pub fn read(sources: &Sources) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut keep = |wrong: Vec<Problem>| problems.extend(wrong);
        let preset = sources.section("preset", &Preset::default()).unwrap_or_default();
        let data_dir =
            sources.section("data_dir", &PathBuf::from("data")).map_err(&mut keep).unwrap_or_default();
        let database = DatabaseConfig::new(format!("sqlite:{}", data_dir.join("tessera.sqlite").display()));

        let server = sources.section("server", &ServerConfig::default()).map_err(&mut keep).ok();
        let database = sources.section("database", &database).map_err(&mut keep).ok();
        let mail = sources.section("mail", &NotifyConfig::preset(preset)).map_err(&mut keep).ok();
        let log = sources.section("log", &LogConfig::default()).map_err(&mut keep).ok();
        let redis = sources.section("redis", &RedisConfig::default()).map_err(&mut keep).ok();
        let metrics = sources.section("metrics", &MetricsConfig::default()).map_err(&mut keep).ok();
        let budgets = sources.section("budgets", &BudgetsConfig::default()).map_err(&mut keep).ok();
        let traces = sources.section("traces", &TracesConfig::default()).map_err(&mut keep).ok();

        let mut check = |section: &str, wrong: Vec<(String, String)>| {
            keep(
                wrong
                    .into_iter()
                    .map(|(key, what)| Problem::new(sources.place(&format!("{section}.{key}")), what))
                    .collect(),
            );
        };
        check("server", server.as_ref().map(ServerConfig::validate).unwrap_or_default());
        check("database", database.as_ref().map(DatabaseConfig::validate).unwrap_or_default());
        check("mail", mail.as_ref().map(NotifyConfig::validate).unwrap_or_default());
        check("log", log.as_ref().map(crate::logging::validate).unwrap_or_default());
        check("redis", redis.as_ref().map(RedisConfig::validate).unwrap_or_default());
        check("metrics", metrics.as_ref().map(MetricsConfig::validate).unwrap_or_default());
        check("budgets", budgets.as_ref().map(BudgetsConfig::validate).unwrap_or_default());
        check("traces", traces.as_ref().map(TracesConfig::validate).unwrap_or_default());
        let sound = || {
            let (metrics, budgets, traces) = (metrics?, budgets?, traces?);
            Some(Self {
                server: server?,
                database: database?,
                mail: mail?,
                log: log?,
                redis: redis?,
                metrics,
                budgets,
                traces,
                data_dir,
            })
        };
        if problems.is_empty() { sound().ok_or(problems) } else { Err(problems) }
    }

    /// The sections where nobody says anything.
    pub(crate) fn defaults(sources: &Sources) -> Map<String, Value> {
        let mut told = Sources::empty();
        for key in ["preset", "data_dir"] {
            if let Ok(value) = sources.section(key, &Value::Null).map_err(drop) {
                told = if value.is_null() { told } else { told.set(key, value) };
            }
        }
        let sections = Self::read(&told).ok().and_then(|settings| settings.dump().ok());
        let mut sections = sections.unwrap_or_default();
        if let Ok(data_dir) = Self::read(&Sources::empty()).map(|settings| settings.data_dir) {
            sections.insert("data_dir".to_owned(), Value::from(data_dir.display().to_string()));
        }
        sections
    }

    /// The sections as they are, for `config dump`.
    pub(crate) fn dump(&self) -> Result<Map<String, Value>, serde_json::Error> {
        let mut all = Map::new();
        all.insert("data_dir".to_owned(), serde_json::to_value(&self.data_dir)?);
        all.insert("server".to_owned(), serde_json::to_value(&self.server)?);
        all.insert("database".to_owned(), serde_json::to_value(&self.database)?);
        all.insert("mail".to_owned(), serde_json::to_value(&self.mail)?);
        all.insert("log".to_owned(), serde_json::to_value(&self.log)?);
        all.insert("metrics".to_owned(), serde_json::to_value(&self.metrics)?);
        all.insert("budgets".to_owned(), serde_json::to_value(&self.budgets)?);
        all.insert("traces".to_owned(), serde_json::to_value(&self.traces)?);
        let redis = RedisConfig { url: self.redis.shown(), ..self.redis.clone() };
        all.insert("redis".to_owned(), serde_json::to_value(&redis)?);
        Ok(all)
    }

    /// The schemas of the sections, with no references to elsewhere.
    pub(crate) fn schemas() -> Map<String, Value> {
        let schema = |of: fn(&mut SchemaGenerator) -> schemars::Schema| {
            let settings =
                schemars::generate::SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
            Value::from(of(&mut settings.into_generator()))
        };
        let mut all = Map::new();
        all.insert("server".to_owned(), schema(SchemaGenerator::subschema_for::<ServerConfig>));
        all.insert("database".to_owned(), schema(SchemaGenerator::subschema_for::<DatabaseConfig>));
        all.insert("mail".to_owned(), schema(SchemaGenerator::subschema_for::<NotifyConfig>));
        all.insert("log".to_owned(), schema(SchemaGenerator::subschema_for::<LogConfig>));
        all.insert("redis".to_owned(), schema(SchemaGenerator::subschema_for::<RedisConfig>));
        all.insert("metrics".to_owned(), schema(SchemaGenerator::subschema_for::<MetricsConfig>));
        all.insert("budgets".to_owned(), schema(SchemaGenerator::subschema_for::<BudgetsConfig>));
        all.insert("traces".to_owned(), schema(SchemaGenerator::subschema_for::<TracesConfig>));
        let data_dir = "Where the server keeps its secret and, if nothing else is said, its database.";
        all.insert("data_dir".to_owned(), serde_json::json!({ "type": "string", "description": data_dir }));
        all
    }
}
