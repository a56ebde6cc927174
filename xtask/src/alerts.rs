//! `cargo xtask alerts`: dashboards and alert rules, against Prometheus's own tool and a real run.
//!
//! The rules are checked and tested by `promtool`. A server is then made to show every figure it has,
//! and each one that a rule or a panel names has to be among them. Each rule has a section in the book.

use std::{
    collections::BTreeSet,
    io::Write,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    server::{ask, start, wait},
    services::install,
    shell::{Scratch, free_port, read, root, run as execute, which},
};

const RULES: &str = "apps/server/deploy/prometheus";
const DASHBOARD: &str = "apps/server/deploy/grafana/tessera.json";
const RUNBOOK: &str = "docs/operations/alerts.md";

/// What `promtool` says against names that are given from outside.
const GIVEN: &str = "active_users_total non-counter metrics should not have \"_total\" suffix";

/// Words of the query language that are no figures.
const WORDS: &[&str] = &["and", "or", "unless", "bool", "sum", "max", "min", "avg", "count"];

pub(crate) fn run() -> Result<()> {
    if which("promtool").is_none() {
        install("prometheus")?;
    }
    let folder = root().join(RULES);
    execute(Command::new("promtool").args(["check", "config", "prometheus.yml"]).current_dir(&folder))?;
    execute(Command::new("promtool").args(["test", "rules", "alerts.test.yml"]).current_dir(&folder))?;
    let rules = read(&folder.join("alerts.yml"))?;
    let tests = read(&folder.join("alerts.test.yml"))?;
    let runbook = read(&root().join(RUNBOOK))?;
    for alert in values(&rules, "- alert: ") {
        ensure!(runbook.contains(&format!("\n## {alert}\n")), "{RUNBOOK} has no section {alert}");
        ensure!(tests.contains(&format!("alertname: {alert}\n")), "no test is about the alert {alert}");
    }
    let figures = figures()?;
    check(&figures)?;
    let lines = figures.lines().filter(|line| !line.starts_with('#'));
    let known: BTreeSet<&str> = lines.filter_map(|line| line.split(['{', ' ']).next()).collect();
    let dashboard: Value = serde_json::from_str(&read(&root().join(DASHBOARD))?)?;
    let mut queries: Vec<String> = values(&rules, "expr: ").map(str::to_owned).collect();
    collect(&dashboard, &mut queries);
    ensure!(queries.len() > 30, "only {} queries were found", queries.len());
    let mut unknown = BTreeSet::new();
    for query in &queries {
        unknown
            .extend(names(query).into_iter().filter(|name| name != "up" && !known.contains(name.as_str())));
    }
    ensure!(unknown.is_empty(), "rules or panels name what the server does not show: {unknown:?}");
    println!("alerts: {} queries name nothing but what the server shows", queries.len());
    Ok(())
}

fn values<'t>(text: &'t str, key: &'t str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| line.trim().strip_prefix(key))
}

/// The queries of a dashboard's panels.
fn collect(value: &Value, queries: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            queries.extend(map.get("expr").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|inner| collect(inner, queries));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, queries)),
        _ => {}
    }
}

/// The figures that a query names: what is no function, no word, no label and no number.
fn names(query: &str) -> BTreeSet<String> {
    let mut plain = String::new();
    let mut rest = query;
    // Selectors and ranges first, then the labels of a grouping.
    while let Some(at) = rest.find(['{', '[']) {
        let (before, from) = rest.split_at(at);
        plain += before;
        rest = from.split_once(if from.starts_with('{') { '}' } else { ']' }).map_or("", |(_, after)| after);
    }
    plain += rest;
    for word in ["by (", "without (", "on (", "ignoring ("] {
        while let Some((before, from)) = plain.split_once(word) {
            plain = format!("{before}{}", from.split_once(')').map_or("", |(_, after)| after));
        }
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = BTreeSet::new();
    let mut rest = plain.as_str();
    while let Some(at) = rest.find(is_part) {
        let (_, from) = rest.split_at(at);
        let (name, after) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        let is_number = name.starts_with(|c: char| c.is_ascii_digit());
        if !is_number && !after.starts_with('(') && !WORDS.contains(&name) {
            found.insert(name.to_owned());
        }
        rest = after;
    }
    found
}

/// What a server shows after it has done a bit of everything. Its Redis is away.
fn figures() -> Result<String> {
    let folder = Scratch::new("alerts")?;
    let (server, metrics, nobody) = (free_port()?, free_port()?, free_port()?);
    let (listen, redis) =
        (format!("metrics.listen=127.0.0.1:{metrics}"), format!("redis.url=redis://127.0.0.1:{nobody}/0"));
    let settings =
        [listen.as_str(), redis.as_str(), "rate_limit.max=3", "budgets.interval=1", "log.level=error"];
    let _server = start(&folder.0, server, &settings)?;
    wait(server)?;
    let post = |path: &str, body: &str| {
        ask(server, &format!("POST /api/auth{path}"), "content-type: application/json\r\n", body)
    };
    let ada = r#"{"name":"Ada","email":"ada@example.com","password":"Correct-Horse-42"}"#;
    let up = post("/sign-up/email", ada)?;
    ensure!(up.starts_with("HTTP/1.1 200"), "signing up failed: {up}");
    post("/sign-in/email", &ada.replace("Correct", "Wrong"))?;
    let cookie = up
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: "))
        .find(|cookie| cookie.contains("session_token="))
        .context("no cookie was set")?;
    let cookie = format!("cookie: {}\r\n", cookie.split(';').next().unwrap_or_default());
    for _ in 0..5 {
        ask(server, "GET /api/auth/get-session", &cookie, "")?;
    }
    thread::sleep(Duration::from_millis(1500));
    let answer = ask(metrics, "GET /metrics", "", "")?;
    let (_, figures) = answer.split_once("\r\n\r\n").context("the figures came without a head")?;
    Ok(figures.to_owned())
}

/// `promtool check metrics`, but for what is given.
fn check(figures: &str) -> Result<()> {
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = promtool.spawn().context("cannot run promtool")?;
    child.stdin.take().context("promtool takes no input")?.write_all(figures.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let faults: Vec<_> = said.lines().filter(|line| !line.is_empty() && *line != GIVEN).collect();
    if !faults.is_empty() {
        bail!("promtool finds fault with the figures:\n{}", faults.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn figures_are_told_from_functions_labels_and_numbers() {
        let query = "histogram_quantile(0.95, sum by (le, kind) (rate(a_bucket{x=~\"y.z\"}[5m]))) > 0.25 and b_total == 1";
        assert_eq!(names(query).into_iter().collect::<Vec<_>>(), ["a_bucket", "b_total"]);
        assert_eq!(names("time() - c_seconds").into_iter().collect::<Vec<_>>(), ["c_seconds"]);
    }
}
