//! Connections: the port that a driver implements, and the handles that everyone else uses.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value};

use crate::{
    core::Core,
    event::Event,
    hook::{Change, Changed},
    ports::Message,
};

/// A database. Implemented by `auth-store`.
///
/// A driver hides the dialect: it writes points in time as the shared schema has them, sends
/// reads to readers and writes to the one writer where the database has only one.
///
/// Plugins meet it behind [`Db`] and [`Tx`], which take sea-orm's queries:
///
/// ```
/// use auth_core::{
///     Core, Failure,
///     sea_orm::{ConnectionTrait, Statement},
/// };
///
/// async fn count(core: &Core) -> Result<u64, Failure> {
///     let sql = r#"SELECT COUNT(*) AS n FROM "note""#;
///     let statement = Statement::from_string(core.db().get_database_backend(), sql);
///     let row = core.db().query_one_raw(statement).await?;
///     let n: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or_default();
///     Ok(u64::try_from(n).unwrap_or_default())
/// }
/// ```
#[async_trait]
pub trait Driver: Send + Sync + 'static {
    /// Which dialect it speaks.
    fn backend(&self) -> DbBackend;
    /// Runs a statement that gives no rows.
    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr>;
    /// The first row, if there is one.
    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr>;
    /// All rows.
    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr>;
    /// Runs text as it is, several statements too. Nothing that somebody sent may be in it.
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr>;
    /// Begins a transaction that may write.
    async fn begin(&self) -> Result<Box<dyn DriverTx>, DbErr>;
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), DbErr>;
    /// Waits for running statements and closes.
    async fn close(&self);
}

/// An open transaction of a [`Driver`]. Dropping it rolls back.
///
/// ```
/// use auth_core::{sea_orm::DbErr, store::Driver};
///
/// /// As the migrator does, which has no host around it.
/// async fn both_or_none(driver: &dyn Driver) -> Result<(), DbErr> {
///     let tx = driver.begin().await?;
///     tx.execute_unprepared("CREATE TABLE a (id TEXT)").await?;
///     tx.execute_unprepared("CREATE TABLE b (id TEXT)").await?;
///     tx.commit().await
/// }
/// ```
#[async_trait]
pub trait DriverTx: Send + Sync {
    /// As [`Driver::execute`], inside.
    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr>;
    /// As [`Driver::query_one`], inside.
    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr>;
    /// As [`Driver::query_all`], inside.
    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr>;
    /// As [`Driver::execute_unprepared`], inside.
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr>;
    /// Keeps what was written. Where it fails nobody can tell whether it was kept.
    async fn commit(self: Box<Self>) -> Result<(), DbErr>;
    /// Drops what was written.
    async fn rollback(self: Box<Self>) -> Result<(), DbErr>;
}

/// The text of the error for a value with a null character.
pub(crate) const NULL_CHARACTER: &str = "a text holds a null character";

/// PostgreSQL cannot hold a null character in a text, so no backend is asked to.
fn check(statement: &Statement) -> Result<(), DbErr> {
    let values = statement.values.iter().flat_map(|values| &values.0);
    let bad =
        values.into_iter().any(|value| matches!(value, Value::String(Some(text)) if text.contains('\0')));
    if bad { Err(DbErr::Custom(NULL_CHARACTER.to_owned())) } else { Ok(()) }
}

/// The database outside of a transaction.
#[derive(Clone)]
pub struct Db {
    driver: Arc<dyn Driver>,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// For the host: a handle on a driver. Clones share it.
    #[must_use]
    pub fn new(driver: Arc<dyn Driver>) -> Self {
        Self { driver, statements: Arc::default() }
    }

    /// How many statements were sent so far, transactions included. Tests count with it.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.driver.ping().await
    }

    /// Waits for running statements and closes, for all clones.
    pub async fn close(&self) {
        self.driver.close().await;
    }

    fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// A bare transaction, for what has no core around it.
    pub async fn transaction(&self) -> Result<Box<dyn DriverTx>, DbErr> {
        self.driver.begin().await
    }

    pub(crate) async fn begin(&self, core: Arc<Core>) -> Result<Tx, DbErr> {
        let inner = self.driver.begin().await?;
        Ok(Tx { inner, db: self.clone(), core, pending: Mutex::default() })
    }
}

