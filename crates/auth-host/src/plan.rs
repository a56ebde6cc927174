//! Everything up to the freeze: pure, and complete in its complaints.

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use auth_core::{
    Manifest, Phase, Preset, Problem, Registrar,
    command::Command,
    endpoint::{Endpoint, Facts},
    metric::Metric,
    plugin::{Descriptor, Plugin, linked},
    schema::{Column, CoreTable, Table},
    schemars::SchemaGenerator,
    serde_json::{Map, Value},
};

use crate::{
    builtin,
    config::{Config, Extension, Loaded, Sources, keys_in, load, load_plugins, nearest},
    freeze::freeze,
    openapi::Components,
    order::order,
    router::Router,
};

/// Says which plugins there are and how they are configured.
#[derive(Clone, Default)]
pub struct Builder {
    pub(crate) descriptors: Vec<&'static Descriptor>,
    pub(crate) on_by_default: Vec<&'static str>,
    sections: Vec<&'static str>,
    pub(crate) sources: Sources,
}

/// A line of `plugins list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginLine {
    pub manifest: Manifest,
    pub enabled: bool,
    /// Why it stands where it stands.
    pub reason: String,
}

/// A hook in the order in which hooks run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookLine {
    pub phase: Phase,
    pub plugin: &'static str,
    pub name: &'static str,
    pub matches: String,
}

/// An endpoint as it was frozen.
#[derive(Clone, Copy)]
pub struct EndpointLine<'p> {
    pub plugin: &'static str,
    pub endpoint: &'p Endpoint,
    /// What its types say of it.
    pub facts: &'p Facts,
    /// Another plugin answers its paths.
    pub replaced: bool,
}

/// A frozen endpoint.
pub(crate) struct Entry {
    pub(crate) plugin: &'static str,
    pub(crate) endpoint: Endpoint,
    pub(crate) facts: Arc<Facts>,
    /// Another plugin answers its paths.
    pub(crate) replaced: bool,
}

/// A frozen host that has no database yet.
pub struct Plan {
    pub(crate) loaded: Loaded,
    pub(crate) entries: Vec<Entry>,
    pub(crate) by_id: HashMap<String, usize>,
    pub(crate) router: Router,
    pub(crate) roots: HashMap<&'static str, String>,
    pub(crate) registrar: Registrar,
    pub(crate) schemas: Components,
    pub(crate) instances: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    pub(crate) plugins: Vec<PluginLine>,
    pub(crate) extras: BTreeMap<CoreTable, Vec<Column>>,
}

impl Builder {
    /// Adds a plugin by its type, for embedders and tests.
    #[must_use]
    pub fn plugin<P: Plugin>(mut self) -> Self {
        // One leaked constant a plugin: descriptors live as long as the program.
        self.add(Box::leak(Box::new(Descriptor::of::<P>())));
        self.on_by_default.push(P::MANIFEST.id);
        self
    }

    /// Adds every plugin that is linked into the program. Linked is not enabled.
    #[must_use]
    pub fn linked(mut self) -> Self {
        for descriptor in linked() {
            self.add(descriptor);
        }
        self
    }

    /// A plugin that is named by its type may be linked as well.
    fn add(&mut self, descriptor: &'static Descriptor) {
        if self.descriptors.iter().all(|known| known.plugin != descriptor.plugin) {
            self.descriptors.push(descriptor);
        }
    }

