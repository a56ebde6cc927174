//! What the plugin does around other plugins' endpoints.

use std::sync::Arc;

use auth_core::{
    AfterHook, Call, Failure, async_trait,
    endpoint::Reply,
    http::{HeaderName, HeaderValue},
};

/// Puts `x-{{id}}` on every answer.
pub(crate) struct Mark {
    pub(crate) value: String,
}

#[async_trait]
impl AfterHook for Mark {
    async fn run(&self, call: &Arc<Call>, _: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        let value = HeaderValue::try_from(&self.value).map_err(Failure::internal)?;
        call.set_header(HeaderName::from_static("x-{{id}}"), value);
        Ok(())
    }
}
