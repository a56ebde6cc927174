//! Old notes go away, in the background and on one node at a time.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Core, Failure, async_trait,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter},
    task::Task,
};

use crate::{{{Type}}, schema::note};

const HOUR: Duration = Duration::from_hours(1);

pub(crate) struct Sweep(pub(crate) Arc<{{Type}}>);

#[async_trait]
impl Task for Sweep {
    fn name(&self) -> &'static str {
        "sweep"
    }

    fn every(&self) -> Duration {
        HOUR
    }

    async fn run(&self, core: &Arc<Core>) -> Result<(), Failure> {
        let oldest = core.now().minus(24 * HOUR * self.0.config.keep_days);
        note::Entity::delete_many().filter(note::Column::CreatedAt.lt(oldest)).exec(core.db()).await?;
        Ok(())
    }
}