    /// Every plugin that there is, by id.
    #[must_use]
    pub fn known(&self) -> Vec<&'static Descriptor> {
        let mut all = self.descriptors.clone();
        all.sort_by_key(|descriptor| descriptor.manifest.id);
        all
    }

    /// Plugins that run unless the configuration says `enabled = false`.
    #[must_use]
    pub fn on_by_default(mut self, ids: &[&'static str]) -> Self {
        self.on_by_default.extend(ids);
        self
    }

    /// Top-level keys of the configuration that the program reads itself.
    #[must_use]
    pub fn sections(mut self, keys: &[&'static str]) -> Self {
        self.sections.extend(keys);
        self
    }

    #[must_use]
    pub fn sources(mut self, sources: Sources) -> Self {
        self.sources = sources;
        self
    }

    /// Selects, orders, configures, registers and freezes. All problems are reported at once.
    pub fn plan(self) -> Result<Plan, Vec<Problem>> {
        let loaded = match load(&self.sources, &self.sections) {
            Ok(loaded) => loaded,
            Err(mut problems) => {
                // Plugins are asked all the same: one run should tell everything.
                let rest = load_plugins(&self.sources);
                problems.extend(self.unknown_plugins(&rest));
                let (selected, _) = self.select(&rest.config);
                problems.extend(selected.iter().filter_map(|d| configure(d, &rest, &[]).err()).flatten());
                return Err(problems);
            }
        };
        let mut problems = self.unknown_plugins(&loaded);
        let (selected, idle) = self.select(&loaded.config);
        let manifests: Vec<_> = selected.iter().map(|d| d.manifest).collect();
        let placed = match order(&manifests) {
            Ok(placed) => placed,
            Err(wrong) => {
                problems.extend(wrong);
                return Err(problems);
            }
        };
        let mut registrar = Registrar::default();
        builtin::register(&mut registrar);
        let mut instances = HashMap::new();
        let mut plugins = Vec::new();
        let find = |id: &str| selected.iter().find(|d| d.manifest.id == id).copied();
        let ordered: Vec<_> = placed.iter().filter_map(|place| Some((place, find(place.id)?))).collect();
        for (place, descriptor) in &ordered {
            let line =
                PluginLine { manifest: descriptor.manifest, enabled: true, reason: place.reason.clone() };
            plugins.push(line);
            let extending = ordered.iter().map(|(_, descriptor)| *descriptor);
            let overlays = overlays(extending, place.id, loaded.config.preset);
            match configure(descriptor, &loaded, &overlays) {
                Ok(built) => {
                    registrar.enter(place.id);
                    (built.register)(&mut registrar);
                    instances.insert(built.instance.as_ref().type_id(), built.instance);
                }
                Err(wrong) => problems.extend(wrong),
            }
        }
        let reason = "not enabled".to_owned();
        plugins.extend(idle.iter().map(|d| PluginLine {
            manifest: d.manifest,
            enabled: false,
            reason: reason.clone(),
        }));
        let plan = freeze(loaded, registrar, instances, plugins, &mut problems);
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }

    fn unknown_plugins(&self, loaded: &Loaded) -> Vec<Problem> {
        let known: Vec<_> = self.descriptors.iter().map(|d| d.manifest.id).collect();
        let unknown = loaded.config.plugins.keys().filter(|id| !known.contains(&id.as_str()));
        let tell = |id: &String| {
            let place = loaded.place(&format!("plugins.{id}"));
            Problem::new(place, format!("no such plugin in this program{}", nearest(id, &known)))
        };
        unknown.map(tell).collect()
    }

    /// The enabled plugins and the others.
    fn select(&self, config: &Config) -> (Vec<&'static Descriptor>, Vec<&'static Descriptor>) {
        let enabled = |d: &&&'static Descriptor| {
            let id = d.manifest.id;
            let said = config.plugins.get(id).and_then(|section| section.get("enabled"));
            said.map_or_else(|| self.on_by_default.contains(&id), |v| v.as_bool() == Some(true))
        };
        let (on, off): (Vec<_>, Vec<_>) = self.descriptors.iter().partition(enabled);
        (on.into_iter().copied().collect(), off.into_iter().copied().collect())
    }
}

/// What plugins that extend this one add to its defaults, in their order.
fn overlays<'a>(ordered: impl Iterator<Item = &'a Descriptor>, id: &str, preset: Preset) -> Vec<Extension> {
    let one = |d: &Descriptor| (d.overlay)(preset).map(|overlay| Extension { by: d.manifest.id, overlay });
    ordered.filter(|d| d.manifest.extends == Some(id)).filter_map(one).collect()
}

fn configure(
    descriptor: &Descriptor,
    loaded: &Loaded,
    overlays: &[Extension],
) -> Result<auth_core::plugin::Built, Vec<Problem>> {
    let id = descriptor.manifest.id;
    let defaults = (descriptor.defaults)(loaded.config.preset).map_err(|e| {
        vec![Problem::new(format!("plugin {id}"), format!("its defaults do not serialize: {e}"))]
    })?;
    let mut generator = SchemaGenerator::default();
    let schema = Value::from((descriptor.schema)(&mut generator));
    let known = match schema.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()) {
        Some(name) => generator.definitions().get(name).map(keys_in).unwrap_or_default(),
        None => keys_in(&schema),
    };
    let section = loaded.plugin(id, defaults, overlays, &known)?;
    (descriptor.build)(section)
        .map_err(|wrong| wrong.into_iter().map(|p| Problem::new(loaded.place(&p.place), p.what)).collect())
}

impl Plan {
    pub fn config(&self) -> &Config {
        &self.loaded.config
    }

    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Enabled plugins in their order, then the others.
    pub fn plugins(&self) -> &[PluginLine] {
        &self.plugins
    }

