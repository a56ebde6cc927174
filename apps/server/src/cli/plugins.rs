//! `tessera plugins`.

use std::{fmt::Write, process::ExitCode};

use anyhow::Result;
use auth_core::{
    HOST_API, Manifest,
    plugin::Descriptor,
    serde_json::{Value, json},
};
use auth_host::Plan;
use clap::Subcommand;

use crate::{
    application::Application,
    assemble::{Assembly, Problems},
    observe::figures,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Plugins and hooks, each in the order in which they run.
    List {
        #[arg(long)]
        json: bool,
    },
    /// The manifests of every plugin of this build as JSON, whatever is enabled and whether or not they fit.
    Manifests,
}

impl Command {
    pub(super) fn run(self, application: Application) -> Result<ExitCode> {
        let json = match self {
            Self::List { json } => json,
            Self::Manifests => {
                super::print(&format!("{:#}\n", manifests(&application.known())));
                return Ok(ExitCode::SUCCESS);
            }
        };
        let Assembly { plan, .. } = application.assemble().map_err(Problems)?;
        super::print(&if json { format!("{:#}\n", document(&plan)) } else { text(&plan) });
        Ok(ExitCode::SUCCESS)
    }
}

fn routes(plan: &Plan, id: &str) -> usize {
    plan.routes().iter().filter(|(.., plugin)| *plugin == id).count()
}

fn text(plan: &Plan) -> String {
    let mut text = String::from("Plugins\n");
    // Writing to a string cannot fail.
    for (at, line) in plan.plugins().iter().enumerate() {
        let (manifest, id) = (&line.manifest, line.manifest.id);
        let count = plan.hooks().iter().filter(|h| h.plugin == id).count();
        let _ = writeln!(
            text,
            "  {:>2}. {id:<16} {:<8} {:<8} {:>3} routes {count:>3} hooks  {}\n      {}",
            at + 1,
            manifest.version,
            if line.enabled { "enabled" } else { "idle" },
            routes(plan, id),
            line.reason,
            manifest.summary,
        );
    }
    if plan.plugins().is_empty() {
        text.push_str("  none\n");
    }
    text.push_str("\nHooks\n");
    for hook in plan.hooks() {
        let _ = writeln!(text, "  {:<10} {:<16} {:<24} {}", hook.phase, hook.plugin, hook.name, hook.matches);
    }
    if plan.hooks().is_empty() {
        text.push_str("  none\n");
    }
    for (at, (plugin, command)) in plan.commands().enumerate() {
        if at == 0 {
            text.push_str("\nCommands\n");
        }
        let actions: Vec<_> = command.actions.iter().map(|action| action.name).collect();
        let line = format!("tessera {} {}", command.name, actions.join("|"));
        let _ = writeln!(text, "  {line:<34} {plugin:<16} {}", command.about);
    }
    text
}

fn manifest(m: &Manifest) -> [(&'static str, Value); 9] {
    [
        ("id", json!(m.id)),
        ("version", json!(m.version)),
        ("summary", json!(m.summary)),
        ("hostApi", json!(m.host_api)),
        ("requires", json!(m.requires)),
        ("after", json!(m.after)),
        ("conflicts", json!(m.conflicts)),
        ("replaces", json!(m.replaces)),
        ("extends", json!(m.extends)),
    ]
}

fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn manifests(known: &[&'static Descriptor]) -> Value {
    let plugins: Vec<_> = known.iter().map(|descriptor| object(manifest(&descriptor.manifest))).collect();
    json!({ "version": env!("CARGO_PKG_VERSION"), "hostApi": HOST_API, "plugins": plugins })
}

fn document(plan: &Plan) -> Value {
    let plugins: Vec<_> = plan
        .plugins()
        .iter()
        .map(|line| {
            let m = &line.manifest;
            let place = [
                ("enabled", json!(line.enabled)),
                ("reason", json!(line.reason)),
                ("routes", json!(routes(plan, m.id))),
            ];
            object(manifest(m).into_iter().chain(place))
        })
        .collect();
    let hooks: Vec<_> = plan
        .hooks()
        .iter()
        .map(|h| json!({ "phase": h.phase, "plugin": h.plugin, "name": h.name, "matches": h.matches }))
        .collect();
    let commands: Vec<_> = plan
        .commands()
        .map(|(plugin, c)| {
            let actions: Vec<_> = c.actions.iter().map(|action| action.name).collect();
            json!({ "name": c.name, "plugin": plugin, "about": c.about, "actions": actions })
        })
        .collect();
    let metrics: Vec<_> = figures::declared(plan)
        .map(|(owner, m)| {
            json!({ "name": m.name, "kind": m.kind.name(), "labels": m.labels, "owner": owner, "help": m.help })
        })
        .collect();
    json!({ "plugins": plugins, "hooks": hooks, "commands": commands, "metrics": metrics })
}
