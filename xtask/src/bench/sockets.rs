//! What an open socket costs that nothing goes over.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    EMAIL, PASSWORD,
    measure::{Load, Plan, Server},
    report::{Row, Table},
};

const SOCKETS: u32 = 10_000;
/// Longer than two heartbeats, so that those that are not alive are gone.
const HELD: u64 = 75;

pub(super) fn measure(plan: &Plan, table: &mut Table) -> Result<()> {
    let server = Server::tessera(plan, "perf", Some(&["realtime"]))?;
    let cookie = server.sign_up(EMAIL, PASSWORD)?;
    thread::sleep(Duration::from_secs(2));
    let before = server.memory_mb()?;
    let load = Load { path: "/ws".to_owned(), headers: vec![format!("cookie: {cookie}")], ..Load::default() };
    let mut holding = plan.command(&server.base, &load, "sockets");
    holding.args(["--count", &SOCKETS.to_string(), "--seconds", &HELD.to_string()]);
    let mut holder = holding.stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(holder.stdout.take().context("no output")?).lines();
    let mut next = || -> Result<Value> {
        let line = lines.next().context("the sockets were not opened")??;
        Ok(serde_json::from_str(&line)?)
    };
    let opened = next()?;
    let count = opened.get("open").and_then(Value::as_f64).unwrap_or_default();
    let seconds = opened.get("seconds").and_then(Value::as_f64).unwrap_or_default();
    table.figure("WebSockets opened one after the other, 64 at a time", count / seconds, "a second");
    thread::sleep(Duration::from_secs(HELD - 5));
    let each = (server.memory_mb()? - before) * 1024.0 / count;
    let ended = next()?.get("ended").and_then(Value::as_u64);
    holder.wait()?;
    ensure!(ended == Some(0), "{ended:?} sockets have ended by themselves");
    table.add(Row::most(&format!("memory for each of {SOCKETS} idle sockets"), each, 20.0, "kB"));
    Ok(())
}
