//! Sign-ins that wait for a second factor, and codes that were sent.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Call, Core, Failure, Timestamp, User,
    crypto::{Alphabet, hmac_b64url},
    model,
    proof::Proofs,
    sea_orm::{
        ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
        sea_query::{Expr, ExprTrait, OnConflict},
    },
    session::Pending,
};

use crate::{
    TwoFactor,
    schema::challenge::{ActiveModel, Column, Entity, Model},
};

/// What the id in a cookie starts with.
const PREFIX: &str = "2fa-";

fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Model {
    /// For a sign-in that is withdrawn, and what it proved.
    pub(crate) fn of(
        plugin: &TwoFactor,
        core: &Core,
        pending: &Pending,
        proofs: &Proofs,
        enrols: bool,
    ) -> Self {
        let id = format!("{PREFIX}{}", core.random(20, Alphabet::UrlSafe));
        let now = core.now();
        Self {
            id,
            user_id: pending.user.id.clone(),
            created_at: now,
            expires_at: now.plus_seconds(plugin.config.challenge_expires_in),
            attempts: 0,
            proofs: proofs.to_string(),
            remember: pending.remember,
            enrols,
            otp: None,
            otp_means: None,
            otp_expires_at: None,
            otp_attempts: 0,
        }
    }

    /// What the user had proved.
    pub(crate) fn proofs(&self) -> Proofs {
        Proofs::parse(&self.proofs)
    }

    pub(crate) async fn insert(self, conn: &impl ConnectionTrait) -> Result<(), Failure> {
        Entity::insert(ActiveModel::from(self)).exec_without_returning(conn).await?;
        Ok(())
    }

    /// The hash of a code that was sent for this.
    pub(crate) fn hash(&self, core: &Core, code: &str) -> String {
        hash(core, &self.id, code)
    }
}

/// Six digits are soon tried, so the hash has a key.
pub(crate) fn hash(core: &Core, id: &str, code: &str) -> String {
    hmac_b64url(core.settings().secrets.current(), &format!("two-factor-otp:{id}:{code}"))
}

/// The id under which a session's tries and codes are kept.
pub(crate) fn id_of_session(session: &model::Session) -> String {
    format!("session:{}", session.id)
}

/// The challenge of the cookie, and its user.
pub(crate) async fn of_cookie(call: &Arc<Call>) -> Result<Option<(Model, User)>, Failure> {
    let core = call.core();
    let id = call.signed_cookie(crate::cookies::TWO_FACTOR).filter(|id| id.starts_with(PREFIX));
    let Some(id) = id else { return Ok(None) };
    let Some(found) = find(core.db(), &id, core.now()).await? else { return Ok(None) };
    let user = core.users().find(core.db(), &found.user_id).await?;
    Ok(user.map(|user| (found, user)))
}

/// One whose time is not over.
pub(crate) async fn find(
    conn: &impl ConnectionTrait,
    id: &str,
    now: Timestamp,
) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).filter(Column::ExpiresAt.gt(now)).one(conn).await?)
}

/// Counts a wrong code. `false` where all tries were used: nobody looked at the code.
pub(crate) async fn count_attempt(core: &Core, id: &str, most: u32) -> Result<bool, Failure> {
    let done = Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::Attempts.lt(whole(most)))
        .exec(core.db())
        .await?;
    Ok(done.rows_affected > 0)
}

/// A right code of a session begins the count anew. `false` where all tries were used.
pub(crate) async fn clear_attempts(
    conn: &impl ConnectionTrait,
    id: &str,
    most: u32,
) -> Result<bool, Failure> {
    let done = Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(0))
        .filter(Column::Id.eq(id))
        .filter(Column::Attempts.lt(whole(most)))
        .exec(conn)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Ends a challenge whose code was right. Of any number of callers at once, one may go on.
pub(crate) async fn consume(conn: &impl ConnectionTrait, id: &str, most: u32) -> Result<bool, Failure> {
    let gone = Entity::delete_many().filter(Column::Id.eq(id)).filter(Column::Attempts.lt(whole(most)));
    Ok(gone.exec(conn).await?.rows_affected == 1)
}

