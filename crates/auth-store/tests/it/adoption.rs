//! A database that Better Auth made is taken over as it is.

use auth_core::{
    Timestamp,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};
use auth_store::migrate;

use crate::support::{TestDb, at, core, count};

/// The tables of its migrator, with its own index names.
fn upstream(backend: DbBackend) -> Vec<String> {
    let sqlite = backend == DbBackend::Sqlite;
    let date = if sqlite { "date" } else { "timestamptz" };
    let now = if sqlite { "" } else { "default CURRENT_TIMESTAMP" };
    let boolean = if sqlite { "integer" } else { "boolean" };
    vec![
        format!(
            r#"create table "user" ("id" text not null primary key, "name" text not null, "email" text not null unique,
            "emailVerified" {boolean} not null, "image" text, "createdAt" {date} {now} not null,
            "updatedAt" {date} {now} not null, "favourite" text)"#
        ),
        format!(
            r#"create table "session" ("id" text not null primary key, "expiresAt" {date} not null,
            "token" text not null unique, "createdAt" {date} {now} not null, "updatedAt" {date} not null,
            "ipAddress" text, "userAgent" text, "userId" text not null references "user" ("id") on delete cascade)"#
        ),
        format!(
            r#"create table "account" ("id" text not null primary key, "accountId" text not null,
            "providerId" text not null, "userId" text not null references "user" ("id") on delete cascade,
            "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" {date},
            "refreshTokenExpiresAt" {date}, "scope" text, "password" text, "createdAt" {date} {now} not null,
            "updatedAt" {date} not null)"#
        ),
        format!(
            r#"create table "verification" ("id" text not null primary key, "identifier" text not null,
            "value" text not null, "expiresAt" {date} not null, "createdAt" {date} {now} not null,
            "updatedAt" {date} {now} not null)"#
        ),
        r#"create index "session_userId_idx" on "session" ("userId")"#.to_owned(),
        r#"create index "account_userId_idx" on "account" ("userId")"#.to_owned(),
        r#"create index "verification_identifier_idx" on "verification" ("identifier")"#.to_owned(),
        format!(
            r#"insert into "user" values ('u', 'Ada', 'ada@x.test', {}, null, '2026-11-21T00:44:58.293Z',
            '2026-11-21T00:44:58.293Z', 'tea')"#,
            if sqlite { "1" } else { "true" }
        ),
    ]
}

async fn adopt() -> Vec<TestDb> {
    let all = TestDb::all().await;
    for test in &all {
        let db = test.db();
        for sql in upstream(db.get_database_backend()) {
            db.execute_unprepared(&sql).await.unwrap();
        }
    }
    all
}

#[tokio::test]
async fn only_what_is_missing_is_made() {
    for test in adopt().await {
        let db = test.db();
        let report = migrate::up(&test.store, &core(), at(0)).await.unwrap();
        assert!(report.warnings.is_empty(), "{:?}", report.warnings);
        let sql: Vec<_> = report.applied.iter().map(|step| step.sql.replace(" concurrently", "")).collect();
        let starts = [
            r#"create table "tessera_migrations_core""#,
            r#"create table "rateLimit""#,
            r#"create table "tessera_lease""#,
            r#"create index "idx_users_created_at""#,
            r#"create index "idx_sessions_expires_at""#,
            r#"create index "idx_verifications_expires_at""#,
        ];
        assert_eq!(sql.len(), starts.len(), "{sql:?}");
        for (sql, start) in sql.iter().zip(starts) {
            assert!(sql.starts_with(start), "{sql}");
        }
        let get = Statement::from_string(
            db.get_database_backend(),
            r#"SELECT "createdAt", "emailVerified" FROM "user""#,
        );
        let row = db.query_one_raw(get).await.unwrap().unwrap();
        let created: Timestamp = row.try_get("", "createdAt").unwrap();
        assert_eq!(created.to_string(), "2026-11-21T00:44:58.293Z");
        assert!(row.try_get::<bool>("", "emailVerified").unwrap());
        assert_eq!(count(&db, r#""user" WHERE "favourite" = 'tea'"#).await, 1);
        assert!(migrate::status(&db, &core()).await.unwrap().is_up_to_date());
        test.close().await;
    }
}

#[tokio::test]
async fn a_required_column_that_nobody_knows_is_pointed_out() {
    for test in adopt().await {
        let db = test.db();
        // Versions 1.7.1 and 1.7.2 had this one.
        db.execute_unprepared(r#"alter table "account" add column "issuer" text not null default 'x'"#)
            .await
            .unwrap();
        assert!(migrate::status(&db, &core()).await.unwrap().warnings.is_empty(), "a default fills it");
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(r#"alter table "account" alter column "issuer" drop default"#)
                .await
                .unwrap();
        } else {
            for sql in [
                r#"alter table "account" drop column "issuer""#.to_owned(),
                r#"alter table "account" add column "issuer" text not null"#.to_owned(),
            ] {
                db.execute_unprepared(&sql).await.unwrap();
            }
        }
        let warnings = migrate::status(&db, &core()).await.unwrap().warnings;
        assert!(warnings.len() == 1 && warnings[0].contains("`account.issuer`"), "{warnings:?}");
        test.close().await;
    }
}

#[tokio::test]
async fn columns_of_other_types_are_pointed_out() {
    let Some(test) = TestDb::postgres().await else { return };
    let db = test.db();
    db.execute_unprepared(r#"create table "rateLimit" ("id" integer primary key, "key" text unique not null, "count" bigint not null, "lastRequest" bigint not null)"#)
        .await
        .unwrap();
    let warnings = migrate::status(&db, &core()).await.unwrap().warnings;
    assert!(warnings.len() == 2 && warnings.iter().all(|w| w.contains("rateLimit.")), "{warnings:?}");
    test.close().await;
}
