//! Devices that are not asked again.

use auth_core::{
    Call, Core, Failure,
    crypto::{Alphabet, constant_time_eq, hmac_b64url, sha256_b64url},
    sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr},
};

use crate::{
    TwoFactor,
    cookies::{self, TRUST_DEVICE},
    schema::device::{ActiveModel, Column, Entity, Model},
};

/// What the id in a cookie starts with, and Better Auth's verification.
const PREFIX: &str = "trust-device-";

/// Letters of a user agent that are kept.
const AGENT: usize = 512;

fn new_token(core: &Core) -> String {
    format!("{PREFIX}{}", core.random(32, Alphabet::UrlSafe))
}

fn mac(core: &Core, user_id: &str, token: &str) -> String {
    hmac_b64url(core.settings().secrets.current(), &format!("{user_id}!{token}"))
}

fn set_cookie(plugin: &TwoFactor, call: &Call, user_id: &str, token: &str) {
    let value = format!("{}!{token}", mac(call.core(), user_id, token));
    cookies::set(call, TRUST_DEVICE, &value, Some(plugin.config.trusted_devices.expires_in));
}

/// The token of the cookie, if it was made for this user.
fn presented(call: &Call, user_id: &str) -> Option<String> {
    let value = call.signed_cookie(TRUST_DEVICE)?;
    let (given, token) = value.split_once('!')?;
    let expected = mac(call.core(), user_id, token);
    constant_time_eq(given.as_bytes(), expected.as_bytes()).then(|| token.to_owned())
}

/// The device that the request comes from, where the user has trusted it.
pub(crate) async fn current(call: &Call, user_id: &str) -> Result<Option<Model>, Failure> {
    let Some(token) = presented(call, user_id) else { return Ok(None) };
    let core = call.core();
    let found = Entity::find()
        .filter(Column::TokenHash.eq(sha256_b64url(&token)))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ExpiresAt.gt(core.now()));
    Ok(found.one(core.db()).await?)
}

fn device(plugin: &TwoFactor, call: &Call, user_id: &str, token: &str) -> Model {
    let core = call.core();
    let now = core.now();
    Model {
        id: core.new_id(),
        user_id: user_id.to_owned(),
        token_hash: sha256_b64url(token),
        user_agent: call.header("user-agent").map(|agent| agent.chars().take(AGENT).collect()),
        created_at: now,
        last_used_at: now,
        expires_at: now.plus_seconds(plugin.config.trusted_devices.expires_in),
    }
}

async fn insert(conn: &impl ConnectionTrait, device: Model) -> Result<(), Failure> {
    Entity::insert(ActiveModel::from(device)).exec_without_returning(conn).await?;
    Ok(())
}

/// Trusts the device that the request comes from.
pub(crate) async fn trust(
    plugin: &TwoFactor,
    call: &Call,
    conn: &impl ConnectionTrait,
    user_id: &str,
) -> Result<(), Failure> {
    let token = new_token(call.core());
    insert(conn, device(plugin, call, user_id, &token)).await?;
    set_cookie(plugin, call, user_id, &token);
    Ok(())
}

/// Whether the device is trusted. Its cookie is good for one sign-in and gives way to the next.
pub(crate) async fn admits(
    plugin: &TwoFactor,
    call: &Call,
    conn: &impl ConnectionTrait,
    user_id: &str,
) -> Result<bool, Failure> {
    let core = call.core();
    if !plugin.config.trusted_devices.enabled {
        return Ok(false);
    }
    let Some(old) = presented(call, user_id) else { return Ok(false) };
    let (token, now) = (new_token(core), core.now());
    let next = device(plugin, call, user_id, &token);
    let known = Entity::update_many()
        .col_expr(Column::TokenHash, Expr::value(next.token_hash.clone()))
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .col_expr(Column::ExpiresAt, Expr::value(next.expires_at))
        .filter(Column::TokenHash.eq(sha256_b64url(&old)))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ExpiresAt.gt(now))
        .exec(conn)
        .await?;
    if known.rows_affected == 0 {
        // One that was trusted before the database was adopted.
        let adopted =
            if old.starts_with(PREFIX) { core.verifications().consume(conn, &old).await? } else { None };
        if adopted.is_none_or(|record| record.value != user_id) {
            return Ok(false);
        }
        insert(conn, next).await?;
    }
    set_cookie(plugin, call, user_id, &token);
    Ok(true)
}

/// A user's devices, the one that was used last first.
pub(crate) async fn list(core: &Core, user_id: &str) -> Result<Vec<Model>, Failure> {
    let found = Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ExpiresAt.gt(core.now()))
        .order_by_desc(Column::LastUsedAt)
        .order_by_asc(Column::Id);
    Ok(found.all(core.db()).await?)
}

/// Forgets one of a user's devices.
pub(crate) async fn forget(core: &Core, user_id: &str, id: &str) -> Result<bool, Failure> {
    let gone = Entity::delete_many().filter(Column::Id.eq(id)).filter(Column::UserId.eq(user_id));
    Ok(gone.exec(core.db()).await?.rows_affected == 1)
}

/// Forgets all of a user's devices.
pub(crate) async fn forget_all(
    core: &Core,
    conn: &impl ConnectionTrait,
    user_id: &str,
) -> Result<u64, Failure> {
    core.verifications().remove(conn, PREFIX, user_id).await?;
    Ok(Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(conn).await?.rows_affected)
}

/// Removes those whose time is over.
pub(crate) async fn sweep(core: &Core) -> Result<(), Failure> {
    Entity::delete_many().filter(Column::ExpiresAt.lte(core.now())).exec(core.db()).await?;
    Ok(())
}
