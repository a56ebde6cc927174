//! What the plan has of a plugin: endpoints, tasks, figures, mail.

use std::collections::{BTreeMap, BTreeSet};

use auth_host::{EndpointLine, Plan, document};

use super::Findings;
use crate::Builder;

pub(super) fn check(builder: &Builder, plan: &Plan, id: &str, found: &mut Findings) {
    for line in plan.endpoints().filter(|line| line.plugin == id) {
        endpoint(&line, found);
    }
    operations(plan, id, found);
    neighbours(plan, id, found);
    registered(plan, id, found);
    match builder.clone().plan() {
        Err(problems) => found.0.extend(problems),
        Ok(again) => {
            for ((what, first), (_, second)) in listing(plan).into_iter().zip(listing(&again)) {
                if first != second {
                    let place = format!("plugin {id}, `register`");
                    found.add(place, format!("{what} are others the second time: it has to be pure"));
                }
            }
        }
    }
}

fn endpoint(line: &EndpointLine<'_>, found: &mut Findings) {
    let place = format!("plugin {}, endpoint {}", line.plugin, line.endpoint.id);
    if line.endpoint.path.is_some() && line.endpoint.summary.trim().is_empty() {
        found.add(&place, "has no summary for the documents: `.summary(\"…\")`");
    }
    if line.facts.replies.is_empty() {
        found.add(place, "its reply says nothing of itself: `IntoReply::describe` has to add a `ReplyDoc`");
    }
}

fn operations(plan: &Plan, id: &str, found: &mut Findings) {
    let document = document(plan);
    let paths = document["paths"].as_object().into_iter().flatten();
    let mut owners: BTreeMap<&str, String> = BTreeMap::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let here = format!("{} {path}", method.to_uppercase());
            let name = operation["operationId"].as_str().unwrap_or_default();
            let other = owners.insert(name, here.clone());
            if operation["tags"][0] == id
                && let Some(other) = other
            {
                found.add(format!("plugin {id}, {here}"), format!("{other} has the operation id {name} too"));
            }
        }
    }
}

/// Another plugin's paths are its own, by any method.
fn neighbours(plan: &Plan, id: &str, found: &mut Findings) {
    let manifest = plan.plugins().iter().find(|line| line.manifest.id == id).map(|line| line.manifest);
    let routes = plan.routes();
    for (method, path, endpoint, _) in routes.iter().filter(|route| route.3 == id) {
        let theirs = |route: &&(String, String, &str, &str)| {
            let related = manifest.is_some_and(|m| [m.replaces, m.extends].contains(&Some(route.3)));
            route.1 == *path && route.3 != id && !related
        };
        if let Some((_, _, _, owner)) = routes.iter().find(theirs) {
            found.add(
                format!("plugin {id}, endpoint {endpoint}"),
                format!("{method} {path} is at a path of plugin {owner}: declare `replaces` or `extends`"),
            );
        }
    }
}

fn registered(plan: &Plan, id: &str, found: &mut Findings) {
    let all = plan.registered();
    let place = |what: &str| format!("plugin {id}, {what}");
    let mut names = BTreeSet::new();
    for task in all.tasks.iter().filter(|task| task.plugin == id) {
        let name = task.value.name();
        if !names.insert(name) {
            found.add(place(&format!("task {name}")), "there is another one of this name: it is the lock's");
        }
        if task.value.every().is_zero() {
            found.add(place(&format!("task {name}")), "runs without a pause");
        }
    }
    for metric in all.metrics.iter().filter(|metric| metric.plugin == id) {
        if metric.value.help.trim().is_empty() {
            found.add(place(&format!("metric {}", metric.value.name)), "has no help text");
        }
    }
    for alarm in all.alarms.iter().filter(|alarm| alarm.plugin == id) {
        if !is_event(alarm.value.0) {
            let what = "the name of an event is small letters with `_`, and a `.` before what happened";
            found.add(place(&format!("event {}", alarm.value.0)), what);
        }
    }
    for (_, command) in plan.commands().filter(|(owner, _)| *owner == id) {
        let silent = command.actions.iter().filter(|action| action.about.trim().is_empty());
        for name in silent.map(|action| action.name) {
            found.add(place(&format!("command {} {name}", command.name)), "does not say what it does");
        }
    }
    for (kind, _) in all.mails.iter().filter(|(_, purpose)| purpose.trim().is_empty()) {
        found.add(place(&format!("mail {kind}")), "does not say what it is for");
    }
}

/// `thing.happened`.
pub(super) fn is_event(name: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    name.split('.').count() > 1 && name.split('.').all(word)
}

/// All that a plan has, to be compared.
fn listing(plan: &Plan) -> Vec<(&'static str, String)> {
    let all = plan.registered();
    let tasks: Vec<_> = all.tasks.iter().map(|task| (task.plugin, task.value.name())).collect();
    let commands: Vec<_> = plan.commands().map(|(plugin, command)| (plugin, command.name)).collect();
    let owners: Vec<_> = plan.owners().into_iter().map(|o| (o.id, o.tables, o.columns)).collect();
    vec![
        ("its routes", format!("{:?}", plan.routes())),
        ("its hooks", format!("{:?}", plan.hooks())),
        ("its documents", document(plan).to_string()),
        ("its tables", format!("{owners:?}")),
        ("its figures", format!("{:?}", plan.metrics().collect::<Vec<_>>())),
        ("its tasks", format!("{tasks:?}")),
        ("its commands", format!("{commands:?}")),
        ("its mails", format!("{:?}", all.mails)),
    ]
}
