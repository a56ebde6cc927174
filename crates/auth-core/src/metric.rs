//! Figures for operators: what is counted, and the handles to count with.
//!
//! A figure is declared as a constant and handed to the registrar, so that the reference, the help
//! text and the buckets come from one place:
//!
//! ```
//! use auth_core::metric::Metric;
//! const INVITED: Metric = Metric::counter("invitations_total", "Invitations, by outcome.", &["outcome"]);
//! // in `register`:  host.metric(INVITED);
//! // in a handler:   cx.core().metrics().counter(&INVITED, &["accepted"]).increment(1);
//! ```
//!
//! A label's values have to be few and known beforehand: never an id, an address or a path that
//! somebody sent. Where nobody reads figures, all of this does nothing.

use std::{fmt, sync::Arc};

pub use metrics::{Counter, Gauge, Histogram};
use metrics::{Key, KeyName, Label, Level, Metadata, Recorder};

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Observations, counted up to each of these bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// As the reference and the exposition format have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// The declaration of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Small letters, digits and `_`; a counter's ends with `_total`.
    pub name: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// What is counted, and how.
    pub kind: Kind,
    /// Names, in the order in which values are given. Their values have to be few and known beforehand.
    pub labels: &'static [&'static str],
}

impl Metric {
    /// Something that only grows; its name ends with `_total`.
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Self { name, help, kind: Kind::Counter, labels }
    }

    /// Something that goes up and down.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Self { name, help, kind: Kind::Gauge, labels }
    }

    /// Observations, such as durations in seconds, counted up to each of `bounds`, which rise.
    #[must_use]
    pub const fn histogram(
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
        bounds: &'static [f64],
    ) -> Self {
        Self { name, help, kind: Kind::Histogram(bounds), labels }
    }

    /// What is wrong with the declaration, if anything.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let plain = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        if !plain(self.name) || !self.labels.iter().all(|label| plain(label)) {
            return Some("names and labels are small letters, digits and `_`");
        }
        if self.kind == Kind::Counter && !self.name.ends_with("_total") {
            return Some("the name of a counter ends with `_total`");
        }
        None
    }
}

/// Where figures go. Without a reader, nowhere.
#[derive(Clone, Default)]
pub struct Metrics {
    recorder: Option<Arc<dyn Recorder + Send + Sync>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_read() { "Metrics" } else { "Metrics(unread)" })
    }
}

const METADATA: Metadata<'static> = Metadata::new("tessera", Level::INFO, None);

impl Metrics {
    /// Figures that somebody reads.
    #[must_use]
    pub fn new(recorder: Arc<dyn Recorder + Send + Sync>) -> Self {
        Self { recorder: Some(recorder) }
    }

    /// Whether anybody reads them.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.recorder.is_some()
    }

    /// The counter for these values of the labels, in their order. Handles may be kept.
    pub fn counter(&self, metric: &Metric, values: &[&str]) -> Counter {
        let counter =
            |r: &Arc<dyn Recorder + Send + Sync>| r.register_counter(&key(metric, values), &METADATA);
        self.recorder.as_ref().map_or_else(Counter::noop, counter)
    }

    /// As [`Metrics::counter`], for a gauge.
    pub fn gauge(&self, metric: &Metric, values: &[&str]) -> Gauge {
        let gauge = |r: &Arc<dyn Recorder + Send + Sync>| r.register_gauge(&key(metric, values), &METADATA);
        self.recorder.as_ref().map_or_else(Gauge::noop, gauge)
    }

    /// As [`Metrics::counter`], for a histogram.
    pub fn histogram(&self, metric: &Metric, values: &[&str]) -> Histogram {
        let histogram =
            |r: &Arc<dyn Recorder + Send + Sync>| r.register_histogram(&key(metric, values), &METADATA);
        self.recorder.as_ref().map_or_else(Histogram::noop, histogram)
    }
}

fn key(metric: &Metric, values: &[&str]) -> Key {
    let label = |(name, value): (&&'static str, &&str)| Label::new(*name, (*value).to_owned());
    let labels: Vec<_> = metric.labels.iter().zip(values).map(label).collect();
    Key::from_parts(KeyName::from_const_str(metric.name), labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_checked() {
        let good = [Metric::counter("a_total", "", &["b"]), Metric::gauge("a_b2", "", &[])];
        assert!(good.iter().all(|metric| metric.fault().is_none()));
        let bad = [
            Metric::counter("a", "", &[]),
            Metric::gauge("a-b", "", &[]),
            Metric::gauge("", "", &[]),
            Metric::gauge("a", "", &["B"]),
        ];
        assert!(bad.iter().all(|metric| metric.fault().is_some()));
    }

    #[test]
    fn nobody_reads_what_has_no_recorder() {
        let metrics = Metrics::default();
        assert!(!metrics.is_read());
        metrics.counter(&Metric::counter("a_total", "", &[]), &[]).increment(1);
    }
}
