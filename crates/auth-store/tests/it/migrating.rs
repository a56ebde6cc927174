use std::collections::BTreeSet;

use auth_core::{
    schema::{Column, Index, Table},
    sea_orm::ConnectionTrait,
};
use auth_store::{
    StoreError,
    migrate::{self, Owner, State},
};

use crate::support::{TestDb, at, core, count};

/// A plugin with a table that references the core's, and columns on the core's tables.
fn plugin() -> Owner {
    Owner {
        id: "my-plugin",
        tables: vec![
            // Declared before the table that it references.
            Table::new("badgeHolder")
                .column(Column::text("badgeId").not_null().references("badge", "id"))
                .column(Column::text("userId").not_null().references("user", "id"))
                .unique_index("badgeHolder_badgeId_userId_uidx", &["badgeId", "userId"]),
            Table::new("badge").column(Column::text("name").not_null().unique()),
        ],
        columns: vec![
            ("user".into(), Column::text("handle").unique()),
            ("user".into(), Column::integer("points").not_null().default_value(7)),
            ("user".into(), Column::bool("shiny").not_null().default_value(true)),
            ("user".into(), Column::text("motto").not_null().default_value("it's \\ fine")),
            ("session".into(), Column::text("badge").references("badge", "id")),
        ],
    }
}

fn with_plugin() -> Vec<Owner> {
    let mut owners = core();
    owners.push(plugin());
    owners
}

