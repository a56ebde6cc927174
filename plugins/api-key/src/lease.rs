//! Rate limits of keys that take many uses: a node takes a block of them from the row and counts in memory.
//!
//! The row's count holds every block, so that all nodes together never let more pass than the limit. What
//! a node has left over when its [`TERM`] is over goes back, unless somebody has used the row since; what a
//! process that is killed had left over is lost until the window ends. The row knows the last use with a
//! delay of up to the term, so a window can end that much early: short ones are counted in the row.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use auth_core::{
    Core, Failure, Timestamp,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query, sea_query::Expr},
};

use crate::{
    claim::{Block, Charge, Window},
    schema::apikey::{Column, Entity, Model},
};

/// How long a block may be used before its row hears of it.
const TERM: Duration = Duration::from_secs(10);
/// Milliseconds. Shorter windows are counted in the row.
const SHORTEST: i32 = 60_000;
/// Keys with a block at a time; further ones are counted in their rows.
const BOUND: usize = 10_000;
/// The part of a limit that one block is.
const PART: i32 = 8;
const LARGEST: i32 = 1000;

/// Uses of one key that this node has taken.
#[derive(Default)]
struct Lease {
    /// One at a time asks the row.
    turn: tokio::sync::Mutex<()>,
    held: Mutex<Held>,
}

#[derive(Clone, Copy, Default)]
struct Held {
    terms: Option<Window>,
    left: i32,
    /// The row's count with this block.
    count: i32,
    taken_at: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Held {
    fn is_in_term(&self, now: Timestamp) -> bool {
        self.taken_at.is_some_and(|at| now.since(at) < TERM)
    }

    /// Takes a use; gives what the count is then.
    fn take(&mut self, window: Window, now: Timestamp) -> Option<i32> {
        let is_open = self.terms == Some(window) && self.last.is_some_and(|last| !window.is_over(last, now));
        if self.left < 1 || !is_open || !self.is_in_term(now) {
            return None;
        }
        self.left -= 1;
        self.last = Some(now);
        Some(self.count - self.left)
    }
}

impl Lease {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
pub(crate) struct Leases(Mutex<HashMap<String, Arc<Lease>>>);

impl Leases {
    fn open(&self) -> MutexGuard<'_, HashMap<String, Arc<Lease>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, id: &str) -> Option<Arc<Lease>> {
        let mut open = self.open();
        if let Some(lease) = open.get(id) {
            return Some(lease.clone());
        }
        (open.len() < BOUND).then(|| open.entry(id.to_owned()).or_default().clone())
    }

    /// Counts a use. `None` where it is for the row to say.
    pub(crate) async fn enter(
        &self,
        core: &Core,
        key: &Model,
        window: Window,
        now: Timestamp,
    ) -> Result<Option<Model>, Failure> {
        let size = (window.max() / PART).min(LARGEST);
        if size < 2 || window.length() < SHORTEST {
            return Ok(None);
        }
        let Some(lease) = self.of(&key.id) else { return Ok(None) };
        let counted = |count| Model {
            request_count: Some(count),
            last_request: Some(now),
            updated_at: now,
            ..key.clone()
        };
        let taken = lease.held().take(window, now);
        if let Some(count) = taken {
            return Ok(Some(counted(count)));
        }
        let _turn = lease.turn.lock().await;
        let taken = lease.held().take(window, now);
        if let Some(count) = taken {
            return Ok(Some(counted(count)));
        }
        // From here on what is left is taken by nobody but us: its term is over, or there is none.
        let held = std::mem::take(&mut *lease.held());
        let is_open = held.terms == Some(window) && held.last.is_some_and(|last| !window.is_over(last, now));
        let left = if is_open { held.left } else { 0 };
        let whole = Block { first: size, more: size - left, seen: held.last };
        let rest = Block { first: left, more: 0, seen: held.last };
        let blocks = [(size, whole), (left, rest)];
        for (uses, block) in blocks.into_iter().filter(|(uses, _)| *uses > 0) {
            let charge = Charge { quota: false, window: Some((window, block)), now };
            let Some(row) = charge.claim(core, key).await? else { continue };
            let count = row.request_count.unwrap_or(uses);
            *lease.held() =
                Held { terms: Some(window), left: uses - 1, count, taken_at: Some(now), last: Some(now) };
            return Ok(Some(Model { request_count: Some(count - (uses - 1)), ..row }));
        }
        // The row does not know the last use yet.
        *lease.held() = Held { left: 0, ..held };
        Ok(None)
    }

    /// What a row does not know yet.
    pub(crate) fn overlay(&self, key: &mut Model) {
        let Some(held) = self.open().get(&key.id).map(|lease| *lease.held()) else { return };
        let newer = held.last.filter(|last| key.last_request.is_none_or(|known| *last >= known));
        let Some(last) = newer.filter(|_| held.terms == Window::of(key, true)) else { return };
        key.request_count = key.request_count.map(|count| count.saturating_sub(held.left).max(0));
        key.last_request = Some(last);
        key.updated_at = key.updated_at.max(last);
    }

    /// Gives back what is left of blocks whose term is over, and says when the key was used last.
    pub(crate) async fn give_back(&self, core: &Core) -> Result<(), Failure> {
        let now = core.now();
        let mut over = Vec::new();
        self.open().retain(|id, lease| {
            let mut held = lease.held();
            // Whoever is at it puts it back.
            let is_over = Arc::strong_count(lease) == 1 && !held.is_in_term(now);
            if is_over {
                over.push((id.clone(), std::mem::take(&mut *held)));
            }
            !is_over
        });
        for (id, held) in over {
            let (Some(taken_at), Some(last)) = (held.taken_at, held.last) else { continue };
            let less = sea_query::ExprTrait::sub(Expr::col(Column::RequestCount), held.left);
            Entity::update_many()
                .col_expr(Column::RequestCount, less)
                .col_expr(Column::LastRequest, Expr::value(last))
                .filter(Column::Id.eq(id))
                .filter(Column::LastRequest.eq(taken_at))
                .filter(Column::RequestCount.gte(held.left))
                .exec(core.db())
                .await?;
        }
        Ok(())
    }
}
