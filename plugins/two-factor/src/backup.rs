//! Backup codes: a JSON list, sealed. In it stand the codes, as Better Auth has them, or their hashes.

use auth_core::{
    Core, Failure, Timestamp,
    crypto::{Alphabet, constant_time_eq, sealed, sha256_b64url},
    sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr},
};

use crate::{
    TwoFactor,
    config::BackupStorage,
    schema::factor::{Column, Entity, Model},
};

/// Letters of a code, on either side of the dash.
const HALF: usize = 5;

/// Codes that were just made.
pub(crate) struct Fresh {
    /// To be shown, once.
    pub(crate) codes: Vec<String>,
    /// For the column.
    pub(crate) stored: String,
}

/// A whole new set.
pub(crate) fn make(plugin: &TwoFactor, core: &Core) -> Result<Fresh, Failure> {
    let config = plugin.config.backup_codes;
    let half = || core.random(HALF, Alphabet::AlphaNumeric);
    let codes: Vec<String> = (0..config.amount).map(|_| format!("{}-{}", half(), half())).collect();
    let kept = match config.storage {
        BackupStorage::Sealed => codes.clone(),
        BackupStorage::Hashed => codes.iter().map(|code| sha256_b64url(code)).collect(),
    };
    Ok(Fresh { stored: store(core, &kept)?, codes })
}

fn store(core: &Core, list: &[String]) -> Result<String, Failure> {
    let text = serde_json::to_string(list).map_err(Failure::internal)?;
    Ok(sealed::seal(core.rng(), &core.settings().secrets, text.as_bytes()))
}

/// What the column lists. Another program may have been told not to seal it.
pub(crate) fn list(core: &Core, stored: &str) -> Result<Vec<String>, Failure> {
    if stored.is_empty() {
        return Ok(Vec::new());
    }
    if !sealed::looks_sealed(stored) {
        return serde_json::from_str(stored).map_err(Failure::internal);
    }
    let text = sealed::open(&core.settings().secrets, stored).map_err(Failure::internal)?;
    serde_json::from_slice(&text).map_err(Failure::internal)
}

/// Whether an entry is a code rather than the hash of one.
pub(crate) fn is_shown(entry: &str) -> bool {
    entry.len() == 2 * HALF + 1
}

/// The column without a code; `None` where it has no such code. Every entry is looked at.
pub(crate) fn without(core: &Core, stored: &str, code: &str) -> Result<Option<String>, Failure> {
    let mut list = list(core, stored)?;
    let hash = sha256_b64url(code);
    let is_it = |entry: &String| {
        let (plain, hashed) = (
            constant_time_eq(entry.as_bytes(), code.as_bytes()),
            constant_time_eq(entry.as_bytes(), hash.as_bytes()),
        );
        (is_shown(entry) && plain) | (!is_shown(entry) && hashed)
    };
    let found =
        list.iter().enumerate().fold(None, |found, (at, entry)| if is_it(entry) { Some(at) } else { found });
    let Some(at) = found else { return Ok(None) };
    list.remove(at);
    store(core, &list).map(Some)
}

/// Puts another list in the place of the one that was read, unless somebody else did meanwhile or the
/// account is locked.
pub(crate) async fn replace(
    conn: &impl ConnectionTrait,
    factor: &Model,
    stored: String,
    now: Timestamp,
) -> Result<bool, Failure> {
    let done = Entity::update_many()
        .col_expr(Column::BackupCodes, Expr::value(stored))
        .filter(Column::Id.eq(&factor.id))
        .filter(Column::BackupCodes.eq(&factor.backup_codes))
        .filter(crate::factor::open(now))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}
