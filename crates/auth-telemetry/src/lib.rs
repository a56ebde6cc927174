//! What operators see of a running server: logs, metrics, health, budgets.
//!
//! Nothing here is global but the log, whose lines can go to [`LogFiles`] too. [`Exporter`] is where figures of [`auth_core::metric`] go and
//! what `/metrics` prints; [`security`] turns events into figures and warnings; [`Probes`] asks
//! dependencies how they are; `traces`, a feature, sends spans to a collector; [`budget`] compares two moments; [`Process`] reads what the system knows.
//! To add a figure, declare it where it is counted: the reference and the exporter learn of it there.

pub mod budget;
mod exporter;
mod files;
mod health;
pub mod logs;
mod process;
pub mod security;
#[cfg(feature = "otlp")]
pub mod traces;

pub use exporter::Exporter;
pub use files::{LogFiles, Writing};
pub use health::{Ask, Probes};
pub use process::Process;
