//! Spans of requests, sent to an OpenTelemetry collector over HTTP.
//!
//! A span's trace id is the one that the answer carries. Ids of people are taken off unless the
//! operator wants them.

use std::fmt;

use auth_core::trace;
use opentelemetry::{KeyValue, SpanId, TraceId, trace::TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{IdGenerator, RandomIdGenerator, Sampler, SdkTracerProvider, SpanData},
};
use tracing_subscriber::{Layer, filter::filter_fn, registry::Registry};

use crate::logs::{Further, Origin};

/// Where traces go, and what they may tell.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address that takes them, path included.
    pub endpoint: String,
    /// The share of requests, from 0 to 1.
    pub sample: f64,
    /// Whether ids of users and organizations go with them.
    pub people: bool,
}

/// Sends traces until it is stopped.
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Sends what waits. It may take seconds and blocks the thread.
    pub fn stop(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Begins to send; the layer belongs beside the log.
pub fn start(options: Options, origin: Origin) -> Result<(Traces, Further), String> {
    let exporter = SpanExporter::builder().with_http().with_endpoint(options.endpoint).build();
    let exporter = exporter.map_err(|error| error.to_string())?;
    let resource = Resource::builder()
        .with_service_name(origin.service)
        .with_attribute(KeyValue::new("service.version", origin.version))
        .with_attribute(KeyValue::new("deployment.environment.name", origin.environment))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_id_generator(RequestIds::default())
        .with_sampler(Sampler::TraceIdRatioBased(options.sample))
        .with_resource(resource)
        .with_batch_exporter(Discreet { inner: exporter, people: options.people })
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("tessera"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == trace::REQUEST));
    let layer: Further = Layer::<Registry>::boxed(layer);
    Ok((Traces { provider }, layer))
}

/// Trace ids are those of requests.
#[derive(Debug, Default)]
struct RequestIds {
    others: RandomIdGenerator,
}

impl IdGenerator for RequestIds {
    fn new_trace_id(&self) -> TraceId {
        let of_request = trace::current(|id| TraceId::from_hex(id).ok()).flatten();
        of_request.unwrap_or_else(|| self.others.new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        self.others.new_span_id()
    }
}

/// The attribute that names the span of whoever called.
const PARENT: &str = "parent.id";

/// Puts a span below its caller's.
fn adopt(span: &mut SpanData) {
    let Some(at) = span.attributes.iter().position(|attribute| attribute.key.as_str() == PARENT) else {
        return;
    };
    if let Ok(parent) = SpanId::from_hex(&span.attributes.remove(at).value.as_str()) {
        (span.parent_span_id, span.parent_span_is_remote) = (parent, true);
    }
}

/// Attributes about people.
const PEOPLE: [&str; 2] = ["user.id", "organization.id"];

/// Takes off what the operator did not ask for.
struct Discreet<E> {
    inner: E,
    people: bool,
}

impl<E> fmt::Debug for Discreet<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discreet").field("people", &self.people).finish_non_exhaustive()
    }
}

impl<E: opentelemetry_sdk::trace::SpanExporter> opentelemetry_sdk::trace::SpanExporter for Discreet<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut batch {
            adopt(span);
            if !self.people {
                span.attributes.retain(|attribute| !PEOPLE.contains(&attribute.key.as_str()));
            }
        }
        self.inner.export(batch).await
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
