//! Large organizations: no answer grows with them.

use std::collections::BTreeSet;

use auth_testkit::{
    TestApp,
    auth_core::sea_orm::{ConnectionTrait, DbBackend},
};

use crate::support::{app, organization};

const MANY: u64 = 10_000;

/// Members straight into the tables: several join in each second.
async fn crowd(app: &TestApp, organization: &str) {
    let db = app.core().db();
    let date = if db.get_database_backend() == DbBackend::Sqlite { "text" } else { "timestamptz" };
    let at = format!("CAST('2023-11-14T2' || (i % 4) || ':13:' || (10 + i % 50) || '.123Z' AS {date})");
    let numbers =
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})", MANY - 1);
    for insert in [
        format!(
            r#"{numbers} INSERT INTO "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt")
               SELECT 'u' || i, 'User', 'u' || i || '@example.com', TRUE, {at}, {at} FROM n"#
        ),
        format!(
            r#"{numbers} INSERT INTO "member" ("id", "organizationId", "userId", "role", "createdAt")
               SELECT 'm' || i, '{organization}', 'u' || i, 'member', {at} FROM n"#
        ),
    ] {
        db.execute_unprepared(&insert).await.unwrap();
    }
}

#[tokio::test]
async fn ten_thousand_members_come_in_bounded_pages() {
    let app = app().set("plugins.organization.membership_limit", 0).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    crowd(&app, &acme).await;
    let path = "/organization/list-members";
    for (query, expected) in
        [("", 100), ("?limit=7", 7), ("?limit=1000000", 1000), ("?limit=999999999999999999999", 100)]
    {
        let page = ada.get(&format!("{path}{query}")).await.expect(200).body;
        assert_eq!(page["members"].as_array().unwrap().len(), expected, "{query}");
        assert_eq!(page["total"], MANY);
    }
    for query in ["", "?membersLimit=1000000"] {
        let full = ada.get(&format!("/organization/get-full-organization{query}")).await.expect(200).body;
        assert!(full["members"].as_array().unwrap().len() <= 1000);
    }

    let (mut seen, mut cursor, mut costs, mut last) =
        (BTreeSet::new(), String::new(), BTreeSet::new(), String::new());
    loop {
        let query = format!("{path}?limit=1000&cursor={cursor}");
        let (answer, cost) = app.statements(ada.get(&query)).await;
        let page = answer.expect(200).body;
        for member in page["members"].as_array().unwrap() {
            let place = format!("{} {}", member["createdAt"], member["id"]);
            assert!(place > last, "{place} after {last}");
            last = place;
            assert!(seen.insert(member["id"].to_string()), "{} twice", member["id"]);
        }
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
        if page["total"].is_null() {
            costs.insert(cost);
        }
    }
    assert_eq!(seen.len() as u64, MANY);
    assert_eq!(costs.len(), 1, "every page costs the same: {costs:?}");
    for bad in ["x", "1", ".", "x.y", "99999999999999999999.m1", "1.m%00"] {
        ada.get(&format!("{path}?cursor={bad}")).await.refused(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn a_page_after_a_cursor_is_found_by_an_index() {
    let app = app().start().await;
    let db = app.core().db();
    if db.get_database_backend() != DbBackend::Sqlite {
        // PostgreSQL plans by statistics, which an empty table does not have.
        return;
    }
    let query = r#"EXPLAIN QUERY PLAN SELECT * FROM "member" WHERE "organizationId" = 'o'
        AND ("createdAt", "id") > ('2023', 'm') ORDER BY "createdAt", "id" LIMIT 10"#;
    let plan = db
        .query_one_raw(auth_testkit::auth_core::sea_orm::Statement::from_string(DbBackend::Sqlite, query))
        .await;
    let detail: String = plan.unwrap().unwrap().try_get("", "detail").unwrap();
    let index = "USING INDEX member_organizationId_createdAt_idx (organizationId=? AND (createdAt,id)>(?,?))";
    assert!(detail.contains(index), "{detail}");
}
