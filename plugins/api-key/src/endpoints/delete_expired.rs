//! `deleteAllExpiredApiKeys`: what the background task does, for the program, now.

use auth_core::{
    Cx, Failure, Json, Key, ServerOnly,
    endpoint::{Endpoint, internal},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ApiKey, sweep};

pub const DELETE_ALL_EXPIRED: Key<(), Swept> = Key::new("deleteAllExpiredApiKeys");

pub(crate) fn endpoint() -> Endpoint {
    internal(DELETE_ALL_EXPIRED, delete_all_expired).summary("Deletes every expired key")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Swept {
    pub success: bool,
    /// Always null: what goes wrong is a failure of the call.
    pub error: Option<String>,
}

async fn delete_all_expired(cx: Cx<ApiKey>, _: ServerOnly) -> Result<Json<Swept>, Failure> {
    sweep::remove_expired(&cx).await?;
    Ok(Json(Swept { success: true, error: None }))
}
