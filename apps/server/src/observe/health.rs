//! The dependencies of a server, and how to ask each.

use std::{sync::Arc, time::Duration};

use auth_core::{
    breaker::Circuit,
    ports::{Condition, Dependency},
};
use auth_host::{Host, TaskOutcome};
use auth_notify::Notifier;
use auth_redis::Redis;
use auth_store::migrate::{self, Owner};
use auth_telemetry::Probes;

/// How long most answers count.
const SHORT: Duration = Duration::from_secs(1);

/// The tables change with a release, and looking at them is work.
const LONG: Duration = Duration::from_mins(1);

fn unless(trouble: bool) -> Condition {
    if trouble { Condition::Degraded } else { Condition::Ok }
}

/// The database is needed. Without Redis the server is slower and right; letters and tasks wait.
pub(super) fn probes(
    host: &Arc<Host>,
    owners: Vec<Owner>,
    notifier: &Arc<Notifier>,
    redis: Option<&Arc<Redis>>,
) -> Probes {
    let (db, tables) = (host.core().db().clone(), host.core().db().clone());
    let owners = Arc::new(owners);
    let (tasks, notifier) = (Arc::downgrade(host), notifier.clone());
    let mut probes =
        Probes::default()
            .with("database", true, SHORT, move || {
                let db = db.clone();
                async move { if db.ping().await.is_ok() { Condition::Ok } else { Condition::Down } }
            })
            .with("migrations", false, LONG, move || {
                let (db, owners) = (tables.clone(), owners.clone());
                async move {
                    unless(!migrate::status(&db, &owners).await.is_ok_and(|status| status.is_up_to_date()))
                }
            })
            .with("mail", false, SHORT, move || std::future::ready(unless(notifier.stats().failing)))
            .with("tasks", false, SHORT, move || {
                let failed =
                    |host: Arc<Host>| host.tasks().iter().any(|(_, last)| *last == TaskOutcome::Failed);
                std::future::ready(unless(tasks.upgrade().is_none_or(failed)))
            });
    let core = host.core();
    for dependency in core.services().slot::<dyn Dependency>() {
        if dependency.circuit(core).is_none() {
            continue;
        }
        let (dependency, host) = (dependency.clone(), Arc::downgrade(host));
        probes = probes.with(dependency.name(), false, SHORT, move || {
            let circuit = host.upgrade().and_then(|host| dependency.circuit(host.core()));
            std::future::ready(unless(circuit != Some(Circuit::Closed)))
        });
    }
    let Some(redis) = redis.cloned() else { return probes };
    let host = Arc::downgrade(host);
    probes.with("redis", false, SHORT, move || {
        let (redis, host) = (redis.clone(), host.clone());
        async move {
            let in_touch = host.upgrade().is_some_and(|host| host.core().nodes().in_touch());
            unless(redis.ping().await.is_err() || !in_touch)
        }
    })
}
