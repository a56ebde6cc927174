//! Layers to one checked configuration.

use auth_core::{MergeStrategy, Overlay, Preset, Problem, config::PluginConfig, schemars::SchemaGenerator};
use figment::{
    Figment, Provider,
    providers::Serialized,
    value::{Dict, Value},
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{Config, Sources};

pub(super) fn section<T: DeserializeOwned + serde::Serialize>(
    layers: &Figment,
    key: &str,
    defaults: &T,
) -> Result<T, Vec<Problem>> {
    let figment = Figment::from(Serialized::default(key, defaults)).merge(layers.clone());
    figment
        .extract_inner(key)
        .map_err(|error| error.into_iter().map(|e| problem_in(&figment, key, &e)).collect())
}

/// A configuration that was read, with the layers for what the program itself reads from it.
pub struct Loaded {
    pub config: Config,
    figment: Figment,
}

impl Loaded {
    /// A section that belongs to the program and not to the host, such as `database`.
    pub fn section<T: DeserializeOwned + serde::Serialize>(
        &self,
        key: &str,
        defaults: &T,
    ) -> Result<T, Vec<Problem>> {
        section(&self.figment, key, defaults)
    }

    /// The merged section of a plugin over its preset's defaults. `enabled` is the host's.
    pub(crate) fn plugin(
        &self,
        id: &str,
        defaults: Json,
        overlays: &[Extension],
        known: &[String],
    ) -> Result<Json, Vec<Problem>> {
        let key = format!("plugins.{id}");
        let mut problems: Vec<_> = overlays.iter().flat_map(|extension| extension.faults(known)).collect();
        if let Ok(Value::Dict(_, given)) = self.figment.find_value(&key) {
            for name in given.keys().filter(|name| *name != "enabled" && !known.contains(*name)) {
                let place = self.place(&format!("{key}.{name}"));
                problems.push(Problem::new(place, format!("no such key{}", nearest(name, known))));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut figment = Figment::from(Serialized::default(&key, defaults));
        for extension in overlays {
            for (name, value, strategy) in extension.overlay.parts() {
                let layer = OfPlugin(extension.by, Serialized::default(&format!("{key}.{name}"), value));
                figment = match strategy {
                    MergeStrategy::BaseWins => figment.join(layer),
                    MergeStrategy::CustomWins => figment.merge(layer),
                    MergeStrategy::Merge => figment.admerge(layer),
                };
            }
        }
        let figment = figment.merge(self.figment.clone());
        let section: Result<Json, _> = figment.extract_inner(&key);
        let mut section = section.map_err(|error| vec![problem_in(&figment, &key, &error)])?;
        if let Json::Object(map) = &mut section {
            map.shift_remove("enabled");
        }
        Ok(section)
    }

    /// File and key path of a value, as far as the layers know.
    pub(crate) fn place(&self, key: &str) -> String {
        place(&self.figment, key)
    }
}

/// What a plugin adds to the defaults of one that it extends.
pub(crate) struct Extension {
    pub(crate) by: &'static str,
    pub(crate) overlay: Overlay,
}

impl Extension {
    /// What is wrong with it, whatever the operator wrote.
    fn faults(&self, known: &[String]) -> Vec<Problem> {
        let unknown = self.overlay.parts().filter(|(key, ..)| !known.contains(key));
        let unknown = unknown.map(|(key, ..)| format!("has `{key}`, which is no key{}", nearest(key, known)));
        let place = format!("plugin {}: its overlay", self.by);
        self.overlay.faults().into_iter().chain(unknown).map(|what| Problem::new(&place, what)).collect()
    }
}

/// A layer that names the plugin it comes from.
struct OfPlugin<P>(&'static str, P);

impl<P: Provider> Provider for OfPlugin<P> {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named(format!("plugin {}", self.0))
    }

    fn data(&self) -> Result<figment::value::Map<figment::Profile, Dict>, figment::Error> {
        self.1.data()
    }
}

/// What a layer does not say itself belongs to where it speaks of the section around it.
pub(super) fn place(figment: &Figment, key: &str) -> String {
    let mut around = key;
    loop {
        if let Some(metadata) = figment.find_metadata(around) {
            let source =
                metadata.source.as_ref().map_or_else(|| metadata.name.to_string(), ToString::to_string);
            return format!("{source}: {key}");
        }
        match around.rsplit_once('.') {
            Some((parent, _)) => around = parent,
            None => return key.to_owned(),
        }
    }
}

/// One sentence on what might have been meant.
pub(crate) fn nearest<S: AsRef<str>>(name: &str, known: &[S]) -> String {
    let best = known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(name, k.as_ref()), k.as_ref()))
        .min()
        .filter(|(distance, _)| *distance <= name.len().max(3) / 2);
    match best {
        Some((_, best)) => format!("; did you mean `{best}`?"),
        None => {
            let known: Vec<_> = known.iter().map(AsRef::as_ref).collect();
            format!("; there are: {}", known.join(", "))
        }
    }
}

fn problem(figment: &Figment, error: &figment::Error) -> Problem {
    problem_at(figment, &error.path, &error.kind)
}

/// As [`problem`], for an error of one section: there the section's own path comes last.
fn problem_in(figment: &Figment, section: &str, error: &figment::Error) -> Problem {
    let above: Vec<_> = section.split('.').map(str::to_owned).collect();
    let below = error.path.strip_suffix(above.as_slice()).unwrap_or(&error.path);
    problem_at(figment, &[above.as_slice(), below].concat(), &error.kind)
}

fn problem_at(figment: &Figment, path: &[String], kind: &figment::error::Kind) -> Problem {
    use figment::error::Kind;
    let mut key = path.join(".");
    let what = match kind {
        Kind::UnknownField(name, known) => {
            if path.last() != Some(name) {
                key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            }
            format!("no such key{}", nearest(name, known))
        }
        // Other kinds repeat the value.
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) if names_a_secret(&key) => {
            format!("is not {expected}")
        }
        kind => kind.to_string(),
    };
    Problem::new(place(figment, &key), what)
}

