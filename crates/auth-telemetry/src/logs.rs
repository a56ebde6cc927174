//! Log lines: for people, or one JSON object each. Both carry the trace id of their request.

use std::{
    error::Error,
    fmt::{self, Debug},
    io::{IsTerminal, stderr},
};

use auth_core::trace;
use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_appender::non_blocking::NonBlocking;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, LevelFilter},
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Full, Writer},
        time::{FormatTime, SystemTime},
    },
    layer::SubscriberExt,
    registry::{LookupSpan, Registry},
    util::SubscriberInitExt,
};

use crate::LogFiles;

/// Who writes the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub service: String,
    pub version: &'static str,
    /// `production`, `development`, or what the operator says.
    pub environment: String,
}

/// A service's name from an application's: small letters, with `-` for spaces.
#[must_use]
pub fn service_name(app_name: &str) -> String {
    let words: Vec<_> = app_name.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() { "auth-service".to_owned() } else { words.join("-") }
}

/// Libraries whose traces are made of what goes over the wire: no setting makes them tell it.
const INDISCREET: &[&str] = &["h2", "hyper", "lettre", "redis"];

/// Sees spans and events beside the log.
pub type Further = Box<dyn Layer<Registry> + Send + Sync>;

/// Begins to write the log to standard error, one JSON object a line where an origin is named, and to
/// files, always so. Where the program has a log already, that one stays.
pub fn start(
    filter: EnvFilter,
    json: Option<Origin>,
    further: Option<Further>,
    files: Option<(LogFiles, Origin)>,
) {
    let (errors, combined) = match files {
        Some((LogFiles { errors, combined }, origin)) => {
            let only_errors = filter.clone().and(LevelFilter::ERROR);
            (
                Some(lines(errors, origin.clone()).with_filter(only_errors)),
                Some(lines(combined, origin).with_filter(filter.clone())),
            )
        }
        None => (None, None),
    };
    let registry = Registry::default().with(further).with(errors).with(combined);
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    let started = match json {
        Some(origin) => registry.with(lines.event_format(Json { origin }).with_filter(filter)).try_init(),
        None => registry.with(lines.event_format(Text::default()).with_filter(filter)).try_init(),
    };
    // Whoever embeds the server has a subscriber already.
    drop(started);
}

/// JSON lines to a file.
fn lines<S>(file: NonBlocking, origin: Origin) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer().with_writer(file).with_ansi(false).event_format(Json { origin })
}

/// Whether an event may hold what went over the wire.
fn is_indiscreet(event: &Event<'_>) -> bool {
    let library = event.metadata().target().split("::").next().unwrap_or_default();
    *event.metadata().level() > Level::INFO && INDISCREET.contains(&library)
}

/// `time [trace id] LEVEL target: message fields`
struct Text {
    rest: Format<Full, ()>,
}

impl Default for Text {
    fn default() -> Self {
        Self { rest: Format::default().without_time() }
    }
}

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if is_indiscreet(event) {
            return Ok(());
        }
        SystemTime.format_time(&mut out)?;
        out.write_char(' ')?;
        trace::current(|id| write!(out, "{id} ")).transpose()?;
        self.rest.format_event(ctx, out, event)
    }
}

struct Json {
    origin: Origin,
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if is_indiscreet(event) {
            return Ok(());
        }
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Map::new();
        let mut put = |name: &str, value: &str| drop(line.insert(name.to_owned(), value.into()));
        put("timestamp", &time);
        put("level", &event.metadata().level().as_str().to_lowercase());
        put("service", &self.origin.service);
        put("version", self.origin.version);
        put("environment", &self.origin.environment);
        trace::current(|id| put("traceId", id));
        put("target", event.metadata().target());
        event.record(&mut Fields(&mut line));
        writeln!(out, "{}", Value::Object(line))
    }
}

/// Puts an event's fields into its line. What the line says of itself is not overwritten.
struct Fields<'l>(&'l mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        let name = if self.0.contains_key(name) { format!("{name}_") } else { name.to_owned() };
        self.0.insert(name, value);
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    /// The error, and after it everything that led to it.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut chain = vec![Value::from(value.to_string())];
        let mut cause = value.source();
        while let Some(error) = cause {
            chain.push(error.to_string().into());
            cause = error.source();
        }
        self.put(field, chain.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_after_applications() {
        assert_eq!(service_name("My Great App"), "my-great-app");
        assert_eq!(service_name("  "), "auth-service");
    }
}