#[async_trait]
impl ConnectionTrait for Db {
    fn get_database_backend(&self) -> DbBackend {
        self.driver.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.count();
        check(&statement)?;
        self.driver.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.count();
        self.driver.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        check(&statement)?;
        self.driver.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        check(&statement)?;
        self.driver.query_all(statement).await
    }
}

/// A transaction. What is told to it with [`Tx::tell`] happens after its commit, or never.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Core, Event, Failure, model::UserPatch, serde_json::json};
///
/// async fn promote(core: &Arc<Core>, user_id: &str) -> Result<(), Failure> {
///     let tx = core.begin().await?;
///     let patch = UserPatch { email_verified: Some(true), ..UserPatch::default() };
///     core.users().update(&tx, user_id, patch).await?;
///     tx.tell(Event::Plugin { plugin: "badges", name: "badge.given", data: json!({ "userId": user_id }) });
///     // A `?` above drops the transaction: nothing is written, and nobody is told.
///     Ok(tx.commit().await?)
/// }
/// ```
pub struct Tx {
    inner: Box<dyn DriverTx>,
    db: Db,
    core: Arc<Core>,
    pending: Mutex<Vec<After>>,
}

enum After {
    Run(Box<dyn FnOnce() + Send>),
    Changed(Box<Changed>),
    Event(Event),
    Mail(Box<Message>),
}

impl Tx {
    /// The host that it belongs to.
    #[must_use]
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Does something once this transaction is committed, such as to forget what a memory has. It comes
    /// before all events.
    pub fn then(&self, run: impl FnOnce() + Send + 'static) {
        self.after(After::Run(Box::new(run)));
    }

    /// Publishes an event once this transaction is committed.
    pub fn tell(&self, event: Event) {
        self.after(After::Event(event));
    }

    /// Sends a letter once this transaction is committed. A letter that cannot be sent is logged:
    /// an answer must not tell whether there was one.
    pub fn mail(&self, message: Message) {
        self.after(After::Mail(Box::new(message)));
    }

    fn after(&self, what: After) {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// Lets the database hooks alter or refuse a change, or write beside it.
    pub(crate) async fn before(&self, mut change: Change<'_>) -> Result<(), crate::Failure> {
        for hook in self.core.database_hooks() {
            hook.before(self, &mut change).await?;
        }
        Ok(())
    }

    /// Tells the database hooks of a change once it is committed.
    pub(crate) fn changed(&self, changed: Changed) {
        self.after(After::Changed(Box::new(changed)));
    }

    /// Commits, then runs the hooks and events that wait for it. Those cannot undo the commit:
    /// their failures are logged.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await?;
        let pending = self.pending.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (now, later): (Vec<_>, _) = pending.into_iter().partition(|what| matches!(what, After::Run(_)));
        for what in now.into_iter().chain(later) {
            match what {
                After::Run(run) => run(),
                After::Changed(changed) => {
                    for hook in self.core.database_hooks() {
                        if let Err(failure) = hook.after(&self.core, &changed).await {
                            tracing::error!(?failure, "a hook failed after the commit");
                        }
                    }
                }
                After::Event(event) => self.core.events().publish(event),
                After::Mail(message) => {
                    let kind = message.kind;
                    if let Err(failure) = self.core.mailer().send(*message).await {
                        tracing::error!(kind, ?failure, "a letter was not sent");
                    }
                }
            }
        }
        Ok(())
    }

    /// Drops what was written, and all that waits for the commit. Dropping the transaction does the same later.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.db.count();
        check(&statement)?;
        self.inner.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.count();
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.db.count();
        check(&statement)?;
        self.inner.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.db.count();
        check(&statement)?;
        self.inner.query_all(statement).await
    }
}
