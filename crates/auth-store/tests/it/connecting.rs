use std::time::{Duration, Instant};

use auth_core::sea_orm::{ConnectionTrait, DbErr};
use auth_store::{DatabaseConfig, Store, StoreError, Synchronous, connect};

use crate::support::{TestDb, count, scalar};

#[tokio::test]
async fn unknown_schemes_and_missing_backends_say_what_there_is() {
    let error = connect(&DatabaseConfig::new("mongodb://u:hunter2@h/d")).await.err().unwrap().to_string();
    assert!(error.contains("postgres://") && !error.contains("hunter2"), "{error}");
    if !cfg!(feature = "mysql") {
        let error = connect(&DatabaseConfig::new("mysql://u:hunter2@h/d")).await.err().unwrap().to_string();
        assert!(error.contains("it has: sqlite, postgres") && !error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_in_bounded_time() {
    let start = Instant::now();
    let config = DatabaseConfig {
        acquire_timeout_ms: 300,
        ..DatabaseConfig::new("postgres://u:hunter2@127.0.0.1:9/d")
    };
    let error = connect(&config).await.err().unwrap();
    assert!(matches!(error, StoreError::Database(DbErr::Conn(_) | DbErr::ConnectionAcquire(_))), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn sqlite_is_set_up_to_lose_nothing() {
    let test = TestDb::sqlite().await;
    let db = test.db();
    assert_eq!(scalar(&db, "PRAGMA journal_mode").await, "wal");
    // 2 is FULL.
    for (pragma, value) in
        [("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000), ("query_only", 0)]
    {
        let sql = format!("PRAGMA {pragma}");
        let row = db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await;
        assert_eq!(row.unwrap().unwrap().try_get_by::<i32, _>(0).unwrap(), value, "{pragma}");
    }
    assert_eq!(
        scalar(&db, "SELECT CAST(query_only AS TEXT) FROM pragma_query_only").await,
        "1",
        "readers cannot write"
    );
    let config = DatabaseConfig { synchronous: Synchronous::Normal, ..test.config.clone() };
    let relaxed = connect(&config).await.unwrap();
    let sql = sea_orm::Statement::from_string(db.get_database_backend(), "PRAGMA synchronous");
    assert_eq!(relaxed.query_one_raw(sql).await.unwrap().unwrap().try_get_by::<i32, _>(0).unwrap(), 1);
    relaxed.close().await;
    test.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn sqlite_files_belong_to_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let test = TestDb::sqlite().await;
    test.db().execute_unprepared("CREATE TABLE t (n integer)").await.unwrap();
    let file = std::path::PathBuf::from(test.config.url.strip_prefix("sqlite:").unwrap());
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&file.with_extension("db-wal")), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    test.close().await;
}

#[tokio::test]
async fn memory_is_one_database() {
    let db = connect(&DatabaseConfig::new("sqlite::memory:")).await.unwrap();
    db.execute_unprepared("CREATE TABLE t (n text)").await.unwrap();
    db.execute_unprepared("INSERT INTO t VALUES ('x')").await.unwrap();
    assert_eq!(scalar(&db, "SELECT n FROM t").await, "x");
    db.ping().await.unwrap();
}

#[tokio::test]
async fn waiting_for_a_connection_ends() {
    // Case 296.
    for test in TestDb::all().await {
        let config = DatabaseConfig { max_connections: 1, acquire_timeout_ms: 200, ..test.config.clone() };
        let store = Store::open(&config).await.unwrap();
        let db = store.db();
        db.execute_unprepared("CREATE TABLE t (n integer)").await.unwrap();
        let held = store.driver().begin().await.unwrap();
        let start = Instant::now();
        let error = db.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap_err();
        assert!(matches!(error, DbErr::ConnectionAcquire(_)), "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(2));
        drop(held);
        db.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
        db.close().await;
        test.close().await;
    }
}

#[tokio::test]
async fn readers_do_not_wait_for_the_writer() {
    let test = TestDb::sqlite().await;
    test.db().execute_unprepared("CREATE TABLE t (n text)").await.unwrap();
    let tx = test.store.driver().begin().await.unwrap();
    tx.execute_unprepared("INSERT INTO t VALUES ('new')").await.unwrap();
    assert_eq!(count(&test.db(), "t").await, 0);
    test.db().ping().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(&test.db(), "t").await, 1);
    test.close().await;
}

#[tokio::test]
async fn a_statement_that_runs_too_long_is_cut_off() {
    let Some(test) = TestDb::postgres().await else { return };
    let config = DatabaseConfig { statement_timeout_ms: 200, ..test.config.clone() };
    let db = connect(&config).await.unwrap();
    assert!(db.execute_unprepared("SELECT pg_sleep(5)").await.is_err());
    db.ping().await.unwrap();
    db.close().await;
    test.close().await;
}

/// What a restart of the server does to its clients: every connection is gone.
#[tokio::test]
async fn connections_that_the_server_closed_are_replaced() {
    let Some(test) = TestDb::postgres().await else { return };
    let db = test.db();
    busy(&db).await;
    let other = test.reopen().await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    other.db().execute_unprepared(kill).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    busy(&db).await;
    other.db().close().await;
    test.close().await;
}

/// Ten statements at once, so that several connections are open.
async fn busy(db: &auth_core::Db) {
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.execute_unprepared("SELECT pg_sleep(0.05)").await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
#[ignore = "stops the server: run it alone, with pg_ctl commands in TESSERA_TEST_POSTGRES_STOP and _START"]
async fn a_server_that_was_away_is_used_again() {
    let command = |name: &str| {
        let command = std::env::var(name).unwrap();
        assert!(std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success());
    };
    let test = TestDb::postgres().await.unwrap();
    let config = DatabaseConfig { acquire_timeout_ms: 500, ..test.config.clone() };
    let db = connect(&config).await.unwrap();
    busy(&db).await;
    command("TESSERA_TEST_POSTGRES_STOP");
    for _ in 0..3 {
        let start = Instant::now();
        let failure = auth_core::Failure::from(db.execute_unprepared("SELECT 1").await.unwrap_err());
        assert_eq!(failure.status().as_u16(), 503, "{failure:?}");
        assert!(db.ping().await.is_err());
        assert!(start.elapsed() < Duration::from_secs(3));
    }
    command("TESSERA_TEST_POSTGRES_START");
    busy(&db).await;
    db.ping().await.unwrap();
    db.close().await;
    test.close().await;
}
