//! `POST /api-key/report-leak`: whoever finds a key has it disabled. Better Auth has no such endpoint.
//!
//! The answer is the same for every text, so it says nothing about keys that nobody has. Who has a key
//! could use it; that they can also end it is the point.

use std::time::Duration;

use auth_core::{
    Body, Core, Cx, Event, Failure, Json, Key,
    crypto::sha256_b64url,
    endpoint::{Endpoint, post},
    ports::Message,
    rate::{Limit, RateRule},
    sea_orm::{
        ColumnTrait, EntityTrait, QueryFilter,
        sea_query::{Expr, ExprTrait, SimpleExpr},
    },
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::Success;
use crate::{
    ApiKey,
    config::References,
    keys::{find_by_hash, is_hash_of},
    schema::apikey::{Column, Entity, Model},
};

pub const REPORT_LEAK: Key<ReportLeak, Success> = Key::new("reportLeakedApiKey");

/// The letter to the owner.
pub(crate) const MAIL: &str = "api-key-leaked";

const PATH: &str = "/api-key/report-leak";

pub(crate) fn endpoint() -> Endpoint {
    post(REPORT_LEAK, PATH, report_leak).tag(super::KEYS).summary("Disables a key that was found somewhere")
}

/// Nobody guesses a key; this bounds what one address can make the database do.
pub(crate) fn rate() -> RateRule {
    RateRule::exact(PATH, Limit::new(10, Duration::from_secs(60)))
}

#[derive(Deserialize, JsonSchema)]
pub struct ReportLeak {
    /// The key itself.
    #[schemars(length(max = 1024))]
    pub key: String,
}

async fn report_leak(cx: Cx<ApiKey>, Body(input): Body<ReportLeak>) -> Result<Json<Success>, Failure> {
    let hash = sha256_b64url(&input.key);
    let found = find_by_hash(cx.db(), &hash).await?;
    let good = found.filter(|key| is_hash_of(key, &hash, cx.now()) && key.enabled != Some(false));
    if let Some(key) = good
        && disable(&cx, &key, &hash).await?
    {
        cx.plugin().memory.forget(&cx, &key);
        tracing::warn!(id = key.id, "an API key was reported as leaked and is disabled");
        let data = json!({ "id": key.id, "ownerId": key.reference_id });
        cx.events().publish(Event::Plugin { plugin: "api-key", name: "api_key.leaked", data });
        tell_owner(&cx, &key).await;
    }
    Ok(Json(Success { success: true }))
}

/// Ends the key, or only its old text where that was found. One of several reports does it.
async fn disable(core: &Core, key: &Model, hash: &str) -> Result<bool, Failure> {
    let (column, end, found) = if key.key == hash {
        (Column::Enabled, Expr::value(false), Column::Key)
    } else {
        (Column::PreviousKey, SimpleExpr::from(Expr::value(None::<String>)), Column::PreviousKey)
    };
    let update = Entity::update_many()
        .col_expr(column, end)
        .filter(Column::Id.eq(&key.id))
        .filter(found.eq(hash))
        .filter(Column::Enabled.is_null().or(Column::Enabled.eq(true)));
    Ok(update.exec(core.db()).await?.rows_affected == 1)
}

/// A letter that cannot be sent is logged: the key is disabled all the same.
async fn tell_owner(cx: &Cx<ApiKey>, key: &Model) {
    if cx.plugin().kind(Some(&key.config_id)).config.references == References::Organization {
        return;
    }
    let sent = async {
        let Some(user) = cx.users().find(cx.db(), &key.reference_id).await? else { return Ok(()) };
        let start = key.start.clone().unwrap_or_default();
        let news = format!(
            "Somebody has found your API key that begins with \u{201c}{start}\u{201d} where it should not be. It was \
             disabled. Make a new one, and look at what was done with the old one."
        );
        let name = key.name.clone().unwrap_or_default();
        let message = Message::new(MAIL, user.email, user.name)
            .with("news", news)
            .with("keyName", name)
            .with("keyStart", start);
        cx.mailer().send(message).await
    };
    if let Err(failure) = sent.await {
        tracing::error!(?failure, id = key.id, "the owner of a leaked API key is not told");
    }
}
