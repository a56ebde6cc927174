use auth_core::{
    Timestamp,
    sea_orm::{
        ConnectionTrait, Statement, Value,
        sea_query::{Alias, Expr, ExprTrait, Order, Query},
    },
};

use crate::support::{TestDb, at, scalar};

async fn insert(db: &impl ConnectionTrait, id: &str, when: Option<Timestamp>) {
    let mut query = Query::insert();
    query
        .into_table(Alias::new("d"))
        .columns([Alias::new("id"), Alias::new("at")])
        .values_panic([id.into(), Expr::value(Value::from(when))]);
    db.execute(&query).await.unwrap();
}

async fn read(db: &impl ConnectionTrait, id: &str) -> Option<Timestamp> {
    let mut query = Query::select();
    query.column(Alias::new("at")).from(Alias::new("d")).and_where(Expr::col(Alias::new("id")).eq(id));
    db.query_one(&query).await.unwrap().unwrap().try_get("", "at").unwrap()
}

#[tokio::test]
async fn points_in_time_go_round() {
    for test in TestDb::all().await {
        let db = test.db();
        let ty = if test.config.url.starts_with("sqlite") { "date" } else { "timestamptz" };
        db.execute_unprepared(&format!("CREATE TABLE d (id text primary key, at {ty})")).await.unwrap();
        for (id, when) in
            [("whole", Some(at(0))), ("milli", Some(at(290))), ("one", Some(at(1))), ("null", None)]
        {
            insert(&db, id, when).await;
            assert_eq!(read(&db, id).await, when, "{id}");
        }
        // Bound values compare as times, and sort.
        let mut query = Query::select();
        query
            .column(Alias::new("id"))
            .from(Alias::new("d"))
            .and_where(Expr::col(Alias::new("at")).lt(at(290)))
            .order_by(Alias::new("at"), Order::Desc);
        let rows = db.query_all(&query).await.unwrap();
        let ids: Vec<String> = rows.iter().map(|row| row.try_get_by(0).unwrap()).collect();
        assert_eq!(ids, ["one", "whole"]);
        // The same inside a transaction, and through RETURNING.
        let tx = test.store.driver().begin().await.unwrap();
        let sql = "INSERT INTO d (id, at) VALUES ($1, $2) RETURNING at";
        let statement =
            Statement::from_sql_and_values(db.get_database_backend(), sql, ["tx".into(), at(7).into()]);
        let row = tx.query_one(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get::<Timestamp>("", "at").unwrap(), at(7));
        tx.commit().await.unwrap();
        let sql = "DELETE FROM d WHERE id = $1 RETURNING at";
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, ["tx".into()]);
        assert!(db.query_one_raw(statement).await.unwrap().is_some(), "RETURNING is a write");
        test.close().await;
    }
}

#[tokio::test]
async fn sqlite_holds_the_text_of_better_auth() {
    let test = TestDb::sqlite().await;
    let db = test.db();
    db.execute_unprepared("CREATE TABLE d (id text primary key, at date)").await.unwrap();
    insert(&db, "whole", Timestamp::parse("2026-11-21T00:44:58Z")).await;
    assert_eq!(scalar(&db, "SELECT CAST(at AS TEXT) FROM d").await, "2026-11-21T00:44:58.000Z");
    assert_eq!(scalar(&db, "SELECT typeof(at) FROM d").await, "text");
    for (id, text) in [
        ("upstream", "2026-11-21T00:44:58.293Z"),
        ("sqlite", "2026-11-21 00:44:58"),
        ("offset", "2026-11-21T02:44:58.293+02:00"),
    ] {
        db.execute_unprepared(&format!("INSERT INTO d VALUES ('{id}', '{text}')")).await.unwrap();
    }
    assert_eq!(read(&db, "upstream").await, Timestamp::parse("2026-11-21T00:44:58.293Z"));
    assert_eq!(read(&db, "offset").await, Timestamp::parse("2026-11-21T00:44:58.293Z"));
    assert_eq!(read(&db, "sqlite").await, Timestamp::parse("2026-11-21T00:44:58Z"));
    test.close().await;
}
