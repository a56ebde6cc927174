//! `POST /two-factor/verify-backup-code`: one of the codes that the user keeps for bad days.

use auth_core::{
    Body, Cx, Failure, Json, Key, Means,
    endpoint::{Endpoint, Tag, post},
    http::StatusCode,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    TwoFactor,
    answer::{Answerer, Verified},
    backup,
    error::VerifyError,
    factor,
    schema::{Enabled, factor::Model},
};

pub const VERIFY_BACKUP_CODE: Key<VerifyBackupCode, Verified> = Key::new("verifyBackupCode");

pub(crate) fn endpoint() -> Endpoint {
    post(VERIFY_BACKUP_CODE, "/two-factor/verify-backup-code", verify_backup_code)
        .tag(super::SECOND_FACTOR)
        .tag(Tag::ISSUES_SESSION)
        .summary("Verifies a backup code, which is good once")
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyBackupCode {
    pub code: String,
    /// Uses the code up and gives no session.
    pub disable_session: Option<bool>,
    /// Does not ask on this device again.
    pub trust_device: Option<bool>,
}

/// A sign-in takes no codes of a factor that nobody confirmed.
fn counts(answerer: &Answerer, factor: &Model) -> bool {
    let enrols = matches!(answerer, Answerer::Challenge(waiting) if waiting.0.enrols);
    !factor.backup_codes.is_empty() && !enrols
}

/// Nothing is proved by a code of a factor that is not on.
fn proves(answerer: &Answerer) -> bool {
    match answerer {
        Answerer::Session(identity) => identity.user.ext::<Enabled>().two_factor,
        Answerer::Challenge(_) => true,
    }
}

async fn verify_backup_code(
    cx: Cx<TwoFactor>,
    Body(input): Body<VerifyBackupCode>,
) -> Result<Json<Verified>, VerifyError> {
    let answerer = Answerer::of(&cx).await?;
    let found = factor::find(cx.db(), &answerer.user().id).await?;
    let found = found.filter(|found| counts(&answerer, found)).ok_or(VerifyError::NoBackupCodes)?;
    answerer.check_room(&cx, Some(&found)).await?;
    let Some(left) = backup::without(&cx, &found.backup_codes, &input.code)? else {
        return Err(answerer.refuse(&cx, Some(&found), VerifyError::WrongBackupCode).await?);
    };
    let tx = cx.begin().await?;
    if !backup::replace(&tx, &found, left, cx.now()).await? {
        let message = "Failed to verify backup code. Please try again.";
        return Err(Failure::uncoded(StatusCode::CONFLICT, message).into());
    }
    answerer.pass(&cx, &tx, Some(&found)).await?;
    if input.disable_session == Some(true) || !proves(&answerer) {
        cx.call().commit_with(tx);
        let token = match &answerer {
            Answerer::Session(identity) => Some(identity.session.token.clone()),
            Answerer::Challenge(_) => None,
        };
        return Ok(Json(Verified { token, user: answerer.user().clone() }));
    }
    Ok(Json(answerer.finish(&cx, tx, Means::OTP, input.trust_device == Some(true)).await?))
}
