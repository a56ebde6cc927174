//! Mail: templates, transports, the outbox.
//!
//! [`Notifier`] is the [`Mailer`](auth_core::ports::Mailer) of a running server. It takes a letter
//! at once, renders and delivers it in the background, tries again where that can help, and counts
//! what became of it. Three transports: the console and a file for development and tests, SMTP for
//! everything else.

mod cap;
mod clean;
mod config;
mod console;
mod credential;
mod envelope;
mod notifier;
mod outbox;
mod smtp;
mod stats;
mod templates;

pub use config::{NotifyConfig, SmtpConfig, Tls, Transport, warnings};
pub use credential::Credential;
pub use notifier::Notifier;
pub use stats::Stats;
pub use templates::{Letter, Templates};
