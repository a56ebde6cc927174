//! `POST /two-factor/disable`: signing in asks for the password alone again.

use auth_core::{
    Body, Cx, Json, Key, StrictSession,
    endpoint::{Endpoint, Tag, post},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Status;
use crate::{
    TwoFactor, cookies,
    owner::{PasswordGiven, check_fresh, check_password},
    service,
    switch::{self, Switch},
};

pub const DISABLE: Key<Disable, Status> = Key::new("disableTwoFactor");

pub(crate) fn endpoint() -> Endpoint {
    post(DISABLE, "/two-factor/disable", disable)
        .tag(super::SECOND_FACTOR)
        .tag(Tag::ISSUES_SESSION)
        .summary("Takes the second factor away")
}

auth_core::errors! {
    pub enum DisableError {
        WrongPassword => (400, "INVALID_PASSWORD", "Invalid password"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
        NotFresh => (403, "SESSION_NOT_FRESH", "Session is not fresh"),
    }
}

#[derive(Deserialize, JsonSchema)]
pub struct Disable {
    pub password: Option<String>,
}

async fn disable(
    cx: Cx<TwoFactor>,
    Body(input): Body<Disable>,
    _: PasswordGiven,
    session: StrictSession,
) -> Result<Json<Status>, DisableError> {
    let proved = check_password(&cx, &session, input.password.as_deref()).await?;
    check_fresh(&cx, &session)?;
    let tx = cx.begin().await?;
    service::forget(&cx, &tx, &session.user.id).await?;
    switch::of_session(&cx, &tx, &session, Switch::Off(proved)).await?;
    cx.call().commit_with(tx);
    cookies::expire_present(cx.call(), cookies::TRUST_DEVICE);
    Ok(Json(Status { status: true }))
}
