//! The pages that say how the server is doing. They name no address, no version and no reason.

use auth_core::{
    Core,
    endpoint::{Reply, ReplyBody},
    http::{HeaderValue, Method, StatusCode, header},
    ports::{Checked, Condition, Health},
};
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// The pages' paths. `z` is what Kubernetes has them end with.
pub(crate) const PAGES: &[&str] = &["/healthz", "/readyz", "/health", "/health/live", "/health/ready"];

pub(crate) async fn page(core: &Core, health: Option<&dyn Health>, method: &Method, path: &str) -> Reply {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Reply::new(StatusCode::NOT_FOUND, ReplyBody::Empty);
    }
    match path {
        "/healthz" | "/health/live" => text(StatusCode::OK, "ok\n"),
        "/readyz" | "/health/ready" => match core.db().ping().await {
            Ok(()) => text(StatusCode::OK, "ready\n"),
            Err(error) => {
                tracing::warn!(%error, "not ready: the database does not answer");
                text(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
            }
        },
        "/health" => overall(&match health {
            Some(health) => health.check().await,
            None => vec![database(core).await],
        }),
        _ => Reply::new(StatusCode::NOT_FOUND, ReplyBody::Empty),
    }
}

async fn database(core: &Core) -> Checked {
    let condition = if core.db().ping().await.is_ok() { Condition::Ok } else { Condition::Down };
    Checked { name: "database", condition, needed: true }
}

/// 503 where a dependency is down without which nothing works; 200 otherwise.
fn overall(checks: &[Checked]) -> Reply {
    let down = checks.iter().any(|check| check.needed && check.condition == Condition::Down);
    let (status, word) = match (down, checks.iter().all(|check| check.condition == Condition::Ok)) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, Condition::Down),
        (false, false) => (StatusCode::OK, Condition::Degraded),
        (false, true) => (StatusCode::OK, Condition::Ok),
    };
    let each: Map<_, _> =
        checks.iter().map(|check| (check.name.to_owned(), Value::from(check.condition.name()))).collect();
    plain(status, "application/json", json!({ "status": word.name(), "checks": each }).to_string().into())
}

fn text(status: StatusCode, text: &'static str) -> Reply {
    plain(status, "text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()))
}

fn plain(status: StatusCode, kind: &'static str, body: Bytes) -> Reply {
    Reply::new(status, ReplyBody::Text(kind, body))
        .header(header::CONTENT_TYPE, HeaderValue::from_static(kind))
        .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}
