//! What the plugin does around other plugins' endpoints and rows.

use std::sync::Arc;

use auth_core::{
    AfterHook, Call, Core, DatabaseHook, Failure, async_trait,
    endpoint::Reply,
    hook::Changed,
    http::{HeaderName, HeaderValue},
    sea_orm::ActiveModelTrait,
};

use crate::{{{Type}}, schema::note};

/// Puts `x-{{id}}` on every answer.
pub(crate) struct Mark(pub(crate) Arc<{{Type}}>);

#[async_trait]
impl AfterHook for Mark {
    async fn run(&self, call: &Arc<Call>, _: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        let value = HeaderValue::try_from(&self.0.config.header).map_err(Failure::internal)?;
        call.set_header(HeaderName::from_static("x-{{id}}"), value);
        Ok(())
    }
}

/// Whoever signs up finds a first note.
pub(crate) struct Welcome(pub(crate) Arc<{{Type}}>);

#[async_trait]
impl DatabaseHook for Welcome {
    async fn after(&self, core: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        let text = &self.0.config.welcome;
        if let Changed::UserCreated(user) = changed
            && !text.is_empty()
        {
            let tx = core.begin().await?;
            let row = note::Model::draft(core, &user.id, text.clone());
            note::ActiveModel::from(row).insert(&tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
