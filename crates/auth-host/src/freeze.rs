//! The freeze: all contributions are checked against each other, and every problem is told.

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use auth_core::{
    Problem, Registrar,
    endpoint::{Endpoint, Facts},
    http::Method,
    model::FieldValue,
    schema::{Column, CoreTable},
};

use crate::{
    config::{Loaded, nearest},
    host::in_rules,
    limits::Rules,
    openapi::Components,
    plan::{Entry, Plan, PluginLine},
    router::Router,
};

/// Checks all contributions against each other.
pub(crate) fn freeze(
    loaded: Loaded,
    mut registrar: Registrar,
    instances: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    plugins: Vec<PluginLine>,
    problems: &mut Vec<Problem>,
) -> Plan {
    problems.append(&mut registrar.problems);
    let mut schemas = Components::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut by_id = HashMap::new();
    for registered in std::mem::take(&mut registrar.endpoints) {
        let (plugin, endpoint) = (registered.plugin, registered.value);
        let facts = schemas.describe(plugin, &endpoint);
        check_facts(plugin, &endpoint, &facts, &instances, problems);
        let may_replace = |other: &Entry| replaces(&plugins, plugin, other.plugin);
        if let Some(other) = by_id.get(endpoint.id).and_then(|i: &usize| entries.get_mut(*i)) {
            if may_replace(other) {
                other.replaced = true;
            } else {
                problems.push(Problem::new(
                    format!("plugin {plugin}"),
                    format!(
                        "endpoint {} exists in plugin {} already; declare replaces to take it over",
                        endpoint.id, other.plugin
                    ),
                ));
            }
        }
        by_id.insert(endpoint.id.to_owned(), entries.len());
        by_id.insert(format!("{plugin}/{}", endpoint.id), entries.len());
        entries.push(Entry { plugin, endpoint, facts: Arc::new(facts), replaced: false });
    }
    let router = route(&mut entries, &plugins, problems);
    let roots = roots(&entries, problems);
    check_hooks(&registrar, &by_id, &entries, problems);
    let extras = check_columns(&registrar, problems);
    check_tables(&registrar, problems);
    check_extended(&registrar, &plugins, problems);
    check_commands(&registrar, problems);
    check_metrics(&registrar, problems);
    if let Err(wrong) = Rules::new(&loaded.config.rate_limit, &Rules::registered(&registrar)) {
        problems.extend(in_rules(wrong, |key| loaded.place(key)));
    }
    registrar.hooks.sort_by_key(|h| h.value.phase);
    Plan { loaded, entries, by_id, router, roots, registrar, schemas, instances, plugins, extras }
}

fn replaces(plugins: &[PluginLine], plugin: &str, other: &str) -> bool {
    plugins.iter().any(|p| p.manifest.id == plugin && p.manifest.replaces == Some(other))
}

fn check_facts(
    plugin: &str,
    endpoint: &Endpoint,
    facts: &Facts,
    instances: &HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    problems: &mut Vec<Problem>,
) {
    let mut say =
        |what: &str| problems.push(Problem::new(format!("plugin {plugin}, endpoint {}", endpoint.id), what));
    let (input, output) = endpoint.key_types;
    if facts.body_type.is_some_and(|body| body != input) {
        say("the handler's body is not the type that its key names");
    }
    if facts.reply_type.is_some_and(|reply| reply != output) {
        say("the handler's reply is not the type that its key names");
    }
    if facts.server_only && endpoint.path.is_some() {
        say("takes ServerOnly and has a path; register it with `internal`");
    }
    for (_, id) in facts.plugins.iter().filter(|(key, _)| !instances.contains_key(key)) {
        say(&format!("takes the context of plugin {id}, which is not enabled"));
    }
    for (at, spec) in facts.errors.iter().enumerate() {
        let clash = facts.errors.iter().take(at).find(|e| e.code == spec.code && e.status != spec.status);
        if clash.is_some() {
            say(&format!("the error code {} has two statuses", spec.code));
        }
    }
}

