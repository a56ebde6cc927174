//! A plugin that is switched off leaves nothing.

use std::collections::BTreeSet;

use auth_core::{http::Method, sea_orm::ConnectionTrait};
use auth_host::Plan;
use auth_store::migrate;

use super::Findings;
use crate::{Builder, database::portable};

pub(super) async fn check(builder: &Builder, plan: &Plan, id: &'static str, found: &mut Findings) {
    let place = format!("plugin {id}, with plugins.{id}.enabled = false");
    let mut off = builder.clone();
    for plugin in dependents(plan, id) {
        off = off.set(&format!("plugins.{plugin}.enabled"), false);
    }
    let rest = match off.clone().plan() {
        Ok(rest) => rest,
        Err(problems) => {
            let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
            let what = format!(
                "the others do not start, so they have to name it in `requires`: {}",
                problems.join("; ")
            );
            return found.add(place, what);
        }
    };
    for what in left(&rest, id) {
        found.add(&place, format!("there still is {what}"));
    }
    let app = off.start().await;
    let mut anybody = app.anon().unnoted();
    let others = rest.routes();
    for (method, path, endpoint, _) in plan.routes().into_iter().filter(|route| route.3 == id) {
        if others.iter().any(|other| (&other.0, &other.1) == (&method, &path)) {
            continue;
        }
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let answer = anybody.send(method.clone(), &filled(&path, "x"), None).await;
        if answer.status != 404 {
            found.add(&place, format!("{method} {path} ({endpoint}) answers {}, not 404", answer.status));
        }
    }
    // Whatever is declared has to be missing.
    let owners = plan.owners();
    let Some(own) = owners.iter().find(|owner| owner.id == id) else { return };
    let missing = migrate::plan(app.core().db(), &owners).await.expect("a plan of migrations");
    let missing: Vec<_> =
        missing.iter().filter(|step| step.owner == id).map(|step| step.sql.as_str()).collect();
    let tables = own.tables.iter().map(|table| ("table", table.name.to_string()));
    let columns = own.columns.iter().map(|(_, column)| ("column", column.name.to_string()));
    for (kind, name) in tables.chain(columns) {
        let quoted = portable(app.core().db().get_database_backend(), &format!("\"{name}\""));
        if !missing.iter().any(|sql| sql.contains(&quoted)) {
            found.add(&place, format!("the database has its {kind} {name}"));
        }
    }
}

/// A path with something in the place of each parameter.
pub(super) fn filled(path: &str, with: &str) -> String {
    let part =
        |part: &str| if part.starts_with(':') || part == "*" { with.to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The plugin and all that cannot be there without it.
fn dependents(plan: &Plan, id: &'static str) -> BTreeSet<&'static str> {
    let mut all = BTreeSet::from([id]);
    loop {
        let manifests = plan.plugins().iter().map(|line| line.manifest);
        let leans = |m: &auth_core::Manifest| {
            m.requires.iter().chain(&m.replaces).chain(&m.extends).any(|other| all.contains(other))
        };
        let more: Vec<_> = manifests.filter(|m| !all.contains(m.id) && leans(m)).map(|m| m.id).collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// What a plan without the plugin has of it all the same.
fn left(rest: &Plan, id: &str) -> Vec<String> {
    let all = rest.registered();
    let mut left = Vec::new();
    let mut add = |what: &str, count: usize| {
        if count > 0 {
            left.push(format!("{count} {what}"));
        }
    };
    add("endpoints", rest.endpoints().filter(|line| line.plugin == id).count());
    add("hooks", all.hooks.iter().filter(|hook| hook.plugin == id).count());
    add("database hooks", all.database_hooks.iter().filter(|hook| hook.plugin == id).count());
    add("rate rules", all.rates.iter().filter(|rate| rate.plugin == id).count());
    add("tasks", all.tasks.iter().filter(|task| task.plugin == id).count());
    add("listeners", all.listeners.iter().filter(|listener| listener.plugin == id).count());
    add("metrics", rest.metrics().filter(|(plugin, _)| *plugin == id).count());
    add("commands", rest.commands().filter(|(plugin, _)| *plugin == id).count());
    left
}
