//! One suite for every limiter. The database one runs on a SQLite file, and on PostgreSQL and MySQL where
//! `TESSERA_TEST_POSTGRES` and `TESSERA_TEST_MYSQL` hold the URLs of servers on which databases may be created.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod bounds;
mod figures;
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
        server: Option<(String, String)>,
    }

    impl Subject {
        async fn database(url: String) -> Self {
            let store = Store::open(&DatabaseConfig::new(url)).await.unwrap();
            let core = Owner { id: "core", tables: auth_migrations::core_tables(), columns: Vec::new() };
            migrate::up(&store, &[core], Timestamp::from_unix_millis(1_700_000_000_000)).await.unwrap();
            let limiter = Arc::new(DatabaseLimiter::new(store.db(), Arc::new(SeededRng::new(1))));
            let database = Some((store.db(), limiter.clone()));
            Self { limiter, database, folder: None, server: None }
        }

        pub(crate) async fn all() -> Vec<Self> {
            let memory = Arc::new(MemoryLimiter::default());
            let mut all = vec![Self { limiter: memory, database: None, folder: None, server: None }];
            let folder = std::env::temp_dir().join(unique());
            let mut sqlite = Self::database(format!("sqlite:{}", folder.join("limit.db").display())).await;
            sqlite.folder = Some(folder);
            all.push(sqlite);
            for variable in ["TESSERA_TEST_POSTGRES", "TESSERA_TEST_MYSQL"] {
                let Ok(admin) = std::env::var(variable) else {
                    eprintln!("skipped where {variable} would say: it is not set");
                    continue;
                };
                let name = unique();
                let with = if variable.contains("MYSQL") { " COLLATE utf8mb4_bin" } else { "" };
                run(&admin, &format!("CREATE DATABASE {name}{with}")).await;
                let (base, _) = admin.rsplit_once('/').unwrap();
                let mut remote = Self::database(format!("{base}/{name}")).await;
                remote.server = Some((admin, name));
                all.push(remote);
            }
            all
        }

        pub(crate) async fn close(mut self) {
            if let Some((db, _)) = &self.database {
                db.close().await;
            }
            if let Some((admin, name)) = self.server.take() {
                run(&admin, &format!("DROP DATABASE {name}")).await;
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
