//! Who may do what: each endpoint, asked by each kind of caller about one organization, answers as
//! `permissions.toml` says. A refusal writes nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use auth_core::{
    access::Permissions,
    call::Request,
    schema::Table,
    sea_orm::{ConnectionTrait, Statement},
};
use auth_plugin_api_key::ApiKey;
use auth_testkit::{Actor, Answer, Builder, TestApp, Value, json};
use serde::Deserialize;

use crate::support::{invite, join, organization, whole_app};

/// The columns of the page.
const CALLERS: [&str; 9] =
    ["owner", "admin", "member", "recruiter", "outsider", "other owner", "key", "other key", "signed out"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    roles: BTreeMap<String, Permissions>,
    endpoint: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    at: Vec<String>,
    permission: Option<String>,
    needs: Option<String>,
    #[serde(default)]
    with: Value,
    #[serde(default)]
    writes: bool,
    #[serde(default)]
    forgets: bool,
    allowed: Vec<String>,
    refused: BTreeMap<String, Vec<String>>,
}

impl Row {
    /// What each caller is to get.
    fn outcomes(&self) -> Vec<(&str, &str)> {
        let allowed = self.allowed.iter().map(|caller| (caller.as_str(), "allowed"));
        let refused = self
            .refused
            .iter()
            .flat_map(|(why, callers)| callers.iter().map(move |caller| (caller.as_str(), why.as_str())));
        allowed.chain(refused).collect()
    }

    /// Each caller at each address, with what they are to get.
    fn requests(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let to = |at| self.outcomes().into_iter().map(move |(caller, expected)| (at, caller, expected));
        self.at.iter().map(String::as_str).flat_map(to)
    }

    /// What the two keys are good for: what is needed, and all but that. Where no permission is, all and
    /// nothing of an organization: the one is the strongest that there is.
    fn keys(&self, every: &BTreeSet<&str>) -> [Permissions; 2] {
        match self.permission.as_deref() {
            Some(needed) => {
                [permissions([needed]), permissions(every.iter().copied().filter(|one| *one != needed))]
            }
            None => [permissions(every.iter().copied()), permissions(["document:read"])],
        }
    }

    /// What is wrong with an outcome, and with what it changed.
    fn complaint(&self, caller: &str, expected: &str, outcome: &str, changed: &[&str]) -> Option<String> {
        if outcome != expected {
            return Some(format!("{outcome}, not {expected}"));
        }
        let right = if outcome == "allowed" && self.writes {
            !changed.is_empty()
        } else if self.forgets && caller == "other owner" {
            // Of those who are refused there, the only one who works anywhere.
            changed == ["session"]
        } else {
            changed.is_empty()
        };
        (!right).then(|| format!("{outcome}, and {changed:?} are changed"))
    }
}

fn matrix() -> Matrix {
    toml::from_str(include_str!("permissions.toml")).unwrap()
}

fn app(matrix: &Matrix) -> Builder {
    whole_app()
        .plugin::<ApiKey>()
        .set("plugins.organization.tree.enabled", true)
        .set("plugins.organization.security.enabled", true)
        // The last use of a session is written by whatever comes next.
        .set("plugins.session.activity", false)
        .set("plugins.organization.roles", &matrix.roles)
}

