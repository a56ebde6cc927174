//! Whether a key is good, and using it.

use auth_core::{
    Core, Failure, Timestamp,
    access::Permissions,
    crypto::sha256_b64url,
    http::StatusCode,
    sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter},
};
use serde_json::json;

use crate::{
    ApiKey,
    claim::{Block, Charge, Refill, Window},
    keys::{find_by_id, is_hash_of, is_of},
    schema::apikey::{Column, Entity, Model},
    view,
};

/// Why a key is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Invalid,
    Disabled,
    Expired,
    NotPermitted,
    /// The quota is used up and never comes back.
    UsedUp,
    /// The quota is used up until it is refilled.
    Exceeded,
    RateLimited {
        /// Milliseconds.
        try_again_in: i64,
    },
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (status, code, message) = match refusal {
            Refusal::Invalid => (StatusCode::UNAUTHORIZED, "INVALID_API_KEY", "Invalid API key."),
            Refusal::Disabled => (StatusCode::UNAUTHORIZED, "KEY_DISABLED", "API Key is disabled"),
            Refusal::Expired => (StatusCode::UNAUTHORIZED, "KEY_EXPIRED", "API Key has expired"),
            Refusal::NotPermitted => (StatusCode::UNAUTHORIZED, "KEY_NOT_FOUND", "API Key not found"),
            Refusal::UsedUp | Refusal::Exceeded => {
                (StatusCode::TOO_MANY_REQUESTS, "USAGE_EXCEEDED", "API Key has reached its usage limit")
            }
            Refusal::RateLimited { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "Rate limit exceeded.")
            }
        };
        let failure = Self::new(status, code, message);
        match refusal {
            Refusal::RateLimited { try_again_in } => {
                failure.with("details", json!({ "tryAgainIn": try_again_in }))
            }
            _ => failure,
        }
    }
}

/// What a use asks of a key.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wanted<'w> {
    /// The kind that the key has to be of; any where it is not said.
    pub(crate) kind: Option<&'w str>,
    pub(crate) permissions: Option<&'w Permissions>,
}

/// The answer of a row to a use at this moment, its counts included.
fn judge(key: &Model, limits: bool, wanted: Wanted<'_>, now: Timestamp) -> Result<(), Refusal> {
    screen(key, wanted, now)?;
    if let Some(remaining) = key.remaining {
        if remaining <= 0 && key.refill_amount.is_none() {
            return Err(Refusal::UsedUp);
        }
        if remaining <= 0 && !Refill::of(key).is_some_and(|refill| refill.is_due(key, now)) {
            return Err(Refusal::Exceeded);
        }
    }
    match Window::of(key, limits).and_then(|window| window.wait(key, now)) {
        Some(try_again_in) => Err(Refusal::RateLimited { try_again_in }),
        None => Ok(()),
    }
}

/// As [`judge`], without counts.
pub(crate) fn screen(key: &Model, wanted: Wanted<'_>, now: Timestamp) -> Result<(), Refusal> {
    if wanted.kind.is_some_and(|kind| !is_of(key, kind)) {
        return Err(Refusal::Invalid);
    }
    if key.enabled == Some(false) {
        return Err(Refusal::Disabled);
    }
    if key.expires_at.is_some_and(|at| now > at) {
        return Err(Refusal::Expired);
    }
    if let Some(asked) = wanted.permissions
        && !view::permissions(key).is_some_and(|granted| granted.authorize(asked))
    {
        return Err(Refusal::NotPermitted);
    }
    Ok(())
}

/// Rounds in which a row may change between a look at it and its claim.
const ROUNDS: usize = 16;

impl ApiKey {
    /// Uses a key: checks it, and counts what is to be counted. Gives the row as it is then.
    pub(crate) async fn use_key(
        &self,
        core: &Core,
        text: &str,
        wanted: Wanted<'_>,
        endpoint: &'static str,
    ) -> Result<Result<Model, Refusal>, Failure> {
        let hash = sha256_b64url(text);
        let Some(known) = self.look_up(core, &hash).await? else { return Ok(Err(Refusal::Invalid)) };
        let used = self.use_known(core, &hash, &known, wanted).await?;
        self.usage.note(&known.id, endpoint, used.is_ok(), core.now());
        self.write_if_due(core).await;
        Ok(used)
    }