/// Whether what stands there must not be printed.
fn names_a_secret(key: &str) -> bool {
    ["secret", "password", "token", "url", "key"].iter().any(|word| key.contains(word))
}

/// Reads the core's part. `sections` are further top-level keys that the program reads itself.
pub fn load(sources: &Sources, sections: &[&str]) -> Result<Loaded, Vec<Problem>> {
    let given = &sources.figment;
    let one = |error: figment::Error| error.into_iter().map(|e| problem(given, &e)).collect::<Vec<_>>();
    let preset: Preset = match given.find_value("preset") {
        Ok(value) => value.deserialize().map_err(|_| {
            vec![Problem::new(place(given, "preset"), "is neither `tessera` nor `better-auth`".to_owned())]
        })?,
        Err(_) => Preset::default(),
    };
    let data = given.data().map_err(one)?;
    let top = data.into_values().next().unwrap_or_default();
    let known = keys_of::<Config>();
    let mut problems: Vec<_> = top
        .keys()
        .filter(|name| !known.contains(*name) && !sections.contains(&name.as_str()))
        .map(|name| {
            let all: Vec<&str> = known.iter().map(String::as_str).chain(sections.iter().copied()).collect();
            Problem::new(place(given, name), format!("no such key{}", nearest(name, &all)))
        })
        .collect();
    let own: Dict = top.into_iter().filter(|(name, _)| known.contains(name)).collect();
    let figment = Figment::from(Serialized::defaults(Config::preset(preset))).merge(Own(own));
    match figment.extract::<Config>() {
        Ok(config) => {
            let wrong = config.validate();
            problems.extend(wrong.into_iter().map(|(key, what)| Problem::new(place(given, &key), what)));
            if problems.is_empty() {
                return Ok(Loaded { config, figment: given.clone() });
            }
        }
        Err(error) => problems.extend(error.into_iter().map(|e| problem(given, &e))),
    }
    Err(problems)
}

/// The plugins' sections alone, where the host's own part has problems.
pub(crate) fn load_plugins(sources: &Sources) -> Loaded {
    let figment = sources.figment.clone();
    let preset = figment.extract_inner("preset").unwrap_or_default();
    let plugins = figment.extract_inner("plugins").unwrap_or_default();
    Loaded { config: Config { plugins, ..Config::preset(preset) }, figment }
}

/// The top-level keys that are the host's, as a layer.
struct Own(Dict);

impl Provider for Own {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named("configuration")
    }

    fn data(&self) -> Result<figment::value::Map<figment::Profile, Dict>, figment::Error> {
        Ok(figment::value::Map::from([(figment::Profile::Default, self.0.clone())]))
    }
}

/// The keys that a configuration type knows, from its schema.
pub(crate) fn keys_of<T: auth_core::schemars::JsonSchema>() -> Vec<String> {
    keys_in(&Json::from(SchemaGenerator::default().into_root_schema_for::<T>()))
}

/// The property names of an object schema.
pub(crate) fn keys_in(schema: &Json) -> Vec<String> {
    let properties = schema.get("properties").and_then(Json::as_object);
    properties.map(|p| p.keys().cloned().collect()).unwrap_or_default()
}