/// An organization with everything in it that a request can be about, and everybody who asks.
struct Situation {
    callers: BTreeMap<&'static str, Actor>,
    /// What the names in a row's request stand for.
    names: Vec<(&'static str, String)>,
}

impl Situation {
    async fn make(app: &TestApp, number: usize, keys: &[Permissions; 2]) -> Self {
        let name = |text: &str| format!("{text}-{number}");
        let [mut owner, mut admin, mut member, mut recruiter, outsider, mut other, mut kim] = [
            app.user(&name("owner")).await,
            app.user(&name("admin")).await,
            app.user(&name("member")).await,
            app.user(&name("recruiter")).await,
            app.user(&name("outsider")).await,
            app.user(&name("other")).await,
            app.user(&name("kim")).await,
        ];
        organization(&mut other, &name("globex")).await;
        let parent = organization(&mut owner, &name("holding")).await;
        let acme = organization(&mut owner, &name("acme")).await;
        for (actor, role) in [(&mut admin, "admin"), (&mut member, "member"), (&mut recruiter, "recruiter")] {
            join(app, actor, &acme, role).await;
        }
        let kims = join(app, &mut kim, &acme, "member").await;
        let mut teams = Vec::new();
        for team in ["red", "blue"] {
            let made = owner.post("/organization/create-team", json!({ "name": team })).await.expect(200);
            teams.push(made.body["id"].as_str().unwrap().to_owned());
        }
        for user in [member.user(), kim.user()] {
            let body = json!({ "teamId": teams[0], "userId": user.id });
            owner.post("/organization/add-team-member", body).await.expect(200);
        }
        let role = json!({ "role": "scout", "permission": { "ac": ["read"] } });
        owner.post("/organization/create-role", role).await.expect(200);
        let invitation = invite(&mut owner, &acme, &name("outsider"), "member").await;
        let [key, other_key] = [robot(app, &owner, &keys[0]).await, robot(app, &owner, &keys[1]).await];
        let names = vec![
            ("<organization>", acme),
            ("<parent>", parent),
            ("<member>", kims),
            ("<user>", kim.user().id.clone()),
            ("<team>", teams.remove(0)),
            ("<empty team>", teams.remove(0)),
            ("<invitation>", invitation),
            ("<new>", name("new")),
        ];
        let actors = [owner, admin, member, recruiter, outsider, other, key, other_key, app.anon()];
        Self { callers: CALLERS.into_iter().zip(actors).collect(), names }
    }

    async fn ask(&mut self, caller: &str, at: &str, with: &Value) -> Answer {
        let actor = self.callers.get_mut(caller).unwrap();
        let mut text = with.to_string();
        for (name, value) in &self.names {
            text = text.replace(name, value);
        }
        let with: Value = serde_json::from_str(&text).unwrap();
        match at.split_once(' ').unwrap() {
            ("GET", path) => {
                let pairs = with.as_object().into_iter().flatten();
                let query: Vec<_> =
                    pairs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap())).collect();
                actor.get(&format!("{path}?{}", query.join("&"))).await
            }
            ("POST", path) => actor.post(path, with).await,
            _ => panic!("{at}: not a method that endpoints have"),
        }
    }
}

/// Somebody with a key of this user that is good for this much.
async fn robot(app: &TestApp, user: &Actor, permissions: &Permissions) -> Actor {
    let body = json!({ "userId": user.user().id, "permissions": permissions, "rateLimitEnabled": false });
    let made = app.core().call_raw("createApiKey", Request::with_body(&body).unwrap()).await.unwrap();
    app.anon().header("x-api-key", made.body_value().unwrap()["key"].as_str().unwrap())
}

fn outcome(answer: &Answer) -> String {
    match (answer.status, answer.code()) {
        (200..300, _) => "allowed".to_owned(),
        (status, Some(code)) => format!("{status} {code}"),
        (status, None) => status.to_string(),
    }
}

/// All that these tables hold, as text: one each.
async fn contents(app: &TestApp, tables: &[Table]) -> BTreeMap<String, Option<String>> {
    let db = app.core().db();
    let mut all = BTreeMap::new();
    for table in tables {
        let texts = table.columns.iter().map(|one| format!("COALESCE(CAST(\"{}\" AS TEXT), '-')", one.name));
        let sql = format!(
            "SELECT string_agg(line, ';' ORDER BY line) FROM (SELECT {} AS line FROM \"{}\") AS lines",
            texts.collect::<Vec<_>>().join(" || ' ' || "),
            table.name
        );
        let found = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        all.insert(table.name.to_string(), found.unwrap().try_get_by(0).unwrap());
    }
    all
}