/// Fills the router; later plugins that replace take the paths.
fn route(entries: &mut [Entry], plugins: &[PluginLine], problems: &mut Vec<Problem>) -> Router {
    let mut router = Router::default();
    for at in (0..entries.len()).rev() {
        let Some(entry) = entries.get(at) else { continue };
        if entry.replaced {
            continue;
        }
        let (plugin, id) = (entry.plugin, entry.endpoint.id);
        let own =
            entry.endpoint.path.iter().flat_map(|path| {
                entry.endpoint.methods.iter().map(|method| (method.clone(), path.to_string()))
            });
        let aliases =
            entry.endpoint.aliases.iter().map(|(method, path)| (method.clone(), (*path).to_owned()));
        let routes: Vec<(Method, String)> = own.chain(aliases).collect();
        for (method, path) in routes {
            if !path.starts_with('/') || path.ends_with('/') {
                problems.push(Problem::new(
                    format!("plugin {plugin}, endpoint {id}"),
                    format!("`{path}` has to start with a slash and not end with one"),
                ));
            }
            let Err(other) = router.insert(&method, &path, at) else { continue };
            let Some(other) = entries.get(other).filter(|o| !replaces(plugins, o.plugin, plugin)) else {
                continue;
            };
            let (other_id, other_plugin) = (other.endpoint.id, other.plugin);
            problems.push(Problem::new(
                format!("plugin {plugin}, endpoint {id}"),
                format!("{method} {path} is {other_id} of plugin {other_plugin} already"),
            ));
        }
    }
    router
}

/// Addresses of the server itself, and the paths below the base path that they stand for.
fn roots(entries: &[Entry], problems: &mut Vec<Problem>) -> HashMap<&'static str, String> {
    let mut roots: HashMap<&'static str, String> = HashMap::new();
    for entry in entries.iter().filter(|entry| !entry.replaced) {
        let Some(path) = &entry.endpoint.path else { continue };
        for root in &entry.endpoint.at_root {
            let place = || format!("plugin {}, endpoint {}", entry.plugin, entry.endpoint.id);
            let one_word = root.strip_prefix('/').is_some_and(|word| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            });
            if !one_word && !root.starts_with("/.well-known/") {
                let what = format!("`{root}` has to be one word, or below `/.well-known/`");
                problems.push(Problem::new(place(), what));
            }
            if let Some(other) = roots.insert(root, path.to_string()) {
                problems.push(Problem::new(place(), format!("{root} is {other} already")));
            }
        }
    }
    roots
}

fn check_hooks(
    registrar: &Registrar,
    by_id: &HashMap<String, usize>,
    entries: &[Entry],
    problems: &mut Vec<Problem>,
) {
    use auth_core::Match;
    let mut known: Vec<_> = by_id.keys().filter(|id| !id.contains('/')).collect();
    known.sort();
    let tags: BTreeSet<_> = entries.iter().flat_map(|e| &e.endpoint.tags).collect();
    for hook in &registrar.hooks {
        let wanted: Vec<&str> = match hook.value.matches {
            Match::Id(id) => vec![id],
            Match::Ids(ids) => ids.to_vec(),
            Match::Tag(tag) if !tags.contains(&tag) => {
                tracing::debug!(%tag, hook = hook.value.name, "no endpoint has the tag of this hook");
                continue;
            }
            _ => continue,
        };
        for id in wanted.into_iter().filter(|id| !by_id.contains_key(*id)) {
            problems.push(Problem::new(
                format!("plugin {}, hook {}", hook.plugin, hook.value.name),
                format!("there is no endpoint `{id}`{}", nearest(id, &known)),
            ));
        }
    }
}

fn check_commands(registrar: &Registrar, problems: &mut Vec<Problem>) {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for registered in &registrar.commands {
        let (plugin, command) = (registered.plugin, &registered.value);
        if let Some(other) = owners.insert(command.name, plugin) {
            let what = format!("the command `{}` is one of plugin {other} already", command.name);
            problems.push(Problem::new(format!("plugin {plugin}"), what));
        }
    }
}

