//! What is declared and missing, as statements; and what does not fit, in words.

use std::collections::{BTreeMap, BTreeSet};

use auth_core::schema::{Column, ColumnType, Index, Table};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::{
    Owner, Step,
    ddl::{self, Use},
    live::{Live, LiveTable},
    tracking_table,
};
use crate::StoreError;

#[derive(Debug, Default)]
pub(super) struct Found {
    pub steps: Vec<Step>,
    pub refusals: Vec<String>,
    pub warnings: Vec<String>,
    /// `(table, what to say)`: columns that only an empty table can take.
    only_if_empty: Vec<(String, String)>,
}

impl Found {
    pub(super) fn into_steps(self) -> Result<Vec<Step>, StoreError> {
        if self.refusals.is_empty() { Ok(self.steps) } else { Err(StoreError::Refused(self.refusals)) }
    }
}

pub(super) async fn diff(conn: &impl ConnectionTrait, live: &Live, owners: &[Owner]) -> Result<Found, DbErr> {
    let backend = conn.get_database_backend();
    let mut found = compare(backend, live, owners);
    for (table, message) in std::mem::take(&mut found.only_if_empty) {
        let sql = format!("SELECT 1 FROM {} LIMIT 1", ddl::quote(backend, &table));
        if conn.query_one_raw(Statement::from_string(backend, sql)).await?.is_some() {
            found.refusals.push(message);
        }
    }
    Ok(found)
}

pub(super) fn against_nothing(backend: DbBackend, owners: &[Owner]) -> Found {
    compare(backend, &Live::default(), owners)
}

type Declared = (&'static str, Table);

fn compare(backend: DbBackend, live: &Live, owners: &[Owner]) -> Found {
    let tables: Vec<Declared> = owners
        .iter()
        .flat_map(|owner| {
            let own = owner.tables.iter().cloned().map(move |table| (owner.id, table));
            std::iter::once((owner.id, tracking_table(owner.id))).chain(own)
        })
        .collect();
    let mut differ = Differ { backend, live, found: Found::default() };
    differ.check_declarations(&tables, owners);
    differ.create_tables(&tables);
    differ.add_columns(&tables, owners);
    differ.create_indexes(&tables, owners);
    differ.warn(&tables, owners);
    differ.found
}

struct Differ<'l> {
    backend: DbBackend,
    live: &'l Live,
    found: Found,
}

impl Differ<'_> {
    fn step(&mut self, owner: &'static str, sql: String, in_transaction: bool) {
        self.found.steps.push(Step { owner, sql, in_transaction });
    }

    /// Two declarations of one thing, and references to nothing.
    fn check_declarations(&mut self, tables: &[Declared], owners: &[Owner]) {
        let mut columns: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        let refusals = &mut self.found.refusals;
        for (owner, table) in tables {
            if let Some(other) = names.insert(&table.name, owner) {
                refusals.push(format!("table `{}` is declared by `{other}` and by `{owner}`", table.name));
            }
        }
        let own = tables.iter().flat_map(|(o, t)| t.columns.iter().map(move |c| (*o, t.name.as_ref(), c)));
        let added = owners.iter().flat_map(|o| o.columns.iter().map(move |(t, c)| (o.id, t.as_ref(), c)));
        for (owner, table, column) in own.chain(added) {
            if let Some(other) = columns.insert((table, &column.name), owner) {
                let name = &column.name;
                refusals.push(format!("column `{table}.{name}` is declared by `{other}` and by `{owner}`"));
            }
            if !names.contains_key(table) && !self.live.has_table(table) {
                refusals.push(format!("column `{table}.{}` of `{owner}` has no table", column.name));
            }
            if let Some((target, _)) = &column.references
                && !names.contains_key(target.as_ref())
                && !self.live.has_table(target)
            {
                refusals
                    .push(format!("`{table}.{}` references `{target}`, which nobody declares", column.name));
            }
        }
    }

    /// Missing tables, each after those that it references.
    fn create_tables(&mut self, tables: &[Declared]) {
        let mut missing: Vec<_> = tables.iter().filter(|(_, t)| !self.live.has_table(&t.name)).collect();
        while !missing.is_empty() {
            let waiting: BTreeSet<&str> = missing.iter().map(|(_, t)| t.name.as_ref()).collect();
            let ready = missing.iter().position(|(_, table)| {
                let mut targets = table.columns.iter().filter_map(|c| c.references.as_ref());
                targets.all(|(target, _)| *target == table.name || !waiting.contains(target.as_ref()))
            });
            // In a circle there is no order; the database says which reference it cannot make.
            let (owner, table) = missing.remove(ready.unwrap_or(0));
            self.step(owner, ddl::create_table(self.backend, table), true);
        }
    }

    fn add_columns(&mut self, tables: &[Declared], owners: &[Owner]) {
        for (owner, table) in tables {
            let Some(there) = self.live.table(&table.name) else { continue };
            for column in &table.columns {
                if !there.columns.contains_key(column.name.as_ref()) {
                    self.add_column(owner, &table.name, column, Use::of(table, column), true);
                }
            }
        }
        for owner in owners {
            for (table, column) in &owner.columns {
                let there = self.live.table(table);
                if !there.is_some_and(|t| t.columns.contains_key(column.name.as_ref())) {
                    self.add_column(owner.id, table, column, Use::default(), there.is_some());
                }
            }
        }
    }

    fn add_column(&mut self, owner: &'static str, table: &str, column: &Column, used: Use, exists: bool) {
        if exists && !column.nullable && ddl::fill(self.backend, column).is_none() {
            let message = format!(
                "column `{table}.{}` of `{owner}` is required and has no default, and `{table}` has rows: \
                 declare it nullable or give it a default",
                column.name
            );
            self.found.only_if_empty.push((table.to_owned(), message));
        }
        self.step(owner, ddl::add_column(self.backend, table, column, used), true);
    }

    fn create_indexes(&mut self, tables: &[Declared], owners: &[Owner]) {
        for (owner, table) in tables {
            for index in &table.indexes {
                self.create_index(owner, &table.name, index);
            }
            // A new table has its unique columns from its own statement.
            if self.live.has_table(&table.name) {
                for column in table.columns.iter().skip(1).filter(|c| c.unique) {
                    self.create_index(owner, &table.name, &unique_index(&table.name, column));
                }
            }
        }
        for owner in owners {
            for (table, column) in owner.columns.iter().filter(|(_, c)| c.unique) {
                self.create_index(owner.id, table, &unique_index(table, column));
            }
        }
    }

    fn create_index(&mut self, owner: &'static str, table: &str, index: &Index) {
        let there = self.live.table(table);
        let covers = |live: &super::live::LiveIndex| {
            live.valid && (live.unique || !index.unique) && live.columns == index.columns
        };
        if there.is_some_and(|t| t.indexes.values().any(covers)) {
            return;
        }
        let namesake = match self.backend {
            DbBackend::MySql => there.and_then(|t| t.indexes.get(index.name.as_ref())),
            _ => self.live.index_named(&index.name),
        };
        match namesake {
            None => {
                let sql = ddl::create_index(self.backend, table, index);
                self.step(owner, sql, self.backend != DbBackend::Postgres);
            }
            Some(cut_off) if !cut_off.valid && cut_off.columns == index.columns => {
                self.step(owner, ddl::rebuild_index(&index.name), false);
            }
            Some(other) => self.found.refusals.push(format!(
                "index `{}` of `{owner}` exists over other columns ({}): rename or drop that one",
                index.name,
                other.columns.join(", ")
            )),
        }
    }

    fn warn(&mut self, tables: &[Declared], owners: &[Owner]) {
        for (_, table) in tables {
            let Some(there) = self.live.table(&table.name) else { continue };
            let added = owners.iter().flat_map(|o| &o.columns).filter(|(t, _)| *t == table.name);
            let declared: Vec<&Column> = table.columns.iter().chain(added.map(|(_, c)| c)).collect();
            let warnings = warnings(self.backend, &table.name, there, &declared);
            self.found.warnings.extend(warnings);
        }
    }
}

