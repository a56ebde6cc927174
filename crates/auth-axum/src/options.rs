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
    /// Requests that are worked on at the same time; further ones are answered with 503 at once. 0 is no
    /// limit. Who still sends a body, and sockets once they are open, do not count; health pages are
    /// always answered.
    pub max_requests: u64,
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
            // Ten connections to a database that answers in 2 ms serve this many in 0.4 s: whoever comes
            // after them is better off with an answer at once.
            max_requests: 2048,
            header_limit: 32 * 1024,
            compress: true,
            health: None,
            traffic: None,
        }
    }
}
