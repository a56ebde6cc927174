//! Which crate may depend on which: the one table of it.

use anyhow::Result;
use serde_json::Value;

use super::Report;
use crate::shell::metadata;

/// The arrows of one crate, to others of ours.
struct Arrows {
    from: &'static str,
    to: &'static [&'static str],
    /// Further ones in tests.
    tests: &'static [&'static str],
}

const fn arrows(from: &'static str, to: &'static [&'static str], tests: &'static [&'static str]) -> Arrows {
    Arrows { from, to, tests }
}

/// A name that ends with `*` stands for all that start so; `*` stands for all of ours. The first
/// line that fits counts.
const OURS: &[Arrows] = &[
    // For services of others: it shares nothing with the server but the tokens.
    arrows("auth-verify", &[], &["auth-verify"]),
    arrows("auth-crypto", &[], &[]),
    arrows("auth-core", &["auth-crypto"], &[]),
    arrows("auth-migrations", &["auth-core"], &[]),
    arrows("auth-cache", &["auth-core"], &[]),
    arrows("auth-limit", &["auth-core"], &["auth-migrations", "auth-store", "auth-testkit"]),
    arrows("auth-redis", &["auth-core", "auth-limit"], &["auth-testkit"]),
    arrows("auth-notify", &["auth-core", "auth-crypto"], &[]),
    arrows("auth-telemetry", &["auth-core"], &[]),
    arrows("auth-store", &["auth-core"], &["auth-migrations"]),
    arrows(
        "auth-host",
        &["auth-core", "auth-crypto", "auth-migrations", "auth-store"],
        &["auth-cache", "auth-limit", "auth-testkit"],
    ),
    arrows(
        "auth-axum",
        &["auth-core", "auth-host"],
        &["auth-cache", "auth-limit", "auth-migrations", "auth-store", "auth-testkit"],
    ),
    // It assembles a host, as the server does, but knows no plugin.
    arrows(
        "auth-testkit",
        &[
            "auth-axum",
            "auth-cache",
            "auth-core",
            "auth-crypto",
            "auth-host",
            "auth-limit",
            "auth-migrations",
            "auth-notify",
            "auth-store",
            "auth-telemetry",
        ],
        &[],
    ),
    // In tests a plugin meets others: nobody can be signed in without the one that keeps sessions.
    arrows("auth-plugin-*", &["auth-core"], &["auth-testkit", "auth-plugin-*"]),
    arrows("tessera-load", &[], &[]),
    arrows("auth-codegen", &[], &[]),
    // It shares nothing with the server but the document.
    arrows("auth-client", &[], &["auth-codegen", "auth-plugin-*", "auth-testkit"]),
    arrows("xtask", &["auth-codegen"], &[]),
    arrows("tessera", &["*"], &["*"]),
    arrows("example-*", &["*"], &["*"]),
    arrows("tessera-conformance", &["*"], &["*"]),
    arrows("tessera-chaos", &[], &[]),
];

/// Crates of others that only these of ours may name.
const THEIRS: &[(&str, &[&str])] = &[
    ("inventory", &["auth-core"]),
    ("rand", &["auth-crypto"]),
    ("argon2", &["auth-crypto"]),
    ("scrypt", &["auth-crypto"]),
    ("openssl", &["auth-crypto"]),
    ("josekit", &["auth-crypto"]),
    ("sqlx", &["auth-store"]),
    ("lettre", &["auth-notify"]),
    ("moka", &["auth-cache"]),
    ("deadpool-redis", &["auth-redis"]),
    ("figment", &["auth-host", "tessera"]),
    ("hyper", &["auth-axum", "auth-verify", "example-embed"]),
    (
        "axum",
        &[
            "auth-axum",
            "auth-testkit",
            "auth-verify",
            "tessera",
            "tessera-load",
            "example-*",
            "tessera-conformance",
        ],
    ),
];

/// What makes a dependency on sea-orm one on a database driver.
const DRIVER_FEATURES: [&str; 4] = ["sqlx-", "runtime-", "rusqlite", "proxy"];

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

pub(super) fn check(report: &mut Report) -> Result<()> {
    let packages = metadata()?.get("packages").and_then(Value::as_array);
    let packages: Vec<&Value> = packages.into_iter().flatten().collect();
    let ours: Vec<&str> = packages.iter().filter_map(|p| p.get("name")?.as_str()).collect();
    for package in &packages {
        let Some(name) = package.get("name").and_then(Value::as_str) else { continue };
        let Some(allowed) = OURS.iter().find(|a| fits(a.from, name)) else {
            report.error(format!("{name}: no line in the table of arrows (xtask/src/lint/arrows.rs)"));
            continue;
        };
        let dependencies = package.get("dependencies").and_then(Value::as_array);
        for dependency in dependencies.into_iter().flatten() {
            let Some(other) = dependency.get("name").and_then(Value::as_str) else { continue };
            let in_tests = dependency.get("kind").and_then(Value::as_str) == Some("dev");
            let is_ours = ours.contains(&other);
            let arrow =
                allowed.to.iter().chain(if in_tests { allowed.tests } else { &[] }).any(|a| fits(a, other));
            if is_ours && !arrow {
                let place = if in_tests { "in tests " } else { "" };
                report.error(format!(
                    "{name} must not depend {place}on {other}; it may on {}",
                    list(allowed, in_tests)
                ));
            }
            if !is_ours {
                foreign(report, name, other, dependency);
            }
        }
    }
    Ok(())
}

fn list(allowed: &Arrows, in_tests: bool) -> String {
    let names: Vec<_> =
        allowed.to.iter().chain(if in_tests { allowed.tests } else { &[] }).copied().collect();
    if names.is_empty() { "nothing of ours".to_owned() } else { names.join(", ") }
}

fn foreign(report: &mut Report, name: &str, other: &str, dependency: &Value) {
    if let Some((_, allowed)) = THEIRS.iter().find(|(theirs, _)| *theirs == other)
        && !allowed.iter().any(|a| fits(a, name))
    {
        report.error(format!("{name} must not depend on {other}; only {} may", allowed.join(", ")));
    }
    if other == "sea-orm" && name != "auth-store" {
        let features = dependency.get("features").and_then(Value::as_array);
        let features = features.into_iter().flatten().filter_map(Value::as_str);
        for feature in features.filter(|f| DRIVER_FEATURES.iter().any(|d| f.starts_with(d))) {
            report.error(format!(
                "{name} must not choose sea-orm's driver (`{feature}`); only auth-store does"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrow_leads_down() {
        // A crate stands after everything it needs, so there is no way round in a circle.
        for (at, from) in OURS.iter().enumerate() {
            for to in from.to.iter().filter(|to| **to != "*") {
                let below = OURS.iter().position(|a| a.from == *to);
                assert!(below.is_some_and(|below| below < at), "{} → {to}", from.from);
            }
        }
    }

    #[test]
    fn plugins_reach_the_core_alone() {
        let plugin = OURS.iter().find(|a| fits(a.from, "auth-plugin-any"));
        assert_eq!(plugin.map(|a| a.to), Some(&["auth-core"][..]));
        assert!(!THEIRS.iter().any(|(_, who)| who.iter().any(|w| fits(w, "auth-plugin-any"))));
    }
}
