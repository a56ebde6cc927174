//! Figures of the edge.

use std::{sync::Arc, time::Duration};

use auth_core::ports::Health;

use crate::requests::Traffic;

/// Where the endpoints are mounted in the envelope.
pub(crate) const ENVELOPE: &str = "/api/v1";

/// Limits on one request, and what is in front of the API.
#[derive(Clone)]
pub struct EdgeOptions {
    /// The largest body in bytes; a larger one is answered with 413.
    pub body_limit: usize,
    /// How long a client may take to send its body; then 408.
    pub body_timeout: Duration,
    /// How long an answer may take once the body is there; then 503.
    pub request_timeout: Duration,
    /// The most bytes that names and values of headers may have together; more is 431.
    pub header_limit: usize,
    /// Compresses large answers for clients that ask for it.
    pub compress: bool,
    /// Answers `/health`; without it that page knows the database only.
    pub health: Option<Arc<dyn Health>>,
    /// Sums up requests.
    pub traffic: Option<Arc<Traffic>>,
}

impl Default for EdgeOptions {
    fn default() -> Self {
        Self {
            body_limit: 1024 * 1024,
            body_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            header_limit: 32 * 1024,
            compress: true,
            health: None,
            traffic: None,
        }
    }
}
