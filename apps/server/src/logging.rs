//! Logs go to standard error, and of a server to files where the configuration says so; standard output belongs to commands and to mail on the console. Traces
//! go to a collector, where the configuration names one.

use std::path::Path;

use anyhow::Context;
use auth_host::Config;
use auth_telemetry::{
    LogFiles, Writing,
    logs::{self, Further, Origin},
};
use tracing_subscriber::EnvFilter;

use crate::{
    assemble::Assembly,
    secret::make_private_folder,
    settings::{LogConfig, LogFormat, TracesConfig},
};

/// Win over `log.level`, the first over the second.
const VARIABLES: [&str; 2] = ["TESSERA_LOG", "LOG_LEVEL"];

pub(crate) fn validate(config: &LogConfig) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    if let Err(error) = EnvFilter::try_new(&config.level) {
        wrong.push(("level".to_owned(), format!("`{}` is no log level: {error}", config.level)));
    }
    if config.files == 0 {
        wrong.push(("files".to_owned(), "must be at least 1".to_owned()));
    }
    wrong
}

/// Begins to log. A second call changes nothing.
pub(crate) fn start(assembly: &Assembly) {
    write(assembly, None, None);
}

/// Begins to log as a server does: to files too, and with traces. Both end with what is returned.
pub(crate) fn start_server(assembly: &Assembly) -> anyhow::Result<(Traces, Option<Writing>)> {
    let log = &assembly.settings.log;
    let origin = origin(log, assembly.plan.config());
    let (files, writing) = log.dir.as_deref().map(|dir| open(dir, log.files)).transpose()?.unzip();
    let (traces, further) = Traces::start(&assembly.settings.traces, origin.clone())?;
    write(assembly, further, files.map(|files| (files, origin)));
    Ok((traces, writing))
}

fn open(dir: &Path, keep: usize) -> anyhow::Result<(LogFiles, Writing)> {
    let failed = || format!("cannot write to {} (log.dir)", dir.display());
    make_private_folder(dir).with_context(failed)?;
    LogFiles::open(dir, keep).with_context(failed)
}

fn write(assembly: &Assembly, further: Option<Further>, files: Option<(LogFiles, Origin)>) {
    let log = &assembly.settings.log;
    let said = VARIABLES.iter().filter_map(|name| std::env::var(name).ok());
    let filter = said.filter(|text| !text.is_empty()).find_map(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(&log.level));
    let json = (log.format == LogFormat::Json).then(|| origin(log, assembly.plan.config()));
    logs::start(filter, json, further, files);
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
