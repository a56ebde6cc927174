//! A database that goes away when a test says so.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use auth_core::{
    async_trait,
    store::{Driver, DriverTx},
};
use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};

/// Statements that still pass; negative for no end.
///
/// ```
/// use auth_testkit::TestApp;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = TestApp::builder().start().await;
/// app.cable().cut_after(0);
/// assert!(app.core().users().find(app.core().db(), "u1").await.is_err());
/// app.cable().mend();
/// assert!(app.core().users().find(app.core().db(), "u1").await.is_ok());
/// # }
/// ```
#[derive(Clone)]
pub struct Cable {
    left: Arc<AtomicI64>,
}

impl Cable {
    pub(crate) fn whole() -> Self {
        Self { left: Arc::new(AtomicI64::new(-1)) }
    }

    /// The database goes away after this many further statements, begins and commits included.
    pub fn cut_after(&self, statements: i64) {
        self.left.store(statements, Ordering::SeqCst);
    }

    /// The database is back.
    pub fn mend(&self) {
        self.left.store(-1, Ordering::SeqCst);
    }

    fn pass(&self) -> Result<(), DbErr> {
        let used = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
            0 => None,
            left if left > 0 => Some(left - 1),
            left => Some(left),
        });
        used.map(drop)
            .map_err(|_| DbErr::Conn(RuntimeErr::Internal("connection refused (by a test)".to_owned())))
    }
}

pub(crate) struct Flaky {
    pub(crate) inner: Arc<dyn Driver>,
    pub(crate) cable: Cable,
}

struct FlakyTx {
    inner: Box<dyn DriverTx>,
    cable: Cable,
}

#[async_trait]
impl Driver for Flaky {
    fn backend(&self) -> DbBackend {
        self.inner.backend()
    }

    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.cable.pass()?;
        self.inner.execute(statement).await
    }

    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.cable.pass()?;
        self.inner.query_one(statement).await
    }

    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.cable.pass()?;
        self.inner.query_all(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.cable.pass()?;
        self.inner.execute_unprepared(sql).await
    }

    async fn begin(&self) -> Result<Box<dyn DriverTx>, DbErr> {
        self.cable.pass()?;
        let inner = self.inner.begin().await?;
        Ok(Box::new(FlakyTx { inner, cable: self.cable.clone() }))
    }

    async fn ping(&self) -> Result<(), DbErr> {
        self.cable.pass()?;
        self.inner.ping().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

#[async_trait]
impl DriverTx for FlakyTx {
    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.cable.pass()?;
        self.inner.execute(statement).await
    }

    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.cable.pass()?;
        self.inner.query_one(statement).await
    }

    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.cable.pass()?;
        self.inner.query_all(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.cable.pass()?;
        self.inner.execute_unprepared(sql).await
    }

    async fn commit(self: Box<Self>) -> Result<(), DbErr> {
        self.cable.pass()?;
        self.inner.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}