fn check_metrics(registrar: &Registrar, problems: &mut Vec<Problem>) {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for registered in &registrar.metrics {
        let (plugin, metric) = (registered.plugin, &registered.value);
        let mut say = |what: String| problems.push(Problem::new(format!("plugin {plugin}"), what));
        if let Some(fault) = metric.fault() {
            say(format!("the metric `{}`: {fault}", metric.name));
        }
        if let Some(other) = owners.insert(metric.name, plugin) {
            say(format!("the metric `{}` is one of plugin {other} already", metric.name));
        }
    }
}

fn check_columns(registrar: &Registrar, problems: &mut Vec<Problem>) -> BTreeMap<CoreTable, Vec<Column>> {
    let mut owners: BTreeMap<(CoreTable, String), &str> = BTreeMap::new();
    for table in auth_migrations::core_tables() {
        if let Some(core) = CoreTable::ALL.into_iter().find(|core| core.name() == table.name) {
            owners.extend(table.columns.iter().map(|column| ((core, column.name.to_string()), "the core")));
        }
    }
    let mut extras: BTreeMap<CoreTable, Vec<Column>> = BTreeMap::new();
    for registered in &registrar.columns {
        let (table, column) = &registered.value;
        let place = format!("plugin {}", registered.plugin);
        let name = format!("{}.{}", table.name(), column.name);
        if let Some(owner) = owners.insert((*table, column.name.to_string()), registered.plugin) {
            problems.push(Problem::new(&place, format!("column {name} belongs to {owner} already")));
            continue;
        }
        problems.extend(lacks_default(column, &name).map(|what| Problem::new(&place, what)));
        extras.entry(*table).or_default().push(column.clone());
    }
    extras
}

/// Rows that are there already have to get a value.
fn lacks_default(column: &Column, name: &str) -> Option<String> {
    let lacks = !column.nullable && column.default == FieldValue::Null;
    lacks.then(|| format!("column {name} is not null and has no default for rows that are there already"))
}

/// Columns on tables of plugins that are extended.
fn check_extended(registrar: &Registrar, plugins: &[PluginLine], problems: &mut Vec<Problem>) {
    let mut owners: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for registered in &registrar.tables {
        let columns = registered.value.columns.iter();
        owners
            .extend(columns.map(|c| ((registered.value.name.as_ref(), c.name.as_ref()), registered.plugin)));
    }
    for registered in &registrar.extended {
        let (plugin, (table, column)) = (registered.plugin, &registered.value);
        let mut say = |what: String| problems.push(Problem::new(format!("plugin {plugin}"), what));
        let extends = plugins.iter().find(|p| p.manifest.id == plugin).and_then(|p| p.manifest.extends);
        let owner = registrar.tables.iter().find(|t| t.value.name == *table).map(|t| t.plugin);
        let name = format!("{table}.{}", column.name);
        match (owner, extends) {
            (Some(owner), Some(extended)) if owner == extended => {}
            (None, _) => say(format!("puts column {name} on a table that is not there")),
            (Some(owner), _) => {
                say(format!(
                    "puts column {name} on a table of plugin {owner}; declare that it extends {owner}"
                ));
            }
        }
        if let Some(other) = owners.insert((table, column.name.as_ref()), plugin) {
            say(format!("column {name} belongs to {other} already"));
        }
        if let Some(what) = lacks_default(column, &name) {
            say(what);
        }
    }
}

fn check_tables(registrar: &Registrar, problems: &mut Vec<Problem>) {
    let mut owners: BTreeMap<String, &str> =
        auth_migrations::core_tables().into_iter().map(|t| (t.name.to_string(), "the core")).collect();
    for registered in &registrar.tables {
        let name = registered.value.name.to_string();
        if let Some(owner) = owners.insert(name.clone(), registered.plugin) {
            problems.push(Problem::new(
                format!("plugin {}", registered.plugin),
                format!("table {name} belongs to {owner} already"),
            ));
        }
    }
}
