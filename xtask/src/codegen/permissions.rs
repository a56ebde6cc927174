//! The page of who may do what in an organization, from the table that a test holds the server to.

use std::{collections::BTreeMap, fmt::Display};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::markdown::GENERATED;

pub(super) const DATA: &str = "plugins/organization/tests/it/permissions.toml";

/// Callers in the order of the columns, and who they are.
const CALLERS: [(&str, &str); 9] = [
    ("owner", "the only owner"),
    ("admin", "a member with the role `admin`"),
    ("member", "a member with the role `member`, in one of the teams"),
    ("recruiter", "a member with this role of the configuration:"),
    ("outsider", "somebody in no organization, whose address is invited"),
    ("other owner", "the owner of another organization, who works in that one"),
    (
        "key",
        "an API key of the owner with the permission that the endpoint needs; with all where it needs none",
    ),
    (
        "other key",
        "an API key of the owner with all permissions but that one; with none of them where it needs none",
    ),
    ("signed out", "somebody without a session"),
];

#[derive(Deserialize)]
struct Table {
    roles: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    endpoint: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    at: Vec<String>,
    permission: Option<String>,
    needs: Option<String>,
    #[serde(default)]
    forgets: bool,
    refused: BTreeMap<String, Vec<String>>,
}

impl Row {
    /// The status of a caller's refusal.
    fn cell(&self, caller: &str) -> &str {
        let why = self.refused.iter().find(|(_, callers)| callers.iter().any(|one| one == caller));
        why.map_or("✓", |(why, _)| why.split(' ').next().unwrap_or_default())
    }

    /// Each refusal with who gets it.
    fn refusals(&self) -> String {
        let refusals = self.refused.iter().map(|(why, callers)| {
            let why = match why.split_once(' ') {
                Some((status, code)) => format!("{status} `{code}`"),
                None => why.clone(),
            };
            format!("{why}: {}", callers.join(", "))
        });
        joined(refusals, "<br>")
    }
}

fn joined(parts: impl Iterator<Item = impl Display>, between: &str) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(between)
}

pub(super) fn page(data: &str) -> Result<String> {
    let table: Table =
        toml::from_str(data).with_context(|| format!("{DATA} is not a table of permissions"))?;
    let forget = table.endpoint.iter().filter(|row| row.forgets);
    let forget = joined(forget.flat_map(|row| &row.at).map(|at| format!("`{at}`")), ", ");
    let mut page = format!(
        "{GENERATED}\n# Permissions\n\n\
         Who may do what in an organization that has teams, roles of its own, a tree and demands on sessions. A test sends each of\n\
         these requests for each of these callers and holds the server to the answer.\n\n\
         ✓ is a yes, a number the status of a refusal. A refusal writes nothing, with one exception: a session\n\
         that asks for an organization of others works in none from then on ({forget}).\n\
         A whole session is one that a user signed in for, not an API key's; with `whole_sessions` a key is as good.\n\n"
    );
    for (caller, who) in CALLERS {
        let role = table.roles.get(caller).map(|role| format!(" {}", grants(role))).unwrap_or_default();
        page += &format!("- **{caller}**: {who}{role}\n");
    }
    let titles = joined(CALLERS.iter().map(|(caller, _)| caller), " | ");
    page += &format!("\n| Endpoint | Needs | {titles} |\n|---|---|{}\n", "---|".repeat(CALLERS.len()));
    for row in &table.endpoint {
        let at = joined(row.at.iter().map(|at| format!("`{at}`")), ", ");
        let permission = row.permission.as_ref().map(|permission| format!("`{permission}`"));
        let needs = permission.or_else(|| row.needs.clone()).unwrap_or_default();
        let cells = joined(CALLERS.iter().map(|(caller, _)| row.cell(caller)), " | ");
        page += &format!("| {at} | {needs} | {cells} |\n");
    }
    page += "\n## Refusals\n\n| Endpoint | Refusals |\n|---|---|\n";
    for row in &table.endpoint {
        let at = row.at.first().map(String::as_str).unwrap_or_default();
        page += &format!("| `{at}` | {} |\n", row.refusals());
    }
    Ok(page)
}

/// What a role grants, as `resource:action`.
fn grants(role: &BTreeMap<String, Vec<String>>) -> String {
    let pairs = |(resource, actions): (&String, &Vec<String>)| {
        actions.iter().map(|action| format!("`{resource}:{action}`")).collect::<Vec<_>>()
    };
    joined(role.iter().flat_map(pairs), ", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_cell_for_each_caller() {
        let data = r#"
            [roles.recruiter]
            team = ["create", "update"]
            [[endpoint]]
            at = ["POST /a", "POST /b"]
            permission = "team:create"
            [endpoint.refused]
            "403 NO" = ["member", "other key"]
            401 = ["signed out"]
        "#;
        let page = page(data).unwrap();
        let row = "| `POST /a`, `POST /b` | `team:create` | ✓ | ✓ | 403 | ✓ | ✓ | ✓ | ✓ | 403 | 401 |\n";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("| `POST /a` | 401: signed out<br>403 `NO`: member, other key |\n"), "{page}");
        assert!(page.contains("configuration: `team:create`, `team:update`\n"), "{page}");
    }
}
