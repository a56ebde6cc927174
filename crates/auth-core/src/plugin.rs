//! The plugin trait, and the descriptor that the linker collects.
//!
//! ```
//! use std::sync::Arc;
//!
//! use auth_core::{Cx, Failure, Json, Key, Manifest, Plugin, Problem, Registrar, config::NoConfig, get};
//!
//! pub struct Greet;
//!
//! impl Plugin for Greet {
//!     const MANIFEST: Manifest = Manifest::new("greet", env!("CARGO_PKG_VERSION"), "Says hello");
//!     type Config = NoConfig;
//!
//!     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
//!         Ok(Self)
//!     }
//!
//!     fn register(self: Arc<Self>, host: &mut Registrar) {
//!         host.endpoint(get(HELLO, "/greet/hello", hello));
//!     }
//! }
//!
//! const HELLO: Key<(), String> = Key::new("greetHello");
//!
//! async fn hello(cx: Cx<Greet>) -> Result<Json<String>, Failure> {
//!     Ok(Json(format!("Hello from {}", cx.settings().app_name)))
//! }
//!
//! auth_core::plugin!(Greet);
//! ```
//!
//! To add one, run `cargo xtask new-plugin <id>`; in this workspace `cargo xtask plugin add <id>` links it into the
//! server. It runs where the configuration enables it: linked is not enabled.

use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::{
    config::{Overlay, PluginConfig, Preset, Problem},
    manifest::Manifest,
    registrar::Registrar,
};

/// A feature of the server.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Manifest, Plugin, PluginConfig, Preset, Problem, Registrar};
/// # use auth_core::{schemars::JsonSchema, serde::{Deserialize, Serialize}};
/// # #[derive(Serialize, Deserialize, JsonSchema)]
/// # #[serde(crate = "auth_core::serde")]
/// # #[schemars(crate = "auth_core::schemars")]
/// # struct Config { suffix: String }
/// # impl PluginConfig for Config {
/// #     fn preset(_: Preset) -> Self {
/// #         Self { suffix: String::new() }
/// #     }
/// # }
///
/// struct Domains {
///     suffix: String,
/// }
///
/// impl Plugin for Domains {
///     const MANIFEST: Manifest =
///         Manifest::new("domains", env!("CARGO_PKG_VERSION"), "Who may sign up").after(&["email-password"]);
///     type Config = Config;
///
///     fn new(config: Config) -> Result<Self, Vec<Problem>> {
///         match config.suffix.strip_prefix('@') {
///             Some(suffix) => Ok(Self { suffix: suffix.to_lowercase() }),
///             None => Err(vec![Problem::new("plugins.domains.suffix", "begins with `@`")]),
///         }
///     }
///
///     fn register(self: Arc<Self>, host: &mut Registrar) {
///         // Endpoints, hooks, tables, …
///         # let _ = (self, host);
///     }
/// }
///
/// assert!(Domains::new(Config { suffix: "example.com".to_owned() }).is_err());
/// ```
pub trait Plugin: Sized + Send + Sync + 'static {
    /// Who it is and what it needs: read without running any of its code.
    const MANIFEST: Manifest;
    /// Its section of the configuration; [`NoConfig`](crate::config::NoConfig) for none.
    type Config: PluginConfig;

    /// Pure: no I/O, no clock. Refuse what cannot work.
    fn new(config: Self::Config) -> Result<Self, Vec<Problem>>;

    /// Pure: hands over everything the plugin contributes.
    fn register(self: Arc<Self>, host: &mut Registrar);

    /// What this plugin adds to the defaults of the plugin that its manifest `extends`.
    fn overlay(preset: Preset) -> Option<Overlay> {
        let _ = preset;
        None
    }
}

/// A plugin with its types erased: a constant of function pointers.
#[derive(Clone, Copy)]
pub struct Descriptor {
    /// [`Plugin::MANIFEST`].
    pub manifest: Manifest,
    /// The plugin's type: one that is linked and named as well is one plugin, not two.
    pub plugin: TypeId,
    /// The defaults of a preset, as JSON.
    pub defaults: fn(Preset) -> Result<Value, serde_json::Error>,
    /// What it adds to the defaults of the plugin that it extends.
    pub overlay: fn(Preset) -> Option<Overlay>,
    /// The JSON Schema of the configuration.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Builds the plugin from its merged section.
    pub build: fn(Value) -> Result<Built, Vec<Problem>>,
}

/// A plugin that was built and can be registered.
pub struct Built {
    /// The plugin itself, as [`Core::plugin`](crate::Core::plugin) finds it.
    pub instance: Arc<dyn Any + Send + Sync>,
    /// [`Plugin::register`], bound to it.
    pub register: Box<dyn FnOnce(&mut Registrar) + Send>,
}

impl Descriptor {
    /// What [`plugin!`](crate::plugin!) submits. Embedders name plugins by their types instead.
    #[must_use]
    pub const fn of<P: Plugin>() -> Self {
        Self {
            manifest: P::MANIFEST,
            plugin: TypeId::of::<P>(),
            defaults: |preset| serde_json::to_value(P::Config::preset(preset)),
            overlay: P::overlay,
            schema: SchemaGenerator::subschema_for::<P::Config>,
            build: build::<P>,
        }
    }
}

fn build<P: Plugin>(section: Value) -> Result<Built, Vec<Problem>> {
    let place =
        |key: &str| format!("plugins.{}{}{key}", P::MANIFEST.id, if key.is_empty() { "" } else { "." });
    let config: P::Config =
        serde_json::from_value(section).map_err(|e| vec![Problem::new(place(""), e.to_string())])?;
    let problems: Vec<_> =
        config.validate().into_iter().map(|(key, what)| Problem::new(place(&key), what)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let plugin = Arc::new(P::new(config)?);
    let instance: Arc<dyn Any + Send + Sync> = plugin.clone();
    Ok(Built { instance, register: Box::new(move |host| plugin.register(host)) })
}

inventory::collect!(Descriptor);

/// Every plugin that is linked into this program, by id: the linker promises no order.
#[must_use]
pub fn linked() -> Vec<&'static Descriptor> {
    let mut all: Vec<_> = inventory::iter::<Descriptor>.into_iter().collect();
    all.sort_by_key(|d| d.manifest.id);
    all
}

/// Makes a plugin known to every host that links its crate.
///
/// It stands beside the [`Plugin`](crate::Plugin) in the root of the crate. Two plugins with one id keep the host from
/// starting. The linker drops a crate that nothing names: the server names each in `apps/server/src/plugins.rs`.
///
/// ```
/// # use std::sync::Arc;
/// # use auth_core::{Manifest, Plugin, Problem, Registrar, config::NoConfig};
/// # struct Greet;
/// # impl Plugin for Greet {
/// #     const MANIFEST: Manifest = Manifest::new("greet", "1.0.0", "Says hello");
/// #     type Config = NoConfig;
/// #     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> { Ok(Self) }
/// #     fn register(self: Arc<Self>, _: &mut Registrar) {}
/// # }
/// auth_core::plugin!(Greet);
///
/// assert!(auth_core::plugin::linked().iter().any(|plugin| plugin.manifest.id == "greet"));
/// ```
#[macro_export]
macro_rules! plugin {
    ($plugin:ty) => {
        $crate::__private::inventory::submit! { $crate::plugin::Descriptor::of::<$plugin>() }
    };
}
