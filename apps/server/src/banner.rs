//! What a start says.

use std::fmt::Write;

use auth_host::Plan;
use auth_notify::{NotifyConfig, Transport};

use crate::settings::Settings;

/// A few lines for standard output: what runs, where, and a command that works.
pub(crate) fn text(plan: &Plan, settings: &Settings) -> String {
    let config = plan.config();
    let url = format!("{}{}", config.base_url.trim_end_matches('/'), config.base_path);
    let plugins: Vec<_> = plan.plugins().iter().filter(|p| p.enabled).map(|p| p.manifest.id).collect();
    let mut text = format!("tessera {}\n\n", env!("CARGO_PKG_VERSION"));
    let mut line = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<9} {value}");
    };
    line("address", &url);
    line("database", &auth_store::redact_url(&settings.database.url));
    line("mail", &mail(&settings.mail));
    line("plugins", &if plugins.is_empty() { "none".to_owned() } else { plugins.join(", ") });
    if plan.routes().iter().any(|(_, path, ..)| path == "/sign-up/email") {
        let _ = write!(
            text,
            "\nTry it:\n\n  curl {url}/sign-up/email -H 'content-type: application/json' \\\n    \
             -d '{{\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"Correct-Horse-42\"}}'\n\n"
        );
    }
    text
}

pub(crate) fn mail(config: &NotifyConfig) -> String {
    match (config.transport, &config.outbox) {
        (Transport::Console, _) => "printed here".to_owned(),
        (Transport::File, Some(path)) if path.as_os_str() != "none" => {
            format!("appended to {}", path.display())
        }
        (Transport::File, _) => "thrown away".to_owned(),
        (Transport::Smtp, _) => match (&config.smtp.host, &config.smtp.url) {
            (Some(host), None) => format!("through {host}"),
            _ => "through SMTP".to_owned(),
        },
    }
}