async fn add_user(db: &impl ConnectionTrait, id: &str) {
    let sql = format!(
        r#"INSERT INTO "user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt")
        VALUES ('{id}', 'n', '{id}@x.test', {}, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')"#,
        if db.get_database_backend() == sea_orm::DbBackend::Sqlite { "0" } else { "false" }
    );
    db.execute_unprepared(&sql).await.unwrap();
}

#[tokio::test]
async fn from_nothing_then_nothing_more() {
    for test in TestDb::all().await {
        let db = test.db();
        let owners = with_plugin();
        let before = migrate::status(&db, &owners).await.unwrap();
        assert!(
            before.owners.iter().all(|o| o.state == State::Never && o.pending > 0 && o.recorded.is_none())
        );
        let plan = migrate::plan(&db, &owners).await.unwrap();
        assert_eq!(plan, migrate::full_plan(db.get_database_backend(), &owners).unwrap());
        let report = migrate::up(&test.store, &owners, at(0)).await.unwrap();
        assert_eq!(report.applied, plan);
        assert_eq!(report.recorded, ["core", "my-plugin"]);
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);

        assert_eq!(migrate::plan(&db, &owners).await.unwrap(), []);
        let status = migrate::status(&db, &owners).await.unwrap();
        assert!(status.is_up_to_date() && status.warnings.is_empty(), "{status:?}");
        for owner in &status.owners {
            let (id, when) = owner.recorded.clone().unwrap();
            assert_eq!((id, when), (owner.declared.clone(), at(0)));
        }
        let again = migrate::up(&test.store, &owners, at(5)).await.unwrap();
        assert!(again.applied.is_empty() && again.recorded.is_empty());
        assert_eq!(count(&db, "tessera_migrations_my_plugin").await, 1);

        add_user(&db, "u").await;
        db.execute_unprepared(r#"INSERT INTO "badge" VALUES ('b', 'x')"#).await.unwrap();
        db.execute_unprepared(r#"INSERT INTO "badgeHolder" VALUES ('h', 'b', 'u')"#).await.unwrap();
        assert!(
            db.execute_unprepared(r#"INSERT INTO "badgeHolder" VALUES ('i', 'b', 'nobody')"#).await.is_err()
        );
        db.execute_unprepared(r#"DELETE FROM "user""#).await.unwrap();
        assert_eq!(count(&db, r#""badgeHolder""#).await, 0, "references cascade");
        test.close().await;
    }
}

#[tokio::test]
async fn a_plugin_is_added_to_a_database_in_use() {
    for test in TestDb::migrated().await {
        let db = test.db();
        add_user(&db, "u").await;
        let report = migrate::up(&test.store, &with_plugin(), at(1)).await.unwrap();
        assert!(report.applied.iter().all(|step| step.owner == "my-plugin"));
        assert_eq!(report.recorded, ["my-plugin"]);
        let filled = r#""user" WHERE "points" = 7 AND "motto" = 'it''s \ fine' AND "handle" IS NULL"#;
        assert_eq!(count(&db, filled).await, 1);
        // An older binary, without the plugin, still fits.
        add_user(&db, "v").await;
        assert!(migrate::status(&db, &core()).await.unwrap().is_up_to_date());
        db.execute_unprepared(r#"UPDATE "user" SET "handle" = 'same' WHERE "id" = 'u'"#).await.unwrap();
        let twice = db.execute_unprepared(r#"UPDATE "user" SET "handle" = 'same' WHERE "id" = 'v'"#).await;
        assert!(auth_core::store::is_duplicate(&twice.unwrap_err()));
        test.close().await;
    }
}

#[tokio::test]
async fn any_half_of_a_plan_is_finished_by_the_next_run() {
    let owners = with_plugin();
    for done in [1, 3, 8, 14, 17] {
        for test in TestDb::all().await {
            let db = test.db();
            let plan = migrate::plan(&db, &owners).await.unwrap();
            assert!(plan.len() > done);
            for step in &plan[..done] {
                db.execute_unprepared(&step.sql).await.unwrap();
            }
            let report = migrate::up(&test.store, &owners, at(0)).await.unwrap();
            let all: BTreeSet<_> = plan.iter().map(|s| &s.sql).collect();
            assert!(report.applied.iter().all(|s| all.contains(&s.sql)));
            assert_eq!(report.applied.len(), plan.len() - done);
            assert!(migrate::status(&db, &owners).await.unwrap().is_up_to_date());
            test.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_replicas_one_migrates() {
    // Case 301.
    for test in TestDb::all().await {
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let store = test.reopen().await;
            tasks.push(tokio::spawn(async move {
                let report = migrate::up(&store, &with_plugin(), at(0)).await.unwrap();
                store.db().close().await;
                report.applied.len()
            }));
        }
        let mut applied = Vec::new();
        for task in tasks {
            applied.push(task.await.unwrap());
        }
        assert_eq!(applied.iter().filter(|n| **n > 0).count(), 1, "{applied:?}");
        assert_eq!(count(&test.db(), "tessera_migrations_core").await, 1);
        assert!(migrate::status(&test.db(), &with_plugin()).await.unwrap().is_up_to_date());
        test.close().await;
    }
}

#[tokio::test]
async fn a_held_lock_is_waited_for_and_then_given_up() {
    let Some(test) = TestDb::postgres().await else { return };
    let lock = test.store.driver().begin().await.unwrap();
    lock.execute_unprepared("SELECT pg_advisory_xact_lock(32762643830108769)").await.unwrap();
    let mut config = test.config.clone();
    config.migration_timeout_ms = 300;
    let store = auth_store::Store::open(&config).await.unwrap();
    assert!(matches!(migrate::up(&store, &core(), at(0)).await, Err(StoreError::Locked(_))));
    lock.rollback().await.unwrap();
    migrate::up(&store, &core(), at(0)).await.unwrap();
    store.db().close().await;
    test.close().await;
}

#[tokio::test]
async fn a_required_column_without_a_default_needs_an_empty_table() {
    for test in TestDb::migrated().await {
        let mut owners = core();
        let columns = vec![("user".into(), Column::text("must").not_null())];
        owners.push(Owner { id: "strict", tables: Vec::new(), columns });
        assert!(migrate::plan(&test.db(), &owners).await.is_ok(), "an empty table takes it");
        add_user(&test.db(), "u").await;
        let error = migrate::up(&test.store, &owners, at(0)).await.unwrap_err();
        assert!(matches!(&error, StoreError::Refused(why) if why.len() == 1), "{error:?}");
        assert!(error.to_string().contains("`user.must` of `strict`"), "{error}");
        assert_eq!(migrate::status(&test.db(), &owners).await.unwrap().refusals.len(), 1);
        assert_eq!(count(&test.db(), r#""user""#).await, 1);
        test.close().await;
    }
}

#[tokio::test]
async fn contradictions_are_refused_all_at_once() {
    let test = TestDb::sqlite().await;
    let mut owners = with_plugin();
    owners.push(Owner {
        id: "other",
        tables: vec![
            Table::new("badge"),
            Table::new("x").column(Column::text("y").references("nowhere", "id")),
        ],
        columns: vec![("user".into(), Column::text("handle"))],
    });
    let Err(StoreError::Refused(why)) = migrate::plan(&test.db(), &owners).await else { panic!("accepted") };
    for part in ["table `badge`", "`user.handle`", "`nowhere`"] {
        assert!(why.iter().any(|w| w.contains(part)), "{part}: {why:?}");
    }
    test.close().await;
}

#[tokio::test]
async fn an_index_name_that_is_taken_is_refused() {
    for test in TestDb::migrated().await {
        let mut owners = core();
        let user = owners[0].tables.iter_mut().find(|t| t.name == "user").unwrap();
        user.indexes[0].columns = vec!["name".into()];
        let error = migrate::plan(&test.db(), &owners).await.unwrap_err().to_string();
        assert!(error.contains("idx_users_created_at"), "{error}");
        test.close().await;
    }
}

/// PostgreSQL leaves an index that answers nothing where a concurrent build was cut off.
#[tokio::test]
async fn a_broken_index_is_built_again() {
    let Some(test) = TestDb::postgres().await else { return };
    let db = test.db();
    migrate::up(&test.store, &core(), at(0)).await.unwrap();
    for sql in [
        r#"INSERT INTO "user" SELECT n::text, 'same', n::text, false, null, now(), now() FROM generate_series(1, 2) n"#,
        r#"DELETE FROM "user" WHERE false"#,
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let mut owners = core();
    let user = owners[0].tables.iter_mut().find(|t| t.name == "user").unwrap();
    user.indexes.push(Index { name: "only_one".into(), columns: vec!["name".into()], unique: true });
    assert!(migrate::up(&test.store, &owners, at(1)).await.is_err(), "two rows of one name");
    db.execute_unprepared(r#"DELETE FROM "user" WHERE "id" = '2'"#).await.unwrap();
    let report = migrate::up(&test.store, &owners, at(2)).await.unwrap();
    assert_eq!(
        report.applied.iter().map(|s| s.sql.as_str()).collect::<Vec<_>>(),
        [r#"reindex index concurrently "only_one""#]
    );
    assert!(migrate::status(&db, &owners).await.unwrap().is_up_to_date());
    test.close().await;
}

#[test]
fn the_ddl_is_as_committed() {
    use sea_orm::DbBackend;
    for (backend, name) in
        [(DbBackend::Sqlite, "sqlite"), (DbBackend::Postgres, "postgres"), (DbBackend::MySql, "mysql")]
    {
        let plan = migrate::full_plan(backend, &core()).unwrap();
        let text: Vec<_> = plan.iter().map(|step| format!("{};\n", step.sql)).collect();
        let text = text.concat();
        let path = format!("{}/../../migrations/sql/{name}.sql", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, committed, "run this test with UPDATE_GOLDEN=1 and look at the difference");
    }
}

/// The list of a user's live sessions, and the sweep of those that ended.
#[tokio::test]
async fn session_queries_use_the_indexes() {
    let test = TestDb::sqlite().await;
    migrate::up(&test.store, &core(), at(0)).await.unwrap();
    for (condition, index) in [
        (r#""userId" = 'u' AND "expiresAt" > '2026'"#, "idx_sessions_user_id"),
        (r#""expiresAt" < '2026'"#, "idx_sessions_expires_at"),
        (r#""token" = 't'"#, "sqlite_autoindex_session"),
    ] {
        let sql = format!(r#"EXPLAIN QUERY PLAN SELECT * FROM "session" WHERE {condition}"#);
        let row =
            test.db().query_one_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql)).await;
        let plan: String = row.unwrap().unwrap().try_get("", "detail").unwrap();
        assert!(plan.contains(index), "{plan}");
    }
    test.close().await;
}
