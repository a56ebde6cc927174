//! `GET {{path}}`: {{words}}.

use auth_core::{
    Cx, Failure, Json, Key, Session, Timestamp,
    endpoint::{Endpoint, get},
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
};

use crate::{{Type}};

pub(crate) const KEY: Key<(), Output> = Key::new("{{key}}");

pub(crate) fn endpoint() -> Endpoint {
    get(KEY, "{{path}}", handle).summary("{{Words}}")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars", rename = "{{Schema}}Output")]
pub(crate) struct Output {
    name: String,
    at: Timestamp,
}

async fn handle(cx: Cx<{{Type}}>, session: Session) -> Result<Json<Output>, Failure> {
    Ok(Json(Output { name: session.user.name.clone(), at: cx.now() }))
}