pub(crate) async fn remove(conn: &impl ConnectionTrait, id: &str) -> Result<(), Failure> {
    Entity::delete_by_id(id).exec(conn).await?;
    Ok(())
}

/// Ends all sign-ins of a user that wait.
pub(crate) async fn remove_all(conn: &impl ConnectionTrait, user_id: &str) -> Result<(), Failure> {
    Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(conn).await?;
    Ok(())
}

/// Makes the row of a session, where it is not there. One whose time is over begins anew.
pub(crate) async fn of_session(
    plugin: &TwoFactor,
    core: &Core,
    session: &model::Session,
    conn: &impl ConnectionTrait,
) -> Result<Model, Failure> {
    let (id, now) = (id_of_session(session), core.now());
    Entity::delete_many().filter(Column::Id.eq(&id)).filter(Column::ExpiresAt.lte(now)).exec(conn).await?;
    let row = Model {
        id: id.clone(),
        user_id: session.user_id.clone(),
        created_at: now,
        expires_at: now.plus_seconds(plugin.config.challenge_expires_in),
        attempts: 0,
        proofs: String::new(),
        remember: None,
        enrols: false,
        otp: None,
        otp_means: None,
        otp_expires_at: None,
        otp_attempts: 0,
    };
    let same = OnConflict::column(Column::Id).update_column(Column::Id).to_owned();
    Entity::insert(ActiveModel::from(row)).on_conflict(same).exec_without_returning(conn).await?;
    find(conn, &id, now).await?.ok_or_else(Failure::unauthorized)
}

// ---- codes that were sent -------------------------------------------------------------------------

/// Keeps a code's hash in the place of an earlier one. `false` where the challenge has gone.
pub(crate) async fn keep_code(
    conn: &impl ConnectionTrait,
    id: &str,
    hash: String,
    means: &str,
    until: Timestamp,
) -> Result<bool, Failure> {
    let done = Entity::update_many()
        .col_expr(Column::Otp, Expr::value(Some(hash)))
        .col_expr(Column::OtpMeans, Expr::value(Some(means.to_owned())))
        .col_expr(Column::OtpExpiresAt, Expr::value(Some(until)))
        .col_expr(Column::OtpAttempts, Expr::value(0))
        .filter(Column::Id.eq(id))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Counts a wrong try of the code. `false` where it had all of them: the code has gone.
pub(crate) async fn count_code_attempt(core: &Core, row: &Model, most: u32) -> Result<bool, Failure> {
    let this = Entity::update_many().filter(Column::Id.eq(&row.id)).filter(Column::Otp.eq(row.otp.clone()));
    let counted = this
        .clone()
        .col_expr(Column::OtpAttempts, Expr::col(Column::OtpAttempts).add(1))
        .filter(Column::OtpAttempts.lt(whole(most)));
    if counted.exec(core.db()).await?.rows_affected > 0 {
        return Ok(true);
    }
    this.col_expr(Column::Otp, Expr::value(None::<String>)).exec(core.db()).await?;
    Ok(false)
}

/// Takes a code that is right. Of any number of callers at once, one may go on.
pub(crate) async fn take_code(conn: &impl ConnectionTrait, row: &Model, most: u32) -> Result<bool, Failure> {
    let done = Entity::update_many()
        .col_expr(Column::Otp, Expr::value(None::<String>))
        .filter(Column::Id.eq(&row.id))
        .filter(Column::Otp.eq(row.otp.clone()))
        .filter(Column::OtpAttempts.lt(whole(most)))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes those whose time is over.
pub(crate) async fn sweep(core: &Core) -> Result<(), Failure> {
    // A little later, so that who comes too late is told the same as before.
    let over = core.now().minus(Duration::from_secs(60));
    Entity::delete_many().filter(Column::ExpiresAt.lt(over)).exec(core.db()).await?;
    Ok(())
}
