//! When keys were used last, for keys of which nothing is counted: kept in memory and written in batches.
//!
//! It is for people to see which keys are in use, and nothing is decided by it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use auth_core::{
    Core, Failure, Timestamp,
    sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr},
};

use crate::schema::apikey::{Column, Entity, Model};

/// Keys that are kept until they are written.
const BOUND: usize = 10_000;

#[derive(Default)]
pub(crate) struct Recent(Mutex<HashMap<String, Timestamp>>);

impl Recent {
    /// A key was used. Beyond the bound nobody knows when.
    pub(crate) fn note(&self, id: &str, now: Timestamp) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = uses.get_mut(id) {
            *last = now;
        } else if uses.len() < BOUND {
            uses.insert(id.to_owned(), now);
        }
    }

    /// What the table does not know yet.
    pub(crate) fn overlay(&self, key: &mut Model) {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        key.last_request = key.last_request.max(uses.get(&key.id).copied());
    }

    pub(crate) async fn flush(&self, core: &Core) -> Result<(), Failure> {
        let uses = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (id, at) in uses {
            let older = Condition::any().add(Column::LastRequest.is_null()).add(Column::LastRequest.lt(at));
            Entity::update_many()
                .col_expr(Column::LastRequest, Expr::value(at))
                .filter(Column::Id.eq(id))
                .filter(older)
                .exec(core.db())
                .await?;
        }
        Ok(())
    }
}
