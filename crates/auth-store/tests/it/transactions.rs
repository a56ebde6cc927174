use std::time::Duration;

use crate::support::{TestDb, count};
use auth_core::sea_orm::ConnectionTrait;

#[tokio::test]
async fn a_dropped_transaction_rolls_back() {
    for test in TestDb::all().await {
        let db = test.db();
        db.execute_unprepared("CREATE TABLE t (n integer)").await.unwrap();
        let tx = test.store.driver().begin().await.unwrap();
        tx.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
        drop(tx);
        db.execute_unprepared("INSERT INTO t VALUES (2)").await.unwrap();
        assert_eq!(count(&db, "t").await, 1);
        let tx = test.store.driver().begin().await.unwrap();
        tx.execute_unprepared("INSERT INTO t VALUES (3)").await.unwrap();
        tx.rollback().await.unwrap();
        let tx = test.store.driver().begin().await.unwrap();
        tx.execute_unprepared("INSERT INTO t VALUES (4)").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&db, "t").await, 2);
        test.close().await;
    }
}

/// Requests are cut off at any await; none of them may leave the one writer inside a transaction.
#[tokio::test]
async fn a_request_that_is_cut_off_leaves_nothing_behind() {
    // Case 289.
    for test in TestDb::all().await {
        let db = test.db();
        db.execute_unprepared("CREATE TABLE t (n integer)").await.unwrap();
        for round in 0..60_u64 {
            let driver = test.store.driver().clone();
            let work = async move {
                let tx = driver.begin().await?;
                tx.execute_unprepared("INSERT INTO t VALUES (1)").await?;
                tx.execute_unprepared("INSERT INTO t VALUES (2)").await?;
                tokio::time::sleep(Duration::from_mins(1)).await;
                tx.commit().await
            };
            let cut = tokio::time::timeout(Duration::from_micros(round * 40), work).await;
            assert!(cut.is_err());
        }
        assert_eq!(count(&db, "t").await, 0);
        let tx = test.store.driver().begin().await.unwrap();
        tx.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&db, "t").await, 1);
        test.close().await;
    }
}

/// 50 writers that read first: with deferred transactions most would fail on SQLite.
#[tokio::test(flavor = "multi_thread")]
async fn many_writers_queue() {
    for test in TestDb::all().await {
        let db = test.db();
        db.execute_unprepared("CREATE TABLE t (n integer)").await.unwrap();
        let other = test.reopen().await;
        let tasks: Vec<_> = (0..50)
            .map(|n| {
                let driver = if n % 2 == 0 { test.store.driver() } else { other.driver() }.clone();
                tokio::spawn(async move {
                    let tx = driver.begin().await?;
                    tx.execute_unprepared("SELECT COUNT(*) FROM t").await?;
                    tx.execute_unprepared("INSERT INTO t VALUES (1)").await?;
                    tx.commit().await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(count(&db, "t").await, 50);
        other.db().close().await;
        test.close().await;
    }
}

/// A full disk ends transactions from within, where there is nothing left to roll back. What is committed afterwards
/// has to be there for others.
#[tokio::test]
async fn what_is_committed_after_a_full_disk_is_there() {
    // Case 299.
    let test = TestDb::sqlite().await;
    let (driver, db) = (test.store.driver(), test.db());
    db.execute_unprepared("CREATE TABLE t (n integer PRIMARY KEY, text text)").await.unwrap();
    for round in 0..3 {
        let pages = "PRAGMA max_page_count = 20";
        db.execute_unprepared(pages).await.unwrap();
        let tx = driver.begin().await.unwrap();
        let large = format!("INSERT INTO t VALUES ({round}00, hex(zeroblob(1000000)))");
        tx.execute_unprepared(&large).await.expect_err("the disk is full");
        drop(tx);
        // One that fails for another reason, and is rolled back.
        let tx = driver.begin().await.unwrap();
        tx.execute_unprepared("INSERT INTO nothing VALUES (1)").await.expect_err("no such table");
        drop(tx);
        db.execute_unprepared("PRAGMA max_page_count = 4294967294").await.unwrap();
        let tx = driver.begin().await.unwrap();
        tx.execute_unprepared(&format!("INSERT INTO t VALUES ({round}, 'kept')")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&db, "t").await, round + 1, "others see it");
    }
    let again = test.reopen().await;
    assert_eq!(count(&again.db(), "t").await, 3);
    test.close().await;
}
