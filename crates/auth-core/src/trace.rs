//! The trace id of the request that is worked on: log lines carry it without being told.

use std::future::Future;

use tracing::Span;

/// The target of the span that each request has. Who collects traces asks for it.
pub const REQUEST: &str = "tessera::request";

tokio::task_local! {
    static CURRENT: String;
}

/// Works on behalf of a request. What is spawned meanwhile is on its own.
pub async fn within<T>(trace_id: String, work: impl Future<Output = T>) -> T {
    CURRENT.scope(trace_id, work).await
}

/// Shows the trace id of the present request, if there is one.
pub fn current<T>(show: impl FnOnce(&str) -> T) -> Option<T> {
    CURRENT.try_with(|id| show(id)).ok()
}

/// Notes on the span of the present request whom it is about, for those who collect traces and may
/// know that.
pub(crate) fn note_user(id: &str) {
    Span::current().record("user.id", id);
}

/// As [`note_user`], for an organization.
pub(crate) fn note_organization(id: &str) {
    Span::current().record("organization.id", id);
}
