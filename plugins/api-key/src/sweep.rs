//! Expired keys go away, and what is in memory is written, in the background.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Core, Failure, async_trait,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter},
    task::Task,
};

use crate::{
    ApiKey,
    schema::apikey::{Column, Entity},
};

/// Removes keys whose time is over, and says how many there were. A key counts at its last millisecond.
pub(crate) async fn remove_expired(core: &Core) -> Result<u64, Failure> {
    let gone = Entity::delete_many().filter(Column::ExpiresAt.lt(core.now())).exec(core.db()).await?;
    Ok(gone.rows_affected)
}

pub(crate) struct Sweep(pub(crate) Arc<ApiKey>);

#[async_trait]
impl Task for Sweep {
    fn name(&self) -> &'static str {
        "sweep-expired"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn run(&self, core: &Arc<Core>) -> Result<(), Failure> {
        self.0.write(core).await?;
        remove_expired(core).await?;
        self.0.usage.forget_old(core).await?;
        Ok(())
    }
}
