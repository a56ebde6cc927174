//! One suite for every limiter. The database one runs on a SQLite file, and on PostgreSQL where
//! `TESSERA_TEST_POSTGRES` holds the URL of a server on which databases may be created.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod bounds;
mod suite;

mod support {
    use std::{
        path::PathBuf,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
    };

    use auth_core::{Db, Timestamp, ports::SeededRng, rate::Limiter, sea_orm::ConnectionTrait};
    use auth_limit::{DatabaseLimiter, MemoryLimiter};
    use auth_store::{
        DatabaseConfig, Store,
        migrate::{self, Owner},
    };

    pub(crate) struct Subject {
        pub(crate) limiter: Arc<dyn Limiter>,
        pub(crate) database: Option<(Db, Arc<DatabaseLimiter>)>,
        folder: Option<PathBuf>,
        postgres: Option<(String, String)>,
    }

    impl Subject {
        async fn database(url: String) -> Self {
            let store = Store::open(&DatabaseConfig::new(url)).await.unwrap();
            let core = Owner { id: "core", tables: auth_migrations::core_tables(), columns: Vec::new() };
            migrate::up(&store, &[core], Timestamp::UNIX_EPOCH).await.unwrap();
            let limiter = Arc::new(DatabaseLimiter::new(store.db(), Arc::new(SeededRng::new(1))));
            let database = Some((store.db(), limiter.clone()));
            Self { limiter, database, folder: None, postgres: None }
        }

        pub(crate) async fn all() -> Vec<Self> {
            let memory = Arc::new(MemoryLimiter::default());
            let mut all = vec![Self { limiter: memory, database: None, folder: None, postgres: None }];
            let folder = std::env::temp_dir().join(unique());
            let mut sqlite = Self::database(format!("sqlite:{}", folder.join("limit.db").display())).await;
            sqlite.folder = Some(folder);
            all.push(sqlite);
            if let Ok(admin) = std::env::var("TESSERA_TEST_POSTGRES") {
                let name = unique();
                run(&admin, &format!("CREATE DATABASE {name}")).await;
                let (base, _) = admin.rsplit_once('/').unwrap();
                let mut postgres = Self::database(format!("{base}/{name}")).await;
                postgres.postgres = Some((admin, name));
                all.push(postgres);
            } else {
                eprintln!("skipped on PostgreSQL: TESSERA_TEST_POSTGRES is not set");
            }
            all
        }

        pub(crate) async fn close(mut self) {
            if let Some((db, _)) = &self.database {
                db.close().await;
            }
            if let Some((admin, name)) = self.postgres.take() {
                run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
            }
        }
    }

    impl Drop for Subject {
        fn drop(&mut self) {
            if let Some(folder) = &self.folder {
                drop(std::fs::remove_dir_all(folder));
            }
        }
    }

    async fn run(url: &str, sql: &str) {
        let db = auth_store::connect(&DatabaseConfig::new(url)).await.unwrap();
        db.execute_unprepared(sql).await.unwrap();
        db.close().await;
    }

    fn unique() -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        format!("tessera_limit_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
