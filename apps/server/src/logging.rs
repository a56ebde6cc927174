//! Logs go to standard error; standard output belongs to commands and to mail on the console.

use auth_host::Config;
use auth_telemetry::logs::{self, Origin};
use tracing_subscriber::EnvFilter;

use crate::{
    assemble::Assembly,
    settings::{LogConfig, LogFormat},
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
    let (log, config) = (&assembly.settings.log, assembly.plan.config());
    let said = VARIABLES.iter().filter_map(|name| std::env::var(name).ok());
    let filter = said.filter(|text| !text.is_empty()).find_map(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(&log.level));
    let json = (log.format == LogFormat::Json).then(|| origin(log, config));
    logs::start(filter, json, None);
}

fn origin(log: &LogConfig, config: &Config) -> Origin {
    let guessed = || if config.is_production() { "production" } else { "development" }.to_owned();
    Origin {
        service: logs::service_name(&config.app_name),
        version: env!("CARGO_PKG_VERSION"),
        environment: log.environment.clone().unwrap_or_else(guessed),
    }
}