/// What requests may change: all tables, but for those in which the uses of keys are counted.
fn tables(builder: Builder) -> Vec<Table> {
    let owners = builder.plan().unwrap().owners();
    let columns: Vec<_> = owners.iter().flat_map(|owner| owner.columns.clone()).collect();
    let mut tables: Vec<Table> =
        owners.into_iter().filter(|owner| owner.id != "api-key").flat_map(|owner| owner.tables).collect();
    for (core, column) in columns {
        tables.iter_mut().find(|table| table.name == core).unwrap().columns.push(column);
    }
    tables
}

/// Each `resource:action` as permissions.
fn permissions<'p>(pairs: impl IntoIterator<Item = &'p str>) -> Permissions {
    pairs.into_iter().fold(Permissions::default(), |sum, pair| {
        let (resource, action) = pair.split_once(':').unwrap();
        sum.with(&Permissions::of(&[(resource, &[action])]))
    })
}

#[test]
fn every_endpoint_and_every_caller_has_a_place_in_the_table() {
    let matrix = matrix();
    let routes = app(&matrix).plan().unwrap().routes();
    let ours = routes.into_iter().filter(|(.., plugin)| *plugin == "organization");
    let registered: BTreeSet<_> = ours.map(|(method, path, ..)| format!("{method} {path}")).collect();
    let listed: Vec<_> = matrix.endpoint.iter().flat_map(|row| row.at.clone()).collect();
    let rows: BTreeSet<_> = listed.iter().cloned().collect();
    let alone: Vec<_> = rows.symmetric_difference(&registered).collect();
    assert!(
        alone.is_empty(),
        "permissions.toml has no row of these, or there is no such endpoint: {alone:?}"
    );
    assert_eq!(listed.len(), rows.len(), "an endpoint has two rows");
    for row in &matrix.endpoint {
        let mut callers: Vec<_> = row.outcomes().into_iter().map(|(caller, _)| caller).collect();
        callers.sort_unstable();
        let mut all = CALLERS;
        all.sort_unstable();
        assert_eq!(callers, all, "{}", row.at[0]);
        assert_ne!(row.permission.is_some(), row.needs.is_some(), "{}", row.at[0]);
    }
}

/// What is wrong with the answers to these rows.
async fn complaints(matrix: &Matrix, rows: &[Row]) -> Vec<String> {
    let every: BTreeSet<_> = matrix.endpoint.iter().filter_map(|row| row.permission.as_deref()).collect();
    let (app, tables) = (app(matrix).start().await, tables(app(matrix)));
    let (mut wrong, mut made) = (Vec::new(), 0);
    for row in rows {
        let keys = row.keys(&every);
        let mut fresh = None;
        for (at, caller, expected) in row.requests() {
            let mut situation = match fresh.take() {
                Some(situation) => situation,
                None => {
                    made += 1;
                    Situation::make(&app, made, &keys).await
                }
            };
            let before = contents(&app, &tables).await;
            // So that a row that is written as it was shows that it was written.
            app.clock().advance(Duration::from_secs(1));
            let answer = situation.ask(caller, at, &row.with).await;
            let after = contents(&app, &tables).await;
            let changed: Vec<_> =
                before.keys().filter(|table| before[*table] != after[*table]).map(String::as_str).collect();
            fresh = changed.is_empty().then_some(situation);
            if let Some(what) = row.complaint(caller, expected, &outcome(&answer), &changed) {
                wrong.push(format!("{at}: {caller}: {what}: {}", answer.text));
            }
        }
    }
    wrong
}

#[tokio::test]
async fn every_caller_gets_what_the_table_says_and_a_refusal_writes_nothing() {
    // Case 181.
    let matrix = matrix();
    let mut wrong = Vec::new();
    // Some rows share a database: one each would be many, and one for all would be large.
    for rows in matrix.endpoint.chunks(8) {
        wrong.extend(complaints(&matrix, rows).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
