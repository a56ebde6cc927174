//! What the host counts.

use auth_core::metric::Metric;

pub(crate) const RATE_LIMITED: Metric = Metric::counter(
    "rate_limit_refusals_total",
    "Requests that were refused because their client sent too many, by the rule's path.",
    &["rule"],
);

pub(crate) const RATE_LIMIT_HITS: Metric =
    Metric::counter("rate_limit_hits_total", "Requests that a rate rule was asked about.", &["rule"]);

pub(crate) const RATE_LIMIT_FAILURES: Metric = Metric::counter(
    "rate_limit_store_failures_total",
    "Counters that could not be asked because their store was away, by what was done instead.",
    &["instead"],
);

pub(crate) const TASK_RUNS: Metric =
    Metric::counter("task_runs_total", "Rounds of background tasks on this node.", &["task", "outcome"]);

pub(crate) const TASK_SUCCESS: Metric = Metric::gauge(
    "task_last_success_timestamp_seconds",
    "When a background task last ended well on this node.",
    &["task"],
);

pub(crate) const TASK_DURATION: Metric = Metric::gauge(
    "task_last_duration_seconds",
    "How long the last round of a background task took.",
    &["task"],
);

pub(crate) const ALL: &[Metric] =
    &[RATE_LIMITED, RATE_LIMIT_HITS, RATE_LIMIT_FAILURES, TASK_RUNS, TASK_SUCCESS, TASK_DURATION];
