//! `tessera config explain <key>`.

use std::{fmt::Write, process::ExitCode};

use anyhow::Result;
use auth_core::serde_json::{Map, Value, json};
use auth_host::Explained;

use crate::{application::Application, assemble::Problems, redact};

pub(super) fn run(application: Application, key: &str, json: bool) -> Result<ExitCode> {
    let problems = application.clone().assemble().err();
    let explained = application.explain(key).map_err(|problem| Problems(vec![problem]))?;
    super::print(&if json { format!("{:#}\n", document(&explained)) } else { text(&explained) });
    // What was told is what the layers say; the server takes none of it before it is right.
    match problems {
        Some(problems) => Err(Problems(problems).into()),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn text(explained: &[Explained]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for (at, one) in explained.iter().enumerate() {
        let gap = if at == 0 { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{} = {}", one.key, shown(&one.key, &one.value));
        for line in one.about.iter().flat_map(|about| about.lines()) {
            let _ = writeln!(text, "  # {line}");
        }
        let width = one.said.iter().map(|(said, _)| said.layer.chars().count()).max().unwrap_or_default();
        for (said, counts) in one.said.iter().rev() {
            let mark = if *counts { "*" } else { " " };
            let _ = writeln!(text, "  {mark} {:<width$}  {}", said.layer, shown(&one.key, &said.value));
        }
        if one.said.is_empty() {
            text.push_str("    no layer says anything\n");
        }
    }
    text
}

fn document(explained: &[Explained]) -> Value {
    let one = |one: &Explained| {
        let said = one.said.iter().rev().map(|(said, counts)| {
            json!({ "layer": said.layer, "value": hidden(&one.key, &said.value), "counts": counts })
        });
        let said: Vec<_> = said.collect();
        json!({ "key": one.key, "about": one.about, "value": hidden(&one.key, &one.value), "layers": said })
    };
    explained.iter().map(one).collect()
}

fn shown(key: &str, value: &Value) -> String {
    match hidden(key, value) {
        Value::Null => "(nothing)".to_owned(),
        value => value.to_string(),
    }
}

/// The value without secrets: the key tells.
fn hidden(key: &str, value: &Value) -> Value {
    let name = key.rsplit('.').next().unwrap_or(key);
    let mut map = Map::from_iter([(name.to_owned(), value.clone())]);
    redact::secrets(&mut map);
    map.shift_remove(name).unwrap_or_default()
}
