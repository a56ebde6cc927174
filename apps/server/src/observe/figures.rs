//! Figures that are read when somebody asks, and where from.

use std::time::Duration;

use auth_axum::METRICS as EDGE;
use auth_core::{
    cache,
    metric::{Metric, Metrics},
    ports::{Checked, Condition, Dependency},
};
use auth_host::Plan;
use auth_telemetry::{Process, security};

use super::Observed;

const ACTIVE_USERS: Metric = Metric::gauge(
    "active_users_total",
    "Users that this node has seen in the last time, since it started. Off by some 2 %.",
    &["time_window"],
);
const DEPENDENCY: Metric =
    Metric::gauge("dependency_up", "1 where a dependency is ok, as `/health` has it.", &["dependency"]);
const POOL: Metric = Metric::gauge("database_pool_connections", "Connections of a pool.", &["pool", "state"]);
const POOL_MAX: Metric =
    Metric::gauge("database_pool_connections_max", "Connections that a pool may have.", &["pool"]);
const STATEMENTS: Metric =
    Metric::counter("database_statements_total", "Statements that were sent to the database.", &[]);
const CACHE_EVICTIONS: Metric = Metric::counter(
    "cache_evictions_total",
    "Entries that had to go from the memory of this node because others came.",
    &["kind"],
);
const CACHE_ENTRIES: Metric = Metric::gauge("cache_entries", "Entries of a cache, roughly.", &["kind"]);
const PASSWORDS: Metric =
    Metric::gauge("password_pool_jobs", "Passwords that are hashed, or wait for it.", &["state"]);
const LETTERS: Metric = Metric::counter("mail_letters_total", "What became of letters.", &["outcome"]);
const OUTBOX: Metric = Metric::gauge("mail_outbox_waiting", "Letters that wait for delivery.", &[]);
const CIRCUIT: Metric = Metric::gauge(
    "circuit_state",
    "The circuit breaker around a dependency: 0 closed, 1 half-open, 2 open.",
    &["dependency"],
);
const IN_FLIGHT: Metric = Metric::gauge("http_requests_in_flight", "Requests that are worked on.", &[]);
const SHED: Metric = Metric::counter(
    "http_requests_shed_total",
    "Requests that were refused because `server.max_requests` others were worked on.",
    &[],
);
const IN_TOUCH: Metric = Metric::gauge("bus_in_touch", "1 while this node hears all others.", &[]);
const CPU: Metric = Metric::counter("process_cpu_seconds_total", "Time on all cores, in whole seconds.", &[]);
const MEMORY: Metric = Metric::gauge("process_resident_memory_bytes", "Bytes in memory.", &[]);
const FDS: Metric = Metric::gauge("process_open_fds", "Open file descriptors.", &[]);
const MAX_FDS: Metric = Metric::gauge("process_max_fds", "File descriptors that may be open.", &[]);
const STARTED: Metric = Metric::gauge("process_start_time_seconds", "When the server started.", &[]);
const BUILD: Metric = Metric::gauge("build_info", "1 at the version that runs.", &["version"]);
pub(super) const BUDGET: Metric =
    Metric::gauge("budget_exceeded", "1 where the last look found a budget exceeded.", &["budget"]);

const OWN: &[Metric] = &[
    ACTIVE_USERS,
    DEPENDENCY,
    POOL,
    POOL_MAX,
    STATEMENTS,
    CACHE_EVICTIONS,
    CACHE_ENTRIES,
    PASSWORDS,
    LETTERS,
    OUTBOX,
    CIRCUIT,
    IN_FLIGHT,
    SHED,
    IN_TOUCH,
    CPU,
    MEMORY,
    FDS,
    MAX_FDS,
    STARTED,
    BUILD,
    BUDGET,
];

const WINDOWS: [(&str, Duration); 3] =
    [("5m", Duration::from_mins(5)), ("1h", Duration::from_hours(1)), ("24h", Duration::from_hours(24))];

/// The server's own figures.
pub(crate) fn own() -> impl Iterator<Item = Metric> {
    [OWN, EDGE, security::METRICS].into_iter().flatten().copied()
}

