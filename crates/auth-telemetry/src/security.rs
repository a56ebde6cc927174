//! Events as figures, and matters of security as warnings.
//!
//! A warning names ids, an address and a risk, and nothing else of people. How many of a kind are
//! written in a second is bounded, so that an attacker cannot fill the log; all are counted.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use auth_core::{
    Event,
    metric::{Metric, Metrics},
};
use serde_json::{Value, json};

const ATTEMPTS: Metric = Metric::counter(
    "auth_attempts_total",
    "Attempts to sign in. The provider is whoever vouched for the user, `local` for this server.",
    &["method", "success", "provider"],
);

const SECURITY_EVENTS: Metric = Metric::counter(
    "security_events_total",
    "Matters of security: failed sign-ins, refusals of the rate limiter, denied access, what plugins declare.",
    &["event_type"],
);

/// What is counted of events.
pub const METRICS: &[Metric] = &[ATTEMPTS, SECURITY_EVENTS];

/// Lines of one kind in a second.
const LINES: u32 = 10;

/// Sees every event.
pub struct Watch<R> {
    metrics: Metrics,
    risk: R,
    written: Mutex<HashMap<&'static str, Second>>,
}

/// What was written of a kind since a moment, and what was not.
struct Second {
    since: Instant,
    lines: u32,
    omitted: u64,
}

impl<R: Fn(&Event) -> Option<u8>> Watch<R> {
    /// `risk` says how alarming an event is, where it is a matter of security.
    #[must_use]
    pub fn new(metrics: Metrics, risk: R) -> Self {
        Self { metrics, risk, written: Mutex::default() }
    }

    pub fn see(&self, event: &Event) {
        match event {
            Event::SignedIn { method, .. } => self.attempt(method, "true"),
            Event::SignInFailed { method, .. } => self.attempt(method, "false"),
            _ => {}
        }
        let Some(risk) = (self.risk)(event) else { return };
        self.metrics.counter(&SECURITY_EVENTS, &[event.name()]).increment(1);
        if let Some(omitted) = self.may_write(event.name()) {
            let Told { user_id, ip, details } = tell(event);
            tracing::warn!(
                target: "security",
                eventType = "SECURITY",
                event = event.name(),
                userId = user_id,
                ip,
                riskScore = risk,
                details = details.map(|details| details.to_string()),
                omitted = (omitted > 0).then_some(omitted),
                "security event"
            );
        }
    }

    fn attempt(&self, method: &str, success: &str) {
        let (method, provider) = method.split_once('/').unwrap_or((method, "local"));
        self.metrics.counter(&ATTEMPTS, &[method, success, provider]).increment(1);
    }

    /// Whether a line of this kind fits into this second, and how many did not since the last one.
    fn may_write(&self, kind: &'static str) -> Option<u64> {
        let now = Instant::now();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let second = written.entry(kind).or_insert(Second { since: now, lines: 0, omitted: 0 });
        if now.duration_since(second.since) >= Duration::from_secs(1) {
            (second.since, second.lines) = (now, 0);
        }
        if second.lines >= LINES {
            second.omitted += 1;
            return None;
        }
        second.lines += 1;
        Some(std::mem::take(&mut second.omitted))
    }
}

struct Told<'e> {
    user_id: Option<&'e str>,
    ip: Option<&'e str>,
    details: Option<Value>,
}

/// What a warning says of an event.
fn tell(event: &Event) -> Told<'_> {
    let (user_id, ip, details) = match event {
        Event::SignInFailed { method, reason, user_id, ip } => {
            (user_id.as_deref(), ip.as_deref(), Some(json!({ "method": method, "reason": reason })))
        }
        Event::RateLimited { path, rule, ip } => {
            (None, ip.as_deref(), Some(json!({ "path": path, "rule": rule })))
        }
        Event::AccessDenied { user_id, organization_id, asked } => {
            let details = json!({ "organizationId": organization_id, "asked": asked });
            (Some(user_id.as_str()), None, Some(details))
        }
        Event::Plugin { data, .. } => (data.get("userId").and_then(Value::as_str), None, Some(data.clone())),
        _ => (None, None, None),
    };
    Told { user_id, ip, details }
}
