use std::{any::TypeId, ops::Deref, sync::Arc};

use super::Call;
use crate::{
    Failure,
    core::Core,
    endpoint::{EndpointDoc, Extract},
    plugin::Plugin,
    store::Tx,
};

/// A handler's view of its plugin and its request.
pub struct Cx<P> {
    plugin: Arc<P>,
    call: Arc<Call>,
}

impl<P> Cx<P> {
    /// The plugin's instance, with its configuration.
    pub fn plugin(&self) -> &Arc<P> {
        &self.plugin
    }

    /// The request, for cookies, headers, the session and the commit.
    pub fn call(&self) -> &Arc<Call> {
        &self.call
    }
}

impl<P> Deref for Cx<P> {
    type Target = Core;

    fn deref(&self) -> &Core {
        self.call.core()
    }
}

impl<P> Cx<P> {
    /// Begins the handler's transaction.
    pub async fn begin(&self) -> Result<Tx, Failure> {
        Ok(self.call.core().begin().await?)
    }
}

impl<P: Plugin> Extract for Cx<P> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let plugin = call.core().plugin::<P>();
        let plugin =
            plugin.ok_or_else(|| Failure::internal(format!("plugin {} is not here", P::MANIFEST.id)))?;
        Ok(Self { plugin, call: call.clone() })
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_plugin(TypeId::of::<P>(), P::MANIFEST.id);
    }
}