/// All figures, with their owners.
pub(crate) fn declared(plan: &Plan) -> impl Iterator<Item = (&'static str, Metric)> {
    own().map(|metric| ("server", metric)).chain(plan.metrics())
}

fn set(metrics: &Metrics, metric: &Metric, values: &[&str], to: impl Into<f64>) {
    metrics.gauge(metric, values).set(to.into());
}

#[allow(clippy::cast_precision_loss, reason = "counts and bytes are far below 2^52")]
fn float(number: u64) -> f64 {
    number as f64
}

impl Observed {
    /// Brings everything up to date that is not counted as it happens.
    pub(super) fn refresh(&self, checks: &[Checked]) {
        let (core, metrics) = (self.parts.host.core(), self.metrics());
        for check in checks {
            set(metrics, &DEPENDENCY, &[check.name], u8::from(check.condition == Condition::Ok));
        }
        for (name, window) in WINDOWS {
            let users = core.active_users().within(window, core.now());
            set(metrics, &ACTIVE_USERS, &[name], float(users));
        }
        for pool in self.parts.store.pools() {
            set(metrics, &POOL, &[pool.name, "idle"], pool.idle);
            set(metrics, &POOL, &[pool.name, "used"], pool.open.saturating_sub(pool.idle));
            set(metrics, &POOL_MAX, &[pool.name], pool.max);
        }
        metrics.counter(&STATEMENTS, &[]).absolute(core.db().statements());
        for kind in self.parts.caches.stats() {
            metrics.counter(&cache::HITS, &[kind.kind, "memory"]).absolute(kind.hits);
            metrics.counter(&cache::MISSES, &[kind.kind, "memory"]).absolute(kind.misses);
            metrics.counter(&CACHE_EVICTIONS, &[kind.kind]).absolute(kind.evictions);
            set(metrics, &CACHE_ENTRIES, &[kind.kind], float(kind.entries));
        }
        let passwords = core.passwords().stats();
        for (state, jobs) in [("waiting", passwords.queued), ("running", passwords.running)] {
            set(metrics, &PASSWORDS, &[state], u32::try_from(jobs).unwrap_or(u32::MAX));
        }
        let traffic = self.traffic.sums();
        set(metrics, &IN_FLIGHT, &[], float(traffic.in_flight));
        metrics.counter(&SHED, &[]).absolute(traffic.shed);
        self.mail(metrics);
        self.others(metrics);
        self.process(metrics);
    }

    fn mail(&self, metrics: &Metrics) {
        let mail = self.parts.notifier.stats();
        let outcomes = [
            ("sent", mail.sent),
            ("failed", mail.failed),
            ("retried", mail.retried),
            ("refused", mail.refused),
            ("capped", mail.capped),
        ];
        for (outcome, letters) in outcomes {
            metrics.counter(&LETTERS, &[outcome]).absolute(letters);
        }
        set(metrics, &OUTBOX, &[], float(mail.queued));
        if let Some(circuit) = self.parts.notifier.circuit() {
            set(metrics, &CIRCUIT, &["smtp"], circuit.level());
        }
    }

    /// Redis and the other nodes, where there are any, and what plugins ask.
    fn others(&self, metrics: &Metrics) {
        let core = self.parts.host.core();
        for dependency in core.services().slot::<dyn Dependency>() {
            if let Some(circuit) = dependency.circuit(core) {
                set(metrics, &CIRCUIT, &[dependency.name()], circuit.level());
            }
        }
        if let Some(redis) = &self.parts.redis {
            set(metrics, &CIRCUIT, &["redis"], redis.circuit().level());
            set(metrics, &IN_TOUCH, &[], u8::from(core.nodes().in_touch()));
        }
    }

    fn process(&self, metrics: &Metrics) {
        set(metrics, &BUILD, &[env!("CARGO_PKG_VERSION")], 1);
        set(metrics, &STARTED, &[], float(self.started.unsigned_abs()) / 1000.0);
        let Some(process) = Process::read() else { return };
        metrics.counter(&CPU, &[]).absolute(process.cpu.as_secs());
        set(metrics, &MEMORY, &[], float(process.resident));
        set(metrics, &FDS, &[], float(process.open_fds));
        set(metrics, &MAX_FDS, &[], float(process.max_fds));
    }
}
