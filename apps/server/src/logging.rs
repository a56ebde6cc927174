//! Logs go to standard error; standard output belongs to commands and to mail on the console. Traces
//! go to a collector, where the configuration names one.

use auth_host::Config;
use auth_telemetry::logs::{self, Further, Origin};
use tracing_subscriber::EnvFilter;

use crate::{
    assemble::Assembly,
    settings::{LogConfig, LogFormat, TracesConfig},
};

/// Win over `log.level`, the first over the second.
const VARIABLES: [&str; 2] = ["TESSERA_LOG", "LOG_LEVEL"];

pub(crate) fn validate(config: &LogConfig) -> Vec<(String, String)> {
    match EnvFilter::try_new(&config.level) {
        Ok(_) => Vec::new(),
        Err(error) => vec![("level".to_owned(), format!("`{}` is no log level: {error}", config.level))],
    }
}

/// Begins to log. A second call changes nothing.
pub(crate) fn start(assembly: &Assembly) {
    write(assembly, None);
}

/// Begins to log and to send traces, which end with what is returned.
pub(crate) fn start_with_traces(assembly: &Assembly) -> anyhow::Result<Traces> {
    let origin = origin(&assembly.settings.log, assembly.plan.config());
    let (traces, further) = Traces::start(&assembly.settings.traces, origin)?;
    write(assembly, further);
    Ok(traces)
}

fn write(assembly: &Assembly, further: Option<Further>) {
    let log = &assembly.settings.log;
    let said = VARIABLES.iter().filter_map(|name| std::env::var(name).ok());
    let filter = said.filter(|text| !text.is_empty()).find_map(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(&log.level));
    let json = (log.format == LogFormat::Json).then(|| origin(log, assembly.plan.config()));
    logs::start(filter, json, further);
}

fn origin(log: &LogConfig, config: &Config) -> Origin {
    let guessed = || if config.is_production() { "production" } else { "development" }.to_owned();
    Origin {
        service: logs::service_name(&config.app_name),
        version: env!("CARGO_PKG_VERSION"),
        environment: log.environment.clone().unwrap_or_else(guessed),
    }
}

/// Traces that are being sent, if any.
pub(crate) struct Traces {
    #[cfg(feature = "otlp")]
    sending: Option<auth_telemetry::traces::Traces>,
}

#[cfg(feature = "otlp")]
impl Traces {
    fn start(config: &TracesConfig, origin: Origin) -> anyhow::Result<(Self, Option<Further>)> {
        use auth_telemetry::traces::{self, Options};
        if config.endpoint.is_empty() {
            return Ok((Self { sending: None }, None));
        }
        let endpoint = config.endpoint.clone();
        let options = Options { endpoint, sample: config.sample, people: config.people };
        let started = traces::start(options, origin);
        let (sending, further) = started.map_err(|what| anyhow::anyhow!("cannot send traces: {what}"))?;
        Ok((Self { sending: Some(sending) }, Some(further)))
    }

    /// Sends what waits.
    pub(crate) async fn stop(self) {
        if let Some(sending) = self.sending {
            // A task that cannot be joined has nothing to tell.
            drop(tokio::task::spawn_blocking(move || sending.stop()).await);
        }
    }
}

#[cfg(not(feature = "otlp"))]
#[allow(clippy::unused_async, clippy::unnecessary_wraps, reason = "as the build that sends traces has them")]
impl Traces {
    fn start(_: &TracesConfig, _: Origin) -> anyhow::Result<(Self, Option<Further>)> {
        Ok((Self {}, None))
    }

    pub(crate) async fn stop(self) {}
}
