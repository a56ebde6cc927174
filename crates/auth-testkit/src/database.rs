//! A fresh database for one test.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::Arc,
};

use auth_core::Timestamp;
use auth_host::Plan;
use auth_store::{DatabaseConfig, Store, Synchronous, migrate};
use sea_orm::{ConnectionTrait, DbBackend};
use tempfile::TempDir;

/// SQL for every database: MySQL wants other marks around names, and no numbers of values.
///
/// ```
/// use auth_testkit::{auth_core::sea_orm::DbBackend, portable};
///
/// let sql = r#"SELECT "id" FROM "user" WHERE "email" = $1"#;
/// assert_eq!(portable(DbBackend::Postgres, sql), sql);
/// assert_eq!(portable(DbBackend::MySql, sql), "SELECT `id` FROM `user` WHERE `email` = ?");
/// ```
#[must_use]
pub fn portable(backend: DbBackend, sql: &str) -> String {
    if backend != DbBackend::MySql {
        return sql.to_owned();
    }
    let mut parts = sql.split('$');
    let mut written = parts.next().unwrap_or_default().replace('"', "`");
    for part in parts {
        written.push('?');
        written += &part.trim_start_matches(|c: char| c.is_ascii_digit()).replace('"', "`");
    }
    written
}

pub(crate) struct TestDatabase {
    pub(crate) store: Store,
    config: DatabaseConfig,
    /// What is removed at the end of the test.
    kept: Arc<Kept>,
}

enum Kept {
    Folder { _folder: TempDir },
    Database { server: String, name: String },
}

impl TestDatabase {
    pub(crate) async fn fresh(plan: &Plan) -> Self {
        match std::env::var("TESSERA_TEST_BACKEND").as_deref() {
            Ok("postgres") => postgres(plan).await,
            Ok("mysql") => mysql(plan).await,
            Ok("sqlite" | "") | Err(_) => sqlite(plan).await,
            Ok(other) => panic!("TESSERA_TEST_BACKEND is `{other}`; it can be sqlite, postgres or mysql"),
        }
    }

    /// A database without tables on SQLite, and one on the server that the run is about.
    pub(crate) async fn empty() -> Vec<Self> {
        let mut all = vec![empty_sqlite().await];
        match std::env::var("TESSERA_TEST_BACKEND").as_deref() {
            Ok("postgres") => all.push(empty_on(&server("TESSERA_TEST_POSTGRES")).await),
            Ok("mysql") => all.push(empty_on(&server("TESSERA_TEST_MYSQL")).await),
            _ => {}
        }
        all
    }

    /// The same database through connections of another node's own.
    pub(crate) async fn beside(&self) -> Self {
        let store = Store::open(&self.config).await.expect("the database opens once more");
        Self { store, config: self.config.clone(), kept: Arc::clone(&self.kept) }
    }
}

async fn sqlite(plan: &Plan) -> TestDatabase {
    let database = empty_sqlite().await;
    migrate(&database.store, plan).await;
    database
}

async fn empty_sqlite() -> TestDatabase {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut config = DatabaseConfig::new(format!("sqlite:{}", dir.path().join("test.sqlite").display()));
    config.synchronous = Synchronous::Normal;
    config.max_connections = 4;
    let store = Store::open(&config).await.expect("SQLite opens");
    TestDatabase { store, config, kept: Arc::new(Kept::Folder { _folder: dir }) }
}

async fn migrate(store: &Store, plan: &Plan) {
    migrate::up(store, &plan.owners(), Timestamp::from_unix_millis(1_700_000_000_000))
        .await
        .expect("migrations");
}

/// A database cloned from a template with the plan's tables, which the first test that wants it makes.
async fn postgres(plan: &Plan) -> TestDatabase {
    let server = server("TESSERA_TEST_POSTGRES");
    let admin = auth_store::connect(&config(&server)).await.expect("the server answers");
    let mut hasher = DefaultHasher::new();
    format!("{:?}", plan.owners().iter().map(|o| (o.id, &o.tables, &o.columns)).collect::<Vec<_>>())
        .hash(&mut hasher);
    let template = format!("tpl_{:016x}", hasher.finish());
    // Tests run in many processes: one of them makes the template.
    run(&admin, "SELECT pg_advisory_lock(7353)").await;
    if !exists(&admin, &template).await {
        let half = format!("{template}_half");
        run(&admin, &format!("DROP DATABASE IF EXISTS {half}")).await;
        run(&admin, &format!("CREATE DATABASE {half}")).await;
        let store = Store::open(&config(&sibling(&server, &half))).await.expect("the template opens");
        migrate(&store, plan).await;
        store.db().close().await;
        run(&admin, &format!("ALTER DATABASE {half} RENAME TO {template}")).await;
    }
    let name = name();
    run(&admin, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    run(&admin, "SELECT pg_advisory_unlock(7353)").await;
    admin.close().await;
    open_on(&server, &name).await
}

async fn mysql(plan: &Plan) -> TestDatabase {
    let database = empty_on(&server("TESSERA_TEST_MYSQL")).await;
    migrate(&database.store, plan).await;
    database
}

async fn empty_on(server: &str) -> TestDatabase {
    let name = name();
    let admin = auth_store::connect(&config(server)).await.expect("the server answers");
    // As docs/how-to/mysql.md says that MySQL's have to be.
    let with = if server.starts_with("mysql") { " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" } else { "" };
    run(&admin, &format!("CREATE DATABASE {name}{with}")).await;
    admin.close().await;
    open_on(server, &name).await
}

async fn open_on(server: &str, name: &str) -> TestDatabase {
    let mut config = config(&sibling(server, name));
    config.max_connections = 4;
    let store = Store::open(&config).await.expect("the test's database opens");
    let kept = Kept::Database { server: server.to_owned(), name: name.to_owned() };
    TestDatabase { store, config, kept: Arc::new(kept) }
}

/// A database is 7 MB, and a whole run makes more than a thousand.
impl Drop for Kept {
    fn drop(&mut self) {
        let Self::Database { server, name } = self else { return };
        // A transaction that the test has dropped is rolled back when its runtime goes on, which is after this.
        let sql = if server.starts_with("postgres") {
            vec![format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")]
        } else {
            vec!["SET SESSION lock_wait_timeout = 1".to_owned(), format!("DROP DATABASE IF EXISTS {name}")]
        };
        let config = config(server);
        // A thread of its own, because the test's runtime is busy with dropping this. A server that is gone
        // by now has taken the database along.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                if let Ok(admin) = auth_store::connect(&config).await {
                    for sql in sql {
                        drop(admin.execute_unprepared(&sql).await);
                    }
                }
            });
            std::io::Result::Ok(())
        });
        drop(dropping.join());
    }
}

fn server(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} says where the database is; `cargo xtask test` starts one"))
}

/// A new name for a database.
fn name() -> String {
    // A process may have the number of one that was killed and left its databases behind.
    let since = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_micros());
    format!("t_{}_{}_{since:x}", std::process::id(), unique())
}

fn config(url: &str) -> DatabaseConfig {
    let mut config = DatabaseConfig::new(url.to_owned());
    // One connection: the advisory lock belongs to it.
    config.max_connections = 1;
    config
}

/// Another database on the same server.
fn sibling(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("an address ends with a database");
    format!("{server}/{name}")
}

async fn run(db: &auth_core::Db, sql: &str) {
    db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn exists(db: &auth_core::Db, name: &str) -> bool {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    let statement = sea_orm::Statement::from_string(DbBackend::Postgres, sql);
    db.query_one_raw(statement).await.expect("the catalogue answers").is_some()
}

fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
