//! What is counted of requests.

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_core::{
    metric::{Counter, Histogram, Metric, Metrics},
    trace,
};
use auth_host::{Host, Mount};
use axum::http::{Method, StatusCode};
use tracing::{Span, field::Empty};

use crate::options::ENVELOPE;

const LABELS: &[&str] = &["method", "route", "status_code"];

const DURATION: Metric = Metric::histogram(
    "http_request_duration_seconds",
    "Time from a request's head to its answer. The route is the endpoint's path; all that lead nowhere are `unknown`.",
    LABELS,
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0],
);

const REQUESTS: Metric = Metric::counter("http_requests_total", "Requests that were answered.", LABELS);

/// What the edge counts.
pub const METRICS: &[Metric] = &[DURATION, REQUESTS];

/// Sums over all requests, for budgets, and the requests that are being worked on.
pub struct Traffic {
    slow_after: Duration,
    in_flight: AtomicU64,
    shed: AtomicU64,
    answered: AtomicU64,
    slow: AtomicU64,
    failed: AtomicU64,
}

/// [`Traffic`] at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrafficSums {
    /// Requests that were answered, in whatever way.
    pub answered: u64,
    /// Of these, those that took longer than the budget.
    pub slow: u64,
    /// Of these, those with a status of 500 or more.
    pub failed: u64,
    /// Of these, those that were refused because too many others were being worked on.
    pub shed: u64,
    /// Those that are being worked on. The one figure that does not only grow.
    pub in_flight: u64,
}

/// A request that is being worked on, until this is dropped.
pub(crate) struct InFlight<'t>(&'t AtomicU64);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Default for Traffic {
    /// Nothing is slow.
    fn default() -> Self {
        Self::new(Duration::MAX)
    }
}

impl Traffic {
    /// Nothing so far. A request that takes longer than `slow_after` is a slow one.
    #[must_use]
    pub fn new(slow_after: Duration) -> Self {
        let [in_flight, shed, answered, slow, failed] = [const { AtomicU64::new(0) }; 5];
        Self { slow_after, in_flight, shed, answered, slow, failed }
    }

    /// The sums now, each read by itself: they may be of moments that are a request apart.
    #[must_use]
    pub fn sums(&self) -> TrafficSums {
        let read = |sum: &AtomicU64| sum.load(Ordering::Relaxed);
        TrafficSums {
            answered: read(&self.answered),
            slow: read(&self.slow),
            failed: read(&self.failed),
            shed: read(&self.shed),
            in_flight: read(&self.in_flight),
        }
    }

    /// Begins work on a request, unless on as many as there may be; 0 is no limit.
    pub(crate) fn begin(&self, most: u64) -> Option<InFlight<'_>> {
        let work = InFlight(&self.in_flight);
        let others = self.in_flight.fetch_add(1, Ordering::Relaxed);
        if most > 0 && others >= most {
            self.shed.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(work)
    }

    pub(crate) fn note(&self, status: StatusCode, took: Duration) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if took > self.slow_after {
            self.slow.fetch_add(1, Ordering::Relaxed);
        }
        if status.is_server_error() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Where a request leads: what figures and logs may say of its path.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    /// By its id.
    Endpoint(Mount, &'static str),
    Page(&'static str),
    Unknown,
}

impl Route {
    pub(crate) fn endpoint(self) -> Option<&'static str> {
        match self {
            Self::Endpoint(_, id) => Some(id),
            Self::Page(_) | Self::Unknown => None,
        }
    }

    /// The path, with `:name` for parameters.
    fn template(self, host: &Host) -> String {
        match self {
            Self::Endpoint(mount, id) => {
                let base = match mount {
                    Mount::Wire => &host.core().settings().base_path,
                    Mount::Envelope => ENVELOPE,
                };
                format!("{base}{}", host.template(id).unwrap_or_default())
            }
            Self::Page(path) => path.to_owned(),
            Self::Unknown => "unknown".to_owned(),
        }
    }
}

/// Any method that HTTP knows, or one word for all others.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

type Key = (&'static str, Route, StatusCode);

/// Handles of figures, kept: finding one costs less than naming its labels.
#[derive(Default)]
pub(crate) struct Requests {
    handles: RwLock<HashMap<Key, (Histogram, Counter)>>,
}

impl Requests {
    pub(crate) fn note(
        &self,
        host: &Host,
        method: &Method,
        route: Route,
        status: StatusCode,
        took: Duration,
    ) {
        let metrics = host.core().metrics();
        if !metrics.is_read() {
            return;
        }
        let key = (method_name(method), route, status);
        let note = |(duration, count): &(Histogram, Counter)| {
            duration.record(took);
            count.increment(1);
        };
        if let Some(handles) = self.handles.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return note(handles);
        }
        let mut handles = self.handles.write().unwrap_or_else(PoisonError::into_inner);
        note(handles.entry(key).or_insert_with(|| make(host, metrics, key)));
    }
}

/// The span of a request, where somebody collects traces.
pub(crate) fn span(host: &Host, method: &Method, route: Route, parent: Option<&str>) -> Span {
    let span = tracing::debug_span!(
        target: trace::REQUEST,
        "request",
        otel.name = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        parent.id = parent,
        http.request.method = method_name(method),
        http.route = Empty,
        http.response.status_code = Empty,
        user.id = Empty,
        organization.id = Empty,
    );
    if !span.is_disabled() {
        let path = route.template(host);
        span.record("otel.name", format!("{} {path}", method_name(method)));
        span.record("http.route", path);
    }
    span
}

/// Notes on a request's span how it ended.
pub(crate) fn end(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

fn make(host: &Host, metrics: &Metrics, (method, route, status): Key) -> (Histogram, Counter) {
    let route = route.template(host);
    let labels = [method, &route, status.as_str()];
    (metrics.histogram(&DURATION, &labels), metrics.counter(&REQUESTS, &labels))
}
