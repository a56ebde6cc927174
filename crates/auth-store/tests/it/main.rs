//! Every test runs on a SQLite file, and on PostgreSQL where `TESSERA_TEST_POSTGRES` holds the URL
//! of a server on which databases may be created.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod adoption;
mod connecting;
mod counting;
mod dates;
mod migrating;
mod transactions;

mod support {
    use std::{
        path::PathBuf,
        sync::atomic::{AtomicU32, Ordering},
    };

    use auth_core::{Db, Timestamp, sea_orm::ConnectionTrait};
    use auth_store::{DatabaseConfig, Store, migrate::Owner};

    pub(crate) fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(1_700_000_000_000 + millis)
    }

    pub(crate) fn core() -> Vec<Owner> {
        vec![Owner { id: "core", tables: auth_migrations::core_tables(), columns: Vec::new() }]
    }

    /// A fresh database, gone with the value.
    pub(crate) struct TestDb {
        pub(crate) config: DatabaseConfig,
        pub(crate) store: Store,
        folder: Option<PathBuf>,
        postgres: Option<(String, String)>,
    }

    impl TestDb {
        pub(crate) fn db(&self) -> Db {
            self.store.db()
        }

        pub(crate) async fn sqlite() -> Self {
            let folder = std::env::temp_dir().join(unique("tessera-store"));
            let config = DatabaseConfig::new(format!("sqlite:{}", folder.join("auth.db").display()));
            let store = Store::open(&config).await.unwrap();
            Self { config, store, folder: Some(folder), postgres: None }
        }

        pub(crate) async fn postgres() -> Option<Self> {
            let Ok(admin) = std::env::var("TESSERA_TEST_POSTGRES") else {
                eprintln!("skipped on PostgreSQL: TESSERA_TEST_POSTGRES is not set");
                return None;
            };
            let name = unique("tessera_store").replace('-', "_");
            run(&admin, &format!("CREATE DATABASE {name}")).await;
            let (base, _) = admin.rsplit_once('/').unwrap();
            let config = DatabaseConfig::new(format!("{base}/{name}"));
            let store = Store::open(&config).await.unwrap();
            Some(Self { config, store, folder: None, postgres: Some((admin, name)) })
        }

        pub(crate) async fn all() -> Vec<Self> {
            [Some(Self::sqlite().await), Self::postgres().await].into_iter().flatten().collect()
        }

        pub(crate) async fn migrated() -> Vec<Self> {
            let all = Self::all().await;
            for test in &all {
                auth_store::migrate::up(&test.store, &core(), at(0)).await.unwrap();
            }
            all
        }

        /// A second process on the same database.
        pub(crate) async fn reopen(&self) -> Store {
            Store::open(&self.config).await.unwrap()
        }

        pub(crate) async fn close(mut self) {
            self.db().close().await;
            if let Some((admin, name)) = self.postgres.take() {
                run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            }
        }
    }

    impl Drop for TestDb {
        fn drop(&mut self) {
            if let Some(folder) = &self.folder {
                drop(std::fs::remove_dir_all(folder));
            }
        }
    }

    async fn run(url: &str, sql: &str) {
        let config = DatabaseConfig { max_connections: 1, ..DatabaseConfig::new(url) };
        let db = auth_store::connect(&config).await.unwrap();
        db.execute_unprepared(sql).await.unwrap();
        db.close().await;
    }

    fn unique(prefix: &str) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        format!("{prefix}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) async fn scalar(db: &impl ConnectionTrait, sql: &str) -> String {
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
        db.query_one_raw(statement).await.unwrap().unwrap().try_get_by(0).unwrap()
    }

    pub(crate) async fn count(db: &impl ConnectionTrait, from: &str) -> i64 {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {from}");
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
        db.query_one_raw(statement).await.unwrap().unwrap().try_get_by(0).unwrap()
    }
}
