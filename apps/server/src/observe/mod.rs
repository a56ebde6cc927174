//! What a running server tells its operators: figures, health, budgets.

mod budgets;
pub(crate) mod figures;
mod health;

use std::{future, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use auth_axum::{EdgeOptions, ServeOptions, Traffic};
use auth_cache::MemoryCaches;
use auth_core::{metric::Metrics, ports::Health};
use auth_host::{Host, Plan};
use auth_notify::Notifier;
use auth_redis::Redis;
use auth_store::{Store, migrate::Owner};
use auth_telemetry::{Exporter, Probes, security::Watch};
use axum::{Router, http::header, routing::get};
use tokio::{net::TcpListener, task::JoinSet};

use crate::settings::Settings;

/// How often observations are sorted into their buckets where nobody reads them.
const TIDY: Duration = Duration::from_secs(5);

/// Readers of figures at the same time.
const READERS: usize = 64;

/// The exporter, where the configuration has figures read.
pub(crate) fn exporter(settings: &Settings, plan: &Plan) -> Result<Option<Exporter>> {
    let declared = || figures::declared(plan).map(|(_, metric)| metric);
    let exporter = settings.metrics.address().map(|_| Exporter::new(declared()));
    exporter.transpose().context("cannot collect metrics")
}

/// What a server is made of, as far as it can be looked at.
pub(crate) struct Parts {
    pub(crate) host: Arc<Host>,
    pub(crate) store: Arc<Store>,
    pub(crate) notifier: Arc<Notifier>,
    pub(crate) caches: Arc<MemoryCaches>,
    pub(crate) redis: Option<Arc<Redis>>,
    pub(crate) exporter: Option<Exporter>,
}

/// A server, and how to look at it.
pub(crate) struct Observed {
    parts: Parts,
    traffic: Arc<Traffic>,
    probes: Arc<Probes>,
    /// Milliseconds since 1970.
    started: i64,
}

impl Observed {
    pub(crate) fn new(parts: Parts, owners: Vec<Owner>, settings: &Settings) -> Arc<Self> {
        let host = &parts.host;
        let weak = Arc::downgrade(host);
        let risk = move |event: &_| weak.upgrade().and_then(|host| host.risk(event));
        let watch = Watch::new(host.core().metrics().clone(), risk);
        host.core().events().show(move |event| watch.see(event));
        Arc::new(Self {
            traffic: Arc::new(Traffic::new(settings.budgets.budgets().latency)),
            probes: Arc::new(health::probes(host, owners, &parts.notifier, parts.redis.as_ref())),
            started: host.core().now().unix_millis(),
            parts,
        })
    }

    /// Puts its eyes into an edge.
    pub(crate) fn edge(&self, settings: &Settings) -> EdgeOptions {
        let health: Arc<dyn Health> = self.probes.clone();
        EdgeOptions { health: Some(health), traffic: Some(self.traffic.clone()), ..settings.server.edge() }
    }

    fn metrics(&self) -> &Metrics {
        self.parts.host.core().metrics()
    }

    /// The text of `/metrics`; nothing where no figures are collected.
    pub(crate) async fn page(&self) -> Option<String> {
        let exporter = self.parts.exporter.as_ref()?;
        let checks = self.probes.check().await;
        self.refresh(&checks);
        Some(exporter.render())
    }

    /// Begins to watch, and to answer `/metrics` where the configuration says so.
    pub(crate) async fn watch(self: &Arc<Self>, settings: &Settings, work: &mut JoinSet<()>) -> Result<()> {
        work.spawn(self.clone().watch_budgets(settings.budgets.clone()));
        let (Some(exporter), Some(address)) = (self.parts.exporter.clone(), settings.metrics.address())
        else {
            return Ok(());
        };
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("cannot listen on {address} (metrics.listen)"))?;
        work.spawn(async move {
            loop {
                tokio::time::sleep(TIDY).await;
                exporter.tidy();
            }
        });
        let observed = self.clone();
        let router = Router::new().route("/metrics", get(move || answer(observed.clone())));
        let options = ServeOptions { max_connections: READERS, ..ServeOptions::default() };
        work.spawn(async move {
            auth_axum::serve(listener, router, options, future::pending()).await;
        });
        Ok(())
    }
}

async fn answer(observed: Arc<Observed>) -> ([(header::HeaderName, &'static str); 1], String) {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, observed.page().await.unwrap_or_default())
}
