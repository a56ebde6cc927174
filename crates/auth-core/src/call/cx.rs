use std::{any::TypeId, ops::Deref, sync::Arc};

use serde::de::DeserializeOwned;

use super::Call;
use crate::{
    Failure,
    core::Core,
    endpoint::{EndpointDoc, Extract, Key},
    plugin::Plugin,
    store::Tx,
};

/// A handler's view of its plugin and its request. It dereferences to [`Core`]: `cx.now()`, `cx.users()`,
/// `cx.services()`.
///
/// ```
/// use auth_core::{Body, Cx, Failure, Json, StrictSession, model::UserPatch};
/// # use auth_core::{Manifest, Plugin, Problem, Registrar, config::NoConfig};
/// # struct Names;
/// # impl Plugin for Names {
/// #     const MANIFEST: Manifest = Manifest::new("names", "1.0.0", "");
/// #     type Config = NoConfig;
/// #     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn register(self: std::sync::Arc<Self>, _: &mut Registrar) {}
/// # }
///
/// async fn rename(
///     cx: Cx<Names>,
///     session: StrictSession,
///     Body(name): Body<String>,
/// ) -> Result<Json<bool>, Failure> {
///     let tx = cx.begin().await?;
///     let patch = UserPatch { name: Some(name), ..UserPatch::default() };
///     let user = cx.users().update(&tx, &session.user.id, patch).await?;
///     // Committed after the last hook, or dropped with the request.
///     cx.call().commit_with(tx);
///     Ok(Json(user.is_some()))
/// }
/// # auth_core::post(auth_core::Key::<String, bool>::new("rename"), "/rename", rename);
/// ```
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

impl<P: Plugin> Cx<P> {
    /// Runs the endpoint that this one took over from the plugin that the manifest `replaces`, for this very
    /// request: the caller, the cookies and the session are the same, hooks do not run again. A body or
    /// query that the original would refuse is refused.
    pub async fn original<I, O: DeserializeOwned>(&self, endpoint: &Key<I, O>) -> Result<O, Failure> {
        let Some(replaced) = P::MANIFEST.replaces else {
            return Err(Failure::internal(format!("plugin {} replaces nothing", P::MANIFEST.id)));
        };
        let dispatcher = self.call.core().dispatcher()?;
        let reply = dispatcher.original(&format!("{replaced}/{}", endpoint.id()), &self.call).await?;
        serde_json::from_slice(&reply.body_bytes()).map_err(Failure::internal)
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
