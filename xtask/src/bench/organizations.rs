//! Permissions and members of large organizations.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{
    EMAIL, PASSWORD, hot, in_turns,
    measure::{Load, Plan, Server},
    report::{Row, Table},
};

/// Organizations from the root to the leaf.
const LEVELS: usize = 6;
/// As the server is configured for loads.
const ROLES: usize = 50;
const MEMBERS: u32 = 10_000;
const PAGE: usize = 100;

pub(super) fn measure(plan: &Plan, table: &mut Table) -> Result<()> {
    let mut server = Server::tessera(plan, "perf", Some(&["organization"]))?;
    let cookie = server.sign_up(EMAIL, PASSWORD)?;
    let made = chain(&server, &cookie)?;
    let (root, leaf) = (made.first().context("no root")?, made.last().context("no leaf")?);
    take_roles(&server, &cookie, root)?;
    let has_permission = Load {
        path: "/api/auth/organization/has-permission".to_owned(),
        body: Some(
            json!({ "organizationId": leaf, "permissions": { "thing49": ["read", "write"] } }).to_string(),
        ),
        ..hot(&cookie)
    };
    let answer = server.once(&has_permission)?;
    anyhow::ensure!(answer.body.contains(r#""success":true"#), "not allowed: {}", answer.body);
    let (figures, get_session) = in_turns(
        || plan.load(&server, &has_permission),
        || Ok(plan.load(&server, &hot(&cookie))?.rps),
        |figures| figures.rps,
    )?;
    table.load(
        &format!("POST /organization/has-permission, {ROLES} roles, {} levels up", LEVELS - 1),
        &figures,
    );
    table.add(Row::ratio(
        "POST /organization/has-permission ÷ GET /get-session",
        figures.rps / get_session,
        0.5,
    ));
    server.seed(plan, MEMBERS, EMAIL)?;
    server.restart()?;
    pages(plan, table, &server, &cookie, root)
}

/// Organizations, each below the one before.
fn chain(server: &Server, cookie: &str) -> Result<Vec<String>> {
    let mut made: Vec<String> = Vec::new();
    for level in 0..LEVELS {
        let body = json!({ "name": "Level", "slug": format!("level-{level}") });
        let organization = server.post("/api/auth/organization/create", cookie, &body)?;
        let id = text(&organization, "/id")?;
        if let Some(above) = made.last() {
            let body = json!({ "organizationId": id, "parentId": above });
            server.post("/api/auth/organization/set-parent", cookie, &body)?;
        }
        made.push(id);
    }
    Ok(made)
}

/// The owner of the root takes every role there is, the one that is asked about last. In the leaf they are
/// its owner, who may nothing of what is asked.
fn take_roles(server: &Server, cookie: &str, root: &str) -> Result<()> {
    let path = format!("/api/auth/organization/list-members?organizationId={root}");
    let members: Value = serde_json::from_str(&server.once(&Load { path, ..hot(cookie) })?.body)?;
    let roles: Vec<_> =
        std::iter::once("owner".to_owned()).chain((0..ROLES).map(|n| format!("role{n}"))).collect();
    let body = json!({ "organizationId": root, "memberId": text(&members, "/members/0/id")?, "role": roles });
    server.post("/api/auth/organization/update-member-role", cookie, &body)?;
    Ok(())
}

/// A page in the middle of ten thousand members against the first one.
fn pages(plan: &Plan, table: &mut Table, server: &Server, cookie: &str, root: &str) -> Result<()> {
    let page = |cursor: &str| {
        let query = format!("organizationId={root}&limit={PAGE}&cursor={cursor}");
        Load { path: format!("/api/auth/organization/list-members?{query}"), ..hot(cookie) }
    };
    // The very first page counts the members too.
    let mut cursors = vec![String::new()];
    while cursors.len() < MEMBERS as usize / PAGE {
        let last = cursors.last().context("no page")?;
        let answer: Value = serde_json::from_str(&server.once(&page(last))?.body)?;
        cursors.push(text(&answer, "/nextCursor")?);
    }
    let (early, late) = (cursors.get(1).context("no second page")?, cursors.last().context("no last page")?);
    let (late, early) = in_turns(
        || plan.load(server, &page(late)),
        || Ok(plan.load(server, &page(early))?.rps),
        |figures| figures.rps,
    )?;
    table.load(&format!("GET /organization/list-members, the last {PAGE} of {MEMBERS}"), &late);
    table.add(Row::ratio(
        "GET /organization/list-members: the last page ÷ the second",
        late.rps / early,
        0.9,
    ));
    Ok(())
}

fn text(value: &Value, at: &str) -> Result<String> {
    let text = value.pointer(at).and_then(Value::as_str);
    Ok(text.with_context(|| format!("there is no {at} in {value}"))?.to_owned())
}
