//! Figures as Prometheus reads them.

use std::sync::Arc;

use auth_core::metric::{Kind, Metric, Metrics};
use metrics::{KeyName, Recorder};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Collects figures and prints them. Each server in a process has its own.
#[derive(Clone)]
pub struct Exporter {
    metrics: Metrics,
    handle: PrometheusHandle,
}

impl Exporter {
    /// For these declarations: their help texts and buckets.
    pub fn new(declared: impl IntoIterator<Item = Metric>) -> Result<Self, BuildError> {
        let declared: Vec<_> = declared.into_iter().collect();
        let mut builder = PrometheusBuilder::new();
        for metric in &declared {
            if let Kind::Histogram(bounds) = metric.kind {
                builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), bounds)?;
            }
        }
        let recorder = builder.build_recorder();
        for Metric { name, help, kind, .. } in declared {
            let name = KeyName::from_const_str(name);
            match kind {
                Kind::Counter => recorder.describe_counter(name, None, help.into()),
                Kind::Gauge => recorder.describe_gauge(name, None, help.into()),
                Kind::Histogram(_) => recorder.describe_histogram(name, None, help.into()),
            }
        }
        let handle = recorder.handle();
        Ok(Self { metrics: Metrics::new(Arc::new(recorder)), handle })
    }

    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The text of `/metrics`.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Sorts observations into their buckets. Without it they pile up where nobody reads them.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }
}