    /// Hooks in the order in which they run.
    #[must_use]
    pub fn hooks(&self) -> Vec<HookLine> {
        let line = |h: &auth_core::registrar::Registered<auth_core::registrar::Hook>| HookLine {
            phase: h.value.phase,
            plugin: h.plugin,
            name: h.value.name,
            matches: h.value.matches.to_string(),
        };
        self.registrar.hooks.iter().map(line).collect()
    }

    /// `(method, path, endpoint, plugin)` of everything that answers, sorted.
    #[must_use]
    pub fn routes(&self) -> Vec<(String, String, &'static str, &'static str)> {
        let mut routes = Vec::new();
        for entry in self.entries.iter().filter(|e| !e.replaced) {
            let id = entry.endpoint.id;
            for method in &entry.endpoint.methods {
                routes.extend(
                    entry.endpoint.path.iter().map(|p| (method.to_string(), p.to_string(), id, entry.plugin)),
                );
            }
            let aliases = &entry.endpoint.aliases;
            routes.extend(aliases.iter().map(|(m, p)| (m.to_string(), (*p).to_owned(), id, entry.plugin)));
        }
        routes.sort();
        routes
    }

    /// Every endpoint with what is known of it, in the order of registration.
    pub fn endpoints(&self) -> impl Iterator<Item = EndpointLine<'_>> {
        self.entries.iter().map(|entry| EndpointLine {
            plugin: entry.plugin,
            endpoint: &entry.endpoint,
            facts: &entry.facts,
            replaced: entry.replaced,
        })
    }

    /// What enabled plugins have registered besides endpoints.
    pub fn registered(&self) -> &Registrar {
        &self.registrar
    }

    /// Commands that enabled plugins add to the command line, with the plugins' ids.
    pub fn commands(&self) -> impl Iterator<Item = (&'static str, &Command)> {
        self.registrar.commands.iter().map(|registered| (registered.plugin, &registered.value))
    }

    /// The figures of the host and of enabled plugins, with their owners.
    pub fn metrics(&self) -> impl Iterator<Item = (&'static str, Metric)> {
        self.registrar.metrics.iter().map(|registered| (registered.plugin, registered.value))
    }

    /// The kinds of mail that enabled plugins send.
    pub fn mails(&self) -> &BTreeMap<&'static str, &'static str> {
        &self.registrar.mails
    }

    pub(crate) fn extras(&self, table: CoreTable) -> Vec<Column> {
        self.extras.get(&table).cloned().unwrap_or_default()
    }

    /// What the migrator has to make sure of: the core and each plugin with its tables and columns.
    #[must_use]
    pub fn owners(&self) -> Vec<auth_store::migrate::Owner> {
        let core = auth_store::migrate::Owner {
            id: "core",
            tables: auth_migrations::core_tables(),
            columns: Vec::new(),
        };
        let plugins = self.plugins.iter().filter(|p| p.enabled).map(|p| {
            let id = p.manifest.id;
            let tables: Vec<Table> =
                self.registrar.tables.iter().filter(|t| t.plugin == id).map(|t| t.value.clone()).collect();
            let own = self.registrar.columns.iter().filter(|c| c.plugin == id);
            let own = own.map(|c| (c.value.0.name().into(), c.value.1.clone()));
            let others = self.registrar.extended.iter().filter(|c| c.plugin == id);
            let others = others.map(|c| (c.value.0.into(), c.value.1.clone()));
            let columns = own.chain(others).collect();
            auth_store::migrate::Owner { id, tables, columns }
        });
        std::iter::once(core)
            .chain(plugins.filter(|o| !o.tables.is_empty() || !o.columns.is_empty()))
            .collect()
    }

    /// The configuration's JSON Schema: the host, then every plugin that the program knows.
    #[must_use]
    pub fn config_schema(descriptors: &[&'static Descriptor], sections: Map<String, Value>) -> Value {
        let mut generator = SchemaGenerator::default();
        let mut root = Value::from(generator.root_schema_for::<Config>());
        let mut plugins = Map::new();
        for descriptor in descriptors {
            let schema = (descriptor.schema)(&mut generator);
            plugins.insert(descriptor.manifest.id.to_owned(), Value::from(schema));
        }
        let definitions = generator.take_definitions(true);
        if let Some(root) = root.as_object_mut() {
            if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
                properties.extend(sections);
                properties.insert(
                    "plugins".to_owned(),
                    auth_core::serde_json::json!({ "type": "object", "properties": plugins }),
                );
            }
            root.shift_remove("required");
            root.insert("$defs".to_owned(), Value::Object(definitions));
        }
        root
    }

    /// The defaults of a preset, as the layers below every file.
    pub fn defaults(preset: Preset) -> Result<Value, auth_core::serde_json::Error> {
        auth_core::serde_json::to_value(<Config as auth_core::PluginConfig>::preset(preset))
    }
}