fn unique_index(table: &str, column: &Column) -> Index {
    Index {
        name: format!("{table}_{}_uidx", column.name).into(),
        columns: vec![column.name.clone()],
        unique: true,
    }
}

fn warnings(backend: DbBackend, table: &str, live: &LiveTable, declared: &[&Column]) -> Vec<String> {
    let mut warnings = Vec::new();
    for (name, there) in &live.columns {
        match declared.iter().find(|column| column.name == name.as_str()) {
            None if there.required => warnings.push(format!(
                "column `{table}.{name}` is required and nobody here fills it in: every insert into `{table}` \
                 will fail until it is made nullable, gets a default or is dropped"
            )),
            Some(column) if !fits(backend, column.ty, &there.ty) => warnings.push(format!(
                "column `{table}.{name}` has type `{}` where `{}` is expected: reading or writing it will fail",
                there.ty,
                ddl::type_name(backend, column, Use::default())
            )),
            Some(column) if column.nullable && there.required => warnings.push(format!(
                "column `{table}.{name}` is required in the database and may be empty here: \
                 rows without it cannot be written"
            )),
            None | Some(_) => {}
        }
    }
    warnings
}

/// Whether values of a declared type can be written to and read from a column as it is.
fn fits(backend: DbBackend, declared: ColumnType, live: &str) -> bool {
    let any = |parts: &[&str]| parts.iter().any(|part| live.contains(part));
    match (backend, declared) {
        (_, ColumnType::Text) => live.is_empty() || any(&["char", "text", "clob", "enum"]),
        (DbBackend::Postgres, ColumnType::Integer) => live == "integer",
        (DbBackend::Postgres, ColumnType::BigInteger) => live == "bigint",
        (DbBackend::Postgres, ColumnType::Bool) => live == "boolean",
        (DbBackend::Postgres, ColumnType::Date) => live == "timestamp with time zone",
        (DbBackend::Sqlite, ColumnType::Json) => any(&["text", "json"]),
        (_, ColumnType::Integer | ColumnType::BigInteger) => any(&["int", "num"]),
        (_, ColumnType::Bool) => any(&["int", "bool", "bit"]),
        (DbBackend::Sqlite, ColumnType::Date) => any(&["date", "time", "text"]),
        (_, ColumnType::Date) => any(&["timestamp", "datetime"]),
        (_, ColumnType::Json) => any(&["json"]),
    }
}
