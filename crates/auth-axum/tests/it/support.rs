//! A host without a database, and requests to its router.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use auth_axum::EdgeOptions;
use auth_cache::MemoryCaches;
use auth_core::{
    Db, Failure, async_trait,
    ports::{Alone, Mailer, Message, OsRng, SystemClock},
    rate::{Ask, Limiter, Verdict},
    sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, Statement},
    store::{Driver, DriverTx},
};
use auth_host::{Builder, Host, Runtime, Sources};
use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::toy::Toy;

/// A database that answers to pings, or does not, and to nothing else.
#[derive(Default)]
pub(crate) struct Ping(AtomicBool);

impl Ping {
    pub(crate) fn go_away(&self, away: bool) {
        self.0.store(away, Ordering::Relaxed);
    }
}

fn none<T>() -> Result<T, DbErr> {
    Err(DbErr::Custom("there is no database here".into()))
}

#[async_trait]
impl Driver for Ping {
    fn backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }
    async fn execute(&self, _: Statement) -> Result<ExecResult, DbErr> {
        none()
    }
    async fn query_one(&self, _: Statement) -> Result<Option<QueryResult>, DbErr> {
        none()
    }
    async fn query_all(&self, _: Statement) -> Result<Vec<QueryResult>, DbErr> {
        none()
    }
    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        none()
    }
    async fn begin(&self) -> Result<Box<dyn DriverTx>, DbErr> {
        none()
    }
    async fn ping(&self) -> Result<(), DbErr> {
        if self.0.load(Ordering::Relaxed) { none() } else { Ok(()) }
    }
    async fn close(&self) {}
}

struct Nobody;

#[async_trait]
impl Mailer for Nobody {
    async fn send(&self, _: Message) -> Result<(), Failure> {
        Ok(())
    }
}

#[async_trait]
impl Limiter for Nobody {
    async fn hit(&self, _: &[Ask], _: i64) -> Result<Verdict, Failure> {
        Ok(Verdict::allowed([]))
    }

    async fn forget(&self, _: &Ask, _: i64) -> Result<(), Failure> {
        Ok(())
    }
}

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn host(config: &str) -> (Arc<Host>, Arc<Ping>) {
    host_of(Builder::default().plugin::<Toy>(), config)
}

pub(crate) fn host_of(builder: Builder, config: &str) -> (Arc<Host>, Arc<Ping>) {
    let text = format!("secret = \"{SECRET}\"\n{config}");
    let plan = builder.sources(Sources::empty().toml(&text)).plan().unwrap();
    let ping = Arc::new(Ping::default());
    let clock = Arc::new(SystemClock);
    let runtime = Runtime {
        db: Db::new(ping.clone()),
        caches: Arc::new(MemoryCaches::new(clock.clone())),
        clock,
        rng: Arc::new(OsRng),
        mailer: Arc::new(Nobody),
        limiter: Arc::new(Nobody),
        meanwhile: Arc::new(Nobody),
        nodes: Arc::new(Alone),
        metrics: auth_core::metric::Metrics::default(),
    };
    (plan.start(runtime).unwrap(), ping)
}

pub(crate) fn app(config: &str) -> Router {
    with(config, EdgeOptions::default())
}

pub(crate) fn with(config: &str, options: EdgeOptions) -> Router {
    auth_axum::router(host(config).0, options)
}

pub(crate) fn request(method: &str, uri: &str) -> http_request::Builder {
    Request::builder().method(method).uri(uri)
}

pub(crate) use axum::http::request as http_request;

pub(crate) struct Answer {
    pub(crate) response: Response<()>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).map(|v| v.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The names of all headers but `content-length`, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.response.headers().keys().map(axum::http::HeaderName::as_str).collect();
        names.retain(|n| *n != "content-length");
        names.sort_unstable();
        names
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { response: Response::from_parts(parts, ()), body }
}

pub(crate) async fn get(app: &Router, uri: &str) -> Answer {
    send(app, request("GET", uri).body(Body::empty()).unwrap()).await
}
