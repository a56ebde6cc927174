//! Statements as each backend writes them. Types are those of Better Auth's own migrator, so that
//! a database can be handed back.

use std::fmt::Write;

use auth_core::{
    model::FieldValue,
    schema::{Column, ColumnType, Index, Table},
};
use sea_orm::DbBackend;

/// An identifier in the backend's quotes.
pub(super) fn quote(backend: DbBackend, name: &str) -> String {
    match backend {
        DbBackend::MySql => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// How a column is used beyond its declared type. MySQL cannot index unbounded text.
#[derive(Clone, Copy, Default)]
pub(super) struct Use {
    pub primary_key: bool,
    pub indexed: bool,
}

impl Use {
    pub(super) fn of(table: &Table, column: &Column) -> Self {
        Self {
            primary_key: table.columns.first().is_some_and(|first| first.name == column.name),
            indexed: table.indexes.iter().any(|index| index.columns.contains(&column.name)),
        }
    }
}

pub(super) fn type_name(backend: DbBackend, column: &Column, used: Use) -> &'static str {
    match (backend, column.ty) {
        (DbBackend::MySql, ColumnType::Text) => {
            // Ids of 36 are enough for what is referred to; a plugin's own may be put together of several.
            if column.references.is_some() {
                "varchar(36)"
            } else if used.primary_key || used.indexed || column.unique {
                "varchar(255)"
            } else {
                "text"
            }
        }
        (_, ColumnType::Text) | (DbBackend::Sqlite, ColumnType::Json) => "text",
        (_, ColumnType::Integer) | (DbBackend::Sqlite, ColumnType::Bool) => "integer",
        (_, ColumnType::BigInteger) => "bigint",
        (_, ColumnType::Bool) => "boolean",
        (DbBackend::Sqlite, ColumnType::Date) => "date",
        (DbBackend::MySql, ColumnType::Date) => "timestamp(3)",
        (_, ColumnType::Date) => "timestamptz",
        (DbBackend::MySql, ColumnType::Json) => "json",
        (_, ColumnType::Json) => "jsonb",
    }
}

/// `CURRENT_TIMESTAMP` where the declared column has it on this backend.
fn default_now(backend: DbBackend, column: &Column) -> Option<&'static str> {
    if !column.default_now || column.ty != ColumnType::Date {
        return None;
    }
    match backend {
        DbBackend::Sqlite => None,
        // The fraction of the default has to be that of the type.
        DbBackend::MySql => Some("CURRENT_TIMESTAMP(3)"),
        _ => Some("CURRENT_TIMESTAMP"),
    }
}

/// What rows that exist get in a new column; `None` where only null would do.
pub(super) fn fill(backend: DbBackend, column: &Column) -> Option<String> {
    if let Some(now) = default_now(backend, column) {
        return Some(now.to_owned());
    }
    let text = |text: &str| {
        let text = text.replace('\'', "''");
        if backend == DbBackend::MySql { text.replace('\\', "\\\\") } else { text }
    };
    match &column.default {
        FieldValue::Null => None,
        FieldValue::Text(value) => Some(format!("'{}'", text(value))),
        FieldValue::Integer(n) => Some(n.to_string()),
        FieldValue::Bool(b) if backend == DbBackend::Sqlite => Some(u8::from(*b).to_string()),
        FieldValue::Bool(b) => Some(b.to_string()),
        FieldValue::Date(at) if backend == DbBackend::MySql => {
            Some(format!("'{}'", at.to_string().replace('T', " ").trim_end_matches('Z')))
        }
        FieldValue::Date(at) => Some(format!("'{at}'")),
        FieldValue::Json(json) => Some(format!("'{}'", text(&json.to_string()))),
    }
}

fn references(backend: DbBackend, column: &Column) -> Option<String> {
    let (table, target) = column.references.as_ref()?;
    Some(format!("references {} ({}) on delete cascade", quote(backend, table), quote(backend, target)))
}

/// MySQL ignores a reference that is written beside its column.
fn foreign_key(backend: DbBackend, column: &Column) -> Option<String> {
    let references = references(backend, column).filter(|_| backend == DbBackend::MySql)?;
    Some(format!("foreign key ({}) {references}", quote(backend, &column.name)))
}

fn definition(backend: DbBackend, column: &Column, used: Use) -> String {
    let mut sql = format!("{} {}", quote(backend, &column.name), type_name(backend, column, used));
    if !column.nullable || used.primary_key {
        sql.push_str(" not null");
    } else if backend == DbBackend::MySql && column.ty == ColumnType::Date {
        // Older servers make a timestamp without this not null by themselves.
        sql.push_str(" null");
    }
    if used.primary_key {
        sql.push_str(" primary key");
    }
    sql
}

pub(super) fn create_table(backend: DbBackend, table: &Table) -> String {
    let mut parts = Vec::new();
    for column in &table.columns {
        let used = Use::of(table, column);
        let mut part = definition(backend, column, used);
        if let Some(now) = default_now(backend, column) {
            let _ = write!(part, " default {now}");
        }
        if column.unique && !used.primary_key {
            part.push_str(" unique");
        }
        if let Some(references) = references(backend, column).filter(|_| backend != DbBackend::MySql) {
            let _ = write!(part, " {references}");
        }
        parts.push(part);
    }
    parts.extend(table.columns.iter().filter_map(|column| foreign_key(backend, column)));
    format!("create table {} (\n  {}\n)", quote(backend, &table.name), parts.join(",\n  "))
}

/// Adds a column. A unique one gets its index in a statement of its own: SQLite cannot do both.
pub(super) fn add_column(backend: DbBackend, table: &str, column: &Column, used: Use) -> String {
    let mut sql =
        format!("alter table {} add column {}", quote(backend, table), definition(backend, column, used));
    if let Some(fill) = fill(backend, column).filter(|_| !column.nullable) {
        // MySQL takes a literal for long text and JSON only as an expression.
        let long = matches!(type_name(backend, column, used), "text" | "json") && backend == DbBackend::MySql;
        let _ = if long { write!(sql, " default ({fill})") } else { write!(sql, " default {fill}") };
    } else if let Some(now) = default_now(backend, column) {
        let _ = write!(sql, " default {now}");
    }
    match (foreign_key(backend, column), references(backend, column)) {
        (Some(key), _) => {
            let _ = write!(sql, ", add {key}");
        }
        (None, Some(references)) => {
            let _ = write!(sql, " {references}");
        }
        (None, None) => {}
    }
    sql
}

pub(super) fn create_index(backend: DbBackend, table: &str, index: &Index) -> String {
    let columns: Vec<_> = index.columns.iter().map(|column| quote(backend, column)).collect();
    format!(
        "create {}index {}{} on {} ({})",
        if index.unique { "unique " } else { "" },
        if backend == DbBackend::Postgres { "concurrently " } else { "" },
        quote(backend, &index.name),
        quote(backend, table),
        columns.join(", ")
    )
}

/// Finishes an index whose concurrent build was cut off. PostgreSQL only.
pub(super) fn rebuild_index(name: &str) -> String {
    format!("reindex index concurrently {}", quote(DbBackend::Postgres, name))
}
