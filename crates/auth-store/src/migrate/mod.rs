//! Migrations without history: what the code declares, minus what the database has.
//!
//! Each [`Owner`] (the core, a plugin) declares tables and columns. [`plan`] looks at the live
//! database and gives the statements that are missing; [`up`] runs them under one lock. Statements
//! only ever add, so a database of Better Auth is adopted as it is, an older binary goes on working
//! beside a newer one, and a run that was killed half-way is finished by the next.
//!
//! Every owner has a table `tessera_migrations_<owner>` that says which declared schema was applied
//! when. It is a record for people: the diff decides what is done.

mod ddl;
mod diff;
mod live;
mod run;

use std::borrow::Cow;

use auth_core::{
    Db, Timestamp,
    schema::{Column, Table},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sha2::{Digest, Sha256};

pub use run::up;

use crate::StoreError;

/// Who declares a part of the schema.
#[derive(Clone, Debug)]
pub struct Owner {
    /// `core`, or the id of a plugin.
    pub id: &'static str,
    pub tables: Vec<Table>,
    /// Further columns on tables of others, by the tables' names.
    pub columns: Vec<(Cow<'static, str>, Column)>,
}

/// One statement of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub owner: &'static str,
    pub sql: String,
    /// Runs in one transaction with the others; not so PostgreSQL's concurrent indexes.
    pub in_transaction: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing was ever recorded for this owner.
    Never,
    /// Statements are missing.
    Pending,
    UpToDate,
}

#[derive(Clone, Debug)]
pub struct OwnerStatus {
    pub owner: &'static str,
    pub state: State,
    /// How many statements are missing.
    pub pending: usize,
    /// The declared schema, `schema-<12 hex>`.
    pub declared: String,
    /// The one that was recorded last, and when.
    pub recorded: Option<(String, Timestamp)>,
}

#[derive(Clone, Debug)]
pub struct Status {
    pub owners: Vec<OwnerStatus>,
    /// What keeps `up` from running.
    pub refusals: Vec<String>,
    /// What this program will stumble over in the tables as they are.
    pub warnings: Vec<String>,
}

impl Status {
    #[must_use]
    pub fn is_up_to_date(&self) -> bool {
        self.refusals.is_empty() && self.owners.iter().all(|owner| owner.state == State::UpToDate)
    }
}

/// What [`up`] did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The statements that ran, in order; empty where another process was faster.
    pub applied: Vec<Step>,
    /// Owners whose declared schema was recorded.
    pub recorded: Vec<&'static str>,
    pub warnings: Vec<String>,
}

/// How far the database is from what is declared.
pub async fn status(db: &Db, owners: &[Owner]) -> Result<Status, StoreError> {
    let live = live::Live::read(db).await?;
    let found = diff::diff(db, &live, owners).await?;
    let mut states = Vec::with_capacity(owners.len());
    for owner in owners {
        let pending = found.steps.iter().filter(|step| step.owner == owner.id).count();
        let recorded = if live.has_table(&tracking_table_name(owner.id)) {
            last_record(db, owner.id).await?
        } else {
            None
        };
        let state = match (&recorded, pending) {
            (None, _) => State::Never,
            (Some(_), 0) => State::UpToDate,
            (Some(_), _) => State::Pending,
        };
        states.push(OwnerStatus { owner: owner.id, state, pending, declared: schema_id(owner), recorded });
    }
    Ok(Status { owners: states, refusals: found.refusals, warnings: found.warnings })
}

/// The statements that [`up`] would run now.
pub async fn plan(db: &Db, owners: &[Owner]) -> Result<Vec<Step>, StoreError> {
    let live = live::Live::read(db).await?;
    diff::diff(db, &live, owners).await?.into_steps()
}

/// Everything that an empty database needs, without one: for documents and golden files.
pub fn full_plan(backend: DbBackend, owners: &[Owner]) -> Result<Vec<Step>, StoreError> {
    diff::against_nothing(backend, owners).into_steps()
}

fn tracking_table_name(owner: &str) -> String {
    format!("tessera_migrations_{}", owner.replace('-', "_"))
}

fn tracking_table(owner: &str) -> Table {
    Table::new(tracking_table_name(owner))
        .column(Column::integer("statements").not_null())
        .column(Column::date("appliedAt").not_null())
}

async fn last_record(conn: &impl ConnectionTrait, owner: &str) -> Result<Option<(String, Timestamp)>, DbErr> {
    let backend = conn.get_database_backend();
    let (id, at) = (ddl::quote(backend, "id"), ddl::quote(backend, "appliedAt"));
    let table = ddl::quote(backend, &tracking_table_name(owner));
    let sql = format!("SELECT {id}, {at} FROM {table} ORDER BY {at} DESC LIMIT 1");
    let row = conn.query_one_raw(Statement::from_string(backend, sql)).await?;
    row.map(|row| Ok((row.try_get("", "id")?, row.try_get("", "appliedAt")?))).transpose()
}

/// Names a declared schema by its content: whatever changes a statement changes it, and nothing
/// else does.
fn schema_id(owner: &Owner) -> String {
    let column = |table: &str, column: &Column| {
        format!(
            "column {table}.{} {:?} null={} unique={} now={} default={:?} references={:?}",
            column.name,
            column.ty,
            column.nullable,
            column.unique,
            column.default_now,
            column.default,
            column.references
        )
    };
    let mut lines = Vec::new();
    for table in &owner.tables {
        lines.extend(table.columns.iter().map(|c| column(&table.name, c)));
        let indexes = table.indexes.iter();
        lines
            .extend(indexes.map(|i| format!("index {}.{} {:?} {}", table.name, i.name, i.columns, i.unique)));
    }
    lines.extend(owner.columns.iter().map(|(table, c)| column(table, c)));
    let digest = Sha256::digest(lines.join("\n").as_bytes());
    let hex: Vec<_> = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("schema-{}", hex.concat())
}
