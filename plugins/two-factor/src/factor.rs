//! A user's row in `twoFactor`: the secret, and the failures of the account.
//!
//! Whether a code counts is decided by one statement: a wrong one is counted while there is room, a right one
//! passes while there is room. So of any number at once no more pass than one after the other.

use std::time::Duration;

use auth_core::{
    Core, Failure, Timestamp,
    crypto::sha256_b64url,
    sea_orm::{
        ActiveValue::Set,
        ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
        sea_query::{Expr, ExprTrait, Func, OnConflict, SimpleExpr},
    },
};

use crate::{
    config::Lockout,
    schema::factor::{ActiveModel, Column, Entity, Model},
};

/// Locks that double; the next ones are as long as the last.
const DOUBLINGS: u32 = 6;
/// A lock lasts no longer.
const DAY: u64 = 86_400;

impl Model {
    /// An authenticator app is set up, if not yet confirmed.
    pub(crate) fn has_secret(&self) -> bool {
        !self.secret.is_empty()
    }

    /// Signing in may ask for a code of the app.
    pub(crate) fn is_verified(&self) -> bool {
        self.has_secret() && self.verified != Some(false)
    }

    pub(crate) fn is_locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| until > now)
    }
}

/// The row of a user.
pub(crate) async fn find(conn: &impl ConnectionTrait, user_id: &str) -> Result<Option<Model>, Failure> {
    let rows = Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id);
    Ok(rows.one(conn).await?)
}

/// The account is not locked.
pub(crate) fn open(now: Timestamp) -> Condition {
    Condition::any().add(Column::LockedUntil.is_null()).add(Column::LockedUntil.lte(now))
}

/// The id of the row that a user gets here: two requests at once make one row.
fn row_id(user_id: &str) -> String {
    sha256_b64url(&format!("two-factor:{user_id}")).chars().take(32).collect()
}

/// A row without a secret, for a user whose failures are to be counted. One that is there stays as it is.
async fn ensure(conn: &impl ConnectionTrait, user_id: &str) -> Result<(), Failure> {
    let row = ActiveModel {
        id: Set(row_id(user_id)),
        secret: Set(String::new()),
        backup_codes: Set(String::new()),
        user_id: Set(user_id.to_owned()),
        verified: Set(Some(false)),
        failures: Set(Some(0)),
        locked_until: Set(None),
        last_used_step: Set(None),
    };
    // The update that changes nothing is there for MySQL, which knows no `DO NOTHING`.
    let same = OnConflict::column(Column::Id).update_column(Column::Id).to_owned();
    Entity::insert(row).on_conflict(same).exec_without_returning(conn).await?;
    Ok(())
}

/// Sets a new secret and new backup codes, to be confirmed. `false` where a confirmed one is there.
pub(crate) async fn set_secret(
    conn: &impl ConnectionTrait,
    user_id: &str,
    secret: String,
    backup_codes: String,
) -> Result<bool, Failure> {
    if find(conn, user_id).await?.is_none() {
        ensure(conn, user_id).await?;
    }
    let done = Entity::update_many()
        .col_expr(Column::Secret, Expr::value(secret))
        .col_expr(Column::BackupCodes, Expr::value(backup_codes))
        .col_expr(Column::Verified, Expr::value(false))
        .col_expr(Column::LastUsedStep, Expr::value(None::<i32>))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Verified.eq(false))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Sets other backup codes. `false` where the user has no row.
pub(crate) async fn set_backup_codes(
    conn: &impl ConnectionTrait,
    user_id: &str,
    stored: String,
) -> Result<bool, Failure> {
    let done = Entity::update_many()
        .col_expr(Column::BackupCodes, Expr::value(stored))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Secret.ne(""))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// The lock that a failure leads to, where `count` is the number with it.
fn lock(config: &Lockout, count: &SimpleExpr, now: Timestamp) -> SimpleExpr {
    let after = i32::try_from(config.after).unwrap_or(i32::MAX);
    let until = |seconds: u64| Expr::value(Some(now.plus(Duration::from_secs(Ord::min(seconds, DAY)))));
    let doublings = if config.back_off { DOUBLINGS } else { 0 };
    let last = config.seconds.saturating_mul(1 << doublings);
    let mut choice = Expr::case(
        Condition::all()
            .add(count.clone().gt(after.saturating_mul(i32::try_from(doublings).unwrap_or(0))))
            .add(count.clone().modulo(after).eq(0)),
        until(last),
    );
    for doubling in 0..doublings {
        let at = after.saturating_mul(i32::try_from(doubling).unwrap_or(0).saturating_add(1));
        choice = choice.case(count.clone().eq(at), until(config.seconds.saturating_mul(1 << doubling)));
    }
    choice.finally(Expr::col(Column::LockedUntil)).into()
}

/// Counts a wrong code. `false` where the account is locked already: the code was not looked at.
pub(crate) async fn count_failure(
    core: &Core,
    config: &Lockout,
    user_id: &str,
    known: Option<&Model>,
) -> Result<bool, Failure> {
    if !config.enabled {
        return Ok(true);
    }
    if known.is_none() {
        ensure(core.db(), user_id).await?;
    }
    let now = core.now();
    let before: SimpleExpr = Func::coalesce([Expr::col(Column::Failures), Expr::val(0)]).into();
    let count = before.add(1);
    // MySQL assigns from left to right: the lock comes before the count that it is made from.
    let done = Entity::update_many()
        .col_expr(Column::LockedUntil, lock(config, &count, now))
        .col_expr(Column::Failures, count)
        .filter(Column::UserId.eq(user_id))
        .filter(open(now))
        .exec(core.db())
        .await?;
    Ok(done.rows_affected > 0)
}

/// A right code ends the count. `false` where the account is locked.
pub(crate) async fn clear_failures(
    conn: &impl ConnectionTrait,
    user_id: &str,
    now: Timestamp,
) -> Result<bool, Failure> {
    let done = Entity::update_many()
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::LockedUntil, Expr::value(None::<Timestamp>))
        .filter(Column::UserId.eq(user_id))
        .filter(open(now))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Uses the code of a step. `false` where this or a later one was used already, or the secret is another.
pub(crate) async fn use_step(
    conn: &impl ConnectionTrait,
    factor: &Model,
    step: i32,
    single_use: bool,
) -> Result<bool, Failure> {
    let mut query = Entity::update_many()
        .col_expr(Column::LastUsedStep, Expr::value(step))
        .col_expr(Column::Verified, Expr::value(true))
        .filter(Column::Id.eq(&factor.id))
        .filter(Column::Secret.eq(&factor.secret));
    if single_use {
        let unused = Condition::any().add(Column::LastUsedStep.is_null()).add(Column::LastUsedStep.lt(step));
        query = query.filter(unused);
    }
    Ok(query.exec(conn).await?.rows_affected == 1)
}

/// Removes a user's row.
pub(crate) async fn remove(conn: &impl ConnectionTrait, user_id: &str) -> Result<bool, Failure> {
    let gone = Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(conn).await?;
    Ok(gone.rows_affected > 0)
}