    /// Checks a key without using it.
    pub(crate) async fn glance(&self, core: &Core, text: &str) -> Result<Result<Model, Refusal>, Failure> {
        let hash = sha256_b64url(text);
        let Some(known) = self.look_up(core, &hash).await? else { return Ok(Err(Refusal::Invalid)) };
        if !is_hash_of(&known, &hash, core.now()) {
            return Ok(Err(Refusal::Invalid));
        }
        Ok(screen(&known, Wanted::default(), core.now()).map(|()| Model::clone(&known)))
    }

    async fn use_known(
        &self,
        core: &Core,
        hash: &str,
        known: &Model,
        wanted: Wanted<'_>,
    ) -> Result<Result<Model, Refusal>, Failure> {
        // Memory can only let a key pass whose row agrees, or of which nothing is counted.
        let mut row = None;
        for _ in 0..ROUNDS {
            let key = row.as_ref().unwrap_or(known);
            let now = core.now();
            if !is_hash_of(key, hash, now) {
                return Ok(Err(Refusal::Invalid));
            }
            let limits = self.kind(Some(&key.config_id)).config.rate_limit.enabled;
            match judge(key, limits, wanted, now) {
                Ok(()) => {
                    if let Some(used) = self.claim(core, key, limits, now).await? {
                        return Ok(Ok(used));
                    }
                }
                Err(refusal) if row.is_some() => {
                    self.settle(core, key, refusal, now).await?;
                    return Ok(Err(refusal));
                }
                Err(_) => {}
            }
            self.memory.forget_counts(core, key);
            let Some(mut found) = find_by_id(core.db(), &known.id).await? else {
                return Ok(Err(Refusal::Invalid));
            };
            // What is left of a block here is room.
            self.leases.overlay(&mut found);
            row = Some(found);
        }
        Err(Failure::unavailable("a key changes faster than it can be used", 1))
    }

    async fn claim(
        &self,
        core: &Core,
        key: &Model,
        limits: bool,
        now: Timestamp,
    ) -> Result<Option<Model>, Failure> {
        let (quota, window) = (key.remaining.is_some(), Window::of(key, limits));
        if let (false, Some(window)) = (quota, window)
            && self.kind(Some(&key.config_id)).config.rate_limit.blocks
            && let Some(used) = self.leases.enter(core, key, window, now).await?
        {
            return Ok(Some(used));
        }
        let charge = Charge { quota, window: window.map(|window| (window, Block::ONE)), now };
        if charge.is_nothing() {
            // Better Auth writes down no use of a key that has a limit without figures.
            let mut used = Model { updated_at: now, ..key.clone() };
            if !limits || key.rate_limit_enabled == Some(false) {
                self.recent.note(&key.id, now);
                used.last_request = Some(now);
            }
            return Ok(Some(used));
        }
        charge.claim(core, key).await
    }

    /// What a refusal leaves behind.
    async fn settle(
        &self,
        core: &Core,
        key: &Model,
        refusal: Refusal,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let over = match refusal {
            Refusal::Expired => Condition::all().add(Column::ExpiresAt.lt(now)),
            Refusal::UsedUp => {
                Condition::all().add(Column::Remaining.lte(0)).add(Column::RefillAmount.is_null())
            }
            // A use is charged although the limit refuses it, as Better Auth has it.
            Refusal::RateLimited { .. } if key.remaining.is_some() => {
                Charge { quota: true, window: None, now }.claim(core, key).await?;
                return Ok(());
            }
            _ => return Ok(()),
        };
        Entity::delete_many().filter(Column::Id.eq(&key.id)).filter(over).exec(core.db()).await?;
        Ok(())
    }
}
