//! The trace id of the request that is worked on: log lines carry it without being told.

use std::future::Future;

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
