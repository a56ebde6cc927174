use std::time::Duration;

use auth_core::{
    Db,
    sea_orm::{
        ConnectionTrait,
        sea_query::{Alias, Expr, ExprTrait, Query},
    },
};
use auth_store::{counter, lease};

use crate::support::{TestDb, at, count};

const TTL: Duration = Duration::from_secs(30);

/// How many of 50 callers at once got a yes.
async fn winners<F, R>(db: &Db, call: F) -> usize
where
    F: Fn(Db, usize) -> R,
    R: Future<Output = bool> + Send + 'static,
{
    let tasks: Vec<_> = (0..50).map(|n| tokio::spawn(call(db.clone(), n))).collect();
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.unwrap());
    }
    won
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarded_counter_stops_at_its_maximum() {
    for test in TestDb::all().await {
        let db = test.db();
        db.execute_unprepared(r#"CREATE TABLE "quota" ("id" text primary key, "used" integer)"#)
            .await
            .unwrap();
        db.execute_unprepared(r#"INSERT INTO "quota" VALUES ('a', 0), ('b', 0), ('null', NULL)"#)
            .await
            .unwrap();
        let bump =
            |db: Db, _| async move { counter::bump(&db, "quota", "id", "a", "used", 7).await.unwrap() };
        assert_eq!(winners(&db, bump).await, 7);
        assert_eq!(count(&db, r#""quota" WHERE "id" = 'a' AND "used" = 7"#).await, 1);
        assert_eq!(count(&db, r#""quota" WHERE "id" = 'b' AND "used" = 0"#).await, 1);
        assert!(!counter::bump(&db, "quota", "id", "null", "used", 7).await.unwrap());
        assert!(!counter::bump(&db, "quota", "id", "missing", "used", 7).await.unwrap());
        test.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_gets_the_lease() {
    for test in TestDb::migrated().await {
        let db = test.db();
        let take = |now: i64| {
            move |db: Db, n| async move {
                lease::acquire(&db, "sweep", &format!("node-{n}"), at(now), TTL).await.unwrap()
            }
        };
        assert_eq!(winners(&db, take(0)).await, 1);
        assert_eq!(winners(&db, take(31_000)).await, 1, "after its end it is free again");
        test.close().await;
    }
}

#[tokio::test]
async fn a_lease_is_renewed_returned_and_runs_out() {
    for test in TestDb::migrated().await {
        let db = test.db();
        let acquire =
            async |holder: &str, now| lease::acquire(&db, "sweep", holder, at(now), TTL).await.unwrap();
        assert!(acquire("a", 0).await);
        assert!(!acquire("b", 29_000).await);
        assert!(acquire("a", 29_000).await);
        assert!(!acquire("b", 31_000).await, "it was renewed");
        assert!(lease::acquire(&db, "other", "b", at(0), TTL).await.unwrap(), "names are apart");
        assert!(acquire("b", 59_001).await);
        lease::release(&db, "sweep", "a").await.unwrap();
        assert!(!acquire("a", 60_000).await, "only the holder gives it back");
        lease::release(&db, "sweep", "b").await.unwrap();
        assert!(acquire("a", 60_000).await);
        test.close().await;
    }
}

/// The statement with which the core redeems single-use records.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_consumes_a_record() {
    for test in TestDb::migrated().await {
        let db = test.db();
        for round in 0..5 {
            let mut insert = Query::insert();
            let columns =
                ["id", "identifier", "value", "expiresAt", "createdAt", "updatedAt"].map(Alias::new);
            insert.into_table(Alias::new("verification")).columns(columns).values_panic([
                format!("v{round}").into(),
                "reset:x".into(),
                "u".into(),
                at(1).into(),
                at(0).into(),
                at(0).into(),
            ]);
            db.execute(&insert).await.unwrap();
            let consume = |db: Db, _| async move {
                let mut delete = Query::delete();
                delete
                    .from_table(Alias::new("verification"))
                    .and_where(Expr::col(Alias::new("identifier")).eq("reset:x"))
                    .returning_all();
                !db.query_all(&delete).await.unwrap().is_empty()
            };
            assert_eq!(winners(&db, consume).await, 1);
        }
        test.close().await;
    }
}
