//! Logs go to standard error; standard output belongs to commands and to mail on the console.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::{EnvFilter, fmt};

use crate::settings::{LogConfig, LogFormat};

/// Wins over `log.level`.
const VARIABLE: &str = "TESSERA_LOG";

pub(crate) fn validate(config: &LogConfig) -> Vec<(String, String)> {
    match EnvFilter::try_new(&config.level) {
        Ok(_) => Vec::new(),
        Err(error) => vec![("level".to_owned(), format!("`{}` is no log level: {error}", config.level))],
    }
}

/// Begins to log. A second call changes nothing.
pub(crate) fn start(config: &LogConfig) {
    let filter = std::env::var(VARIABLE).ok().and_then(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(&config.level));
    let lines = fmt().with_env_filter(filter).with_writer(stderr).with_ansi(stderr().is_terminal());
    let started = match config.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    // Whoever embeds the server has a subscriber already.
    drop(started);
}
