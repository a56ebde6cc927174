//! `POST {{path}}`: {{words}}.

use auth_core::{
    Body, Cx, Json, Key, StrictSession, Timestamp,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
};

use crate::{{Type}};

pub(crate) const KEY: Key<Input, Output> = Key::new("{{key}}");

pub(crate) fn endpoint() -> Endpoint {
    post(KEY, "{{path}}", handle).summary("{{Words}}")
}

auth_core::errors! {
    pub(crate) enum Error {
        Empty => (400, "{{CODE}}_NEEDS_TEXT", "There has to be a text"),
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars", rename = "{{Schema}}Input")]
pub(crate) struct Input {
    text: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars", rename = "{{Schema}}Output")]
pub(crate) struct Output {
    text: String,
    from: String,
    at: Timestamp,
}

async fn handle(
    cx: Cx<{{Type}}>,
    session: StrictSession,
    Body(input): Body<Input>,
) -> Result<Json<Output>, Error> {
    if input.text.trim().is_empty() {
        return Err(Error::Empty);
    }
    Ok(Json(Output { text: input.text, from: session.user.name.clone(), at: cx.now() }))
}
