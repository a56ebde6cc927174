//! `POST /two-factor/generate-backup-codes`: a new set in the place of the old one.

use auth_core::{
    Body, Cx, Json, Key, StrictSession,
    endpoint::{Endpoint, post},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    TwoFactor, backup, factor,
    owner::{PasswordGiven, check_password},
    schema::Enabled,
};

pub const GENERATE_BACKUP_CODES: Key<GenerateBackupCodes, BackupCodes> = Key::new("generateBackupCodes");

pub(crate) fn endpoint() -> Endpoint {
    post(GENERATE_BACKUP_CODES, "/two-factor/generate-backup-codes", generate_backup_codes)
        .tag(super::SECOND_FACTOR)
        .summary("Makes new backup codes")
}

auth_core::errors! {
    pub enum GenerateError {
        NotEnabled => (400, "TWO_FACTOR_NOT_ENABLED", "Two factor isn't enabled"),
        WrongPassword => (400, "INVALID_PASSWORD", "Invalid password"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
    }
}

#[derive(Deserialize, JsonSchema)]
pub struct GenerateBackupCodes {
    pub password: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct BackupCodes {
    pub status: bool,
    #[serde(rename = "backupCodes")]
    pub backup_codes: Vec<String>,
}

async fn generate_backup_codes(
    cx: Cx<TwoFactor>,
    Body(input): Body<GenerateBackupCodes>,
    _: PasswordGiven,
    session: StrictSession,
) -> Result<Json<BackupCodes>, GenerateError> {
    if !session.user.ext::<Enabled>().two_factor {
        return Err(GenerateError::NotEnabled);
    }
    check_password(&cx, &session, input.password.as_deref()).await?;
    let fresh = backup::make(cx.plugin(), &cx)?;
    let tx = cx.begin().await?;
    if !factor::set_backup_codes(&tx, &session.user.id, fresh.stored).await? {
        return Err(GenerateError::NotEnabled);
    }
    cx.call().commit_with(tx);
    Ok(Json(BackupCodes { status: true, backup_codes: fresh.codes }))
}
