//! `viewBackupCodes`: a user's codes, for the program itself.

use auth_core::{
    Body, Cx, Json, Key, ServerOnly,
    endpoint::{Endpoint, internal},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::generate_backup_codes::BackupCodes;
use crate::{TwoFactor, backup, factor};

pub const VIEW_BACKUP_CODES: Key<ViewBackupCodes, BackupCodes> = Key::new("viewBackupCodes");

pub(crate) fn endpoint() -> Endpoint {
    internal(VIEW_BACKUP_CODES, view_backup_codes).tag(super::SECOND_FACTOR).summary("A user's backup codes")
}

auth_core::errors! {
    pub enum ViewError {
        None => (400, "BACKUP_CODES_NOT_ENABLED", "Backup codes aren't enabled"),
        Hashed => (400, "BACKUP_CODES_ARE_HASHED", "Backup codes are kept as hashes; nobody can show them"),
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViewBackupCodes {
    pub user_id: String,
}

async fn view_backup_codes(
    cx: Cx<TwoFactor>,
    _: ServerOnly,
    Body(input): Body<ViewBackupCodes>,
) -> Result<Json<BackupCodes>, ViewError> {
    let found = factor::find(cx.db(), &input.user_id).await?.filter(|row| !row.backup_codes.is_empty());
    let backup_codes = backup::list(&cx, &found.ok_or(ViewError::None)?.backup_codes)?;
    if !backup_codes.iter().all(|entry| backup::is_shown(entry)) {
        return Err(ViewError::Hashed);
    }
    Ok(Json(BackupCodes { status: true, backup_codes }))
}
